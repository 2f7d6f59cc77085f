import type { CustomerInput } from "../model/card.ts";
import type { ActivityPer, Channel, Direction } from "../model/channel.ts";
import type { Fields } from "../model/record.ts";
import { readCommand } from "../model/door.ts";
import { need, record } from "./commands.ts";
import type { Desk } from "./desk.ts";
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
  /** The id it had before a transfer gave it a new one (L10). */
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
    const { id, previousId, direction = "inbound", ...rest } = input;
    const handle = new InteractionHandle(this.#desk, id);
    const previous = previousId === undefined ? undefined : await need(this.#desk, previousId);
    const command = readCommand({ do: "start", direction, ...rest }, "interactions.start", {
      ...(previous !== undefined && { previous }),
      id,
      repaired: (text) =>
        this.#desk.observer.event({
          event: "timeRepaired",
          tenant: this.#desk.tenant,
          interaction: id,
          text,
        }),
    });
    await record(this.#desk, id, command);
    return handle;
  }

  /** An interaction that was started before. Throws `unknown_interaction`. */
  async get(id: string): Promise<InteractionHandle> {
    await need(this.#desk, id);
    return new InteractionHandle(this.#desk, id);
  }
}
