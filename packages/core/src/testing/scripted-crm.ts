import type {
  Abilities,
  Answer,
  Context,
  CrmAdapter,
  CrmRecord,
  Draft,
  Fields,
  Mapping,
  RecordId,
  Write,
} from "../index.ts";
import { answerOf, CrmError } from "../index.ts";
import {
  amended,
  describe,
  knownTypes,
  matches,
  receiptOf,
  type ScriptedRow,
} from "./scripted-row.ts";

/** What the next requests meet, one entry each; `undefined` lets one pass. */
export type ScriptedFault =
  /** The request never arrives. */
  | { readonly is: "lostBefore" }
  /** It is carried out, but the answer gets lost. */
  | { readonly is: "lostAfter" }
  /** The CRM says no to the whole request. */
  | { readonly is: "fails"; readonly error: CrmError }
  /** One answer for every write whose key or link it names; the others pass. */
  | { readonly is: "answers"; readonly when: (write: Write) => boolean; readonly answer: Answer }
  /** The adapter breaks its promise. */
  | { readonly is: "throws"; readonly error: Error };

/** A CRM in memory behind a real adapter: for tests of apps and of core, without HTTP. */
export type ScriptedCrm = {
  readonly adapter: CrmAdapter;
  /** Live activities, by key: the far side as it is, not as anybody believes. */
  readonly rows: ReadonlyMap<string, ScriptedRow>;
  /** Every request so far: its writes. */
  readonly requests: readonly (readonly Write[])[];
  /** Meets the next requests in order. */
  readonly script: (...faults: readonly (ScriptedFault | undefined)[]) => void;
  /** A record that can be found and linked. */
  readonly addRecord: (record: CrmRecord) => void;
  /** People delete something. */
  readonly remove: (id: string) => void;
  /** Records that agents created. */
  readonly createdCount: () => number;
  /** People change fields of an activity. */
  readonly edit: (id: string, fields: Fields) => void;
  /** The CRM loses what it knows of a key, so that the next put makes a second row: for breaking things on purpose. */
  readonly forget: (key: string) => void;
  /** Runs before each request is carried out; a promise delays it. */
  readonly onRequest: (listener: (writes: readonly Write[]) => Promise<void> | void) => void;
  readonly users: Map<string, string>;
};

/** The mapping the scripted CRM suggests. */
export const scriptedMapping: Mapping = {
  activities: {},
  otherwise: {
    type: "activity",
    fields: {
      subject: { template: "{interaction.channel} with {customer.name}" },
      start: { fact: "start", as: "dateTime" },
      end: { fact: "end", as: "dateTime" },
      duration: { fact: "talkSeconds" },
      disposition: { fact: "disposition" },
      direction: { fact: "interaction.direction" },
    },
    body: {
      field: "description",
      facts: ["notes.inbound", "recordingUrl", "summary", "interaction.parentKey"],
    },
  },
};

/** Makes a CRM in memory. `now` stamps rows; abilities can be narrowed for a test. */
export function scriptedCrm(
  options: { readonly now?: () => number; readonly abilities?: Partial<Abilities> } = {},
): ScriptedCrm {
  const { now = () => Date.now() } = options;
  const rows = new Map<string, ScriptedRow>();
  const records = new Map<string, CrmRecord>();
  const created = new Map<string, CrmRecord>();
  const users = new Map<string, string>();
  const requests: (readonly Write[])[] = [];
  const faults: (ScriptedFault | undefined)[] = [];
  const listeners: ((writes: readonly Write[]) => Promise<void> | void)[] = [];
  let lastId = 0;
  const abilities: Abilities = {
    maxBatch: 50,
    maxConcurrent: 8,
    linkRules: { roles: [{ name: "on", types: "others", max: 2 }], apart: [], order: ["*"] },
    kinds: ["activity"],
    once: "key",
    completedIsFrozen: false,
    ...options.abilities,
  };
  const carryOut = (write: Write): Answer => {
    const there = rows.get(write.entry.key);
    if (write.op === "retract") {
      if (there?.edited === true) {
        rows.set(there.key, { ...there, entry: { ...there.entry, roles: {} } });
        return { is: "removed", how: "unlinked" };
      }
      if (there !== undefined) rows.delete(write.entry.key);
      return { is: "removed", how: "deleted" };
    }
    if (write.op === "put" && there !== undefined)
      return { is: "written", how: "already", receipt: receiptOf(there) };
    if (write.op === "amend" && (there === undefined || there.id !== write.receipt.ref.id))
      return { is: "gone" };
    lastId += there === undefined ? 1 : 0;
    const after = amended(there, write);
    const made: ScriptedRow = {
      id: there?.id ?? `a${lastId}`,
      key: write.entry.key,
      entry: after.entry,
      createdAt: there?.createdAt ?? now(),
      writes: (there?.writes ?? 0) + 1,
      edited: there?.edited ?? false,
    };
    rows.set(made.key, made);
    return {
      is: "written",
      how: there === undefined ? "created" : "updated",
      receipt: receiptOf(made),
      warnings: after.warnings,
    };
  };
  const push = async (writes: readonly Write[], context: Context): Promise<readonly Answer[]> => {
    requests.push(writes);
    for (const listener of listeners) await listener(writes);
    const fault = faults.shift();
    context.observe({ usage: { used: requests.length, limit: 1_000_000 } });
    switch (fault?.is) {
      case undefined:
        return writes.map(carryOut);
      case "throws":
        throw fault.error;
      case "fails":
        return writes.map(() => answerOf(fault.error));
      case "answers":
        return writes.map((write) => (fault.when(write) ? fault.answer : carryOut(write)));
      case "lostAfter":
        for (const write of writes) carryOut(write);
        break;
      case "lostBefore":
    }
    return writes.map(() => answerOf(new CrmError("unreachable", "maybe", "the answer got lost")));
  };
  const adapter: CrmAdapter = {
    contract: 1,
    name: "ScriptedCRM",
    defaults: {
      mapping: scriptedMapping,
      searchOrder: ["person"],
      creatable: ["person", "ticket"],
    },
    check: async () => ({ abilities, findings: [] }),
    requestOf: (write) => write.op,
    push,
    reads: {
      describe: async (types) => types.filter((type) => knownTypes.has(type)).map(describe),
      search: async (query) =>
        [...records.values(), ...created.values()]
          .filter(
            (record) => query.types.includes(record.ref.type) && matches(record.fields, query),
          )
          .slice(0, query.limit),
      get: async (refs) =>
        refs.map(
          (ref) =>
            records.get(idOf(ref)) ??
            [...created.values()].find((record) => idOf(record.ref) === idOf(ref)),
        ),
      related: async () => [],
    },
    usersOf: async (agents) => agents.map((agent) => users.get(agent.id)),
    createRecord: async (draft: Draft) => {
      const before = created.get(draft.key);
      if (before !== undefined) return { is: "already", record: before };
      lastId += 1;
      const ref = { type: draft.type, id: `r${lastId}` };
      const record: CrmRecord = {
        ref,
        title: String(draft.fields["name"] ?? draft.type),
        url: `https://crm.example/${ref.id}`,
        fields: draft.fields,
      };
      created.set(draft.key, record);
      return { is: "created", record };
    },
    openUrl: (ref) => `https://crm.example/${ref.id}`,
    close: async () => undefined,
  };
  return {
    adapter,
    rows,
    requests,
    users,
    script: (...next) => void faults.push(...next),
    addRecord: (record) => void records.set(idOf(record.ref), record),
    remove: (id) => {
      for (const [key, row] of rows) if (row.id === id) rows.delete(key);
      for (const [key, record] of records) if (record.ref.id === id) records.delete(key);
    },
    createdCount: () => created.size,
    edit: (id, fields) => {
      for (const [key, row] of rows)
        if (row.id === id)
          rows.set(key, {
            ...row,
            edited: true,
            entry: { ...row.entry, fields: { ...row.entry.fields, ...fields } },
          });
    },
    forget: (key) => {
      const row = rows.get(key);
      if (row === undefined) return;
      rows.delete(key);
      rows.set(`${key} (forgotten ${rows.size})`, row);
    },
    onRequest: (listener) => void listeners.push(listener),
  };
}

const idOf = ({ type, id }: RecordId): string => `${type}/${id}`;
