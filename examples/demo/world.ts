import { join } from "node:path";
import { createWrapup, type Store, type Wrapup } from "@wrapup/core";
import { sqliteStore } from "@wrapup/core/sqlite";
import type { Crm, Org, Probe } from "./crm.ts";
import { crmParts } from "./crms.ts";
import { type FastTime, timeAsText } from "./fast-clock.ts";
import { type Names, seedOrg } from "./org.ts";
import type { Message, Processes } from "./processes.ts";
import { type Told, toldNothing } from "./result.ts";
import { connections, limits, type Shared, sharedAsText } from "./shared.ts";
import { type CrmName, playedMs, type Scenario } from "./story.ts";

/** One emulated CRM as it is played against. */
export type Played = {
  readonly crm: Crm;
  readonly probe: Probe;
  readonly users: ReadonlyMap<string, string>;
  readonly names: Names;
  /** What the workers told of it, those that were killed included. */
  readonly told: Told;
};

/** All processes, set up and ready: the app is this one. */
export type World = {
  readonly time: FastTime;
  readonly crms: readonly Played[];
  readonly store: Store;
  readonly wrapup: Wrapup;
  /** What went wrong in the workers. */
  readonly failures: readonly string[];
  readonly killWorker: () => Promise<void>;
  readonly startWorker: () => Promise<void>;
};

/** Real ms that one API call takes, usually and while the worker is about to be killed with calls under way. */
export const latency = { usual: 40, slow: 250 } as const;

/** What the world is made for. */
type WorldOptions = {
  readonly scenario: Scenario;
  readonly seed: number;
  readonly seconds: number;
  readonly folder: string;
};

/** Starts the CRMs and the worker, and opens Wrapup in this process as an app does that leaves writing to others. */
export async function openWorld(processes: Processes, of: WorldOptions): Promise<World> {
  const time: FastTime = {
    base: Date.UTC(2026, 0, 5, 9),
    realStart: Date.now(),
    speed: playedMs / (of.seconds * 1_000),
  };
  const started = await Promise.all(
    of.scenario.crms.map((name) => startCrm(processes, name, time, of)),
  );
  const crms = started.map(({ played }) => played);
  const orgs = new Map(started.map(({ played, org }) => [played.crm.name, org]));
  const shared: Shared = { time, orgs, file: join(of.folder, "wrapup.db") };
  const store = sqliteStore(shared.file);
  const wrapup = await createWrapup({
    store,
    connections: await connections(shared),
    work: false,
    ...limits(shared),
  });
  const failures: string[] = [];
  const start = (): ReturnType<Processes["start"]> =>
    processes.start("worker-process.ts", sharedAsText(shared), (message) => {
      if (message.get("event") === "failure") failures.push(message.get("text") ?? "");
      const about = crms.find(({ crm }) => crm.connection === message.get("connection"));
      if (about !== undefined) hear(about.told, message);
    });
  let worker = await start();
  return {
    time,
    crms,
    store,
    wrapup,
    failures,
    killWorker: () => worker.kill(),
    startWorker: async () => {
      worker = await start();
    },
  };
}

async function startCrm(
  processes: Processes,
  name: CrmName,
  time: FastTime,
  { scenario, seed }: WorldOptions,
): Promise<{ readonly played: Played; readonly org: Org }> {
  const { first } = await processes.start("emulator-process.ts", {
    ...timeAsText(time),
    crm: name,
    seed: String(seed),
    latencyMs: String(latency.usual),
  });
  const org: Org = Object.fromEntries(first);
  const crm = await crmParts[name].crm();
  const probe = crm.probe(org);
  const seeded = await seedOrg(probe, scenario);
  return { played: { crm, probe, ...seeded, told: toldNothing() }, org };
}

function hear(told: Told, message: Message): void {
  const event = message.get("event");
  const why = message.get("why") ?? "";
  if (event === "written") told.written += 1;
  if (event === "retrying") told.retries += 1;
  if (event === "paused") told.pauses.set(why, (told.pauses.get(why) ?? 0) + 1);
}
