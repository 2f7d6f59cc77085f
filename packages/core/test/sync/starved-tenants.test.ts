import { createWrapup, memoryStore, type Store, type TenantView } from "@wrapup/core";
import { manualClock, scriptedCrm } from "@wrapup/core/testing";
import { expect, test } from "vitest";
import { ada } from "../world.ts";

const crm = () => scriptedCrm();

/** One file that outlives the process: closing the app leaves the store as it is. */
const shared = (): Store => Object.assign(memoryStore(), { close: () => Promise.resolve() });

const open = async (view: TenantView, id: string) => {
  const call = await view.interactions.start({ id, channel: "voice" });
  await call.link({ connection: "crm", type: "person", id: "p1" });
  return call.accept({ agent: ada });
};

const state = async (view: TenantView) => (await view.explain("c")).connections[0]?.state;

test("O2 W1 lanes of a hundred connections that nobody configures any more never keep others waiting", async () => {
  const store = shared();
  const { adapter } = crm();
  const clock = manualClock();
  const before = await createWrapup({ store, clock, connections: { crm: adapter }, work: false });
  for (let n = 0; n < 100; n += 1)
    await (await open(before.tenant(`left-${n}`), "c")).endTalk({ wrapUp: "none" });
  await before.close();
  await clock.advance(1_000);
  const wrapup = await createWrapup({
    store,
    clock,
    connections: (tenant) => Promise.resolve(tenant === "good" ? { crm: adapter } : {}),
  });
  await (await open(wrapup.tenant("good"), "c")).endTalk({ wrapUp: "none" });
  await wrapup.drain();
  expect(await state(wrapup.tenant("good"))).toBe("written");
  await wrapup.close();
});

test("O2 L7 five hundred deadlines of a tenant that cannot be configured never keep another's from closing", async () => {
  const store = shared();
  const { adapter } = crm();
  const clock = manualClock();
  const before = await createWrapup({ store, clock, connections: { crm: adapter }, work: false });
  for (let n = 0; n < 500; n += 1) await open(before.tenant("left"), `c-${n}`);
  await clock.advance(1_000);
  await open(before.tenant("good"), "c");
  await before.close();
  const wrapup = await createWrapup({
    store,
    clock,
    catchUpMs: 0,
    connections: (tenant) =>
      tenant === "good" ? Promise.resolve({ crm: adapter }) : Promise.reject(new Error("no")),
  });
  await clock.advance(13 * 3_600_000);
  for (let n = 0; n < 3; n += 1) await wrapup.drain();
  expect(await state(wrapup.tenant("good"))).toBe("written");
  await wrapup.close();
});

test("O2 W1 a tenant whose settings never come keeps neither the others nor closing waiting", async () => {
  const store = shared();
  const { adapter } = crm();
  const before = await createWrapup({ store, connections: { crm: adapter }, work: false });
  await (await open(before.tenant("slow"), "c")).endTalk({ wrapUp: "none" });
  await before.close();
  const wrapup = await createWrapup({
    store,
    pollMs: 20,
    connections: (tenant) =>
      tenant === "slow" ? new Promise(() => undefined) : Promise.resolve({ crm: adapter }),
  });
  await (await open(wrapup.tenant("good"), "c")).endTalk({ wrapUp: "none" });
  await expect.poll(() => state(wrapup.tenant("good")), { timeout: 3_000 }).toBe("written");
  await wrapup.close();
});
