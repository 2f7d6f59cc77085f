import type { Agent } from "../model/agent.ts";
import type { CustomerInput } from "../model/card.ts";
import type { Command } from "../model/command.ts";
import { readId, readInput } from "../model/door.ts";
import type { Interaction, InteractionLog, InteractionStatus } from "../model/interaction.ts";
import type { LegRole } from "../model/leg.ts";
import type { Fields, RecordRef } from "../model/record.ts";
import { shown } from "../model/shown.ts";
import { cardOf, type CardView } from "./card-view.ts";
import { anyCommand, commandOf } from "./command-of.ts";
import { need, needConnection, placeOf, record } from "./commands.ts";
import type { Desk } from "./desk.ts";
import type { RecordDraft } from "./draft.ts";
import { email } from "./email.ts";
import type { EmailInput } from "./email-input.ts";
import { explain, type Explanation } from "./explain.ts";
import * as handed from "./handed.ts";
import { LegHandle, type TalkEnd, type When, type WrapUpEnd } from "./leg-handle.ts";
import { linkedIn, type Linkable, linkOf, readLinkable } from "./linkable.ts";
import type { MailView } from "./mail-states.ts";
import { note, type NoteInput } from "./note.ts";
import { openDraft } from "./open-draft.ts";
import { previewOf, type PreviewView } from "./preview-view.ts";
import { type Find, type Match, search } from "./search.ts";
import { nameOf, onlyLeg, openLeg } from "./which-leg.ts";

/** One interaction. Every call is recorded durably before it resolves. Throws `WrapupError`, with a code and how to mend it. */
export class InteractionHandle {
  readonly id: string;
  readonly #desk: Desk;

  constructor(desk: Desk, id: string) {
    this.id = id;
    this.#desk = desk;
  }

  /** An agent takes it: a new leg. Who holds an open one gets that, whether app or platform tells again, unless the command names another or happened (`at`) after its talk (L6, L9). */
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
    const leg = readId(id, this.#place("leg"));
    const of = { interaction: this.id, leg, place: this.#place(`leg("${shown(leg)}").email`) };
    return new LegHandle(leg, {
      tell: (does, given, own) => this.#tell(does, given, own),
      email: (given) => email(this.#desk, of, given),
    });
  }

  /** It rings at an agent, or is assigned and not yet accepted. */
  async offer(
    of: When & { readonly offer: string; readonly agent?: Agent; readonly queue?: string },
  ): Promise<void> {
    await this.#tell("offer", of);
  }

  /** The offer ended without a leg: nothing is written for it (L5). */
  async endOffer(
    of: When & {
      readonly offer: string;
      readonly outcome: "missed" | "rejected" | "timedOut" | "rescinded";
    },
  ): Promise<void> {
    await this.#tell("endOffer", of);
  }

  /** The customer gave up before, or between, agents. */
  async abandon(when: When = {}): Promise<void> {
    await this.#tell("abandon", when);
  }

  /** A digital message came or went. It never makes the interaction due (L2); what the channel says about the customer fills the card (C1). */
  async message(
    of: When & { readonly from: "customer" | "agent"; readonly customer?: CustomerInput },
  ): Promise<void> {
    await this.#tell("message", of);
  }

  /** The conversation's own state. Closing a digital one that is still assigned closes its legs too (L2). */
  async setStatus(status: InteractionStatus, when: When = {}): Promise<void> {
    await this.#tell("setStatus", when, { status });
  }

  /** This interaction belongs to that record (K1). A record found by a search brings its name, and what it hangs under. */
  async link(record: Linkable, when: When = {}): Promise<void> {
    const place = this.#place("link");
    const linkable = readLinkable(record, place);
    const given = readInput(handed.when, when, place);
    const { connection } = "ref" in linkable ? linkable.ref : linkable;
    const { settings } = linkedIn(await needConnection(this.#desk, connection, place), place);
    await this.#tell("link", given, linkOf(linkable, settings.searchOrder));
  }

  /** Takes a link away: before it is due without a trace, afterwards the CRM is brought to the wanted state (K5). */
  async unlink(record: RecordRef, when: When = {}): Promise<void> {
    const place = this.#place("unlink");
    const ref = readInput(handed.ref, record, place);
    await needConnection(this.#desk, ref.connection, place);
    await this.#tell("unlink", when, { record: ref });
  }

  /** Writes a note. An internal one (the default) reaches a CRM only where the mapping names `notes.internal` (N2). */
  note(of: NoteInput): Promise<void> {
    return note(this.#desk, { interaction: this.id, place: this.#place("note") }, of);
  }

  /**
   * Sends the customer an email at once, from the agent's own mailbox (L3, C5). It is recorded durably and sent by the worker, never
   * twice: the answer tells how far it is, `card()` tells it later. Throws `not_supported` where `via` sends no mail, `no_mailbox`
   * where the agent has none there (N3), `invalid_input`.
   */
  email(of: EmailInput): Promise<MailView> {
    return email(this.#desk, { interaction: this.id, place: this.#place("email") }, of);
  }

  /** Facts of the whole interaction, late ones included (L8). */
  async learn(facts: Fields, when: When = {}): Promise<void> {
    await this.#tell("learn", readInput(handed.when, when, this.#place("learn")), { facts });
  }

  /** What an agent edits: the customer's values, or the log (topic, date, follow-up, overrides). */
  async edit(
    of: When & { readonly customer?: CustomerInput; readonly log?: InteractionLog },
  ): Promise<void> {
    await this.#tell("edit", of);
  }

  /** The platform gave a transferred contact a new id, learnt late: links, card and parent key carry over (L10). */
  async join(previousId: string, when: When = {}): Promise<void> {
    const place = this.#place("join");
    const previous = await need(this.#desk, readId(previousId, `${place}: previousId`));
    const command = commandOf(this.#desk, this.id, { does: "join", place, given: when, previous });
    await record(this.#desk, this.id, command);
  }

  /** Deletes it in any state, with what waits; what was written is retracted or kept (N5). */
  async delete(of: When & { readonly written: "retract" | "keep" }): Promise<void> {
    await this.#tell("delete", of);
  }

  /** The customer is put on hold. Works while exactly one leg is open (L10). */
  hold(when: When = {}): Promise<void> {
    return this.#only("hold", (leg) => leg.hold(when));
  }

  /** The hold is over. Works while exactly one leg is open (L10). */
  resume(when: When = {}): Promise<void> {
    return this.#only("resume", (leg) => leg.resume(when));
  }

  /** Works while exactly one leg is open; in a conference use the leg's own handle (L10). */
  endTalk(end: TalkEnd = {}): Promise<void> {
    return this.#only("endTalk", (leg) => leg.endTalk(end));
  }

  /** After-contact work has ended: the leg closes and is due (L1). Works while exactly one leg is open (L10). */
  completeWrapUp(end: WrapUpEnd = {}): Promise<void> {
    return this.#only("completeWrapUp", (leg) => leg.completeWrapUp(end));
  }

  /** Handed on: a digital leg closes; a voice leg's talk ends and its wrap-up runs (L2, L4). Works while exactly one leg is open (L10). */
  transfer(to: Parameters<LegHandle["transfer"]>[0] = {}): Promise<void> {
    return this.#only("transfer", (leg) => leg.transfer(to));
  }

  /** Taken off the agent: a digital leg closes (L2). Works while exactly one leg is open (L10). */
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
    return openDraft(this.#desk, await this.read(), connection, type, of);
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
    const command = anyCommand(this.#desk, this.id, { input, place: this.#place("apply") });
    return (await record(this.#desk, this.id, command)).interaction;
  }

  async #tell(
    does: Command["do"],
    given: unknown,
    own: Readonly<Record<string, unknown>> = {},
  ): Promise<void> {
    const command = commandOf(this.#desk, this.id, { does, place: this.#place(does), given, own });
    await record(this.#desk, this.id, command);
  }

  async #open(does: "accept" | "dial", of: unknown): Promise<LegHandle> {
    const place = this.#place(does);
    const given = readInput(handed.named, of, place);
    const { naming, ...own } = nameOf(given);
    const command = commandOf(this.#desk, this.id, { does, place, given, own });
    return this.leg(await openLeg(this.#desk, this.id, command, naming));
  }

  async #only(what: string, run: (leg: LegHandle) => Promise<void>): Promise<void> {
    return run(this.leg(onlyLeg(await this.read(), what, this.#place(what))));
  }

  #place(method: string): string {
    return `${placeOf("interaction", this.id)}.${method}`;
  }
}
