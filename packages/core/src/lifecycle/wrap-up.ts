import type { Leg } from "../model/leg.ts";
import { writesActivity } from "../model/leg.ts";
import { amendEnd } from "./amend.ts";
import { afterTalk, placed, talkEnded } from "./leave.ts";
import {
  closedLeg,
  heardOf,
  isVoice,
  newLeg,
  type Told,
  toldLeg,
  withNewLeg,
  withoutHold,
} from "./legs.ts";
import {
  type CommandOf,
  findLeg,
  ignored,
  line,
  type Outcome,
  type Turn,
  unknownLeg,
  withLeg,
} from "./turn.ts";

/** The disposition of a leg whose wrap-up timer ran out before anybody gave one (E10). */
export const wrapUpTimerDisposition = "wrapUpTimer";

/** Wrap-up began, so talk has ended (L6). */
export function startWrapUp(turn: Turn, { leg: id, agent }: CommandOf<"startWrapUp">): Outcome {
  if (!isVoice(turn.now))
    return ignored(turn, "digital work has no after-contact work that counts", {
      leg: id,
      rule: "L2",
    });
  const found = findLeg(turn.now, id);
  if (found?.state === "closed") return amendEnd(turn, found, { agent }, "wrapUpStart");
  if (found?.wrapUpStartedAt !== undefined)
    return ignored(turn, "wrap-up had begun already", { leg: id });
  const leg = found ?? newLeg(turn, { id, state: "connected" });
  const ended = leg.state === "wrapUp" ? heardOf(turn, leg) : talkEnded(turn, leg);
  const begun = toldLeg(
    {
      ...ended,
      expectsWrapUp: true,
      wrapUpStartedAt: turn.time,
      recorded: { ...ended.recorded, wrapUpStart: turn.at },
      ...(leg.handedOver !== undefined && { handedOver: { ...leg.handedOver, mayReturn: false } }),
    },
    { agent },
  );
  return placed(turn, found, afterTalk(turn, begun), "after-contact work began");
}

/** Wrap-up is complete: the leg closes; without a talk end it is held for a while first (L6, E16). */
export function completeWrapUp(turn: Turn, command: CommandOf<"completeWrapUp">): Outcome {
  const { leg: id, agent, durations, reason = "completed" } = command;
  const found = findLeg(turn.now, id);
  const timer = reason === "wrapUpTimer";
  const nobodySaid =
    timer && found?.disposition === undefined && (found?.closed ?? "deadline") === "deadline";
  const told = {
    agent,
    durations,
    disposition: command.disposition ?? (nobodySaid ? wrapUpTimerDisposition : undefined),
    dispositionBy: command.dispositionBy ?? (timer ? ("system" as const) : ("agent" as const)),
  };
  if (!isVoice(turn.now)) return digitalWrapUp(turn, found, id, told);
  if (found?.state === "closed") return amendEnd(turn, found, told, "wrapUpEnd");
  const leg = toldLeg(heardOf(turn, found ?? newLeg(turn, { id, state: "connected" })), told);
  if (leg.state === "wrapUp" || !writesActivity(leg))
    return placed(turn, found, closedLeg(turn, withoutHold(leg, turn.time), reason, turn.time), "");
  const until = leg.wrapUpEndHeldUntil ?? turn.at + turn.settings.deadlines.reorderWindow;
  const held: Leg = {
    ...leg,
    wrapUpEndHeldUntil: until,
    heldReason: reason,
    endedAt: leg.endedAt ?? turn.time,
  };
  return {
    next: found === undefined ? withNewLeg(turn.now, held) : withLeg(turn.now, held),
    lines: [
      line(turn, "wrap-up ended before talk was seen to end; held for the reorder window", {
        what: "held",
        leg: id,
        rule: "L6",
      }),
    ],
    matters: false,
  };
}

/** Some platforms have wrap-up for messaging; what it tells is kept, when it ends decides nothing (L2). */
function digitalWrapUp(turn: Turn, leg: Leg | undefined, id: string, told: Told): Outcome {
  if (leg === undefined) return unknownLeg(turn, id);
  const next = toldLeg(leg, told);
  if (next === leg)
    return ignored(turn, "digital work is due on transfer or unassignment", {
      leg: id,
      rule: "L2",
    });
  return {
    next: withLeg(turn.now, next),
    lines: [
      line(turn, "noted; digital work is due on transfer or unassignment", { leg: id, rule: "L2" }),
    ],
    matters: leg.state === "closed",
  };
}
