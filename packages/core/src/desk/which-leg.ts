import { hash } from "node:crypto";
import type { CommandOf } from "../lifecycle/turn.ts";
import type { Interaction } from "../model/interaction.ts";
import { type Leg, writesActivity } from "../model/leg.ts";
import { shown } from "../model/shown.ts";
import { WrapupError } from "../errors.ts";
import { placeOf, record } from "./commands.ts";
import type { Desk } from "./desk.ts";

/** The first free number: what an app did not name is counted. */
export function freeId(taken: readonly { readonly id: string }[]): string {
  const ids = new Set(taken.map(({ id }) => id));
  let n = ids.size + 1;
  while (ids.has(String(n))) n += 1;
  return String(n);
}

/** Who named the leg: the app; nobody but its event; nobody at all. */
type Naming = "given" | "event" | "free";

/** What a leg is called that the app did not name: after its event, because a repeat must find the leg it made. */
const longestId = 255;
export function nameOf({ leg, eventId }: Readonly<Record<string, unknown>>): {
  readonly naming: Naming;
  readonly leg?: string;
} {
  if (leg !== undefined) return { naming: "given" };
  if (typeof eventId !== "string") return { naming: "free", leg: "unnamed" };
  const id = `event:${eventId}`;
  return {
    naming: "event",
    leg: id.length <= longestId ? id : `event:${hash("sha256", eventId)}`,
  };
}

/** Opens a leg, or gives the one that its agent holds open where the app named none; answers which. */
export async function openLeg(
  desk: Desk,
  interaction: string,
  command: CommandOf<"accept" | "dial">,
  naming: Naming,
): Promise<string> {
  let leg = command.leg;
  const applied = await record(desk, interaction, command, (told, now) => {
    if (naming === "given") return told;
    const legs = now?.legs ?? [];
    const fresh = naming === "event" ? told.leg : freeId(legs);
    leg = heldBy(legs, told)?.id ?? fresh;
    return { ...told, leg };
  });
  if (applied.repeated === "no") return leg;
  const before = legOfRepeat(applied.interaction.legs, command, naming);
  if (before !== undefined) return before.id;
  if (applied.repeated === "same") return leg;
  throw new WrapupError("unknown_leg", "This event opened another leg before, so none was opened", {
    place: `${placeOf("interaction", interaction)}.${command.do}`,
    mend: "Give every event an id of its own, and a repeat the content it had.",
  });
}

/** The leg that this agent holds open. After its talk has ended it is still that one, unless the command happened later (L9). */
function heldBy(
  legs: readonly Leg[],
  { agent, at, ...command }: CommandOf<"accept" | "dial">,
): Leg | undefined {
  const writes = writesActivity({ role: ("role" in command && command.role) || "agent" });
  return legs.find(
    (leg) =>
      leg.state !== "closed" &&
      leg.agent?.id === agent.id &&
      writesActivity(leg) === writes &&
      (at === undefined || leg.talkEndedAt === undefined || at <= leg.talkEndedAt),
  );
}

/** Where an event had led when it was told first: to the leg named after it, else to one that its agent had, most likely the last. */
function legOfRepeat(
  legs: readonly Leg[],
  command: CommandOf<"accept" | "dial">,
  naming: Naming,
): Leg | undefined {
  const named = legs.find(({ id }) => id === command.leg);
  if (named !== undefined || naming === "given") return named;
  return heldBy(legs, command) ?? legs.findLast(({ agent }) => agent?.id === command.agent.id);
}

/** The leg that a command without one means: the only open one. Of a deleted interaction any will do, since none is looked at (N5). */
export function onlyLeg({ legs, deleted }: Interaction, what: string, place: string): string {
  const open = legs.filter((leg) => leg.state !== "closed");
  const [leg] = open;
  if (leg !== undefined && (open.length === 1 || deleted !== undefined)) return leg.id;
  if (deleted !== undefined) return legs[0]?.id ?? "1";
  throw new WrapupError(
    leg === undefined ? "leg_closed" : "ambiguous_leg",
    leg === undefined
      ? "No leg is open"
      : `${open.length} legs are open, and "${what}" alone says nothing`,
    {
      place,
      mend:
        leg === undefined
          ? "Accept it first."
          : `Call it on the leg that accept() gave, or on leg(id): ${open.map(({ id }) => shown(id)).join(", ")}.`,
    },
  );
}
