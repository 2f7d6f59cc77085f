import type { Org } from "../org.ts";
import type { Problem } from "../problem.ts";
import { parseDuplicateHeader } from "../write/duplicates.ts";
import type { WriteContext } from "../write/save.ts";
import type { Undo } from "../write/undo.ts";

/** Asks the armed faults whether the next record of this call is struck. */
export type RecordStrike = (sobject: string, id: string | undefined) => Problem | undefined;

/** One API request inside the emulator: a real one, or a part of a composite. */
export type ApiCall = {
  readonly org: Org;
  readonly method: string;
  /** "v63.0" */
  readonly version: string;
  /** Path below the version, decoded. */
  readonly segments: readonly string[];
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: unknown;
  readonly strike: RecordStrike;
  readonly undo: Undo;
  /** Rows that the call tried to write. */
  readonly tally: { records: number };
  /** An outer allOrNone=true overrides the inner one [D facts §2.2]. */
  readonly allOrNone: boolean;
};

/** What a resource answers. A body of undefined is no body. */
export type Answer = {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
};

/** Serves one request; refusals are thrown as `Refusal`. */
export type Resource = (call: ApiCall) => Answer;

/** Path of a resource in the call's own version. */
export function dataPath(call: ApiCall, rest: string): string {
  return `/services/data/${call.version}/${rest}`;
}

/** The write context of an API call. */
export function writeContext(call: ApiCall, undo: Undo = call.undo): WriteContext {
  return {
    org: call.org,
    writer: "api",
    duplicates: parseDuplicateHeader(call.headers["sforce-duplicate-rule-header"]),
    undo,
    userId: call.org.userId,
  };
}

/** True for a JSON object. */
export function isObject(json: unknown): json is Readonly<Record<string, unknown>> {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}
