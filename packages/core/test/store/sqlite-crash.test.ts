import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { systemClock } from "../../src/index.ts";
import type { Store } from "../../src/index.ts";
import { sqliteStore } from "../../src/store/sqlite/index.ts";
import { keyOf, neverRun, record, tenant } from "../../src/testing/store-laws/subject.ts";
import { scratchFolder } from "./openers.ts";
import { namedBy, startProcess } from "./processes.ts";
import type { Said } from "./processes.ts";

let folder: Awaited<ReturnType<typeof scratchFolder>>;
let path: string;

beforeEach(async () => {
  folder = await scratchFolder();
  path = join(folder.path, "wrapup.db");
});

afterEach(() => folder.remove());

async function opened<Result>(use: (store: Store) => Promise<Result>): Promise<Result> {
  const store = sqliteStore(path);
  await store.open(systemClock);
  try {
    return await use(store);
  } finally {
    await store.close();
  }
}

/** What the file says when it is asked without the store: its own check, and interactions of which only a part is there. */
function inspect(): {
  readonly integrity: unknown;
  readonly orphans: number;
  readonly halves: readonly unknown[];
} {
  const database = new DatabaseSync(path);
  try {
    return {
      integrity: database.prepare("pragma integrity_check").get()?.["integrity_check"],
      orphans: database.prepare("pragma foreign_key_check").all().length,
      halves: database
        .prepare(
          `select i.name from interaction i
           where i.version <> json_extract(i.state, '$.version')
              or i.version <> (select count(*) from event e where e.interaction = i.id)
              or i.version <> (select coalesce(sum(json_array_length(h.lines)), 0) from history h where h.interaction = i.id)
              or 2 <> (select count(*) from lane l where l.interaction = i.id)`,
        )
        .all(),
    };
  } finally {
    database.close();
  }
}

/** Everything that was acknowledged is there. */
async function missing(said: Said): Promise<readonly string[]> {
  return opened(async (store) => {
    const lost: string[] = [];
    for (const [word = "", name = "", version = "0"] of said) {
      if (word === "open") continue;
      const found = await store.read(keyOf(name));
      const rows = found?.lanes.flatMap((lane) => lane.rows) ?? [];
      const isThere = {
        recorded: (found?.interaction.version ?? 0) >= Number(version),
        begun: rows.some((row) => row.key === `k-${name}`),
        settled: rows.some((row) => row.key === `k-${name}` && row.tries > 0),
      }[word];
      if (isThere !== true) lost.push(`${word} ${name} ${version}`);
    }
    return lost;
  });
}

/** What the store says when the first event of these interactions comes again. */
const repeated = (names: readonly string[]): Promise<readonly string[]> =>
  opened((store) =>
    Promise.all(
      names.map(async (name) => {
        const event = { id: "e-1", content: "change 1" };
        return (await store.transact(keyOf(name), event, neverRun)).repeated;
      }),
    ),
  );

describe("the SQLite store and processes that die", () => {
  test(
    "W1 kill -9, again and again: nothing acknowledged is lost, no transaction is half there",
    { timeout: 90_000 },
    async () => {
      const kills = 16;
      let acknowledged = 0;
      const repeats: string[] = [];
      for (let round = 0; round < kills; round += 1) {
        const child = startProcess(["crash", path, `r${round}`]);
        await child.working;
        await new Promise((resolve) => setTimeout(resolve, 10 + ((round * 37) % 120)));
        child.kill();
        const said = await child.ended;
        acknowledged += said.length;
        expect(await missing(said)).toEqual([]);
        expect(inspect()).toEqual({ integrity: "ok", orphans: 0, halves: [] });
        repeats.push(...(await repeated(namedBy(said, "recorded").slice(0, 1))));
      }
      expect(repeats.length).toBeGreaterThan(0);
      expect(new Set(repeats)).toEqual(new Set(["same"]));
      expect(acknowledged).toBeGreaterThan(kills * 10);
    },
  );

  test(
    "O1 two producers and two workers in processes of their own share one file: no lane is claimed twice, none is lost",
    { timeout: 60_000 },
    async () => {
      await opened(async () => undefined);
      const each = 150;
      const producers = ["p", "q"].map((name) => startProcess(["produce", path, name, `${each}`]));
      const workers = ["v", "w"].map((name) =>
        startProcess(["consume", path, name, `${each * 2}`]),
      );
      const produced = (await Promise.all(producers.map(({ ended }) => ended))).flatMap((said) =>
        namedBy(said, "recorded"),
      );
      const claimed = (await Promise.all(workers.map(({ ended }) => ended))).flatMap((said) =>
        namedBy(said, "claimed"),
      );
      expect(produced).toHaveLength(each * 2);
      expect(claimed.toSorted()).toEqual(produced.toSorted());
      const rows = await opened((store) => store.rows({ tenant, state: "written" }));
      expect(rows.map(({ lane }) => lane.interaction).toSorted()).toEqual(produced.toSorted());
    },
  );

  test(
    "W1 a disk that refuses to grow: the command is refused, all before it stands, and work goes on when there is room",
    { timeout: 30_000 },
    async () => {
      await opened((store) => record(store, keyOf("before")));
      const said = await startProcess(["fill", path, "filling"], 1_024).ended;
      expect(namedBy(said, "refused")).toEqual(["store_unwritable"]);
      const acknowledged = namedBy(said, "recorded").length;
      expect(acknowledged).toBeGreaterThan(3);
      expect(namedBy(said, "read")).toEqual([`${acknowledged}`]);
      await opened(async (store) => {
        expect((await store.read(keyOf("before")))?.interaction.version).toBe(1);
        expect((await store.history(keyOf("filling"))).length).toBe(acknowledged);
        expect((await record(store, keyOf("filling"))).interaction.version).toBe(acknowledged + 1);
      });
      expect(inspect()).toMatchObject({ integrity: "ok", orphans: 0 });
    },
  );

  test("O1 a file that may not be written is refused when it is opened", async () => {
    await opened((store) => record(store, keyOf("before")));
    await chmod(path, 0o444);
    await chmod(folder.path, 0o555);
    const said = await startProcess(["tryToOpen", path]).ended;
    await chmod(folder.path, 0o755);
    expect(said).toEqual([["refused", "store_unwritable"]]);
  });
});
