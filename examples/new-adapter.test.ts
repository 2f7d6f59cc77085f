import type { Context, Entry, Fields, RecordId, Write } from "@wrapup/core";
import { adapterLaws, type AdapterUnderLaw } from "@wrapup/core/testing";
import { describe, expect, test } from "vitest";
import { searchableCardbox } from "./new-adapter-reads.ts";
import { type Mishap, startCardbox } from "./new-adapter-server.ts";
import { cardbox } from "./new-adapter.ts";

const mishaps = {
  lostBefore: "cut",
  lostAfter: "answerLost",
  throttled: "busy",
  unavailable: "down",
  lock: "lock",
  hang: "hang",
} as const satisfies Record<string, Mishap>;

const person = (id: string): RecordId => ({ type: "person", id });

/** Cardbox with an adapter, and a probe that looks at Cardbox's own tables: neither the adapter nor its HTTP is in between. */
async function open(adapterOf: typeof cardbox): Promise<AdapterUnderLaw> {
  const crm = await startCardbox();
  return {
    adapter: adapterOf(crm),
    probe: {
      activities: async () =>
        [...crm.activities.values()].map((row) => ({
          id: String(row["id"]),
          fields: row,
          links: typeof row["person"] === "string" ? [person(row["person"])] : [],
        })),
      seedPerson: async ({ name = "Somebody", ...more } = {}) =>
        person(crm.addPerson({ name, ...more })),
      remove: async (id) => {
        if (!crm.activities.delete(id)) crm.people.delete(id);
      },
      edit: async (id, fields) => crm.edit(id, { ...fields }),
      writeRequests: async () => crm.batches(),
      // An API key does not expire.
      meet: async (fault) => (fault === "expired" ? undefined : crm.meet(mishaps[fault])),
      merge: async (winner, loser) => {
        crm.people.set(loser, { ...crm.people.get(loser), mergedInto: winner });
      },
    },
    sample: {
      type: "activity",
      fields: (n): Fields => ({ title: `Call ${n}`, details: `About ${n}`, seconds: n }),
      personRole: "person",
      text: "details",
      edited: "outcome",
    },
    close: () => crm.close(),
  };
}

const asTest = (name: string, run: () => Promise<void>): void =>
  test(name, async () => {
    await expect(run()).resolves.toBeUndefined();
  });

describe("A2 A5 the adapter laws, for an adapter that only writes", () => {
  adapterLaws({ test: asTest, open: () => open(cardbox) });
});

describe("A2 A5 the adapter laws, with reads", () => {
  adapterLaws({ test: asTest, open: () => open(searchableCardbox) });
});

describe("A5 what Cardbox does by itself, and the adapter tells", () => {
  const context: Context = {
    signal: AbortSignal.timeout(10_000),
    urgency: "background",
    observe: () => undefined,
  };
  const entry: Entry = {
    key: "key-1",
    kind: "activity",
    leg: "1",
    slot: 0,
    type: "activity",
    fields: { title: "A call", details: "as written" },
    roles: {},
    final: true,
    touches: [],
    warnings: [],
  };

  test("W7 K5 what people edited stays, and goes by its link only", async () => {
    const crm = await startCardbox();
    const adapter = cardbox(crm);
    const [made] = await adapter.push([{ op: "put", entry, maybeSent: false }], context);
    if (made?.is !== "written") throw new Error("not written");
    const { receipt } = made;
    crm.edit(receipt.ref.id, { details: "as a person put it" });
    const changed = { details: "as amended", outcome: "Helped" };
    const amend: Write = {
      op: "amend",
      entry: { ...entry, fields: { ...entry.fields, ...changed } },
      made: entry,
      receipt,
      changed,
      relinked: false,
      reowned: false,
      contentKnown: true,
      maybeSent: false,
    };

    const [amended] = await adapter.push([amend], context);
    const [removed] = await adapter.push(
      [{ op: "retract", entry, receipt, maybeSent: false }],
      context,
    );

    expect(amended).toMatchObject({ how: "updated", warnings: [{ field: "details" }] });
    expect(removed).toMatchObject({ how: "unlinked", warnings: [{ code: "keptInCrm" }] });
    expect([...crm.activities.values()]).toMatchObject([
      { details: "as a person put it", outcome: "Helped", person: null },
    ]);
    await crm.close();
  });

  test.each([
    [{ url: "", apiKey: "wrong" }, "auth", "no"],
    [{ url: "http://127.0.0.1:1", apiKey: "any" }, "unreachable", "maybe"],
  ] as const)(
    "W5 A3 %#: a request that fails as a whole is answered per write",
    async (of, why, sent) => {
      const crm = await startCardbox();
      const adapter = cardbox({ apiKey: of.apiKey, url: of.url === "" ? crm.url : of.url });
      const put: Write = { op: "put", entry, maybeSent: false };

      const answers = await adapter.push(
        [put, { ...put, entry: { ...entry, key: "key-2" } }],
        context,
      );

      expect(answers).toMatchObject([
        { is: "retry", why, sent },
        { is: "retry", why, sent },
      ]);
      expect(JSON.stringify(answers)).not.toContain(of.apiKey);
      await crm.close();
    },
  );
});
