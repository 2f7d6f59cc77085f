import { Buffer } from "node:buffer";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { createServer } from "node:http";
import { controlPrefix, serveControl } from "../control/over-http.ts";
import type { EmulatorControl } from "../options.ts";
import type { Org } from "../org.ts";
import { toId18 } from "../ids.ts";
import type { Answer } from "./call.ts";
import type { Incoming, Outgoing } from "./gateway.ts";
import { serveApi, stoppedBy } from "./gateway.ts";
import { answerRevoke, answerToken } from "./oauth.ts";
import { versionList } from "./versions.ts";

const longestUrl = 16_384;

async function readText(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
  return chunks.length === 1 && chunks[0] !== undefined
    ? chunks[0].toString("utf8")
    : Buffer.concat(chunks).toString("utf8");
}

async function readRequest(message: IncomingMessage): Promise<Incoming> {
  const target = message.url ?? "/";
  const mark = target.indexOf("?");
  const headers: Record<string, string | undefined> = {};
  for (const [name, value] of Object.entries(message.headers))
    headers[name] = Array.isArray(value) ? value.join(", ") : value;
  return {
    method: message.method ?? "GET",
    path: mark === -1 ? target : target.slice(0, mark),
    query: mark === -1 ? "" : target.slice(mark + 1),
    headers,
    text: await readText(message),
  };
}

function page(title: string): Answer {
  const body = `<html><head><title>${title}</title></head><body>${title}</body></html>`;
  return { status: 200, body, headers: { "Content-Type": "text/html;charset=UTF-8" } };
}

/** Who the session belongs to: GET /id/<org>/<user>. */
function identity(org: Org, request: Incoming): Answer {
  const token = (request.headers["authorization"] ?? "").split(" ")[1] ?? "";
  if (!org.sessions.isOpen(token)) return { status: 403, body: "Bad_OAuth_Token" };
  const user = org.store.row(org.userId);
  const urls = { rest: `${org.url}/services/data/v{version}/` };
  const username = user?.values.get("Username") ?? null;
  return {
    status: 200,
    body: {
      id: `${org.url}${request.path}`,
      user_id: org.userId,
      organization_id: org.organizationId,
      username,
      urls,
    },
  };
}

/** Whatever is neither API nor control: sign-in, versions, record pages. */
function serveOther(org: Org, request: Incoming): Outgoing {
  const fault = org.faults.strikeCall(request.method, request.path);
  const stopped = stoppedBy(fault);
  if (stopped !== undefined) return stopped;
  const answer = otherAnswer(org, request);
  return {
    answer: fault?.kind === "replyLost" ? undefined : answer,
    cut: fault?.kind === "brokenJson",
    counted: false,
    records: 0,
  };
}

function otherAnswer(org: Org, request: Incoming): Answer {
  const { method, path } = request;
  if (path === "/services/oauth2/token" && method === "POST") {
    return answerToken(
      org,
      request.text,
      request.headers["content-type"] ?? "",
      request.headers["authorization"],
    );
  }
  if (path === "/services/oauth2/revoke" && method === "POST")
    return answerRevoke(org, request.text);
  if (path === "/services/data" || path === "/services/data/") return versionList();
  if (path.startsWith("/id/")) return identity(org, request);
  // <instance>/<Id> redirects to the record's page [R describe urls.uiDetailTemplate]; here it is a plain page.
  if (method === "GET" && toId18(path.slice(1)) !== undefined)
    return page("Emulated Salesforce record");
  return {
    status: 404,
    body: [{ message: "The requested resource does not exist", errorCode: "NOT_FOUND" }],
  };
}

function send(response: ServerResponse, out: Outgoing): void {
  if (out.answer === undefined) {
    response.destroy();
    return;
  }
  const { status, body, headers } = out.answer;
  const isHtml = headers?.["Content-Type"] !== undefined;
  const noBody = body === undefined || status === 204 || status === 304;
  const whole = noBody ? "" : isHtml && typeof body === "string" ? body : JSON.stringify(body);
  const text = out.cut ? whole.slice(0, Math.floor(whole.length / 2)) : whole;
  const type = whole === "" ? {} : { "Content-Type": "application/json;charset=UTF-8" };
  const length =
    status === 204 || status === 304 ? {} : { "Content-Length": Buffer.byteLength(text) };
  response.writeHead(status, { ...type, ...headers, ...length, Date: new Date().toUTCString() });
  response.end(text);
}

async function answer(
  org: Org,
  control: EmulatorControl,
  message: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const request = await readRequest(message);
  if (request.path.startsWith(controlPrefix)) {
    send(response, {
      answer: await serveControl(control, request),
      cut: false,
      counted: false,
      records: 0,
    });
    return;
  }
  const isApi = request.path.startsWith("/services/data/v");
  // GET URLs end at about 16 kB [U facts §2.5].
  const tooLong = (message.url ?? "").length > longestUrl;
  const long: Outgoing = {
    answer: { status: 414, body: "URI Too Long", headers: { "Content-Type": "text/html" } },
    cut: false,
    counted: false,
    records: 0,
  };
  const out = tooLong ? long : isApi ? await serveApi(org, request) : serveOther(org, request);
  const status = out.answer?.status ?? 0;
  org.calls.push({
    at: org.now(),
    method: request.method,
    path: request.path,
    status,
    records: out.records,
    api: out.counted,
  });
  if (out.counted) org.counted += 1;
  send(response, out);
}

/** Builds the HTTP server of an org; it does not listen yet. */
export function createEmulatorServer(org: Org, control: EmulatorControl): Server {
  const server = createServer(
    { maxHeaderSize: 65_536, keepAliveTimeout: 60_000 },
    (message, response) => {
      answer(org, control, message, response).catch((error: unknown) => {
        // The client went away, or the emulator itself broke: say which.
        if (response.destroyed || response.headersSent) return;
        const text = error instanceof Error ? error.message : "unknown";
        send(response, {
          answer: {
            status: 500,
            body: [{ errorCode: "UNKNOWN_EXCEPTION", message: `emulator: ${text}` }],
          },
          cut: false,
          counted: false,
          records: 0,
        });
      });
    },
  );
  return server;
}
