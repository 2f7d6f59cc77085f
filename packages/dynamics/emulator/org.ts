import type { FaultBox } from "./http/faults.ts";
import type { Protection } from "./http/protection.ts";
import type { Tokens } from "./http/tokens.ts";
import type { Directory } from "./graph/directory.ts";
import type { Mailboxes } from "./graph/mailboxes.ts";
import type { CallRecord, EmulatorOptions } from "./options.ts";
import type { Schema } from "./schema/schema.ts";
import type { Store } from "./store/store.ts";

/** Everything one emulated organisation is made of. Rooms get it and use the part that they need. */
export type Org = {
  readonly options: EmulatorOptions;
  readonly schema: Schema;
  readonly store: Store;
  readonly tokens: Tokens;
  readonly faults: FaultBox;
  readonly protection: Protection;
  readonly directory: Directory;
  readonly mailboxes: Mailboxes;
  readonly now: () => number;
  /** A new GUID, the same in every run with the same seed. */
  readonly nextId: () => string;
  readonly organizationId: string;
  readonly tenantId: string;
  /** systemuserid of the application user: who the API acts as. Set when the base users are seeded. */
  userId: string;
  /** Where clients reach Dataverse and Graph; known once the servers listen. */
  url: string;
  graphUrl: string;
  latencyMs: number;
  /** Waited for each operation of a call. */
  operationMs: number;
  calls: CallRecord[];
  counted: number;
};
