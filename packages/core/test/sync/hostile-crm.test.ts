import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { CrmError, type EventListener, type Logger } from "@wrapup/core";
import { sqliteStore } from "@wrapup/core/sqlite";
import { troubled } from "../../src/gate/rules.ts";
import { openWorld } from "../world.ts";

const throttled = (afterMs: number) =>
  ({
    is: "fails",
    error: new CrmError("throttled", "no", "busy", { afterMs }),
  }) as const;

const sqlite = async (): Promise<ReturnType<typeof sqliteStore>> => {
  const folder = await mkdtemp(join(tmpdir(), "wrapup-hostile-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return sqliteStore(join(folder, "wrapup.db"));
};

test("W5 Retry-After: 0 does not turn the backoff off", () => {
  let state = troubled(
    { failures: 0 },
    { why: "throttled", reason: "busy", afterMs: 0 },
    1_000,
    0.5,
  );
  expect(state.pausedUntil).toBeGreaterThanOrEqual(1_500);
  for (let n = 0; n < 8; n += 1)
    state = troubled(
      { failures: state.failures },
      { why: "unreachable", reason: "down", afterMs: 0 },
      0,
      0.5,
    );
  expect(state.pausedUntil, "many in a row wait longer").toBeGreaterThan(10_000);
});

test("W5 no Retry-After pauses a connection for longer than a day", () => {
  const day = 86_400_000;
  for (const afterMs of [31_536_000_000, 99_999_999_999_999_000, Number.MAX_VALUE])
    expect(
      troubled({ failures: 0 }, { why: "throttled", reason: "busy", afterMs }, 0, 0.5).pausedUntil,
      String(afterMs),
    ).toBeLessThanOrEqual(day);
});

test("W5 W9 after an absurd Retry-After the interaction can still be read and explained", async () => {
  const { wrapup, crm, closedCall } = await openWorld({ store: await sqlite() });
  crm.script(throttled(99_999_999_999_999_000));
  const interaction = await closedCall("c-1");
  await wrapup.drain();
  await expect(interaction.explain()).resolves.toMatchObject({ interaction: "c-1" });
  await expect(interaction.card()).resolves.toMatchObject({ interaction: "c-1" });
  await expect(wrapup.find("crm", { name: "Cora" })).rejects.toMatchObject({
    code: "crm_unavailable",
  });
  await wrapup.close();
});

test("W5 resume() also tries what was waiting for the end of the pause", async () => {
  const { wrapup, crm, closedCall } = await openWorld();
  crm.script(throttled(3_600_000));
  await closedCall("c-1");
  await wrapup.drain();
  expect(crm.rows.size).toBe(0);
  await wrapup.resume("crm");
  await wrapup.drain();
  expect(crm.rows.size).toBe(1);
  await wrapup.close();
});

const throwing = (level: keyof Logger): Logger => {
  const quiet = (): void => undefined;
  return {
    debug: quiet,
    info: quiet,
    warn: quiet,
    error: quiet,
    [level]: () => {
      throw new Error("the log's disk is full");
    },
  };
};

test("O3 W2 a logger that throws does not keep a written activity from its receipt", async () => {
  const { wrapup, crm, closedCall } = await openWorld({ options: { logger: throwing("debug") } });
  const interaction = await closedCall("c-1");
  await wrapup.drain().catch(() => undefined);
  expect((await interaction.explain()).connections[0]?.state).toBe("written");
  expect(crm.requests).toHaveLength(1);
  await wrapup.close();
});

test("O3 a listener that rejects does not end the process", async () => {
  const unhandled: unknown[] = [];
  const onUnhandled = (reason: unknown): void => void unhandled.push(reason);
  process.on("unhandledRejection", onUnhandled);
  const { wrapup, closedCall } = await openWorld();
  // An async function is what most apps hand over; TypeScript lets it pass as one that answers nothing.
  Reflect.apply((listener: EventListener) => wrapup.on(listener), undefined, [
    () => Promise.reject(new Error("of the app")),
  ]);
  await closedCall("c-1");
  await wrapup.drain();
  await new Promise((resolve) => setTimeout(resolve, 20));
  process.off("unhandledRejection", onUnhandled);
  expect(unhandled).toEqual([]);
  await wrapup.close();
});

const leak = "Quagmire 5550177";

test.for(["check", "describe", "search", "usersOf"] as const)(
  "O3 what a broken adapter throws in %s is told by its kind only: it may quote anything",
  async (part) => {
    const logs: unknown[] = [];
    const keep = (message: string, attributes?: unknown): void =>
      void logs.push(message, attributes);
    const { wrapup, crm, closedCall } = await openWorld({
      options: { logger: { debug: keep, info: keep, warn: keep, error: keep } },
    });
    const holder: object = part in crm.adapter ? crm.adapter : (crm.adapter.reads ?? {});
    Reflect.set(holder, part, () => Promise.reject(new Error(leak)));
    const interaction = await closedCall("c-1");
    await wrapup.drain();
    const told = JSON.stringify([
      logs,
      await interaction.explain(),
      (await interaction.card()).matches,
      await interaction.preview(),
    ]);
    expect(told).not.toContain(leak);
    await wrapup.close();
  },
);
