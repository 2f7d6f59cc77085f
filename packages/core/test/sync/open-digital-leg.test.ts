import { expect, test } from "vitest";
import { ada, bob, openWorld } from "../world.ts";

test("L3 what is linked while only an earlier digital leg is open waits for that leg, though a later one has closed", async () => {
  const { wrapup, crm } = await openWorld();
  const chat = await wrapup.interactions.start({ id: "chat-1", channel: "chat" });
  const first = await chat.accept({ agent: ada });
  const second = await chat.accept({ agent: bob });
  await chat.link({ connection: "crm", type: "person", id: "p1" });
  await second.unassign();
  await wrapup.drain();
  await chat.link({ connection: "crm", type: "person", id: "p2" });
  await wrapup.drain();
  const linked = () =>
    [...crm.rows.values()].flatMap(({ entry }) =>
      Object.values(entry.roles).flatMap((refs) => refs.map(({ id }) => id)),
    );
  expect(linked()).toEqual(["p1"]);
  await first.unassign();
  await wrapup.drain();
  expect(linked().toSorted()).toEqual(["p1", "p2"]);
  await wrapup.close();
});
