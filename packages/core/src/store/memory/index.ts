import { WrapupError } from "../../errors.ts";
import { systemClock } from "../../model/clock.ts";
import type { Clock } from "../../model/clock.ts";
import type { Decision } from "../../model/command.ts";
import type { Interaction } from "../../model/interaction.ts";
import type {
  Applied,
  Claim,
  ConnectionKey,
  GateState,
  InteractionKey,
  RowFilter,
  Settlement,
  Store,
} from "../contract.ts";
import { begin, claim, extend, settle } from "./claims.ts";
import { replay, rows, stats, sweep } from "./ledger.ts";
import { inKeyOrder, isPaused, Shelves } from "./shelves.ts";
import type { HeldGate, HeldLane } from "./shelves.ts";

/**
 * A store that forgets when the process ends: for tests, trials and as the reference that other stores are compared with.
 * Closed and opened again it still holds what it held.
 */
export const memoryStore = (): Store => new MemoryStore();

/** Every method runs in one go, so each is one transaction by itself. */
class MemoryStore implements Store {
  readonly abilities = { durability: "memory", multiProcess: false, multiHost: false } as const;
  readonly #shelves = new Shelves();
  readonly #hints = new Set<() => void>();
  #clock: Clock = systemClock;
  #isOpen = false;

  async open(clock: Clock): Promise<void> {
    this.#clock = clock;
    this.#isOpen = true;
  }

  async close(): Promise<void> {
    this.#isOpen = false;
  }

  async now(): Promise<number> {
    return this.#at("now");
  }

  async transact(
    of: InteractionKey,
    event: { readonly id: string; readonly content: string } | undefined,
    change: (now: Interaction | undefined, at: number) => Decision,
  ): Promise<Applied> {
    const at = this.#at("transact");
    const known = this.#shelves.find(of);
    const seen = event === undefined ? undefined : known?.events.get(event.id);
    if (known !== undefined && seen !== undefined)
      return {
        interaction: known.interaction,
        repeated: seen.content === event?.content ? "same" : "different",
      };

    const { next, wake, deadline, history } = change(known?.interaction, at);
    const held = known ?? this.#shelves.add(of, next);
    held.interaction = next;
    held.history.push(...history);
    if (event !== undefined) held.events.set(event.id, { content: event.content, at });
    this.#shelves.deadlines.set(held, deadline);
    for (const connection of wake) this.#shelves.wake(this.#shelves.lane(held, connection), at);
    this.#hintIf(wake.length > 0);
    return { interaction: next, repeated: "no" };
  }

  async read(of: InteractionKey): ReturnType<Store["read"]> {
    const at = this.#at("read");
    const held = this.#shelves.find(of);
    if (held === undefined) return undefined;
    const lanes = [...held.lanes.values()]
      .toSorted((a, b) => (a.lane.connection < b.lane.connection ? -1 : 1))
      .map((lane) => laneAsRead(lane, at));
    return { interaction: held.interaction, lanes };
  }

  async history(of: InteractionKey): ReturnType<Store["history"]> {
    this.#at("history");
    return [...(this.#shelves.find(of)?.history ?? [])];
  }

  async ready({
    limit,
    upTo,
  }: {
    readonly limit: number;
    readonly upTo: number;
  }): ReturnType<Store["ready"]> {
    const at = this.#at("ready");
    this.#shelves.expire(at);
    return [...this.#shelves.gates.values()]
      .filter((gate) => !isPaused(gate, at) && (gate.waiting.next() ?? Infinity) <= at)
      .toSorted((a, b) => (a.waiting.next() ?? 0) - (b.waiting.next() ?? 0))
      .slice(0, limit)
      .map(({ of: { tenant, connection }, waiting }) => ({
        tenant,
        connection,
        lanes: waiting.upTo(at, upTo).length,
      }));
  }

  async claim(
    of: ConnectionKey & { readonly limit: number; readonly leaseMs: number },
  ): ReturnType<Store["claim"]> {
    return claim(this.#shelves, of, this.#at("claim"));
  }

  async begin(begun: Parameters<Store["begin"]>[0]): ReturnType<Store["begin"]> {
    this.#at("begin");
    return begin(this.#shelves, begun);
  }

  async settle(settlements: readonly Settlement[]): ReturnType<Store["settle"]> {
    const { late, woke } = settle(this.#shelves, settlements, this.#at("settle"));
    this.#hintIf(woke);
    return late;
  }

  async extend(claims: readonly Claim[], leaseMs: number): ReturnType<Store["extend"]> {
    return extend(this.#shelves, claims, this.#at("extend") + leaseMs);
  }

  async overdue(limit: number): ReturnType<Store["overdue"]> {
    return this.#shelves.deadlines.upTo(this.#at("overdue"), limit).map((held) => held.of);
  }

  async nextDueAt(): ReturnType<Store["nextDueAt"]> {
    this.#at("nextDueAt");
    const { gates, claimed, deadlines } = this.#shelves;
    let next = deadlines.next() ?? Infinity;
    for (const gate of gates.values()) next = Math.min(next, notBefore(gate, gate.waiting.next()));
    for (const lane of claimed.upTo(Infinity, Infinity))
      next = Math.min(next, notBefore(lane.gate, lane.leaseUntil));
    return next === Infinity ? undefined : next;
  }

  async changeGate(
    of: ConnectionKey,
    change: (now: GateState, at: number) => GateState,
  ): ReturnType<Store["changeGate"]> {
    const at = this.#at("changeGate");
    const gate = this.#shelves.gate(of);
    const wasPaused = isPaused(gate, at);
    gate.state = change(gate.state, at);
    this.#hintIf(wasPaused && !isPaused(gate, at));
    return gate.state;
  }

  async rows(filter: RowFilter): ReturnType<Store["rows"]> {
    this.#at("rows");
    return rows(this.#shelves, filter);
  }

  async replay(tenant: string, keys: readonly string[], by: string): ReturnType<Store["replay"]> {
    const changed = replay(this.#shelves, { tenant, keys: new Set(keys), by }, this.#at("replay"));
    this.#hintIf(changed > 0);
    return changed;
  }

  async keep(of: ConnectionKey, name: string, value: string): ReturnType<Store["keep"]> {
    this.#at("keep");
    this.#shelves.gate(of).kept.set(name, value);
  }

  async kept(of: ConnectionKey, name: string): ReturnType<Store["kept"]> {
    this.#at("kept");
    return this.#shelves.gate(of).kept.get(name);
  }

  async sweep(): ReturnType<Store["sweep"]> {
    sweep(this.#shelves, this.#at("sweep"));
  }

  async stats(): ReturnType<Store["stats"]> {
    return stats(this.#shelves, this.#at("stats"));
  }

  onWake(hint: () => void): () => void {
    const mine = (): void => hint();
    this.#hints.add(mine);
    return () => void this.#hints.delete(mine);
  }

  #at(place: string): number {
    if (this.#isOpen) return this.#clock.now();
    throw new WrapupError("store_closed", "the memory store is not open", {
      place,
      mend: "Call open() first, and nothing after close().",
    });
  }

  #hintIf(woke: boolean): void {
    if (woke) for (const hint of this.#hints) queueMicrotask(hint);
  }
}

/** A paused connection has nothing due before its pause is over. */
const notBefore = (gate: HeldGate, at: number | undefined): number =>
  at === undefined ? Infinity : Math.max(at, gate.state.pausedUntil ?? 0);

type LaneRead = NonNullable<Awaited<ReturnType<Store["read"]>>>["lanes"][number];

function laneAsRead(
  { lane: { connection }, wakeAt, leaseUntil, rows }: HeldLane,
  at: number,
): LaneRead {
  const lane = { connection, claimed: leaseUntil > at, rows: inKeyOrder(rows) };
  return wakeAt === undefined ? lane : { ...lane, wakeAt };
}
