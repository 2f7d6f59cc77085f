import { describe, expect, test } from "vitest";
import { at, startApi } from "./api.ts";
import { batchText, boundary, codeOf } from "./batch-text.ts";

describe("A4 the organisation's own logic", () => {
  const plugIns = [
    {
      table: "phonecall",
      when: { column: "subject", equals: "Test" },
      message: "Test calls are not logged.",
    },
  ];

  test("W6 a plug-in refuses a row with 0x80040265 and its message, created or changed; people are not asked", async () => {
    const api = await startApi({ plugIns });
    const refused = await api.call("POST", "phonecalls", { subject: "Test" });
    expect([refused.status, codeOf(refused.json), at(refused.json, "error", "message")]).toEqual([
      400,
      "0x80040265",
      "Test calls are not logged.",
    ]);
    expect((await api.call("POST", "tasks", { subject: "Test" })).status).toBe(204);
    const [id = ""] = await api.emulator.control.seed([
      { table: "phonecall", columns: { subject: "Test" } },
    ]);
    const changed = await api.call("PATCH", `phonecalls(${id})`, { description: "more" });
    expect(codeOf(changed.json)).toBe("0x80040265");
    expect((await api.call("PATCH", `phonecalls(${id})`, { subject: "Call" })).status).toBe(204);
  });

  test("a change set that a plug-in refuses is taken back whole", async () => {
    const api = await startApi({ plugIns });
    const both = ["Call", "Test"].map((subject) => ({
      method: "POST",
      path: "phonecalls",
      body: { subject },
      contentId: subject,
    }));
    await api.batch(batchText([both]), boundary);
    expect(await api.emulator.control.rows("phonecall")).toEqual([]);
  });
});

describe("A4 the time that operations take", () => {
  test("W1 each operation of a batch takes its time, one after another; reset forgets it", async () => {
    const api = await startApi();
    const took = async (operations: number): Promise<number> => {
      const work = Array.from({ length: operations }, () => ({
        method: "POST",
        path: "phonecalls",
        body: {},
      }));
      const began = performance.now();
      expect((await api.batch(batchText(work), boundary)).status).toBe(200);
      return performance.now() - began;
    };
    await api.emulator.control.setLatency(0, 200);
    expect(await took(4)).toBeGreaterThanOrEqual(799);
    await api.emulator.control.reset();
    expect(await took(4)).toBeLessThan(799);
  });
});
