import { jsonIn } from "../http.ts";

/** One operation of a change set. `path`: below the Web API's path, encoded already. */
export type Part = {
  readonly method: "PATCH" | "PUT" | "POST" | "DELETE";
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
};

/** Operations that are applied all or none (facts §1.6). */
export type ChangeSet = readonly Part[];

/** A change set on its way: its operations with the Content-IDs by which their answers are known. */
export type NumberedSet = readonly { readonly contentId: string; readonly part: Part }[];

/** One answer inside a batch's answer. */
export type PartReply = {
  /** What the answer says whose it is; `undefined` where it does not say. */
  readonly contentId: string | undefined;
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  /** Parsed JSON, or `undefined` where there is none. */
  readonly body: unknown;
};

/** Numbers the operations of a whole batch: no Content-ID stands in it twice. Pure. */
export const numbered = (sets: readonly ChangeSet[]): readonly NumberedSet[] => {
  let last = 0;
  return sets.map((set) =>
    set.map((part) => {
      last += 1;
      return { contentId: String(last), part };
    }),
  );
};

/** JSON in ASCII only: a part names no charset, and so none can go wrong; line ends and boundaries cannot stand in it. */
const asciiJson = (body: unknown): string =>
  JSON.stringify(body).replaceAll(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );

/** What a header may hold: nothing that would end its line (O5). */
const headerLine = ([name, value]: readonly [string, string]): string => {
  if (!/^[A-Za-z][A-Za-z-]*$/.test(name) || !/^[\x20-\x7e]*$/.test(value))
    throw new RangeError("Not a header of a batch's part");
  return `${name}: ${value}`;
};

const pathOf = (apiPath: string, path: string): string => {
  if (!/^[\x21-\x7e]+$/.test(path)) throw new RangeError("Not an address of a batch's part");
  return `${apiPath}${path}`;
};

type Operation = Omit<Part, "method"> & { readonly method: Part["method"] | "GET" };

const operation = (
  apiPath: string,
  { method, path, headers = {}, body }: Operation,
): readonly string[] => {
  const json = body === undefined ? undefined : asciiJson(body);
  const all = {
    Accept: "application/json",
    // Some organisations read a part's body only with its length (facts §1.6); it is ASCII, so characters are bytes.
    ...(json !== undefined && {
      "Content-Type": "application/json",
      "Content-Length": String(json.length),
    }),
    ...headers,
  };
  return [
    `${method} ${pathOf(apiPath, path)} HTTP/1.1`,
    ...Object.entries(all).map(headerLine),
    "",
    json ?? "",
  ];
};

const partHead = ["Content-Type: application/http", "Content-Transfer-Encoding: binary"] as const;

const readLines = (
  paths: readonly string[],
  boundary: string,
  apiPath: string,
): readonly string[] =>
  paths.flatMap((path) => [
    `--${boundary}`,
    ...partHead,
    "",
    ...operation(apiPath, { method: "GET", path }),
  ]);

/**
 * The body of a `$batch`: every set a transaction of its own, and what is read when all of them are through. Every line ends with
 * CRLF, the last one too, or Dataverse cannot read the last write (facts §1.6). Pure. Throws `RangeError` for headers and addresses
 * that would break the frame.
 */
export const makeBatch = (
  sets: readonly NumberedSet[],
  boundary: string,
  apiPath: string,
  reads: readonly string[] = [],
): string => {
  const lines: string[] = [];
  for (const [n, set] of sets.entries()) {
    const inner = `changeset_${n + 1}_${boundary}`;
    lines.push(`--${boundary}`, `Content-Type: multipart/mixed; boundary=${inner}`, "");
    for (const { contentId, part } of set)
      lines.push(
        `--${inner}`,
        ...partHead,
        `Content-ID: ${contentId}`,
        "",
        ...operation(apiPath, part),
      );
    lines.push(`--${inner}--`, "");
  }
  lines.push(...readLines(reads, boundary, apiPath), `--${boundary}--`, "");
  return lines.join("\r\n");
};

/** The body of a `$batch` that only reads, one answer for each address. Pure. Throws `RangeError` as `makeBatch` does. */
export const makeReads = (paths: readonly string[], boundary: string, apiPath: string): string =>
  [...readLines(paths, boundary, apiPath), `--${boundary}--`, ""].join("\r\n");

/** The boundary that a Content-Type names; `undefined` where it is no multipart. */
export const boundaryOf = (contentType: string): string | undefined => {
  if (!/^\s*multipart\/mixed\s*;/i.test(contentType)) return undefined;
  const found = /;\s*boundary=(?:"([^"\r\n]{1,200})"|([^\s;"]{1,200}))/i.exec(contentType);
  return found?.[1] ?? found?.[2];
};

/** The parts between a boundary's lines, as lines; `undefined` where the end is missing: what is cut off must not pass for all. */
const between = (
  lines: readonly string[],
  boundary: string,
): readonly (readonly string[])[] | undefined => {
  const parts: string[][] = [];
  for (const line of lines) {
    const mark = line.startsWith(`--${boundary}`) ? line.trimEnd() : "";
    if (mark === `--${boundary}--`) return parts;
    if (mark === `--${boundary}`) parts.push([]);
    else parts.at(-1)?.push(line);
  }
  return undefined;
};

type Block = { readonly headers: ReadonlyMap<string, string>; readonly rest: readonly string[] };

/** Headers up to the first empty line. Names in lower case. */
const blockOf = (lines: readonly string[]): Block => {
  const headers = new Map<string, string>();
  const end = lines.findIndex((line) => line.trim() === "");
  for (const line of end < 0 ? lines : lines.slice(0, end)) {
    const colon = line.indexOf(":");
    if (colon > 0)
      headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
  return { headers, rest: end < 0 ? [] : lines.slice(end + 1) };
};

const partOf = ({ headers, rest }: Block): PartReply | undefined => {
  const status = /^HTTP\/\d(?:\.\d)? (\d{3})\b/.exec(rest[0] ?? "")?.[1];
  if (status === undefined) return undefined;
  const inner = blockOf(rest.slice(1));
  return {
    contentId: headers.get("content-id") ?? inner.headers.get("content-id"),
    status: Number(status),
    headers: inner.headers,
    body: jsonIn(inner.rest.join("\n")),
  };
};

/** Far above any batch's answer: the largest has 1,000 operations of some twenty lines each. */
const mostLines = 500_000;

/**
 * What a batch answered, one list of answers for each change set: of a change set that failed there is one answer, bare or inside a
 * `changesetresponse` (facts §1.6). `undefined` when any of it is not understood, so that no answer is ever given to a wrong write. Pure.
 */
export const readBatch = (
  contentType: string,
  text: string,
): readonly (readonly PartReply[])[] | undefined => {
  const boundary = boundaryOf(contentType);
  const lines = text.split(/\r\n|\n/, mostLines + 1);
  const outer =
    boundary === undefined || lines.length > mostLines ? undefined : between(lines, boundary);
  if (outer === undefined) return undefined;
  const answers: (readonly PartReply[])[] = [];
  for (const part of outer) {
    const block = blockOf(part);
    const inner = boundaryOf(block.headers.get("content-type") ?? "");
    const blocks = inner === undefined ? [block] : between(block.rest, inner)?.map(blockOf);
    const parts = blocks?.flatMap((one) => partOf(one) ?? []) ?? [];
    if (parts.length === 0 || parts.length !== blocks?.length) return undefined;
    answers.push(parts);
  }
  return answers;
};
