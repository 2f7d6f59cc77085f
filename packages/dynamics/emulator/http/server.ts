import { Buffer } from "node:buffer";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { createServer } from "node:http";
import { controlPrefix, serveControl } from "../control/over-http.ts";
import type { EmulatorControl } from "../options.ts";
import type { Org } from "../org.ts";
import { serveAuthority } from "./authority.ts";
import type { Outgoing } from "./gateway.ts";
import { idle, serveDataverse, serveMail, withFaults } from "./gateway.ts";
import type { Incoming } from "./operation.ts";
import type { Reply } from "./reply.ts";
import { page, replyOf } from "./reply.ts";
import type { Service } from "./stopped.ts";

/** GET addresses may be that long (facts §1.1). */
const longestUrl = 32_768;

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
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(message.headers))
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(", ") : value;
  return {
    method: message.method ?? "GET",
    path: mark === -1 ? target : target.slice(0, mark),
    query: mark === -1 ? "" : target.slice(mark + 1),
    headers,
    text: await readText(message),
  };
}

function send(response: ServerResponse, reply: Reply | undefined): void {
  if (reply === undefined) {
    response.destroy();
    return;
  }
  const { status, headers, text } = reply;
  const length =
    status === 204 || status === 304 ? {} : { "Content-Length": Buffer.byteLength(text) };
  response.writeHead(status, { ...headers, ...length, Date: new Date().toUTCString() });
  response.end(text);
}

/** Whatever of the first server is neither API nor control: sign-in, and the page of a record. */
function serveSignIn(org: Org, request: Incoming): Promise<Outgoing> {
  return withFaults(org, "authority", request, async () => {
    const answer = serveAuthority(org, request);
    if (answer !== undefined) return idle(replyOf(answer));
    const isPage = request.method === "GET" && request.path === "/main.aspx";
    return idle(isPage ? page(200, "Emulated Dynamics 365 record") : page(404, "Not Found"));
  });
}

function serviceOf(path: string, isGraph: boolean): Service {
  if (isGraph) return "graph";
  return path.startsWith("/api/") ? "dataverse" : "authority";
}

function serveService(org: Org, service: Service, request: Incoming): Promise<Outgoing> {
  const length = request.path.length + request.query.length;
  if (request.method === "GET" && length >= longestUrl)
    return Promise.resolve(idle(page(414, "URI Too Long")));
  if (service === "dataverse") return serveDataverse(org, request);
  if (service === "authority") return serveSignIn(org, request);
  if (request.path.startsWith("/v1.0/")) return serveMail(org, request);
  const body = { error: { code: "BadRequest", message: "Invalid version." } };
  return Promise.resolve(idle(replyOf({ status: 400, body })));
}

async function answer(org: Org, request: Incoming, isGraph: boolean): Promise<Reply | undefined> {
  const service = serviceOf(request.path, isGraph);
  const { reply, counted, operations, writes } = await serveService(org, service, request);
  const status = reply?.status ?? 0;
  const { method, path } = request;
  org.calls.push({ at: org.now(), service, method, path, status, operations, writes });
  if (counted) org.counted += 1;
  return reply;
}

function listener(
  work: (request: Incoming) => Promise<Reply | undefined>,
): (message: IncomingMessage, response: ServerResponse) => void {
  return (message, response) => {
    readRequest(message)
      .then(work)
      .then((reply) => send(response, reply))
      .catch((error: unknown) => {
        // The client went away, or the emulator itself broke: say which.
        if (response.destroyed || response.headersSent) return;
        const text = error instanceof Error ? error.message : "unknown";
        const body = { error: { code: "0x80040216", message: `emulator: ${text}` } };
        send(response, replyOf({ status: 500, body }));
      });
  };
}

const settings = { maxHeaderSize: 131_072, keepAliveTimeout: 60_000 };

/** Builds the server of Dataverse and of the sign-in authority; it does not listen yet. */
export function createMainServer(org: Org, control: EmulatorControl): Server {
  return createServer(
    settings,
    listener(async (request) =>
      request.path.startsWith(controlPrefix)
        ? replyOf(await serveControl(control, request))
        : answer(org, request, false),
    ),
  );
}

/** Builds the server of Graph, which is a service of its own; it does not listen yet. */
export function createGraphServer(org: Org): Server {
  return createServer(
    settings,
    listener((request) => answer(org, request, true)),
  );
}
