import { randomUUID } from "node:crypto";
import { STATUS_CODES } from "node:http";
import type { Org } from "../org.ts";
import { problem, Refusal } from "../problem.ts";
import { Undo } from "../write/undo.ts";
import type { Answer } from "./call.ts";
import { answerProblem } from "./error-body.ts";
import type { UnitStrikes } from "./faults.ts";
import type { Incoming, Scope } from "./operation.ts";
import { belowService, operate, ownScope } from "./operation.ts";
import type { Part } from "./multipart.ts";
import {
  badBatch,
  boundaryOf,
  hasBareLineFeed,
  notReadable,
  parseMultipart,
  parseRequest,
} from "./multipart.ts";
import { referenceOf, resolveReference } from "./references.ts";

/** A batch before it is carried out. `cut`: its text ends too early, so that its last body cannot be read. */
type Item =
  | { readonly kind: "single"; readonly part: Part; readonly cut: boolean }
  | { readonly kind: "changeSet"; readonly parts: readonly Part[]; readonly cut: boolean };

/** What a batch answers, and how much it did. */
export type BatchReply = {
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
  readonly operations: number;
  readonly writes: number;
};

/** One answer with the Content-ID of its request. */
type Told = { readonly answer: Answer; readonly contentId: string | undefined };

/** What one item came to: the answers of a whole change set, or the one of a request or of a change set that failed. */
type Outcome = { readonly told: readonly Told[]; readonly changeSet: boolean };

type Run = {
  readonly org: Org;
  readonly host: string;
  readonly nextUnit: () => UnitStrikes;
  writes: number;
};

const mostOperations = 1000;
const longestUrl = 65_536;

function itemOf(part: Part, cut: boolean): Item {
  const boundary = boundaryOf(part.headers["content-type"] ?? "");
  if (boundary === undefined) return { kind: "single", part, cut };
  const { parts, ended } = parseMultipart(part.content, boundary);
  if (parts.length === 0) throw badBatch("A change set is empty or its boundary is not found.");
  return { kind: "changeSet", parts, cut: cut || !(ended || isClosed(part.content, boundary)) };
}

// The line end after the closing delimiter of a change set belongs to the delimiter of the batch that follows it.
function isClosed(content: string, boundary: string): boolean {
  return content.endsWith(`--${boundary}--`);
}

function itemsOf(request: Incoming): readonly Item[] {
  const boundary = boundaryOf(request.headers["content-type"] ?? "");
  if (boundary === undefined) throw badBatch("A batch must be multipart/mixed with a boundary.");
  if (hasBareLineFeed(request.text)) throw notReadable();
  const { parts, ended } = parseMultipart(request.text, boundary);
  if (parts.length === 0) throw badBatch("The batch is empty or its boundary is not found.");
  const items = parts.map((part, at) => itemOf(part, !ended && at === parts.length - 1));
  const count = operationsOf(items);
  if (count > mostOperations)
    throw badBatch(`A batch may hold ${mostOperations} operations, not ${count}.`);
  return items;
}

function operationsOf(items: readonly Item[]): number {
  return items.reduce((sum, item) => sum + (item.kind === "single" ? 1 : item.parts.length), 0);
}

/** Brings the three ways to write an address to what is below the service root. */
function located(run: Run, request: Incoming, references: Scope["references"]): Incoming {
  if (request.path.length + request.query.length >= longestUrl)
    throw new Refusal(problem(400, "0x0", "The address is too long."));
  const origin = /^https?:\/\/[^/]+/i.exec(request.path)?.[0];
  if (origin !== undefined && !isOwn(run, origin))
    throw badBatch("The address of a part names another service.");
  const local = origin === undefined ? request.path : request.path.slice(origin.length);
  const below = belowService(local) ?? local;
  if (below.startsWith("/"))
    throw new Refusal(
      problem(404, "0x8006088a", "Resource not found for the segment of the path."),
    );
  const path = resolveReference(below, references);
  if (path.startsWith("$batch")) throw badBatch("A batch cannot hold another batch.");
  return { ...request, path };
}

function isOwn(run: Run, origin: string): boolean {
  const host = origin.slice(origin.indexOf("//") + 2).toLowerCase();
  return host === run.host.toLowerCase() || origin.toLowerCase() === run.org.url.toLowerCase();
}

/** Turns whatever an operation throws before it begins into its answer. */
function refusable({ org }: Run, undo: Undo, work: () => Answer): Answer {
  try {
    return work();
  } catch (error) {
    undo.rollback();
    if (error instanceof Refusal) return answerProblem(org, error.problem);
    throw error;
  }
}

function runSingle(run: Run, { part, cut }: Item & { kind: "single" }): Outcome {
  const unit = run.nextUnit();
  const answer = refusable(run, new Undo(), () => {
    const parsed = parseRequest(part);
    if (cut && parsed.text.trim() !== "") throw notReadable();
    const request = located(run, parsed, new Map());
    if (request.method !== "GET") run.writes += 1;
    const strike = unit(request.method, `/api/data/v9.2/${request.path}`);
    return operate(run.org, request, ownScope(strike));
  });
  return { told: [{ answer, contentId: part.headers["content-id"] }], changeSet: false };
}

/** The id under which the later parts of a change set know this one. */
function contentIdOf(part: Part, references: ReadonlyMap<string, string>): string {
  const contentId = part.headers["content-id"];
  if (contentId === undefined || contentId === "") throw badBatch("Content-ID header not present.");
  if (references.has(`$${contentId}`))
    throw badBatch(`The Content-ID '${contentId}' was found more than once in the change set.`);
  return contentId;
}

/** All or nothing: what fails takes the whole change set back and answers alone (facts §1.6). */
function runChangeSet(run: Run, { parts, cut }: Item & { kind: "changeSet" }): Outcome {
  const unit = run.nextUnit();
  const references = new Map<string, string>();
  const undo = new Undo();
  const told: Told[] = [];
  for (const [at, part] of parts.entries()) {
    const answer = refusable(run, undo, () => {
      const contentId = contentIdOf(part, references);
      const parsed = parseRequest(part);
      if (cut && at === parts.length - 1) throw notReadable();
      if (parsed.method === "GET") throw badBatch("GET is not allowed in a change set.");
      const request = located(run, parsed, references);
      run.writes += 1;
      const strike = unit(request.method, `/api/data/v9.2/${request.path}`);
      const made = operate(run.org, request, { undo, references, strike });
      references.set(`$${contentId}`, referenceOf(run.org, request.path, made));
      return made;
    });
    const contentId = part.headers["content-id"];
    if (answer.status >= 400) {
      const wrapped = run.org.options.changeSetError === "wrapped";
      return { told: [{ answer, contentId: wrapped ? contentId : undefined }], changeSet: wrapped };
    }
    told.push({ answer, contentId });
  }
  return { told, changeSet: true };
}

const partHead = "Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n";

function writeAnswer(lines: string[], { answer, contentId }: Told): void {
  const { status, headers = {}, body } = answer;
  lines.push(partHead);
  if (contentId !== undefined) lines.push(`Content-ID: ${contentId}\r\n`);
  lines.push(`\r\nHTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}\r\n`);
  if (status >= 400) lines.push(`REQ_ID: ${randomUUID()}\r\n`);
  const plain = typeof body === "string" && headers["Content-Type"] !== undefined;
  if (body !== undefined && headers["Content-Type"] === undefined)
    lines.push("Content-Type: application/json; odata.metadata=minimal\r\n");
  lines.push("OData-Version: 4.0\r\n");
  for (const [name, value] of Object.entries(headers)) {
    if (name === "OData-Version" || name === "Location") continue;
    // The documented transcripts name the row twice, whether it was created or changed.
    if (name === "OData-EntityId") lines.push(`Location: ${value}\r\n`);
    lines.push(`${name}: ${value}\r\n`);
  }
  lines.push("\r\n", body === undefined ? "" : plain ? body : JSON.stringify(body), "\r\n");
}

function writeOutcome(lines: string[], outcome: Outcome): void {
  if (!outcome.changeSet) {
    for (const told of outcome.told) writeAnswer(lines, told);
    return;
  }
  const boundary = `changesetresponse_${randomUUID()}`;
  lines.push(`Content-Type: multipart/mixed; boundary=${boundary}\r\n\r\n`);
  for (const told of outcome.told) {
    lines.push(`--${boundary}\r\n`);
    writeAnswer(lines, told);
  }
  lines.push(`--${boundary}--\r\n`);
}

/**
 * Carries a batch out, one operation after the other (facts §1.6). Without `Prefer: odata.continue-on-error` the first failure ends it,
 * and its status is the status of the whole. Throws Refusal when the text cannot be taken apart; then nothing was carried out.
 */
export function serveBatch(org: Org, request: Incoming, nextUnit: () => UnitStrikes): BatchReply {
  const items = itemsOf(request);
  const goesOn = (request.headers["prefer"] ?? "").includes("odata.continue-on-error");
  const run: Run = { org, host: request.headers["host"] ?? "", nextUnit, writes: 0 };
  const boundary = `batchresponse_${randomUUID()}`;
  const lines: string[] = [];
  let status = 200;
  for (const item of items) {
    const outcome = item.kind === "single" ? runSingle(run, item) : runChangeSet(run, item);
    lines.push(`--${boundary}\r\n`);
    writeOutcome(lines, outcome);
    const failed = outcome.told.find(({ answer }) => answer.status >= 400);
    if (failed === undefined || goesOn) continue;
    status = failed.answer.status;
    break;
  }
  lines.push(`--${boundary}--\r\n`);
  return {
    status,
    contentType: `multipart/mixed; boundary=${boundary}`,
    text: lines.join(""),
    operations: operationsOf(items),
    writes: run.writes,
  };
}
