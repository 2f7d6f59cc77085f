import { describe, expect, test } from "vitest";
import type { Answer, Write } from "../../src/adapter/contract.ts";
import type { Entry } from "../../src/model/entry.ts";
import type { Interaction, Mail } from "../../src/model/interaction.ts";
import { reopenedRow, replayedRow, type Row } from "../../src/model/ledger.ts";
import { beginRow } from "../../src/plan/begin.ts";
import { diff } from "../../src/plan/diff.ts";
import { seenAt } from "../../src/plan/recheck.ts";
import { settleRow } from "../../src/plan/settle.ts";
import { preview } from "../../src/plan/preview.ts";
import { wanted } from "../../src/plan/wanted.ts";
import {
  abilities,
  interactionOf,
  legOf,
  linkOf,
  nineOClock,
  rowOf,
  setupOf,
  writtenRow,
} from "./building.ts";

const agent = { id: "a-1", email: "elinor@classics.example" };
const mail: Mail = {
  id: "m-1",
  via: "mail",
  to: ["marianne@dashwood.example", "m@norland.example"],
  subject: "Your order",
  text: "Dear Marianne,\nit left today.",
  agent,
  at: nineOClock,
};
const { mapping: _m, ...bare } = setupOf({
  connection: "c-mail",
  connectionName: "mail",
  abilities: abilities({ kinds: ["notice"] }),
});
const setup = bare;
const told = (over: Partial<Interaction> = {}): Interaction =>
  interactionOf({ legs: [legOf()], links: [], mails: [mail], ...over });
const draftOf = (over: Partial<Entry> = {}): Entry => {
  const [entry] = wanted(told(), setup, []);
  if (entry === undefined) throw new Error("nothing is wanted");
  return { ...entry, ...over };
};
const receipt = { ref: { type: "mail", id: "x-1" } };
const options = { now: 5_000, jitter: 0, maxAttempts: 3, landsWithinMs: 600_000 };

/** What is sent next for these rows. */
const writesOf = (rows: readonly Row[], interaction = told(), of = setup): readonly Write[] =>
  diff(wanted(interaction, of, rows), rows).writes;
const onlyWrite = (rows: readonly Row[], interaction = told()): Write => {
  const [write, ...more] = writesOf(rows, interaction);
  if (write === undefined || more.length > 0) throw new Error(`${more.length} more writes`);
  return write;
};
/** One try: begun, answered, settled. */
const tried = (rows: readonly Row[], answer: Answer, interaction = told()): Row => {
  const write = onlyWrite(rows, interaction);
  return settleRow(write, beginRow(write, rows[0]), answer, options);
};
const drafted = tried([], { is: "written", how: "created", receipt });
const lost: Answer = { is: "retry", why: "unreachable", sent: "maybe", reason: "no answer" };
const sent = tried([drafted], { is: "written", how: "updated", receipt });

describe("L3 C5 a mail is wanted at once, in two steps", () => {
  test("L3 C5 while no leg has closed and nothing is linked, and addresses joined by a comma", () => {
    expect(wanted(told({ mails: [{ ...mail, cc: ["x@y.example"] }] }), setup, [])).toMatchObject([
      {
        kind: "notice",
        type: "mail",
        leg: "m-1",
        slot: 0,
        final: false,
        owner: "user-a-1",
        roles: {},
        touches: [],
        warnings: [],
        fields: {
          to: "marianne@dashwood.example, m@norland.example",
          cc: "x@y.example",
          subject: "Your order",
          text: "Dear Marianne,\nit left today.",
        },
      },
    ]);
    expect(draftOf().fields).not.toHaveProperty("cc");
  });

  test("W2 every mail has a key of its own, and another connection's mails are not its business", () => {
    const mails = [mail, { ...mail, id: "m-2" }, { ...mail, id: "m-3", via: "other" }];
    const entries = wanted(told({ mails }), setup, []);
    expect(entries.map(({ leg }) => leg)).toEqual(["m-1", "m-2"]);
    expect(new Set(entries.map(({ key }) => key)).size).toBe(2);
    expect(wanted(told({ mails }), { ...setup, connectionName: "crm" }, [])).toEqual([]);
  });

  test("K7 without a mapping no activity is wanted, whatever is closed or linked or logged", () => {
    const closed = interactionOf({ links: [linkOf("contact/1", { connection: "mail" })] });
    const able = { ...setup, unlinked: "log" as const, abilities: abilities() };
    expect(wanted(closed, able, [])).toEqual([]);
    expect(wanted({ ...closed, mails: [mail] }, able, [])).toMatchObject([{ kind: "notice" }]);
  });

  test("N3 W3 first the draft, then the sending of that very draft, then nothing ever again", () => {
    const put = onlyWrite([]);
    expect(put).toMatchObject({ op: "put", maybeSent: false, entry: { final: false } });
    expect(drafted).toMatchObject({ state: "written", receipt, written: { final: false } });
    expect(onlyWrite([drafted])).toMatchObject({
      op: "amend",
      receipt,
      changed: {},
      relinked: false,
      reowned: true,
      maybeSent: false,
      contentKnown: true,
      entry: { final: true },
      made: { final: false },
    });
    expect(sent).toMatchObject({ state: "written", written: { final: true }, maybeSent: false });
    expect(writesOf([sent])).toEqual([]);
  });

  test("N3 the draft is sent from the mailbox it was made in, whoever the agent's is by now", () => {
    const moved = { ...setup, ownerOf: () => ({ owner: "elsewhere", fallback: false }) };
    expect(writesOf([drafted], told(), moved)).toMatchObject([{ entry: { owner: "user-a-1" } }]);
    const begun = beginRow(onlyWrite([]));
    expect(writesOf([begun], told(), moved)).toMatchObject([{ entry: { owner: "user-a-1" } }]);
  });

  test("N3 without a mailbox nothing is sent: it is parked without a call, and tried again once there is one", () => {
    const nobody = { ...setup, ownerOf: () => ({ fallback: true }) };
    const { writes, park = [] } = diff(wanted(told(), nobody, []), []);
    expect(writes).toEqual([]);
    expect(park).toMatchObject([
      { state: "parked", maybeSent: false, tries: 0, reason: expect.stringContaining("mailbox") },
    ]);
    expect(writesOf(park, told(), nobody)).toEqual([]);
    expect(writesOf(park)).toMatchObject([{ op: "put", entry: { owner: "user-a-1" } }]);
  });

  test("N3 W10 a fallback mailbox only where one is configured, and it is said", () => {
    const fallback = { ...setup, ownerOf: () => ({ owner: "desk@x.example", fallback: true }) };
    expect(wanted(told(), fallback, [])).toMatchObject([
      { owner: "desk@x.example", warnings: [{ code: "ownerFallback" }] },
    ]);
  });

  test("W9 a preview of activities shows no mail", () => {
    expect(preview(told(), setup, []).entries).toEqual([]);
  });
});

describe("N3 W3 a mail is never sent twice", () => {
  test("W3 a draft without an answer is asked for again, as it was", () => {
    const unsure = tried([], lost);
    expect(onlyWrite([unsure])).toMatchObject({ op: "put", maybeSent: true, entry: draftOf() });
  });

  test("W3 a sending without an answer is repeated by its receipt, never made anew", () => {
    const unsure = tried([drafted], lost);
    expect(onlyWrite([unsure])).toMatchObject({
      op: "amend",
      maybeSent: true,
      receipt,
      changed: {},
      entry: { final: true },
    });
    const found = tried([unsure], { is: "written", how: "already", receipt });
    expect(writesOf([found])).toEqual([]);
  });

  test("N3 what cannot be looked up is parked as maybe sent; a replay only looks again", () => {
    const unsure = tried([drafted], lost);
    const no: Answer = { is: "refused", why: "unsupported", reason: "it cannot look" };
    const parked = tried([unsure], no);
    expect(parked).toMatchObject({
      state: "parked",
      maybeSent: true,
      reason: "maybe sent: this CRM cannot do it: it cannot look",
    });
    expect(writesOf([parked])).toEqual([]);
    const again = onlyWrite([replayedRow(parked)]);
    expect(again).toMatchObject({ op: "amend", maybeSent: true, receipt, entry: { final: true } });
  });

  test("N3 what was sent without an answer and is not there any more may have gone out: not `gone`, which a replay would make anew", () => {
    const unsure = tried([drafted], lost);
    const away = tried([unsure], { is: "gone" });
    expect(away).toMatchObject({ state: "parked", reason: expect.stringContaining("maybe sent") });
    expect(onlyWrite([replayedRow(away)])).toMatchObject({ op: "amend", maybeSent: true });
    // A draft that people deleted before anything was sent is theirs: a person may ask for it anew.
    const deleted = tried([drafted], { is: "gone" });
    expect(deleted.state).toBe("gone");
    expect(writesOf([deleted])).toEqual([]);
    expect(onlyWrite([replayedRow(deleted)])).toMatchObject({
      op: "put",
      maybeSent: false,
      entry: { final: false },
    });
  });

  test("W3 given up after many tries it says so: maybe sent only where something was", () => {
    const often = (row: Row, answer: Answer): Row => tried([{ ...row, attempts: 9 }], answer);
    const busy: Answer = { is: "retry", why: "transient", sent: "no", reason: "busy" };
    expect(often(drafted, busy).reason).toBe("gave up after 10 tries: busy");
    expect(often(drafted, { ...busy, sent: "maybe" }).reason).toContain("maybe sent: gave up");
  });

  test("W3 found by its key though never sent (a restored backup), it is looked at before it is sent", () => {
    const restored = tried([], { is: "written", how: "already", receipt });
    expect(onlyWrite([restored])).toMatchObject({
      op: "amend",
      receipt,
      maybeSent: true,
      entry: { final: true },
    });
  });

  test("W3 what was sent is not looked at again when a lost request can no longer land", () => {
    const unsure = tried([drafted], lost);
    const found = tried([unsure], { is: "written", how: "already", receipt });
    expect(found.recheckAt).toBeUndefined();
    expect(writesOf([seenAt({ ...found, recheckAt: 1 }, 2)])).toEqual([]);
  });

  test("W3 a late draft never takes the place of the one that may be on its way", () => {
    const other = { ref: { type: "mail", id: "x-late" } };
    const late = { ...drafted, receipt: other };
    const sending = beginRow(onlyWrite([drafted]), drafted);
    expect(reopenedRow(late, sending)).toBe(sending);
    expect(reopenedRow(late, drafted)).toBe(drafted);
    expect(reopenedRow(late, sent)).toBe(sent);
    expect(reopenedRow(sent, sending)).toBe(sent);
    // The first to come keeps its place: nothing else is known.
    const begun = beginRow(onlyWrite([]));
    expect(reopenedRow(late, begun)).toMatchObject({ state: "open", receipt: other });
    expect(onlyWrite([reopenedRow(late, begun)])).toMatchObject({ op: "amend", receipt: other });
  });
});

describe("N5 the interaction was deleted", () => {
  const deleted = (written: "retract" | "keep"): Interaction =>
    told({ deleted: { written, at: nineOClock } });

  test.for(["retract", "keep"] as const)(
    "N5 N3 %s: what was sent stands, a draft is taken back, the rest is forgotten",
    (how) => {
      expect(writesOf([sent], deleted(how))).toEqual([]);
      expect(writesOf([drafted], deleted(how))).toMatchObject([{ op: "retract", receipt }]);
      const waiting = rowOf({ key: draftOf().key, sending: draftOf() });
      const { writes, forget } = diff(wanted(deleted(how), setup, [waiting]), [waiting]);
      expect({ writes, states: forget.map(({ state }) => state) }).toEqual({
        writes: [],
        states: ["removed"],
      });
    },
  );

  test("N5 N3 what may have been sent is taken back only if it is still a draft: the adapter says which", () => {
    const unsure = tried([drafted], lost);
    const write = onlyWrite([unsure], deleted("retract"));
    expect(write).toMatchObject({ op: "retract", maybeSent: true, receipt });
    const kept = settleRow(write, beginRow(write, unsure), { is: "removed", how: "kept" }, options);
    expect(kept).toMatchObject({ state: "removed", warnings: [{ code: "keptInCrm" }] });
    expect(writesOf([kept], deleted("retract"))).toEqual([]);
  });

  test("N5 K5 activities of the same connection are kept or retracted as before, beside its mails", () => {
    const crm = setupOf({ abilities: abilities({ kinds: ["activity", "notice"] }) });
    const whole = interactionOf({ mails: [{ ...mail, via: "crm" }] });
    const rows = wanted(whole, crm, []).map((entry) => writtenRow(entry));
    expect(rows).toHaveLength(2);
    const ops = (written: "retract" | "keep") => {
      const gone = { ...whole, deleted: { written, at: 0 } };
      return diff(wanted(gone, crm, rows), rows).writes.map(
        ({ op, entry }) => `${op} ${entry.kind}`,
      );
    };
    expect(ops("keep")).toEqual(["retract notice"]);
    expect(ops("retract").toSorted()).toEqual(["retract activity", "retract notice"]);
    expect(wanted({ ...whole, links: [] }, { ...crm, onUnlink: "keep" }, rows)).toHaveLength(2);
  });
});
