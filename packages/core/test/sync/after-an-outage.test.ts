import type { Answer } from "@wrapup/core";
import { expect, test } from "vitest";
import { openWorld } from "../world.ts";

const minute = 60_000;
const sunk: Answer = { is: "retry", why: "transient", sent: "maybe", reason: "HTTP 500" };

test("W4 W6 after an outage one write that sinks its batch is parked alone, and stops no other", async () => {
  const { wrapup, crm, pass, closedCall } = await openWorld({
    crm: { abilities: { maxBatch: 50 } },
  });
  const push = crm.adapter.push.bind(crm.adapter);
  let down = true;
  crm.adapter.push = async (writes, context) => {
    const sinks = writes.some(({ entry }) => entry.roles["on"]?.[0]?.id === "poison");
    return down || sinks ? writes.map(() => sunk) : push(writes, context);
  };
  for (let n = 0; n < 12; n += 1) await closedCall(`c-${n}`, n === 3 ? "poison" : `p${n}`);
  for (let n = 0; n < 24; n += 1) await pass(5 * minute);
  expect(await wrapup.parked.list()).toEqual([]);
  down = false;
  for (let n = 0; n < 12; n += 1) await pass(5 * minute);
  await closedCall("later", "p-later");
  await pass(5 * minute);
  expect(crm.rows.size).toBe(12);
  for (let n = 0; n < 12 * 24; n += 1) await pass(5 * minute);
  expect((await wrapup.parked.list()).map(({ interaction }) => interaction)).toEqual(["c-3"]);
  await wrapup.close();
});
