import { CrmError, isWrapupError } from "@wrapup/core";
import { describe, expect, test } from "vitest";
import { ada, bob, openWorld } from "../world.ts";

const cora = {
  ref: { type: "person", id: "p1" },
  title: "Cora Customer",
  url: "https://crm.example/p1",
  fields: { name: "Cora Customer", phone: "(415) 555-0100", email: "cora@wrapup.example" },
};

const codeOf = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
    return "no error";
  } catch (error) {
    return isWrapupError(error) ? `${error.code} | ${error.message}` : String(error);
  }
};

describe("the card", () => {
  test("C1 C2 K6 shows who it is, which records, and each link's state until it is written", async () => {
    const { wrapup, crm } = await openWorld();
    crm.addRecord(cora);
    const call = await wrapup.interactions.start({
      id: "c-1",
      channel: "voice",
      customer: { phone: "+1 415 555 0100" },
    });
    const leg = await call.accept({ agent: ada });
    const card = await call.card();
    expect(card.displayName).toBe("+1 415 555 0100");
    expect(card.address).toBe("+14155550100");
    expect(card.records.map(({ ref }) => ref)).toEqual([
      { connection: "crm", type: "person", id: "p1" },
    ]);
    expect(card.matches).toEqual([{ connection: "crm", is: "one" }]);
    const [record] = card.records;
    if (record === undefined) throw new Error("no record");
    await call.link(record);
    expect((await call.card()).links).toMatchObject([
      { state: "waitingForWrapUp", url: "https://crm.example/p1" },
    ]);
    await leg.endTalk();
    await leg.completeWrapUp();
    await wrapup.drain();
    expect((await call.card()).links).toMatchObject([
      { state: "written", activityUrl: "https://crm.example/a1" },
    ]);
    await wrapup.close();
  });

  test("C1 an agent's edit is never overwritten by the channel", async () => {
    const { wrapup } = await openWorld();
    const chat = await wrapup.interactions.start({
      id: "c-1",
      channel: "chat",
      customer: { name: "C." },
    });
    await chat.edit({ customer: { name: "Cora Customer" }, by: "ada" });
    await chat.message({
      from: "customer",
      customer: { name: "cora_99", email: "cora@wrapup.example" },
    });
    const card = await chat.card();
    expect([card.displayName, card.fields.email?.value]).toEqual([
      "Cora Customer",
      "cora@wrapup.example",
    ]);
    await wrapup.close();
  });

  test("K7 C1 with the CRM down the rest of the card works, and says that this part is unavailable", async () => {
    const { wrapup, crm } = await openWorld();
    const reads = crm.adapter.reads;
    if (reads === undefined) throw new Error("no reads");
    reads.search = () => Promise.reject(new CrmError("auth", "no", "signed out"));
    const call = await wrapup.interactions.start({
      id: "c-1",
      channel: "voice",
      customer: { name: "Cora", phone: "+14155550100" },
    });
    const card = await call.card();
    expect(card.displayName).toBe("Cora");
    expect(card.matches).toMatchObject([{ is: "unavailable", reason: "signed out" }]);
    await wrapup.close();
  });

  test("R1 many is never silently the first", async () => {
    const { wrapup, crm } = await openWorld();
    crm.addRecord(cora);
    crm.addRecord({ ...cora, ref: { type: "person", id: "p2" } });
    const match = await wrapup.find("crm", { phone: "+14155550100" });
    expect(match.is === "many" && match.records.length).toBe(2);
    expect(await wrapup.find("crm", { email: "nobody@wrapup.example" })).toEqual({ is: "none" });
    await wrapup.close();
  });
});

describe("creating records", () => {
  test("R3 C2 the form is prefilled, nothing exists until save, and the new record is linked", async () => {
    const { wrapup, crm, call } = await openWorld();
    const { call: c } = await call("c-1");
    const draft = await c.draft("crm", "person");
    expect(draft.form.find(({ name }) => name === "phone")?.value).toBe("+14155550100");
    const cancelled = await c.draft("crm", "person");
    cancelled.cancel();
    expect((await c.card()).drafts).toEqual([]);
    const saved = await draft.save({ name: "Cora Customer" });
    expect(saved).toMatchObject({
      is: "created",
      record: { ref: { connection: "crm", type: "person" } },
    });
    expect((await c.card()).links.map(({ record }) => record.type)).toEqual(["person", "person"]);
    expect(crm.requests).toEqual([]);
    await wrapup.close();
  });

  test("R4 saving twice at once, and again later, makes one record", async () => {
    const { wrapup, call } = await openWorld();
    const { call: c } = await call("c-1");
    const draft = await c.draft("crm", "ticket");
    const [first, second] = await Promise.all([
      draft.save({ name: "Refund" }),
      draft.save({ name: "Refund" }),
    ]);
    const again = await (await c.draft("crm", "ticket", { id: draft.id })).save({ name: "Refund" });
    const idOf = (saved: typeof first): string | undefined =>
      saved.is === "created" || saved.is === "already" ? saved.record.ref.id : undefined;
    expect([idOf(second), idOf(again)]).toEqual([idOf(first), idOf(first)]);
    expect(again.is).toBe("already");
    await wrapup.close();
  });

  test("R4 a reply that got lost is asked for again under the same key; without an answer it is honestly uncertain", async () => {
    const { wrapup, crm, call } = await openWorld();
    const { call: c } = await call("c-1");
    const real = crm.adapter.createRecord?.bind(crm.adapter);
    if (real === undefined) throw new Error("no createRecord");
    const keys: string[] = [];
    let lose = 1;
    crm.adapter.createRecord = async (draft, context) => {
      keys.push(draft.key);
      const created = await real(draft, context);
      lose -= 1;
      if (lose >= 0) throw new CrmError("transient", "maybe", "lost");
      return created;
    };
    const saved = await (await c.draft("crm", "ticket")).save({ name: "Refund" });
    expect(saved.is).toBe("already");
    expect(new Set(keys).size).toBe(1);
    lose = 10;
    const unsure = await (await c.draft("crm", "ticket")).save({ name: "Other" });
    expect(unsure.is).toBe("uncertain");
    await wrapup.close();
  });

  test("R4 W3 what may have been sent is repeated unchanged, though the agent typed something else meanwhile", async () => {
    const { wrapup, crm, call } = await openWorld();
    const { call: c } = await call("c-1");
    const real = crm.adapter.createRecord?.bind(crm.adapter);
    if (real === undefined) throw new Error("no createRecord");
    const sent: string[] = [];
    let lost = true;
    crm.adapter.createRecord = async (draft, context) => {
      sent.push(`${String(draft.fields["name"])} ${draft.maybeSent ? "again" : "first"}`);
      if (lost) throw new CrmError("transient", "maybe", "lost before anybody knows");
      return real(draft, context);
    };
    const draft = await c.draft("crm", "ticket");
    expect((await draft.save({ name: "Refund" })).is).toBe("uncertain");
    lost = false;
    const later = await c.draft("crm", "ticket", { id: draft.id });
    expect(await later.save({ name: "Something else" })).toMatchObject({
      record: { title: "Refund" },
    });
    expect(sent).toEqual(["Refund first", "Refund again", "Refund again"]);
    await wrapup.close();
  });

  test("R4 what was surely not sent may be corrected and saved", async () => {
    const { wrapup, crm, call } = await openWorld();
    const { call: c } = await call("c-1");
    const real = crm.adapter.createRecord?.bind(crm.adapter);
    if (real === undefined) throw new Error("no createRecord");
    let answers = 0;
    crm.adapter.createRecord = async (draft, context) => {
      answers += 1;
      if (answers === 1)
        return { is: "refused", problems: [{ field: "name", reason: "not that name" }] };
      return real(draft, context);
    };
    const draft = await c.draft("crm", "ticket");
    expect((await draft.save({ name: "Wrong" })).is).toBe("refused");
    expect(await draft.save({ name: "Right" })).toMatchObject({
      is: "created",
      record: { title: "Right" },
    });
    await wrapup.close();
  });

  test("R3 C2 a record found and linked gives its name to a customer nobody named", async () => {
    const { wrapup, crm } = await openWorld();
    crm.addRecord(cora);
    const call = await wrapup.interactions.start({
      id: "c-1",
      channel: "voice",
      customer: { phone: "+14155550100" },
    });
    const leg = await call.accept({ agent: ada });
    const [record] = (await call.card()).records;
    if (record === undefined) throw new Error("no record");
    await call.link(record);
    expect((await call.card()).displayName).toBe("Cora Customer");
    await leg.endTalk();
    await leg.completeWrapUp();
    await wrapup.drain();
    expect([...crm.rows.values()][0]?.entry.fields["subject"]).toBe("voice with Cora Customer");
    await call.unlink(record.ref);
    expect((await call.card()).displayName).toBe("+14155550100");
    await wrapup.close();
  });

  test("R3 C4 what the CRM would refuse is said before it is asked: unknown, missing and too long fields", async () => {
    const { wrapup, call } = await openWorld();
    const { call: c } = await call("c-1");
    const saved = await (await c.draft("crm", "ticket")).save({ colour: "blue" });
    expect(saved).toEqual({
      is: "refused",
      problems: [
        { field: "colour", reason: expect.any(String) },
        { field: "name", reason: "name is required." },
      ],
    });
    await wrapup.close();
  });
});

describe("bad input: one clear error each, and nothing lost", () => {
  test("K7 an unknown connection names those that are there", async () => {
    const { wrapup, call } = await openWorld();
    const { call: c } = await call("c-1");
    const said = await codeOf(c.link({ connection: "salse", type: "person", id: "p1" }));
    expect(said).toContain('unknown_connection | There is no connection named "salse"');
    expect(said).toContain("Configured are: crm.");
    expect((await c.card()).links).toHaveLength(1);
    await wrapup.close();
  });

  test("R3 a type that agents may not create is refused, naming those they may", async () => {
    const { wrapup, call } = await openWorld();
    const { call: c } = await call("c-1");
    expect(await codeOf(c.draft("crm", "invoice"))).toContain("unknown_record_type");
    expect(await codeOf(c.draft("crm", "invoice"))).toContain("Allowed are: person, ticket.");
    await wrapup.close();
  });

  test("O5 malformed ids and unknown fields are refused without repeating them", async () => {
    const { wrapup } = await openWorld();
    expect(
      await codeOf(wrapup.interactions.start({ id: "secret\u0000id", channel: "voice" })),
    ).toMatch(/^invalid_input/u);
    expect(
      await codeOf(wrapup.interactions.start({ id: "secret\u0000id", channel: "voice" })),
    ).not.toContain("secret\u0000");
    const c = await wrapup.interactions.start({ id: "c-1", channel: "voice" });
    expect(
      await codeOf(c.apply({ do: "link", record: { connection: "crm", type: "", id: "" } })),
    ).toMatch(/^invalid_input/u);
    expect(await codeOf(c.apply({ do: "dance" }))).toMatch(/^invalid_input/u);
    await wrapup.close();
  });

  test("L10 a leg command on the interaction is refused as ambiguous while two legs are open", async () => {
    const { wrapup, call } = await openWorld();
    const { call: c } = await call("c-1");
    await c.accept({ agent: bob });
    const said = await codeOf(c.endTalk());
    expect(said).toMatch(/^ambiguous_leg/u);
    expect(said).toContain("1, 2");
    await c.leg("2").endTalk({ wrapUp: "none" });
    await c.endTalk();
    await wrapup.close();
  });

  test("N5 an agent's command on a deleted interaction gets a clear error; a late platform event is ignored", async () => {
    const { wrapup, closedCall, crm } = await openWorld();
    const c = await closedCall("c-1");
    await wrapup.drain();
    await c.delete({ written: "retract", by: "ada" });
    await wrapup.drain();
    expect(crm.rows.size).toBe(0);
    expect(
      await codeOf(c.link({ connection: "crm", type: "person", id: "p2" }, { by: "ada" })),
    ).toMatch(/^interaction_deleted/u);
    expect(await codeOf(c.leg("1").completeWrapUp({ eventId: "late", by: "platform" }))).toBe(
      "no error",
    );
    await wrapup.drain();
    expect(crm.rows.size).toBe(0);
    await wrapup.close();
  });

  test("K3 a mapping to a field that does not exist pauses the connection and names the line; nothing is parked", async () => {
    const mapping = {
      activities: {},
      otherwise: { type: "activity", fields: { colour: { constant: "blue" } } },
    };
    const { wrapup, crm, closedCall } = await openWorld({ connection: { mapping } });
    expect(await wrapup.check()).toMatchObject([
      { connection: "crm", severity: "error", place: expect.stringContaining("colour") },
    ]);
    await closedCall("c-1");
    await wrapup.drain();
    expect(crm.requests).toEqual([]);
    expect((await wrapup.explain("c-1")).connections[0]).toMatchObject({
      state: "paused",
      why: expect.stringContaining("colour"),
    });
    expect(await wrapup.parked.list()).toEqual([]);
    await wrapup.close();
  });

  test("options are read at the door, naming the option", async () => {
    await expect(openWorld({ connection: { timeZone: "Mars/Olympus" } })).rejects.toThrow(
      /createWrapup\.connections\.crm\.timeZone/u,
    );
    await expect(openWorld({ options: { pollMs: -1 } })).rejects.toThrow(/createWrapup\.pollMs/u);
  });

  test("O2 another tenant sees nothing of it", async () => {
    const { wrapup, call } = await openWorld();
    await call("c-1");
    expect(await codeOf(wrapup.tenant("other").explain("c-1"))).toMatch(/^unknown_interaction/u);
    await wrapup.close();
  });
});

describe("W9 explain and preview", () => {
  test("W9 explain says why it is not in the CRM yet, and by which rule", async () => {
    const { wrapup, call } = await openWorld();
    const { leg } = await call("c-1");
    await leg.endTalk();
    const told = await wrapup.explain("c-1");
    expect(told.connections).toMatchObject([
      {
        connection: "crm",
        state: "waitingForWrapUp",
        why: expect.stringMatching(/ada.*wrapUp.*L1/u),
      },
    ]);
    expect(told.timeline.map(({ what }) => what)).toEqual(
      expect.arrayContaining(["start", "accept", "link", "endTalk"]),
    );
    expect(JSON.stringify(told)).not.toContain("Cora");
    await wrapup.close();
  });

  test("W9 explain of what was written names the record, its url and the tries", async () => {
    const { wrapup, closedCall } = await openWorld();
    await closedCall("c-1");
    await wrapup.drain();
    expect((await wrapup.explain("c-1")).connections).toMatchObject([
      {
        state: "written",
        entries: [{ state: "written", id: "a1", url: "https://crm.example/a1", tries: 1 }],
      },
    ]);
    await wrapup.close();
  });

  test("W9 preview shows what would be written and what is missing, and blocks nothing", async () => {
    const { wrapup, crm, call } = await openWorld();
    const { call: c, leg } = await call("c-1");
    const shown = await c.preview();
    expect(shown.connections).toMatchObject([
      {
        connection: "crm",
        missing: ["disposition"],
        activities: [
          {
            type: "activity",
            records: [{ type: "person", id: "p1", role: "on" }],
            fields: { subject: "voice with Cora Customer" },
          },
        ],
      },
    ]);
    expect(crm.requests).toEqual([]);
    await leg.endTalk();
    await leg.completeWrapUp({ disposition: "Resolved" });
    await wrapup.drain();
    expect([...crm.rows.values()][0]?.entry.fields["subject"]).toBe(
      shown.connections[0]?.activities[0]?.fields["subject"],
    );
    await wrapup.close();
  });
});
