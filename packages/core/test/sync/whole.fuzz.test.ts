import {
  createWrapup,
  CrmError,
  type CrmAdapter,
  type InteractionHandle,
  memoryStore,
  type Store,
  type Wrapup,
} from "@wrapup/core";
import {
  manualClock,
  type ManualClock,
  scriptedCrm,
  type ScriptedCrm,
  type ScriptedFault,
} from "@wrapup/core/testing";
import { describe, expect, test } from "vitest";
import { noon } from "../world.ts";

/** `FUZZ_SEED=7` runs that one again; `FUZZ_RUNS=1000` runs more of them. */
const only = process.env["FUZZ_SEED"];
const runs = Number(process.env["FUZZ_RUNS"] ?? 80);
const seeds: readonly number[] =
  only === undefined ? Array.from({ length: runs }, (_, n) => n + 1) : [Number(only)];

const never = (): Promise<never> => new Promise(() => undefined);
const spin = async (turns: number): Promise<void> => {
  for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};

/** The same numbers for the same seed (mulberry32). */
function dice(seed: number): {
  readonly int: (below: number) => number;
  readonly chance: (share: number) => boolean;
} {
  let state = seed | 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  return { int: (below) => Math.floor(next() * below), chance: (share) => next() < share };
}

type Life = { alive: boolean };

/** After `kill -9` nothing that a process had called ever answers it. */
const mortal = <T extends object>(far: T, life: Life): T =>
  new Proxy(far, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== "function") return value;
      if (name === "onWake" || name === "requestOf")
        return (...call: readonly unknown[]): unknown => Reflect.apply(value, target, call);
      return async (...call: readonly unknown[]): Promise<unknown> => {
        if (!life.alive) return never();
        const answer: unknown = await Reflect.apply(value, target, call);
        return life.alive ? answer : never();
      };
    },
  });

/** What the app told the library, and so what the CRM must hold in the end: kept by the test alone. */
type Told = {
  readonly id: string;
  readonly voice: boolean;
  readonly links: Set<string>;
  closed: boolean;
  disposition?: string;
  summary?: string;
};

/** One app on one store and one CRM; it dies and starts again, and its CRM has bad days. */
class Run {
  readonly clock: ManualClock = manualClock(noon);
  readonly crm: ScriptedCrm;
  readonly told: Told[] = [];
  readonly problems: string[] = [];
  readonly #store: Store;
  readonly #dice: ReturnType<typeof dice>;
  #life: Life = { alive: true };
  #wrapup: Wrapup | undefined;
  #slow = 0.3;

  constructor(seed: number, spoil: (store: Store) => Store) {
    this.#dice = dice(seed);
    this.#store = spoil(memoryStore());
    const { int } = this.#dice;
    this.crm = scriptedCrm({
      now: () => this.clock.now(),
      abilities: { maxBatch: 1 + int(4), maxConcurrent: 1 + int(4) },
    });
    this.crm.users.set("ada", "u-ada").set("bob", "u-bob");
    this.crm.onRequest(async () => {
      if (this.#dice.chance(this.#slow))
        await new Promise<void>((resolve) => this.clock.after(int(4_000), () => resolve()));
    });
  }

  async start(): Promise<Wrapup> {
    this.#life = { alive: true };
    const adapter: CrmAdapter = mortal(this.crm.adapter, this.#life);
    const wrapup = await createWrapup({
      store: mortal(this.#store, this.#life),
      clock: this.clock,
      connections: { crm: adapter },
      catchUpMs: 0,
    });
    wrapup.on((event) => {
      const late = "an answer came after";
      if (event.event === "failure" && !String(event.error).includes(late))
        this.problems.push(`${event.where}: ${String(event.error)}`);
    });
    this.#wrapup = wrapup;
    return wrapup;
  }

  /** The power goes; another process opens the same store. */
  async #killed(): Promise<void> {
    this.#life.alive = false;
    await this.start();
  }

  async #handle({ id }: Told): Promise<InteractionHandle> {
    const { interactions } = this.#wrapup ?? (await this.start());
    return interactions.get(id);
  }

  async step(): Promise<void> {
    const { int } = this.#dice;
    const of = this.told[int(Math.max(1, this.told.length))];
    const does = int(14);
    if (of === undefined || does <= 1) await this.#begin();
    else if (does <= 6) await this.#change(of, does);
    else if (does === 7) await this.#close(of);
    else if (does <= 9) this.crm.script(this.#fault());
    else if (does === 10) await this.clock.advance(int(20_000));
    else if (does === 11 && int(4) === 0) await this.#killed();
    else await spin(int(5));
  }

  async #begin(): Promise<void> {
    const { int, chance } = this.#dice;
    const voice = chance(0.7);
    const told: Told = { id: `c-${this.told.length}`, voice, links: new Set(), closed: false };
    const { interactions } = this.#wrapup ?? (await this.start());
    const of = await interactions.start({ id: told.id, channel: voice ? "voice" : "chat" });
    await of.accept({ agent: { id: int(2) === 0 ? "ada" : "bob" } });
    this.told.push(told);
  }

  async #change(told: Told, does: number): Promise<void> {
    const of = await this.#handle(told);
    const id = `p${this.#dice.int(4)}`;
    if (does === 6) {
      told.summary = `summary ${this.#dice.int(1_000)}`;
      await of.learn({ summary: told.summary });
    } else if (does === 5) {
      await of.unlink({ connection: "crm", type: "person", id });
      told.links.delete(id);
    } else {
      await of.link({ connection: "crm", type: "person", id });
      told.links.add(id);
    }
  }

  async #close(told: Told): Promise<void> {
    if (told.closed) return;
    told.closed = true;
    told.disposition = `outcome ${this.#dice.int(1_000)}`;
    const of = await this.#handle(told);
    const leg = of.leg("1");
    if (!told.voice) return leg.unassign({ disposition: told.disposition });
    await leg.endTalk();
    await leg.completeWrapUp({ disposition: told.disposition });
  }

  #fault(): ScriptedFault {
    const { int, chance } = this.#dice;
    const whys = [
      "throttled",
      "unreachable",
      "lock",
      "transient",
      "auth",
      "budget",
      "schema",
    ] as const;
    const why = whys[int(whys.length)] ?? "lock";
    const error = new CrmError(why, chance(0.5) ? "no" : "maybe", "a bad day");
    const kind = int(6);
    if (kind === 0) return { is: "lostBefore" };
    if (kind === 1) return { is: "lostAfter" };
    if (kind === 2) return { is: "throws", error: new Error("a defect") };
    return { is: "fails", error };
  }

  /** Good days again: everything is closed, and time passes until nothing is left to do. */
  async settle(): Promise<void> {
    this.#slow = 0;
    for (const told of this.told) await this.#close(told);
    for (let n = 0; n < 60; n += 1) {
      await this.clock.advance(30 * 60_000);
      await spin(5);
      const left = await this.#wrapup?.stats();
      if (left !== undefined && left.ready + left.claimed + left.later === 0 && n > 3) break;
    }
  }

  async judge(): Promise<readonly string[]> {
    const stats = await this.#wrapup?.stats();
    const left = (stats?.ready ?? 0) + (stats?.claimed ?? 0) + (stats?.later ?? 0);
    if (left + (stats?.parked ?? 0) > 0) this.problems.push(`left ${JSON.stringify(stats)}`);
    for (const told of this.told) await this.#judgeOne(told);
    await this.#wrapup?.close();
    return this.problems;
  }

  async #judgeOne(told: Told): Promise<void> {
    const said = (text: unknown): string => (typeof text === "string" ? text : "");
    const rows = [...this.crm.rows.values()].filter(({ entry }) =>
      said(entry.fields["description"]).split("\n").includes(`Conversation: ${told.id}`),
    );
    const have = rows.flatMap(({ entry }) => (entry.roles["on"] ?? []).map(({ id }) => id));
    const wish = [...told.links].toSorted().join();
    if (have.toSorted().join() !== wish)
      this.problems.push(`${told.id} is on [${have.join()}], not on [${wish}]`);
    if (told.links.size === 0) return;
    if (!rows.some(({ entry }) => entry.fields["disposition"] === told.disposition))
      this.problems.push(`${told.id} has not the disposition ${told.disposition}`);
    for (const { entry } of rows)
      if (!said(entry.fields["description"]).includes(told.summary ?? ""))
        this.problems.push(`${told.id} has not the summary ${told.summary}`);
    const { links } = await (await this.#handle(told)).card();
    if (links.some(({ state }) => state !== "written"))
      this.problems.push(`${told.id}'s card shows ${JSON.stringify(links)}`);
  }
}

async function problemsOf(
  seed: number,
  spoil: (store: Store) => Store = (store) => store,
): Promise<readonly string[]> {
  const run = new Run(seed, spoil);
  await run.start();
  for (let step = 0; step < 60; step += 1) await run.step();
  await run.settle();
  return run.judge();
}

describe("W1 W2 W3 the whole library against what the app told it", () => {
  test(`${seeds.length} random runs with kills and bad days: in the end the CRM holds exactly what is wanted`, async () => {
    for (const seed of seeds) expect(await problemsOf(seed), `FUZZ_SEED=${seed}`).toEqual([]);
  });

  /** Each is a store with one promise broken; the runs must notice. */
  const spoilt: Readonly<Record<string, (store: Store) => Store>> = {
    "forgets what begin made durable": (store) =>
      Object.assign(store, {
        begin: async (begun: Parameters<Store["begin"]>[0]) => begun.map(({ claim }) => claim),
      }),
    "loses wake-ups": (store) => {
      const transact = store.transact.bind(store);
      return Object.assign(store, {
        transact: (...[of, event, change]: Parameters<Store["transact"]>) =>
          transact(of, event, (now, at) => ({ ...change(now, at), wake: [] })),
      });
    },
  };

  test.skipIf(only !== undefined).each(Object.keys(spoilt))(
    "W3 it can fail: a store that %s is found out",
    async (name) => {
      const spoil = spoilt[name];
      let found: readonly string[] = [];
      for (let seed = 1; seed <= 100 && found.length === 0; seed += 1)
        found = await problemsOf(seed, spoil);
      expect(found).not.toEqual([]);
    },
  );
});
