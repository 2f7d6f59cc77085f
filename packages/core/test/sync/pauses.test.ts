import { CrmError, memoryStore } from "@wrapup/core";
import { manualClock } from "@wrapup/core/testing";
import { expect, test } from "vitest";
import { Gate } from "../../src/gate/gate.ts";
import { defaultBudget } from "../../src/gate/rules.ts";
import { openWorld } from "../world.ts";

const minute = 60_000;

test("W5 one throttled call during a budget pause stops agents for seconds, not for the rest of the pause", async () => {
  const clock = manualClock();
  const store = memoryStore();
  await store.open(clock);
  const gate = new Gate({
    of: { tenant: "t", connection: "c" },
    store,
    clock,
    observer: { event: () => undefined, span: (_name, _attributes, work) => work() },
    budget: defaultBudget,
    timeoutMs: minute,
    random: () => 0,
  });
  await gate.pause({ why: "budget", reason: "", afterMs: 10 * minute });
  expect((await gate.leave("agent")).is).toBe("open");
  await gate.pause({ why: "throttled", reason: "" });
  await clock.advance(10_000);
  expect((await gate.leave("agent")).is).toBe("open");
  expect((await gate.leave("background")).is).toBe("closed");
});

test("W5 W6 a CRM that fails every request as a whole for hours pauses the connection; nothing is parked", async () => {
  const { wrapup, crm, pass, closedCall } = await openWorld();
  await wrapup.check();
  const down = { is: "fails", error: new CrmError("transient", "maybe", "HTTP 500") } as const;
  crm.script(...Array.from({ length: 2_000 }, () => down));
  for (let n = 0; n < 5; n += 1) await closedCall(`c-${n}`);
  for (let n = 0; n < 12 * 12; n += 1) await pass(5 * minute);
  expect(await wrapup.parked.list()).toEqual([]);
  await wrapup.close();
});
