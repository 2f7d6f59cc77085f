import { createOrg } from "../../emulator/create-org.ts";
import type { Answer } from "../../emulator/http/call.ts";
import { serve } from "../../emulator/http/router.ts";
import type { EmulatorOptions } from "../../emulator/options.ts";
import type { Org } from "../../emulator/org.ts";
import type { Problem } from "../../emulator/problem.ts";
import { Refusal } from "../../emulator/problem.ts";
import type { WriteContext } from "../../emulator/write/save.ts";
import { seedRow } from "../../emulator/write/plain.ts";
import { Undo } from "../../emulator/write/undo.ts";

/** What a call answered, or what it was refused with. */
export type Result = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** An object for a row or a list, else empty. */
  readonly body: Readonly<Record<string, unknown>>;
  /** The rows of a list. */
  readonly value: readonly Readonly<Record<string, unknown>>[];
  readonly code: string | undefined;
  readonly message: string;
};

/** Parts of a call that are not in its address. */
type Extras = {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly strike?: (table: string) => Problem | undefined;
};

/** An organisation without a server: operations go straight to the router. */
export type World = {
  readonly org: Org;
  readonly ask: (method: string, address: string, extras?: Extras) => Result;
  readonly seed: (table: string, columns: Readonly<Record<string, unknown>>) => string;
  readonly as: (writer: WriteContext["writer"], userId?: string) => WriteContext;
  readonly agent: string;
  /** Moves the clock. */
  readonly pass: (ms: number) => void;
};

/** An id that is easy to tell apart. */
export function idOf(n: number): string {
  return `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`;
}

function isJson(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function resultOf(answer: Answer): Result {
  const body = isJson(answer.body) ? answer.body : {};
  const value: unknown = body["value"];
  return {
    status: answer.status,
    headers: answer.headers ?? {},
    body,
    value: Array.isArray(value) ? value.filter((row) => isJson(row)) : [],
    code: undefined,
    message: "",
  };
}

function refused({ status, code, message }: Problem): Result {
  return { status, headers: {}, body: {}, value: [], code, message };
}

/** Builds an organisation with a business unit, the application user and one agent. */
export function world(options: EmulatorOptions = {}): World {
  let now = Date.UTC(2026, 0, 15, 9, 0, 0);
  const org = createOrg({ ...options, clock: () => now });
  org.url = "http://127.0.0.1:4000";
  org.userId = idOf(1);
  const as = (writer: WriteContext["writer"], userId = org.userId): WriteContext => ({
    org,
    writer,
    userId,
    undo: new Undo(),
  });
  const seed = (table: string, columns: Readonly<Record<string, unknown>>): string =>
    seedRow(as("seed"), table, columns);
  seed("businessunit", { businessunitid: idOf(9), name: "Acme" });
  const unit = { table: "businessunit", id: idOf(9) };
  const people = [
    { systemuserid: idOf(1), firstname: "#", lastname: "Wrapup", domainname: "app@acme.example" },
    {
      systemuserid: idOf(2),
      firstname: "Elinor",
      lastname: "Dashwood",
      domainname: "elinor@acme.example",
      internalemailaddress: "elinor@acme.example",
      azureactivedirectoryobjectid: idOf(77),
    },
  ];
  for (const person of people) seed("systemuser", { ...person, businessunitid: unit });
  const ask = (method: string, address: string, extras: Extras = {}): Result => {
    const at = address.indexOf("?");
    const undo = new Undo();
    try {
      return resultOf(
        serve({
          org,
          method,
          path: at < 0 ? address : address.slice(0, at),
          query: at < 0 ? "" : address.slice(at + 1),
          headers: extras.headers ?? {},
          body: extras.body,
          undo,
          userId: org.userId,
          references: new Map(),
          strike: extras.strike ?? (() => undefined),
        }),
      );
    } catch (error) {
      undo.rollback();
      if (error instanceof Refusal) return refused(error.problem);
      throw error;
    }
  };
  return {
    org,
    ask,
    seed,
    as,
    agent: idOf(2),
    pass: (ms) => {
      now += ms;
    },
  };
}

/** `$filter` and other options as a query string, percent-encoded as a careful client does it. */
export function query(options: Readonly<Record<string, string>>): string {
  return Object.entries(options)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join("&");
}
