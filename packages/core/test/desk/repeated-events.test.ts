import { expect, test } from "vitest";
import { ada, bob, openWorld } from "../world.ts";

test("L6 a note's event told twice is one note", async () => {
  const { wrapup, call } = await openWorld();
  const { call: c } = await call("c-1");
  await c.note({ text: "hello", audience: "inbound", eventId: "e-1" });
  await c.note({ text: "hello", audience: "inbound", eventId: "e-1" });
  expect((await c.read()).notes.map(({ text }) => text)).toEqual(["hello"]);
  await wrapup.close();
});

test("L6 an old note event told again does not bring the old wording back", async () => {
  const { wrapup, call } = await openWorld();
  const { call: c } = await call("c-1");
  await c.note({ id: "n", text: "first", audience: "inbound", eventId: "e-1" });
  await c.note({ id: "n", text: "mended", audience: "inbound", eventId: "e-2" });
  await c.note({ id: "n", text: "first", audience: "inbound", eventId: "e-1" });
  expect((await c.read()).notes.map(({ text }) => text)).toEqual(["mended"]);
  await wrapup.close();
});

test("L6 an accept's event with other content keeps the first and warns, also where the leg is named", async () => {
  const { wrapup, events } = await openWorld();
  const call = await wrapup.interactions.start({ id: "c-1", channel: "voice" });
  await call.accept({ leg: "1", agent: ada, eventId: "e-1" });
  await call.accept({ leg: "2", agent: bob, eventId: "e-1" }).catch(() => undefined);
  expect((await call.read()).legs.map(({ id }) => id)).toEqual(["1"]);
  expect(events.map(({ event }) => event)).toContain("repeatedWithOtherContent");
  await wrapup.close();
});
