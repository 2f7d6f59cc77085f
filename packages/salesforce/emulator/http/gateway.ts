import { setTimeout as sleep } from "node:timers/promises";
import type { Fault } from "../options.ts";
import type { Org } from "../org.ts";
import { callProblem, errorBody, Refusal, statusOf } from "../problem.ts";
import type { Problem } from "../problem.ts";
import { Undo } from "../write/undo.ts";
import type { Answer, ApiCall } from "./call.ts";
import { dispatch } from "./router.ts";
import { isSupported } from "./versions.ts";

/** A request as it came over the wire. */
export type Incoming = {
  readonly method: string;
  /** Path without the query string, still encoded. */
  readonly path: string;
  readonly query: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly text: string;
};

/** What goes back: an answer, or the end of the socket. `cut` sends only half of the body. */
export type Outgoing = {
  readonly answer: Answer | undefined;
  readonly cut: boolean;
  /** It counted against the daily limit. */
  readonly counted: boolean;
  readonly records: number;
};

const faultCodes: Readonly<Record<number, string>> = {
  401: "INVALID_SESSION_ID",
  403: "REQUEST_LIMIT_EXCEEDED",
  429: "REQUEST_LIMIT_EXCEEDED",
  503: "SERVER_UNAVAILABLE",
};
const tenMinutes = 600_000;

/** The answer of a fault that stops a call before anything is committed; undefined for the kinds that let it through. */
export function stoppedBy(fault: Fault | undefined): Outgoing | undefined {
  if (fault?.kind === "reset") return { answer: undefined, cut: false, counted: false, records: 0 };
  const status = fault?.status ?? 503;
  if (fault?.kind === "html") {
    const headers = { "Content-Type": "text/html;charset=UTF-8", ...fault.headers };
    const body =
      "<html><head><title>Down for maintenance</title></head><body>We are down for maintenance.</body></html>";
    return { answer: { status, body, headers }, cut: false, counted: false, records: 0 };
  }
  if (fault?.kind !== "status") return undefined;
  const code = fault.errorCode ?? faultCodes[status] ?? "UNKNOWN_EXCEPTION";
  const body = errorBody([{ code, message: fault.message ?? `injected: ${code}` }]);
  return {
    answer: { status, body, ...(fault.headers === undefined ? {} : { headers: fault.headers }) },
    cut: false,
    counted: false,
    records: 0,
  };
}

/** No session: 401 INVALID_SESSION_ID [facts §2.8; wording general knowledge]. Over the day's calls: 403 [D facts §2.7, wording I]. */
function doorProblem(org: Org, request: Incoming): Problem | undefined {
  const [scheme = "", token = ""] = (request.headers["authorization"] ?? "").split(" ");
  if (scheme !== "" && scheme !== "Bearer" && scheme !== "OAuth")
    return callProblem(401, "INVALID_AUTH_HEADER", "INVALID_HEADER_TYPE");
  if (!org.sessions.isOpen(token))
    return callProblem(401, "INVALID_SESSION_ID", "Session expired or invalid");
  if (org.usage >= (org.options.dailyLimit ?? 100_000)) {
    return callProblem(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.");
  }
  return undefined;
}

function parseBody(request: Incoming): unknown {
  if (request.text === "") return undefined;
  if (!(request.headers["content-type"] ?? "").startsWith("application/json")) {
    throw new Refusal(
      callProblem(415, "UNSUPPORTED_MEDIA_TYPE", "content type of the request is not supported"),
    );
  }
  try {
    return JSON.parse(request.text);
  } catch {
    throw new Refusal(
      callProblem(
        400,
        "JSON_PARSER_ERROR",
        "Unexpected character or end of input at [line:1, column:1]",
      ),
    );
  }
}

function decodeSegments(path: string): readonly string[] {
  try {
    return path
      .split("/")
      .filter((segment) => segment !== "")
      .map((segment) => decodeURIComponent(segment));
  } catch {
    throw new Refusal(callProblem(404, "NOT_FOUND", "The requested resource does not exist"));
  }
}

function serve(org: Org, request: Incoming, tally: { records: number }): Answer {
  try {
    const [, , version = "", ...segments] = decodeSegments(request.path);
    // [U facts §2.1] that retired and unknown versions answer 410.
    if (!isSupported(version))
      throw new Refusal(
        callProblem(410, "UNSUPPORTED_API_VERSION", `The API version ${version} is not supported.`),
      );
    const call: ApiCall = {
      org,
      method: request.method,
      version,
      segments,
      query: new URLSearchParams(request.query),
      headers: request.headers,
      body: parseBody(request),
      strike: org.faults.strikeRecords(request.method, request.path),
      undo: new Undo(),
      tally,
      allOrNone: false,
    };
    return dispatch(call);
  } catch (error) {
    if (error instanceof Refusal)
      return { status: statusOf(error.problems), body: errorBody(error.problems) };
    throw error;
  }
}

/** Sforce-Limit-Info on every API call [D, R facts §2.7]. */
function withLimitInfo(org: Org, answer: Answer): Answer {
  const info = `api-usage=${org.usage}/${org.options.dailyLimit ?? 100_000}`;
  return { ...answer, headers: { ...answer.headers, "Sforce-Limit-Info": info } };
}

/** Serves one API request: latency, faults, session, daily limit, the resource, faults after the commit. */
export async function serveApi(org: Org, request: Incoming): Promise<Outgoing> {
  if (org.latencyMs > 0) await sleep(org.latencyMs);
  const fault = org.faults.strikeCall(request.method, request.path);
  if (fault?.kind === "hang") await sleep(fault.ms ?? tenMinutes, undefined, { ref: false });
  const stopped = stoppedBy(fault);
  if (stopped !== undefined) return stopped;
  const problem = doorProblem(org, request);
  if (problem !== undefined) {
    const answer = { status: problem.status ?? 401, body: errorBody([problem]) };
    return {
      answer: problem.status === 403 ? withLimitInfo(org, answer) : answer,
      cut: false,
      counted: false,
      records: 0,
    };
  }
  org.usage += 1;
  const tally = { records: 0 };
  const answer = withLimitInfo(org, serve(org, request, tally));
  const lost = fault?.kind === "replyLost";
  return {
    answer: lost ? undefined : answer,
    cut: fault?.kind === "brokenJson",
    counted: true,
    records: tally.records,
  };
}
