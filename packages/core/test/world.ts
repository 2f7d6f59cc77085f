import {
  type ConnectionOptions,
  createWrapup,
  type InteractionHandle,
  type LegHandle,
  memoryStore,
  type Store,
  type Wrapup,
  type WrapupEvent,
  type WrapupOptions,
} from "@wrapup/core";
import { manualClock, type ManualClock, scriptedCrm, type ScriptedCrm } from "@wrapup/core/testing";

/** An app on a scripted CRM, a memory store and a clock that only moves when told. */
export type World = {
  readonly wrapup: Wrapup;
  readonly crm: ScriptedCrm;
  readonly clock: ManualClock;
  readonly store: Store;
  readonly events: readonly WrapupEvent[];
  /** A call that an agent has accepted, linked to a person. */
  readonly call: (
    id: string,
    record?: string,
  ) => Promise<{ readonly call: InteractionHandle; readonly leg: LegHandle }>;
  /** A call that is over: talk and wrap-up ended. */
  readonly closedCall: (id: string, record?: string) => Promise<InteractionHandle>;
  /** Lets time pass and everything that became ready be written. */
  readonly pass: (ms: number) => Promise<void>;
};

export const noon = Date.UTC(2026, 10, 21, 12);
export const ada = { id: "ada", email: "ada@wrapup.example", name: "Ada" };
export const bob = { id: "bob", email: "bob@wrapup.example", name: "Bob" };

export async function openWorld(
  of: {
    readonly crm?: Parameters<typeof scriptedCrm>[0];
    readonly connection?: Omit<ConnectionOptions, "adapter">;
    readonly options?: Partial<WrapupOptions>;
    readonly store?: Store;
  } = {},
): Promise<World> {
  const clock = manualClock(noon);
  const crm = scriptedCrm({ now: () => clock.now(), ...of.crm });
  crm.users.set("ada", "user-ada").set("bob", "user-bob");
  const store = of.store ?? memoryStore();
  const events: WrapupEvent[] = [];
  const wrapup = await createWrapup({
    store,
    clock,
    connections: { crm: { adapter: crm.adapter, ...of.connection } },
    catchUpMs: 0,
    ...of.options,
  });
  wrapup.on((event) => void events.push(event));
  const call: World["call"] = async (id, record = "p1") => {
    const started = await wrapup.interactions.start({
      id,
      channel: "voice",
      customer: { name: "Cora Customer", phone: "+14155550100" },
    });
    const leg = await started.accept({ agent: ada });
    await started.link({ connection: "crm", type: "person", id: record });
    return { call: started, leg };
  };
  return {
    wrapup,
    crm,
    clock,
    store,
    events,
    call,
    closedCall: async (id, record) => {
      const open = await call(id, record);
      await open.leg.endTalk();
      await open.leg.completeWrapUp({ disposition: "Resolved" });
      return open.call;
    },
    pass: async (ms) => {
      await clock.advance(ms);
      await wrapup.drain();
    },
  };
}
