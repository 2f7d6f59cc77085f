/** A process of its own on a store's file; what it does is its first argument. It prints one line for each thing that was acknowledged. */
import { writeSync } from "node:fs";
import { isWrapupError, systemClock } from "../../src/index.ts";
import type { Claim, Store } from "../../src/index.ts";
import { sqliteStore } from "../../src/store/sqlite/index.ts";
import {
  keyOf,
  record,
  sales,
  sendingRow,
  writtenRow,
} from "../../src/testing/store-laws/subject.ts";

const [role = "", path = "", name = "", count = "0"] = process.argv.slice(2);

/** Straight into the pipe: what was printed was printed, whatever happens next. */
const say = (...words: readonly (string | number)[]): void =>
  void writeSync(1, `${words.join(" ")}\n`);

const rowKey = ({ lane }: Claim): string => `k-${lane.interaction}`;

/** Records two changes in each of many interactions, until somebody ends it. */
async function recordForEver(store: Store, caller: string): Promise<void> {
  for (let n = 0; ; n += 1) {
    const of = keyOf(`${name}-${caller}-${n}`);
    for (const change of [1, 2]) {
      const event = { id: `e-${change}`, content: `change ${change}` };
      const { interaction } = await record(store, of, {
        event,
        wake: [sales.connection, "support"],
        changed: { facts: { long: "x".repeat(2_000) } },
      });
      say("recorded", of.interaction, interaction.version);
    }
  }
}

/** Claims, begins and settles, until somebody ends it. */
async function workForEver(store: Store): Promise<void> {
  for (;;) {
    const claims = await store.claim({ ...sales, limit: 5, leaseMs: 600_000 });
    const begun = await store.begin(
      claims.map((claim) => ({ claim, rows: [sendingRow(rowKey(claim), "on its way")] })),
    );
    for (const claim of begun) say("begun", claim.lane.interaction);
    await store.settle(
      begun.map((claim) => ({ claim, rows: [writtenRow(rowKey(claim), "there")], release: {} })),
    );
    for (const claim of begun) say("settled", claim.lane.interaction);
  }
}

/** Records so many interactions, once each. */
async function produce(store: Store): Promise<void> {
  for (let n = 0; n < Number(count); n += 1) {
    await record(store, keyOf(`${name}-${n}`));
    say("recorded", `${name}-${n}`, 1);
  }
}

/** Works until so many interactions are there and nothing waits. */
async function consume(store: Store): Promise<void> {
  for (let done = false; !done;) {
    const claims = await store.claim({ ...sales, limit: 7, leaseMs: 600_000 });
    for (const claim of claims) say("claimed", claim.lane.interaction, claim.fence);
    await store.begin(
      claims.map((claim) => ({ claim, rows: [sendingRow(rowKey(claim), "on its way")] })),
    );
    await store.settle(
      claims.map((claim) => ({ claim, rows: [writtenRow(rowKey(claim), "there")], release: {} })),
    );
    const { interactions, ready, claimed } = await store.stats();
    done = interactions === Number(count) && ready + claimed === 0;
  }
}

/** Records until the store refuses, then says whether it still reads, and whether it still remembers right. */
async function fill(store: Store): Promise<void> {
  let version = 0;
  try {
    for (;;) {
      const facts = { long: "x".repeat(20_000 + version) };
      version = (await record(store, keyOf(name), { changed: { facts } })).interaction.version;
      say("recorded", name, version);
    }
  } catch (error) {
    say("refused", isWrapupError(error) ? error.code : String(error));
    say("read", (await store.read(keyOf(name)))?.interaction.version ?? 0);
  }
}

async function tryToOpen(store: Store): Promise<void> {
  // Root may write what is read-only for everybody else.
  if (process.getuid?.() === 0) process.setuid?.(65_534);
  await store.open(systemClock).then(
    () => say("opened"),
    (error: unknown) => say("refused", isWrapupError(error) ? error.code : String(error)),
  );
}

const store = sqliteStore(path);
if (role === "tryToOpen") await tryToOpen(store);
else {
  await store.open(systemClock);
  say("open");
  if (role === "crash")
    await Promise.all([
      ...["a", "b", "c", "d"].map((caller) => recordForEver(store, caller)),
      workForEver(store),
    ]);
  if (role === "produce") await produce(store);
  if (role === "consume") await consume(store);
  if (role === "fill") await fill(store);
  await store.close();
}
