import type { Connections } from "../gate/connections.ts";
import type { Clock } from "../model/clock.ts";
import type { Observer } from "../model/observer.ts";
import type { LifecycleSettings } from "../model/settings.ts";
import type { Store } from "../store/contract.ts";
import type { Creates } from "./creates.ts";

/** What everything on an agent's or operator's desk needs of the world. */
export type Desk = {
  readonly tenant: string;
  readonly store: Store;
  readonly clock: Clock;
  readonly observer: Observer;
  /** When and how this tenant's interactions are written. */
  readonly lifecycle: () => Promise<LifecycleSettings>;
  readonly connections: Connections;
  /** One for all tenants: creates of one identity wait for each other (R4). */
  readonly creates: Creates;
  /** Throws `closed` once the library was closed. */
  readonly ensureOpen: () => void;
  /** What a customer without name, email and phone is called (C2). */
  readonly unknownCustomer: string;
};
