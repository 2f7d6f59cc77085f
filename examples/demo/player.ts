import { CrmError, isWrapupError, type RecordRef, type Wrapup } from "@wrapup/core";
import { fastClock, type FastTime, pause, until } from "./fast-clock.ts";
import { idOf } from "./org.ts";
import {
  type DemoAgent,
  happensIn,
  kindOf,
  type RecordName,
  type Scene,
  type Story,
} from "./story.ts";
import type { Played } from "./world.ts";

type Handle = Awaited<ReturnType<Wrapup["interactions"]["start"]>>;

/** What the app remembers of the half hour, for the proof: it is never asked of Wrapup. */
export type Journal = {
  /** The clock just before each scene's command was sent, by story and scene. */
  readonly sent: Map<string, number>;
  /** Commands that were refused though the story needs them. */
  readonly refused: string[];
  started: number;
};

/** Key of a scene in the journal. */
export const sceneKey = (story: string, scene: number): string => `${story}#${scene}`;

/** What the player needs of the world. */
export type Stage = {
  readonly wrapup: Wrapup;
  readonly crms: readonly Played[];
  readonly time: FastTime;
  /** The moment the half hour began, by the fast clock. */
  readonly begin: number;
  readonly agents: ReadonlyMap<string, DemoAgent>;
  readonly journal: Journal;
  /** The story whose wrap-up the app reports as over the moment the talk ends, though the agent goes on for long: `--sabotage early`. */
  readonly hurried?: string;
};

/** How often an agent tries again when the CRM does not answer them, real ms apart. */
const patience = { tries: 60, everyMs: 100 } as const;

/** Plays one story at its moments. Scenes of one story wait for each other; stories do not. */
export async function play(story: Story, stage: Stage): Promise<void> {
  const { time, begin, journal } = stage;
  const clock = fastClock(time);
  let handle: Handle | undefined;
  for (const [n, scene] of story.scenes.entries()) {
    const hurried = story.id === stage.hurried && scene.do === "completeWrapUp";
    if (!hurried) await until(begin + scene.at, time);
    // Taken before the command leaves: what it makes due cannot be in the CRM any earlier.
    journal.sent.set(sceneKey(story.id, n), clock.now());
    try {
      handle = await perform(story, scene, n, stage, handle);
    } catch (error) {
      journal.refused.push(
        `${story.id}, ${scene.do}: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
    if (hurried) {
      await writtenAlready(story.id, stage);
      journal.sent.set(sceneKey(story.id, n), clock.now());
    }
  }
}

/** Waits until every CRM holds something of this story; not for ever. */
async function writtenAlready(story: string, { crms }: Stage): Promise<void> {
  for (let left = patience.tries * 3; left > 0; left -= 1) {
    const held = await Promise.all(crms.map(({ probe }) => probe.activities()));
    if (held.every((list) => list.some(({ interaction }) => interaction === story))) return;
    await pause(patience.everyMs);
  }
}

async function perform(
  story: Story,
  scene: Scene,
  n: number,
  stage: Stage,
  handle: Handle | undefined,
): Promise<Handle> {
  if (scene.do === "start") {
    stage.journal.started += 1;
    const { id, channel, direction, customer, subject } = story;
    return stage.wrapup.interactions.start({
      id,
      channel,
      direction,
      customer,
      ...(subject !== undefined && { subject }),
      ...whenOf(scene, n),
    });
  }
  const there = handle ?? (await stage.wrapup.interactions.get(story.id));
  if (scene.do === "note") {
    await there.note({ text: scene.text, audience: scene.inCrm === true ? "inbound" : "internal" });
  } else if (isInCrms(scene)) {
    const where = stage.crms.filter(({ crm }) => happensIn(crm.name, story, scene));
    await Promise.all(where.map((played) => inCrm(scene, played, story, there)));
  } else await there.apply(commandOf(scene, n, stage));
  return there;
}

/** A platform's events carry an id of their own, and the recorded time where there is one. */
const whenOf = (scene: Scene, n: number): { readonly eventId: string; readonly at?: number } => ({
  eventId: scene.eventId ?? `event-${n}`,
  ...(scene.platformTime !== undefined && { at: scene.platformTime }),
});

/** What the platform reports, as a command. */
function commandOf(scene: Scene, n: number, { agents }: Stage): Readonly<Record<string, unknown>> {
  const { at: _at, eventId: _id, platformTime: _time, in: _in, ...action } = scene;
  const agent = "agent" in scene ? agents.get(scene.agent) : undefined;
  const to = scene.do === "transfer" && scene.to !== undefined ? agents.get(scene.to) : undefined;
  return {
    ...action,
    ...(agent !== undefined && { agent }),
    ...(to !== undefined && { to }),
    ...whenOf(scene, n),
  };
}

const crmActions = [
  "crmDeletes",
  "crmMerges",
  "crmConverts",
  "link",
  "unlink",
  "createCase",
] as const;

type InCrms = Extract<Scene, { readonly do: (typeof crmActions)[number] }>;

const isInCrms = (scene: Scene): scene is InCrms => crmActions.some((each) => each === scene.do);

/** What happens in one CRM: by a colleague who works there, or by the agent on their own screen. */
async function inCrm(scene: InCrms, played: Played, story: Story, handle: Handle): Promise<void> {
  const { names, probe } = played;
  switch (scene.do) {
    case "crmDeletes":
      return probe.remove(kindOf(scene.record), idOf(names, scene.record));
    case "crmMerges":
      return probe.merge(kindOf(scene.winner), idOf(names, scene.winner), idOf(names, scene.loser));
    case "crmConverts":
      names.set(scene.into, await probe.convertLead(idOf(names, scene.lead)));
      return;
    case "link": {
      const ref = refOf(scene.record, played);
      const found = scene.search === true ? await searched(handle, story, ref) : ref;
      const parents = scene.parents
        ?.map((name) => refOf(name, played))
        .map(({ type, id }) => ({ type, id }));
      await handle.link({ ref: found, ...(parents !== undefined && { parents }) });
      return;
    }
    case "unlink":
      await handle.unlink(refOf(scene.record, played));
      return;
    case "createCase":
      names.set(scene.record, await createCase(handle, scene, played, story));
      return;
    default:
      scene satisfies never;
  }
}

const refOf = (name: RecordName, { crm, names }: Played): RecordRef => ({
  connection: crm.connection,
  type: crm.typeOf(kindOf(name)),
  id: idOf(names, name),
});

/** The agent searches by the caller's number, and picks the customer from the list where several have it. */
async function searched(
  handle: Handle,
  { customer }: Story,
  wanted: RecordRef,
): Promise<RecordRef> {
  const match = await patiently(() =>
    handle.find(
      wanted.connection,
      customer.phone === undefined ? { email: customer.email ?? "" } : { phone: customer.phone },
    ),
  );
  const found = match.is === "one" ? [match.record] : match.is === "many" ? match.records : [];
  const hit = found.find(({ ref }) => ref.id === wanted.id);
  if (hit === undefined)
    throw new Error(`the search by phone found ${found.length} records and not the caller`);
  return hit.ref;
}

/** The agent fills in a case and saves it; where the CRM does not answer, again, with the same draft. */
async function createCase(
  handle: Handle,
  { subject }: Extract<Scene, { readonly do: "createCase" }>,
  { crm, names }: Played,
  { scenes }: Story,
): Promise<string> {
  const draft = await patiently(() => handle.draft(crm.connection, crm.typeOf("Case")));
  const customer = scenes.flatMap((scene) => (scene.do === "link" ? names.get(scene.record) : []));
  return patiently(async () => {
    const saved = await draft.save(crm.newCase(subject, customer[0]));
    if (saved.is === "created" || saved.is === "already") return saved.record.ref.id;
    if (saved.is === "uncertain")
      throw new CrmError("transient", "maybe", "the CRM did not say whether it created the case");
    throw new Error(`the case was not created: ${saved.is}`);
  });
}

/** Tries again while the CRM is away. Everything else is thrown on. */
async function patiently<T>(work: () => Promise<T>): Promise<T> {
  for (let left = patience.tries; ; left -= 1) {
    try {
      return await work();
    } catch (error) {
      const away =
        (error instanceof CrmError && error.why !== "refused") ||
        (isWrapupError(error) && error.code === "crm_unavailable");
      if (!away || left <= 1) throw error;
      await pause(patience.everyMs);
    }
  }
}
