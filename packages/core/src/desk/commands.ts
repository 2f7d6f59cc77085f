import { hash } from "node:crypto";
import { z } from "zod";
import type { Connection } from "../gate/connection.ts";
import { decide } from "../lifecycle/decide.ts";
import type { Command } from "../model/command.ts";
import { readInput } from "../model/door.ts";
import type { Interaction } from "../model/interaction.ts";
import { shown } from "../model/shown.ts";
import { WrapupError } from "../errors.ts";
import type { Applied, InteractionKey } from "../store/contract.ts";
import type { Desk } from "./desk.ts";

/**
 * Records one command: state, history, woken lanes and deadline in one transaction (W1). `fit` may complete it by the interaction as it stands.
 * A repeated event id changes nothing; with other content the first stands and a warning is told (L6).
 */
export async function record<Told extends Command>(
  desk: Desk,
  id: string,
  command: Told,
  fit: (told: Told, now: Interaction | undefined) => Command = (told) => told,
): Promise<Applied> {
  desk.ensureOpen();
  const key: InteractionKey = { tenant: desk.tenant, interaction: id };
  const { eventId } = command;
  const event = eventId === undefined ? undefined : { id: eventId, content: contentOf(command) };
  const settings = await desk.lifecycle();
  const applied = await desk.store.transact(key, event, (now, at) =>
    decide(now, fit(command, now), { key, settings, at }),
  );
  if (applied.repeated === "different" && eventId !== undefined)
    desk.observer.event({
      event: "repeatedWithOtherContent",
      tenant: desk.tenant,
      interaction: id,
      eventId,
    });
  return applied;
}

/**
 * What two deliveries of one event must agree on, as a digest: a store keeps it after the interaction was deleted, so it holds nothing
 * of the customer (O4). Of an earlier interaction only its id counts: the rest may have changed meanwhile.
 */
function contentOf(command: Command): string {
  const text = JSON.stringify(comparable(command), (_key, value: unknown) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
  return hash("sha256", text);
}

function comparable(command: Command): object {
  const { eventId: _id, ...content } = command;
  if (content.do === "join") return { ...content, previous: content.previous.id };
  if (content.do !== "start") return content;
  const { previous, previousId = previous?.id, ...rest } = content;
  return previousId === undefined ? rest : { ...rest, previous: previousId };
}

/** The interaction as it stands; `unknown_interaction` when there is none. */
export async function need(desk: Desk, id: string): Promise<Interaction> {
  desk.ensureOpen();
  const found = await desk.store.read({ tenant: desk.tenant, interaction: id });
  if (found !== undefined) return found.interaction;
  throw unknownInteraction(id);
}

/** Any text may be asked for: what is not configured is `unknown_connection`, whatever it looks like (K7). */
export async function needConnection(
  desk: Desk,
  name: unknown,
  method: string,
): Promise<Connection> {
  desk.ensureOpen();
  const connection = readInput(z.string(), name, `${method}: connection`);
  return desk.connections.need({ tenant: desk.tenant, connection }, placeOf(method, connection));
}

/** Where a method was called, with what it was called for. */
export const placeOf = (method: string, ...names: readonly string[]): string =>
  `${method}(${names.map((name) => `"${shown(name)}"`).join(", ")})`;

export const unknownInteraction = (id: string): WrapupError =>
  new WrapupError("unknown_interaction", `There is no interaction "${shown(id)}"`, {
    place: "interactions.get",
    mend: "Start it with interactions.start({ id, channel, direction }).",
  });
