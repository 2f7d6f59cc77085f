import { IdSource } from "./ids.ts";
import { FaultBox } from "./http/faults.ts";
import { Sessions } from "./http/sessions.ts";
import type { CallRecord, EmulatorOptions } from "./options.ts";
import { seededRandom } from "./random.ts";
import type { Schema } from "./schema/schema.ts";
import { buildSchema } from "./schema/schema.ts";
import { Store } from "./store/store.ts";

/** A cached answer of the UI API under its Idempotency-Key. */
type KeptAnswer = { readonly at: number; readonly status: number; readonly body: unknown };

/** Everything one emulated org is made of. Rooms get the org and use the part that they need. */
export type Org = {
  readonly options: EmulatorOptions;
  readonly schema: Schema;
  readonly store: Store;
  readonly sessions: Sessions;
  readonly faults: FaultBox;
  readonly now: () => number;
  readonly nextId: (prefix: string) => string;
  readonly organizationId: string;
  readonly startedAt: number;
  /** The integration user's id: who the API acts as. Set when the base users are seeded. */
  userId: string;
  /** Where clients reach the org; known once the server listens. */
  url: string;
  latencyMs: number;
  usage: number;
  calls: CallRecord[];
  counted: number;
  readonly cursors: Map<string, readonly Readonly<Record<string, unknown>>[]>;
  readonly kept: Map<string, KeptAnswer>;
};

function duplicateIndexes(options: EmulatorOptions): ReadonlyMap<string, ReadonlySet<string>> {
  const indexed = new Map<string, Set<string>>([
    // The look-before-write recipe queries CallObject and MessageIdentifier (facts §3.3); an index keeps it fast here too.
    ["Task", new Set(["CallObject"])],
    ["EmailMessage", new Set(["MessageIdentifier"])],
  ]);
  for (const rule of options.duplicateRules ?? []) {
    const names = indexed.get(rule.sobject) ?? new Set();
    for (const name of rule.fields) names.add(name);
    indexed.set(rule.sobject, names);
  }
  return indexed;
}

/** Builds an empty org. */
export function createOrg(options: EmulatorOptions): Org {
  const schema = buildSchema(options);
  const seed = options.seed ?? 1;
  const now = options.clock ?? Date.now;
  const ids = new IdSource(seed);
  return {
    options,
    schema,
    store: new Store(schema, duplicateIndexes(options)),
    sessions: new Sessions(now, options.sessionTtlMs),
    faults: new FaultBox(seededRandom(seed)),
    now,
    nextId: (prefix) => ids.next(prefix),
    organizationId: ids.next("00D"),
    startedAt: now(),
    userId: "",
    url: "",
    latencyMs: options.latencyMs ?? 0,
    usage: 0,
    calls: [],
    counted: 0,
    cursors: new Map(),
    kept: new Map(),
  };
}
