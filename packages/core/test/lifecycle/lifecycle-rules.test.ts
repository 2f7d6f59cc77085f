import { describe, expect, test } from "vitest";
import { decide } from "../../src/lifecycle/decide.ts";
import { defaultLifecycleSettings } from "../../src/lifecycle/settings.ts";
import { channels } from "../../src/model/channel.ts";
import type { Command } from "../../src/model/command.ts";
import { legTimes } from "../../src/model/leg-times.ts";
import {
  ada,
  bob,
  closings,
  dawn,
  day,
  hour,
  minute,
  record,
  second,
  settingsWith,
  story,
} from "./story.ts";

const accepted = (leg: string, agent = ada) => ({ do: "accept", leg, agent }) as const;
const refused = (code: string) => expect.objectContaining({ code });

describe("L1 voice", () => {
  test("L1 a voice leg goes offered, connected, held, connected, wrap-up, closed, and is due exactly at the close", () => {
    const call = story().tell(
      { do: "link", record: record("5") },
      { do: "offer", offer: "o", agent: ada },
      accepted("A"),
    );
    const states = [call.leg("A").state];
    for (const does of ["hold", "resume"] as const)
      states.push(
        call
          .wait(10 * second)
          .tell({ do: does, leg: "A" })
          .leg("A").state,
      );
    states.push(
      call
        .wait(10 * second)
        .tell({ do: "endTalk", leg: "A" })
        .leg("A").state,
    );
    expect(call.wakes).toEqual([]);
    states.push(
      call
        .wait(10 * second)
        .tell({ do: "completeWrapUp", leg: "A" })
        .leg("A").state,
    );

    expect(states).toEqual(["connected", "held", "connected", "wrapUp", "closed"]);
    expect(call.wakes).toEqual(["sales"]);
    expect(legTimes(call.leg("A"))).toEqual({
      start: dawn,
      talkEnd: dawn + 30 * second,
      end: dawn + 40 * second,
      talkSeconds: 20,
      holdSeconds: 10,
      wrapUpSeconds: 10,
    });
  });

  test("L1 a hold that runs to the end of talk is counted to there", () => {
    const call = story()
      .tell(accepted("A"))
      .wait(30 * second)
      .tell({ do: "hold", leg: "A" });
    call.wait(30 * second).tell({ do: "endTalk", leg: "A", wrapUp: "none" });

    expect(legTimes(call.leg("A"))).toMatchObject({ talkSeconds: 30, holdSeconds: 30 });
    expect(call.leg("A").heldSince).toBeUndefined();
  });

  test("L1 the talk-end command decides about wrap-up before the queue's function, and that before the channel", () => {
    const settings = settingsWith({ expectsWrapUp: ({ queue }) => queue === "leg-queue" });
    const closedAtTalkEnd = (command: Command, start: { queue?: string } = {}) =>
      story({ settings, start })
        .tell(
          { ...accepted("A"), ...(start.queue === undefined && { queue: "leg-queue" }) },
          command,
        )
        .leg("A").closed;

    expect(closedAtTalkEnd({ do: "endTalk", leg: "A", wrapUp: "none" })).toBe("noWrapUp");
    expect(closedAtTalkEnd({ do: "endTalk", leg: "A" })).toBeUndefined();
    expect(closedAtTalkEnd({ do: "endTalk", leg: "A" }, { queue: "other" })).toBe("noWrapUp");
    expect(
      closedAtTalkEnd({ do: "endTalk", leg: "A", wrapUp: "expected" }, { queue: "other" }),
    ).toBeUndefined();
  });

  test("L1 by default voice expects wrap-up and no digital channel does", () => {
    expect(
      channels.filter((channel) => defaultLifecycleSettings.expectsWrapUp({ channel })),
    ).toEqual(["voice"]);
  });
});

describe("L2 digital", () => {
  test.each([
    ["transferred", { do: "transfer", leg: "A", to: bob }],
    ["unassigned", { do: "unassign", leg: "A" }],
    ["interactionClosed", { do: "setStatus", status: "closed" }],
  ] as const)("L2 a digital leg is due when it is %s", (reason, command) => {
    const chat = story({ channel: "chat" }).tell(accepted("A"), {
      do: "link",
      record: record("5"),
    });
    expect(chat.leg("A").state).toBe("assigned");
    chat.wait(minute).tell(command);

    expect(chat.leg("A")).toMatchObject({ closed: reason, endedAt: dawn + minute });
    expect(chat.last.wake).toEqual(["sales"]);
  });

  test.each([
    { do: "message", from: "customer", customer: { name: "Lenny" } },
    { do: "setStatus", status: "resolved" },
    { do: "endTalk", leg: "A" },
    { do: "startWrapUp", leg: "A" },
    { do: "completeWrapUp", leg: "A", disposition: "solved" },
  ] as const)("L2 a digital leg is not due by $do", (command) => {
    const chat = story({ channel: "messaging" })
      .tell(accepted("A"), { do: "link", record: record("5") })
      .event(command);

    expect(chat.leg("A").state).toBe("assigned");
    expect(chat.wakes).toEqual([]);
  });

  test("L2 what a wrap-up tells of a digital leg is kept, before and after its close", () => {
    const chat = story({ channel: "chat" }).tell(accepted("A"), {
      do: "link",
      record: record("5"),
    });
    chat.event(
      { do: "completeWrapUp", leg: "A", disposition: "solved" },
      { do: "unassign", leg: "A" },
    );
    expect(chat.leg("A").disposition).toBe("solved");
    chat.event({ do: "completeWrapUp", leg: "A", disposition: "sold" });

    expect(chat.leg("A")).toMatchObject({ closed: "unassigned", disposition: "sold" });
    expect(chat.wakes).toEqual(["sales", "sales"]);
  });
});

describe("L3 and L4: nothing before due, each leg for itself", () => {
  test("L3 nothing wakes before a close, whatever happens", () => {
    const call = story({
      settings: settingsWith({ logUnlinked: ["log"] }),
      start: { customer: { phone: "+14155550100" } },
    });
    call.tell(
      { do: "offer", offer: "o", agent: ada },
      accepted("A"),
      { do: "link", record: record("5") },
      { do: "note", note: { id: "n", text: "x", audience: "inbound" } },
      { do: "edit", customer: { name: "L" }, log: { topic: "t" } },
      { do: "learn", facts: { a: 1 } },
      { do: "learn", leg: "A", facts: { b: 1 } },
      {
        do: "draft",
        draft: {
          id: "d",
          connection: "sales",
          type: "Case",
          state: "created",
          record: record("6"),
        },
      },
      { do: "relink", from: record("5"), to: record("7") },
      { do: "unlink", record: record("7") },
      { do: "hold", leg: "A" },
      { do: "endTalk", leg: "A" },
      { do: "setStatus", status: "pending" },
      { do: "tick" },
    );
    expect(call.wakes).toEqual([]);

    call.tell({ do: "completeWrapUp", leg: "A" });
    expect(call.last.wake).toEqual(["sales", "log"]);
  });

  test("L3 once a leg is closed, only what a CRM may have to learn wakes", () => {
    const call = story().tell({ do: "link", record: record("5") }, accepted("A"), {
      do: "endTalk",
      leg: "A",
      wrapUp: "none",
    });
    const woken = (command: Command) => call.tell(command).last.wake.length > 0;

    expect(woken(accepted("B", bob))).toBe(false);
    expect(woken({ do: "hold", leg: "B" })).toBe(false);
    expect(woken({ do: "message", from: "customer" })).toBe(false);
    expect(woken({ do: "offer", offer: "o" })).toBe(false);
    expect(woken({ do: "link", record: record("6") })).toBe(true);
    expect(woken({ do: "unlink", record: record("6") })).toBe(true);
    expect(woken({ do: "message", from: "customer", customer: { name: "L" } })).toBe(true);
    expect(woken({ do: "edit", log: { topic: "t" } })).toBe(true);
    expect(woken({ do: "learn", leg: "A", facts: { a: 1 } })).toBe(true);
    expect(woken({ do: "learn", leg: "B", facts: { a: 1 } })).toBe(false);
    expect(woken({ do: "link", record: record("5") })).toBe(false);
  });

  test("L4 monitor and coach legs write nothing; barge-in is a leg", () => {
    const call = story().tell({ do: "link", record: record("5") });
    call.tell({ ...accepted("M", bob), role: "monitor" }, { ...accepted("C", bob), role: "coach" });
    call.tell(
      { do: "endTalk", leg: "M" },
      { do: "unlink", record: record("5") },
      { do: "link", record: record("5") },
    );
    expect(call.wakes).toEqual([]);

    call.tell({ do: "joinCustomer", leg: "C" }, { do: "joinCustomer", leg: "C" });
    expect(call.leg("C")).toMatchObject({ role: "bargeIn", state: "connected" });
    call.tell({ do: "endTalk", leg: "C", wrapUp: "none" });
    expect(call.last.wake).toEqual(["sales"]);
  });

  test("L4 a closed consult leg cannot join any more", () => {
    const call = story().tell(
      { ...accepted("B", bob), role: "consult" },
      { do: "endTalk", leg: "B" },
    );

    expect(() => call.tell({ do: "joinCustomer", leg: "B" })).toThrow(refused("leg_closed"));
    expect(call.event({ do: "joinCustomer", leg: "B" }).leg("B").role).toBe("consult");
  });
});

describe("L5 offers", () => {
  test("L5 offers end in any order and as often as the platform says it; an offer's end may come before the offer", () => {
    const call = story().event(
      { do: "endOffer", offer: "o", outcome: "missed" },
      { do: "offer", offer: "o", agent: ada },
    );
    call.event({ do: "endOffer", offer: "o", outcome: "rejected" });

    expect(call.now.offers).toMatchObject([{ id: "o", ended: "missed" }]);
    expect(call.history.at(-1)?.what).toBe("ignored");
  });

  test("L5 a queue that offers in a loop does not make the interaction grow for ever", () => {
    const call = story();
    for (let n = 0; n < 200; n += 1)
      call.event(
        { do: "offer", offer: `o${n}` },
        { do: "endOffer", offer: `o${n}`, outcome: "timedOut" },
      );

    expect(call.now.offers).toHaveLength(50);
    expect(call.now.offers.at(-1)?.id).toBe("o199");
  });

  test("L5 an accept without an offer's name takes the only one open for that agent", () => {
    const call = story().tell(
      { do: "offer", offer: "o1", agent: bob },
      { do: "offer", offer: "o2", agent: ada },
      accepted("A"),
    );

    expect(call.now.offers.map(({ ended }) => ended)).toEqual([undefined, "accepted"]);
  });

  test("L5 an interaction with an agent is not abandoned", () => {
    const call = story().tell(accepted("A"));
    const before = call.now;

    expect(() => call.tell({ do: "abandon" })).toThrow(refused("invalid_input"));
    expect(call.event({ do: "abandon" }).now).toBe(before);
  });
});

describe("L6 late, twice, out of order", () => {
  test.each([
    ["endTalk", "wrapUp"],
    ["startWrapUp", "wrapUp"],
    ["transfer", "wrapUp"],
    ["unassign", "wrapUp"],
  ] as const)(
    "L6 a leg that is seen to %s before it was seen to start is accepted",
    (does, state) => {
      const call = story()
        .wait(minute)
        .event({ do: does, leg: "A", agent: ada, at: dawn + minute });
      expect(call.leg("A")).toMatchObject({ state, agent: ada });
      expect(call.leg("A").startedAt).toBeUndefined();

      call.event({ ...accepted("A"), at: dawn + 10 * second });
      expect(call.leg("A")).toMatchObject({
        startedAt: dawn + 10 * second,
        answeredAt: dawn + 10 * second,
        state,
      });
      expect(call.now.legs).toHaveLength(1);
      expect(legTimes(call.leg("A")).talkSeconds).toBe(50);
    },
  );

  test("L6 a digital leg whose end is seen first is closed and due; its accept amends it", () => {
    const chat = story({ channel: "sms" })
      .tell({ do: "link", record: record("5") })
      .event({ do: "unassign", leg: "A" });
    expect(chat.leg("A").closed).toBe("unassigned");
    chat.event({ ...accepted("A"), at: dawn - minute });

    expect(chat.leg("A")).toMatchObject({
      agent: ada,
      startedAt: dawn - minute,
      closed: "unassigned",
    });
    expect(chat.last.wake).toEqual(["sales"]);
  });

  test("L6 a consult leg whose end was seen first is recognised late, and what was due is looked at again", () => {
    const call = story()
      .tell({ do: "link", record: record("5") })
      .event({ do: "endTalk", leg: "B", wrapUp: "none" });
    expect(call.last.wake).toEqual(["sales"]);
    call.event({ ...accepted("B", bob), role: "consult" });

    expect(call.leg("B").role).toBe("consult");
    expect(call.last.wake).toEqual(["sales"]);
    expect(call.event({ do: "learn", leg: "B", facts: { a: 1 } }).last.wake).toEqual([]);
  });

  test("L6 a late accept without the platform's time leaves the start unknown: now is after the end", () => {
    const call = story().event({ do: "endTalk", leg: "A" }).wait(minute).event(accepted("A"));

    expect(call.leg("A").agent).toEqual(ada);
    expect(call.leg("A").startedAt).toBeUndefined();
    expect(legTimes(call.leg("A")).talkSeconds).toBeUndefined();
  });

  test.each(["hold", "resume", "answer", "joinCustomer"] as const)(
    "L6 a platform's %s for a closed or unknown leg is ignored, with a line of history; an app's is refused",
    (does) => {
      const call = story().tell({ do: "dial", leg: "A", agent: ada }, { do: "endTalk", leg: "A" });
      if (does === "joinCustomer")
        call.tell({ ...accepted("C"), role: "consult" }, { do: "endTalk", leg: "C" });
      const leg = does === "joinCustomer" ? "C" : "A";
      const before = call.now;
      call.event({ do: does, leg });
      if (does !== "answer") call.event({ do: does, leg: "nobody" });

      expect(call.now).toBe(before);
      expect(call.history.at(-1)?.what).toBe("ignored");
      expect(() => call.tell({ do: does, leg })).toThrow(refused("leg_closed"));
      expect(() => call.tell({ do: does, leg: "nobody" })).toThrow(refused("unknown_leg"));
    },
  );

  test("L6 an answer that overtakes its dialling begins the leg; the dialling fills in the rest", () => {
    const call = story().event(
      { do: "answer", leg: "A", at: dawn - minute },
      { do: "dial", leg: "A", agent: ada, at: dawn - 2 * minute },
    );

    expect(call.now.legs).toMatchObject([
      { state: "connected", agent: ada, startedAt: dawn - 2 * minute, answeredAt: dawn - minute },
    ]);
    call.event({ do: "endTalk", leg: "A" });
    expect(call.leg("A").state).toBe("wrapUp");
  });

  test("L6 a hold of a call that only rang shows that it was answered", () => {
    const call = story()
      .tell({ do: "dial", leg: "A", agent: ada })
      .wait(minute)
      .event({ do: "hold", leg: "A" });

    expect(call.leg("A")).toMatchObject({ state: "held", answeredAt: dawn + minute });
  });

  test("L6 the same start twice fills what is missing and overwrites nothing", () => {
    const call = story({ start: { customer: { name: "Known" }, facts: { a: 1 } } }).tell({
      do: "edit",
      customer: { email: "e@x.example" },
    });
    const again = {
      do: "start",
      channel: "chat",
      direction: "outbound",
      queue: "q",
      subject: "s",
      facts: { a: 2, b: 3 },
    } as const;
    call.event({ ...again, customer: { name: "Other", email: "o@x.example", phone: "+1" } });

    expect(call.now).toMatchObject({
      channel: "voice",
      direction: "inbound",
      queue: "q",
      log: { subject: "s" },
      facts: { a: 1, b: 3 },
    });
    expect(call.now.card.fields).toMatchObject({
      name: { value: "Known" },
      email: { value: "e@x.example" },
      phone: { value: "+1" },
    });
    const before = call.now;
    expect(call.event(again).now).toBe(before);
  });

  test("L6 two agents cannot share a leg's id", () => {
    const call = story().tell(accepted("A"));
    const before = call.now;

    expect(() => call.tell(accepted("A", bob))).toThrow(refused("ambiguous_leg"));
    expect(call.event(accepted("A", bob)).now).toBe(before);
  });
});

describe("L7 deadlines", () => {
  test("L7 maxTalk counts from the leg's last event, by the store's clock", () => {
    const call = story()
      .tell(accepted("A"))
      .wait(2 * hour)
      .tell({ do: "hold", leg: "A", at: dawn });

    expect(call.last.deadline).toBe(dawn + 14 * hour);
    expect(call.wait(hour).tell({ do: "tick" }).last.deadline).toBe(dawn + 14 * hour);
  });

  test("L7 maxAfterContactWork counts from the later of talk end and wrap-up start", () => {
    const call = story()
      .tell(accepted("A"), { do: "endTalk", leg: "A" })
      .wait(5 * minute)
      .tell({ do: "startWrapUp", leg: "A" });

    expect(call.last.deadline).toBe(dawn + 20 * minute);
    expect(
      call.wait(minute).tell({ do: "note", note: { id: "n", text: "x", audience: "internal" } })
        .last.deadline,
    ).toBe(dawn + 20 * minute);
  });

  test.each([
    ["chat", day],
    ["sms", day],
    ["messaging", day],
    ["social", day],
    ["email", 7 * day],
  ] as const)("L7 maxIdle of %s counts from the last message or command", (channel, idle) => {
    const chat = story({ channel })
      .tell(accepted("A"))
      .wait(hour)
      .tell({ do: "message", from: "customer" });
    expect(chat.last.deadline).toBe(dawn + hour + idle);
    chat.wait(hour).tell({ do: "link", record: record("5") });
    expect(chat.last.deadline).toBe(dawn + 2 * hour + idle);
    chat.untilDeadline();

    expect(chat.leg("A").closed).toBe("deadline");
    expect(legTimes(chat.leg("A")).end).toBe(dawn + hour);
    expect(chat.last.wake).toEqual(["sales"]);
  });

  test("L7 a tick before the deadline changes nothing; one at the deadline closes only the legs it is for", () => {
    const call = story().tell(accepted("A"), accepted("B", bob), { do: "endTalk", leg: "A" });
    const before = call.now;
    expect(call.wait(15 * minute - 1).tell({ do: "tick" }).now).toBe(before);
    call.wait(1).tell({ do: "tick" });

    expect(call.leg("A").closed).toBe("deadline");
    expect(call.leg("B").state).toBe("connected");
    expect(call.history.findLast(({ what }) => what === "closed")).toMatchObject({
      leg: "A",
      rule: "L7",
    });
  });

  test("L7 what still comes before a deadline that passed unseen counts as usual", () => {
    const call = story()
      .tell(accepted("A"), { do: "endTalk", leg: "A" })
      .wait(hour)
      .tell({ do: "completeWrapUp", leg: "A" });

    expect(call.leg("A").closed).toBe("completed");
  });

  test("L7 the real start of wrap-up and the real end amend a leg that timed out, and never open it again", () => {
    const call = story().tell(accepted("A")).untilDeadline();
    call.event(
      { do: "endTalk", leg: "A", at: dawn + minute, disposition: "sold" },
      { do: "startWrapUp", leg: "A", at: dawn + 2 * minute },
      { do: "completeWrapUp", leg: "A", at: dawn + 3 * minute },
    );

    expect(call.leg("A")).toMatchObject({
      state: "closed",
      closed: "deadline",
      disposition: "sold",
    });
    expect(legTimes(call.leg("A"))).toMatchObject({
      talkSeconds: 60,
      wrapUpSeconds: 60,
      end: dawn + 3 * minute,
    });
    expect(closings(call, "A")).toBe(1);
    expect(call.now.legs).toHaveLength(1);
  });

  test("L7 a digital leg that timed out takes its real end without claiming any talk", () => {
    const chat = story({ channel: "chat" })
      .tell(accepted("A"))
      .untilDeadline()
      .event({ do: "unassign", leg: "A", at: dawn + hour });

    expect(chat.leg("A")).toMatchObject({ closed: "deadline", endedAt: dawn + hour });
    expect(legTimes(chat.leg("A"))).toEqual({ start: dawn, end: dawn + hour });
  });
});

describe("L8 and L9", () => {
  test("L8 a fact, a disposition and a duration learnt late amend the leg they name", () => {
    const call = story().tell({ do: "link", record: record("5") }, accepted("A"), {
      do: "endTalk",
      leg: "A",
      wrapUp: "none",
    });
    call.tell({
      do: "learn",
      leg: "A",
      facts: { summary: "s" },
      disposition: "sold",
      durations: { talkSeconds: 9 },
    });

    expect(call.leg("A")).toMatchObject({
      facts: { summary: "s" },
      disposition: "sold",
      durations: { talkSeconds: 9 },
    });
    expect(call.last.wake).toEqual(["sales"]);
    expect(() => call.tell({ do: "learn", leg: "nobody", facts: {} })).toThrow(
      refused("unknown_leg"),
    );
  });

  test("L8 what a system says later never overwrites the agent's disposition; an agent's correction does", () => {
    const call = story().tell(
      accepted("A"),
      { do: "endTalk", leg: "A" },
      { do: "completeWrapUp", leg: "A", disposition: "sold" },
    );
    call.tell({ do: "learn", leg: "A", facts: {}, disposition: "auto", by: "system" });
    expect(call.leg("A").disposition).toBe("sold");

    expect(
      call.tell({ do: "learn", leg: "A", facts: {}, disposition: "not sold", by: "ada" }).leg("A")
        .disposition,
    ).toBe("not sold");
  });

  test("L9 by default voice is one activity per leg and digital one per interaction; the start's word is kept", () => {
    expect(channels.map((channel) => story({ channel }).now.per)).toEqual([
      "leg",
      ...Array.from({ length: 5 }, () => "interaction"),
    ]);
    expect(story({ start: { per: "interaction" } }).now.per).toBe("interaction");
  });

  test("L9 accepting the same open leg again changes nothing; another id is another leg", () => {
    const call = story().tell(accepted("A"));
    const before = call.now;
    expect(call.tell(accepted("A")).now).toBe(before);

    expect(call.tell(accepted("A2")).now.legs).toHaveLength(2);
  });

  test("L9 accepting again in another role does not change a running leg", () => {
    const call = story().tell(accepted("A"));

    expect(call.event({ ...accepted("A"), role: "monitor" }).leg("A").role).toBe("agent");
  });

  test("L9 a closed leg's id cannot be accepted anew by an app; a platform's late repetition is ignored", () => {
    const call = story().tell(accepted("A"), { do: "endTalk", leg: "A", wrapUp: "none" });
    const before = call.now;

    expect(() => call.tell(accepted("A"))).toThrow(refused("leg_closed"));
    expect(call.event(accepted("A")).now).toBe(before);
  });

  test("L9 a digital interaction is over when it is closed, or maxIdle after its last leg; that wakes a growing activity", () => {
    const chat = story({ channel: "chat" })
      .tell({ do: "link", record: record("5") }, accepted("A"))
      .wait(minute)
      .tell({ do: "unassign", leg: "A" });
    expect(chat.last.deadline).toBe(dawn + minute + day);
    chat.wait(hour).tell({ do: "message", from: "customer" });
    expect(chat.last.deadline).toBe(dawn + minute + day);
    chat.untilDeadline();

    expect(chat.now).toMatchObject({ over: true, endedAt: dawn + minute });
    expect(chat.last).toMatchObject({ wake: ["sales"] });
    expect(chat.last.deadline).toBeUndefined();
    const closed = story({ channel: "chat" }).tell(
      { do: "link", record: record("5") },
      accepted("A"),
      { do: "unassign", leg: "A" },
      { do: "setStatus", status: "closed" },
    );
    expect(closed.now.over).toBe(true);
    expect(closed.last.wake).toEqual(["sales"]);
  });

  test("L9 a call is over when its last leg closed and nobody is being rung", () => {
    const call = story().tell(
      accepted("A"),
      { do: "offer", offer: "o", agent: bob },
      { do: "endTalk", leg: "A", wrapUp: "none" },
    );
    expect(call.now.over).toBe(false);

    expect(call.tell({ do: "endOffer", offer: "o", outcome: "missed" }).now.over).toBe(true);
  });
});

describe("L10", () => {
  test("L10 a fact of one leg without the leg's name works while it is clear which is meant", () => {
    const call = story().tell(accepted("A"), { do: "learn", facts: {}, disposition: "sold" });
    expect(call.leg("A").disposition).toBe("sold");
    call.tell(accepted("B", bob));
    expect(() => call.tell({ do: "learn", facts: {}, disposition: "x" })).toThrow(
      refused("ambiguous_leg"),
    );
    call.tell(
      { do: "endTalk", leg: "A", wrapUp: "none" },
      { do: "learn", facts: {}, durations: { talkSeconds: 3 } },
    );

    expect(call.leg("B").durations).toEqual({ talkSeconds: 3 });
  });

  test("L10 the parent key is the first id of the chain", () => {
    expect(story({ id: "x" }).now.parentKey).toBe("x");
  });
});

describe("every decision", () => {
  const context = {
    key: { tenant: "t", interaction: "c-9" },
    settings: defaultLifecycleSettings,
    at: dawn,
  };

  test("a command for an interaction that nobody started is refused, except its start", () => {
    expect(() => decide(undefined, { do: "tick", eventId: "e" }, context)).toThrow(
      refused("unknown_interaction"),
    );
    const began = decide(undefined, { do: "start", channel: "sms", direction: "inbound" }, context);

    expect(began.next).toMatchObject({
      tenant: "t",
      id: "c-9",
      version: 1,
      recordedAt: dawn,
      status: "new",
      over: false,
    });
    expect(began).toMatchObject({ wake: [], history: [{ what: "start" }] });
  });

  test("the version grows by one with every recorded change, and the clock of silence with it", () => {
    const call = story().wait(minute).tell(accepted("A"));
    expect(call.now).toMatchObject({ version: 2, recordedAt: dawn + minute });

    expect(call.wait(minute).tell(accepted("A")).now).toMatchObject({
      version: 2,
      recordedAt: dawn + minute,
    });
  });

  test("nothing is changed in place", () => {
    const freeze = <T>(value: T): T => {
      if (typeof value === "object" && value !== null)
        Object.values(Object.freeze(value)).forEach(freeze);
      return value;
    };
    const call = story().tell(accepted("A"));
    freeze(call.now);
    call.tell({ do: "link", record: record("5") }, { do: "endTalk", leg: "A" });
    freeze(call.now);

    expect(call.tell({ do: "completeWrapUp", leg: "A" }).leg("A").closed).toBe("completed");
  });

  test("only voice can be held or dialled", () => {
    const chat = story({ channel: "chat" }).tell(accepted("A"));

    expect(() => chat.tell({ do: "hold", leg: "A" })).toThrow(refused("not_supported"));
    expect(() => chat.tell({ do: "dial", leg: "B", agent: bob })).toThrow(refused("not_supported"));
  });

  test("talk cannot go on after its end in one leg", () => {
    const call = story().tell(accepted("A"), { do: "endTalk", leg: "A" });

    expect(() => call.tell({ do: "hold", leg: "A" })).toThrow(refused("leg_closed"));
  });

  test("no history line holds what people said or who the customer is", () => {
    const call = story({
      start: { customer: { name: "SECRET", phone: "SECRET" }, subject: "SECRET" },
    });
    call.tell(
      accepted("A"),
      { do: "note", note: { id: "n", text: "SECRET", audience: "internal" } },
      { do: "edit", customer: { email: "SECRET" }, log: { topic: "SECRET" } },
      { do: "learn", leg: "A", facts: { SECRET: "SECRET" }, disposition: "SECRET" },
      { do: "message", from: "customer", customer: { name: "SECRET2" } },
      { do: "endTalk", leg: "A", wrapUp: "none", disposition: "SECRET" },
    );

    expect(call.history.length).toBeGreaterThan(5);
    expect(JSON.stringify(call.history)).not.toContain("SECRET");
  });
});
