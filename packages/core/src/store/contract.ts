import type { Clock } from "../model/clock.ts";
import type { Decision, HistoryLine } from "../model/command.ts";
import type { Interaction } from "../model/interaction.ts";
import type { Lane, Row } from "../model/ledger.ts";

/** What a store survives and who may share it. Shown at start-up, and tested (O1). */
export type StoreAbilities = {
  /** `memory`: nothing survives; `process`: `kill -9` loses nothing acknowledged; `power`: nor does a power cut. */
  readonly durability: "memory" | "process" | "power";
  readonly multiProcess: boolean;
  readonly multiHost: boolean;
};

/** One interaction of one tenant. */
export type InteractionKey = { readonly tenant: string; readonly interaction: string };

/** One configured org of one tenant. */
export type ConnectionKey = { readonly tenant: string; readonly connection: string };

/** A worker's hold on one lane: only the newest fence may begin or settle. */
export type Claim = {
  readonly lane: Lane;
  readonly fence: number;
  /** How long the lane waited, ms since its wake time. */
  readonly waitedMs: number;
  readonly interaction: Interaction;
  readonly rows: readonly Row[];
};

/** What became of a claim: rows to keep, and whether to let the lane go. */
export type Settlement = {
  readonly claim: Claim;
  readonly rows: readonly Row[];
  /** Absent: the lane stays claimed. `again`: when it is to be looked at next, by the store's clock. */
  readonly release?: { readonly again?: number };
};

/** What all workers and agents of one connection share (W5). The store keeps it; the gate's rules change it. */
export type GateState = {
  /** No lane of it is ready before. */
  readonly pausedUntil?: number;
  /** Agents' calls are held too until then; a spent budget holds background writing only. */
  readonly agentsPausedUntil?: number;
  readonly why?: string;
  /** In words, for operators; no customer data. */
  readonly reason?: string;
  /** Failures of the whole connection in a row: the breaker's count. */
  readonly failures: number;
  readonly usage?: { readonly used: number; readonly limit: number; readonly at: number };
};

/** What came of a command. */
export type Applied = {
  readonly interaction: Interaction;
  /** `different`: the event id was seen before with other content; the first stands (L6). */
  readonly repeated: "no" | "same" | "different";
};

/** Which ledger rows to list. */
export type RowFilter = {
  readonly tenant?: string;
  readonly connection?: string;
  readonly state?: Row["state"];
  /** Only keys after this one: pages of `limit` (1,000 by default), in key order. */
  readonly after?: string;
  readonly limit?: number;
};

/** Counts for an operator. `oldestWaitMs`: how long the longest-waiting ready lane has waited. */
export type StoreStats = {
  readonly interactions: number;
  readonly ready: number;
  readonly claimed: number;
  readonly later: number;
  readonly parked: number;
  readonly oldestWaitMs: number;
};

/**
 * Where interactions, history, lanes, ledger and gates live. Our tables are the truth; a queue engine may hold pointers to lanes,
 * rebuilt by `sweep`. The store's clock rules leases, deadlines and wake times.
 * Every method rejects with a `WrapupError` (`store_unwritable`, `store_too_new`, `store_closed`) when it cannot do its work.
 */
export interface Store {
  readonly abilities: StoreAbilities;
  /** Idempotent; migrates forwards, refuses a newer schema. The clock rules every time the store keeps; stores with a clock of their own ignore it. */
  open(clock: Clock): Promise<void>;
  /** The store's clock, epoch ms. */
  now(): Promise<number>;
  /**
   * Serialised per interaction, all or nothing: state, history, woken lanes, deadline and the event id in one transaction, durable when it resolves.
   * `change` is pure and may run again; what it throws leaves nothing behind.
   * A repeated `event.id` does not run it.
   */
  transact(
    of: InteractionKey,
    event: { readonly id: string; readonly content: string } | undefined,
    change: (now: Interaction | undefined, at: number) => Decision,
  ): Promise<Applied>;
  /** One interaction with the ledger rows of all its lanes. */
  read(of: InteractionKey): Promise<
    | {
        readonly interaction: Interaction;
        readonly lanes: readonly {
          readonly connection: string;
          readonly wakeAt?: number;
          readonly claimed: boolean;
          readonly rows: readonly Row[];
        }[];
      }
    | undefined
  >;
  /** Oldest first. */
  history(of: InteractionKey): Promise<readonly HistoryLine[]>;
  /** Connections with lanes that can be claimed now, longest waiting first; paused ones left out. `lanes` is counted up to `upTo`. */
  ready(of: {
    readonly limit: number;
    readonly upTo: number;
  }): Promise<readonly (ConnectionKey & { readonly lanes: number })[]>;
  /** At most one live claim per lane anywhere; longest waiting first; never a lane that is paused, in the future or claimed. */
  claim(
    of: ConnectionKey & { readonly limit: number; readonly leaseMs: number },
  ): Promise<readonly Claim[]>;
  /** Write-ahead: rows are durable before the request leaves (W3). Answers the claims whose fence still holds; only their rows are kept. */
  begin(
    rows: readonly { readonly claim: Claim; readonly rows: readonly Row[] }[],
  ): Promise<readonly Claim[]>;
  /**
   * Fenced. A released lane whose interaction moved past the claimed version stays ready: no wake-up is lost.
   * A late settlement is not swallowed: its rows are kept as `reopenedRow` says, and the lane wakes. Answers the late claims.
   */
  settle(settlements: readonly Settlement[]): Promise<readonly Claim[]>;
  /** Lengthens leases; answers the claims that were lost. */
  extend(claims: readonly Claim[], leaseMs: number): Promise<readonly Claim[]>;
  /** Interactions whose deadline has passed (L7), earliest first. */
  overdue(limit: number): Promise<readonly InteractionKey[]>;
  /** When the next lane or deadline comes up; `undefined` when nothing waits. A hint for sleeping. */
  nextDueAt(): Promise<number | undefined>;
  /** One transaction on a gate's state, by a pure function; an unchanged state (same object) is not written. */
  changeGate(
    of: ConnectionKey,
    change: (now: GateState, at: number) => GateState,
  ): Promise<GateState>;
  /** Ledger rows by filter, for operators. */
  rows(filter: RowFilter): Promise<readonly { readonly lane: Lane; readonly row: Row }[]>;
  /** Applies `replayedRow` to parked or gone rows, wakes their lanes, and writes history with `by`. Answers how many changed. Idempotent. */
  replay(tenant: string, keys: readonly string[], by: string): Promise<number>;
  /** Small facts core keeps about a connection between runs (what `check` found). */
  keep(of: ConnectionKey, name: string, value: string): Promise<void>;
  kept(of: ConnectionKey, name: string): Promise<string | undefined>;
  /** Expires leases, rebuilds whatever is derived. Never touches waiting or parked work. Run at start and now and then. */
  sweep(): Promise<void>;
  stats(): Promise<StoreStats>;
  /** Called after something became ready in this process; a hint only, correctness never depends on it. Answers how to stop. */
  onWake(hint: () => void): () => void;
  /** Waits for running transactions. Idempotent. */
  close(): Promise<void>;
}
