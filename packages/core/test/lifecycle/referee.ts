import type { Command } from "../../src/model/command.ts";
import type { Interaction } from "../../src/model/interaction.ts";
import { day, hour, minute } from "./story.ts";

/** One command that was taken, at the store's time. */
export type Taken = { readonly at: number; readonly command: Command };

/**
 * Says, from the commands alone, what may and what must have happened to a leg. It knows the spec's sentences and nothing of the
 * code under test: no states, no stored deadlines.
 */
export type Verdict = { readonly mayBeClosed: boolean; readonly mustBeClosed: boolean };

const ends = new Set<Command["do"]>(["endTalk", "startWrapUp", "transfer", "unassign"]);
const written = (role: string | undefined): boolean =>
  role === undefined || role === "agent" || role === "bargeIn";

const names = (command: Command, leg: string): boolean => "leg" in command && command.leg === leg;

/** What the spec says of one voice leg (L1, L5, L6, L7). */
export function judgeVoice(taken: readonly Taken[], leg: string, at: number): Verdict {
  const mine = taken.filter(({ command }) => names(command, leg));
  const since = mine.findLastIndex(({ command }) => command.do === "transferFailed") + 1;
  const current = mine.slice(since);
  const talkOver = mine.filter(({ command }) => ends.has(command.do));
  const wrapUpDone = mine.filter(({ command }) => command.do === "completeWrapUp");
  const saysNone = mine.some(({ command }) => "wrapUp" in command && command.wrapUp === "none");
  const asides = mine.some(({ command }) => command.do === "accept" && !written(command.role));
  const dialled = mine.some(({ command }) => command.do === "dial");
  const held = wrapUpDone.some((done) => at - done.at >= 2 * minute);
  const timedOut =
    talkOver.some((end) => at - end.at >= 15 * minute) || longestSilence(mine, at) >= 12 * hour;
  const bothEnds = talkOver.length > 0 && wrapUpDone.length > 0;
  return {
    mayBeClosed:
      bothEnds ||
      held ||
      timedOut ||
      (talkOver.length > 0 && (saysNone || dialled || asides)) ||
      (asides && wrapUpDone.length > 0),
    mustBeClosed:
      current.some(({ command }) => ends.has(command.do)) &&
      current.some(({ command }) => command.do === "completeWrapUp"),
  };
}

/** Between events that told something new: a repetition is not heard. */
function longestSilence(mine: readonly Taken[], at: number): number {
  const told = mine
    .filter((each, n) => mine.findIndex(({ command }) => command.do === each.command.do) === n)
    .map((each) => each.at);
  return Math.max(0, ...told.map((from, n) => (told[n + 1] ?? at) - from));
}

/** What the spec says of one digital leg (L2, L6, L7). */
export function judgeDigital(
  taken: readonly Taken[],
  leg: string,
  at: number,
  knownSince: number,
): Verdict {
  const left = taken.some(
    ({ command }) =>
      names(command, leg) && (command.do === "unassign" || command.do === "transfer"),
  );
  const closed = taken.some(
    (each) =>
      each.at >= knownSince && each.command.do === "setStatus" && each.command.status === "closed",
  );
  const times = taken.filter((each, n) => breaksSilence(taken, each, n)).map((each) => each.at);
  const anyDay = [...times.keys()].some((n) => (times[n + 1] ?? at) - (times[n] ?? at) >= day);
  return { mayBeClosed: left || closed || anyDay, mustBeClosed: left };
}

/** What surely breaks a silence: a message, and the first word of a leg. Other commands may repeat what is known. */
const breaksSilence = (taken: readonly Taken[], { command }: Taken, n: number): boolean =>
  command.do === "message" ||
  (command.do === "accept" &&
    taken.findIndex((each) => each.command.do === "accept" && names(each.command, command.leg)) ===
      n);

/** The records that links and unlinks leave, in order. */
export function linkedIds(taken: readonly Taken[]): readonly string[] {
  const ids = new Set<string>();
  for (const { command } of taken) {
    if (command.do === "link") ids.add(command.record.id);
    if (command.do === "unlink") ids.delete(command.record.id);
  }
  return [...ids].toSorted();
}

/** Whether any leg that is written has closed: before that nothing may wake (L3). */
export const somethingIsDue = ({ legs, deleted }: Interaction): boolean =>
  deleted !== undefined ||
  legs.some((leg) => leg.recorded.closed !== undefined && written(leg.role));
