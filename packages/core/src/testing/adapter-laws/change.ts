import { strict as assert } from "node:assert";
import type { Entry, Write } from "../../index.ts";
import type { Law } from "../law-book.ts";
import { amend, one, put, written, type World } from "./world.ts";

/** The laws of amending and retracting. */
export const changeLaws: readonly Law<World>[] = [
  {
    name: "L8 an amend changes what it names and nothing else",
    run: async ({ adapter, context, entry, probe, sample }) => {
      const first = await entry(1);
      const made = written(await one(adapter, context, put(first)));
      await probe.edit(made.receipt.ref.id, { [sample.edited]: "changed by a person" });
      const next = { ...first, fields: { ...first.fields, [sample.text]: "amended" } };
      const answer = written(
        await one(adapter, context, amend(first, next, made.receipt, { [sample.text]: "amended" })),
      );
      assert.ok(answer.how === "updated" || answer.how === "appended");
      const [there] = await probe.activities();
      assert.equal(there?.fields[sample.edited], "changed by a person");
      if (answer.how === "updated") assert.equal(there?.fields[sample.text], "amended");
    },
  },
  {
    name: "K5 a relinked activity names its new records only",
    run: async ({ adapter, context, entry, probe, sample }) => {
      const first = await entry(1);
      const made = written(await one(adapter, context, put(first)));
      const other = await probe.seedPerson();
      const next: Entry = { ...first, roles: { [sample.personRole]: [other] } };
      written(
        await one(adapter, context, { ...amend(first, next, made.receipt, {}), relinked: true }),
      );
      assert.deepEqual((await probe.activities())[0]?.links, [other]);
    },
  },
  {
    name: "K6 an amend of what people deleted answers gone, and makes nothing",
    run: async ({ adapter, context, entry, probe, sample }) => {
      const first = await entry(1);
      const made = written(await one(adapter, context, put(first)));
      await probe.remove(made.receipt.ref.id);
      const next = { ...first, fields: { ...first.fields, [sample.text]: "amended" } };
      const answer = await one(
        adapter,
        context,
        amend(first, next, made.receipt, { [sample.text]: "amended" }),
      );
      assert.equal(answer.is, "gone");
      assert.equal((await probe.activities()).length, 0);
    },
  },
  {
    name: "K5 a retract takes it away, and twice is no failure",
    run: async ({ adapter, context, entry, probe }) => {
      const first = await entry(1);
      const made = written(await one(adapter, context, put(first)));
      const taken: Write = { op: "retract", entry: first, maybeSent: false, receipt: made.receipt };
      assert.equal((await one(adapter, context, taken)).is, "removed");
      assert.equal((await probe.activities()).length, 0);
      const twice = await one(adapter, context, { ...taken, maybeSent: true });
      assert.ok(twice.is === "removed" || twice.is === "gone");
    },
  },
  {
    name: "W7 an amend leaves a person's words in the field that it amends",
    run: async ({ adapter, context, entry, probe, sample }) => {
      const first = await entry(1);
      const made = written(await one(adapter, context, put(first)));
      await probe.edit(made.receipt.ref.id, { [sample.text]: "a person wrote this" });
      const next = { ...first, fields: { ...first.fields, [sample.text]: "amended" } };
      const answer = await one(
        adapter,
        context,
        amend(first, next, made.receipt, { [sample.text]: "amended" }),
      );
      assert.equal(answer.is, "written");
      const [there] = await probe.activities();
      assert.match(String(there?.fields[sample.text]), /a person wrote this/u);
    },
  },
  {
    name: "K5 a retract never deletes what people have worked on",
    run: async ({ adapter, context, entry, probe, sample }) => {
      const first = await entry(1);
      const made = written(await one(adapter, context, put(first)));
      await probe.edit(made.receipt.ref.id, { [sample.edited]: "a person's" });
      const answer = await one(adapter, context, {
        op: "retract",
        entry: first,
        maybeSent: false,
        receipt: made.receipt,
      });
      assert.ok(answer.is === "removed" && answer.how !== "deleted");
      const [there] = await probe.activities();
      assert.equal(there?.id, made.receipt.ref.id);
      if (answer.how === "unlinked") assert.deepEqual(there?.links, []);
    },
  },
  {
    name: "W3 a retract without a receipt finds it by key; absent is success",
    run: async ({ adapter, context, entry, probe }) => {
      const [first, second] = [await entry(1), await entry(2)];
      await one(adapter, context, put(first));
      const answers = await adapter.push([away(first), away(second)], context);
      assert.ok(answers.every(({ is }) => is === "removed" || is === "gone"));
      assert.equal((await probe.activities()).length, 0);
    },
  },
  {
    name: "K9 a link to a merged record is followed or refused, never lost",
    run: async ({ adapter, context, entry, probe, sample }) => {
      if (probe.merge === undefined) return;
      const [winner, loser] = [await probe.seedPerson(), await probe.seedPerson()];
      const wanted = await entry(1, { roles: { [sample.personRole]: [loser] } });
      await probe.merge(winner.id, loser.id);
      const answer = await one(adapter, context, put(wanted));
      assert.ok(
        answer.is === "moved" ||
          answer.is === "written" ||
          (answer.is === "refused" && answer.why === "notFound"),
      );
      if (answer.is === "moved")
        assert.deepEqual([answer.from.id, answer.to.id], [loser.id, winner.id]);
    },
  },
];

const away = (entry: Entry): Write => ({ op: "retract", entry, maybeSent: true });
