import assert from "node:assert/strict";
import type {
  Applied,
  Claim,
  Decision,
  Entry,
  Interaction,
  InteractionKey,
  Lane,
  Row,
  Store,
} from "../../index.ts";

/** A store as a law gets it: fresh, empty and open. */
export type StoreUnderTest = {
  readonly store: Store;
  /** Moves the store's clock on. */
  readonly advance: (ms: number) => Promise<void>;
  /** Another handle on the same medium, as a second process would have; absent where there can be none. */
  readonly second?: () => Promise<Store>;
  /** Closes `store` and opens the same medium anew; absent where nothing survives a close. */
  readonly reopen?: () => Promise<Store>;
  /** Puts everything away, every handle included. */
  readonly close: () => Promise<void>;
};

export const tenant = "classics";
export const connection = "sales";
export const sales = { tenant, connection } as const;
export const support = { tenant, connection: "support" } as const;
export const minute = 60_000;
export const day = 24 * 60 * minute;

export const keyOf = (interaction: string, of: string = tenant): InteractionKey => ({
  tenant: of,
  interaction,
});

/** An interaction nothing has happened to. */
export const blank = ({ tenant, interaction: id }: InteractionKey, at: number): Interaction => ({
  tenant,
  id,
  version: 0,
  channel: "voice",
  direction: "inbound",
  status: "open",
  per: "leg",
  parentKey: id,
  startedAt: at,
  card: { fields: {} },
  log: {},
  legs: [],
  offers: [],
  links: [],
  notes: [],
  drafts: [],
  mails: [],
  facts: {},
  connections: [connection],
  over: false,
  recordedAt: at,
});

/** What a law wants recorded, beyond one version more and one line of history. */
export type Recording = {
  readonly wake?: readonly string[];
  readonly deadline?: number;
  readonly event?: { readonly id: string; readonly content: string };
  readonly changed?: Partial<Interaction>;
  /** How much the version grows: 1. */
  readonly versions?: number;
};

/** Records a change and wakes the lane of `sales`, where nothing else is said. */
export const record = (
  store: Store,
  of: InteractionKey,
  recording: Recording = {},
): Promise<Applied> =>
  store.transact(of, recording.event, (now, at) => decisionOf(now ?? blank(of, at), at, recording));

export const decisionOf = (
  now: Interaction,
  at: number,
  { wake, deadline, changed, versions = 1 }: Recording = {},
): Decision => {
  const version = now.version + versions;
  return {
    next: { ...now, ...changed, version, recordedAt: at },
    wake: wake ?? [connection],
    ...(deadline !== undefined && { deadline }),
    history: [{ at, what: "recorded", text: `version ${version}` }],
  };
};

/** Records one change in each of several interactions, one after another. */
export async function recordAll(store: Store, names: readonly string[]): Promise<void> {
  for (const name of names) await record(store, keyOf(name));
}

export const claimAll = (
  store: Store,
  more: Partial<Parameters<Store["claim"]>[0]> = {},
): Promise<readonly Claim[]> => store.claim({ ...sales, limit: 100, leaseMs: minute, ...more });

/** The only lane that is ready. */
export async function claimOne(
  store: Store,
  more: Partial<Parameters<Store["claim"]>[0]> = {},
): Promise<Claim> {
  const [claim, ...others] = await claimAll(store, more);
  assert.ok(claim !== undefined && others.length === 0, "exactly one lane can be claimed");
  return claim;
}

export const namesOf = (claims: readonly Claim[]): readonly string[] =>
  claims.map(({ lane }) => lane.interaction);

const sampleEntry = (key: string, text: string): Entry => ({
  key,
  kind: "activity",
  leg: "leg-1",
  slot: 0,
  type: "log",
  fields: { text },
  roles: { on: [{ type: "person", id: "p-1" }] },
  final: true,
  touches: ["person/p-1"],
  warnings: [],
});

/** The change of an event that was seen before. */
export const neverRun = (): never => assert.fail("the change of a repeated event was run");

/** A row on its way: kept before its request leaves. */
export const sendingRow = (key: string, text: string): Row => ({
  key,
  state: "open",
  sending: sampleEntry(key, text),
  maybeSent: true,
  attempts: 1,
  tries: 1,
  warnings: [],
});

/** A row whose entry is in the CRM. */
export const writtenRow = (key: string, text: string): Row => ({
  key,
  state: "written",
  written: sampleEntry(key, text),
  made: sampleEntry(key, text),
  receipt: { ref: { type: "log", id: `id-of-${key}` } },
  maybeSent: false,
  attempts: 0,
  tries: 1,
  warnings: [],
});

/** A row that waits for a person. */
export const parkedRow = (key: string, text: string): Row => ({
  key,
  state: "parked",
  sending: sampleEntry(key, text),
  maybeSent: false,
  attempts: 3,
  tries: 3,
  reason: "validation: the subject is too long",
  warnings: [],
});

/** The ledger rows of one lane. */
export async function rowsOf(
  store: Store,
  { tenant, interaction, connection }: Lane,
): Promise<readonly Row[]> {
  const found = await store.read({ tenant, interaction });
  return found?.lanes.find((lane) => lane.connection === connection)?.rows ?? [];
}

/** Claims the only ready lane, keeps rows in it and lets it go. */
export async function put(
  store: Store,
  rows: readonly Row[],
  release: { readonly again?: number } = {},
): Promise<Lane> {
  const claim = await claimOne(store);
  assert.deepEqual(
    await store.settle([{ claim, rows, release }]),
    [],
    "a settlement in time is not answered as late",
  );
  return claim.lane;
}
