import { at } from "./api.ts";
import type { Reply } from "./api.ts";

/** One operation of a batch as a test writes it. */
type Operation = {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: readonly string[];
  /** Left out: 1, 2, … inside a change set, none outside. `null`: none. */
  readonly contentId?: string | null;
};

/** A batch is a list of operations and of change sets, which are lists. */
export type BatchItem = Operation | readonly Operation[];

export const boundary = "batch_test";

function partLines(operation: Operation, contentId: string | null): readonly string[] {
  const { method, path, body, headers = [] } = operation;
  const target = /^(?:https?:|\/|\$)/.test(path) ? path : `/api/data/v9.2/${path}`;
  return [
    "Content-Type: application/http",
    "Content-Transfer-Encoding: binary",
    ...(contentId === null ? [] : [`Content-ID: ${contentId}`]),
    "",
    `${method} ${target} HTTP/1.1`,
    ...(body === undefined ? [] : ["Content-Type: application/json"]),
    ...headers,
    "",
    body === undefined ? "" : JSON.stringify(body),
  ];
}

function changeSetLines(operations: readonly Operation[], name: string): readonly string[] {
  return [
    `Content-Type: multipart/mixed; boundary=${name}`,
    "",
    ...operations.flatMap((operation, index) => [
      `--${name}`,
      ...partLines(
        operation,
        operation.contentId === undefined ? String(index + 1) : operation.contentId,
      ),
    ]),
    `--${name}--`,
    "",
  ];
}

/** Writes a batch down with CRLF on every line. */
export function batchText(items: readonly BatchItem[]): string {
  const lines = items.flatMap((item, index) => [
    `--${boundary}`,
    ...("method" in item
      ? partLines(item, item.contentId ?? null)
      : changeSetLines(item, `changeset_${index}`)),
  ]);
  return [...lines, `--${boundary}--`, ""].join("\r\n");
}

/** One part of an answered batch; `inside`: it stood in a changesetresponse. */
export type AnsweredPart = {
  readonly status: number;
  readonly inside: boolean;
  readonly contentId: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly json: unknown;
};

function headersOf(text: string): Record<string, string> {
  const entries = text.split("\r\n").map((line) => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const;
  });
  return Object.fromEntries(entries);
}

function split(text: string, name: string): readonly string[] {
  const pieces = `\r\n${text}`.split(`\r\n--${name}`);
  if (pieces.at(-1)?.startsWith("--") !== true) throw new Error("the answer is not closed");
  return pieces.slice(1, -1).map((piece) => piece.slice(2));
}

function head(text: string): readonly [Record<string, string>, string] {
  const blank = text.indexOf("\r\n\r\n");
  return [headersOf(text.slice(0, blank)), text.slice(blank + 4)];
}

function partOf(text: string, inside: boolean): readonly AnsweredPart[] {
  const [mime, content] = head(text);
  const nested = /boundary=(changesetresponse_\S+)/.exec(mime["content-type"] ?? "")?.[1];
  if (nested !== undefined) return split(content, nested).flatMap((part) => partOf(part, true));
  const lineStop = content.indexOf("\r\n");
  const status = Number(content.slice("HTTP/1.1 ".length, "HTTP/1.1 ".length + 3));
  const [headers, body] = head(content.slice(lineStop + 2));
  const json: unknown = body.trim() === "" ? undefined : JSON.parse(body);
  return [{ status, inside, contentId: mime["content-id"], headers, json }];
}

/** Takes the answer to a batch apart, as strictly as it was asked for. */
export function answeredParts(reply: Reply): readonly AnsweredPart[] {
  const name = /boundary=(batchresponse_\S+)/.exec(reply.headers.get("content-type") ?? "")?.[1];
  if (name === undefined) throw new Error(`no batch answer: ${reply.status} ${reply.text}`);
  return split(reply.text, name).flatMap((part) => partOf(part, false));
}

/** Error code of an answer. */
export const codeOf = (json: unknown): unknown => at(json, "error", "code");
