import { join } from "node:path";
import { createWrapup, type Store, type Wrapup } from "@wrapup/core";
import { sqliteStore } from "@wrapup/core/sqlite";
import { type EmulatorControl, emulatorControl } from "@wrapup/salesforce/emulator";
import { connections, limits, orgFromText, type Shared, sharedAsText } from "./crm.ts";
import { type FastTime, timeAsText } from "./fast-clock.ts";
import { type Names, seedOrg } from "./org.ts";
import type { Message, Processes } from "./processes.ts";
import type { Told } from "./result.ts";
import { playedMs, type Scenario } from "./story.ts";

/** The three processes, set up and ready: the app is this one. */
export type World = {
  readonly time: FastTime;
  readonly control: EmulatorControl;
  readonly store: Store;
  readonly wrapup: Wrapup;
  readonly users: ReadonlyMap<string, string>;
  readonly names: Names;
  /** What the workers told, those that were killed included. */
  readonly told: Told;
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

/** Starts the CRM and the worker, and opens Wrapup in this process as an app does that leaves writing to others. */
export async function openWorld(processes: Processes, of: WorldOptions): Promise<World> {
  const time: FastTime = {
    base: Date.UTC(2026, 0, 5, 9),
    realStart: Date.now(),
    speed: playedMs / (of.seconds * 1_000),
  };
  const { first } = await processes.start("emulator-process.ts", {
    ...timeAsText(time),
    seed: String(of.seed),
    latencyMs: String(latency.usual),
  });
  const org = orgFromText(first);
  const control = emulatorControl(org.url);
  const { users, names } = await seedOrg(control, of.scenario);
  const shared: Shared = { time, org, file: join(of.folder, "wrapup.db") };
  const store = sqliteStore(shared.file);
  const wrapup = await createWrapup({
    store,
    connections: connections(shared),
    work: false,
    ...limits(shared),
  });
  const told: Told = { written: 0, retries: 0, pauses: new Map(), parked: 0, failures: [] };
  const start = (): ReturnType<Processes["start"]> =>
    processes.start("worker-process.ts", sharedAsText(shared), (message) => hear(told, message));
  let worker = await start();
  return {
    time,
    control,
    store,
    wrapup,
    users,
    names,
    told,
    killWorker: () => worker.kill(),
    startWorker: async () => {
      worker = await start();
    },
  };
}

function hear(told: Told, message: Message): void {
  const event = message.get("event");
  const why = message.get("why") ?? "";
  if (event === "written") told.written += 1;
  if (event === "retrying") told.retries += 1;
  if (event === "parked") told.parked += 1;
  if (event === "paused") told.pauses.set(why, (told.pauses.get(why) ?? 0) + 1);
  if (event === "failure") told.failures.push(message.get("text") ?? "");
}
