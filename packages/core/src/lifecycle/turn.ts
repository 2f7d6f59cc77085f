import { type ErrorCode, WrapupError } from "../errors.ts";
import type { Command, HistoryLine } from "../model/command.ts";
import type { Interaction } from "../model/interaction.ts";
import type { Leg } from "../model/leg.ts";
import type { LifecycleSettings } from "../model/settings.ts";
import { shown } from "../model/shown.ts";

/** The command with this `do`. */
export type CommandOf<Do extends Command["do"]> = Extract<Command, { readonly do: Do }>;

/** One command meeting one interaction. */
export type Turn = {
  readonly now: Interaction;
  readonly does: Command["do"];
  readonly by?: string;
  /** A platform's event or our own doing: what came too late is ignored, not refused. */
  readonly lenient: boolean;
  /** Store's clock: deadlines, dueness and history count by it. */
  readonly at: number;
  /** When it happened: the command's word where it is sane, else the store's clock. */
  readonly time: number;
  /** The command's word alone. */
  readonly told?: number;
  readonly settings: LifecycleSettings;
};

/** What a command does. `matters`: a CRM may have to learn of it, once the interaction is due. */
export type Outcome = {
  readonly next: Interaction;
  readonly lines: readonly HistoryLine[];
  readonly matters: boolean;
  /** Connections to be woken though nothing is due yet: an agent asked for it (L3). */
  readonly atOnce?: readonly string[];
};

/** Platforms send 1970 for "not yet" (E32); no contact center wrote events before this. */
const firstSaneTime = Date.UTC(2000, 0, 1);
/** Clocks of platforms may be off, but not by more than this ahead. */
const mostAhead = 24 * 3_600_000;

/** A command's own time, unless it cannot be true. */
export const saneTime = (told: number | undefined, at: number): number | undefined =>
  told !== undefined && told >= firstSaneTime && told <= at + mostAhead ? told : undefined;

/** What a history line says beyond its moment and its author. */
type Said = { readonly what?: string; readonly leg?: string; readonly rule?: string };

/** One line of history. */
export const line = (turn: Turn, text: string, { what, leg, rule }: Said = {}): HistoryLine => ({
  at: turn.at,
  what: what ?? turn.does,
  text,
  ...(leg !== undefined && { leg }),
  ...(turn.by !== undefined && { by: turn.by }),
  ...(rule !== undefined && { rule }),
});

/** Nothing is recorded. */
export const unchanged = (turn: Turn, lines: readonly HistoryLine[] = []): Outcome => ({
  next: turn.now,
  lines,
  matters: false,
});

/** A repetition or a latecomer that changes nothing, said in the history. */
export const ignored = (turn: Turn, text: string, said: Said = {}): Outcome =>
  unchanged(turn, [line(turn, text, { rule: "L6", ...said, what: "ignored" })]);

/** What is wrong with a command, for the person who wrote the app. */
export type Fault = {
  readonly code: ErrorCode;
  readonly what: string;
  readonly mend: string;
  readonly leg?: string;
};

/** A command that cannot be: a platform's is ignored, because it is only late (L6); anybody else's is refused. */
export function impossible(turn: Turn, fault: Fault): Outcome {
  if (turn.lenient)
    return ignored(turn, `${fault.what}; ignored`, {
      ...(fault.leg !== undefined && { leg: fault.leg }),
    });
  throw refusal(turn.does, fault);
}

/** The error that a command is refused with. */
export const refusal = (does: Command["do"], { code, what, mend, leg }: Fault): WrapupError =>
  new WrapupError(code, what, {
    place: leg === undefined ? does : `${does}, leg "${shown(leg)}"`,
    mend,
  });

/** The interaction with one leg replaced, or added at the end. */
export function withLeg(now: Interaction, leg: Leg): Interaction {
  const at = now.legs.findIndex(({ id }) => id === leg.id);
  return { ...now, legs: at === -1 ? [...now.legs, leg] : now.legs.with(at, leg) };
}

/** A leg by its id. */
export const findLeg = (now: Interaction, id: string): Leg | undefined =>
  now.legs.find((leg) => leg.id === id);

/** Whether a leg still goes on, its wrap-up included. */
export const isOpen = (leg: Leg): boolean => leg.state !== "closed";

/** No leg of that name: said once, for every command that needs one. */
export const unknownLeg = (turn: Turn, leg: string): Outcome =>
  impossible(turn, {
    code: "unknown_leg",
    what: "There is no such leg",
    mend: "Accept it first; the leg's id is the one given to accept. If a platform tells ends before starts, pass its eventId.",
    leg,
  });
