import type { CustomColumn, CustomTable, DuplicateRule, PlugIn } from "./customization.ts";

/** How the emulated organisation is set up. Every part has a default: `startDynamicsEmulator()` is a plain Sales and Service organisation. */
export type EmulatorOptions = {
  /** TCP port of Dataverse and of the sign-in authority; 0 or left out takes any free one. */
  readonly port?: number;
  /** TCP port of Graph, which is a service of its own; 0 or left out takes any free one. */
  readonly graphPort?: number;
  readonly host?: string;
  /** Waited before each API call is worked on, in ms; control calls are never delayed. */
  readonly latencyMs?: number;
  /** Now, in epoch ms. */
  readonly clock?: () => number;
  /** Seeds the ids and the chance of faults that have a rate. */
  readonly seed?: number;
  /** Access tokens are refused this long after they were given out. Default: an hour. */
  readonly tokenTtlMs?: number;
  /** Service protection: requests in 5 minutes (6,000) and at once (52). Infinity switches one off. */
  readonly requestLimit?: number;
  readonly concurrencyLimit?: number;
  /** Recommended parallelism, told in `x-ms-dop-hint`. Default 8. */
  readonly dopHint?: number;
  readonly duplicateRules?: readonly DuplicateRule[];
  readonly plugIns?: readonly PlugIn[];
  readonly customColumns?: readonly CustomColumn[];
  readonly customTables?: readonly CustomTable[];
  /** Tables on which the application user lacks a privilege; refused with 403 0x80040220. */
  readonly missingPrivileges?: readonly {
    readonly table: string;
    readonly privilege: "create" | "read" | "write" | "delete" | "append" | "appendTo" | "assign";
  }[];
  /** False: the app registration is no application user of the organisation; every API call answers 403. Default true. */
  readonly applicationUser?: boolean;
  /** The app's secret is refused as expired (AADSTS7000222). Default false. */
  readonly secretExpired?: boolean;
  /** Whether `statecode` on create is ignored (default) or refused; facts §1.4 leave it open. */
  readonly stateOnCreate?: "ignored" | "refused";
  /**
   * What a PATCH with a list of parties does, an upsert's create among them: the Web API refuses lists of related rows in every PATCH;
   * whether parties are excepted is open (facts §1.4), and if so what becomes of those that are there. PUT always replaces. Default
   * "refused".
   */
  readonly partiesOnPatch?: "refused" | "replaced" | "appended";
  /** HTTP status of a duplicate rule's hit (0x80040333); facts §1.5 leave it open. Default 412. */
  readonly duplicateStatus?: 412 | 500;
  /** How error codes are spelt; facts §1.8 know all three. Default "hex". */
  readonly errorCodes?: "hex" | "decimal" | "empty";
  /**
   * Where the error of a failed change set stands in the answer to a batch: as a part of the batch, or inside a `changesetresponse`.
   * facts §1.6 know both. Default "part".
   */
  readonly changeSetError?: "part" | "wrapped";
  /** How far a sent mail's copy lags behind, ms: until then Graph finds it nowhere. Default 0. */
  readonly sentItemsLagMs?: number;
  /** False: a sent mail's copy has a new immutable id (seen in 2019); default true, as documented now. */
  readonly sentKeepsImmutableId?: boolean;
  /** What the app registration was not allowed in Graph; refused with 403. */
  readonly missingGraphPermissions?: readonly ("users" | "mail")[];
};

/** What may go wrong on purpose. */
export type FaultKind =
  | "status"
  | "reset"
  | "replyLost"
  | "lock"
  | "partial"
  | "html"
  | "brokenBody"
  | "hang";

/**
 * One injected fault. Without `path` it strikes API calls only (Dataverse and Graph), never sign-in; with `path` any address that contains it.
 * - `status`: answered with `status` (503) and error `code`, nothing committed.
 * - `reset`: the socket is destroyed before anything is committed.
 * - `replyLost`: committed, then the socket is destroyed.
 * - `lock`: matching operations answer 0x80044150 (a deadlock) and are not carried out; in a batch each of its change sets is asked by itself.
 * - `partial`: matching operations answer `status` and `code` and are not carried out; in a batch likewise.
 * - `html`: an HTML gateway page (502), nothing committed.
 * - `brokenBody`: committed, the answer is cut in half.
 * - `hang`: held for `ms` (10 min) before it is worked on as usual.
 */
export type Fault = {
  readonly kind: FaultKind;
  readonly method?: string;
  /** Part of the address's path, such as "/$batch", "/phonecalls", "/messages" or "/oauth2/". */
  readonly path?: string;
  /** How many matching calls it strikes. Default 1; Infinity is allowed. */
  readonly times?: number;
  /** 0..1: the chance to strike a matching call, instead of always. */
  readonly rate?: number;
  readonly status?: number;
  readonly code?: string;
  readonly message?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** lock and partial: every nth operation of the call. Default 1: all. */
  readonly operationEvery?: number;
  /** lock and partial: only operations on this table. */
  readonly table?: string;
  readonly ms?: number;
};

/** A row as it is kept, for tests to look at. Times are epoch ms of the commit, by `options.clock`. */
export type StoredRow = {
  readonly table: string;
  readonly id: string;
  /** Columns by logical name; a lookup as `{ table, id }`. No nulls. */
  readonly columns: Readonly<Record<string, unknown>>;
  /** Activities only. */
  readonly parties: readonly {
    readonly mask: number;
    readonly table: string;
    readonly id: string;
    readonly addressUsed?: string;
  }[];
  readonly createdAt: number;
  readonly modifiedAt: number;
  /** systemuserids. */
  readonly createdBy: string;
  readonly modifiedBy: string;
  /** Updates since it was created, by the API or by people. */
  readonly modifications: number;
  /** Dataverse deletes for good; the emulator remembers that it was there. */
  readonly deleted: boolean;
};

/** One request that came in. The path has no query string, so no customer text and no token. */
export type CallRecord = {
  readonly at: number;
  readonly service: "dataverse" | "graph" | "authority";
  readonly method: string;
  readonly path: string;
  /** 0: the socket was destroyed without an answer. */
  readonly status: number;
  /** Operations inside a batch, else 1. */
  readonly operations: number;
  /** Operations that tried to write. */
  readonly writes: number;
};

/** One row to seed. `columns` may set the primary key and read-only columns, but no unknown ones; a lookup is `{ table, id }`. */
export type SeedRow = {
  readonly table: string;
  readonly columns: Readonly<Record<string, unknown>>;
};

/** An Entra user with or without a mailbox. */
export type SeedUser = {
  readonly id?: string;
  readonly userPrincipalName: string;
  readonly mail?: string | null;
  readonly displayName?: string;
  readonly mailbox?: boolean;
  readonly accountEnabled?: boolean;
};

/** A mail in an emulated mailbox. */
export type StoredMail = {
  readonly id: string;
  readonly mailbox: string;
  readonly isDraft: boolean;
  readonly folder: "drafts" | "sentItems" | "deletedItems";
  readonly subject: string;
  readonly body: { readonly contentType: string; readonly content: string };
  readonly from: string;
  readonly to: readonly string[];
  readonly cc: readonly string[];
  readonly replyTo: readonly string[];
  readonly marks: Readonly<Record<string, string>>;
  readonly sentAt?: number;
  readonly deleted: boolean;
};

/** The probe: looks into the organisation from outside and lets things happen that no API call does. */
export type EmulatorControl = {
  /** Adds rows past limits, latency and rules, not past the schema check; answers their ids. */
  readonly seed: (rows: readonly SeedRow[]) => Promise<readonly string[]>;
  /** Every row of a table, deleted ones too, oldest first. */
  readonly rows: (table: string) => Promise<readonly StoredRow[]>;
  readonly calls: () => Promise<readonly CallRecord[]>;
  /** Requests that counted against service protection: a batch is one. */
  readonly callCount: () => Promise<number>;
  /** Arms a fault and answers its id. */
  readonly fault: (fault: Fault) => Promise<string>;
  readonly clearFaults: () => Promise<void>;
  /** A person deletes a row. */
  readonly removeRow: (table: string, id: string) => Promise<void>;
  /** A person edits a row; what is completed they reopen, edit and complete again. */
  readonly editRow: (
    table: string,
    id: string,
    columns: Readonly<Record<string, unknown>>,
  ) => Promise<void>;
  /** A person merges two rows of one table: the loser is deactivated and names the winner; its children move. */
  readonly merge: (table: string, winner: string, loser: string) => Promise<void>;
  /** A person qualifies a lead: it is closed, and a contact and an account are made. */
  readonly qualifyLead: (
    leadId: string,
  ) => Promise<{ readonly contactId: string; readonly accountId: string }>;
  /** Every access token given out so far is refused from now on, with 401. */
  readonly expireTokens: () => Promise<void>;
  /**
   * Waited before each API call, and for each of its operations: a batch works its operations off one after another (facts §1.6).
   * `operationMs` is 0 where it is left out.
   */
  readonly setLatency: (ms: number, operationMs?: number) => Promise<void>;
  readonly seedUsers: (users: readonly SeedUser[]) => Promise<readonly string[]>;
  /** Every mail of every mailbox, oldest first. */
  readonly mails: () => Promise<readonly StoredMail[]>;
  /** A person removes a mail from its mailbox for good. */
  readonly removeMail: (id: string) => Promise<void>;
  /** Back to the organisation as it started: no rows but users, no faults, no calls. */
  readonly reset: () => Promise<void>;
};

/** What an app signs in with. `certificate`: PEM key and the SHA-256 thumbprint of the certificate that the emulated app trusts. */
export type EmulatorCredentials = {
  readonly tenantId: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly certificate: { readonly thumbprintSha256: string; readonly privateKey: string };
};

/** A running emulator. */
export type DynamicsEmulator = {
  /** The environment's address: Dataverse is below `/api/data/v9.2/`. */
  readonly url: string;
  /** The sign-in authority, without tenant. */
  readonly authority: string;
  /** Graph's origin: its resources are below `/v1.0/`. */
  readonly graphUrl: string;
  readonly credentials: EmulatorCredentials;
  readonly control: EmulatorControl;
  /** Stops at once: open connections are destroyed. */
  close(): Promise<void>;
};
