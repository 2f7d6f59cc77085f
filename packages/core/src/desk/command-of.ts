import type { CommandOf } from "../lifecycle/turn.ts";
import type { Command } from "../model/command.ts";
import { readCommand, readInput } from "../model/door.ts";
import type { Interaction } from "../model/interaction.ts";
import { WrapupError } from "../errors.ts";
import type { Desk } from "./desk.ts";
import { named } from "./handed.ts";

/** What a method makes a command of. */
type Handing<Do> = {
  readonly does: Do;
  readonly place: string;
  /** What the app handed over. */
  readonly given: unknown;
  /** What the method itself says: it wins. */
  readonly own?: Readonly<Record<string, unknown>>;
  readonly previous?: Interaction;
};

/** The command that a method stands for: nothing handed over can make it another, or one about something else. Throws `invalid_input`. */
export function commandOf<Do extends Command["do"]>(
  desk: Desk,
  id: string,
  { does, place, given, own, previous }: Handing<Do>,
): CommandOf<Do> {
  const input = { ...readInput(named, given, place), ...own, do: does };
  const command = anyCommand(desk, id, { input, place, ...(previous && { previous }) });
  if (isCommand(command, does)) return command;
  throw new WrapupError("invalid_input", "This is another command", {
    place,
    mend: "Leave `do` out.",
  });
}

const isCommand = <Do extends Command["do"]>(
  command: Command,
  does: Do,
): command is CommandOf<Do> => command.do === does;

/** Any command from outside; times that were mended are told. Throws `invalid_input`. */
export const anyCommand = (
  desk: Desk,
  interaction: string,
  of: { readonly input: unknown; readonly place: string; readonly previous?: Interaction },
): Command =>
  readCommand(of.input, of.place, {
    ...(of.previous && { previous: of.previous }),
    repaired: (text) =>
      desk.observer.event({ event: "inputRepaired", tenant: desk.tenant, interaction, text }),
  });
