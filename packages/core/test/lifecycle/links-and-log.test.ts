import { describe, expect, test } from "vitest";
import type { Command } from "../../src/model/command.ts";
import { ada, bob, dawn, minute, record, settingsWith, story } from "./story.ts";

const accepted = (leg: string, agent = ada) => ({ do: "accept", leg, agent }) as const;
const linked = (id: string, connection = "sales") =>
  ({ do: "link", record: record(id, connection) }) as const;
const noted = (id: string): Command => ({
  do: "note",
  note: { id, text: id, audience: "internal" },
  by: "ada",
});
const draft = (state: "saving" | "created" | "uncertain", id?: string): Command => ({
  do: "draft",
  draft: {
    id: "d",
    connection: "sales",
    type: "Case",
    state,
    ...(id !== undefined && { record: record(id) }),
  },
  by: "ada",
});
const refused = (code: string) => expect.objectContaining({ code });

describe("K1 links", () => {
  test("K1 any number of records in any number of connections, at any time; each wakes every connection", () => {
    const call = story().tell(linked("1"), linked("2", "service"), accepted("A"), {
      do: "endTalk",
      leg: "A",
      wrapUp: "none",
    });
    expect(call.last.wake).toEqual(["sales", "service"]);
    call.tell(linked("3", "third"));

    expect(call.last.wake).toEqual(["sales", "service", "third"]);
    expect(call.now.links.map(({ record: { id } }) => id)).toEqual(["1", "2", "3"]);
  });

  test("K1 linking twice is linking once, and unlinking what is not linked is nothing", () => {
    const call = story().tell(linked("1"));
    const before = call.now;

    expect(call.tell(linked("1"), { do: "unlink", record: record("2") }).now).toBe(before);
    expect(call.tell(linked("1", "other")).now.links).toHaveLength(2);
  });

  test("K1 link and unlink are audited: who, when and what", () => {
    const call = story()
      .wait(minute)
      .tell({ ...linked("1"), by: "ada" });
    call.wait(minute).tell({ do: "unlink", record: record("1"), by: "bob" });

    expect(call.history.filter(({ rule }) => rule === "K1")).toEqual([
      { at: dawn + minute, what: "link", by: "ada", rule: "K1", text: "linked to Case 1 in sales" },
      {
        at: dawn + 2 * minute,
        what: "unlink",
        by: "bob",
        rule: "K1",
        text: "unlinked from Case 1 in sales",
      },
    ]);
  });

  test("K1 link then unlink before due leaves no link, and its connection is only asked to compare", () => {
    const call = story().tell(linked("1"), { do: "unlink", record: record("1") }, accepted("A"), {
      do: "endTalk",
      leg: "A",
      wrapUp: "none",
    });

    expect(call.now.links).toEqual([]);
    expect(call.now.connections).toEqual(["sales"]);
  });

  test("K1 linking again after an unlink is a new link", () => {
    const call = story().tell(
      linked("1"),
      accepted("A"),
      { do: "endTalk", leg: "A", wrapUp: "none" },
      accepted("B", bob),
    );
    call
      .tell({ do: "unlink", record: record("1") })
      .wait(minute)
      .tell(linked("1"));

    expect(call.now.links).toMatchObject([{ fromLeg: 1, at: dawn + minute }]);
  });

  test("K1 what hangs above a record is kept with the link", () => {
    const parents = [{ type: "Account", id: "a" }];

    expect(story().tell({ ...linked("1"), parents }).now.links[0]?.parents).toEqual(parents);
  });
});

describe("K2 whom a link feeds", () => {
  test("K2 made before any leg it feeds every leg", () => {
    expect(story().tell(linked("1"), accepted("A")).now.links[0]?.fromLeg).toBe(0);
  });

  test("K2 made while legs are open it feeds from the first open one; wrap-up is open", () => {
    const call = story().tell(
      accepted("A"),
      { do: "endTalk", leg: "A", wrapUp: "none" },
      accepted("B", bob),
      { do: "transfer", leg: "B" },
      accepted("C"),
    );

    expect(call.tell(linked("1")).now.links[0]?.fromLeg).toBe(1);
  });

  test("K2 made when all are closed it feeds the last; legs that are not written do not count", () => {
    const call = story().tell(
      accepted("A"),
      { do: "endTalk", leg: "A", wrapUp: "none" },
      accepted("B", bob),
      { do: "endTalk", leg: "B", wrapUp: "none" },
    );
    call.tell({ ...accepted("M"), role: "monitor" }, linked("1"));

    expect(call.now.links[0]?.fromLeg).toBe(1);
  });

  test("K2 an unlink applies to every leg, written ones included", () => {
    const call = story().tell(
      linked("1"),
      accepted("A"),
      { do: "endTalk", leg: "A", wrapUp: "none" },
      accepted("B", bob),
    );

    expect(call.tell({ do: "unlink", record: record("1") }).last.wake).toEqual(["sales"]);
    expect(call.now.links).toEqual([]);
  });

  test("K2 a note feeds every open leg, else the last closed one; before any leg it feeds them all", () => {
    const call = story().tell(
      noted("0"),
      accepted("A"),
      accepted("B", bob),
      noted("1"),
      { do: "endTalk", leg: "A", wrapUp: "none" },
      noted("2"),
    );
    call.tell({ do: "endTalk", leg: "B", wrapUp: "none" }, noted("3"));

    expect(call.now.notes.map(({ legs }) => legs)).toEqual([undefined, ["A", "B"], ["B"], ["B"]]);
    expect(call.now.notes[0]).toMatchObject({ by: "ada", at: dawn });
  });
});

describe("K8, K9", () => {
  test("K8 an interaction nobody linked wakes the connections that log such, when it is due", () => {
    const call = story({ settings: settingsWith({ logUnlinked: ["log"] }) }).tell(accepted("A"), {
      do: "endTalk",
      leg: "A",
      wrapUp: "none",
    });

    expect(call.wakes).toEqual(["log"]);
    expect(story().tell(accepted("A"), { do: "endTalk", leg: "A", wrapUp: "none" }).wakes).toEqual(
      [],
    );
  });

  test("K9 a merged record's link follows it and remembers its old id, which still unlinks it", () => {
    const call = story().tell(linked("lead"), accepted("A"), {
      do: "endTalk",
      leg: "A",
      wrapUp: "none",
    });
    call.tell({
      do: "relink",
      from: record("lead"),
      to: { ...record("contact"), type: "Contact" },
      by: "system",
    });

    expect(call.now.links).toMatchObject([
      {
        record: { type: "Contact", id: "contact" },
        was: [{ type: "Case", id: "lead" }],
        fromLeg: 0,
      },
    ]);
    expect(call.last.wake).toEqual(["sales"]);
    const before = call.now;
    expect(
      call.tell(
        { do: "relink", from: record("lead"), to: { ...record("contact"), type: "Contact" } },
        linked("lead"),
      ).now,
    ).toBe(before);
    expect(call.tell({ do: "unlink", record: record("lead") }).now.links).toEqual([]);
  });

  test("K9 a loser whose winner is linked already becomes one link with it", () => {
    const call = story().tell(
      linked("0"),
      linked("1"),
      accepted("A"),
      { do: "endTalk", leg: "A", wrapUp: "none" },
      accepted("B", bob),
      linked("2"),
    );
    call.tell({ do: "relink", from: record("2"), to: record("1") });

    expect(
      call.now.links.map(({ record: { id }, fromLeg, was }) => [
        id,
        fromLeg,
        was?.map((old) => old.id),
      ]),
    ).toEqual([
      ["0", 0, undefined],
      ["1", 0, ["2"]],
    ]);
  });

  test("K9 there and back again names no record as its own past", () => {
    const call = story().tell(
      linked("1"),
      { do: "relink", from: record("1"), to: record("2") },
      { do: "relink", from: record("2"), to: record("1") },
    );

    expect(call.now.links).toMatchObject([{ record: record("1"), was: [{ id: "2" }] }]);
  });

  test("K9 what was never linked is not relinked, and nothing moves into another org", () => {
    const call = story().tell(linked("1"));
    const before = call.now;

    expect(call.tell({ do: "relink", from: record("9"), to: record("8") }).now).toBe(before);
    expect(() => call.tell({ do: "relink", from: record("1"), to: record("1", "other") })).toThrow(
      refused("invalid_input"),
    );
  });
});

describe("R4 drafts", () => {
  test("R4 a created record is linked in the same change; created is final", () => {
    const call = story().tell(
      draft("saving"),
      draft("uncertain"),
      draft("saving"),
      draft("created", "9"),
    );
    expect(call.now.drafts).toMatchObject([{ id: "d", state: "created", by: "ada" }]);
    expect(call.now.links).toMatchObject([{ record: record("9"), by: "ada" }]);
    const before = call.now;

    expect(call.tell(draft("saving"), draft("created", "9"), draft("created", "10")).now).toBe(
      before,
    );
  });

  test("R4 a second click while saving changes nothing, nor does it wake anything", () => {
    const call = story().tell(
      accepted("A"),
      { do: "endTalk", leg: "A", wrapUp: "none" },
      draft("saving"),
    );
    const before = call.now;

    expect(call.tell(draft("saving")).now).toBe(before);
    expect(call.wakes).toEqual([]);
  });

  test("R4 a record that is linked already is not linked twice", () => {
    expect(story().tell(linked("9"), draft("created", "9")).now.links).toHaveLength(1);
  });
});

describe("C1, N1, N2", () => {
  test("C1 every message brings the card up to date, but never over an agent's edit, nor with nothing", () => {
    const chat = story({
      channel: "chat",
      start: { customer: { name: "lenny", email: "l@x.example" } },
    });
    chat.tell({ do: "edit", customer: { name: "Lenny Lens" } });
    chat.event({
      do: "message",
      from: "customer",
      customer: { name: "L", email: "", phone: "+1", handle: "  " },
    });

    expect(chat.now.card.fields).toMatchObject({
      name: { value: "Lenny Lens", from: "agent" },
      email: { value: "l@x.example" },
      phone: { value: "+1", from: "channel" },
    });
    expect(chat.now.card.fields.handle).toBeUndefined();
  });

  test("C1 an agent can empty a field, and the channel does not fill it again", () => {
    const chat = story({ channel: "chat", start: { customer: { name: "spam" } } });
    chat.tell(
      { do: "edit", customer: { name: "" } },
      { do: "message", from: "customer", customer: { name: "spam" } },
    );

    expect(chat.now.card.fields.name).toMatchObject({ value: "", from: "agent" });
  });

  test("C1 editing to what is there already changes nothing the second time", () => {
    const chat = story().tell({
      do: "edit",
      customer: { name: "x" },
      log: { topic: "t", followUp: { date: "2026-02-01" } },
    });
    const before = chat.now;

    expect(
      chat.tell({
        do: "edit",
        customer: { name: "x" },
        log: { topic: "t", followUp: { date: "2026-02-01" } },
      }).now,
    ).toBe(before);
    expect(chat.tell({ do: "edit" }).now).toBe(before);
  });

  test("N1 the log is laid over what was there; an empty text takes a value back", () => {
    const call = story().tell({
      do: "edit",
      log: { topic: "t", reference: "r", followUp: { date: "2026-02-01", owner: "bob" } },
    });
    call.tell({ do: "edit", log: { topic: "", date: "2026-01-01" } });
    expect(call.now.log).toEqual({
      reference: "r",
      date: "2026-01-01",
      followUp: { date: "2026-02-01", owner: "bob" },
    });

    expect(call.tell({ do: "edit", log: { followUp: { date: "" } } }).now.log).toEqual({
      reference: "r",
      date: "2026-01-01",
    });
  });

  test("N2 a note can be reworded or made internal; its author, time and legs stay", () => {
    const call = story()
      .tell(accepted("A"), {
        do: "note",
        note: { id: "n", text: "x", audience: "inbound" },
        by: "ada",
      })
      .wait(minute);
    call.tell({ do: "endTalk", leg: "A", wrapUp: "none" }, accepted("B", bob), {
      do: "note",
      note: { id: "n", text: "x", audience: "internal" },
      by: "bob",
    });

    expect(call.now.notes).toEqual([
      { id: "n", text: "x", audience: "internal", by: "ada", at: dawn, legs: ["A"] },
    ]);
    const before = call.now;
    expect(call.tell({ do: "note", note: { id: "n", text: "x", audience: "internal" } }).now).toBe(
      before,
    );
  });
});

describe("N5 delete", () => {
  test.each(["before any leg", "in talk", "in wrap-up", "written"] as const)(
    "N5 %s: deleted, every connection wakes, and no deadline is left",
    (state) => {
      const call = story().tell(linked("1"));
      if (state !== "before any leg") call.tell(accepted("A"));
      if (state === "in wrap-up") call.tell({ do: "endTalk", leg: "A" });
      if (state === "written") call.tell({ do: "endTalk", leg: "A", wrapUp: "none" });
      call.tell({ do: "delete", written: "retract", by: "ada" });

      expect(call.now.deleted).toEqual({ written: "retract", at: dawn });
      expect(call.last.wake).toEqual(["sales"]);
      expect(call.last.deadline).toBeUndefined();
    },
  );

  test.each(["retract", "keep"] as const)(
    "N5 O4 deleted to %s: nothing of the customer is kept, at once; ids and states are",
    (written) => {
      const secret = "Cora rash 4155550100";
      const call = story().tell(
        {
          do: "link",
          record: record("1"),
          title: secret,
          personRank: 0,
          parents: [{ type: "Account", id: "2" }],
        },
        accepted("A"),
        { do: "message", from: "customer", customer: { name: secret, phone: secret } },
        { do: "edit", customer: { notes: secret }, log: { topic: secret, contactName: secret } },
        { do: "note", note: { id: "n", text: secret, audience: "inbound" } },
        { do: "learn", facts: { whole: secret } },
        { do: "learn", leg: "A", facts: { transcript: secret } },
        {
          do: "draft",
          draft: {
            id: "d",
            connection: "sales",
            type: "Case",
            state: "uncertain",
            fields: { Subject: secret },
          },
        },
        { do: "endTalk", leg: "A", wrapUp: "none" },
      );
      const before = call.now;
      expect(JSON.stringify(before).split("rash")).toHaveLength(11);
      call.tell({ do: "delete", written });

      expect(JSON.stringify(call.now)).not.toContain("Cora");
      expect(call.now).toMatchObject({
        id: before.id,
        legs: [{ id: "A", state: "closed", agent: ada, recorded: before.legs[0]?.recorded }],
        links: [{ record: record("1"), fromLeg: 0 }],
        drafts: [{ id: "d", state: "uncertain" }],
        connections: ["sales"],
      });
      expect(call.last.wake).toEqual(["sales"]);
    },
  );

  test("N5 late platform events do not bring it back; a person's command gets a clear error; deleting again is nothing", () => {
    const call = story().tell(accepted("A"), { do: "delete", written: "keep" });
    const before = call.now;
    call.event(
      { do: "endTalk", leg: "A" },
      { do: "start", channel: "voice", direction: "inbound" },
      accepted("B", bob),
    );
    call.tell(
      { do: "link", record: record("1"), by: "platform" },
      { do: "relink", from: record("1"), to: record("2"), by: "system" },
      { do: "tick" },
    );
    call.tell({ do: "delete", written: "keep" });

    expect(call.now).toBe(before);
    expect(call.history.filter(({ what }) => what === "ignored")).toHaveLength(5);
    for (const command of [
      linked("1"),
      accepted("B", bob),
      { do: "start", channel: "voice", direction: "inbound" },
      { do: "delete", written: "retract" },
    ] satisfies Command[])
      expect(() => call.tell(command)).toThrow(refused("interaction_deleted"));
  });
});
