import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { collect } from "./collect.ts";
import { expectedAfter } from "./expected.ts";
import { fastClock, pause, until } from "./fast-clock.ts";
import type { Sabotage } from "./flags.ts";
import { misbehave } from "./hostility.ts";
import { killMidway } from "./kill.ts";
import { type Journal, play, sceneKey, type Stage } from "./player.ts";
import { Processes } from "./processes.ts";
import type { Result, Told } from "./result.ts";
import { storyToHurry } from "./sabotage.ts";
import type { Scenario } from "./story.ts";
import { openWorld, type World } from "./world.ts";

/** What is played, how fast, and who is told of it. */
export type Run = {
  readonly scenario: Scenario;
  readonly seed: number;
  /** Real seconds for the half hour. */
  readonly seconds: number;
  readonly sabotage?: Sabotage;
  /** Something happened that people should read: ms since the half hour began, words. */
  readonly says: (atMs: number, text: string) => void;
  /** Called now and then with how far it is. */
  readonly progress: (now: Progress) => void;
  /** Ended early (Ctrl-C): everything is cleaned up and the run rejects. */
  readonly signal: AbortSignal;
};

/** How far the half hour is. */
export type Progress = {
  readonly atMs: number;
  readonly started: number;
  readonly of: number;
  readonly written: number;
  readonly retries: number;
};

/** Longest real wait for the last writes, ms. */
const patienceMs = 15_000;

/** Plays the scenario against the emulators, kills the worker midway, and compares each CRM with what should be there. */
export async function run(of: Run): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), "wrapup-demo-"));
  const processes = new Processes();
  const stop = (): void => processes.killAll();
  // Whatever ends this process, its children end with it.
  process.once("exit", stop);
  try {
    return await within(of.signal, playIn(folder, processes, of));
  } finally {
    stop();
    process.off("exit", stop);
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

const within = <T>(signal: AbortSignal, work: Promise<T>): Promise<T> =>
  Promise.race([
    work,
    new Promise<never>((_resolve, reject) => {
      signal.addEventListener("abort", () => reject(new Error("stopped")), { once: true });
    }),
  ]);

async function playIn(folder: string, processes: Processes, of: Run): Promise<Result> {
  const startedAt = Date.now();
  const world = await openWorld(processes, { ...of, folder });
  const journal: Journal = { sent: new Map(), refused: [], started: 0 };
  const clock = fastClock(world.time);
  const begin = clock.now();
  const sum = (of: (told: Told) => number): number =>
    world.crms.reduce((total, { told }) => total + of(told), 0);
  const report = (): void =>
    of.progress({
      atMs: clock.now() - begin,
      started: journal.started,
      of: of.scenario.stories.length,
      written: sum(({ written }) => written),
      retries: sum(({ retries }) => retries),
    });
  const ticking = setInterval(report, 100);
  try {
    const { underWay, unfinished } = await halfHour(world, of, journal, begin);
    const { scenario, sabotage } = of;
    if (sabotage === "duplicate" || sabotage === "missing")
      for (const { probe } of world.crms) await probe.damage(sabotage);
    const crms = await Promise.all(
      world.crms.map(async (played) => {
        const parked = await world.wrapup.parked.list({ connection: played.crm.connection });
        return collect({ scenario, journal, played, parked });
      }),
    );
    return {
      scenario,
      begin,
      crms,
      failures: world.failures,
      killed: 1,
      underWay,
      unfinished,
      refused: journal.refused,
      seconds: (Date.now() - startedAt) / 1_000,
    };
  } finally {
    clearInterval(ticking);
    await world.wrapup.close();
  }
}

/** Everything happens at once: stories, CRMs in a bad mood, and the end of a worker. Then the last writes are waited for. */
async function halfHour(
  world: World,
  of: Run,
  journal: Journal,
  begin: number,
): Promise<{ readonly underWay: number; readonly unfinished: number }> {
  const { scenario } = of;
  const hurried = of.sabotage === "early" ? storyToHurry(scenario) : undefined;
  const agents = new Map(scenario.agents.map((agent) => [agent.id, agent]));
  const stage: Stage = {
    ...world,
    begin,
    agents,
    journal,
    ...(hurried !== undefined && { hurried }),
  };
  const says = (text: string): void => of.says(fastClock(world.time).now() - begin, text);
  const [underWay] = await Promise.all([
    killMidway(world, begin, says),
    ...world.crms.map((played) => misbehave(played, { time: world.time, begin }, says)),
    ...scenario.stories.map((story) => play(story, stage)),
  ]);
  return { underWay, unfinished: await settled(world, lastDue(scenario, journal)) };
}

/** The last moment at which something becomes due, by the fast clock. */
const lastDue = (scenario: Scenario, journal: Journal): number =>
  Math.max(
    0,
    ...scenario.crms.flatMap((crm) =>
      expectedAfter(scenario, crm).activities.map(
        ({ interaction, due }) =>
          (journal.sent.get(sceneKey(interaction, due.scene)) ?? 0) + due.afterMs,
      ),
    ),
  );

/** Waits until nothing waits any more, or patience ends. Answers how much still waited. */
async function settled({ wrapup, store, time }: World, lastDueAt: number): Promise<number> {
  await until(lastDueAt, time);
  const waiting = async (): Promise<number> => {
    const { ready, claimed, later } = await wrapup.stats();
    // A lost wrap-up whose deadline has passed waits until the worker closes it.
    return ready + claimed + later + (await store.overdue(100)).length;
  };
  const end = Date.now() + patienceMs;
  let calm = 0;
  while (calm < 3 && Date.now() < end) {
    await pause(60);
    calm = (await waiting()) === 0 ? calm + 1 : 0;
  }
  return waiting();
}
