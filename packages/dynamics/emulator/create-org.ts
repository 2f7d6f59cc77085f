import { Directory } from "./graph/directory.ts";
import { Mailboxes } from "./graph/mailboxes.ts";
import { FaultBox } from "./http/faults.ts";
import { Protection } from "./http/protection.ts";
import { Tokens } from "./http/tokens.ts";
import { IdSource } from "./ids.ts";
import type { EmulatorOptions } from "./options.ts";
import type { Org } from "./org.ts";
import { seededRandom } from "./random.ts";
import { buildSchema } from "./schema/schema.ts";
import { Store } from "./store/store.ts";

/** Builds an empty organisation. Throws when an option names a table that the emulator does not have. */
export function createOrg(options: EmulatorOptions): Org {
  const schema = buildSchema(options);
  const seed = options.seed ?? 1;
  const now = options.clock ?? Date.now;
  const ids = new IdSource(seededRandom(seed));
  const nextId = (): string => ids.next();
  return {
    options,
    schema,
    store: new Store(schema),
    tokens: new Tokens(now, options.tokenTtlMs),
    // Not the source of the ids: a fault that strikes by chance must not change what rows are called.
    faults: new FaultBox(seededRandom(seed + 1)),
    protection: new Protection(now, options),
    directory: new Directory(nextId),
    mailboxes: new Mailboxes(now, nextId, options),
    now,
    nextId,
    organizationId: nextId(),
    tenantId: "6b7e1d0c-0000-4000-8000-7e4a47000001",
    userId: "",
    url: "",
    graphUrl: "",
    latencyMs: options.latencyMs ?? 0,
    operationMs: 0,
    calls: [],
    counted: 0,
  };
}
