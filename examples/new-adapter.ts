// An adapter for an invented CRM, Cardbox, written from docs/writing-an-adapter.md. Run it: node examples/new-adapter.ts
import { answerOf, CrmError, createWrapup, memoryStore } from "@wrapup/core";
import type * as core from "@wrapup/core";
import { startCardbox } from "./new-adapter-server.ts";

const abilities: core.Abilities = {
  maxBatch: 50,
  maxConcurrent: 4,
  linkRules: { roles: [{ name: "person", types: ["person"], max: 1 }], apart: [], order: ["*"] },
  kinds: ["activity"],
  once: "key",
  completedIsFrozen: false,
};

const mapping: core.Mapping = {
  activities: {},
  otherwise: {
    type: "activity",
    fields: {
      title: { template: "{interaction.channel} with {customer.name}" },
      outcome: { fact: "disposition" },
      seconds: { fact: "talkSeconds" },
    },
    body: { field: "details", facts: ["agent.name", "notes.inbound", "summary", "recordingUrl"] },
  },
};

/** What is written beside the mapped fields: the link, and how far it is. */
const personOf = ({ roles }: core.Entry) => ({ person: roles["person"]?.[0]?.id ?? null });
const stateOf = ({ owner, final }: core.Entry) => ({ owner: owner ?? null, done: final });

/** One write in Cardbox's words. */
function itemOf(write: core.Write): object {
  const { entry, op } = write;
  const { key, fields } = entry;
  if (op === "put") return { op, key, row: { ...fields, ...personOf(entry), ...stateOf(entry) } };
  // Cardbox itself keeps a row that people edited, and only takes its link away.
  if (op === "retract") return { op, key };
  const { changed, made, receipt, relinked, reowned } = write;
  const beside = { ...(relinked && personOf(entry)), ...(reowned && stateOf(entry)) };
  // Cardbox itself leaves columns alone that are no longer as they were.
  return { op, id: receipt.ref.id, was: made.fields, row: { ...changed, ...beside } };
}

const theirs = "People edited it: their value stays.";
const editedOf = (left: string): readonly core.Warning[] =>
  (left.match(/\w+/gu) ?? []).map((field) => ({ code: "editedInCrm", field, text: theirs }));
const kept: core.Warning = { code: "keptInCrm", text: "People edited it: only its link went." };

/** What Cardbox said to one write. Its messages repeat customers' words, so they are never passed on. */
function answerTo({ entry, op }: core.Write, said: core.Fields = {}): core.Answer {
  const { code, id, field, into, left } = said;
  const receipt = { ref: { type: entry.type, id: `${id}` } };
  switch (code) {
    case "created":
      return { is: "written", how: "created", receipt };
    case "there":
      return { is: "written", how: "already", receipt };
    case "updated":
      return { is: "written", how: "updated", receipt, warnings: editedOf(`${left ?? ""}`) };
    case "deleted":
      return { is: "removed", how: "deleted" };
    case "letGo":
      return { is: "removed", how: "unlinked", warnings: [kept] };
    case "gone":
      return op === "retract" ? { is: "removed", how: "deleted" } : { is: "gone" };
    case undefined:
      return { is: "retry", why: "transient", sent: "maybe", reason: "Cardbox left it out" };
    case "locked":
      return { is: "retry", why: "lock", sent: "no", reason: "Somebody holds the row" };
    case "unknownPerson":
      return { is: "refused", why: "notFound", reason: "The linked person is not in Cardbox" };
    case "merged":
      return { is: "moved", from: person(personOf(entry).person), to: person(into) };
    default:
      return { is: "refused", why: "validation", reason: `Cardbox refuses ${field}` };
  }
}

const person = (id: unknown): core.RecordId => ({ type: "person", id: String(id) });

/** Statuses of a request that was surely not carried out; others leave that open. */
const surely: Record<number, core.Trouble> = { 401: "auth", 404: "schema", 429: "throttled" };

/** Where Cardbox is. `apiKey` is a secret: it is in no error and no log. */
export type Cardbox = { readonly url: string; readonly apiKey: string };

/** One request, one attempt. What Cardbox answers is a list of flat rows. */
export async function call(of: Cardbox, path: string, signal: AbortSignal, body?: object) {
  const sent = body === undefined ? "no" : "maybe";
  const headers = { Authorization: `Bearer ${of.apiKey}` };
  const more = body && { method: "POST", body: JSON.stringify(body) };
  try {
    const reply = await fetch(of.url + path, { signal, headers, ...more });
    if (reply.ok) return rowsIn(await reply.json());
    const why = surely[reply.status];
    const wait = reply.headers.get("Retry-After");
    const after = wait === null ? {} : { afterMs: Number(wait) * 1_000 };
    const text = `Cardbox answered ${reply.status}`;
    throw new CrmError(why ?? "unreachable", why === undefined ? sent : "no", text, after);
  } catch (cause) {
    if (cause instanceof CrmError) throw cause;
    throw new CrmError("unreachable", sent, "Cardbox did not answer", { cause });
  }
}

/** Cardbox for Wrapup. */
export const cardbox = (of: Cardbox): core.CrmAdapter => ({
  contract: 1,
  name: "Cardbox",
  defaults: { mapping, searchOrder: [], creatable: [] },
  check: async ({ signal }) => {
    await call(of, "/columns", signal);
    return { abilities, findings: [] };
  },
  requestOf: () => "batch",
  push: async (writes, { signal }) => {
    try {
      const said = await call(of, "/batch", signal, writes.map(itemOf));
      return writes.map((write, n) => answerTo(write, said[n]));
    } catch (error) {
      if (error instanceof CrmError) return writes.map(() => answerOf(error));
      throw error;
    }
  },
  close: async () => undefined,
});

const isRow = (row: unknown): row is core.Fields => typeof row === "object" && row !== null;

function rowsIn(json: unknown): readonly core.Fields[] {
  if (Array.isArray(json) && json.every(isRow)) return json;
  throw new TypeError("not a list of rows");
}

if (process.argv[1] === import.meta.filename) {
  const crm = await startCardbox();
  console.log("This story talks to Cardbox, an invented CRM on this machine.");
  const app = await createWrapup({ store: memoryStore(), connections: { box: cardbox(crm) } });
  const customer = { name: "Mara Huber" };
  const chat = await app.interactions.start({ id: "c-1", channel: "chat", customer });
  const leg = await chat.accept({ agent: { id: "a-7" } });
  await chat.link({ connection: "box", ...person(crm.addPerson(customer)) });
  await leg.unassign({ disposition: "Helped" });
  await app.drain();
  for (const row of crm.activities.values()) console.log(`Cardbox holds "${row["title"]}".`);
  console.log((await chat.explain()).connections[0]?.why);
  await app.close();
  await crm.close();
}
