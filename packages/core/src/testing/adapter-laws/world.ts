import { strict as assert } from "node:assert";
import type { Answer, Context, CrmAdapter, Entry, Fields, RecordId, Write } from "../../index.ts";

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
  /** A record that agents may create; absent where the adapter cannot. `count`: how many of that type are there. */
  readonly creatable?: {
    readonly type: string;
    readonly fields: Fields;
    readonly count: () => Promise<number>;
  };
  /** Lets the adapter's clock pass, where it must wait before a repeat is safe (W2, without a key in the CRM). */
  readonly passTime?: (ms: number) => void;
  readonly close: () => Promise<void>;
};

/** What a law gets: an adapter on an empty far side, a quiet context, and entries to write. */
export type World = AdapterUnderLaw & {
  readonly context: Context;
  readonly entry: (n: number, more?: Partial<Entry>) => Promise<Entry>;
};

/** Text that breaks whatever is put together by hand. */
export const nasty =
  "O'Brien \\ \"quoted\" {braces} 100% _ 漢字 👩‍👩‍👧 \u202Ertl <b>html</b> ' OR Id != '";

export const quietContext = (): Context => ({
  signal: AbortSignal.timeout(15_000),
  urgency: "background",
  observe: () => undefined,
});

export const entries =
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

export const put = (entry: Entry): Write => ({ op: "put", entry, maybeSent: false });

export const amend = (
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
  contentKnown: true,
  maybeSent: false,
});

export async function one(adapter: CrmAdapter, context: Context, write: Write): Promise<Answer> {
  const answers = await adapter.push([write], context);
  assert.equal(answers.length, 1);
  const [answer] = answers;
  assert.ok(answer !== undefined);
  return answer;
}

/** Repeats a write as the worker does, until it is settled; a few times at the most. */
export async function eventually(
  { adapter, context, passTime }: World,
  write: Write,
): Promise<Answer> {
  let answer = await one(adapter, context, write);
  for (let tries = 0; tries < 3 && answer.is === "retry"; tries += 1) {
    passTime?.(answer.afterMs ?? 0);
    answer = await one(adapter, context, {
      ...write,
      maybeSent: write.maybeSent || answer.sent === "maybe",
    });
  }
  return answer;
}

export function written(answer: Answer): Extract<Answer, { is: "written" }> {
  assert.ok(answer.is === "written", `expected "written", got ${JSON.stringify(answer)}`);
  return answer;
}

export function retry(answer: Answer): Extract<Answer, { is: "retry" }> {
  assert.ok(answer.is === "retry", `expected "retry", got ${JSON.stringify(answer)}`);
  return answer;
}

/** Pushes as core does: never more than the adapter takes. */
export async function inBatches(
  adapter: CrmAdapter,
  context: Context,
  writes: readonly Write[],
  max: number,
): Promise<readonly Answer[]> {
  const answers: Answer[] = [];
  for (let at = 0; at < writes.length; at += max)
    answers.push(...(await adapter.push(writes.slice(at, at + max), context)));
  return answers;
}
