import { strict as assert } from "node:assert";
import type { CrmRecord, SearchQuery } from "../../index.ts";
import type { Law } from "../law-book.ts";
import { nasty, type World } from "./world.ts";

/** The laws of what agents ask. They hold where the adapter offers it. */
export const readLaws: readonly Law<World>[] = [
  {
    name: "R1 a search finds none, one or many, and hostile text is only text",
    run: async ({ adapter, context, probe }) => {
      const { reads } = adapter;
      if (reads === undefined) return;
      const person = await probe.seedPerson({
        email: "law@wrapup.example",
        name: "Lawrence Lawton",
      });
      const ask = (
        query: Partial<SearchQuery> & { readonly email: string },
      ): Promise<readonly CrmRecord[]> =>
        reads.search({ types: [person.type], limit: 20, ...query }, context);
      assert.deepEqual(
        (await ask({ email: "law@wrapup.example" })).map(({ ref }) => ref),
        [person],
      );
      assert.deepEqual(await ask({ email: "nobody@wrapup.example" }), []);
      assert.deepEqual(await ask({ email: nasty }), []);
    },
  },
  {
    name: "A1 get answers in the order asked, with undefined for what is not there",
    run: async ({ adapter, context, probe }) => {
      const { reads } = adapter;
      if (reads === undefined) return;
      const [first, second, third] = [
        await probe.seedPerson(),
        await probe.seedPerson(),
        await probe.seedPerson(),
      ];
      await probe.remove(second.id);
      const found = await reads.get([third, second, first], context);
      assert.deepEqual(
        found.map((each) => (each !== undefined && "ref" in each ? each.ref.id : undefined)),
        [third.id, undefined, first.id],
      );
    },
  },
  {
    name: "R3 describe names fields with their limits, and leaves unknown types out",
    run: async ({ adapter, context, sample }) => {
      const { reads } = adapter;
      if (reads === undefined) return;
      const types = await reads.describe([sample.type, "NoSuchTypeAnywhere"], context);
      assert.deepEqual(
        types.map(({ name }) => name),
        [sample.type],
      );
      assert.ok(types[0]?.fields.some((field) => field.name === sample.text));
    },
  },
  {
    name: "R4 creating twice under one key makes one record, or says honestly that it does not know",
    run: async ({ adapter, context, creatable }) => {
      if (creatable === undefined) return;
      const before = await creatable.count();
      const draft = {
        key: "draft-1",
        type: creatable.type,
        fields: creatable.fields,
        allowDuplicate: false,
        maybeSent: false,
      };
      const first = await adapter.createRecord?.(draft, context);
      assert.equal(first?.is, "created");
      const again = await adapter.createRecord?.({ ...draft, maybeSent: true }, context);
      assert.ok(again?.is === "created" || again?.is === "already" || again?.is === "uncertain");
      assert.equal(await creatable.count(), before + 1);
    },
  },
];
