import { expect, test } from "vitest";
import { isWrapupError } from "../../src/errors.ts";
import { unansweredDisposition } from "../../src/lifecycle/leave.ts";
import { wrapUpTimerDisposition } from "../../src/lifecycle/wrap-up.ts";
import { readCommand } from "../../src/model/door.ts";
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

test("E1 a cold transfer: A's wrap-up runs while B talks, two closes in any order, B sees A's links", () => {
  const call = story().tell(accepted("A"), { do: "link", record: record("5") });
  call
    .wait(4 * minute)
    .event({ do: "transfer", leg: "A", to: { queue: "billing" } }, accepted("B", bob));

  expect(call.leg("A")).toMatchObject({ state: "wrapUp", talkEndedAt: dawn + 4 * minute });
  expect(call.leg("B").state).toBe("connected");
  expect(call.wakes).toEqual([]);

  call
    .wait(minute)
    .tell({ do: "endTalk", leg: "B" }, { do: "completeWrapUp", leg: "B", disposition: "sold" });
  expect(call.last.wake).toEqual(["sales"]);
  expect(call.leg("A").closed).toBeUndefined();
  call.wait(minute).tell({ do: "completeWrapUp", leg: "A", disposition: "passed on" });

  expect(call.last.wake).toEqual(["sales"]);
  expect(call.now.legs.map(({ closed, disposition }) => [closed, disposition])).toEqual([
    ["completed", "passed on"],
    ["completed", "sold"],
  ]);
  expect(call.now.links[0]?.fromLeg).toBe(0);
  expect(call.now.parentKey).toBe("c-1");
});

test("E2 a warm transfer: the consult leg is never due; B's leg starts when B joins the customer", () => {
  const call = story().tell(accepted("A"), { do: "link", record: record("5") });
  call.wait(2 * minute).tell({ ...accepted("B", bob), role: "consult" });
  call.wait(3 * minute).tell({ do: "joinCustomer", leg: "B" });

  expect(call.leg("B")).toMatchObject({
    role: "agent",
    startedAt: dawn + 5 * minute,
    answeredAt: dawn + 5 * minute,
  });

  call.tell({ do: "endTalk", leg: "A" }).wait(minute).tell({ do: "completeWrapUp", leg: "A" });
  expect(call.leg("A").closed).toBe("completed");
  expect(call.leg("B").state).toBe("connected");
});

test("E2 a consulted agent who never joins closes without anything becoming due, while the customer is still on the line", () => {
  const call = story().tell(
    accepted("A"),
    { do: "link", record: record("5") },
    { ...accepted("B", bob), role: "consult" },
  );
  call.wait(minute).tell({ do: "endTalk", leg: "B" });

  expect(call.leg("B").state).toBe("closed");
  expect(call.leg("A").state).toBe("connected");
  expect(call.last.wake).toEqual([]);
  call.event({ do: "startWrapUp", leg: "B" }, { do: "completeWrapUp", leg: "B" });
  expect(call.wakes).toEqual([]);
  expect(call.history.findLast(({ what }) => what === "closed")?.rule).toBe("L4");
});

test("E3 a conference: each agent closes alone, in any order, and links to two customers are both kept", () => {
  const call = story().tell(
    accepted("A"),
    accepted("B", bob),
    { do: "link", record: record("1") },
    { do: "link", record: record("2") },
  );
  call.wait(minute).tell({ do: "endTalk", leg: "B", wrapUp: "none" });

  expect(call.leg("B").closed).toBe("noWrapUp");
  expect(call.leg("A").state).toBe("connected");
  call.wait(minute).tell({ do: "endTalk", leg: "A" }, { do: "completeWrapUp", leg: "A" });
  expect(call.now.legs.map(({ closed }) => closed)).toEqual(["completed", "noWrapUp"]);
  expect(call.now.links).toHaveLength(2);
});

test("E4 a transfer that nobody answers goes back to A: the same leg goes on, with no close", () => {
  const call = story()
    .tell(accepted("A"))
    .wait(minute)
    .event({ do: "transfer", leg: "A", to: bob });
  call.wait(20 * second).event({ do: "transferFailed", leg: "A" });

  expect(call.leg("A")).toMatchObject({ state: "connected" });
  expect(call.leg("A").talkEndedAt).toBeUndefined();
  expect(call.leg("A").recorded.talkEnd).toBeUndefined();
  expect(call.now.abandoned).toBeUndefined();
  call.wait(minute).tell({ do: "endTalk", leg: "A" });
  expect(legTimes(call.leg("A")).talkSeconds).toBe(140);
});

test.each([
  ["wrap-up had begun", { do: "startWrapUp", leg: "A" } as const],
  ["talk was reported ended", { do: "endTalk", leg: "A" } as const],
])(
  "E4 a transfer that nobody answers after A has left (%s) is abandoned in transfer",
  (_title, left) => {
    const call = story()
      .tell(accepted("A"))
      .event({ do: "transfer", leg: "A", to: bob }, left, { do: "transferFailed", leg: "A" });

    expect(call.now.abandoned).toBe("inTransfer");
    expect(call.leg("A").state).toBe("wrapUp");
  },
);

test("E4 a failed transfer changes nothing while another agent has the customer", () => {
  const call = story().tell(accepted("A"), accepted("B", bob), {
    do: "endTalk",
    leg: "A",
    wrapUp: "none",
  });
  const before = call.now;

  expect(call.event({ do: "transferFailed", leg: "A" }).now).toBe(before);
});

test("E5 abandoned in the queue after a transfer: A is written as usual, no second leg", () => {
  const call = story().tell(accepted("A"), { do: "link", record: record("5") });
  call
    .event({ do: "transfer", leg: "A", to: { queue: "billing" } })
    .wait(minute)
    .event({ do: "abandon" });

  expect(call.now.abandoned).toBe("inQueue");
  call.tell({ do: "completeWrapUp", leg: "A" });
  expect(call.last.wake).toEqual(["sales"]);
  expect(call.now).toMatchObject({ over: true, abandoned: "inQueue" });
  expect(call.now.legs).toHaveLength(1);
});

test("E6 abandoned before any accept: no leg, and nothing wakes under the policy none", () => {
  const call = story({ settings: settingsWith({ logUnlinked: ["sales"] }) }).event({
    do: "abandon",
  });

  expect(call.now).toMatchObject({
    abandoned: "beforeAccept",
    legs: [],
    over: true,
    endedAt: dawn,
  });
  expect(call.wakes).toEqual([]);
});

test("E6 abandoned before any accept: under the policy log the connections wake", () => {
  const settings = settingsWith({ abandoned: "log", logUnlinked: ["log"] });
  const call = story({ settings }).tell({ do: "link", record: record("5") });
  expect(call.wakes).toEqual([]);

  expect(call.event({ do: "abandon" }).last.wake).toEqual(["sales", "log"]);
});

test("E6 an accept that was only late takes the abandonment back, and wakes what was written of it", () => {
  const settings = settingsWith({ abandoned: "log", logUnlinked: ["log"] });
  const call = story({ settings }).event({ do: "abandon" }, accepted("A"));

  expect(call.now.abandoned).toBeUndefined();
  expect(call.now.over).toBe(false);
  expect(call.last.wake).toEqual(["log"]);
});

test.each(["missed", "rejected", "timedOut", "rescinded"] as const)(
  "E7 an offer that was %s leaves no leg and wakes nothing; the next offer is taken",
  (outcome) => {
    const call = story({ settings: settingsWith({ logUnlinked: ["sales"] }) });
    call.event({ do: "offer", offer: "o1", agent: ada }, { do: "endOffer", offer: "o1", outcome });
    call.event({ do: "offer", offer: "o2", agent: bob }, { ...accepted("B", bob), offer: "o2" });

    expect(call.now.offers.map(({ ended }) => ended)).toEqual([outcome, "accepted"]);
    expect(call.now.legs.map(({ id }) => id)).toEqual(["B"]);
    expect(call.wakes).toEqual([]);
  },
);

test("E7 the end of an offer that comes after its accept is ignored from a platform, refused from an app", () => {
  const call = story().event({ do: "offer", offer: "o1", agent: ada }, accepted("A"));
  const before = call.now;

  expect(call.event({ do: "endOffer", offer: "o1", outcome: "timedOut" }).now).toBe(before);
  expect(call.history.at(-1)?.what).toBe("ignored");
  expect(() => call.tell({ do: "endOffer", offer: "o1", outcome: "timedOut" })).toThrow(
    expect.objectContaining({ code: "invalid_input" }),
  );
});

test("E8 an outbound call that nobody answers closes at once, with a system disposition and no talk, and is due", () => {
  const call = story().tell(
    { do: "dial", leg: "A", agent: ada },
    { do: "link", record: record("5") },
  );
  call.wait(30 * second).event({ do: "endTalk", leg: "A" });

  expect(call.leg("A")).toMatchObject({
    closed: "noWrapUp",
    disposition: unansweredDisposition,
    dispositionBy: "system",
  });
  expect(legTimes(call.leg("A"))).toMatchObject({
    start: dawn,
    end: dawn + 30 * second,
    talkSeconds: 0,
  });
  expect(call.last.wake).toEqual(["sales"]);
});

test("E8 the platform's own word for busy is kept, and is the system's", () => {
  const call = story()
    .tell({ do: "dial", leg: "A", agent: ada })
    .event({ do: "endTalk", leg: "A", disposition: "busy" });

  expect(call.leg("A")).toMatchObject({ disposition: "busy", dispositionBy: "system" });
});

test("E8 an outbound call that was answered goes the usual way, also when only its talk time shows it", () => {
  const call = story().tell(
    { do: "dial", leg: "A", agent: ada },
    { do: "dial", leg: "B", agent: bob },
  );
  call.wait(10 * second).event({ do: "answer", leg: "A" });
  call
    .wait(minute)
    .event(
      { do: "endTalk", leg: "A" },
      { do: "endTalk", leg: "B", durations: { talkSeconds: 40 } },
    );

  expect(call.now.legs.map(({ state, disposition }) => [state, disposition])).toEqual([
    ["wrapUp", undefined],
    ["wrapUp", undefined],
  ]);
  expect(legTimes(call.leg("A")).talkSeconds).toBe(60);
  expect(legTimes(call.leg("B")).talkSeconds).toBe(40);
});

test("E8 an answer that comes after the end it preceded takes the system's disposition back", () => {
  const call = story()
    .tell({ do: "dial", leg: "A", agent: ada })
    .wait(minute)
    .event({ do: "endTalk", leg: "A" });
  call.event({ do: "answer", leg: "A", at: dawn + 20 * second });

  expect(call.leg("A")).toMatchObject({ closed: "noWrapUp", answeredAt: dawn + 20 * second });
  expect(call.leg("A").disposition).toBeUndefined();
  expect(closings(call, "A")).toBe(1);
});

test("E8 an answer that cannot have been, after the end by the platform's own word, is ignored", () => {
  const call = story()
    .tell({ do: "dial", leg: "A", agent: ada })
    .event({ do: "endTalk", leg: "A", at: dawn });
  const before = call.now;

  expect(call.event({ do: "answer", leg: "A", at: dawn + second }).now).toBe(before);
});

test("E9 where wrap-up is not configured the leg closes at talk end", () => {
  const settings = settingsWith({ expectsWrapUp: ({ queue }) => queue !== "self-service" });
  const without = story({ settings, start: { queue: "self-service" } })
    .tell(accepted("A"))
    .wait(minute)
    .tell({ do: "endTalk", leg: "A" });
  const expecting = story({ settings, start: { queue: "sales" } })
    .tell(accepted("A"))
    .wait(minute)
    .tell({ do: "endTalk", leg: "A" });

  expect(without.leg("A")).toMatchObject({ closed: "noWrapUp", endedAt: dawn + minute });
  expect(expecting.leg("A").state).toBe("wrapUp");
});

test("E10 the platform's wrap-up timer closes with a system disposition and keeps the draft notes", () => {
  const call = story().tell(
    accepted("A"),
    { do: "endTalk", leg: "A" },
    { do: "note", note: { id: "n1", text: "half a sen", audience: "internal" } },
  );
  call.event({ do: "completeWrapUp", leg: "A", reason: "wrapUpTimer" });

  expect(call.leg("A")).toMatchObject({
    closed: "wrapUpTimer",
    disposition: wrapUpTimerDisposition,
    dispositionBy: "system",
  });
  expect(call.now.notes).toMatchObject([{ text: "half a sen", legs: ["A"] }]);
});

test("E10 a timer does not overwrite what the agent chose before", () => {
  const call = story().tell(accepted("A"), { do: "endTalk", leg: "A", disposition: "sold" });
  call.event({ do: "completeWrapUp", leg: "A", reason: "wrapUpTimer", disposition: "TIMEOUT" });

  expect(call.leg("A")).toMatchObject({
    closed: "wrapUpTimer",
    disposition: "sold",
    dispositionBy: "agent",
  });
});

test("E11 a change of status during wrap-up is the wrap-up's end", () => {
  const call = story()
    .tell(accepted("A"), { do: "endTalk", leg: "A" })
    .event({ do: "completeWrapUp", leg: "A", reason: "statusChange" });

  expect(call.leg("A").closed).toBe("statusChange");
});

test("E12 wrap-up's end never arrives: the deadline closes it, marked; the real end amends the same leg", () => {
  const call = story()
    .tell(accepted("A"), { do: "link", record: record("5") })
    .wait(minute)
    .event({ do: "endTalk", leg: "A" });
  expect(call.last.deadline).toBe(dawn + 16 * minute);
  call.untilDeadline();

  expect(call.leg("A")).toMatchObject({
    closed: "deadline",
    recorded: { closed: dawn + 16 * minute },
  });
  expect(call.leg("A").endedAt).toBeUndefined();
  expect(legTimes(call.leg("A"))).toMatchObject({ end: dawn + minute, talkSeconds: 60 });
  expect(legTimes(call.leg("A")).wrapUpSeconds).toBeUndefined();
  expect(call.last.wake).toEqual(["sales"]);

  call
    .wait(hour)
    .tell({ do: "completeWrapUp", leg: "A", disposition: "sold", at: dawn + 18 * minute });
  expect(call.leg("A")).toMatchObject({
    closed: "deadline",
    disposition: "sold",
    endedAt: dawn + 18 * minute,
  });
  expect(legTimes(call.leg("A")).wrapUpSeconds).toBe(17 * 60);
  expect(call.last.wake).toEqual(["sales"]);
  expect(closings(call, "A")).toBe(1);
  expect(call.now.legs).toHaveLength(1);
});

test("E13 talk end never arrives: maxTalk closes the leg, without claiming that the talk took so long", () => {
  const call = story().tell(accepted("A")).wait(hour).tell({ do: "hold", leg: "A" });
  expect(call.last.deadline).toBe(dawn + 13 * hour);
  call.untilDeadline();

  expect(call.leg("A").closed).toBe("deadline");
  expect(legTimes(call.leg("A"))).toEqual({ start: dawn, end: dawn + hour });
  call.event({ do: "endTalk", leg: "A", at: dawn + 2 * hour });
  expect(legTimes(call.leg("A"))).toMatchObject({ end: dawn + 2 * hour, talkSeconds: 7200 });
  expect(closings(call, "A")).toBe(1);
});

test("E14 a process that restarts during wrap-up goes on from the stored deadline", () => {
  const call = story().tell(accepted("A"), { do: "endTalk", leg: "A" });
  const stored = JSON.parse(JSON.stringify(call.now));

  expect(stored).toEqual(call.now);
  expect(
    call
      .wait(14 * minute)
      .tell({ do: "tick" })
      .leg("A").state,
  ).toBe("wrapUp");
  expect(call.last.deadline).toBe(dawn + 15 * minute);
  expect(call.wait(minute).tell({ do: "tick" }).leg("A").closed).toBe("deadline");
});

test("E15 events twice: a repeated end changes nothing at all", () => {
  const end = { do: "completeWrapUp", leg: "A", disposition: "sold" } as const;
  const call = story().event(accepted("A"), { do: "endTalk", leg: "A" }, end);
  const before = call.now;
  call
    .wait(minute)
    .event(accepted("A"), { do: "endTalk", leg: "A" }, { do: "startWrapUp", leg: "A" }, end);

  expect(call.now).toBe(before);
  expect(closings(call, "A")).toBe(1);
});

test("E15 the first word for a time stands: a second talk end with another time moves nothing", () => {
  const call = story().event(accepted("A"), { do: "endTalk", leg: "A", at: dawn - minute });
  call.event({ do: "endTalk", leg: "A", at: dawn - 2 * minute });
  expect(call.leg("A").talkEndedAt).toBe(dawn - minute);
  call.event(
    { do: "completeWrapUp", leg: "A" },
    { do: "endTalk", leg: "A", at: dawn - 2 * minute },
  );

  expect(call.leg("A").talkEndedAt).toBe(dawn - minute);
});

test("E15 a timer's end after the agent's own invents no disposition", () => {
  const call = story()
    .tell(accepted("A"), { do: "endTalk", leg: "A" })
    .tell({ do: "completeWrapUp", leg: "A" });
  const before = call.now;

  expect(call.event({ do: "completeWrapUp", leg: "A", reason: "wrapUpTimer" }).now).toBe(before);
});

test("E15 several wrap-up ends for one leg: the first closes, a later one with news amends", () => {
  const call = story().event(
    accepted("A"),
    { do: "endTalk", leg: "A" },
    { do: "completeWrapUp", leg: "A" },
  );
  const { recorded, endedAt } = call.leg("A");
  call.wait(hour).event({
    do: "completeWrapUp",
    leg: "A",
    disposition: "sold",
    durations: { wrapUpSeconds: 12 },
  });

  expect(call.leg("A")).toMatchObject({
    closed: "completed",
    disposition: "sold",
    durations: { wrapUpSeconds: 12 },
    recorded,
    endedAt,
  });
  expect(closings(call, "A")).toBe(1);
});

test("E16 the start of wrap-up implies the end of talk", () => {
  const call = story().tell(accepted("A")).wait(minute).event({ do: "startWrapUp", leg: "A" });
  expect(call.leg("A")).toMatchObject({ state: "wrapUp", wrapUpStartedAt: dawn + minute });
  expect(legTimes(call.leg("A")).talkEnd).toBe(dawn + minute);

  expect(call.wait(minute).event({ do: "completeWrapUp", leg: "A" }).leg("A").closed).toBe(
    "completed",
  );
});

test("E16 a lone wrap-up end is held for two minutes, then counts as both", () => {
  const call = story()
    .tell(accepted("A"))
    .wait(3 * minute);
  call.event({
    do: "completeWrapUp",
    leg: "A",
    disposition: "sold",
    durations: { wrapUpSeconds: 30 },
  });

  expect(call.leg("A").state).toBe("connected");
  expect(call.last.deadline).toBe(dawn + 5 * minute);
  call.untilDeadline();
  expect(call.leg("A")).toMatchObject({
    closed: "completed",
    disposition: "sold",
    endedAt: dawn + 3 * minute,
  });
  expect(legTimes(call.leg("A"))).toMatchObject({
    talkSeconds: 150,
    wrapUpSeconds: 30,
    talkEnd: dawn + 150 * second,
  });
});

test("E16 the talk end that the held wrap-up end waited for closes the leg at once", () => {
  const call = story()
    .tell(accepted("A"))
    .wait(3 * minute);
  call.event({ do: "completeWrapUp", leg: "A", reason: "wrapUpTimer", at: dawn + 2 * minute });
  call.wait(second).event({ do: "endTalk", leg: "A", at: dawn + minute });

  expect(call.leg("A")).toMatchObject({
    closed: "wrapUpTimer",
    talkEndedAt: dawn + minute,
    endedAt: dawn + 2 * minute,
  });
  expect(closings(call, "A")).toBe(1);
});

test("E16 a second lone wrap-up end does not make the first wait longer", () => {
  const call = story().tell(accepted("A")).event({ do: "completeWrapUp", leg: "A" });
  call.wait(minute).event({ do: "completeWrapUp", leg: "A" });

  expect(call.last.deadline).toBe(dawn + 2 * minute);
});

test("E17 wrap-up ends 19 minutes before the customer disconnects: the leg closes, nothing waits", () => {
  const call = story().tell(accepted("A"), { do: "transfer", leg: "A" });
  call.wait(5 * second).tell({ do: "completeWrapUp", leg: "A" });

  expect(call.leg("A").closed).toBe("completed");
  expect(call.last.deadline).toBeUndefined();
});

test("E18 wrap-up that starts after a gap of 24 s: the gap is neither talk nor wrap-up", () => {
  const call = story().tell(accepted("A")).wait(minute).event({ do: "endTalk", leg: "A" });
  call
    .wait(24 * second)
    .event({ do: "startWrapUp", leg: "A" })
    .wait(116 * second)
    .event({ do: "completeWrapUp", leg: "A" });

  expect(legTimes(call.leg("A"))).toMatchObject({
    talkSeconds: 60,
    holdSeconds: 0,
    wrapUpSeconds: 116,
  });
});

test("E18 the platform's figures win over computed ones", () => {
  const call = story()
    .tell(accepted("A"))
    .wait(hour)
    .event({ do: "endTalk", leg: "A", durations: { talkSeconds: 239, holdSeconds: 221 } });
  call.event({ do: "completeWrapUp", leg: "A", durations: { wrapUpSeconds: 5 } });

  expect(legTimes(call.leg("A"))).toMatchObject({
    talkSeconds: 239,
    holdSeconds: 221,
    wrapUpSeconds: 5,
  });
});

test("E19 a disconnect signalled twice: the first ends the talk, the final one closes", () => {
  const call = story().tell(accepted("A")).event({ do: "endTalk", leg: "A" });
  expect(call.leg("A").state).toBe("wrapUp");

  expect(
    call
      .wait(40 * second)
      .event({ do: "completeWrapUp", leg: "A" })
      .leg("A").closed,
  ).toBe("completed");
});

test("E19 a second disconnect that says no wrap-up follows closes the leg at the first one's time", () => {
  const call = story().tell(accepted("A")).wait(minute).event({ do: "endTalk", leg: "A" });
  call.wait(minute).event({ do: "endTalk", leg: "A", wrapUp: "none" });

  expect(call.leg("A")).toMatchObject({ closed: "noWrapUp", endedAt: dawn + minute });
});

test("E20 the same record re-sent six days later: unchanged it does nothing, changed it amends", () => {
  const late = { do: "learn", leg: "A", facts: { recordingUrl: "https://r.example/1" } } as const;
  const call = story().tell(
    accepted("A"),
    { do: "link", record: record("5") },
    { do: "endTalk", leg: "A", wrapUp: "none" },
  );
  call.event(late);
  const before = call.now;
  call.wait(6 * day).event(late);
  expect(call.now).toBe(before);
  expect(call.last.wake).toEqual([]);

  call.event({ ...late, facts: { recordingUrl: "https://r.example/2", score: 5 } });
  expect(call.leg("A").facts).toEqual({ recordingUrl: "https://r.example/2", score: 5 });
  expect(call.last.wake).toEqual(["sales"]);
  expect(closings(call, "A")).toBe(1);
});

test("E21 digital, unassigned without a transfer: due now; the interaction waits; the next assignment is a new leg", () => {
  const chat = story({ channel: "chat" }).tell(accepted("A"), { do: "link", record: record("5") });
  chat.wait(minute).event({ do: "unassign", leg: "A" });

  expect(chat.leg("A")).toMatchObject({ closed: "unassigned", endedAt: dawn + minute });
  expect(chat.last.wake).toEqual(["sales"]);
  expect(chat.now.over).toBe(false);
  chat.event(accepted("B", bob));
  expect(chat.now.legs.map(({ state }) => state)).toEqual(["closed", "assigned"]);
});

test("E22 taken away by a supervisor: as unassigned, and the history says who did it", () => {
  const chat = story({ channel: "email" }).tell(accepted("A"), {
    do: "unassign",
    leg: "A",
    by: "supervisor-3",
  });

  expect(chat.leg("A").closed).toBe("unassigned");
  expect(chat.history.at(-1)).toMatchObject({ what: "closed", by: "supervisor-3", rule: "L2" });
});

test("E22 a call taken away is that agent's talk end", () => {
  const call = story()
    .tell(accepted("A"))
    .wait(minute)
    .tell({ do: "unassign", leg: "A", by: "system" });

  expect(call.leg("A")).toMatchObject({ state: "wrapUp", talkEndedAt: dawn + minute });
});

test("E23 digital closed while assigned, unassigned 17 s later: one close", () => {
  const chat = story({ channel: "chat" }).tell(accepted("A"), { do: "link", record: record("5") });
  chat.event({ do: "setStatus", status: "closed" });
  expect(chat.leg("A")).toMatchObject({ closed: "interactionClosed", endedAt: dawn });
  expect(chat.now.over).toBe(true);
  const before = chat.now;
  chat.wait(17 * second).event({ do: "unassign", leg: "A" });

  expect(chat.now).toBe(before);
  expect(closings(chat, "A")).toBe(1);
  expect(chat.wakes).toEqual(["sales"]);
});

test("E24 reopened after it was written: a new leg, and the interaction grows again", () => {
  const chat = story({ channel: "messaging" }).tell(accepted("A"), {
    do: "setStatus",
    status: "closed",
  });
  expect(chat.now.over).toBe(true);
  chat.wait(90 * day).event({ do: "setStatus", status: "open" }, accepted("B", bob));

  expect(chat.now.over).toBe(false);
  expect(chat.now.endedAt).toBeUndefined();
  expect(chat.leg("A").closed).toBe("interactionClosed");
  expect(chat.leg("B").state).toBe("assigned");
});

test("E25 the same agent gets it back: a new leg", () => {
  const chat = story({ channel: "chat" }).tell(
    accepted("A"),
    { do: "unassign", leg: "A" },
    accepted("A2"),
  );

  expect(chat.now.legs.map(({ id, state, agent }) => [id, state, agent?.id])).toEqual([
    ["A", "closed", "ada"],
    ["A2", "assigned", "ada"],
  ]);
});

test("E26 a transfer to a bot or an outside number closes as a transfer does, and nobody is waited for", () => {
  const call = story().tell(accepted("A"), { do: "transfer", leg: "A", wrapUp: "none" });
  const chat = story({ channel: "chat" }).tell(accepted("A"), { do: "transfer", leg: "A" });

  expect(call.leg("A").closed).toBe("noWrapUp");
  expect(call.now.over).toBe(true);
  expect(chat.leg("A").closed).toBe("transferred");
});

test("E26 after a transfer to a queue the call is not over until somebody had it, or nobody came for maxIdle", () => {
  const call = story().tell(accepted("A"), {
    do: "transfer",
    leg: "A",
    to: { queue: "q" },
    wrapUp: "none",
  });
  expect(call.now.over).toBe(false);
  const waiting = call.last.deadline;
  call.untilDeadline();

  expect(waiting).toBe(dawn + day);
  expect(call.now.over).toBe(true);
});

test("E27 a link or note after the leg was written feeds the open legs, else the last closed one", () => {
  const call = story().tell(
    accepted("A"),
    { do: "endTalk", leg: "A", wrapUp: "none" },
    accepted("B", bob),
  );
  call.tell(
    { do: "link", record: record("1") },
    { do: "note", note: { id: "n1", text: "x", audience: "internal" } },
  );
  call.tell({ do: "endTalk", leg: "B", wrapUp: "none" });
  call.tell(
    { do: "link", record: record("2") },
    { do: "note", note: { id: "n2", text: "y", audience: "internal" } },
  );

  expect(call.now.links.map(({ fromLeg }) => fromLeg)).toEqual([1, 1]);
  expect(call.now.notes.map(({ legs }) => legs)).toEqual([["B"], ["B"]]);
  expect(call.last.wake).toEqual(["sales"]);
});

test("E28 an unlink during wrap-up: the state at the close wins, and the history keeps both", () => {
  const call = story().tell(
    accepted("A"),
    { do: "link", record: record("5"), by: "ada" },
    { do: "endTalk", leg: "A" },
  );
  call.tell({ do: "unlink", record: record("5"), by: "ada" });
  expect(call.wakes).toEqual([]);
  call.tell({ do: "completeWrapUp", leg: "A" });

  expect(call.now.links).toEqual([]);
  expect(
    call.history.filter(({ rule }) => rule === "K1").map(({ what, by }) => [what, by]),
  ).toEqual([
    ["link", "ada"],
    ["unlink", "ada"],
  ]);
});

test("E31 a new contact id on transfer: links, card and parent key carry over at the start", () => {
  const first = story({ start: { customer: { name: "Harper Valley" } } }).tell(accepted("A"), {
    do: "link",
    record: record("5"),
    by: "ada",
  });
  const later = story({ id: "c-2", start: { previous: first.now } });

  expect(later.now).toMatchObject({
    id: "c-2",
    previousId: "c-1",
    parentKey: "c-1",
    connections: ["sales"],
  });
  expect(later.now.links).toMatchObject([{ record: record("5"), fromLeg: 0, by: "ada" }]);
  expect(later.now.card.fields.name?.value).toBe("Harper Valley");
  expect(story({ id: "c-3", start: { previous: later.now } }).now.parentKey).toBe("c-1");
});

test("E31 what only a later leg of the earlier interaction carried feeds every leg of the next", () => {
  const first = story().tell(accepted("A"), { do: "endTalk", leg: "A", wrapUp: "none" });
  first.tell(accepted("B", bob), { do: "link", record: record("5") });
  expect(first.now.links[0]?.fromLeg).toBe(1);

  expect(story({ id: "c-2", start: { previous: first.now } }).now.links[0]?.fromLeg).toBe(0);
});

test("E31 learnt late, join carries the same over, and joining twice changes nothing", () => {
  const first = story({ start: { customer: { name: "Harper", phone: "+1" } } }).tell(
    accepted("A"),
    { do: "link", record: record("5") },
  );
  first.tell({ do: "edit", customer: { name: "Harper Valley" } });
  const later = story({
    id: "c-2",
    start: { customer: { name: "harper v", email: "h@x.example" } },
  });
  later.tell(
    accepted("B", bob),
    { do: "endTalk", leg: "B", wrapUp: "none" },
    { do: "join", previous: first.now },
  );

  expect(later.now).toMatchObject({ previousId: "c-1", parentKey: "c-1" });
  expect(later.now.card.fields).toMatchObject({
    name: { value: "Harper Valley" },
    phone: { value: "+1" },
    email: { value: "h@x.example" },
  });
  expect(later.last.wake).toEqual(["sales"]);
  const before = later.now;
  expect(later.tell({ do: "join", previous: first.now }).now).toBe(before);
});

test("E31 an interaction continues neither itself nor another tenant's, nor takes links from a deleted one", () => {
  const first = story().tell({ do: "link", record: record("5") });
  const later = story({ id: "c-2" });

  expect(() => later.tell({ do: "join", previous: later.now })).toThrow(
    expect.objectContaining({ code: "invalid_input" }),
  );
  expect(() => later.tell({ do: "join", previous: { ...first.now, tenant: "other" } })).toThrow(
    expect.objectContaining({ code: "invalid_input" }),
  );
  later.tell({ do: "join", previous: first.tell({ do: "delete", written: "retract" }).now });
  expect(later.now).toMatchObject({ parentKey: "c-1", links: [] });
});

test("E32 a sentinel or malformed time is dropped at the door, and no platform time moves a deadline", () => {
  const repaired: string[] = [];
  const read = (input: object) =>
    readCommand(input, "test", { repaired: (text) => repaired.push(text) });
  const call = story().tell(read({ ...accepted("A"), at: "1970-01-01T00:00:00.001Z" }));
  call.wait(minute).tell(read({ do: "endTalk", leg: "A", at: "2021-04-2T15:30:51.418Z" }));

  expect(repaired).toHaveLength(2);
  expect(call.leg("A")).toMatchObject({ startedAt: dawn, talkEndedAt: dawn + minute });
  const years = story().tell(
    { ...accepted("A"), at: Date.UTC(2022, 3, 1) },
    { do: "endTalk", leg: "A", at: Date.UTC(2022, 3, 2) },
  );
  expect(years.last.deadline).toBe(dawn + 15 * minute);
});

test("E32 a time that reached the core beyond the door's care is not believed either", () => {
  const call = story().tell(
    { ...accepted("A"), at: 1 },
    { ...accepted("B", bob), at: dawn + 2 * day },
  );

  expect(call.leg("A").startedAt).toBe(dawn);
  expect(call.leg("B").startedAt).toBe(dawn);
});

test("every refusal is one clear error that says where and how to mend it", () => {
  let thrown: unknown;
  try {
    story().tell({ do: "hold", leg: "nobody" });
  } catch (error) {
    thrown = error;
  }

  expect(isWrapupError(thrown)).toBe(true);
  expect(thrown).toMatchObject({
    code: "unknown_leg",
    place: 'hold, leg "nobody"',
    mend: expect.stringContaining("Accept it first"),
  });
});
