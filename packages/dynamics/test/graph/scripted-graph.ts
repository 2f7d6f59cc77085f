import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import { CrmError, systemClock } from "@wrapup/core";
import { onTestFinished } from "vitest";
import { createGraphClient } from "../../src/graph/client.ts";
import type { GraphClient, GraphClientSettings } from "../../src/graph/client.ts";

/** One request as it arrived. */
export type Arrived = {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly text: string;
};

/** What to do with one request: answer it by hand. */
export type Script = (response: ServerResponse, request: Arrived) => void;

/** A Graph that answers what a test writes down: for what the emulator never does. */
export const scriptedGraph = async (
  ...scripts: readonly Script[]
): Promise<{ readonly url: string; readonly arrived: readonly Arrived[] }> => {
  const arrived: Arrived[] = [];
  const server = createServer((message, response) => {
    const read = async (): Promise<void> => {
      let text = "";
      for await (const chunk of message) text += String(chunk);
      const { method = "", url = "", headers } = message;
      const request = { method, url, headers, text };
      const script = scripts[Math.min(arrived.length, scripts.length - 1)];
      arrived.push(request);
      script?.(response, request);
    };
    read().catch(() => response.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(async () => {
    const closed = once(server, "close");
    server.close();
    server.closeAllConnections();
    await closed;
  });
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return { url: `http://127.0.0.1:${port}`, arrived };
};

/** An address where nobody listens. */
export const closedPort = async (): Promise<string> => {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 1}`;
};

export const replies =
  (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Script =>
  (response) => {
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(body === undefined ? "" : typeof body === "string" ? body : JSON.stringify(body));
  };

export const errorBody = (code: string, message = "said the vendor") => ({
  error: { code, message, innerError: { "request-id": "r-1" } },
});

/** A token that must never be seen elsewhere. */
export const secret = "eyJ0.TOKEN-that-must-never-show.x";

export const clientAt = (origin: string, more: Partial<GraphClientSettings> = {}): GraphClient => {
  const client = createGraphClient({
    origin,
    tokens: { get: () => Promise.resolve(secret), renew: () => Promise.resolve(`${secret}-2`) },
    timeoutMs: 2_000,
    clock: systemClock,
    ...more,
  });
  onTestFinished(() => client.close());
  return client;
};

/** What a call that must fail throws. */
export const failure = async (work: Promise<unknown>): Promise<CrmError> => {
  const error: unknown = await work.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  if (!(error instanceof CrmError)) throw new Error("it did not throw a CrmError");
  return error;
};
