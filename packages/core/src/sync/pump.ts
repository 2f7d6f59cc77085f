import type { Write } from "../adapter/contract.ts";
import { isWrapupError } from "../errors.ts";
import type { Connection } from "../gate/connection.ts";
import { troubleOf } from "../gate/connection.ts";
import type { Claim } from "../store/contract.ts";
import type { Setup } from "../plan/wanted.ts";
import { Busy } from "./busy.ts";
import { fly, type FlightOptions } from "./flight.ts";
import { Leases } from "./leases.ts";
import { Planned } from "./planned.ts";
import { Setups } from "./setups.ts";

/** What a pump needs of the world. */
export type PumpOptions = Omit<FlightOptions, "settled"> & { readonly leaseMs: number };

/** How long an interaction that cannot be planned is left alone. */
const brokenPlanMs = 15 * 60_000;

/** A request that takes longer no longer makes others wait for it. */
const gatherMs = 1_000;

/**
 * Writes for one connection. A claim fills one request up to the adapter's limit; while a request is under way the next batch
 * gathers, so batches grow with load and a lone interaction goes at once (W4).
 */
export class Pump {
  readonly #options: PumpOptions;
  readonly #setups: Setups;
  readonly #busy = new Busy();
  readonly #flights = new Set<Promise<void>>();
  /** Claimed, but sharing a row with a request under way: first in the next flight. */
  #held: Claim[] = [];
  /** A row has become free since the held ones were last looked at. */
  #freed = false;
  readonly #leases: Leases;
  #offering: Promise<void> | undefined;
  #startedAt = 0;
  /** Work was offered while an offer was being dealt with. */
  #missed = false;
  #stopped = false;

  constructor(options: PumpOptions) {
    this.#options = options;
    this.#setups = new Setups(options);
    this.#leases = new Leases(options);
  }

  get connection(): Connection {
    return this.#options.connection;
  }

  /** Whether claims are being made, under way or held. */
  get working(): boolean {
    return this.#offering !== undefined || this.#flights.size > 0 || this.#held.length > 0;
  }

  /** Resolves when a flight has landed; where none is under way, when an offer has been dealt with. */
  async progress(): Promise<void> {
    if (this.#flights.size > 0) await Promise.race(this.#flights);
    else await this.#offering;
  }

  /**
   * Starts requests while there is work and room. `waiting`: lanes that can be claimed now. Returns at once, so that a CRM that does
   * not answer never holds up another; `landed` is called whenever there may be more to do.
   */
  offer(waiting: number, landed: () => void): void {
    if (this.#stopped) return;
    if (this.#offering !== undefined) {
      this.#missed = true;
      return;
    }
    this.#offering = this.#start(waiting, landed)
      .catch((error: unknown) =>
        this.#options.observer.event({ event: "failure", where: "sync.offer", error }),
      )
      .finally(() => {
        this.#offering = undefined;
        if (this.#missed) landed();
        this.#missed = false;
      });
  }

  async #start(waiting: number, landed: () => void): Promise<void> {
    const { connection, store, clock, leaseMs, observer } = this.#options;
    let setup: Setup | undefined;
    while (!this.#stopped && this.#mayStart(waiting)) {
      setup ??= await this.#setup();
      // Held claims of a paused connection would keep others from seeing that it waits, and this worker from resting.
      if (setup === undefined) return this.#letGo(this.#held.splice(0), 0);
      const limit = connection.batchLimit;
      const room = limit - this.#held.length;
      const fresh = room > 0 ? await store.claim({ ...connection.key, limit: room, leaseMs }) : [];
      waiting -= fresh.length;
      // Those alone would only be held again, at once and for ever: nothing else would ever get a turn.
      if (fresh.length === 0 && this.#flights.size > 0 && !this.#freed) return;
      this.#freed = false;
      const claims = [...this.#held.splice(0), ...fresh];
      this.#leases.hold(fresh);
      if (claims.length === 0) return;
      this.#startedAt = clock.now();
      // A flight that fails leaves its claims to their leases: another finds every row as `begin` left it.
      const flight = this.#fly(claims, setup)
        .catch((error: unknown) =>
          observer.event({ event: "failure", where: "sync.flight", error }),
        )
        .finally(() => {
          this.#leases.drop(claims.filter((claim) => !this.#held.includes(claim)));
          this.#flights.delete(flight);
          landed();
        });
      this.#flights.add(flight);
    }
  }

  /** Claims no more; resolves when everything under way has been settled and what was held is let go. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#offering;
    await Promise.all(this.#flights);
    await this.#letGo(this.#held.splice(0), 0);
    this.#leases.stop();
  }

  /**
   * A first flight goes at once. A second beside it only with a full batch, after a slow request has kept people waiting, or when
   * what is held may go; and only while the gate has room.
   */
  #mayStart(waiting: number): boolean {
    const { connection, clock } = this.#options;
    if (this.#flights.size === 0) return waiting > 0 || this.#held.length > 0;
    const full = connection.remembered?.abilities.maxBatch ?? Number.POSITIVE_INFINITY;
    const gathered =
      waiting >= full ||
      (waiting > 0 && clock.now() - this.#startedAt >= gatherMs) ||
      (this.#freed && this.#held.length > 0);
    return gathered && this.#flights.size < connection.gate.places;
  }

  /** What planning needs; a CRM that does not answer or a mapping that does not fit pauses the connection. */
  async #setup(): Promise<Setup | undefined> {
    const { connection, clock } = this.#options;
    try {
      const leave = await connection.gate.leave("background");
      if (leave.is === "closed") {
        // Stored as a pause, the lanes of this connection are no longer offered until it ends.
        if (!leave.stored)
          await connection.gate.pause({
            why: "budget",
            reason: leave.reason,
            afterMs: Math.max(1_000, leave.until - clock.now()),
          });
        return undefined;
      }
      return await this.#setups.current();
    } catch (error) {
      await this.#pauseFor(error, "sync.setup");
      return undefined;
    }
  }

  /** A CRM's trouble pauses its connection. What failed on our side (a full disk) is told, and tried again soon. */
  async #pauseFor(error: unknown, where: string): Promise<void> {
    const { connection, observer } = this.#options;
    // Somebody else's request has paused it meanwhile: that pause and its reason stand.
    if (isWrapupError(error) && error.code === "crm_unavailable") return;
    const trouble = troubleOf(error);
    if (trouble === undefined) observer.event({ event: "failure", where, error });
    await connection.gate.pause(
      trouble ?? { why: "transient", reason: "something in Wrapup failed; the log says what" },
    );
  }

  async #fly(claims: readonly Claim[], setup: Setup): Promise<void> {
    const { observer } = this.#options;
    try {
      await this.#setups.learnOwners(claims);
    } catch (error) {
      await this.#pauseFor(error, "sync.owners");
      return this.#letGo(claims, 0);
    }
    const planned: Planned[] = [];
    const broken: Claim[] = [];
    for (const claim of claims) {
      try {
        planned.push(new Planned(claim, setup, this.#options.clock.now()));
      } catch (error) {
        observer.event({ event: "failure", where: "sync.plan", error });
        broken.push(claim);
      }
    }
    // One that cannot be planned is a defect of ours; it never holds up the others.
    await this.#letGo(broken, brokenPlanMs);
    await this.#flyPlanned(planned);
  }

  async #letGo(claims: readonly Claim[], afterMs: number): Promise<void> {
    const again = this.#options.clock.now() + afterMs;
    this.#leases.drop(claims);
    if (claims.length > 0)
      await this.#options.store.settle(
        claims.map((claim) => ({ claim, rows: [], release: { again } })),
      );
  }

  async #flyPlanned(planned: readonly Planned[]): Promise<void> {
    const go: Planned[] = [];
    for (const one of planned) {
      if (!this.#busy.free(one.touches)) this.#held.push(one.claim);
      else go.push(one);
    }
    // Within one flight shared rows are put into one chain, so they are taken only after all have been looked at.
    for (const one of go) this.#busy.take(one.touches);
    const given = new Set<Write>();
    try {
      await fly(go, {
        ...this.#options,
        settled: (writes) => {
          for (const write of writes) {
            given.add(write);
            this.#giveBack(write);
          }
        },
      });
    } finally {
      for (const one of go) {
        this.#leases.drop([one.claim]);
        for (const write of one.writes) if (!given.has(write)) this.#giveBack(write);
      }
    }
  }

  #giveBack(write: Write): void {
    this.#busy.give(write.entry.touches);
    this.#freed = true;
  }
}
