import { memoryStore, type Store, type WrapupEvent } from "@wrapup/core";
import {
  manualClock,
  type ManualClock,
  scriptedCrm,
  type ScriptedCrm,
  scriptedMapping,
} from "@wrapup/core/testing";
import { Connection, type ConnectionSettings } from "../../src/gate/connection.ts";
import { Gate, type GateOptions } from "../../src/gate/gate.ts";
import { defaultBudget } from "../../src/gate/rules.ts";

/** Whose gate it is in these tests. */
export const key = { tenant: "t", connection: "crm" };

/** One gate on a memory store and a clock that only moves when told. */
export type GateWorld = {
  readonly gate: Gate;
  readonly store: Store;
  readonly clock: ManualClock;
  readonly events: readonly WrapupEvent[];
  /** A gate of another process on the same store. */
  readonly sibling: () => Gate;
};

export async function openGate(of: Partial<GateOptions> = {}): Promise<GateWorld> {
  const clock = manualClock();
  const store = memoryStore();
  await store.open(clock);
  const events: WrapupEvent[] = [];
  const made = (): Gate =>
    new Gate({
      of: key,
      store,
      clock,
      observer: { event: (event) => void events.push(event), span: (_n, _a, work) => work() },
      budget: defaultBudget,
      timeoutMs: 60_000,
      random: () => 0.5,
      ...of,
    });
  return { gate: made(), store, clock, events, sibling: made };
}

/** One connection of a scripted CRM behind such a gate. */
export type ConnectionWorld = GateWorld & {
  readonly crm: ScriptedCrm;
  readonly connection: Connection;
  /** The same connection after a restart: what was remembered is gone, what was kept is there. */
  readonly restarted: (settings?: Partial<ConnectionSettings>) => Connection;
};

export async function openConnection(
  settings: Partial<ConnectionSettings> = {},
): Promise<ConnectionWorld> {
  const world = await openGate();
  const { store, clock } = world;
  const crm = scriptedCrm({ now: () => clock.now() });
  const made = (more: Partial<ConnectionSettings> = {}): Connection =>
    new Connection({
      key,
      adapter: crm.adapter,
      gate: world.gate,
      store,
      clock,
      settings: {
        id: "crm",
        mapping: scriptedMapping,
        unlinked: "skip",
        onUnlink: "retract",
        timeZone: "UTC",
        country: "US",
        searchOrder: ["person"],
        creatable: [],
        abandoned: "none",
        ...settings,
        ...more,
      },
    });
  return { ...world, crm, connection: made(), restarted: made };
}

/** Lets everything that can go on without time passing go on. */
export const settle = async (turns = 40): Promise<void> => {
  for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};
