import { expect, test } from "vitest";
import { openWorld } from "../world.ts";

test("R6 how to open a record is data: a url, or that nobody is signed in", async () => {
  const { wrapup, crm } = await openWorld();
  const record = { connection: "crm", type: "person", id: "p1" };
  expect(await wrapup.open(record)).toEqual({ url: "https://crm.example/p1" });
  crm.adapter.openUrl = () => undefined;
  expect(await wrapup.open(record)).toEqual({ signedOut: true });
  await expect(wrapup.open({ ...record, connection: "salse" })).rejects.toMatchObject({
    code: "unknown_connection",
  });
  await expect(wrapup.open({ ...record, id: "" })).rejects.toMatchObject({ code: "invalid_input" });
  await wrapup.close();
});
