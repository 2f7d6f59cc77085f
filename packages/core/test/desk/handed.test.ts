import { CrmError, type InteractionHandle, memoryStore, type Wrapup } from "@wrapup/core";
import { describe, expect, test } from "vitest";
import { ada, bob, openWorld } from "../world.ts";

/** Calls as plain JavaScript does, past the types. */
const call = async (on: object, method: string, ...given: readonly unknown[]): Promise<unknown> => {
  const found: unknown = Reflect.get(on, method);
  if (typeof found !== "function") throw new Error(`no method ${method}`);
  const answer: unknown = await Reflect.apply(found, on, given);
  return answer;
};

const refused = { name: "WrapupError", code: "invalid_input" };
const person = { connection: "crm", type: "person", id: "p9" };
const iOf = { connection: "crm", type: "person", id: "p1" };

describe("O5 what a method is handed", () => {
  const wrong: readonly (readonly [
    title: string,
    place: string,
    run: (at: { readonly wrapup: Wrapup; readonly c: InteractionHandle }) => Promise<unknown>,
  ])[] = [
    ["hold(null)", 'interaction("c-1").hold', ({ c }) => call(c, "hold", null)],
    ["endTalk(5)", 'interaction("c-1").endTalk', ({ c }) => call(c, "endTalk", 5)],
    ["endTalk of a list", 'interaction("c-1").endTalk', ({ c }) => call(c, "endTalk", [])],
    ["edit of a date", 'interaction("c-1").edit', ({ c }) => call(c, "edit", new Date(0))],
    ["delete()", 'interaction("c-1").delete', ({ c }) => call(c, "delete")],
    ["delete({})", 'interaction("c-1").delete: written', ({ c }) => call(c, "delete", {})],
    ["setStatus()", 'interaction("c-1").setStatus: status', ({ c }) => call(c, "setStatus")],
    ["learn()", 'interaction("c-1").learn: facts', ({ c }) => call(c, "learn")],
    ["leg(5)", 'interaction("c-1").leg', ({ c }) => call(c, "leg", 5)],
    ["leg of half a character", 'interaction("c-1").leg', ({ c }) => call(c, "leg", "\ud800")],
    [
      "accept without an agent",
      'interaction("c-1").accept: agent',
      ({ c }) => call(c, "accept", {}),
    ],
    ["link({})", 'interaction("c-1").link: connection', ({ c }) => call(c, "link", {})],
    [
      "a found record without a proper reference",
      'interaction("c-1").link: ref.id',
      ({ c }) => call(c, "link", { ref: { ...person, id: "" } }),
    ],
    ["draft()", "draft: type", ({ c }) => call(c, "draft")],
    ["draft of a number", "draft: connection", ({ c }) => call(c, "draft", 5, "person")],
    ["draft of no plain type", "draft: type", ({ c }) => call(c, "draft", "crm", "per'son")],
    ["find in no connection", "find: connection", ({ c }) => call(c, "find", {}, { name: "A" })],
    [
      "find with a type that is no plain name",
      'find("crm"): types.0',
      ({ c }) => call(c, "find", "crm", { name: "A", types: ["a b"] }),
    ],
    [
      "find of everything",
      'find("crm"): limit',
      ({ c }) => call(c, "find", "crm", { name: "A", limit: 1e9 }),
    ],
    ["replay by nobody", "parked.replay: by", ({ wrapup }) => call(wrapup.parked, "replay", [])],
    [
      "replay of keys that are no texts",
      "parked.replay: 0",
      ({ wrapup }) => call(wrapup.parked, "replay", [{}], "op"),
    ],
    [
      "replay of an unknown filter",
      "parked.list",
      ({ wrapup }) => call(wrapup.parked, "replay", { conection: "crm" }, "op"),
    ],
  ];

  test.for(wrong)("O5 %s is refused at %s", async ([, place, run]) => {
    const { wrapup, call: start } = await openWorld();
    const { call: c } = await start("c-1");
    const before = await c.read();
    await expect(run({ wrapup, c })).rejects.toMatchObject({ ...refused, place });
    expect(await c.read()).toEqual(before);
    await wrapup.close();
  });

  test("O5 no refusal repeats what was handed over", async () => {
    const { wrapup, call: start } = await openWorld();
    const { call: c } = await start("c-1");
    const draft = await c.draft("crm", "person");
    const secret = { ref: ["SECRET"], id: "SECRET\n", text: ["SECRET"], state: "SECRET" };
    for (const work of [
      call(c, "note", secret),
      call(c, "link", secret),
      call(c, "unlink", secret),
      call(c, "setStatus", "SECRET"),
      call(c, "find", "crm", { name: ["SECRET"] }),
      call(wrapup.parked, "list", { state: "SECRET" }),
      call(wrapup.interactions, "get", "SECRET\n"),
      call(draft, "save", { name: ["SECRET"] }),
    ])
      await expect(work).rejects.toMatchObject({
        ...refused,
        message: expect.not.stringContaining("SECRET"),
      });
    await wrapup.close();
  });

  test("K7 O5 a connection that nobody configured is unknown, whatever it looks like, and is repeated in short", async () => {
    const { wrapup, call: start } = await openWorld();
    const { call: c } = await start("c-1");
    await expect(c.find(`x\n${"y".repeat(500)}`, { name: "A" })).rejects.toMatchObject({
      code: "unknown_connection",
      place: `find("x\\u{a}${"y".repeat(77)}…")`,
    });
    await wrapup.close();
  });

  test("O5 a leg's own id, a link's own record and a method's own name win over what is handed over", async () => {
    const { wrapup, call: start } = await openWorld();
    const { call: c, leg } = await start("c-1");
    const second = await c.accept({ agent: bob });
    await call(leg, "hold", { leg: second.id, do: "completeWrapUp" });
    expect((await c.read()).legs.map(({ state }) => state)).toEqual(["held", "connected"]);
    for (const work of [
      call(c, "link", person, { record: iOf, title: "another" }),
      call(c, "link", person, { title: "another" }),
      call(c, "learn", { a: 1 }, { leg: "2", disposition: "d" }),
    ])
      await expect(work).rejects.toMatchObject(refused);
    await call(c, "unlink", iOf, { record: person });
    await call(wrapup.interactions, "start", { id: "c-2", channel: "voice", do: "delete" });
    expect((await c.read()).links).toEqual([]);
    expect((await wrapup.interactions.get("c-2")).id).toBe("c-2");
    await wrapup.close();
  });

  test("O5 closed is said by the parked list too", async () => {
    const { wrapup } = await openWorld();
    await wrapup.close();
    for (const work of [
      wrapup.parked.list(),
      wrapup.parked.replay(["k"], "op"),
      wrapup.find("crm", { name: "A" }),
      wrapup.explain("c-1"),
    ])
      await expect(work).rejects.toMatchObject({ code: "closed" });
  });
});

describe("L6 events that are told twice", () => {
  test("L6 a note's event keeps its first content and warns; notes without an id never overwrite one that has", async () => {
    const { wrapup, call: start, events } = await openWorld();
    const { call: c } = await start("c-1");
    await c.note({ text: "first", eventId: "e-1" });
    await c.note({ text: "other", eventId: "e-1" });
    expect(events).toContainEqual({
      event: "repeatedWithOtherContent",
      tenant: "default",
      interaction: "c-1",
      eventId: "e-1",
    });
    await c.note({ id: "3", text: "named" });
    await c.note({ text: "counted" });
    expect((await c.read()).notes.map(({ id, text }) => [id, text])).toEqual([
      ["1", "first"],
      ["3", "named"],
      ["4", "counted"],
    ]);
    await wrapup.close();
  });

  test("L6 an accept's event told twice is one leg, named or not, however long the event's id is", async () => {
    const { wrapup, events } = await openWorld();
    const c = await wrapup.interactions.start({ id: "c-1", channel: "voice" });
    const long = "e".repeat(254);
    const legs = [
      await c.accept({ agent: ada, eventId: `${long}1` }),
      await c.accept({ agent: ada, eventId: `${long}1` }),
      await c.accept({ agent: bob, eventId: `${long}2` }),
      await c.accept({ agent: ada, leg: "A", eventId: "e" }),
      await c.accept({ agent: ada, leg: "A", eventId: "e" }),
    ];
    const [first, again, other] = legs.map(({ id }) => id);
    expect([again, new Set([first, other]).size]).toEqual([first, 2]);
    expect((await c.read()).legs.map(({ id }) => id)).toEqual([first, other, "A"]);
    await expect(c.accept({ agent: ada, leg: "B", eventId: "e" })).rejects.toMatchObject({
      code: "unknown_leg",
    });
    expect(events.filter(({ event }) => event === "repeatedWithOtherContent")).toHaveLength(1);
    await wrapup.close();
  });

  test("L6 L10 what an interaction continues may have changed before the event comes again", async () => {
    const { wrapup, events } = await openWorld();
    const first = await wrapup.interactions.start({ id: "c-1", channel: "voice" });
    const begin = { id: "c-2", channel: "voice", previousId: "c-1", eventId: "e-1" } as const;
    await wrapup.interactions.start(begin);
    await first.note({ text: "more" });
    await wrapup.interactions.start(begin);
    expect(events.map(({ event }) => event)).not.toContain("repeatedWithOtherContent");
    await wrapup.close();
  });

  test("O4 what a store keeps of an event holds nothing of the customer", async () => {
    const store = memoryStore();
    const kept: unknown[] = [];
    const transact = store.transact.bind(store);
    store.transact = (of, event, change) => {
      kept.push(event);
      return transact(of, event, change);
    };
    const { wrapup } = await openWorld({ store });
    const c = await wrapup.interactions.start({ id: "c-1", channel: "voice" });
    await c.note({ text: "has a rash", eventId: "e-1" });
    expect(kept.at(-1)).toEqual({ id: "e-1", content: expect.stringMatching(/^[\da-f]{64}$/u) });
    await wrapup.close();
  });
});

describe("N5 O4 a deleted interaction", () => {
  test("N5 O4 keeps what was written where that was asked, though it holds nothing of the customer any more", async () => {
    const { wrapup, crm, closedCall } = await openWorld();
    const c = await closedCall("c-1");
    await wrapup.drain();
    const written = JSON.stringify([...crm.rows.values()]);
    await c.delete({ written: "keep" });
    expect(JSON.stringify(await c.read())).not.toMatch(/Cora|4155550100/u);
    await wrapup.drain();
    expect(JSON.stringify([...crm.rows.values()])).toBe(written);
    expect((await c.card()).displayName).toBe("Unknown customer");
    await wrapup.close();
  });

  test("N5 L6 a platform's leg event without a leg comes too late and is ignored; a person's is refused, also where no leg is left", async () => {
    const { wrapup, call: start } = await openWorld();
    const { call: c } = await start("c-1");
    await c.accept({ agent: bob });
    await c.delete({ written: "retract" });
    await c.endTalk({ eventId: "late", by: "platform" });
    const bare = await wrapup.interactions.start({ id: "c-2", channel: "voice" });
    await bare.delete({ written: "retract" });
    for (const deleted of [c, bare])
      await expect(deleted.hold()).rejects.toMatchObject({ code: "interaction_deleted" });
    await wrapup.close();
  });
});

describe("R3 O5 a form", () => {
  test("R3 O5 dates are asked for as text, and nothing was sent", async () => {
    const { wrapup, call: start } = await openWorld();
    const { call: c } = await start("c-1");
    const draft = await c.draft("crm", "person");
    await expect(call(draft, "save", { name: new Date(0) })).rejects.toMatchObject({
      ...refused,
      place: 'draft("crm", "person").save: name',
      mend: expect.stringContaining("dates as ISO text such as 2026-03-01"),
    });
    await expect(call(draft, "save")).rejects.toMatchObject(refused);
    await expect(
      call(draft, "save", { name: "C" }, { allowDuplicate: "yes" }),
    ).rejects.toMatchObject(refused);
    expect((await c.read()).drafts).toEqual([]);
    await wrapup.close();
  });

  test("R3 O5 what no database stores is mended as in notes; undefined leaves what the form was filled with", async () => {
    const { wrapup, crm, call: start } = await openWorld();
    const { call: c } = await start("c-1");
    const sent: unknown[] = [];
    const create = crm.adapter.createRecord?.bind(crm.adapter);
    if (create === undefined) throw new Error("no createRecord");
    crm.adapter.createRecord = (draft, context) => {
      sent.push(draft.fields);
      return create(draft, context);
    };
    const draft = await c.draft("crm", "person");
    const saved = await call(draft, "save", { name: "Co\u0000ra\ud800", phone: undefined });
    expect(saved).toMatchObject({ is: "created" });
    expect(sent).toMatchObject([{ name: "Cora\ufffd", phone: "+14155550100" }]);
    await wrapup.close();
  });
});

describe("R1 W9 words that say what is wrong", () => {
  test("R1 a phone without a number says so; a card with one is not called unavailable", async () => {
    const { wrapup } = await openWorld();
    await expect(wrapup.find("crm", { phone: "abc" })).rejects.toMatchObject({
      ...refused,
      message: expect.stringContaining("The phone holds no number"),
    });
    await expect(wrapup.find("crm", { name: " " })).rejects.toThrow("There is nothing to look for");
    const withheld = await wrapup.interactions.start({
      id: "c-1",
      channel: "voice",
      customer: { phone: "anonymous", email: "x".repeat(5_000) },
    });
    expect((await withheld.card()).matches).toEqual([{ connection: "crm", is: "none" }]);
    await wrapup.close();
  });

  test.each([
    ["auth", 'waits for a person: auth: signed out. Mend it, then resume("crm")', "by itself"],
    ["unreachable", "it goes on by itself", "waits for a person"],
  ] as const)("W9 W5 paused by %s: explain says who must act", async (why, said, unsaid) => {
    const { wrapup, crm, closedCall } = await openWorld();
    const fault = new CrmError(why, "no", "signed out.");
    crm.adapter.check = () => Promise.reject(fault);
    await closedCall("c-1");
    await wrapup.drain();
    const [at] = (await wrapup.explain("c-1")).connections;
    expect(at).toMatchObject({ state: "paused", why: expect.stringContaining(said) });
    expect(at?.why).not.toContain(unsaid);
    expect(at?.why).not.toContain("..");
    await wrapup.close();
  });
});
