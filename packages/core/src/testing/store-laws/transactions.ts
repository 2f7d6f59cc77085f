import assert from "node:assert/strict";
import type { Law } from "../law-book.ts";
import {
  blank,
  claimAll,
  connection,
  decisionOf,
  keyOf,
  namesOf,
  neverRun,
  record,
  sales,
  tenant,
} from "./subject.ts";
import type { StoreUnderTest } from "./subject.ts";

const refuse = (): never => {
  throw new RangeError("not like this");
};

/** Recording: all or nothing, one after another, once per event. */
export const transactionLaws: readonly Law<StoreUnderTest>[] = [
  {
    name: "W1 state, history, deadline and woken lanes are recorded together",
    run: async ({ store }) => {
      const of = keyOf("call-1");
      assert.equal(await store.read(of), undefined);
      assert.deepEqual(await store.history(of), []);
      const deadline = (await store.now()) - 1;
      const applied = await record(store, of, { deadline, changed: { queue: "orders" } });
      assert.equal(applied.repeated, "no");
      const found = await store.read(of);
      assert.deepEqual(found?.interaction, applied.interaction);
      assert.equal(found?.interaction.queue, "orders");
      assert.deepEqual(
        found?.lanes.map(({ connection, claimed, rows }) => ({ connection, claimed, rows })),
        [{ connection, claimed: false, rows: [] }],
      );
      await record(store, of);
      assert.deepEqual(
        (await store.history(of)).map(({ text }) => text),
        ["version 1", "version 2"],
      );
    },
  },
  {
    name: "W1 C5 an email that an agent wrote is kept to the letter",
    run: async ({ store, reopen }) => {
      const of = keyOf("call-1");
      const mail = {
        id: "m-1",
        via: "mail",
        to: ["a@x.example", "b@x.example"],
        subject: "Ihre Bestellung \u{1F4E6}",
        text: "Guten Tag,\r\n\t'heute' \"unterwegs\"\\.\n",
        agent: { id: "ada", email: "ada@x.example" },
        at: await store.now(),
      };
      await record(store, of, { changed: { mails: [mail] }, wake: ["mail"] });
      const found = await ((await reopen?.()) ?? store).read(of);
      assert.deepEqual(found?.interaction.mails, [mail]);
    },
  },
  {
    name: "W1 a change that throws leaves nothing behind, and harms no change beside it",
    run: async ({ store }) => {
      const broken = keyOf("broken");
      const event = { id: "e-1", content: "first" };
      const [before, thrown, after] = await Promise.allSettled([
        record(store, keyOf("before")),
        store.transact(broken, event, refuse),
        record(store, keyOf("after")),
      ]);
      assert.ok(before.status === "fulfilled" && after.status === "fulfilled");
      assert.ok(
        thrown.status === "rejected" && thrown.reason instanceof RangeError,
        "what the change throws comes out as it is",
      );
      assert.equal(await store.read(broken), undefined);
      assert.deepEqual(namesOf(await claimAll(store)).toSorted(), ["after", "before"]);
      assert.equal(
        (await record(store, broken, { event })).repeated,
        "no",
        "the event was not remembered",
      );
      await assert.rejects(store.transact(broken, undefined, refuse), RangeError);
      assert.equal((await store.read(broken))?.interaction.version, 1);
      assert.equal((await store.history(broken)).length, 1);
    },
  },
  {
    name: "L6 a repeated event is not applied again, and says whether its content is the same",
    run: async ({ store }) => {
      const of = keyOf("call-1");
      const event = { id: "e-1", content: "talk ended" };
      assert.equal((await record(store, of, { event })).repeated, "no");
      await record(store, of);
      const same = await store.transact(of, event, neverRun);
      assert.equal(same.repeated, "same");
      assert.equal(same.interaction.version, 2, "it answers the interaction as it stands");
      assert.equal(
        (await store.transact(of, { ...event, content: "wrap-up ended" }, neverRun)).repeated,
        "different",
      );
      assert.equal(
        (await store.transact(of, event, neverRun)).repeated,
        "same",
        "the first content stands",
      );
      assert.equal(
        (await record(store, of, { event: { id: "e-2", content: event.content } })).interaction
          .version,
        3,
      );
      const other = await record(store, keyOf("call-1", "another tenant"), { event });
      assert.equal(other.repeated, "no", "another tenant's event is another event");
    },
  },
  {
    name: "W1 changes of one interaction take turns: none is lost, none sees a stale state",
    run: async ({ store, second }) => {
      const of = keyOf("call-1");
      const handles = [store, (await second?.()) ?? store];
      const changes = Array.from({ length: 40 }, (_, n) => record(handles[n % 2] ?? store, of));
      const versions = (await Promise.all(changes)).map(({ interaction }) => interaction.version);
      const wanted = Array.from({ length: 40 }, (_, n) => n + 1);
      assert.deepEqual(
        versions.toSorted((a, b) => a - b),
        wanted,
        "versions have no gap and no repeat",
      );
      assert.deepEqual(
        (await store.history(of)).map(({ text }) => text),
        wanted.map((n) => `version ${n}`),
      );
    },
  },
  {
    name: "O2 tenants never see each other's interactions, lanes, gates or facts",
    run: async ({ store }) => {
      const [mine, theirs] = [keyOf("call-1"), keyOf("call-1", "jazz")];
      const gate = { tenant: "jazz", connection };
      await record(store, mine, { changed: { queue: "mine" } });
      assert.equal(await store.read(theirs), undefined);
      await store.transact(theirs, undefined, (now, at) =>
        decisionOf(now ?? blank(theirs, at), at, { changed: { queue: "theirs" } }),
      );
      assert.equal((await store.read(mine))?.interaction.queue, "mine");
      assert.equal((await store.history(mine)).length, 1);
      await store.keep(gate, "abilities", "theirs");
      assert.equal(await store.kept(sales, "abilities"), undefined);
      await store.changeGate(gate, (now, at) => ({ ...now, pausedUntil: at + 1_000_000 }));
      assert.deepEqual(await store.ready({ limit: 10, upTo: 10 }), [{ ...sales, lanes: 1 }]);
      const claims = await claimAll(store);
      assert.deepEqual(
        claims.map(({ lane }) => lane),
        [{ tenant, connection, interaction: "call-1" }],
      );
      assert.equal(claims[0]?.interaction.queue, "mine");
    },
  },
];
