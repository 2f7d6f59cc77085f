import type { Answer, ApiCall, Resource } from "../http/call.ts";
import { isObject } from "../http/call.ts";
import type { Problem } from "../problem.ts";
import { callProblem, errorBody, Refusal, statusOf } from "../problem.ts";
import { Undo } from "../write/undo.ts";
import { References } from "./composite-references.ts";
import { bodyOf, methodNotAllowed } from "./targets.ts";

/** Serves a path of this version; the router, given by the caller to keep arrows one-way. */
export type Dispatch = Resource;

type Part = {
  readonly method: string;
  readonly url: string;
  readonly referenceId: string;
  readonly body: unknown;
  readonly httpHeaders: Readonly<Record<string, string>>;
};

type PartAnswer = {
  readonly body: unknown;
  readonly httpHeaders: Readonly<Record<string, string>>;
  readonly httpStatusCode: number;
  readonly referenceId: string | null;
};

const partLimit = 25;
const heavyLimit = 5;
const heavy = /\/(?:query|queryAll|composite\/sobjects)(?:[/?]|$)/;

function malformed(message: string): Refusal {
  return new Refusal(callProblem(400, "JSON_PARSER_ERROR", message));
}

function readPart(json: unknown): Part {
  if (!isObject(json))
    throw malformed("compositeRequest must be a list of objects at [line:1, column:1]");
  const { method, url, referenceId, body, httpHeaders } = {
    method: json["method"],
    url: json["url"],
    referenceId: json["referenceId"],
    body: json["body"],
    httpHeaders: json["httpHeaders"],
  };
  if (
    typeof method !== "string" ||
    typeof url !== "string" ||
    typeof referenceId !== "string" ||
    referenceId === ""
  ) {
    throw malformed("A subrequest needs method, url and referenceId.");
  }
  if (!/^[A-Za-z]\w*$/.test(referenceId)) throw malformed(`Invalid reference id: ${referenceId}`);
  const headers: Record<string, string> = {};
  if (isObject(httpHeaders))
    for (const [name, value] of Object.entries(httpHeaders))
      headers[name.toLowerCase()] = String(value);
  return { method: method.toUpperCase(), url, referenceId, body, httpHeaders: headers };
}

function failure(referenceId: string | null, problems: readonly Problem[]): PartAnswer {
  return {
    body: errorBody(problems),
    httpHeaders: {},
    httpStatusCode: statusOf(problems),
    referenceId,
  };
}

const halted = (message: string): Problem => ({ code: "PROCESSING_HALTED", message });
const rolledBack = halted(
  "The transaction was rolled back since another operation in the same transaction failed.",
);

function subCall(
  call: ApiCall,
  part: Part,
  url: string,
  body: unknown,
  undo: Undo,
  allOrNone: boolean,
): ApiCall {
  const match = /^\/services\/data\/(v\d{2}\.0)\/([^?]*)(?:\?(.*))?$/s.exec(url);
  if (match === null)
    throw new Refusal(callProblem(404, "NOT_FOUND", "The requested resource does not exist"));
  const segments = (match[2] ?? "").split("/").filter((segment) => segment !== "");
  if (segments[0] === "composite" && segments[1] !== "sobjects")
    throw malformed("A composite cannot hold a composite.");
  return {
    ...call,
    method: part.method,
    version: match[1] ?? call.version,
    segments: segments.map((segment) => decodeURIComponent(segment)),
    query: new URLSearchParams(match[3] ?? ""),
    headers: part.httpHeaders,
    body,
    undo,
    allOrNone,
  };
}

function runPart(
  call: ApiCall,
  part: Part,
  references: References,
  undo: Undo,
  allOrNone: boolean,
  dispatch: Dispatch,
): PartAnswer {
  const missing = references.missing(part);
  if (missing !== undefined) {
    return failure(part.referenceId, [
      halted(
        `Invalid reference specified. No value for ${missing} found in ${missing.split(".")[0] ?? ""}`,
      ),
    ]);
  }
  try {
    const sub = subCall(
      call,
      part,
      references.fillUrl(part.url),
      references.fill(part.body),
      undo,
      allOrNone,
    );
    const answer = dispatch(sub);
    const httpHeaders = answer.headers ?? {};
    return {
      body: answer.body ?? null,
      httpHeaders,
      httpStatusCode: answer.status,
      referenceId: part.referenceId,
    };
  } catch (error) {
    if (error instanceof Refusal) return failure(part.referenceId, error.problems);
    throw error;
  }
}

function hasFailed(answer: PartAnswer): boolean {
  if (answer.httpStatusCode >= 400) return true;
  return (
    Array.isArray(answer.body) &&
    answer.body.some((one: unknown) => isObject(one) && one["success"] === false)
  );
}

/** Runs subrequests in order. With allOrNone a failure takes all back and the others answer PROCESSING_HALTED [facts §2.2, §4.5]. */
export function runParts(
  call: ApiCall,
  list: readonly unknown[],
  allOrNone: boolean,
  dispatch: Dispatch,
): readonly PartAnswer[] {
  const parts = list.map(readPart);
  const references = new References();
  const undo = new Undo();
  const answers: PartAnswer[] = [];
  for (const part of parts) {
    if (references.has(part.referenceId))
      throw malformed(`duplicate referenceId: ${part.referenceId}`);
    const answer = runPart(call, part, references, undo, allOrNone, dispatch);
    answers.push(answer);
    references.set(part.referenceId, hasFailed(answer) ? undefined : answer.body);
    if (allOrNone && hasFailed(answer)) {
      undo.rollBack();
      return parts.map((one, index) =>
        index === answers.length - 1 ? answer : failure(one.referenceId, [rolledBack]),
      );
    }
  }
  call.undo.add(() => undo.rollBack());
  return answers;
}

/** 26 parts answer 200 with one LIMIT_EXCEEDED whose referenceId is null [I guardian/support-service-lambdas#766]. */
function limitAnswer(message: string): Answer {
  return {
    status: 200,
    body: {
      compositeResponse: [failure(null, [{ code: "LIMIT_EXCEEDED", message, status: 400 }])],
    },
  };
}

/** POST composite: up to 25 subrequests, at most five of them queries or collections [D, U facts §2.2]. Top level is always 200. */
export function compositeResource(call: ApiCall, dispatch: Dispatch): Answer {
  if (call.method !== "POST") throw methodNotAllowed(call, "POST");
  const body = bodyOf(call);
  const list = body["compositeRequest"];
  if (!Array.isArray(list))
    throw malformed("compositeRequest must be a list at [line:1, column:1]");
  if (list.length > partLimit)
    return limitAnswer("The request can’t contain more than 25 operations.");
  const many = list.filter(
    (part) => isObject(part) && typeof part["url"] === "string" && heavy.test(part["url"]),
  );
  if (many.length > heavyLimit)
    return limitAnswer("The request can’t contain more than 5 query or collection operations.");
  return {
    status: 200,
    body: { compositeResponse: runParts(call, list, body["allOrNone"] === true, dispatch) },
  };
}
