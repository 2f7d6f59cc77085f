import { strict as assert } from "node:assert";
import type { Law } from "../law-book.ts";
import { eventually, inBatches, nasty, one, put, retry, written, type World } from "./world.ts";

/** The laws of `push`: what every adapter promises about writes. */
export const pushLaws: readonly Law<World>[] = [
  {
    name: "A1 check says what the CRM can do, and needs no repetition",
    run: async ({ adapter, context }) => {
      const { abilities } = await adapter.check(context);
      assert.ok(abilities.maxBatch >= 1 && abilities.maxConcurrent >= 1);
      assert.ok(abilities.kinds.includes("activity"));
      assert.ok(abilities.linkRules.roles.length > 0);
    },
  },
  {
    name: "A1 requestOf is pure: the same word before sign-in and after",
    run: async ({ adapter, context, entry }) => {
      const write = put(await entry(1));
      const before = adapter.requestOf(write);
      await adapter.check(context);
      assert.equal(adapter.requestOf(write), before);
      assert.equal(adapter.requestOf(put(await entry(2))), before);
    },
  },
  {
    name: "W2 a put makes one activity, and its receipt names it",
    run: async ({ adapter, context, entry, probe }) => {
      const answer = written(await one(adapter, context, put(await entry(1))));
      assert.equal(answer.how, "created");
      const there = await probe.activities();
      assert.deepEqual(
        there.map(({ id }) => id),
        [answer.receipt.ref.id],
      );
    },
  },
  {
    name: "K4 what is written is linked to the records the roles name",
    run: async ({ adapter, context, entry, probe }) => {
      const wanted = await entry(1);
      await one(adapter, context, put(wanted));
      const [there] = await probe.activities();
      assert.deepEqual(there?.links, Object.values(wanted.roles).flat());
    },
  },
  {
    name: "W2 a put of what is there answers already, and leaves it alone",
    run: async ({ adapter, context, entry, probe, sample }) => {
      const first = await entry(1);
      const made = written(await one(adapter, context, put(first)));
      await probe.edit(made.receipt.ref.id, { [sample.edited]: "changed by a person" });
      const again = written(await one(adapter, context, { ...put(first), maybeSent: true }));
      assert.equal(again.how, "already");
      assert.equal(again.receipt.ref.id, made.receipt.ref.id);
      const there = await probe.activities();
      assert.equal(there.length, 1);
      assert.equal(there[0]?.fields[sample.edited], "changed by a person");
    },
  },
  {
    name: "W2 a put that was never sent but is there answers already: its content is unknown",
    run: async ({ adapter, context, entry, probe }) => {
      const first = await entry(1);
      await one(adapter, context, put(first));
      const again = written(await one(adapter, context, put(first)));
      assert.equal(again.how, "already");
      assert.equal((await probe.activities()).length, 1);
    },
  },
  {
    name: "W3 a reply lost after the commit is answered maybe, and the repeat makes no second one",
    run: async (world) => {
      const { adapter, context, entry, probe } = world;
      await adapter.check(context);
      const wanted = await entry(1);
      await probe.meet("lostAfter");
      const lost = retry(await one(adapter, context, put(wanted)));
      assert.equal(lost.sent, "maybe");
      const made = written(await eventually(world, { ...put(wanted), maybeSent: true }));
      assert.deepEqual(
        (await probe.activities()).map(({ id }) => id),
        [made.receipt.ref.id],
      );
    },
  },
  {
    name: "W3 a request cut before the commit is repeated, and makes one",
    run: async (world) => {
      const { adapter, context, entry, probe } = world;
      await adapter.check(context);
      const wanted = await entry(1);
      await probe.meet("lostBefore");
      const lost = retry(await one(adapter, context, put(wanted)));
      written(await eventually(world, { ...put(wanted), maybeSent: lost.sent === "maybe" }));
      assert.equal((await probe.activities()).length, 1);
    },
  },
  {
    name: "A3 one attempt each: a failed push sends one write request",
    run: async ({ adapter, context, entry, probe }) => {
      await adapter.check(context);
      const wanted = await entry(1);
      const before = await probe.writeRequests();
      await probe.meet("unavailable");
      retry(await one(adapter, context, put(wanted)));
      assert.equal((await probe.writeRequests()) - before, 1);
    },
  },
  {
    name: "W4 one answer per write, in order, and one bad record never sinks its batch",
    run: async ({ adapter, context, entry, probe, sample }) => {
      const good = [await entry(1), await entry(2), await entry(3)];
      const missing = await probe.seedPerson();
      await probe.remove(missing.id);
      const bad = await entry(4, { roles: { [sample.personRole]: [missing] } });
      const writes = [good[0], bad, good[1], good[2]].flatMap((each) =>
        each === undefined ? [] : [put(each)],
      );
      const { abilities } = await adapter.check(context);
      const answers = await inBatches(adapter, context, writes, abilities.maxBatch);
      assert.deepEqual(
        answers.map(({ is }) => is),
        ["written", "refused", "written", "written"],
      );
      const ids = answers.flatMap((answer) =>
        answer.is === "written" ? [answer.receipt.ref.id] : [],
      );
      const there = await probe.activities();
      assert.deepEqual(there.map(({ id }) => id).toSorted(), ids.toSorted());
      for (const [n, id] of ids.entries()) {
        const wanted = good[n]?.fields[sample.text];
        assert.equal(there.find((each) => each.id === id)?.fields[sample.text], wanted);
      }
    },
  },
  {
    name: "W4 a full batch is one request",
    run: async ({ adapter, context, entry, probe }) => {
      const { abilities } = await adapter.check(context);
      const count = Math.min(abilities.maxBatch, 25);
      const writes = await Promise.all(
        Array.from({ length: count }, async (_, n) => put(await entry(n))),
      );
      const before = await probe.writeRequests();
      const answers = await adapter.push(writes, context);
      assert.equal(answers.filter(({ is }) => is === "written").length, count);
      assert.equal((await probe.writeRequests()) - before, 1);
    },
  },
  {
    name: "O5 hostile text is stored exactly as it is",
    run: async ({ adapter, context, entry, probe, sample }) => {
      const plain = await entry(1);
      written(
        await one(
          adapter,
          context,
          put({ ...plain, fields: { ...plain.fields, [sample.text]: nasty } }),
        ),
      );
      assert.equal((await probe.activities())[0]?.fields[sample.text], nasty);
    },
  },
  {
    name: "O3 a refusal says why without repeating what the customer said",
    run: async ({ adapter, context, entry, sample, probe }) => {
      const missing = await probe.seedPerson();
      await probe.remove(missing.id);
      const plain = await entry(1, { roles: { [sample.personRole]: [missing] } });
      const answer = await one(
        adapter,
        context,
        put({ ...plain, fields: { ...plain.fields, [sample.text]: "my secret is 4711-9923" } }),
      );
      assert.equal(answer.is, "refused");
      assert.ok(
        answer.is === "refused" &&
          answer.reason.length > 10 &&
          !answer.reason.includes("4711-9923"),
      );
    },
  },
  {
    name: "W5 throttled is answered for all, surely not sent, and nothing is written",
    run: async ({ adapter, context, entry, probe }) => {
      await adapter.check(context);
      const wanted = await entry(1);
      await probe.meet("throttled");
      const answer = retry(await one(adapter, context, put(wanted)));
      assert.ok(answer.why === "throttled" || answer.why === "budget");
      assert.equal(answer.sent, "no");
      assert.equal((await probe.activities()).length, 0);
    },
  },
  {
    name: "W6 a lock concerns one write, surely not applied",
    run: async ({ adapter, context, entry, probe }) => {
      await adapter.check(context);
      const wanted = await entry(1);
      await probe.meet("lock");
      const answer = retry(await one(adapter, context, put(wanted)));
      assert.equal(answer.why, "lock");
      assert.equal(answer.sent, "no");
    },
  },
  {
    name: "A3 an expired session is renewed once and the write goes through",
    run: async (world) => {
      const { adapter, context, entry, probe } = world;
      await adapter.check(context);
      const wanted = await entry(1);
      await probe.meet("expired");
      written(await eventually(world, put(wanted)));
      assert.equal((await probe.activities()).length, 1);
    },
  },
  {
    name: "A1 an ended signal ends the call with an answer, not a throw",
    run: async ({ adapter, context, entry, probe }) => {
      await adapter.check(context);
      const wanted = await entry(1);
      await probe.meet("hang");
      const stop = new AbortController();
      setTimeout(() => stop.abort(), 50);
      const answer = retry(await one(adapter, { ...context, signal: stop.signal }, put(wanted)));
      assert.equal(answer.sent, "maybe");
    },
  },
];
