import type { CustomerInput } from "../model/card.ts";
import type { ActivityPer, Channel, Direction } from "../model/channel.ts";
import type { Interaction } from "../model/interaction.ts";
import type { Fields } from "../model/record.ts";
import { readId, readInput } from "../model/door.ts";
import { commandOf } from "./command-of.ts";
import { need, record } from "./commands.ts";
import type { Desk } from "./desk.ts";
import * as handed from "./handed.ts";
import { InteractionHandle } from "./interaction-handle.ts";
import type { When } from "./leg-handle.ts";

/** What begins an interaction. */
export type StartInput = When & {
  /** The platform's id of the conversation. */
  readonly id: string;
  readonly channel: Channel;
  /** `inbound` by default. */
  readonly direction?: Direction;
  /** What the channel knows of the person. */
  readonly customer?: CustomerInput;
  readonly queue?: string;
  readonly subject?: string;
  /** One activity per leg or per interaction; the channel's setting by default (L9). */
  readonly per?: ActivityPer;
  readonly facts?: Fields;
  /**
   * The id it had before a transfer gave it a new one (L10). Where no interaction of that id has begun yet, this one begins and keeps
   * the id; call `join(previousId)`, or `start` again under another event id, once that one has begun.
   */
  readonly previousId?: string;
};

/** The interactions of one tenant. */
export class Interactions {
  readonly #desk: Desk;

  constructor(desk: Desk) {
    this.#desk = desk;
  }

  /** Begins an interaction, or gives the one that is there: starting twice is one interaction. Throws `invalid_input`, `interaction_deleted`. */
  async start(input: StartInput): Promise<InteractionHandle> {
    const place = "interactions.start";
    const { id, previousId, ...rest } = readInput(handed.start, input, place);
    const previous = await this.#earlier(previousId);
    const command = commandOf(this.#desk, id, {
      does: "start",
      place,
      given: { direction: "inbound", ...rest },
      ...(previous !== undefined && { previous }),
    });
    const unseen = previousId !== undefined && previous === undefined;
    await record(this.#desk, id, unseen ? { ...command, previousId } : command);
    return new InteractionHandle(this.#desk, id);
  }

  /** An interaction that was started before. Throws `invalid_input`, `unknown_interaction`. */
  async get(id: string): Promise<InteractionHandle> {
    const known = readId(id, "interactions.get");
    await need(this.#desk, known);
    return new InteractionHandle(this.#desk, known);
  }

  /** Platforms tell of contacts in any order (L6): what it continues may come later. */
  async #earlier(id: string | undefined): Promise<Interaction | undefined> {
    this.#desk.ensureOpen();
    if (id === undefined) return undefined;
    return (await this.#desk.store.read({ tenant: this.#desk.tenant, interaction: id }))
      ?.interaction;
  }
}
