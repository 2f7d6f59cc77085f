import { graphAnswer } from "../graph/serve-graph.ts";
import type { Fault } from "../options.ts";
import type { Org } from "../org.ts";
import { problem } from "../problem.ts";
import { answerProblem } from "./error-body.ts";
import type { Reply } from "./reply.ts";
import { page, replyOf } from "./reply.ts";

/** The three services that one emulator is. */
export type Service = "dataverse" | "graph" | "authority";

const codes: Readonly<Record<Service, Readonly<Record<number, string>>>> = {
  dataverse: { 403: "0x80040220", 429: "0x80072322", 500: "0x80040216" },
  graph: {
    401: "InvalidAuthenticationToken",
    403: "ErrorAccessDenied",
    404: "ErrorItemNotFound",
    429: "ApplicationThrottled",
    503: "ServiceUnavailable",
  },
  authority: { 429: "temporarily_unavailable", 503: "temporarily_unavailable" },
};
const otherCode: Readonly<Record<Service, string>> = {
  dataverse: "0x0",
  graph: "UnknownError",
  authority: "server_error",
};

function errorReply(org: Org, service: Service, fault: Fault): Reply {
  const status = fault.status ?? 503;
  const code = fault.code ?? codes[service][status] ?? otherCode[service];
  const message = fault.message ?? `injected: ${code}`;
  const { headers } = fault;
  if (service === "dataverse")
    return replyOf(answerProblem(org, problem(status, code, message, headers)));
  if (service === "graph")
    return replyOf(graphAnswer(problem(status, code, message, headers), org.now()));
  const body = { error: code, error_description: message };
  return replyOf({ status, body, ...(headers !== undefined && { headers }) });
}

/** The answer of a fault that stops a call before anything is committed (no reply: the socket is destroyed); undefined for the others. */
export function stoppedBy(
  org: Org,
  service: Service,
  fault: Fault | undefined,
): { readonly reply: Reply | undefined } | undefined {
  if (fault?.kind === "reset") return { reply: undefined };
  if (fault?.kind === "status") return { reply: errorReply(org, service, fault) };
  if (fault?.kind !== "html") return undefined;
  const reply = page(fault.status ?? 502, "Bad Gateway");
  return { reply: { ...reply, headers: { ...reply.headers, ...fault.headers } } };
}
