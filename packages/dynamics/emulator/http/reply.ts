import type { Answer } from "./call.ts";

/** An answer as it goes over the wire. */
export type Reply = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
};

const json = "application/json; odata.metadata=minimal";

/** Writes an answer down. Text with a content type of its own goes out as it is, everything else as JSON. */
export function replyOf(answer: Answer): Reply {
  const { status, headers = {}, body } = answer;
  if (body === undefined) return { status, headers, text: "" };
  const type = headers["Content-Type"];
  if (type !== undefined && typeof body === "string") return { status, headers, text: body };
  return { status, headers: { "Content-Type": json, ...headers }, text: JSON.stringify(body) };
}

/** A web page, as gateways and record addresses answer it. */
export function page(status: number, title: string): Reply {
  const text = `<html><head><title>${title}</title></head><body>${title}</body></html>`;
  return { status, headers: { "Content-Type": "text/html; charset=utf-8" }, text };
}

/** Only the first half of its body. */
export function cutInHalf(reply: Reply): Reply {
  return { ...reply, text: reply.text.slice(0, Math.floor(reply.text.length / 2)) };
}
