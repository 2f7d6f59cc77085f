import { createWrapup, memoryStore } from "@wrapup/core";
import { scriptedCrm } from "@wrapup/core/testing";
import { describe, expect, test } from "vitest";

const good = { store: memoryStore(), connections: { crm: scriptedCrm().adapter } };

/** What plain JavaScript could hand over. */
const open = (options: unknown): Promise<unknown> =>
  createWrapup(options as Parameters<typeof createWrapup>[0]);

describe("O5 the options are read at the door: one clear error that names the place and how to mend it", () => {
  test.each([
    [{ ...good, conections: {} }, 'There is no option "conections" (at createWrapup)'],
    [{ store: good.store }, "createWrapup.connections"],
    [{ ...good, store: "./wrapup.db" }, "a store such as sqliteStore(path)"],
    [{ ...good, connections: [] }, "createWrapup.connections"],
    [{ ...good, connections: { "a b": good.connections.crm } }, 'the name "a b"'],
    [{ ...good, connections: { crm: {} } }, "createWrapup.connections.crm.adapter"],
    [
      { ...good, connections: { crm: { adapter: good.connections.crm, timezone: "UTC" } } },
      'There is no option "timezone"',
    ],
    [
      {
        ...good,
        connections: {
          crm: { adapter: good.connections.crm, mapping: { activities: {}, otherwise: {} } },
        },
      },
      "mapping.otherwise.type",
    ],
    [
      {
        ...good,
        connections: {
          crm: {
            adapter: good.connections.crm,
            mapping: { activities: {}, otherwise: { type: "t", fields: { a: { from: "x" } } } },
          },
        },
      },
      "one of { fact }, { constant } or { template }",
    ],
    [
      { ...good, lifecycle: { activityPer: { chat: "legs" } } },
      "createWrapup.lifecycle.activityPer.chat",
    ],
    [
      { ...good, lifecycle: { deadlines: { maxTalk: "12h" } } },
      "createWrapup.lifecycle.deadlines.maxTalk",
    ],
    [{ ...good, logger: {} }, "an object with debug, info, warn and error"],
  ])("%#", async (options, said) => {
    await expect(open(options)).rejects.toMatchObject({
      code: "invalid_input",
      message: expect.stringContaining(said),
    });
  });
});

describe("O2 O5 a tenant's id is read as every id is", () => {
  test("it names the place and how to mend it", async () => {
    const wrapup = await createWrapup({ ...good, store: memoryStore() });
    const tenant: unknown = Reflect.get(wrapup, "tenant");
    if (typeof tenant !== "function") throw new Error("no tenant");
    expect(() => Reflect.apply(tenant, wrapup, [5])).toThrow(
      "A value is missing or of another kind (at tenant). Give a text here.",
    );
    expect(() => wrapup.tenant("x".repeat(256))).toThrow("The limit is 255 characters.");
    expect(wrapup.tenant("x".repeat(255))).toHaveProperty("interactions");
    await wrapup.close();
  });
});
