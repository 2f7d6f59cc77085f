import type { FieldDefinition } from "./schema/definition.ts";

/** A rule that finds records which look the same: all `fields` are filled and equal, ignoring case. "alert" lets `allowSave=true` pass. */
export type DuplicateRule = {
  readonly sobject: "Account" | "Contact" | "Lead";
  readonly fields: readonly string[];
  readonly action: "block" | "alert";
  /** What the rule tells the user; Salesforce's own default when left out. */
  readonly message?: string;
};

/** A record whose field matches is refused with FIELD_CUSTOM_VALIDATION_EXCEPTION and `message`. */
export type ValidationRule = {
  readonly sobject: string;
  readonly when: {
    readonly field: string;
    readonly equals?: string | number | boolean | null;
    readonly contains?: string;
  };
  readonly message: string;
};

/** A field that the administrator added to a standard or custom object. */
export type CustomField = { readonly sobject: string; readonly field: FieldDefinition };

/** How the emulated org is set up. Every part has a default: `startSalesforceEmulator()` is a plain Enterprise org with the key field. */
export type EmulatorOptions = {
  /** TCP port; 0 or left out takes any free one. */
  readonly port?: number;
  readonly host?: string;
  /** Waited before each API call is worked on, in ms; control calls are never delayed. */
  readonly latencyMs?: number;
  /** Now, in epoch ms. */
  readonly clock?: () => number;
  /** Seeds the ids and the chance of faults that have a rate. */
  readonly seed?: number;
  /** Task.Wrapup_Key__c (external id, unique, case-sensitive) and Task.Wrapup_Interaction__c are installed. Default true. */
  readonly keyField?: boolean;
  /** API calls in 24 h. Default 100,000. */
  readonly dailyLimit?: number;
  /** Access tokens are refused this long after they were given out. Default: never. */
  readonly sessionTtlMs?: number;
  readonly duplicateRules?: readonly DuplicateRule[];
  readonly validationRules?: readonly ValidationRule[];
  /** UI API knows Idempotency-Key. Default true. */
  readonly idempotencyKeys?: boolean;
  readonly customFields?: readonly CustomField[];
  /** Several people on one task, by TaskRelation. Default false. */
  readonly sharedActivities?: boolean;
  /** Text is stored without leading and trailing white space, as Salesforce is thought to do (facts §3.5, doubtful). Default true. */
  readonly trimText?: boolean;
  /** What a lookup to a deleted record answers; facts §3.5 leave it open. */
  readonly deletedReference?: "ENTITY_IS_DELETED" | "INVALID_CROSS_REFERENCE_KEY";
  /** How far search runs behind writes, in ms of `clock` (facts §2.5: the index is asynchronous). Default 0. */
  readonly searchDelayMs?: number;
};

/** What may go wrong on purpose. */
export type FaultKind =
  | "status"
  | "reset"
  | "replyLost"
  | "lock"
  | "partial"
  | "html"
  | "brokenJson"
  | "hang";

/**
 * One injected fault. Without `path` it strikes API calls only, never sign-in; with `path` any address that contains it.
 * - `status`: answered with `status` (503) and `errorCode`, nothing committed.
 * - `reset`: the socket is destroyed before anything is committed.
 * - `replyLost`: committed, then the socket is destroyed.
 * - `lock`: matching records answer UNABLE_TO_LOCK_ROW and are not written.
 * - `partial`: matching records answer `errorCode` and are not written.
 * - `html`: an HTML maintenance page (503), nothing committed.
 * - `brokenJson`: committed, the JSON answer is cut in half.
 * - `hang`: held for `ms` (10 min) before it is worked on as usual.
 */
export type Fault = {
  readonly kind: FaultKind;
  readonly method?: string;
  /** Part of the URL's path. */
  readonly path?: string;
  /** How many matching calls it strikes. Default 1; Infinity is allowed. */
  readonly times?: number;
  /** 0..1: the chance to strike a matching call, instead of always. */
  readonly rate?: number;
  readonly status?: number;
  readonly errorCode?: string;
  readonly message?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** lock and partial: every nth record of the call. Default 1: all. */
  readonly recordEvery?: number;
  /** lock and partial: only records of this object. Others: only addresses that name it. */
  readonly sobject?: string;
  readonly ms?: number;
};

/** A row as it is kept, for tests to look at. Times are epoch ms of the commit, by `options.clock`. */
export type StoredRecord = {
  readonly Id: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly createdAt: number;
  readonly modifiedAt: number;
  /** Updates since it was created, by the API or by people. */
  readonly modifications: number;
  readonly deleted: boolean;
};

/** One request that came in. The path has no query string, so no customer text and no token. */
export type CallRecord = {
  readonly at: number;
  readonly method: string;
  readonly path: string;
  /** 0: the socket was destroyed without an answer. */
  readonly status: number;
  /** Rows that the call tried to write. */
  readonly records: number;
  /** It counted against the daily limit. */
  readonly api: boolean;
};

/** One row to seed. `fields` may set Id and read-only fields, but no unknown ones. */
export type SeedRow = {
  readonly sobject: string;
  readonly fields: Readonly<Record<string, unknown>>;
};

/** The probe: looks into the org from outside and lets things happen that no API call does. */
export type EmulatorControl = {
  /** Adds rows past limits, latency and rules, not past the schema check; answers their ids. */
  readonly seed: (rows: readonly SeedRow[]) => Promise<readonly string[]>;
  /** Every row of an object, deleted ones too, oldest first. */
  readonly records: (sobject: string) => Promise<readonly StoredRecord[]>;
  readonly calls: () => Promise<readonly CallRecord[]>;
  /** API calls that counted against the daily limit. */
  readonly callCount: () => Promise<number>;
  /** Arms a fault and answers its id. */
  readonly fault: (fault: Fault) => Promise<string>;
  readonly clearFaults: () => Promise<void>;
  /** A person deletes a record. */
  readonly removeRecord: (id: string) => Promise<void>;
  /** A person edits a record. */
  readonly editRecord: (id: string, fields: Readonly<Record<string, unknown>>) => Promise<void>;
  /** A person merges two records of one object: the loser's children move to the winner. */
  readonly merge: (winner: string, loser: string) => Promise<void>;
  /** A person converts a lead; its activities move to the new contact. */
  readonly convertLead: (
    leadId: string,
  ) => Promise<{ readonly contactId: string; readonly accountId: string }>;
  /** Every access token given out so far is refused from now on. */
  readonly expireSessions: () => Promise<void>;
  readonly setLatency: (ms: number) => Promise<void>;
  /** Sets how many of the day's API calls are used up. */
  readonly setUsage: (used: number) => Promise<void>;
  /** Back to the org as it started: no rows but users and queue, no faults, no calls. */
  readonly reset: () => Promise<void>;
};

/** What an app signs in with. `privateKey` is a PEM (RS256) that belongs to the certificate the emulated app trusts. */
export type EmulatorCredentials = {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly username: string;
  readonly refreshToken: string;
  readonly privateKey: string;
};

/** A running emulator. */
export type SalesforceEmulator = {
  readonly url: string;
  readonly credentials: EmulatorCredentials;
  readonly control: EmulatorControl;
  /** Stops at once: open connections are destroyed. */
  close(): Promise<void>;
};
