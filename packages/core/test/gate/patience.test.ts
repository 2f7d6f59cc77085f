import { CrmError, type Trouble } from "@wrapup/core";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Gate } from "../../src/gate/gate.ts";
import { withPatience } from "../../src/gate/patience.ts";
import { openGate } from "./gate-world.ts";

// The pauses between tries are p-retry's own, on the machine's timers.
beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
afterEach(() => void vi.useRealTimers());

type Why = Trouble | "refused";

/** A call that fails as scripted, then succeeds. */
async function asked(
  gate: Gate,
  failures: readonly unknown[],
  repeat: "always" | "ifNotSent" = "always",
): Promise<{ readonly tries: number; readonly ended: unknown }> {
  const left = [...failures];
  let tries = 0;
  const running = withPatience(gate, { place: "find", repeat }, async ({ urgency }) => {
    tries += 1;
    if (left.length > 0) throw left.shift();
    return urgency;
  }).catch((error: unknown) => error);
  await vi.advanceTimersByTimeAsync(30_000);
  return { ended: await running, tries };
}

const crm = (why: Why, sent: "no" | "maybe" = "no", afterMs?: number): CrmError =>
  new CrmError(why, sent, `it was ${why}`, afterMs === undefined ? {} : { afterMs });
const many = (error: CrmError): readonly CrmError[] => Array.from({ length: 9 }, () => error);

describe("A3 somebody waits: reads are tried up to three times", () => {
  test.each(["transient", "lock", "unreachable", "throttled"] as const)(
    "A3 %s: tried again, and the answer is handed out",
    async (why) => {
      const { gate } = await openGate();
      expect(await asked(gate, [crm(why), crm(why, "maybe")])).toEqual({
        tries: 3,
        ended: "agent",
      });
    },
  );

  test.each(["transient", "unreachable"] as const)("A3 %s: given up after three", async (why) => {
    const { gate } = await openGate();
    const error = crm(why);
    expect(await asked(gate, many(error))).toEqual({ tries: 3, ended: error });
  });

  test.each(["auth", "refused", "schema", "budget"] as const)(
    "A3 %s: never tried again",
    async (why) => {
      const { gate } = await openGate();
      const error = crm(why);
      expect(await asked(gate, many(error))).toEqual({ tries: 1, ended: error });
    },
  );

  test("W5 A3 a CRM that says when to come back is not asked before", async () => {
    const { gate, clock } = await openGate();
    const error = crm("throttled", "no", 30_000);
    expect(await asked(gate, many(error))).toEqual({ tries: 1, ended: error });
    expect(await gate.leave("agent")).toMatchObject({ until: clock.now() + 30_000 });
  });

  test("A3 a defect of the adapter is not tried again", async () => {
    const { gate } = await openGate();
    const defect = new RangeError("out of range");
    expect(await asked(gate, [defect])).toEqual({ tries: 1, ended: defect });
    expect((await asked(gate, ["a bare string"])).ended).toBeInstanceOf(Error);
  });
});

describe("A3 R4 creates are tried again only when surely not sent", () => {
  test("A3 not sent: tried again", async () => {
    const { gate } = await openGate();
    expect(await asked(gate, [crm("transient", "no")], "ifNotSent")).toMatchObject({ tries: 2 });
  });

  test("R4 maybe sent: never", async () => {
    const { gate } = await openGate();
    const error = crm("transient", "maybe");
    expect(await asked(gate, [error], "ifNotSent")).toEqual({ tries: 1, ended: error });
    const later = [crm("transient", "no"), error];
    expect(await asked(gate, later, "ifNotSent")).toEqual({ tries: 2, ended: error });
  });
});

describe("W5 what an agent's call means for the connection", () => {
  test("W5 a paused connection refuses at once, and names why and when", async () => {
    const { gate } = await openGate();
    const until = await gate.pause({
      why: "auth",
      reason: "The password expired.",
      afterMs: 60_000,
    });
    expect(await asked(gate, [])).toMatchObject({
      tries: 0,
      ended: {
        code: "crm_unavailable",
        place: "find",
        message: expect.stringContaining("auth. The password expired."),
        mend: expect.stringContaining(new Date(until).toISOString()),
      },
    });
  });

  test.each(["throttled", "auth", "schema", "budget"] as const)(
    "W5 %s pauses the connection",
    async (why) => {
      const { gate, events } = await openGate();
      await asked(gate, many(crm(why)));
      expect(await gate.leave("background")).toMatchObject({ is: "closed", why });
      expect(events).toMatchObject([{ event: "paused", why, reason: `it was ${why}` }]);
    },
  );

  test.each(["unreachable", "transient", "lock", "refused"] as const)(
    "W5 %s does not: it may be this one read",
    async (why) => {
      const { gate, events } = await openGate();
      await asked(gate, many(crm(why)));
      expect(await gate.leave("background")).toMatchObject({ is: "open" });
      expect(events).toEqual([]);
    },
  );

  test("W5 an administrator's look passes the pauses it names, and no other", async () => {
    const { gate } = await openGate();
    const look = (): Promise<unknown> =>
      withPatience(
        gate,
        { place: "check", repeat: "always", past: ["schema"] },
        async () => "seen",
      );
    await gate.pause({ why: "schema", reason: "a field is gone", afterMs: 60_000 });
    expect(await look()).toBe("seen");
    await gate.pause({ why: "auth", reason: "signed out", afterMs: 120_000 });
    await expect(look()).rejects.toMatchObject({ code: "crm_unavailable" });
  });

  test("W5 an answer heals the breaker", async () => {
    const { gate, clock } = await openGate();
    await gate.pause({ why: "unreachable", reason: "down" });
    await clock.advance(600_000);
    await asked(gate, []);
    expect(await gate.state()).toEqual({ failures: 0 });
  });
});
