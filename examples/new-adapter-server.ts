// Cardbox, an invented CRM for new-adapter.ts: one table of activities over HTTP. It is strict, and it is nobody's product.
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

/** A person, as seeded. */
export type Person = { readonly id: string; name: string; email: string; phone: string };
/** A row of the one table. `version` counts its changes. */
export type Activity = { readonly id: string; readonly key: string; version: number; person: string | null } & Columns;
type Columns = { title: string; details: string; outcome: string; seconds: number | null; at: string | null; owner: string | null; done: boolean };

/** What the next batch meets. `lock` and `late` are as real CRMs do them: one row is held, or the answer never comes. */
export type Mishap = "cut" | "answerLost" | "busy" | "down" | "lock" | "hang";

/** The CRM from inside: what no API call shows. */
export type Cardbox = {
  readonly url: string;
  readonly apiKey: string;
  readonly people: Map<string, Person>;
  readonly activities: Map<string, Activity>;
  /** Merged people: from → into. */
  readonly merged: Map<string, string>;
  batches: number;
  sessions: number;
  mishap: Mishap | undefined;
  close(): Promise<void>;
};

type Json = Readonly<Record<string, unknown>>;
type Reply = { readonly status: number; readonly body?: unknown };

/** The columns, as the CRM describes them; anything else is refused. */
const columns = [
  { name: "title", label: "Title", type: "text", max: 120, required: true },
  { name: "details", label: "Details", type: "text", max: 4_000, required: false },
  { name: "outcome", label: "Outcome", type: "text", max: 60, required: false },
  { name: "seconds", label: "Talk time", type: "number", required: false },
  { name: "at", label: "Time", type: "time", required: false },
] as const;

/** Starts the CRM on a free port of this machine. */
export async function startCardbox(): Promise<Cardbox> {
  const box = { url: "", apiKey: "cardbox-key", people: new Map(), activities: new Map(), merged: new Map(), batches: 0, sessions: 1, mishap: undefined, close: async () => {} } satisfies Cardbox as Cardbox;
  const server = createServer((request, response) => {
    serve(box, request, response).catch(() => response.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return Object.assign(box, {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  });
}
