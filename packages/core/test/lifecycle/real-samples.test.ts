import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Command } from "../../src/model/command.ts";
import { legTimes } from "../../src/model/leg-times.ts";
import { readCommand } from "../../src/model/door.ts";
import { record, story, type Story } from "./story.ts";

const shared = join(import.meta.dirname, "../../../../../shared/data/contact-center");
const absent = !existsSync(shared);
type Json = Readonly<Record<string, unknown>>;
const isJson = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const sample = (name: string): Json => {
  const value: unknown = JSON.parse(readFileSync(join(shared, name), "utf8"));
  return isJson(value) ? value : {};
};

/** Reads each command at the door, as an app's would be, and records it as the platform's. */
const hear = (call: Story, ...inputs: readonly Json[]): Story =>
  call.event(...inputs.map((input): Command => readCommand(input, "sample")));

type Participant = {
  readonly id: string;
  readonly agent: string;
  readonly connected?: string;
  readonly wrapUp?: string;
  readonly disconnect: string;
};

/** A Genesys agent participant as the facts sheet reads it: only one with a connectedTime had the customer. */
function agentsOf(notification: Json): readonly Participant[] {
  const body = notification["eventBody"];
  const all =
    isJson(body) && Array.isArray(body["participants"]) ? body["participants"].filter(isJson) : [];
  return all
    .filter((each) => each["purpose"] === "agent")
    .map((each) => {
      const [callback] = Array.isArray(each["callbacks"]) ? each["callbacks"].filter(isJson) : [];
      return {
        id: String(each["id"]),
        agent: String(each["userId"]),
        disconnect: String(callback?.["disconnectType"]),
        ...(typeof each["connectedTime"] === "string" && { connected: each["connectedTime"] }),
        ...(typeof each["startAcwTime"] === "string" && { wrapUp: each["startAcwTime"] }),
      };
    });
}

test.skipIf(absent)(
  "E7, E16 a real Genesys callback: two agents never took it, the third is in wrap-up although the customer is still connected",
  () => {
    const participants = agentsOf(
      sample("genesys-cloud/notification-v2.users.conversations-callback-acw-pending.json"),
    );
    const call = story().tell({ do: "link", record: record("5") });
    for (const { id, agent, connected, wrapUp, disconnect } of participants) {
      if (connected === undefined) {
        hear(
          call,
          { do: "offer", offer: id, agent: { id: agent } },
          { do: "endOffer", offer: id, outcome: disconnect === "system" ? "timedOut" : "rejected" },
        );
        continue;
      }
      hear(
        call,
        { do: "accept", leg: id, agent: { id: agent }, at: connected },
        { do: "startWrapUp", leg: id, at: wrapUp },
      );
    }

    expect(participants).toHaveLength(3);
    expect(call.now.offers.map(({ ended }) => ended)).toEqual(["rejected", "timedOut"]);
    expect(call.now.legs.map(({ state }) => state)).toEqual(["wrapUp"]);
    expect(legTimes(call.leg(participants[2]?.id ?? "")).talkSeconds).toBe(65);
    expect(call.wakes).toEqual([]);
    call.untilDeadline();
    expect(call.wakes).toEqual(["sales"]);
  },
);

/** A Twilio reservation as a leg: epoch seconds, one task, a reservation per agent. */
const reservation = (
  name: string,
): { readonly leg: string; readonly agent: { readonly id: string }; readonly at: unknown } => {
  const body = sample(`twilio/taskrouter-ws-reservation-${name}.json`);
  return {
    leg: String(body["sid"]),
    agent: { id: String(body["worker_sid"]) },
    at: body["date_updated"],
  };
};

test.skipIf(absent)(
  "E1 a real Twilio cold transfer is a second reservation on the same task: two legs, two closes, in the other order",
  () => {
    const second = reservation("createdByColdTransfer");
    const first = { ...second, leg: "WRxx1", agent: { id: "WKfirst" } };
    const call = story().tell({ do: "link", record: record("5") });
    hear(call, { do: "accept", ...first }, { do: "transfer", ...first, to: { queue: "WQxxx" } });
    hear(
      call,
      { do: "offer", offer: second.leg, agent: second.agent, at: second.at },
      { do: "accept", ...second, offer: second.leg },
    );
    hear(
      call,
      { do: "endTalk", ...second },
      { do: "completeWrapUp", ...second },
      { do: "completeWrapUp", ...first },
    );

    expect(call.now.legs.map(({ id, closed, startedAt }) => [id, closed, startedAt])).toEqual([
      ["WRxx1", "completed", 1556049971000],
      ["WRxx2", "completed", 1556049971000],
    ]);
    expect(call.wakes).toEqual(["sales", "sales"]);
  },
);

test.skipIf(absent)("L6 real Twilio reservation events, newest first: one leg, closed once", () => {
  const { leg, agent } = reservation("accepted");
  const call = story();
  const at = (name: string): unknown => reservation(name).at;
  hear(
    call,
    { do: "completeWrapUp", leg, agent, at: at("completed") },
    { do: "startWrapUp", leg, agent, at: at("wrapping") },
    { do: "accept", leg, agent, at: at("accepted") },
  );

  expect(call.now.legs).toHaveLength(1);
  expect(call.leg(leg)).toMatchObject({ closed: "completed", agent });
  expect(call.history.filter(({ what }) => what === "closed")).toHaveLength(1);
});

test.skipIf(absent)(
  "E32 a real Genesys chat has a malformed date in every segment: each is dropped with a word, none stops the event",
  () => {
    const text = readFileSync(
      join(shared, "genesys-cloud/analytics-conversation-detail-conversation2.json"),
      "utf8",
    );
    const malformed = [...text.matchAll(/"segment(?:Start|End)": "(2021-04-\dT[^"]*)"/gu)].map(
      ([, time]) => time,
    );
    const told: string[] = [];
    const commands = malformed.map((at) =>
      readCommand({ do: "message", from: "customer", at }, "sample", {
        repaired: (why) => told.push(why),
      }),
    );

    expect(malformed.length).toBeGreaterThan(0);
    expect(told).toHaveLength(malformed.length);
    expect(commands.every(({ at }) => at === undefined)).toBe(true);
  },
);
