import { readFile } from "node:fs/promises";
import { z } from "zod";
import type { Recording } from "./recording.ts";

/** Something in the input is not as INPUT.md says; the message names the file, the line and the field. */
export class InputError extends Error {}

const text = z
  .string("must be a text of 1 to 200 characters")
  .max(200, "must be a text of 1 to 200 characters")
  .refine((value) => value.trim() !== "", "must be a text of 1 to 200 characters");

const time = z.iso
  .datetime({ offset: true, error: "must be a time with its zone, such as 2026-01-05T09:00:00Z" })
  .transform((value) => Date.parse(value));

const oneOf = <const T extends readonly [string, ...string[]]>(
  names: T,
): z.ZodEnum<z.core.util.ToEnum<T[number]>> => z.enum(names, `must be one of ${names.join(", ")}`);

const leg = z
  .strictObject({
    agent: text,
    start: time,
    end: time,
    wrapUpEnd: time.exactOptional(),
    disposition: text.exactOptional(),
  })
  .superRefine(({ start, end, wrapUpEnd }, context) => {
    const late = (path: string, message: string): void =>
      context.addIssue({ code: "custom", path: [path], message });
    if (end < start) late("end", "must not be before start");
    if (wrapUpEnd !== undefined && wrapUpEnd < end) late("wrapUpEnd", "must not be before end");
  });

const recording = z
  .strictObject({
    id: text,
    channel: oneOf(["voice", "chat", "email", "sms", "messaging", "social"]),
    direction: oneOf(["inbound", "outbound"]).default("inbound"),
    customer: z
      .strictObject({
        name: text.exactOptional(),
        email: text.exactOptional(),
        phone: text.exactOptional(),
      })
      .default({}),
    subject: text.exactOptional(),
    legs: z.array(leg, "must be a list").min(1, "must name at least one agent's leg"),
    messages: z
      .array(z.strictObject({ at: time, from: oneOf(["customer", "agent"]) }), "must be a list")
      .default([]),
    links: z
      .array(
        z.strictObject({
          type: oneOf(["Contact", "Lead", "Account", "Case", "Opportunity"]),
          name: text,
        }),
        "must be a list",
      )
      .default([]),
  })
  .superRefine(({ channel, legs }, context) => {
    for (const [n, { wrapUpEnd }] of legs.entries())
      if (channel !== "voice" && wrapUpEnd !== undefined)
        context.addIssue({
          code: "custom",
          path: ["legs", n, "wrapUpEnd"],
          message: "is not known here; only calls have after-contact work",
        });
  });

/** Reads recorded interactions, one JSON object per line. Throws `InputError`. */
export async function readInput(path: string): Promise<readonly Recording[]> {
  const content = await readFile(path, "utf8").catch((error: unknown) => {
    throw new InputError(
      `${path}: cannot be read (${error instanceof Error && "code" in error ? String(error.code) : "unknown"})`,
    );
  });
  return parseInput(content, path);
}

/** The same, from text; `name` stands in errors. */
export function parseInput(content: string, name: string): readonly Recording[] {
  const seen = new Set<string>();
  const recordings = content.split("\n").flatMap((line, n) => {
    if (line.trim() === "") return [];
    const place = `${name}:${n + 1}`;
    const one = readLine(line, place);
    if (seen.has(one.id))
      throw new InputError(`${place}: id: "${one.id}" stands in an earlier line too`);
    seen.add(one.id);
    return [one];
  });
  if (recordings.length === 0) throw new InputError(`${name}: holds no interaction`);
  return recordings;
}

function readLine(line: string, place: string): Recording {
  const read = recording.safeParse(jsonOf(line, place));
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const unknown = issue?.code === "unrecognized_keys" ? issue.keys.slice(0, 1) : [];
  const path = pathOf([...(issue?.path ?? []), ...unknown]);
  const must =
    issue?.code === "invalid_type" && issue.expected === "object"
      ? "must be an object"
      : issue?.code === "unrecognized_keys"
        ? "is not known here; INPUT.md lists the fields"
        : (issue?.message ?? "is not right");
  throw new InputError(`${place}: ${path === "" ? "" : `${path}: `}${must}`);
}

function jsonOf(line: string, place: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw new InputError(`${place}: is not JSON`);
  }
}

/** `legs[0].end`, as people write it. */
const pathOf = (path: readonly PropertyKey[]): string =>
  path
    .map((part) => (typeof part === "number" ? `[${part}]` : `.${String(part)}`))
    .join("")
    .replace(/^\./u, "");
