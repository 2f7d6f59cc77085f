import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { enterMailbox, graphAnswer, serveGraph } from "../graph/serve-graph.ts";
import type { Fault } from "../options.ts";
import type { Org } from "../org.ts";
import { Refusal } from "../problem.ts";
import { serveBatch } from "./batch.ts";
import type { Answer } from "./call.ts";
import { dataverseDoor, graphDoor } from "./doors.ts";
import { answerProblem } from "./error-body.ts";
import type { Incoming } from "./operation.ts";
import { belowService, operate, ownScope } from "./operation.ts";
import type { Reply } from "./reply.ts";
import { cutInHalf, replyOf } from "./reply.ts";
import type { Service } from "./stopped.ts";
import { stoppedBy } from "./stopped.ts";

/** What goes back: an answer, or the end of the socket. */
export type Outgoing = {
  readonly reply: Reply | undefined;
  /** It counted against service protection. */
  readonly counted: boolean;
  readonly operations: number;
  readonly writes: number;
};

const tenMinutes = 600_000;

/** An answer that did nothing. */
export const idle = (reply: Reply | undefined): Outgoing => ({
  reply,
  counted: false,
  operations: 1,
  writes: 0,
});

function after(fault: Fault | undefined, out: Outgoing): Outgoing {
  if (fault?.kind === "replyLost") return { ...out, reply: undefined };
  if (fault?.kind !== "brokenBody" || out.reply === undefined) return out;
  return { ...out, reply: cutInHalf(out.reply) };
}

async function wait(org: Org, fault?: Fault): Promise<void> {
  if (org.latencyMs > 0) await sleep(org.latencyMs);
  if (fault?.kind === "hang") await sleep(fault.ms ?? tenMinutes, undefined, { ref: false });
}

/** Serves one call with the faults that are armed for it: those that stop it, and those that lose or break its answer. */
export async function withFaults(
  org: Org,
  service: Service,
  request: Incoming,
  work: (fault: Fault | undefined) => Promise<Outgoing>,
): Promise<Outgoing> {
  const fault = org.faults.strikeCall(request.method, request.path);
  const stopped = stoppedBy(org, service, fault);
  if (stopped === undefined) return after(fault, await work(fault));
  if (service !== "authority") await wait(org);
  return idle(stopped.reply);
}

/** What every answer of Dataverse carries (facts §1.1, §1.8). */
function dataverseHeaders(org: Org): Readonly<Record<string, string>> {
  return {
    "x-ms-service-request-id": randomUUID(),
    "x-ms-dop-hint": String(org.options.dopHint ?? 8),
    "OData-Version": "4.0",
    ...org.protection.headers(),
  };
}

function answerBatch(org: Org, request: Incoming): Outgoing {
  const batch = serveBatch(org, request, org.faults.strikeUnits(request.method, request.path));
  const { status, contentType, text, operations, writes } = batch;
  const reply = { status, headers: { "Content-Type": contentType }, text };
  return { reply, counted: true, operations, writes };
}

function answerSingle(org: Org, request: Incoming, below: string): Outgoing {
  const unit = org.faults.strikeUnits(request.method, request.path)();
  const scope = ownScope(unit(request.method, request.path));
  const answer = operate(org, { ...request, path: below }, scope);
  const writes = request.method === "GET" ? 0 : 1;
  return { reply: replyOf(answer), counted: true, operations: 1, writes };
}

function answerDataverse(org: Org, request: Incoming): Outgoing {
  const below = belowService(request.path) ?? "";
  if (request.method !== "POST" || below !== "$batch") return answerSingle(org, request, below);
  try {
    return answerBatch(org, request);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { ...idle(replyOf(answerProblem(org, error.problem))), counted: true };
  }
}

/** Serves one request to Dataverse: its faults, its door, service protection, its latency, and the work. */
export function serveDataverse(org: Org, request: Incoming): Promise<Outgoing> {
  return withFaults(org, "dataverse", request, async (fault) => {
    const refused = dataverseDoor(org, request) ?? org.protection.enter();
    if (refused !== undefined) {
      await wait(org);
      return withHeaders(idle(replyOf(answerProblem(org, refused))), dataverseHeaders(org));
    }
    const started = performance.now();
    try {
      await wait(org, fault);
      const out = answerDataverse(org, request);
      if (org.operationMs > 0) await sleep(org.operationMs * out.operations);
      return withHeaders(out, dataverseHeaders(org));
    } finally {
      org.protection.leave(performance.now() - started);
    }
  });
}

function withHeaders(out: Outgoing, headers: Readonly<Record<string, string>>): Outgoing {
  if (out.reply === undefined) return out;
  return { ...out, reply: { ...out.reply, headers: { ...headers, ...out.reply.headers } } };
}

function parsedOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function answerGraph(org: Org, request: Incoming, call: Parameters<typeof serveGraph>[1]): Answer {
  const strike = org.faults.strikeUnits(request.method, request.path)();
  const struck = strike(request.method, request.path)("");
  return struck === undefined ? serveGraph(org, call) : graphAnswer(struck, org.now());
}

/** Serves one request to Graph: its faults, its door, the mailbox's limit, its latency, and the work. */
export function serveMail(org: Org, request: Incoming): Promise<Outgoing> {
  return withFaults(org, "graph", request, async (fault) => {
    const { method, query, headers } = request;
    const path = request.path.slice("/v1.0/".length);
    const call = { method, path, query, headers, body: parsedOr(request.text) };
    const refused = graphDoor(org, request);
    const entered = refused ?? enterMailbox(org, call);
    await wait(org, fault);
    if (typeof entered !== "function") return idle(replyOf(entered));
    try {
      const answer = answerGraph(org, request, call);
      const told = headers["client-request-id"] ?? randomUUID();
      const ids = { "request-id": randomUUID(), "client-request-id": told };
      const out = idle(replyOf(answer));
      return withHeaders({ ...out, writes: method === "GET" ? 0 : 1 }, ids);
    } finally {
      entered();
    }
  });
}
