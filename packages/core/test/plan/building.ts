/** Small builders of what planning reads, so that a test names only what it is about. */
import type { Abilities, LinkRules, Write } from "../../src/adapter/contract.ts";
import type { Entry } from "../../src/model/entry.ts";
import type { Interaction, Link } from "../../src/model/interaction.ts";
import { freshRow, type Row } from "../../src/model/ledger.ts";
import type { Leg } from "../../src/model/leg.ts";
import type { Mapping } from "../../src/model/mapping.ts";
import { compileMapping } from "../../src/plan/map.ts";
import type { Setup } from "../../src/plan/wanted.ts";

export const nineOClock = Date.parse("2026-03-02T09:00:00Z");

/** One who (contact or lead), one what (all others), and a lead stands apart from any what. */
export const whoWhat: LinkRules = {
  roles: [
    { name: "who", types: ["contact", "lead"], max: 1 },
    { name: "what", types: "others", max: 1 },
  ],
  apart: [["lead", "what"]],
  order: ["case", "opportunity", "*", "account"],
};

/** Many parties, one regarding. */
export const partiesRegarding: LinkRules = {
  roles: [
    { name: "party", types: ["contact", "account", "lead"], max: 50 },
    { name: "regarding", types: "others", max: 1 },
  ],
  apart: [],
  order: ["case", "*"],
};

export const abilities = (over: Partial<Abilities> = {}): Abilities => ({
  maxBatch: 200,
  maxConcurrent: 4,
  linkRules: whoWhat,
  kinds: ["activity"],
  once: "key",
  completedIsFrozen: false,
  ...over,
});

export const plainMapping: Mapping = {
  activities: {},
  otherwise: {
    type: "Log",
    fields: {
      Title: { fact: "subject" },
      Talk: { fact: "talkSeconds" },
      Outcome: { fact: "disposition" },
    },
  },
};

export const setupOf = (
  over: Partial<Setup> & { readonly map?: Mapping; readonly zone?: string } = {},
): Setup => {
  const { map = plainMapping, zone = "UTC", ...rest } = over;
  return {
    tenant: "t",
    connection: "c-1",
    connectionName: "crm",
    abilities: abilities(),
    mapping: compileMapping(map, undefined, zone),
    unlinked: "skip",
    onUnlink: "retract",
    ownerOf: (agent) =>
      agent === undefined ? { fallback: false } : { owner: `user-${agent.id}`, fallback: false },
    ...rest,
  };
};

export const legOf = (over: Partial<Leg> = {}): Leg => ({
  id: "l-1",
  role: "agent",
  state: "connected",
  agent: { id: "a-1", name: "Elinor", email: "elinor@classics.example" },
  startedAt: nineOClock,
  answeredAt: nineOClock + 10_000,
  heldMs: 0,
  recorded: { lastEvent: nineOClock },
  facts: {},
  ...over,
});

/** A voice leg that talked 100 s and wrapped up 20 s. */
export const closedLeg = (over: Partial<Leg> = {}): Leg =>
  legOf({
    state: "closed",
    closed: "completed",
    talkEndedAt: nineOClock + 110_000,
    endedAt: nineOClock + 130_000,
    recorded: { lastEvent: nineOClock + 130_000, closed: nineOClock + 130_000 },
    disposition: "resolved",
    ...over,
  });

export const linkOf = (
  record: string,
  over: Partial<Omit<Link, "record">> & { readonly connection?: string } = {},
): Link => {
  const { connection = "crm", ...rest } = over;
  const [type = "", id = ""] = record.split("/");
  return { record: { type, id, connection }, fromLeg: 0, at: nineOClock, ...rest };
};

export const interactionOf = (over: Partial<Interaction> = {}): Interaction => ({
  tenant: "t",
  id: "i-1",
  version: 1,
  channel: "voice",
  direction: "inbound",
  status: "open",
  per: "leg",
  parentKey: "wu-i-1",
  startedAt: nineOClock,
  card: {
    fields: {
      name: { value: "Marianne Dashwood", from: "channel", at: nineOClock },
      phone: { value: "+14155550100", from: "channel", at: nineOClock },
    },
  },
  log: {},
  legs: [closedLeg()],
  offers: [],
  links: [linkOf("contact/1")],
  notes: [],
  drafts: [],
  mails: [],
  facts: {},
  connections: ["crm"],
  over: false,
  recordedAt: nineOClock + 130_000,
  ...over,
});

export const entryOf = (over: Partial<Entry> = {}): Entry => ({
  key: "k-1",
  kind: "activity",
  leg: "l-1",
  slot: 0,
  type: "Log",
  fields: { Title: "a" },
  roles: { who: [{ type: "contact", id: "1" }] },
  final: true,
  touches: ["contact/1"],
  warnings: [],
  ...over,
});

export const rowOf = (over: Partial<Row> = {}): Row => ({ ...freshRow("k-1"), ...over });

/** A row whose entry is in the CRM. */
export const writtenRow = (entry: Entry, over: Partial<Row> = {}): Row =>
  rowOf({
    key: entry.key,
    state: "written",
    written: entry,
    made: entry,
    receipt: { ref: { type: entry.type, id: `id-${entry.key}` } },
    tries: 1,
    ...over,
  });

export const putOf = (entry: Entry = entryOf(), maybeSent = false): Write => ({
  op: "put",
  entry,
  maybeSent,
});
