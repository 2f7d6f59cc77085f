import type { Agent } from "../model/agent.ts";
import type { CustomerInput } from "../model/card.ts";
import type { Command } from "../model/command.ts";
import type { Interaction, InteractionLog, InteractionStatus } from "../model/interaction.ts";
import type { LegRole } from "../model/leg.ts";
import type { Fields, RecordRef } from "../model/record.ts";
import { readCommand } from "../model/door.ts";
import { WrapupError } from "../errors.ts";
import type { Connection } from "../gate/connection.ts";
import type { Applied } from "../store/contract.ts";
import { cardOf, type CardView } from "./card-view.ts";
import { need, record } from "./commands.ts";
import type { Desk } from "./desk.ts";
import { openDraft, type RecordDraft } from "./draft.ts";
import { explain, type Explanation } from "./explain.ts";
import { type Linkable, linkOf } from "./linkable.ts";
import { LegHandle, type TalkEnd, type When, type WrapUpEnd } from "./leg-handle.ts";
import { previewOf, type PreviewView } from "./preview-view.ts";
import { type Find, type Match, search } from "./search.ts";

/** A note somebody writes about the interaction (N2). */
export type NoteInput = When & {
  readonly text: string;
  /** `internal` (default) is never shown to the customer. */
  readonly audience?: "internal" | "inbound" | "outbound";
  /** Makes writing it twice write it once. */
  readonly id?: string;
};

/** One interaction. Every call is recorded durably before it resolves. Throws `WrapupError`, with a code and how to mend it. */
export class InteractionHandle {
  readonly id: string;
  readonly #desk: Desk;

  constructor(desk: Desk, id: string) {
    this.id = id;
    this.#desk = desk;
  }

  /** An agent takes it: a new leg. Accepting again while holding an open leg gives that leg. */
  accept(
    of: When & {
      readonly agent: Agent;
      readonly leg?: string;
      readonly role?: LegRole;
      readonly queue?: string;
      readonly offer?: string;
    },
  ): Promise<LegHandle> {
    return this.#open("accept", of);
  }

  /** An agent dials out: the leg starts at dialling (L5). */
  dial(
    of: When & { readonly agent: Agent; readonly leg?: string; readonly queue?: string },
  ): Promise<LegHandle> {
    return this.#open("dial", of);
  }

  /** A leg by its id, for events that name it. */
  leg(id: string): LegHandle {
    return new LegHandle(id, async (command) => void (await this.apply(command)));
  }

  /** It rings at an agent, or is assigned and not yet accepted. */
  async offer(
    of: When & { readonly offer: string; readonly agent?: Agent; readonly queue?: string },
  ): Promise<void> {
    await this.apply({ do: "offer", ...of });
  }

  /** The offer ended without a leg: nothing is written for it (L5). */
  async endOffer(
    of: When & {
      readonly offer: string;
      readonly outcome: "missed" | "rejected" | "timedOut" | "rescinded";
    },
  ): Promise<void> {
    await this.apply({ do: "endOffer", ...of });
  }

  /** The customer gave up before, or between, agents. */
  async abandon(when: When = {}): Promise<void> {
    await this.apply({ do: "abandon", ...when });
  }

  /** A digital message came or went. It never makes the interaction due (L2); what the channel says about the customer fills the card (C1). */
  async message(
    of: When & { readonly from: "customer" | "agent"; readonly customer?: CustomerInput },
  ): Promise<void> {
    await this.apply({ do: "message", ...of });
  }

  async setStatus(status: InteractionStatus, when: When = {}): Promise<void> {
    await this.apply({ do: "setStatus", status, ...when });
  }

  /** This interaction belongs to that record (K1). A record found by a search brings its name, and what it hangs under. */
  async link(record: Linkable, when: When = {}): Promise<void> {
    const { settings } = await this.#needConnection("ref" in record ? record.ref : record, "link");
    await this.apply({ ...linkOf(record, settings.searchOrder), ...when });
  }

  /** Takes a link away: before it is due without a trace, afterwards the CRM is brought to the wanted state (K5). */
  async unlink(record: RecordRef, when: When = {}): Promise<void> {
    await this.#needConnection(record, "unlink");
    await this.apply({ do: "unlink", record: linkOf(record, []).record, ...when });
  }

  /** Writes a note. An internal one (the default) reaches a CRM only where the mapping names `notes.internal` (N2). */
  async note(note: NoteInput): Promise<void> {
    const { text, audience = "internal", id, ...when } = note;
    await this.#apply((now) => ({
      do: "note",
      note: { id: id ?? `${(now?.notes.length ?? 0) + 1}`, text, audience },
      ...when,
    }));
  }

  /** Facts of the whole interaction, late ones included (L8). */
  async learn(facts: Fields, when: When = {}): Promise<void> {
    await this.apply({ do: "learn", facts, ...when });
  }

  /** What an agent edits: the customer's values, or the log (topic, date, follow-up, overrides). */
  async edit(
    of: When & { readonly customer?: CustomerInput; readonly log?: InteractionLog },
  ): Promise<void> {
    await this.apply({ do: "edit", ...of });
  }

  /** The platform gave a transferred contact a new id, learnt late: links, card and parent key carry over (L10). */
  async join(previousId: string, when: When = {}): Promise<void> {
    const previous = await need(this.#desk, previousId);
    const command = readCommand({ do: "join", ...when }, "join", { previous });
    await record(this.#desk, this.id, command);
  }

  /** Deletes it in any state, with what waits; what was written is retracted or kept (N5). */
  async delete(of: When & { readonly written: "retract" | "keep" }): Promise<void> {
    await this.apply({ do: "delete", ...of });
  }

  hold(when: When = {}): Promise<void> {
    return this.#only("hold", (leg) => leg.hold(when));
  }

  resume(when: When = {}): Promise<void> {
    return this.#only("resume", (leg) => leg.resume(when));
  }

  /** Works while exactly one leg is open; in a conference use the leg's own handle (L10). */
  endTalk(end: TalkEnd = {}): Promise<void> {
    return this.#only("endTalk", (leg) => leg.endTalk(end));
  }

  completeWrapUp(end: WrapUpEnd = {}): Promise<void> {
    return this.#only("completeWrapUp", (leg) => leg.completeWrapUp(end));
  }

  transfer(to: Parameters<LegHandle["transfer"]>[0] = {}): Promise<void> {
    return this.#only("transfer", (leg) => leg.transfer(to));
  }

  unassign(when: When = {}): Promise<void> {
    return this.#only("unassign", (leg) => leg.unassign(when));
  }

  /** The customer card: who is it, which records, which links in which state (C1, K6). */
  card(): Promise<CardView> {
    return cardOf(this.#desk, this.id);
  }

  /** Searches one CRM: none, one or many (R1). */
  find(connection: string, query: Find): Promise<Match> {
    return search(this.#desk, connection, query);
  }

  /** A form for a new record, prefilled; nothing exists until it is saved (R3). Give an earlier draft's id to save it again after a crash. */
  async draft(
    connection: string,
    type: string,
    of: { readonly id?: string; readonly by?: string } = {},
  ): Promise<RecordDraft> {
    return openDraft(this.#desk, await this.read(), { connection, type, ...of });
  }

  /** What would be written if every agent were done now. Advisory (W9). */
  preview(): Promise<PreviewView> {
    return previewOf(this.#desk, this.id);
  }

  /** What happened, by which rule, and what was written where (W9). */
  explain(): Promise<Explanation> {
    return explain(this.#desk, this.id);
  }

  /** The interaction as it is stored. */
  read(): Promise<Interaction> {
    return need(this.#desk, this.id);
  }

  /** Records any command, as translators of platform events do. */
  async apply(input: unknown): Promise<Interaction> {
    return (await record(this.#desk, this.id, this.#read(input))).interaction;
  }

  /** For commands whose content depends on what is there. */
  async #apply(make: (now: Interaction | undefined) => unknown): Promise<void> {
    await record(this.#desk, this.id, (now) => this.#read(make(now)));
  }

  #read(input: unknown): Command {
    const place = `interaction("${this.id}")`;
    return readCommand(input, place, {
      repaired: (text) =>
        this.#desk.observer.event({
          event: "timeRepaired",
          tenant: this.#desk.tenant,
          interaction: this.id,
          text,
        }),
    });
  }

  async #open(
    what: "accept" | "dial",
    of: When & { readonly agent: Agent; readonly leg?: string },
  ): Promise<LegHandle> {
    const { leg, ...rest } = of;
    let id = leg;
    const make = (now: Interaction | undefined): Command => {
      const held = now?.legs.find(
        (each) => each.state !== "closed" && each.agent?.id === of.agent.id,
      );
      id = leg ?? held?.id ?? freeLegId(now);
      return this.#read({ do: what, ...rest, leg: id });
    };
    // Without an id of its own a repeated event must find the leg it made.
    const applied: Applied =
      of.eventId === undefined || leg !== undefined
        ? await record(this.#desk, this.id, make)
        : await record(
            this.#desk,
            this.id,
            this.#read({ do: what, ...rest, leg: `event:${of.eventId}`.slice(0, 255) }),
          );
    const opened =
      id ?? applied.interaction.legs.findLast((each) => each.agent?.id === of.agent.id)?.id;
    if (opened === undefined)
      throw new WrapupError("unknown_leg", "No leg was opened", {
        place: `interaction("${this.id}").${what}`,
        mend: "Look at explain() for what the event did.",
      });
    return this.leg(opened);
  }

  async #only(what: string, run: (leg: LegHandle) => Promise<void>): Promise<void> {
    const open = (await this.read()).legs.filter((leg) => leg.state !== "closed");
    const [leg] = open;
    if (leg !== undefined && open.length === 1) return run(this.leg(leg.id));
    throw new WrapupError(
      open.length === 0 ? "leg_closed" : "ambiguous_leg",
      open.length === 0
        ? "No leg is open"
        : `${open.length} legs are open, and "${what}" alone says nothing`,
      {
        place: `interaction("${this.id}").${what}`,
        mend:
          open.length === 0
            ? "Accept it first."
            : `Call it on the leg that accept() gave, or on leg(id): ${open.map((each) => each.id).join(", ")}.`,
      },
    );
  }

  #needConnection(ref: RecordRef, what: string): Promise<Connection> {
    return this.#desk.connections.need(
      { tenant: this.#desk.tenant, connection: ref.connection },
      `interaction("${this.id}").${what}`,
    );
  }
}

function freeLegId(now: Interaction | undefined): string {
  const taken = new Set(now?.legs.map((leg) => leg.id));
  let n = taken.size + 1;
  while (taken.has(String(n))) n += 1;
  return String(n);
}
