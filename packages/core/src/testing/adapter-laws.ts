import { strict as assert } from "node:assert";
import type {
  Answer,
  Context,
  CrmAdapter,
  CrmRecord,
  Entry,
  Fields,
  RecordId,
  SearchQuery,
  Write,
} from "../index.ts";
import { type Law, proclaim, type LawTest } from "./law-book.ts";

/** An independent look at the far side: not through the adapter, and not through its client. */
export type AdapterProbe = {
  /** Everything in the CRM that could be an activity of ours, found without the key. */
  activities(): Promise<
    readonly { readonly id: string; readonly fields: Fields; readonly links: readonly RecordId[] }[]
  >;
  /** Makes a record that an activity can be linked to. */
  seedPerson(fields?: {
    readonly phone?: string;
    readonly email?: string;
    readonly name?: string;
  }): Promise<RecordId>;
  /** A person deletes a row in the CRM. */
  remove(id: string): Promise<void>;
  /** A person changes a text field of an activity that the sample entry does not write first. */
  edit(id: string, fields: Fields): Promise<void>;
  /** Requests that tried to write, so far. */
  writeRequests(): Promise<number>;
  /** What the next write request meets. */
  meet(
    fault: "lostBefore" | "lostAfter" | "throttled" | "unavailable" | "expired" | "lock" | "hang",
  ): Promise<void>;
  /** People merge one record into another; absent where the far side cannot. */
  merge?(winner: string, loser: string): Promise<void>;
};

/** One adapter, freshly opened on an empty far side, with its probe. */
export type AdapterUnderLaw = {
  readonly adapter: CrmAdapter;
  readonly probe: AdapterProbe;
  /** Valid activities of that CRM: type, fields and role for a person. `text` is a long text field, `edited` one that people change. */
  readonly sample: {
    readonly type: string;
    readonly fields: (n: number) => Fields;
    readonly personRole: string;
    readonly text: string;
    readonly edited: string;
  };
  readonly close: () => Promise<void>;
};

type World = AdapterUnderLaw & {
  readonly context: Context;
  readonly entry: (n: number, more?: Partial<Entry>) => Promise<Entry>;
};

const nasty = "O'Brien \\ \"quoted\" {braces} 100% _ 漢字 👩‍👩‍👧 \u202Ertl <b>html</b> ' OR Id != '";

/** The laws of `push`: what every adapter promises about writes. */
const pushLaws: readonly Law<World>[] = [
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
    run: async ({ adapter, context, entry, probe }) => {
      await adapter.check(context);
      const wanted = await entry(1);
      await probe.meet("lostAfter");
      const lost = retry(await one(adapter, context, put(wanted)));
      assert.equal(lost.sent, "maybe");
      const made = written(await eventually(adapter, context, { ...put(wanted), maybeSent: true }));
      assert.deepEqual(
        (await probe.activities()).map(({ id }) => id),
        [made.receipt.ref.id],
      );
    },
  },
  {
    name: "W3 a request cut before the commit is repeated, and makes one",
    run: async ({ adapter, context, entry, probe }) => {
      await adapter.check(context);
      const wanted = await entry(1);
      await probe.meet("lostBefore");
      const lost = retry(await one(adapter, context, put(wanted)));
      written(
        await eventually(adapter, context, { ...put(wanted), maybeSent: lost.sent === "maybe" }),
      );
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
      const answers = await adapter.push(writes, context);
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
    run: async ({ adapter, context, entry, probe }) => {
      await adapter.check(context);
      const wanted = await entry(1);
      await probe.meet("expired");
      written(await eventually(adapter, context, put(wanted)));
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

/** The laws of amending and retracting. */
const changeLaws: readonly Law<World>[] = [
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
      const away: Write = { op: "retract", entry: first, maybeSent: false, receipt: made.receipt };
      assert.equal((await one(adapter, context, away)).is, "removed");
      assert.equal((await probe.activities()).length, 0);
      const twice = await one(adapter, context, { ...away, maybeSent: true });
      assert.ok(twice.is === "removed" || twice.is === "gone");
    },
  },
  {
    name: "W3 a retract without a receipt finds it by key; absent is success",
    run: async ({ adapter, context, entry, probe }) => {
      const [first, second] = [await entry(1), await entry(2)];
      await one(adapter, context, put(first));
      const away = (each: Entry): Write => ({ op: "retract", entry: each, maybeSent: true });
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

/** The laws of what agents ask. They hold where the adapter offers it. */
const readLaws: readonly Law<World>[] = [
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
];

/** Every law by its name, for a list of what an adapter promises. */
export const adapterLawNames: readonly string[] = [...pushLaws, ...changeLaws, ...readLaws].map(
  ({ name }) => name,
);

/**
 * Runs every law as a test of your own runner: `adapterLaws({ test, open })`.
 * `open` gives an adapter on an empty far side; each law gets its own.
 */
export function adapterLaws(of: {
  readonly test: LawTest;
  readonly open: () => Promise<AdapterUnderLaw>;
}): void {
  const open = async (): Promise<World> => {
    const under = await of.open();
    const close = async (): Promise<void> => {
      await under.adapter.close();
      await under.close();
    };
    return { ...under, context: quietContext(), entry: entries(under), close };
  };
  proclaim([...pushLaws, ...changeLaws, ...readLaws], { test: of.test, open });
}

const quietContext = (): Context => ({
  signal: AbortSignal.timeout(15_000),
  urgency: "background",
  observe: () => undefined,
});

const entries =
  ({ probe, sample }: AdapterUnderLaw): World["entry"] =>
  async (n, more = {}) => {
    const roles = more.roles ?? { [sample.personRole]: [await probe.seedPerson()] };
    return {
      key: `wulaw${String(n).padStart(6, "0")}`,
      kind: "activity",
      leg: "1",
      slot: 0,
      type: sample.type,
      fields: sample.fields(n),
      final: true,
      touches: Object.values(roles)
        .flat()
        .map(({ type, id }) => `${type}/${id}`),
      warnings: [],
      ...more,
      roles,
    };
  };

const put = (entry: Entry): Write => ({ op: "put", entry, maybeSent: false });

const amend = (
  made: Entry,
  entry: Entry,
  receipt: Extract<Write, { op: "amend" }>["receipt"],
  changed: Fields,
): Extract<Write, { op: "amend" }> => ({
  op: "amend",
  entry,
  made,
  receipt,
  changed,
  relinked: false,
  reowned: false,
  maybeSent: false,
});

async function one(adapter: CrmAdapter, context: Context, write: Write): Promise<Answer> {
  const answers = await adapter.push([write], context);
  assert.equal(answers.length, 1);
  const [answer] = answers;
  assert.ok(answer !== undefined);
  return answer;
}

/** Repeats a write as the worker does, until it is settled; a few times at the most. */
async function eventually(adapter: CrmAdapter, context: Context, write: Write): Promise<Answer> {
  let answer = await one(adapter, context, write);
  for (let tries = 0; tries < 3 && answer.is === "retry"; tries += 1)
    answer = await one(adapter, context, {
      ...write,
      maybeSent: write.maybeSent || answer.sent === "maybe",
    });
  return answer;
}

function written(answer: Answer): Extract<Answer, { is: "written" }> {
  assert.ok(answer.is === "written", `expected "written", got ${JSON.stringify(answer)}`);
  return answer;
}

function retry(answer: Answer): Extract<Answer, { is: "retry" }> {
  assert.ok(answer.is === "retry", `expected "retry", got ${JSON.stringify(answer)}`);
  return answer;
}
