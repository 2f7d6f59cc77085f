import { CrmError } from "@wrapup/core";
import { describe, expect, test } from "vitest";
import { openWorld, type World } from "../world.ts";
import { onCreate, readsOf } from "./creates.ts";

const lost = new CrmError("transient", "maybe", "the answer got lost");
const candidate = {
  ref: { type: "person", id: "p7" },
  title: "Cora Customer",
  url: "https://crm.example/p7",
  fields: {},
};
const offered = { ...candidate, ref: { ...candidate.ref, connection: "crm" } };

async function draftIn(world: World, type = "person", of = {}) {
  const { call } = await world.call("c-1");
  const draft = await call.draft("crm", type, of);
  const kept = async () => (await call.read()).drafts;
  return { call, draft, kept };
}

describe("R4 what is kept of a save", () => {
  test("R4 W3 that it may be sent is kept before it is, with its values and whose it is", async () => {
    const world = await openWorld();
    const during: unknown[] = [];
    const { call, draft, kept } = await draftIn(world, "person", { id: "d-1", by: "ada" });
    onCreate(world, async () => void during.push(...(await kept())));
    await draft.save({ name: "Cora" });
    const of = { id: "d-1", connection: "crm", type: "person", by: "ada" };
    const fields = { name: "Cora", phone: "+14155550100" };
    expect(during).toEqual([{ ...of, state: "saving", fields }]);
    const record = { connection: "crm", type: "person", id: "r1" };
    expect(await kept()).toEqual([{ ...of, state: "created", record }]);
    expect((await call.read()).links.at(-1)).toMatchObject({ record, by: "ada", title: "Cora" });
    await world.wrapup.close();
  });

  test("R4 without an answer it is uncertain and stays so, also when the next try surely did not arrive", async () => {
    const world = await openWorld();
    const seen = onCreate(world, lost, lost, new CrmError("refused", "no", "not you"), undefined);
    const { call, draft, kept } = await draftIn(world);
    expect(await draft.save({ name: "Cora" })).toEqual({ is: "uncertain", candidates: [] });
    expect(await kept()).toMatchObject([{ state: "uncertain", fields: { name: "Cora" } }]);
    await expect(draft.save({ name: "Zoe" })).rejects.toThrow("not you");
    expect(await kept()).toMatchObject([{ state: "saving", fields: { name: "Cora" } }]);
    await draft.save({ name: "Zoe" });
    expect(seen.map(({ maybeSent, fields }) => [maybeSent, fields["name"]])).toEqual([
      [false, "Cora"],
      [true, "Cora"],
      [true, "Cora"],
      [true, "Cora"],
    ]);
    expect((await call.read()).links).toHaveLength(2);
    await world.wrapup.close();
  });

  test("R4 R5 who allows a duplicate of what may have been sent has the new values sent", async () => {
    const world = await openWorld();
    const seen = onCreate(world, lost, lost, undefined);
    const { draft } = await draftIn(world);
    await draft.save({ name: "Cora" });
    const saved = await draft.save({ name: "Zoe" }, { allowDuplicate: true });
    expect(saved).toMatchObject({ is: "created", record: { title: "Zoe" } });
    expect(seen.at(-1)).toMatchObject({ allowDuplicate: true, fields: { name: "Zoe" } });
    await world.wrapup.close();
  });

  test("R4 the adapter's own uncertain answer hands out its candidates and is kept", async () => {
    const world = await openWorld();
    onCreate(world, { is: "uncertain", candidates: [candidate] });
    const { call, draft, kept } = await draftIn(world);
    expect(await draft.save({ name: "Cora" })).toEqual({ is: "uncertain", candidates: [offered] });
    expect(await kept()).toMatchObject([{ state: "uncertain", fields: { name: "Cora" } }]);
    expect((await call.read()).links).toHaveLength(1);
    await world.wrapup.close();
  });

  test.for([
    [{ is: "duplicate", candidates: [candidate], mayOverride: false }, { candidates: [offered] }],
    [{ is: "refused", problems: [{ field: "name", reason: "no" }] }, {}],
  ] as const)("R4 R5 %o leaves the draft open: corrected values are sent as new", async (turn) => {
    const [answer, more] = turn;
    const world = await openWorld();
    const seen = onCreate(world, answer, undefined);
    const { call, draft, kept } = await draftIn(world);
    expect(await draft.save({ name: "Cora" })).toEqual({ ...answer, ...more });
    expect(await kept()).toEqual([
      { id: draft.id, connection: "crm", type: "person", state: "open" },
    ]);
    expect((await call.read()).links).toHaveLength(1);
    expect((await draft.save({ name: "Zoe" })).is).toBe("created");
    expect(seen[1]).toMatchObject({ maybeSent: false, fields: { name: "Zoe" } });
    await world.wrapup.close();
  });

  test("R4 what surely did not arrive throws and leaves the draft open", async () => {
    const world = await openWorld();
    onCreate(world, new CrmError("refused", "no", "not you"));
    const { draft, kept } = await draftIn(world);
    await expect(draft.save({ name: "Cora" })).rejects.toMatchObject({ sent: "no" });
    expect(await kept()).toMatchObject([{ state: "open" }]);
    await world.wrapup.close();
  });

  test("R4 what was created is not sent again: the record is read, or named where the CRM has none", async () => {
    const world = await openWorld();
    const seen = onCreate(world, undefined);
    const { draft } = await draftIn(world);
    const first = await draft.save({ name: "Cora" });
    expect(await draft.save({ name: "Zoe" })).toEqual({ ...first, is: "already" });
    readsOf(world.crm.adapter).get = async () => [undefined];
    expect(await draft.save({ name: "Zoe" })).toEqual({
      is: "already",
      record: {
        ref: { connection: "crm", type: "person", id: "r1" },
        title: "",
        url: "https://crm.example/r1",
        fields: {},
      },
    });
    expect(seen).toHaveLength(1);
    await world.wrapup.close();
  });

  test("R3 a cancelled draft cannot be saved, and nothing was sent or kept", async () => {
    const world = await openWorld();
    const seen = onCreate(world, undefined);
    const { draft, kept } = await draftIn(world);
    draft.cancel();
    await expect(draft.save({ name: "Cora" })).rejects.toMatchObject({ code: "not_allowed" });
    expect([seen, await kept()]).toEqual([[], []]);
    await world.wrapup.close();
  });
});
