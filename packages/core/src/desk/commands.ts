import { decide } from "../lifecycle/decide.ts";
import type { Command } from "../model/command.ts";
import type { Interaction } from "../model/interaction.ts";
import { WrapupError } from "../errors.ts";
import type { Applied, InteractionKey } from "../store/contract.ts";
import type { Desk } from "./desk.ts";

/**
 * Records one command: state, history, woken lanes and deadline in one transaction (W1). `make` may look at the interaction as it stands.
 * A repeated event id changes nothing; with other content the first stands and a warning is told (L6).
 */
export async function record(
  desk: Desk,
  id: string,
  make: Command | ((now: Interaction | undefined) => Command),
): Promise<Applied> {
  desk.ensureOpen();
  const key: InteractionKey = { tenant: desk.tenant, interaction: id };
  const command = typeof make === "function" ? undefined : make;
  const event =
    command?.eventId === undefined
      ? undefined
      : { id: command.eventId, content: contentOf(command) };
  const settings = await desk.lifecycle();
  const applied = await desk.store.transact(key, event, (now, at) =>
    decide(now, typeof make === "function" ? make(now) : make, { key, settings, at }),
  );
  if (applied.repeated === "different" && event !== undefined)
    desk.observer.event({
      event: "repeatedWithOtherContent",
      tenant: desk.tenant,
      interaction: id,
      eventId: event.id,
    });
  return applied;
}

/** What two deliveries of one event must agree on. */
function contentOf(command: Command): string {
  const { eventId: _id, ...content } = command;
  return JSON.stringify(content, (_key, value: unknown) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}

/** The interaction as it stands; `unknown_interaction` when there is none. */
export async function need(desk: Desk, id: string): Promise<Interaction> {
  desk.ensureOpen();
  const found = await desk.store.read({ tenant: desk.tenant, interaction: id });
  if (found !== undefined) return found.interaction;
  throw unknownInteraction(id);
}

export const unknownInteraction = (id: string): WrapupError =>
  new WrapupError("unknown_interaction", `There is no interaction "${id}"`, {
    place: "interactions.get",
    mend: "Start it with interactions.start({ id, channel, direction }).",
  });
