import type { Agent } from "../model/agent.ts";
import type { Durations, Leg } from "../model/leg.ts";
import { writesActivity } from "../model/leg.ts";
import { amendEnd, withTalkEnd } from "./amend.ts";
import { closedLeg, closedLine, newLeg, toldLeg, withNewLeg, withoutHold } from "./legs.ts";
import { findLeg, ignored, line, type Outcome, type Turn, withLeg } from "./turn.ts";

/** The disposition of an outbound call that nobody answered (L5); a mapping's `values` may translate it. */
export const unansweredDisposition = "noAnswer";

/** What an agent's leaving may tell; the same for the end of talk, a transfer and a removal by a supervisor. */
type Leaving = {
  readonly leg: string;
  readonly agent?: Agent | undefined;
  readonly wrapUp?: "expected" | "none" | undefined;
  readonly disposition?: string | undefined;
  readonly durations?: Durations | undefined;
  readonly handedOver?: Leg["handedOver"];
};

/** This agent left the conversation (L1); nothing waits for the customer's own end (E17). A leg never seen to start is accepted (L6). */
export function leave(turn: Turn, of: Leaving): Outcome {
  const found = findLeg(turn.now, of.leg);
  if (found?.state === "closed") return amendEnd(turn, found, of, "talk");
  if (found?.state === "wrapUp") return leftAgain(turn, found, of);
  const leg = found ?? newLeg(turn, { id: of.leg, state: "connected" });
  const unanswered = leg.state === "dialling" && (of.durations?.talkSeconds ?? 0) === 0;
  const left = toldLeg(talkEnded(turn, leg, Math.min(turn.time, leg.endedAt ?? turn.time)), {
    ...of,
    ...(unanswered
      ? { disposition: of.disposition ?? unansweredDisposition, dispositionBy: "system" }
      : { dispositionBy: "agent" }),
  });
  const { queue = turn.now.queue } = leg;
  const expects =
    of.wrapUp === undefined
      ? !unanswered &&
        turn.settings.expectsWrapUp({
          channel: turn.now.channel,
          ...(queue !== undefined && { queue }),
        })
      : of.wrapUp === "expected";
  const next: Leg = {
    ...left,
    expectsWrapUp: expects,
    ...(of.handedOver !== undefined && { handedOver: of.handedOver }),
  };
  return placed(
    turn,
    found,
    afterTalk(turn, next),
    "talk ended; waiting for the end of after-contact work",
  );
}

/** What follows the end of talk: the held wrap-up end counts now (E16), or nothing more is expected (E9), or wrap-up runs. */
export function afterTalk(turn: Turn, leg: Leg): Leg {
  if (leg.wrapUpEndHeldUntil !== undefined)
    return closedLeg(turn, leg, leg.heldReason ?? "completed");
  if (leg.expectsWrapUp !== true || !writesActivity(leg))
    return closedLeg(turn, leg, "noWrapUp", turn.time);
  return leg;
}

/** Stores a leg that a command led on, and says so. */
export function placed(turn: Turn, before: Leg | undefined, leg: Leg, waiting: string): Outcome {
  const created = before === undefined;
  const closed = leg.state === "closed";
  const said = closed ? closedLine(turn, leg) : line(turn, waiting, { leg: leg.id, rule: "L1" });
  const lines = created
    ? [
        line(turn, "seen to end before it was seen to start", {
          what: "accept",
          leg: leg.id,
          rule: "L6",
        }),
        said,
      ]
    : [said];
  const next = created ? withNewLeg(turn.now, leg) : withLeg(turn.now, leg);
  return { next, lines, matters: closed };
}

/** A second end of talk: the first stands, unless this one says that no wrap-up follows. */
function leftAgain(turn: Turn, leg: Leg, of: Leaving): Outcome {
  const told = toldLeg(leg, { ...of, dispositionBy: "agent" });
  const left = withTalkEnd(turn, handedOverAgain(told, of.handedOver));
  if (of.wrapUp === "none" && leg.wrapUpStartedAt === undefined)
    return placed(
      turn,
      leg,
      closedLeg(turn, { ...left, expectsWrapUp: false }, "noWrapUp", leg.talkEndedAt ?? turn.time),
      "",
    );
  if (left === leg) return ignored(turn, "talk had ended already", { leg: leg.id });
  return {
    next: withLeg(turn.now, left),
    lines: [line(turn, "talk had ended already; noted what is new", { leg: leg.id, rule: "L6" })],
    matters: false,
  };
}

/** An end of talk beside a transfer, in either order, shows that this agent has left (E4). */
function handedOverAgain(leg: Leg, handedOver: Leg["handedOver"]): Leg {
  if (leg.handedOver === undefined)
    return handedOver === undefined
      ? leg
      : { ...leg, handedOver: { ...handedOver, mayReturn: false } };
  return handedOver === undefined && leg.handedOver.mayReturn
    ? { ...leg, handedOver: { ...leg.handedOver, mayReturn: false } }
    : leg;
}

/** The leg with its talk over and any hold ended. `talkEndedAt` is left out where only what follows was seen. */
export function talkEnded(turn: Turn, leg: Leg, talkEndedAt?: number): Leg {
  const { recorded } = leg;
  return {
    ...withoutHold(leg, turn.time),
    state: "wrapUp",
    ...(talkEndedAt !== undefined && { talkEndedAt }),
    recorded: { ...recorded, lastEvent: turn.at, talkEnd: recorded.talkEnd ?? turn.at },
  };
}
