import type { Agent } from "../model/agent.ts";
import type { EntryKind } from "../model/entry.ts";
import type { Mapping } from "../model/mapping.ts";
import type { Fields, RecordId } from "../model/record.ts";
import type { Answer, Write } from "./write.ts";

export type { Answer, Refusal, Trouble, Write } from "./write.ts";

/** Which records fit which role of one entry, as data (K4). `others`: types that no other role names. */
export type LinkRules = {
  readonly roles: readonly {
    readonly name: string;
    readonly types: readonly string[] | "others";
    readonly max: number;
  }[];
  /** A record of this type cannot stand in one entry together with anything in that role. */
  readonly apart: readonly (readonly [type: string, role: string])[];
  /** Which types take their places first; `*` stands for all that are not named. */
  readonly order: readonly string[];
};

/** What this org can do, found by `check` (A1). */
export type Abilities = {
  /** Most writes in one request. */
  readonly maxBatch: number;
  /** Most requests at once that this CRM takes gladly. */
  readonly maxConcurrent: number;
  readonly linkRules: LinkRules;
  /** Types of activities whose rules are others, where not every type can name the same records. */
  readonly linkRulesOf?: Readonly<Record<string, LinkRules>>;
  readonly kinds: readonly EntryKind[];
  /** `key`: the CRM itself keeps our key unique. `lookFirst`: an unknown outcome is settled by looking, and is reported as degraded (W2). */
  readonly once: "key" | "lookFirst";
  /**
   * How long after a request without an answer this CRM may still carry it out, ms; absent: not at all. What such a request touched is
   * looked at once more when that time is over (W3).
   */
  readonly landsWithinMs?: number;
  /** Completed activities can no longer be changed (L8, L9). */
  readonly completedIsFrozen: boolean;
};

/** What is seen of the far side in passing. */
export type Seen = {
  /** API calls of the current window. */
  readonly usage?: { readonly used: number; readonly limit: number };
  /** The CRM's clock, epoch ms (O3). */
  readonly serverTime?: number;
};

/** What comes with every call. */
export type Context = {
  /** Ends the call; what may have been sent by then is answered `maybe`. */
  readonly signal: AbortSignal;
  /** Which share of the budget it spends. */
  readonly urgency: "agent" | "background";
  readonly observe: (seen: Seen) => void;
};

/** One column of a CRM type, in words that all CRMs share. */
export type FieldDescription = {
  readonly name: string;
  readonly label: string;
  readonly kind:
    | "text"
    | "longText"
    | "number"
    | "boolean"
    | "date"
    | "dateTime"
    | "choice"
    | "reference"
    | "other";
  /** In UTF-16 units, unless `bytes`. */
  readonly length?: number;
  readonly lengthIn?: "units" | "bytes";
  readonly required: boolean;
  readonly createable: boolean;
  readonly updateable: boolean;
  /** For `choice`: what may be written. `open`: other values are allowed too. */
  readonly options?: readonly { readonly value: string | number; readonly label: string }[];
  readonly openOptions?: boolean;
  /** For `reference`: the types it may point to. */
  readonly to?: readonly string[];
};

/** A CRM type with its columns. */
export type TypeDescription = {
  readonly name: string;
  readonly label: string;
  readonly fields: readonly FieldDescription[];
  /** Whether activities are rows of this type. Left out: nobody knows. */
  readonly activity?: boolean;
  /** Whether activities can be linked to its rows. Left out: nobody knows. */
  readonly linkable?: boolean;
};

/** A row as agents see it. */
export type CrmRecord = {
  readonly ref: RecordId;
  readonly title: string;
  readonly url: string;
  readonly fields: Fields;
  /** Rows it hangs under (a case's account). They share its locks and are reached through it. */
  readonly parents?: readonly RecordId[];
};

/** What to look for. Exactly one of phone, email, name, customerNumber or text is given. */
export type SearchQuery = {
  /** Types in order; the first with a hit ends the search (R1). */
  readonly types: readonly string[];
  readonly limit: number;
} & (
  | {
      /** E.164 where it could be parsed, else the digits; `national`: the same as the country writes it. */
      readonly phone: {
        readonly e164?: string;
        readonly national?: string;
        readonly digits: string;
      };
    }
  | { readonly email: string }
  | { readonly name: string }
  | { readonly customerNumber: string; readonly field: string }
  | { readonly text: string }
);

/** A record an agent wants to create (R3). */
export type Draft = {
  /** Makes creating twice make one (R4). */
  readonly key: string;
  readonly type: string;
  readonly fields: Fields;
  readonly allowDuplicate: boolean;
  /** An earlier attempt got no answer. */
  readonly maybeSent: boolean;
};

/** What became of a draft. */
export type Created =
  | { readonly is: "created" | "already"; readonly record: CrmRecord }
  | {
      readonly is: "duplicate";
      readonly candidates: readonly CrmRecord[];
      readonly mayOverride: boolean;
    }
  | {
      readonly is: "refused";
      readonly problems: readonly { readonly field?: string; readonly reason: string }[];
    }
  | { readonly is: "uncertain"; readonly candidates: readonly CrmRecord[] };

/** Something `check` found that an administrator should know. */
export type Finding = {
  readonly severity: "error" | "warning";
  readonly place: string;
  readonly text: string;
  readonly mend: string;
};

/** What an adapter offers agents. Each throws `CrmError` when the CRM did not answer. */
export type Reads = {
  /** Unknown types are left out of the answer. */
  describe(types: readonly string[], context: Context): Promise<readonly TypeDescription[]>;
  /** Records of the first type that has any; empty when none. */
  search(query: SearchQuery, context: Context): Promise<readonly CrmRecord[]>;
  /** Same order as asked; `undefined` for what is not there; `movedTo` for what was merged or converted (K9). */
  get(
    refs: readonly RecordId[],
    context: Context,
  ): Promise<readonly (CrmRecord | { readonly movedTo: RecordId } | undefined)[]>;
  related(ref: RecordId, context: Context): Promise<readonly CrmRecord[]>;
};

/** What an adapter suggests where the app configures nothing. */
export type AdapterDefaults = {
  /** Absent where it writes no activities, such as mail. */
  readonly mapping?: Mapping;
  /** Types searched for a person, in order. */
  readonly searchOrder: readonly string[];
  /** Types that agents may create. */
  readonly creatable: readonly string[];
};

/**
 * What a CRM must do to be written to. Small, types only; a part that is absent is an ability denied.
 * Adapters see neither tenant nor connection names, and never retry by themselves.
 */
export interface CrmAdapter {
  readonly contract: 1;
  /** The vendor's name, for people. */
  readonly name: string;
  readonly defaults: AdapterDefaults;
  /** Signs in and looks what this org can do. Core keeps the answer, and plans with the last one while the CRM is away. Throws `CrmError`. */
  check(
    context: Context,
  ): Promise<{ readonly abilities: Abilities; readonly findings: readonly Finding[] }>;
  /** Pure. Writes with the same word may share one request; core then cuts at `maxBatch`. */
  requestOf(write: Write): string;
  /**
   * One answer per write, same order; at most `maxBatch` writes of one word, a key at most once. One attempt each: what was refused for an expired session
   * may be sent again after one renewal, and an adapter may look before it writes.
   * A repeated put (`maybeSent`) is refused as not valid, duplicate or not found only after looking and finding nothing.
   * It never throws for a busy CRM: a throw is a broken adapter.
   */
  push(writes: readonly Write[], context: Context): Promise<readonly Answer[]>;
  readonly reads?: Reads;
  /**
   * The one active user of each agent there, same order; `undefined` when there is none or more than one (W10). Throws `CrmError` when
   * the CRM did not answer.
   */
  usersOf?(agents: readonly Agent[], context: Context): Promise<readonly (string | undefined)[]>;
  /** One HTTP attempt. Throws `CrmError` when the CRM did not answer. */
  createRecord?(draft: Draft, context: Context): Promise<Created>;
  /** How to open a record; `undefined` while not signed in (R6). Pure, no request. */
  openUrl?(ref: RecordId): string | undefined;
  close(): Promise<void>;
}
