import { WrapupError } from "../errors.ts";
import type { Command, CommandMeta, Decision, LegCommand } from "../model/command.ts";
import type { Interaction } from "../model/interaction.ts";
import { writesActivity } from "../model/leg.ts";
import type { LifecycleSettings } from "../model/settings.ts";
import { shown } from "../model/shown.ts";
import { accept, dial, joinCustomer } from "./accept.ts";
import { deadlineOf, settled, tick } from "./deadlines.ts";
import { endTalk, transfer, transferFailed, unassign } from "./handover.ts";
import { draft, link, relink, unlink } from "./links.ts";
import { edit, learn, note } from "./log.ts";
import { email } from "./mail.ts";
import { abandon, endOffer, offer } from "./offers.ts";
import { answer, hold } from "./talk.ts";
import { findLeg, line, type Outcome, saneTime, type Turn, unchanged, unknownLeg } from "./turn.ts";
import { afterDeletion, begin, join, message, remove, setStatus, startAgain } from "./whole.ts";
import { completeWrapUp, startWrapUp } from "./wrap-up.ts";

/** What a decision depends on besides the interaction and the command. */
export type DecisionContext = {
  readonly key: { readonly tenant: string; readonly interaction: string };
  readonly settings: LifecycleSettings;
  /** The store's clock, epoch ms. */
  readonly at: number;
};

/**
 * What a command does to an interaction: the next state, the connections whose lane has something to compare, when silence
 * will close a leg, and the history. Pure: the same arguments give the same decision, and nothing is changed in place.
 * A decision that records nothing answers the very same `next`, at the same version.
 *
 * A platform's event (it has an `eventId`, or `by` is `platform` or `system`) that comes too late is ignored (L6).
 * Throws `WrapupError`: `unknown_interaction` for anything but a start, `interaction_deleted` for a person's command (N5),
 * `unknown_leg`, `leg_closed`, `ambiguous_leg`, `not_supported` and `invalid_input` for what cannot be.
 */
export function decide(
  now: Interaction | undefined,
  command: Command,
  context: DecisionContext,
): Decision {
  const of = circumstances(command, context);
  if (now === undefined) return first(of, command, context);
  const turn: Turn = { ...of, now };
  if (now.deleted !== undefined) return decisionOf(turn, now, afterDeletion(turn, command));
  const outcome = isLegCommand(command) ? ofLeg(turn, command) : ofWhole(turn, command);
  return decisionOf(turn, now, outcome);
}

function circumstances(command: Command, { settings, at }: DecisionContext): Omit<Turn, "now"> {
  const told = saneTime(command.at, at);
  return {
    does: command.do,
    lenient: command.eventId !== undefined || command.by === "platform" || command.by === "system",
    at,
    time: told ?? at,
    settings,
    ...(told !== undefined && { told }),
    ...(command.by !== undefined && { by: command.by }),
  };
}

function first(of: Omit<Turn, "now">, command: Command, { key }: DecisionContext): Decision {
  if (command.do !== "start")
    throw new WrapupError(
      "unknown_interaction",
      `There is no interaction "${shown(key.interaction)}"`,
      {
        place: command.do,
        mend: "Start it with interactions.start({ id, channel, direction }).",
      },
    );
  const outcome = begin(of, key, command);
  return { next: { ...outcome.next, version: 1 }, wake: [], history: outcome.lines };
}

const legCommands: ReadonlySet<Command["do"]> = new Set<LegCommand["do"]>([
  "accept",
  "dial",
  "answer",
  "hold",
  "resume",
  "joinCustomer",
  "endTalk",
  "startWrapUp",
  "completeWrapUp",
  "transfer",
  "transferFailed",
  "unassign",
]);

const isLegCommand = (command: Command): command is CommandMeta & LegCommand =>
  legCommands.has(command.do);

/** A platform may tell an end before its start (L6); from an app it is a slip of the pen, unless it says whose leg it was. */
const isSlip = (turn: Turn, command: CommandMeta & LegCommand): boolean =>
  !turn.lenient &&
  command.do !== "accept" &&
  command.do !== "dial" &&
  !("agent" in command && command.agent !== undefined) &&
  findLeg(turn.now, command.leg) === undefined;

function ofLeg(turn: Turn, command: CommandMeta & LegCommand): Outcome {
  if (isSlip(turn, command)) return unknownLeg(turn, command.leg);
  switch (command.do) {
    case "accept":
      return accept(turn, command);
    case "dial":
      return dial(turn, command);
    case "answer":
      return answer(turn, command);
    case "hold":
    case "resume":
      return hold(turn, command);
    case "joinCustomer":
      return joinCustomer(turn, command);
    case "endTalk":
      return endTalk(turn, command);
    case "startWrapUp":
      return startWrapUp(turn, command);
    case "completeWrapUp":
      return completeWrapUp(turn, command);
    case "transfer":
      return transfer(turn, command);
    case "transferFailed":
      return transferFailed(turn, command);
    case "unassign":
    default:
      return unassign(turn, command);
  }
}

function ofWhole(turn: Turn, command: Exclude<Command, LegCommand>): Outcome {
  switch (command.do) {
    case "start":
      return startAgain(turn, command);
    case "join":
      return join(turn, command);
    case "offer":
      return offer(turn, command);
    case "endOffer":
      return endOffer(turn, command);
    case "abandon":
      return abandon(turn);
    case "message":
      return message(turn, command);
    case "setStatus":
      return setStatus(turn, command);
    case "link":
      return link(turn, command);
    case "unlink":
      return unlink(turn, command);
    case "relink":
      return relink(turn, command);
    case "note":
      return note(turn, command);
    case "email":
      return email(turn, command);
    case "learn":
      return learn(turn, command);
    case "edit":
      return edit(turn, command);
    case "draft":
      return draft(turn, command);
    case "delete":
      return remove(turn, command);
    case "tick":
      return tick(turn);
    default:
      return unchanged(turn, [line(turn, "unknown command", { what: "ignored" })]);
  }
}

/** What every decision has in common: the version, the clock of silence, who wakes, and when silence speaks. */
function decisionOf(turn: Turn, now: Interaction, outcome: Outcome): Decision {
  const { settings } = turn;
  const reached = outcome.next !== now || turn.does === "tick" ? settled(turn, outcome.next) : now;
  const changed = reached !== now;
  const next = changed ? { ...reached, version: now.version + 1, recordedAt: turn.at } : now;
  const ended = reached.over && !now.over;
  const grows = now.per === "interaction" && reached.over !== now.over;
  const deadline = deadlineOf(next, settings);
  return {
    next,
    wake: changed
      ? [
          ...new Set([
            ...(outcome.matters || grows ? woken(now, next, settings) : []),
            ...(outcome.atOnce ?? []),
          ]),
        ]
      : [],
    history: ended
      ? [
          ...outcome.lines,
          line(turn, "the interaction is over; its end writes nothing of itself", {
            what: "over",
            rule: "L9",
          }),
        ]
      : outcome.lines,
    ...(deadline !== undefined && { deadline }),
  };
}

/** Nothing wakes before it is due (L3); what was due before may have something to take back. */
const woken = (
  now: Interaction,
  next: Interaction,
  settings: LifecycleSettings,
): readonly string[] =>
  isDue(now, settings) || isDue(next, settings)
    ? [
        ...new Set([
          ...next.connections,
          ...settings.logUnlinked,
          ...(next.abandoned === undefined ? [] : settings.logAbandoned),
        ]),
      ]
    : [];

const isDue = ({ legs, deleted, abandoned }: Interaction, settings: LifecycleSettings): boolean =>
  deleted !== undefined ||
  legs.some((leg) => leg.state === "closed" && writesActivity(leg)) ||
  (abandoned !== undefined && settings.abandoned === "log");
