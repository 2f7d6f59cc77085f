import type { Org } from "../org.ts";
import { problem, Refusal } from "../problem.ts";
import { Undo } from "../write/undo.ts";
import type { Answer } from "./call.ts";
import { answerProblem } from "./error-body.ts";
import type { Strike } from "./faults.ts";
import { serve } from "./router.ts";

/** A request as it came over the wire, or as one part of a batch. */
export type Incoming = {
  readonly method: string;
  /** Without the query, still percent-encoded. */
  readonly path: string;
  /** Without the question mark. */
  readonly query: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
};

/** What the operations of one change set share. */
export type Scope = {
  readonly undo: Undo;
  readonly references: ReadonlyMap<string, string>;
  readonly strike: Strike;
};

const servicePath = /^\/api\/data\/v9\.[0-2]\//;

/** What is below `/api/data/v9.2/` of an address; undefined when it is elsewhere. v9.0 to v9.2 are current (facts §1.1). */
export function belowService(path: string): string | undefined {
  const root = servicePath.exec(path)?.[0];
  return root === undefined ? undefined : path.slice(root.length);
}

/** A scope for an operation of its own. */
export function ownScope(strike: Strike): Scope {
  return { undo: new Undo(), references: new Map(), strike };
}

function bodyOf({ headers, text }: Incoming): unknown {
  if (text.trim() === "") return undefined;
  const type = headers["content-type"] ?? "";
  if (!type.toLowerCase().startsWith("application/json"))
    throw new Refusal(
      problem(415, "0x0", `The media type '${type}' of the request's body is not supported.`),
    );
  try {
    return JSON.parse(text);
  } catch {
    // The code is documented for every kind of bad payload (facts §1.3); the wording is our own.
    throw new Refusal(
      problem(
        400,
        "0x80048d19",
        "Error identified in Payload provided by the user: no valid JSON.",
      ),
    );
  }
}

/** Carries out one operation below the service root. What it refuses is taken back, with all that its scope did before. */
export function operate(org: Org, request: Incoming, scope: Scope): Answer {
  try {
    return serve({
      org,
      method: request.method,
      path: request.path,
      query: request.query,
      headers: request.headers,
      body: bodyOf(request),
      userId: org.userId,
      ...scope,
    });
  } catch (error) {
    scope.undo.rollback();
    if (error instanceof Refusal) return answerProblem(org, error.problem);
    throw error;
  }
}
