import { type Answer, CrmError, memoryStore } from "@wrapup/core";
import { describe, expect, test } from "vitest";
import { ada, noon, openWorld, type World } from "../world.ts";

const verdictOf = async ({ wrapup }: Pick<World, "wrapup">, id = "c-1", at = "crm") => {
  const { connections } = await wrapup.explain(id);
  const found = connections.find(({ connection }) => connection === at);
  return found === undefined ? undefined : [found.state, found.why];
};
const saying = (text: string): unknown => expect.stringContaining(text);
const locked: Answer = { is: "retry", why: "lock", sent: "no", reason: "row is locked." };

/** A call that is over and that nobody linked. */
async function unlinked(connection: { readonly unlinked?: "hold" | "skip" | "log" }, work = true) {
  const world = await openWorld({ connection, options: { work } });
  const call = await world.wrapup.interactions.start({ id: "c-1", channel: "voice" });
  const leg = await call.accept({ agent: ada });
  await leg.endTalk({ wrapUp: "none" });
  await world.wrapup.drain();
  return world;
}

describe("W9 explain: why is it, or is it not, in the CRM", () => {
  test.for([
    ["hold", true, "waitingForWrapUp", "holds unlinked interactions until somebody does (K8)"],
    ["skip", true, "nothingToWrite", "skips unlinked interactions (K8)"],
    ["log", true, "written", "Everything wanted is in the CRM"],
    ["log", false, "due", "It is due and waits for its turn"],
  ] as const)("W9 K8 nobody linked it, %s, written here: %s", async ([rule, work, state, why]) => {
    const world = await unlinked({ unlinked: rule }, work);
    expect(await verdictOf(world)).toEqual([state, saying(why)]);
    await world.wrapup.close();
  });

  test("W9 L5 nobody accepted it", async () => {
    const world = await openWorld();
    await world.wrapup.interactions.start({ id: "c-1", channel: "voice" });
    const expected = ["nothingToWrite", saying("No agent accepted it, so there is no leg")];
    expect(await verdictOf(world)).toEqual(expected);
    const call = await world.wrapup.interactions.get("c-1");
    await call.accept({ agent: ada, role: "monitor" });
    expect(await verdictOf(world)).toEqual(expected);
    await world.wrapup.close();
  });

  test("W9 L2 a digital one waits until its agent is done", async () => {
    const world = await openWorld();
    const chat = await world.wrapup.interactions.start({ id: "c-1", channel: "chat" });
    await chat.accept({ agent: ada });
    expect(await verdictOf(world)).toEqual([
      "waitingForWrapUp",
      "Agent ada is not done yet (assigned); it is written when that leg closes (L2).",
    ]);
    await world.wrapup.close();
  });

  test("W9 N5 deleted before anything was written", async () => {
    const world = await openWorld();
    const { call } = await world.call("c-1");
    await call.delete({ written: "retract" });
    await world.wrapup.drain();
    expect(await verdictOf(world)).toEqual(["nothingToWrite", "The interaction was deleted."]);
    expect((await world.wrapup.explain("c-1")).status).toBe("deleted");
    await world.wrapup.close();
  });

  test("W9 due, while nobody writes here", async () => {
    const world = await openWorld({ options: { work: false } });
    await world.closedCall("c-1");
    expect(await verdictOf(world)).toEqual(["due", saying("waits for its turn")]);
    await world.wrapup.close();
  });

  test("W9 being written right now", async () => {
    const world = await openWorld();
    const during: unknown[] = [];
    world.crm.onRequest(async () => void during.push(await verdictOf(world)));
    await world.closedCall("c-1");
    await world.wrapup.drain();
    expect(during).toEqual([["writing", saying("right now")]]);
    expect(await verdictOf(world)).toEqual(["written", saying("Everything wanted")]);
    await world.wrapup.close();
  });

  test("W9 retrying: what the CRM said, and when it is tried again", async () => {
    const world = await openWorld();
    world.crm.script({ is: "answers", when: () => true, answer: locked });
    await world.closedCall("c-1");
    await world.wrapup.drain();
    const [state, why = ""] = (await verdictOf(world)) ?? [];
    expect(state).toBe("retrying");
    expect(why).toContain("did not take it yet: row is locked. It is tried again at 2026-11-21T12");
    const [entry] = (await world.wrapup.explain("c-1")).connections[0]?.entries ?? [];
    expect(entry).toMatchObject({ state: "retrying", tries: 1, reason: "row is locked." });
    expect(Date.parse(entry?.nextTryAt ?? "")).toBeGreaterThan(noon);
    expect(why).toContain(entry?.nextTryAt);
    await world.wrapup.close();
  });

  test("W9 W5 paused, and only what waits for it", async () => {
    const world = await openWorld();
    await world.closedCall("c-0");
    await world.wrapup.drain();
    world.crm.script({ is: "fails", error: new CrmError("throttled", "no", "slow down.") });
    await world.closedCall("c-1");
    await world.wrapup.drain();
    await world.call("c-2");
    expect(await verdictOf(world)).toEqual(["paused", saying("throttled: slow down. Nothing is")]);
    expect(await verdictOf(world, "c-0")).toEqual(["written", saying("Everything")]);
    expect(await verdictOf(world, "c-2")).toEqual(["waitingForWrapUp", saying("ada")]);
    await world.wrapup.close();
  });

  test("W9 W6 parked for a person, surer than anything else", async () => {
    const world = await openWorld();
    const answer: Answer = { is: "refused", why: "validation", reason: "no such stage." };
    world.crm.script({ is: "answers", when: () => true, answer });
    await world.closedCall("c-1");
    await world.wrapup.drain();
    expect(await verdictOf(world)).toEqual([
      "parked",
      expect.stringMatching(/^It waits for a person: .*no such stage\. Mend the cause/u),
    ]);
    await world.wrapup.close();
  });

  test("W9 K6 people deleted it in the CRM", async () => {
    const world = await openWorld();
    const call = await world.closedCall("c-1");
    await world.wrapup.drain();
    world.crm.remove("a1");
    await call.learn({ recordingUrl: "https://rec.example/1" });
    await world.wrapup.drain();
    expect(await verdictOf(world)).toEqual(["nothingToWrite", saying("People deleted it")]);
    const [entry] = (await world.wrapup.explain("c-1")).connections[0]?.entries ?? [];
    expect(entry).toMatchObject({ state: "gone" });
    await world.wrapup.close();
  });

  test("W9 K7 a connection that is no longer configured: what waits for it is kept", async () => {
    const store = memoryStore();
    store.close = async () => undefined;
    const before = await openWorld({ store, options: { work: false } });
    await before.closedCall("c-1");
    await before.wrapup.close();
    const other = await openWorld();
    const now = await openWorld({
      store,
      options: { work: false, connections: { renamed: other.crm.adapter } },
    });
    expect(await verdictOf(now)).toEqual([
      "nothingToWrite",
      'No connection named "crm" is configured; what waits for it is kept.',
    ]);
    expect(await verdictOf(now, "c-1", "renamed")).toEqual(["nothingToWrite", saying("skips")]);
    await now.wrapup.close();
    await other.wrapup.close();
  });

  test("W9 L7 each leg says who, how it closed and when it became due", async () => {
    const world = await openWorld();
    const { leg } = await world.call("c-1");
    expect((await world.wrapup.explain("c-1")).legs).toEqual([
      { leg: "1", agent: "ada", state: "connected" },
    ]);
    await leg.endTalk({ wrapUp: "none" });
    expect((await world.wrapup.explain("c-1")).legs).toEqual([
      {
        leg: "1",
        agent: "ada",
        state: "closed",
        closed: "noWrapUp",
        dueAt: "2026-11-21T12:00:00.000Z",
      },
    ]);
    await world.wrapup.close();
  });
});
