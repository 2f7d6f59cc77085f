import { problem, Refusal } from "../problem.ts";
import type { Incoming } from "./operation.ts";

/** One part of a multipart body. */
export type Part = {
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly content: string;
};

/** A multipart body in parts. `ended`: the closing delimiter is there, and its line is ended. */
export type Multipart = { readonly parts: readonly Part[]; readonly ended: boolean };

const lineEnd = "\r\n";
const blankLine = "\r\n\r\n";

/** The message of Dataverse for a batch whose lines do not end as they must [S7]. */
export function notReadable(): Refusal {
  return new Refusal(problem(400, "0x80048d19", "Stream was not readable."));
}

/** A batch that is put together in a way that Dataverse does not take. */
export function badBatch(message: string): Refusal {
  return new Refusal(problem(400, "0x80060888", message));
}

/** The boundary of a multipart content type, quoted or not; undefined when it is another type or has none. */
export function boundaryOf(contentType: string): string | undefined {
  const [type = "", ...parameters] = contentType.split(";");
  if (type.trim().toLowerCase() !== "multipart/mixed") return undefined;
  for (const parameter of parameters) {
    const at = parameter.indexOf("=");
    if (parameter.slice(0, at).trim().toLowerCase() !== "boundary") continue;
    const value = parameter.slice(at + 1).trim();
    const bare = value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value;
    return bare === "" ? undefined : bare;
  }
  return undefined;
}

/** True when a line ends in a bare line feed: every line of a batch must end in CRLF (facts §1.6). */
export function hasBareLineFeed(text: string): boolean {
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1))
    if (at === 0 || text.codePointAt(at - 1) !== 13) return true;
  return false;
}

function headersOf(lines: string): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const line of lines.split(lineEnd)) {
    if (line === "") continue;
    const colon = line.indexOf(":");
    if (colon < 1) throw badBatch(`'${line}' is not a header.`);
    headers[line.slice(0, colon).trim().toLowerCase()] = line.slice(colon + 1).trim();
  }
  return headers;
}

/** Headers up to the blank line, and what follows it. Some clients leave the blank line out when nothing follows. */
function splitHead(text: string): Part {
  if (text.startsWith(lineEnd)) return { headers: {}, content: text.slice(2) };
  const blank = text.indexOf(blankLine);
  return blank === -1
    ? { headers: headersOf(text), content: "" }
    : { headers: headersOf(text.slice(0, blank)), content: text.slice(blank + 4) };
}

/** Where the next delimiter line begins, its own line end before it; -1 when there is none. */
function nextDelimiter(text: string, delimiter: string, from: number): number {
  for (
    let at = text.indexOf(delimiter, from);
    at !== -1;
    at = text.indexOf(delimiter, at + delimiter.length)
  ) {
    const after = text.slice(at + delimiter.length, at + delimiter.length + 2);
    if (after === "--" || after === lineEnd) return at;
  }
  return -1;
}

/** Takes a multipart body apart; what stands before the first delimiter is ignored, as MIME says. */
export function parseMultipart(text: string, boundary: string): Multipart {
  const delimiter = `${lineEnd}--${boundary}`;
  // A delimiter on the very first line has no line end before it.
  const whole = lineEnd + text;
  const parts: Part[] = [];
  let at = nextDelimiter(whole, delimiter, 0);
  while (at !== -1) {
    const start = at + delimiter.length;
    if (whole.startsWith("--", start))
      return { parts, ended: whole.startsWith(lineEnd, start + 2) };
    const next = nextDelimiter(whole, delimiter, start);
    parts.push(splitHead(whole.slice(start + 2, next === -1 ? undefined : next)));
    at = next;
  }
  return { parts, ended: false };
}

/** Reads the request inside an `application/http` part; its address is as it was written. */
export function parseRequest(part: Part): Incoming {
  const { headers } = part;
  if ((headers["content-type"] ?? "").split(";")[0]?.trim().toLowerCase() !== "application/http")
    throw badBatch("A part of a batch must be of type application/http or multipart/mixed.");
  if (headers["content-transfer-encoding"]?.toLowerCase() !== "binary")
    throw badBatch("A part of a batch needs Content-Transfer-Encoding: binary.");
  const lineStop = part.content.indexOf(lineEnd);
  const line = lineStop === -1 ? part.content : part.content.slice(0, lineStop);
  const [method = "", target = "", version, ...more] = line.split(" ");
  if (version !== "HTTP/1.1" || target === "" || more.length > 0)
    throw badBatch(`'${line}' is not a request line.`);
  const head = splitHead(lineStop === -1 ? "" : part.content.slice(lineStop + 2));
  const mark = target.indexOf("?");
  return {
    method,
    path: mark === -1 ? target : target.slice(0, mark),
    query: mark === -1 ? "" : target.slice(mark + 1),
    headers: head.headers,
    text: head.content,
  };
}
