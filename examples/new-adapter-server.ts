// Cardbox, an invented CRM for new-adapter.ts: one table of activities about people, over HTTP. Strict, and nobody's product.
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

/** A row as the CRM keeps and answers it. An activity has id, key, edited, person, owner, done and its columns. */
export type CardboxRow = Record<string, string | number | boolean | null>;

/** What the next batch meets: cut before or after it is carried out, refused as a whole, one row locked, or kept waiting. */
export type Mishap = "cut" | "answerLost" | "busy" | "down" | "lock" | "hang";

/** The CRM from inside, for tests: not through its API. */
export type Cardbox = {
  readonly url: string;
  readonly apiKey: string;
  readonly people: Map<string, CardboxRow>;
  readonly users: Map<string, CardboxRow>;
  readonly activities: Map<string, CardboxRow>;
  /** Batches that came in. */
  readonly batches: () => number;
  readonly addPerson: (person: { name: string; email?: string; phone?: string }) => string;
  /** A person edits an activity. */
  readonly edit: (id: string, columns: CardboxRow) => void;
  readonly meet: (mishap: Mishap) => void;
  readonly close: () => Promise<void>;
};

/** The columns as the CRM describes them. Others are refused, and so are values that do not fit. */
const columns: readonly CardboxRow[] = [
  { name: "title", label: "Title", type: "text", max: 120, required: true },
  { name: "details", label: "Details", type: "text", max: 4_000, required: false },
  { name: "outcome", label: "Outcome", type: "text", max: 60, required: false },
  { name: "seconds", label: "Talk time", type: "number", max: null, required: false },
  { name: "at", label: "Time", type: "time", max: null, required: false },
];
const apiKey = "cardbox-key";
const mostInBatch = 50;

type Reply = { readonly status: number; readonly body?: unknown };
type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Starts the CRM on a free port of this machine. */
export async function startCardbox(): Promise<Cardbox> {
  const people = new Map<string, CardboxRow>();
  const users = new Map<string, CardboxRow>();
  const activities = new Map<string, CardboxRow>();
  let [batches, lastId] = [0, 0];
  let mishap: Mishap | undefined;
  const nextId = (prefix: string): string => `${prefix}${++lastId}`;

  /** The name of the first value that does not fit, or undefined. */
  const misfit = (row: CardboxRow, whole: boolean): string | undefined => {
    const known = new Map(columns.map((column) => [column["name"], column]));
    const bad = Object.entries(row).find(([name, value]) => {
      if (name === "person") return false;
      if (name === "owner") return value !== null && !users.has(String(value));
      if (name === "done") return typeof value !== "boolean";
      const column = known.get(name);
      if (column === undefined) return true;
      if (value === null) return column["required"] === true;
      if (column["type"] === "number") return typeof value !== "number";
      if (typeof value !== "string") return true;
      if (column["type"] === "time") return Number.isNaN(Date.parse(value));
      return value.length > Number(column["max"]);
    });
    return bad?.[0] ?? (whole && (row["title"] ?? "") === "" ? "title" : undefined);
  };

  const refusal = (row: CardboxRow, whole: boolean): CardboxRow | undefined => {
    const field = misfit(row, whole);
    // As real CRMs do, the message repeats what was sent.
    const message = `cannot store ${JSON.stringify(row)}`;
    if (field !== undefined) return { code: "badValue", field, message };
    const person = row["person"] ?? null;
    if (person === null) return undefined;
    const there = people.get(String(person));
    if (there === undefined) return { code: "unknownPerson", field: "person", message };
    const into = there["mergedInto"];
    return into === undefined ? undefined : { code: "merged", into, message };
  };

  /** By key or by id. */
  const find = (item: Json): CardboxRow | undefined =>
    typeof item["id"] === "string"
      ? activities.get(item["id"])
      : [...activities.values()].find((row) => row["key"] === item["key"]);

  const put = (item: Json, row: CardboxRow): CardboxRow => {
    const key = item["key"];
    if (typeof key !== "string" || key === "") return { code: "badValue", field: "key" };
    const taken = find({ key });
    if (taken !== undefined) return { code: "there", ...placeOf(taken) };
    const refused = refusal(row, true);
    if (refused !== undefined) return refused;
    const made = { id: nextId("a"), key, edited: false, person: null, ...row };
    activities.set(made.id, made);
    return { code: "created", ...placeOf(made) };
  };

  const amend = (there: CardboxRow, item: Json, row: CardboxRow): CardboxRow => {
    const refused = refusal(row, false);
    if (refused !== undefined) return refused;
    const was = isRow(item["was"]) ? item["was"] : {};
    const mine = new Set(columns.map((column) => String(column["name"])));
    const left = Object.keys(row).filter(
      (name) => mine.has(name) && ![was[name] ?? null, row[name]].includes(there[name] ?? null),
    );
    const kept = Object.entries(row).filter(([name]) => !left.includes(name));
    Object.assign(there, Object.fromEntries(kept));
    return { code: "updated", left: left.join(","), ...placeOf(there) };
  };

  const retract = (there: CardboxRow): CardboxRow => {
    if (there["edited"] === true) {
      there["person"] = null;
      return { code: "letGo", ...placeOf(there) };
    }
    activities.delete(String(there["id"]));
    return { code: "deleted" };
  };

  const carryOut = (item: unknown): CardboxRow => {
    if (!isObject(item)) return { code: "badValue", field: "item" };
    const row = item["row"] ?? {};
    if (!isRow(row)) return { code: "badValue", field: "row" };
    if (item["op"] === "put") return put(item, row);
    const there = find(item);
    if (there === undefined) return { code: "gone" };
    if (item["op"] === "amend") return amend(there, item, row);
    return item["op"] === "retract" ? retract(there) : { code: "badValue", field: "op" };
  };

  const answerBatch = async (body: unknown, drop: () => void): Promise<Reply> => {
    batches += 1;
    const met = mishap;
    mishap = undefined;
    if (met === "busy") return { status: 429 };
    if (met === "down") return { status: 503 };
    if (met === "hang") await sleep(3_000, undefined, { ref: false });
    if (met === "cut") drop();
    if (met === "cut" || !Array.isArray(body) || body.length > mostInBatch) return { status: 400 };
    const results = body.map((item: unknown, n) =>
      met === "lock" && n === 0 ? { code: "locked" } : carryOut(item),
    );
    if (met === "answerLost") drop();
    return { status: 200, body: results };
  };

  const list = (of: Iterable<CardboxRow>, search: URLSearchParams): Reply => {
    const [[name, wanted] = ["", ""]] = search;
    const fits = (row: CardboxRow): boolean => {
      const value = String(row[name] ?? "").toLowerCase();
      if (name === "phone") return digits(value).endsWith(digits(wanted).slice(-10));
      if (name === "name") return value.includes(wanted.toLowerCase());
      return wanted.toLowerCase().split(",").includes(value);
    };
    return { status: 200, body: [...of].filter(fits) };
  };

  const answer = async (request: IncomingMessage, drop: () => void): Promise<Reply> => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://cardbox");
    const body = await bodyOf(request);
    if (request.headers.authorization !== `Bearer ${apiKey}`) return { status: 401 };
    if (request.method === "POST" && pathname === "/batch") return answerBatch(body, drop);
    if (request.method !== "GET") return { status: 405 };
    if (pathname === "/people") return list(people.values(), searchParams);
    if (pathname === "/users") return list(users.values(), searchParams);
    return pathname === "/columns" ? { status: 200, body: columns } : { status: 404 };
  };

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { status, body } = await answer(request, () => void request.socket.destroy());
    const headers = {
      "Content-Type": "application/json",
      ...(status === 429 && { "Retry-After": "1" }),
    };
    response.writeHead(status, headers).end(body === undefined ? undefined : JSON.stringify(body));
  };

  const server = createServer((request, response) => {
    serve(request, response).catch(() => request.socket.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    apiKey,
    people,
    users,
    activities,
    batches: () => batches,
    addPerson: ({ name, email = "", phone = "" }) => {
      const id = nextId("p");
      people.set(id, { id, name, email, phone });
      return id;
    },
    edit: (id, changed) => {
      const row = activities.get(id);
      if (row !== undefined) Object.assign(row, changed, { edited: true });
    },
    meet: (next) => {
      mishap = next;
    },
    close: async () => {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** How to find a row again, for answers. */
const placeOf = (row: CardboxRow): CardboxRow => ({ id: row["id"] ?? null });

const digits = (text: string): string => text.replaceAll(/\D/gu, "");

const isRow = (value: unknown): value is CardboxRow =>
  isObject(value) &&
  Object.values(value).every(
    (each) => each === null || ["string", "number", "boolean"].includes(typeof each),
  );

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = [];
  for await (const part of request) if (part instanceof Buffer) parts.push(part);
  return parts.length === 0 ? undefined : JSON.parse(Buffer.concat(parts).toString("utf8"));
}
