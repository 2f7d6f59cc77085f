import {
  type ConnectionOptions,
  createWrapup,
  CrmError,
  memoryStore,
  type Store,
  type WrapupEvent,
} from "@wrapup/core";
import { manualClock, scriptedCrm } from "@wrapup/core/testing";
import { afterEach, describe, expect, test } from "vitest";
import { scriptedMail } from "../scripted-mail.ts";
import { ada, bob, noon } from "../world.ts";

const order = { via: "mail", subject: "Your order", text: "Dear Cora,\nit left today." };
const cora = "cora@customers.example";
const away = new CrmError("unreachable", "no", "no route to the host");
const said = (text: string): unknown => expect.stringContaining(text);

const open: { readonly close: () => Promise<void> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

/** A contact center with a CRM and a mail system; a call that Ada has accepted. */
async function openDesk(
  of: {
    readonly mail?: Omit<ConnectionOptions, "adapter">;
    readonly work?: boolean;
    readonly email?: string;
    readonly store?: Store;
  } = {},
) {
  const clock = manualClock(noon);
  const crm = scriptedCrm({ now: () => clock.now() });
  const mail = scriptedMail({ after: (ms, run) => clock.after(ms, run) });
  mail.mailboxes.set(ada.email, "ada@mail.example");
  const events: WrapupEvent[] = [];
  const store = of.store ?? memoryStore();
  const wrapup = await createWrapup({
    store,
    clock,
    connections: { crm: crm.adapter, mail: { adapter: mail.adapter, ...of.mail } },
    catchUpMs: 0,
    work: of.work ?? true,
  });
  wrapup.on((event) => void events.push(event));
  open.push(wrapup);
  const call = await wrapup.interactions.start({
    id: "c-1",
    channel: "voice",
    customer: { name: "Cora", email: of.email ?? `Cora Customer <${cora}>` },
  });
  const leg = await call.accept({ agent: ada });
  const pass = async (ms: number): Promise<void> => {
    await wrapup.drain();
    await clock.advance(ms);
    await wrapup.drain();
  };
  const states = async () => (await call.card()).mails.map(({ state }) => state);
  return { wrapup, call, leg, mail, crm, clock, events, store, pass, states };
}

describe("L3 C5 N3 an agent writes an email to the customer", () => {
  test("L3 C5 it goes out at once, during the call, from the agent's own mailbox, and to the card's address", async () => {
    const { wrapup, leg, call, mail, events } = await openDesk();
    const told = await leg.email(order);
    const state = expect.stringMatching(/^(?:waiting|drafted|sent)$/u);
    expect(told).toEqual({ ...order, id: "1", to: [cora], by: "ada", at: noon, state });
    await wrapup.drain();
    expect(mail.deliveries).toMatchObject([
      {
        mailbox: "ada@mail.example",
        fields: { to: cora, subject: "Your order", text: "Dear Cora,\nit left today." },
      },
    ]);
    expect((await call.card()).mails).toEqual([{ ...told, state: "sent" }]);
    // The draft is only the way there: the app hears of one thing written.
    expect(events.filter(({ event }) => event === "written")).toMatchObject([
      { connection: "mail", dueToWrittenMs: 0 },
    ]);
  });

  test("C5 several recipients and copies, from whoever is named", async () => {
    const { wrapup, call, mail } = await openDesk();
    const to = ["a@x.example", "b@x.example"];
    await call.email({ ...order, to, cc: "c@x.example", by: ada, id: "m-1" });
    await call.email({ ...order, to: "d@x.example", by: "ada", id: "m-2" });
    await wrapup.drain();
    expect(mail.deliveries.map(({ fields }) => [fields["to"], fields["cc"]])).toEqual([
      ["a@x.example, b@x.example", "c@x.example"],
      ["d@x.example", undefined],
    ]);
  });

  test("L3 nothing else is due because of it, and closing the call writes no mail again", async () => {
    const { wrapup, call, leg, mail, crm } = await openDesk();
    await call.link({ connection: "crm", type: "person", id: "p1" });
    await leg.email(order);
    await wrapup.drain();
    expect(crm.requests).toEqual([]);
    await leg.endTalk();
    await leg.completeWrapUp();
    await call.learn({ summary: "all well" });
    await wrapup.drain();
    expect([crm.rows.size, mail.deliveries.length, mail.requests.length]).toEqual([1, 1, 2]);
  });

  test("L6 W2 the same id is one mail; other content under it leaves the first, and is told", async () => {
    const { wrapup, leg, call, mail, events } = await openDesk();
    const first = await leg.email({ ...order, id: "m-1" });
    await call.edit({ customer: { email: "new@x.example" } });
    expect(await leg.email({ ...order, id: "m-1" })).toMatchObject({ id: "m-1", to: first.to });
    const other = await leg.email({ ...order, id: "m-1", text: "something else" });
    expect(other.text).toBe(order.text);
    await wrapup.drain();
    expect(mail.deliveries).toHaveLength(1);
    expect(events.filter(({ event }) => event === "repeatedWithOtherContent")).toMatchObject([
      { interaction: "c-1", eventId: "m-1" },
    ]);
    const { timeline } = await call.explain();
    expect(timeline.at(-1)).toMatchObject({ what: "ignored", rule: "L6" });
  });

  test("L6 the same event is one mail, though nobody named it", async () => {
    const { wrapup, leg, mail, events } = await openDesk();
    const first = await leg.email({ ...order, eventId: "e-1" });
    const { state: _s, ...same } = first;
    expect(await leg.email({ ...order, eventId: "e-1" })).toMatchObject(same);
    expect(await leg.email({ ...order, eventId: "e-1", text: "else" })).toMatchObject(same);
    await wrapup.drain();
    expect(mail.deliveries).toHaveLength(1);
    expect(events).toContainEqual(expect.objectContaining({ event: "repeatedWithOtherContent" }));
  });

  test("C5 two mails that nobody named are two", async () => {
    const { wrapup, leg, mail } = await openDesk();
    expect([(await leg.email(order)).id, (await leg.email(order)).id]).toEqual(["1", "2"]);
    await wrapup.drain();
    expect(mail.deliveries).toHaveLength(2);
  });

  test("N3 without a mailbox there is one clear error, and nothing is recorded", async () => {
    const { call, mail } = await openDesk();
    const before = await call.read();
    const refused = call.email({ ...order, by: bob });
    await expect(refused).rejects.toMatchObject({ code: "no_mailbox" });
    await expect(refused).rejects.toThrow(
      /has no mailbox in "mail" \(at interaction\("c-1"\)\.email\)/u,
    );
    expect(await call.read()).toEqual(before);
    // Once there is one, nobody needs to wait until that is forgotten.
    mail.mailboxes.set(bob.email, "bob@mail.example");
    expect(await call.email({ ...order, by: bob })).toMatchObject({ by: "bob" });
  });

  test("N3 W10 a fallback mailbox, or the app's own directory, where one is configured", async () => {
    const fallback = await openDesk({ mail: { ownerFallback: "desk@mail.example" } });
    await fallback.call.email({ ...order, by: bob });
    const own = await openDesk({ mail: { ownerOf: ({ id }) => `${id}@own.example` } });
    await own.call.email({ ...order, by: bob });
    await Promise.all([fallback.wrapup.drain(), own.wrapup.drain()]);
    expect(fallback.mail.deliveries.map(({ mailbox }) => mailbox)).toEqual(["desk@mail.example"]);
    expect(own.mail.deliveries.map(({ mailbox }) => mailbox)).toEqual(["bob@own.example"]);
  });

  test("N3 W1 a mail system that is away takes nothing from the agent: it is recorded, and sent later", async () => {
    const { call, mail, pass, states } = await openDesk();
    mail.trouble.users = away;
    await call.email(order);
    await expect(call.email({ ...order, by: { id: "ada-2" } })).rejects.toMatchObject({
      code: "no_mailbox",
    });
    await pass(1_000);
    expect(await states()).toEqual(["paused"]);
    delete mail.trouble.users;
    await pass(10 * 60_000);
    expect([mail.deliveries.length, await states()]).toEqual([1, ["sent"]]);
  });

  test("N3 what was recorded while it was away and has no mailbox after all waits for a person, by name of the reason", async () => {
    const { call, mail, wrapup, pass, states, events } = await openDesk();
    mail.trouble.users = away;
    await call.email({ ...order, by: bob });
    delete mail.trouble.users;
    await pass(10 * 60_000);
    expect([mail.requests, await states()]).toEqual([[], ["parked"]]);
    expect(events).toContainEqual(
      expect.objectContaining({ event: "parked", reason: said("no mailbox") }),
    );
    const [parked] = await wrapup.parked.list();
    expect(parked).toMatchObject({ connection: "mail", reason: said("no mailbox"), tries: 0 });
    mail.mailboxes.set(bob.email, "bob@mail.example");
    await pass(2 * 60 * 60_000);
    await wrapup.parked.replay([parked?.key ?? ""], "olga");
    await wrapup.drain();
    expect([mail.deliveries.length, await states()]).toEqual([1, ["sent"]]);
  });

  test("N3 what the mail system refuses to tell of agents is its own error, and nothing is recorded", async () => {
    const { call, mail } = await openDesk();
    mail.trouble.users = new CrmError("refused", "no", "the app may not read users");
    await expect(call.email(order)).rejects.toThrow("the app may not read users");
    expect((await call.read()).mails).toEqual([]);
  });
});

describe("O5 K7 what cannot be", () => {
  const bad: readonly (readonly [string, Readonly<Record<string, unknown>>, RegExp])[] = [
    [
      "no such connection",
      { via: "post" },
      /no connection named "post".*Configured are: crm, mail/u,
    ],
    ["a CRM", { via: "crm" }, /"crm" does not send mail.*Name one that does in `via`: mail/u],
    ["no address", { to: "Cora" }, /no email address.*email: mail\.to\.0.*without a display name/u],
    ["two in one", { to: "a@x.example, b@x.example" }, /no email address/u],
    ["a hidden header", { to: "a@x.example\r\nBcc: b@x.example" }, /no email address/u],
    ["nobody", { to: [] }, /empty or too small/u],
    ["a subject of two lines", { subject: "a\r\nBcc: b@x.example" }, /more than one line/u],
    ["no subject", { subject: "" }, /empty/u],
    ["a long subject", { subject: "x".repeat(256) }, /limit is 255/u],
    ["a long text", { text: "x".repeat(100_001) }, /limit is 100000/u],
    ["no text", { text: undefined }, /missing/u],
    [
      "51",
      { to: Array.from({ length: 26 }, () => cora), cc: Array.from({ length: 25 }, () => cora) },
      /too many recipients/u,
    ],
    ["a slip of the pen", { body: "hello" }, /a key that nobody reads.*"body"/u],
    ["an unknown agent", { by: "zed" }, /No agent of this id.*Give `by`/u],
  ];
  test.for(bad)(
    "O5 K7 %s is refused in one sentence, and nothing is recorded",
    async ([, wrong, words]) => {
      const { call, mail } = await openDesk();
      await mail.adapter.check({
        signal: AbortSignal.timeout(1_000),
        urgency: "agent",
        observe: () => undefined,
      });
      await call.email(order);
      const before = await call.read();
      // What plain JavaScript may hand over.
      const input = { ...order, ...wrong };
      await expect(call.email(input)).rejects.toThrow(words);
      expect(await call.read()).toEqual(before);
    },
  );

  test("C5 a customer without an address, and whose mail it is when two agents are on it", async () => {
    const { call, leg } = await openDesk({ email: "none" });
    await expect(leg.email(order)).rejects.toThrow(/customer has no email address.*Give `to`/u);
    await call.accept({ agent: bob, leg: "second" });
    await expect(call.email({ ...order, to: cora })).rejects.toMatchObject({
      code: "ambiguous_leg",
    });
    await expect(call.leg("third").email(order)).rejects.toMatchObject({ code: "unknown_leg" });
    expect(await leg.email({ ...order, to: cora })).toMatchObject({ by: "ada" });
  });

  test("C5 nobody was ever on it: the app says whose mail it is", async () => {
    const { wrapup, mail } = await openDesk();
    const chat = await wrapup.interactions.start({ id: "c-2", channel: "chat" });
    const to = { ...order, to: cora };
    await expect(chat.email(to)).rejects.toThrow(/Nobody says whose mail it is/u);
    await chat.email({ ...to, by: ada });
    await wrapup.drain();
    expect(mail.deliveries).toHaveLength(1);
  });

  test("K7 a connection that writes no activities: links are refused, and nothing else is said about it", async () => {
    const { wrapup, call, leg } = await openDesk({ mail: { unlinked: "log" } });
    await expect(call.link({ connection: "mail", type: "person", id: "1" })).rejects.toMatchObject({
      code: "not_supported",
      message: said("writes no activities"),
    });
    await leg.endTalk({ wrapUp: "none" });
    await wrapup.drain();
    const names = (list: readonly { readonly connection: string }[]) =>
      list.map(({ connection }) => connection);
    expect(names((await call.preview()).connections)).toEqual(["crm"]);
    expect(names((await call.explain()).connections)).toEqual(["crm"]);
    const { matches, creatable } = await call.card();
    expect([names(matches), names(creatable)]).toEqual([["crm"], ["crm"]]);
    expect((await wrapup.check()).filter(({ connection }) => connection === "mail")).toEqual([]);
    expect((await wrapup.stats()).later).toBe(0);
  });
});

describe("W9 N3 what became of a mail", () => {
  const explained = async ({ call }: Pick<Awaited<ReturnType<typeof openDesk>>, "call">) => {
    const explanation = await call.explain();
    expect(JSON.stringify(explanation)).not.toMatch(/cora|Dear|Your order/iu);
    return explanation.mails[0];
  };

  test("W9 waiting, drafted, sent, each in a sentence without the customer's data", async () => {
    const idle = await openDesk({ work: false });
    await idle.leg.email(order);
    expect(await explained(idle)).toMatchObject({ state: "waiting", why: said("L3"), tries: 0 });
    const desk = await openDesk();
    const lock = { is: "retry", why: "lock", sent: "no", reason: "the mailbox is busy" } as const;
    desk.mail.script(undefined, { is: "answers", answer: lock });
    await desk.leg.email(order);
    await desk.wrapup.drain();
    expect(await explained(desk)).toMatchObject({
      mail: "1",
      connection: "mail",
      agent: "ada",
      state: "retrying",
      why: said("the mailbox is busy"),
      tries: 2,
    });
    await desk.pass(60_000);
    expect(await explained(desk)).toMatchObject({ state: "sent", why: "It was sent.", tries: 3 });
    expect((await desk.call.explain()).connections).toContainEqual(
      expect.objectContaining({ connection: "mail", state: "written", why: said("was sent") }),
    );
  });

  test("N3 W3 a sending whose answer got lost is looked up, and goes out once", async () => {
    const desk = await openDesk();
    desk.mail.script(undefined, { is: "lostAfter" });
    await desk.leg.email(order);
    await desk.pass(60_000);
    expect(desk.mail.deliveries).toHaveLength(1);
    expect(await explained(desk)).toMatchObject({ state: "sent", tries: 3 });
  });

  test("N3 W6 what cannot be looked up waits for a person as maybe sent, and no replay sends it blindly", async () => {
    const desk = await openDesk();
    const blind = {
      is: "refused",
      why: "unsupported",
      reason: "the mailbox cannot be read",
    } as const;
    desk.mail.script(undefined, { is: "lostAfter" }, { is: "answers", answer: blind });
    await desk.leg.email(order);
    await desk.pass(60_000);
    expect(await explained(desk)).toMatchObject({ state: "maybeSent", why: said("maybe sent") });
    const { wrapup, mail } = desk;
    expect((await desk.call.explain()).connections).toContainEqual(
      expect.objectContaining({ connection: "mail", state: "parked", why: said("maybe sent") }),
    );
    const keys = (await wrapup.parked.list()).map(({ key }) => key);
    await wrapup.parked.replay(keys, "olga");
    await wrapup.drain();
    expect([mail.deliveries.length, await desk.states()]).toEqual([1, ["sent"]]);
  });

  test("K6 people delete the draft before it is sent: it is not made again", async () => {
    const desk = await openDesk();
    desk.mail.onRequest(({ op }) => {
      if (op === "put") return;
      for (const id of desk.mail.messages.keys()) desk.mail.remove(id);
    });
    desk.mail.script(undefined, { is: "answers", answer: { is: "gone" } });
    await desk.leg.email(order);
    await desk.pass(60_000);
    expect(await explained(desk)).toMatchObject({ state: "removedInCrm" });
    expect(desk.mail.deliveries).toEqual([]);
  });

  test("N5 deleted before it was sent, it is withdrawn; sent before, it stays, and neither is readable here any more", async () => {
    const early = await openDesk({ work: false });
    await early.leg.email(order);
    await early.call.delete({ written: "keep" });
    expect(await explained(early)).toMatchObject({ state: "removed", why: said("N5") });
    const late = await openDesk();
    await late.leg.email(order);
    await late.wrapup.drain();
    await late.call.delete({ written: "retract" });
    await late.wrapup.drain();
    expect([...late.mail.messages.values()]).toMatchObject([{ state: "sent" }]);
    expect(late.mail.requests.map(({ op }) => op)).toEqual(["put", "amend"]);
    expect(await explained(late)).toMatchObject({ state: "sent" });
    const { timeline } = await late.call.explain();
    expect(timeline.at(-1)).toMatchObject({
      rule: "N5",
      text: said("a mail that was sent stays sent"),
    });
    expect(JSON.stringify((await late.call.read()).mails)).not.toMatch(/cora|Dear|order/iu);
    await expect(late.leg.email(order)).rejects.toMatchObject({ code: "interaction_deleted" });
  });

  test("N5 a draft of a deleted interaction is taken away", async () => {
    const desk = await openDesk();
    const lock = { is: "retry", why: "lock", sent: "no", reason: "busy" } as const;
    desk.mail.script(undefined, { is: "answers", answer: lock });
    await desk.leg.email(order);
    await desk.wrapup.drain();
    expect(desk.mail.messages.size).toBe(1);
    await desk.call.delete({ written: "keep" });
    await desk.pass(60_000);
    expect([desk.mail.messages.size, desk.mail.deliveries.length]).toEqual([0, 0]);
    expect(await explained(desk)).toMatchObject({ state: "removed" });
  });
});

describe("W5 O2 the mail system's trouble is its own", () => {
  test.for(["unreachable", "throttled", "auth"] as const)(
    "W5 while mail is %s, the CRM is written to; and the other way round",
    async (why) => {
      const { wrapup, call, leg, mail, crm, pass, states } = await openDesk();
      const trouble = new CrmError(why, "no", "a bad day");
      await call.link({ connection: "crm", type: "person", id: "p1" });
      mail.script({ is: "fails", error: trouble });
      await leg.email(order);
      await leg.endTalk({ wrapUp: "none" });
      await wrapup.drain();
      expect([crm.rows.size, await states()]).toEqual([1, ["paused"]]);
      await pass(60 * 60_000);
      crm.script({ is: "fails", error: trouble });
      await call.learn({ summary: "late" });
      await leg.email(order);
      await wrapup.drain();
      expect(await states()).toEqual(["sent", "sent"]);
      expect((await call.card()).links.map(({ state }) => state)).toEqual(["paused"]);
    },
  );

  test("W10 the CRM's users are not asked for because of mails, nor mailboxes because of calls", async () => {
    const { wrapup, call, leg, mail } = await openDesk();
    await call.link({ connection: "crm", type: "person", id: "p1" });
    await leg.endTalk({ wrapUp: "none" });
    await wrapup.drain();
    expect(mail.asked).toEqual([]);
    await leg.email(order);
    await wrapup.drain();
    // Once for the agent at the desk; the worker remembers.
    expect(mail.asked).toEqual([[ada]]);
  });
});
