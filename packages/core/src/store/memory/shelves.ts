import type { HistoryLine } from "../../model/command.ts";
import type { Interaction } from "../../model/interaction.ts";
import type { Lane, Row } from "../../model/ledger.ts";
import type { ConnectionKey, GateState, InteractionKey } from "../contract.ts";
import { calmGate } from "../keeping.ts";
import { ByTime } from "./by-time.ts";

/** One lane as it is held: `leaseUntil` is 0 while nobody has claimed it. */
export type HeldLane = {
  readonly lane: Lane;
  readonly held: Held;
  readonly gate: HeldGate;
  readonly rows: Map<string, Row>;
  /** Which claim (by fence) a row was reopened under by a late settlement. */
  readonly late: Map<string, number>;
  wakeAt: number | undefined;
  /** First wake since it was last claimed. */
  wokenAt: number | undefined;
  leaseUntil: number;
  fence: number;
};

/** One interaction with everything that belongs to it. */
export type Held = {
  readonly of: InteractionKey;
  interaction: Interaction;
  readonly history: HistoryLine[];
  readonly events: Map<string, { readonly content: string; readonly at: number }>;
  readonly lanes: Map<string, HeldLane>;
};

/** One connection: its gate, its small facts, and its unclaimed lanes by wake time. */
export type HeldGate = {
  readonly of: ConnectionKey;
  state: GateState;
  readonly kept: Map<string, string>;
  readonly waiting: ByTime<HeldLane>;
};

export const isPaused = (gate: HeldGate, at: number): boolean => (gate.state.pausedUntil ?? 0) > at;

export const inKeyOrder = (rows: ReadonlyMap<string, Row>): readonly Row[] =>
  [...rows.values()].toSorted((a, b) => (a.key < b.key ? -1 : 1));

const keyOf = (...parts: readonly string[]): string => JSON.stringify(parts);

/** Everything a memory store holds, and how to find it. */
export class Shelves {
  readonly interactions = new Map<string, Held>();
  readonly gates = new Map<string, HeldGate>();
  readonly deadlines = new ByTime<Held>();
  readonly claimed = new ByTime<HeldLane>();

  find({ tenant, interaction }: InteractionKey): Held | undefined {
    return this.interactions.get(keyOf(tenant, interaction));
  }

  add({ tenant, interaction }: InteractionKey, state: Interaction): Held {
    const held: Held = {
      of: { tenant, interaction },
      interaction: state,
      history: [],
      events: new Map(),
      lanes: new Map(),
    };
    this.interactions.set(keyOf(tenant, interaction), held);
    return held;
  }

  remove(held: Held): void {
    for (const lane of held.lanes.values()) {
      lane.gate.waiting.set(lane, undefined);
      this.claimed.set(lane, undefined);
    }
    this.deadlines.set(held, undefined);
    this.interactions.delete(keyOf(held.of.tenant, held.of.interaction));
  }

  gate({ tenant, connection }: ConnectionKey): HeldGate {
    const key = keyOf(tenant, connection);
    const known = this.gates.get(key);
    if (known !== undefined) return known;
    const gate: HeldGate = {
      of: { tenant, connection },
      state: calmGate,
      kept: new Map(),
      waiting: new ByTime(),
    };
    this.gates.set(key, gate);
    return gate;
  }

  /** The lane of a held interaction, made when it is first woken. */
  lane(held: Held, connection: string): HeldLane {
    const known = held.lanes.get(connection);
    if (known !== undefined) return known;
    const gate = this.gate({ tenant: held.of.tenant, connection });
    const lane: HeldLane = {
      lane: { ...held.of, connection },
      held,
      gate,
      rows: new Map(),
      late: new Map(),
      wakeAt: undefined,
      wokenAt: undefined,
      leaseUntil: 0,
      fence: 0,
    };
    held.lanes.set(connection, lane);
    return lane;
  }

  lanes(): readonly HeldLane[] {
    return this.interactions
      .values()
      .flatMap((held) => held.lanes.values())
      .toArray();
  }

  laneOf(of: Lane): HeldLane | undefined {
    return this.find(of)?.lanes.get(of.connection);
  }

  /** After a lane's times changed: it is among the waiting, among the claimed, or at rest. */
  place(lane: HeldLane): void {
    const claimed = lane.leaseUntil > 0;
    lane.gate.waiting.set(lane, claimed ? undefined : lane.wakeAt);
    this.claimed.set(lane, claimed ? lane.leaseUntil : undefined);
  }

  wake(lane: HeldLane, at: number): void {
    lane.wakeAt = Math.min(lane.wakeAt ?? at, at);
    lane.wokenAt ??= at;
    this.place(lane);
  }

  /** Lanes whose lease is over wait again. Their fence stays until somebody claims them. */
  expire(now: number): void {
    for (const lane of this.claimed.upTo(now, Infinity)) {
      lane.leaseUntil = 0;
      this.place(lane);
    }
  }
}
