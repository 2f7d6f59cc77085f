import type { CrmAdapter } from "../adapter/contract.ts";
import type { BudgetSettings } from "../gate/rules.ts";
import type { Agent } from "../model/agent.ts";
import type { ActivityPer, Channel } from "../model/channel.ts";
import type { Clock } from "../model/clock.ts";
import type { Mapping } from "../model/mapping.ts";
import type { Logger } from "../model/observer.ts";
import type { Deadlines, LifecycleSettings } from "../model/settings.ts";
import type { Store } from "../store/contract.ts";

/** One CRM org, as an app configures it. Everything but the adapter has a default. */
export type ConnectionOptions = {
  readonly adapter: CrmAdapter;
  /** Part of every key, for ever; the connection's name by default. Keep it when you rename the connection. */
  readonly id?: string;
  /** The adapter's own by default. Without either nothing but mail is written. */
  readonly mapping?: Mapping;
  /** Interactions nobody linked to this CRM: `skip` (default), `log`, or `hold` until somebody links (K8). */
  readonly unlinked?: "skip" | "log" | "hold";
  /** Unlinking after writing: `retract` (default) or `keep` (K5). */
  readonly onUnlink?: "retract" | "keep";
  /** IANA name such as `Europe/Vienna`; UTC by default. Dates are written in it (K3). */
  readonly timeZone?: string;
  /** ISO country of numbers without a country code; `US` by default. */
  readonly country?: string;
  readonly searchOrder?: readonly string[];
  /** The field that holds your customer number, for exact search (R1). */
  readonly customerNumber?: { readonly type: string; readonly field: string };
  /** Types that agents may create (R3). */
  readonly creatable?: readonly string[];
  /** Finds the CRM user of an agent; by email where absent (W10). */
  readonly ownerOf?: (agent: Agent) => string | undefined;
  /** The CRM user who owns activities of agents without one (W10); of mail, the mailbox of agents without one (N3). */
  readonly ownerFallback?: string;
  /** Shares of the CRM's daily API calls (W5). */
  readonly budget?: Partial<BudgetSettings>;
  /** Longest wait for one answer, ms; 60,000 by default. */
  readonly timeoutMs?: number;
};

/** Connections by name. An adapter alone is a connection with every default. */
export type ConnectionsOptions = Readonly<Record<string, CrmAdapter | ConnectionOptions>>;

/** What `createWrapup` takes. Only `store` and `connections` are needed. */
export type WrapupOptions = {
  readonly store: Store;
  /** One set for all, or what a tenant has. It is asked once per tenant. */
  readonly connections: ConnectionsOptions | ((tenant: string) => Promise<ConnectionsOptions>);
  /** When and how interactions are written; see `defaultLifecycleSettings`. */
  readonly lifecycle?: {
    readonly deadlines?: Partial<Omit<Deadlines, "maxIdle">> & {
      readonly maxIdle?: Partial<Deadlines["maxIdle"]>;
    };
    readonly expectsWrapUp?: LifecycleSettings["expectsWrapUp"];
    readonly activityPer?: Partial<Record<Channel, ActivityPer>>;
    readonly abandoned?: "none" | "log";
  };
  /** Write to the CRMs in this process (default). `false`: only record; another process writes. */
  readonly work?: boolean;
  readonly logger?: Logger;
  readonly clock?: Clock;
  /** What a customer without name, email and phone is called; "Unknown customer" by default. */
  readonly unknownCustomer?: string;
  /** Longest sleep of the worker, ms; 1,000 by default. Finds what other processes recorded. */
  readonly pollMs?: number;
  /**
   * A worker's hold on a lane, ms; 150,000 by default. It is renewed while a request is under way; after a crash others wait that long.
   * Keep it well above the longest `timeoutMs`: a dead worker's last request must have ended by then.
   */
  readonly leaseMs?: number;
  /** Deadlines that passed while the app was down wait this long for late events, ms; 300,000 by default (L7). */
  readonly catchUpMs?: number;
  /** Tries of one write that the CRM answers with a lock or a passing fault, before it is parked; 30 by default. */
  readonly maxAttempts?: number;
};
