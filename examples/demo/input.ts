import { readFile } from "node:fs/promises";
import type { Recording, RecordedLeg, RecordedLink } from "./recording.ts";

/** Something in the input is not as INPUT.md says; the message names the file, the line and the field. */
export class InputError extends Error {}

/** Reads recorded interactions, one JSON object per line. Throws `InputError`. */
export async function readInput(path: string): Promise<readonly Recording[]> {
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    throw new InputError(
      `${path}: cannot be read (${error instanceof Error && "code" in error ? String(error.code) : "unknown"})`,
    );
  });
  return parseInput(text, path);
}

/** The same, from text; `name` stands in errors. */
export function parseInput(text: string, name: string): readonly Recording[] {
  const seen = new Set<string>();
  const recordings = text.split("\n").flatMap((line, n) => {
    if (line.trim() === "") return [];
    const recording = readLine(line, new Place(`${name}:${n + 1}`, ""));
    if (seen.has(recording.id))
      throw new InputError(`${name}:${n + 1}: id: "${recording.id}" stands in an earlier line too`);
    seen.add(recording.id);
    return [recording];
  });
  if (recordings.length === 0) throw new InputError(`${name}: holds no interaction`);
  return recordings;
}

/** Where in the input we are, for errors. */
class Place {
  readonly line: string;
  readonly path: string;

  constructor(line: string, path: string) {
    this.line = line;
    this.path = path;
  }

  at(part: string | number): Place {
    return new Place(
      this.line,
      typeof part === "number"
        ? `${this.path}[${part}]`
        : this.path === ""
          ? part
          : `${this.path}.${part}`,
    );
  }

  fail(must: string): never {
    throw new InputError(`${this.line}: ${this.path === "" ? "" : `${this.path}: `}${must}`);
  }
}

type Fields = ReadonlyMap<string, unknown>;

function fieldsOf(value: unknown, place: Place, known: readonly string[]): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return place.fail("must be an object");
  const fields = new Map<string, unknown>(Object.entries(value));
  const unknown = [...fields.keys()].find((name) => !known.includes(name));
  return unknown === undefined
    ? fields
    : place.at(unknown).fail(`is not known here; there may be ${known.join(", ")}`);
}

function text(fields: Fields, name: string, place: Place): string {
  const value = fields.get(name);
  return typeof value === "string" && value.trim() !== "" && value.length <= 200
    ? value
    : place.at(name).fail("must be a text of 1 to 200 characters");
}

const optionalText = (fields: Fields, name: string, place: Place): string | undefined =>
  fields.has(name) ? text(fields, name, place) : undefined;

function choice<T extends string>(value: unknown, allowed: readonly T[], place: Place): T {
  return allowed.find((one) => one === value) ?? place.fail(`must be one of ${allowed.join(", ")}`);
}

function time(fields: Fields, name: string, place: Place): number {
  const value = fields.get(name);
  const at =
    typeof value === "string" && /^\d{4}-\d\d-\d\dT.*(?:Z|[+-]\d\d:\d\d)$/u.test(value)
      ? Date.parse(value)
      : Number.NaN;
  return Number.isNaN(at)
    ? place.at(name).fail("must be a time with its zone, such as 2026-01-05T09:00:00Z")
    : at;
}

function list<T>(
  value: unknown,
  place: Place,
  read: (one: unknown, place: Place) => T,
): readonly T[] {
  if (value === undefined) return [];
  return Array.isArray(value)
    ? value.map((one, n) => read(one, place.at(n)))
    : place.fail("must be a list");
}

const channels = ["voice", "chat", "email", "sms", "messaging", "social"] as const;

function readLine(line: string, place: Place): Recording {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    place.fail("is not JSON");
  }
  const fields = fieldsOf(json, place, [
    "id",
    "channel",
    "direction",
    "customer",
    "subject",
    "legs",
    "messages",
    "links",
  ]);
  const channel = choice(fields.get("channel"), channels, place.at("channel"));
  const legs = list(fields.get("legs"), place.at("legs"), (one, at) =>
    readLeg(one, at, channel === "voice"),
  );
  if (legs.length === 0) place.at("legs").fail("must name at least one agent's leg");
  const subject = optionalText(fields, "subject", place);
  return {
    id: text(fields, "id", place),
    channel,
    direction: choice(
      fields.get("direction") ?? "inbound",
      ["inbound", "outbound"],
      place.at("direction"),
    ),
    customer: readCustomer(fields.get("customer") ?? {}, place.at("customer")),
    ...(subject !== undefined && { subject }),
    legs,
    messages: list(fields.get("messages"), place.at("messages"), (one, at) => {
      const message = fieldsOf(one, at, ["at", "from"]);
      return {
        at: time(message, "at", at),
        from: choice(message.get("from"), ["customer", "agent"], at.at("from")),
      };
    }),
    links: list(fields.get("links"), place.at("links"), readLink),
  };
}

function readCustomer(value: unknown, place: Place): Recording["customer"] {
  const fields = fieldsOf(value, place, ["name", "email", "phone"]);
  const [name, email, phone] = (["name", "email", "phone"] as const).map((part) =>
    optionalText(fields, part, place),
  );
  return {
    ...(name !== undefined && { name }),
    ...(email !== undefined && { email }),
    ...(phone !== undefined && { phone }),
  };
}

function readLeg(value: unknown, place: Place, isVoice: boolean): RecordedLeg {
  const fields = fieldsOf(value, place, [
    "agent",
    "start",
    "end",
    "disposition",
    ...(isVoice ? ["wrapUpEnd"] : []),
  ]);
  const start = time(fields, "start", place);
  const end = time(fields, "end", place);
  if (end < start) place.at("end").fail("must not be before start");
  const wrapUpEnd = fields.has("wrapUpEnd") ? time(fields, "wrapUpEnd", place) : undefined;
  if (wrapUpEnd !== undefined && wrapUpEnd < end)
    place.at("wrapUpEnd").fail("must not be before end");
  const disposition = optionalText(fields, "disposition", place);
  return {
    agent: text(fields, "agent", place),
    start,
    end,
    ...(wrapUpEnd !== undefined && { wrapUpEnd }),
    ...(disposition !== undefined && { disposition }),
  };
}

function readLink(value: unknown, place: Place): RecordedLink {
  const fields = fieldsOf(value, place, ["type", "name"]);
  return {
    type: choice(
      fields.get("type"),
      ["Contact", "Lead", "Account", "Case", "Opportunity"],
      place.at("type"),
    ),
    name: text(fields, "name", place),
  };
}
