import { WrapupError } from "../../errors.ts";
import { systemClock } from "../../model/clock.ts";
import type { Clock } from "../../model/clock.ts";
import type { Decision, HistoryLine } from "../../model/command.ts";
import type { Interaction } from "../../model/interaction.ts";
import { reopenedRow, replayedRow } from "../../model/ledger.ts";
import type { Lane, Row } from "../../model/ledger.ts";
import type {
  Applied,
  Claim,
  ConnectionKey,
  GateState,
  InteractionKey,
  RowFilter,
  Settlement,
  Store,
  StoreStats,
} from "../contract.ts";
import { rememberedMs, replayLine, rowsPerPage } from "../keeping.ts";
import { Shelves } from "./shelves.ts";
import type { Held, HeldGate, HeldLane } from "./shelves.ts";

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
      return { interaction: known.interaction, repeated: seen.content === event?.content ? "same" : "different" };

    const { next, wake, deadline, history } = change(known?.interaction, at);
    const held = known ?? this.#shelves.add(of, next);
    held.interaction = next;
    held.history.push(...history);
    if (event !== undefined) held.events.set(event.id, { content: event.content, at });
    this.#shelves.deadlines.set(held, deadline);
    for (const connection of wake) this.#shelves.wake(this.#shelves.lane(held, connection), at);
    if (wake.length > 0) this.#hint();
    return { interaction: next, repeated: "no" };
  }

  async read(of: InteractionKey): ReturnType<Store["read"]> {
    const at = this.#at("read");
    const held = this.#shelves.find(of);
    if (held === undefined) return undefined;
    const lanes = [...held.lanes.values()]
      .toSorted((a, b) => (a.lane.connection < b.lane.connection ? -1 : 1))
      .map(({ lane, wakeAt, leaseUntil, rows }) => ({
        connection: lane.connection,
        ...(wakeAt !== undefined && { wakeAt }),
        claimed: leaseUntil > at,
        rows: inKeyOrder(rows),
      }));
    return { interaction: held.interaction, lanes };
  }

  async history(of: InteractionKey): Promise<readonly HistoryLine[]> {
    this.#at("history");
    return [...(this.#shelves.find(of)?.history ?? [])];
  }

  async ready({ limit, upTo }: { readonly limit: number; readonly upTo: number }): ReturnType<Store["ready"]> {
    const at = this.#at("ready");
    this.#shelves.expire(at);
    return [...this.#shelves.gates.values()]
      .filter((gate) => !isPaused(gate, at) && (gate.waiting.next() ?? Infinity) <= at)
      .toSorted((a, b) => (a.waiting.next() ?? 0) - (b.waiting.next() ?? 0))
      .slice(0, limit)
      .map((gate) => ({ ...gate.of, lanes: gate.waiting.upTo(at, upTo).length }));
  }

  async claim(of: ConnectionKey & { readonly limit: number; readonly leaseMs: number }): Promise<readonly Claim[]> {
    const at = this.#at("claim");
    this.#shelves.expire(at);
    const gate = this.#shelves.gate(of);
    if (isPaused(gate, at)) return [];
    return gate.waiting.upTo(at, of.limit).map((lane) => {
      lane.fence += 1;
      lane.leaseUntil = at + of.leaseMs;
      lane.wokenAt = undefined;
      this.#shelves.place(lane);
      const waitedMs = Math.max(0, at - (lane.wakeAt ?? at));
      return { lane: lane.lane, fence: lane.fence, waitedMs, interaction: lane.held.interaction, rows: inKeyOrder(lane.rows) };
    });
  }

  async begin(begun: Parameters<Store["begin"]>[0]): Promise<readonly Claim[]> {
    this.#at("begin");
    return begun.flatMap(({ claim, rows }) => {
      const lane = this.#holding(claim);
      if (lane === undefined) return [];
      for (const row of rows) {
        lane.rows.set(row.key, row);
        lane.late.delete(row.key);
      }
      return [claim];
    });
  }

  async settle(settlements: readonly Settlement[]): Promise<readonly Claim[]> {
    const at = this.#at("settle");
    return settlements.flatMap((settlement) => {
      const lane = this.#holding(settlement.claim);
      if (lane !== undefined) this.#settleInTime(lane, settlement, at);
      else this.#settleLate(settlement, at);
      return lane === undefined ? [settlement.claim] : [];
    });
  }

  async extend(claims: readonly Claim[], leaseMs: number): Promise<readonly Claim[]> {
    const at = this.#at("extend");
    return claims.filter((claim) => {
      const lane = this.#holding(claim);
      if (lane === undefined) return true;
      lane.leaseUntil = at + leaseMs;
      this.#shelves.place(lane);
      return false;
    });
  }

  async overdue(limit: number): Promise<readonly InteractionKey[]> {
    return this.#shelves.deadlines.upTo(this.#at("overdue"), limit).map((held) => held.of);
  }

  async nextDueAt(): Promise<number | undefined> {
    this.#at("nextDueAt");
    const { gates, claimed, deadlines } = this.#shelves;
    const after = (gate: HeldGate, time: number | undefined): number =>
      time === undefined ? Infinity : Math.max(time, gate.state.pausedUntil ?? 0);
    const next = Math.min(
      deadlines.next() ?? Infinity,
      ...[...gates.values()].map((gate) => after(gate, gate.waiting.next())),
      ...claimed.upTo(Infinity, Infinity).map((lane) => after(lane.gate, lane.leaseUntil)),
    );
    return next === Infinity ? undefined : next;
  }

  async changeGate(of: ConnectionKey, change: (now: GateState, at: number) => GateState): Promise<GateState> {
    const at = this.#at("changeGate");
    const gate = this.#shelves.gate(of);
    const wasPaused = isPaused(gate, at);
    gate.state = change(gate.state, at);
    if (wasPaused && !isPaused(gate, at)) this.#hint();
    return gate.state;
  }

  async rows(filter: RowFilter): Promise<readonly { readonly lane: Lane; readonly row: Row }[]> {
    this.#at("rows");
    return this.#lanes()
      .filter(({ lane }) => lane.tenant === (filter.tenant ?? lane.tenant) && lane.connection === (filter.connection ?? lane.connection))
      .flatMap(({ lane, rows }) => [...rows.values()].map((row) => ({ lane, row })))
      .filter(({ row }) => row.state === (filter.state ?? row.state) && row.key > (filter.after ?? ""))
      .toSorted((a, b) => (a.row.key < b.row.key ? -1 : 1))
      .slice(0, filter.limit ?? rowsPerPage);
  }

  async replay(tenant: string, keys: readonly string[], by: string): Promise<number> {
    const at = this.#at("replay");
    const asked = new Set(keys);
    let changed = 0;
    for (const lane of this.#lanes().filter(({ lane }) => lane.tenant === tenant))
      for (const [key, row] of lane.rows) {
        if (!asked.has(key) || (row.state !== "parked" && row.state !== "gone")) continue;
        lane.rows.set(key, replayedRow(row));
        lane.held.history.push(replayLine(row, by, at));
        this.#shelves.wake(lane, at);
        changed += 1;
      }
    if (changed > 0) this.#hint();
    return changed;
  }

  async keep(of: ConnectionKey, name: string, value: string): Promise<void> {
    this.#at("keep");
    this.#shelves.gate(of).kept.set(name, value);
  }

  async kept(of: ConnectionKey, name: string): Promise<string | undefined> {
    this.#at("kept");
    return this.#shelves.gate(of).kept.get(name);
  }

  async sweep(): Promise<void> {
    const at = this.#at("sweep");
    this.#shelves.expire(at);
    for (const held of [...this.#shelves.interactions.values()]) {
      for (const [id, event] of held.events) if (event.at < at - rememberedMs) held.events.delete(id);
      const { deleted } = held.interaction;
      if (deleted !== undefined && deleted.at < at - rememberedMs && isAtRest(held)) this.#shelves.remove(held);
    }
  }

  async stats(): Promise<StoreStats> {
    const at = this.#at("stats");
    this.#shelves.expire(at);
    const { interactions, gates, claimed } = this.#shelves;
    const open = [...gates.values()].filter((gate) => !isPaused(gate, at));
    const ready = open.reduce((sum, gate) => sum + gate.waiting.upTo(at, Infinity).length, 0);
    const waiting = [...gates.values()].reduce((sum, gate) => sum + gate.waiting.size, 0);
    const oldest = Math.min(at, ...open.map((gate) => gate.waiting.next() ?? at));
    return {
      interactions: [...interactions.values()].filter((held) => held.interaction.deleted === undefined).length,
      ready,
      claimed: claimed.size,
      later: waiting - ready,
      parked: this.#lanes().reduce((sum, lane) => sum + [...lane.rows.values()].filter((row) => row.state === "parked").length, 0),
      oldestWaitMs: at - oldest,
    };
  }

  onWake(hint: () => void): () => void {
    const mine = (): void => hint();
    this.#hints.add(mine);
    return () => void this.#hints.delete(mine);
  }

  #at(place: string): number {
    if (this.#isOpen) return this.#clock.now();
    throw new WrapupError("store_closed", "the memory store is not open", { place, mend: "Call open() first, and nothing after close()." });
  }

  #lanes(): readonly HeldLane[] {
    return [...this.#shelves.interactions.values()].flatMap((held) => [...held.lanes.values()]);
  }

  #holding(claim: Claim): HeldLane | undefined {
    const lane = this.#shelves.laneOf(claim.lane);
    return lane?.fence === claim.fence ? lane : undefined;
  }

  #settleInTime(lane: HeldLane, { claim, rows, release }: Settlement, at: number): void {
    for (const row of rows) {
      // A late answer came while this row was on its way: which of the two the CRM holds is not known.
      const overtaken = lane.late.get(row.key) === claim.fence;
      lane.late.delete(row.key);
      lane.rows.set(row.key, overtaken ? reopenedRow(row) : row);
      if (overtaken) lane.wokenAt ??= at;
    }
    if (release === undefined) return;
    const moved = lane.held.interaction.version !== claim.interaction.version;
    lane.wakeAt = lane.wokenAt ?? (moved ? at : release.again);
    lane.leaseUntil = 0;
    // Whoever let go holds nothing any more.
    lane.fence += 1;
    this.#shelves.place(lane);
    if (lane.wakeAt !== undefined && lane.wakeAt <= at) this.#hint();
  }

  #settleLate({ claim, rows }: Settlement, at: number): void {
    const lane = this.#shelves.laneOf(claim.lane);
    if (lane === undefined) return;
    for (const row of rows) {
      lane.rows.set(row.key, reopenedRow(row));
      lane.late.set(row.key, lane.fence);
    }
    this.#shelves.wake(lane, at);
    this.#hint();
  }

  #hint(): void {
    for (const hint of this.#hints) queueMicrotask(hint);
  }
}

const isPaused = (gate: HeldGate, at: number): boolean => (gate.state.pausedUntil ?? 0) > at;

const inKeyOrder = (rows: ReadonlyMap<string, Row>): readonly Row[] => [...rows.values()].toSorted((a, b) => (a.key < b.key ? -1 : 1));

const isAtRest = (held: Held): boolean =>
  [...held.lanes.values()].every(
    (lane) =>
      lane.wakeAt === undefined &&
      lane.leaseUntil === 0 &&
      [...lane.rows.values()].every((row) => row.state !== "parked" && row.state !== "open"),
  );
