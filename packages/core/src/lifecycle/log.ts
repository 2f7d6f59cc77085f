import type { InteractionLog, Note } from "../model/interaction.ts";
import type { Leg } from "../model/leg.ts";
import { writesActivity } from "../model/leg.ts";
import { updatedCard } from "../model/card-update.ts";
import { heardOf, merged, toldLeg } from "./legs.ts";
import {
  type CommandOf,
  findLeg,
  isOpen,
  line,
  type Outcome,
  refusal,
  type Turn,
  unchanged,
  unknownLeg,
  withLeg,
} from "./turn.ts";

/** A note, or the newer wording of one. It feeds the open legs, or the last closed one (K2). */
export function note(turn: Turn, { note: told }: CommandOf<"note">): Outcome {
  const { notes } = turn.now;
  const old = notes.find(({ id }) => id === told.id);
  if (old?.text === told.text && old.audience === told.audience) return unchanged(turn);
  const legs = fedLegs(turn.now.legs);
  const made: Note =
    old === undefined
      ? {
          ...told,
          at: turn.time,
          ...(turn.by !== undefined && { by: turn.by }),
          ...(legs.length > 0 && { legs }),
        }
      : { ...old, text: told.text, audience: told.audience };
  return {
    next: {
      ...turn.now,
      notes:
        old === undefined ? [...notes, made] : notes.map((each) => (each === old ? made : each)),
    },
    lines: [
      line(turn, `${old === undefined ? "a note" : "a note changed"}, ${told.audience}`, {
        rule: "N2",
      }),
    ],
    matters: true,
  };
}

function fedLegs(legs: readonly Leg[]): readonly string[] {
  const mine = legs.filter(writesActivity);
  const open = mine.filter(isOpen);
  return (open.length > 0 ? open : mine.slice(-1)).map(({ id }) => id);
}

/** Facts, whenever they come: of one leg, or of the whole (L8). */
export function learn(turn: Turn, command: CommandOf<"learn">): Outcome {
  const { leg: id, facts, disposition, durations } = command;
  if (id === undefined && disposition === undefined && durations === undefined)
    return learnOfWhole(turn, command);
  const leg = id === undefined ? onlyLeg(turn) : findLeg(turn.now, id);
  if (leg === undefined) return unknownLeg(turn, id ?? "");
  const told = toldLeg(leg, {
    facts,
    durations,
    disposition,
    dispositionBy: turn.by === "system" ? "system" : "agent",
  });
  if (told === leg) return unchanged(turn);
  const late = leg.state === "closed";
  return {
    next: withLeg(turn.now, heardOf(turn, told)),
    lines: [
      line(turn, late ? "learnt after the close; amends" : "learnt", { leg: leg.id, rule: "L8" }),
    ],
    matters: late,
  };
}

function learnOfWhole(turn: Turn, { facts }: CommandOf<"learn">): Outcome {
  const news = merged(turn.now.facts, facts);
  if (news === undefined) return unchanged(turn);
  return {
    next: { ...turn.now, facts: news },
    lines: [line(turn, "learnt", { rule: "L8" })],
    matters: true,
  };
}

/** A leg command without a leg works only while it is clear which leg is meant (L10). */
function onlyLeg(turn: Turn): Leg | undefined {
  const { legs } = turn.now;
  const open = legs.filter(isOpen);
  const [only, ...more] = open.length > 0 ? open : legs;
  if (more.length === 0) return only;
  throw refusal(turn.does, {
    code: "ambiguous_leg",
    what: "A disposition or duration belongs to one leg, and there are several",
    mend: "Name the leg.",
  });
}

/** What an agent typed: the card's fields and the log; an empty text takes a value back (C1, N1). */
export function edit(turn: Turn, { customer, log }: CommandOf<"edit">): Outcome {
  const card = updatedCard(turn.now.card, customer, "agent", turn.time);
  const edited = editedLog(turn.now.log, log);
  if (card === turn.now.card && edited === turn.now.log) return unchanged(turn);
  const what = [card !== turn.now.card && "the card", edited !== turn.now.log && "the log"].filter(
    (part) => part !== false,
  );
  return {
    next: { ...turn.now, card, log: edited },
    lines: [
      line(turn, `edited ${what.join(" and ")}`, { rule: edited === turn.now.log ? "C1" : "N1" }),
    ],
    matters: true,
  };
}

function editedLog(old: InteractionLog, told: InteractionLog | undefined): InteractionLog {
  if (told === undefined) return old;
  const { followUp: newFollowUp, ...texts } = told;
  const { followUp: oldFollowUp, ...oldTexts } = old;
  const lines = merged(oldTexts, texts);
  const same =
    newFollowUp === undefined ||
    (newFollowUp.date === (oldFollowUp?.date ?? "") &&
      newFollowUp.owner === oldFollowUp?.owner &&
      newFollowUp.subject === oldFollowUp?.subject);
  if (lines === undefined && same) return old;
  const kept = Object.fromEntries(
    Object.entries(lines ?? oldTexts).filter(([, text]) => text !== ""),
  );
  const followUp = newFollowUp ?? oldFollowUp;
  return { ...kept, ...(followUp !== undefined && followUp.date !== "" && { followUp }) };
}
