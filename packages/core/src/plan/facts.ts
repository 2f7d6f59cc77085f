import { addressOn } from "../model/address-on.ts";
import { cardText, displayName } from "../model/display-name.ts";
import type { Interaction, Note } from "../model/interaction.ts";
import { legTimes, type LegTimes } from "../model/leg-times.ts";
import { type Leg, writesActivity } from "../model/leg.ts";
import { factNames } from "../model/mapping.ts";
import type { FieldValue } from "../model/record.ts";
import type { Moment } from "./time-text.ts";

/** What one activity is about: one leg, or the interaction as a whole (L9). */
export type Subject = {
  readonly interaction: Interaction;
  /** The closed legs that feed it, by position: one for an activity per leg, none for an abandoned interaction. */
  readonly legs: readonly Leg[];
  /** The leg whose agent and disposition count: of the whole, the one that closed last (L9). */
  readonly last?: Leg;
};

/** A fact: a value, or a moment that a mapping gives its form. Facts without a value are absent. */
type Fact = FieldValue | Moment | { readonly text: string };

/** Facts by name, worked out when asked for. */
export type Facts = (name: string) => Exclude<Fact, null> | undefined;

/** Facts that count a call: only the first live slot carries them, so that reports count it once (K4). */
export const figureNames: ReadonlySet<string> = new Set([
  "talkSeconds",
  "holdSeconds",
  "wrapUpSeconds",
  "callSeconds",
  "handleSeconds",
  "disposition",
]);

/** Facts that are moments. */
export const momentNames: ReadonlySet<string> = new Set(["start", "end", "date", "followUp.date"]);

/** Facts that are whole seconds. */
export const durationNames: ReadonlySet<string> = new Set([
  "talkSeconds",
  "holdSeconds",
  "wrapUpSeconds",
  "callSeconds",
  "handleSeconds",
]);

/** One leg as the subject of an activity. */
export const ofLeg = (interaction: Interaction, leg: Leg): Subject => ({
  interaction,
  legs: [leg],
  last: leg,
});

/** The whole interaction as the subject of an activity, recomputed from every closed leg (L9). */
export function ofWhole(interaction: Interaction, closed: readonly Leg[]): Subject {
  const last = closed.reduce<Leg | undefined>(
    (latest, leg) =>
      latest === undefined || (leg.recorded.closed ?? 0) >= (latest.recorded.closed ?? 0)
        ? leg
        : latest,
    undefined,
  );
  return { interaction, legs: closed, ...(last !== undefined && { last }) };
}

/** The facts of a subject (K3). What the platform counted wins over what Wrapup computes. */
export function factsOf(subject: Subject): Facts {
  const times = subject.legs.map(legTimes);
  return (name) => {
    const value = isBuiltIn(name)
      ? readers[name](subject, times)
      : name.startsWith(taughtPrefix)
        ? taught(subject, name.slice(taughtPrefix.length))
        : undefined;
    return value === undefined || value === null || value === "" ? undefined : value;
  };
}

type Reader = (subject: Subject, times: readonly LegTimes[]) => Fact | undefined;

type BuiltIn = (typeof factNames)[number];

const builtIn: ReadonlySet<string> = new Set(factNames);
const isBuiltIn = (name: string): name is BuiltIn => builtIn.has(name);
const taughtPrefix = "facts.";

/** Whether a mapping may name it: built in, or something an app may teach. */
export const isFactName = (name: string): boolean =>
  isBuiltIn(name) || (name.startsWith(taughtPrefix) && name.length > taughtPrefix.length);

/** What the app taught: of the last leg that knows it, else of the interaction. */
function taught({ interaction, legs, last }: Subject, name: string): FieldValue | undefined {
  const known =
    last?.facts[name] ?? legs.findLast((leg) => (leg.facts[name] ?? null) !== null)?.facts[name];
  return known ?? interaction.facts[name];
}

const readers: Readonly<Record<BuiltIn, Reader>> = {
  "interaction.id": ({ interaction }) => interaction.id,
  "interaction.parentKey": ({ interaction }) => interaction.parentKey,
  "interaction.channel": ({ interaction }) => interaction.channel,
  "interaction.direction": ({ interaction }) => interaction.direction,
  "interaction.status": ({ interaction }) => interaction.status,
  "interaction.queue": ({ interaction, last }) => last?.queue ?? interaction.queue,
  "leg.id": ({ legs }) => (legs.length === 1 ? legs[0]?.id : undefined),
  "leg.closed": ({ interaction, last }) =>
    last?.closed ?? (interaction.abandoned === undefined ? undefined : "abandoned"),
  "customer.name": ({ interaction }) => interaction.log.contactName || displayName(interaction),
  "customer.address": addressUsed,
  "customer.email": ({ interaction }) => cardText(interaction.card, "email"),
  "customer.phone": ({ interaction }) =>
    interaction.log.contactPhone || cardText(interaction.card, "phone"),
  "customer.company": ({ interaction }) => cardText(interaction.card, "company"),
  "agent.id": ({ last }) => last?.agent?.id,
  "agent.name": ({ last }) => last?.agent?.name,
  "agent.email": ({ last }) => last?.agent?.email,
  start: startOf,
  end: endOf,
  date: ({ interaction, ...rest }, times) =>
    interaction.log.date === undefined
      ? endOf({ interaction, ...rest }, times)
      : { text: interaction.log.date },
  talkSeconds: (_subject, times) => sum(times, "talkSeconds"),
  holdSeconds: (_subject, times) => sum(times, "holdSeconds"),
  wrapUpSeconds: (_subject, times) => sum(times, "wrapUpSeconds"),
  // Talk and hold: what CRMs call the duration of a call.
  callSeconds: (_subject, times) => together(times, ["talkSeconds", "holdSeconds"]),
  handleSeconds: (_subject, times) =>
    together(times, ["talkSeconds", "holdSeconds", "wrapUpSeconds"]),
  disposition: ({ last }) => last?.disposition,
  // N1: an interaction has a topic or a customer; its activity is never without a title.
  subject: ({ interaction }) =>
    interaction.log.subject ||
    interaction.log.topic ||
    interaction.log.contactName ||
    displayName(interaction),
  topic: ({ interaction }) => interaction.log.topic,
  "notes.internal": (subject) => notes(subject, "internal"),
  "notes.inbound": (subject) => notes(subject, "inbound"),
  "notes.outbound": (subject) => notes(subject, "outbound"),
  "followUp.date": ({ interaction }) =>
    interaction.log.followUp === undefined ? undefined : { text: interaction.log.followUp.date },
  "followUp.owner": ({ interaction }) => interaction.log.followUp?.owner,
  recordingUrl: (subject) => taught(subject, "recordingUrl"),
  transcript: (subject) => taught(subject, "transcript"),
  summary: (subject) => taught(subject, "summary"),
  workAddress: ({ interaction }) => interaction.log.workAddress,
  contactName: ({ interaction }) => interaction.log.contactName,
  contactPhone: ({ interaction }) => interaction.log.contactPhone,
  salesContact: ({ interaction }) => interaction.log.salesContact,
  salesperson: ({ interaction }) => interaction.log.salesperson,
  leadSource: ({ interaction }) => interaction.log.leadSource,
  reference: ({ interaction }) => interaction.log.reference,
};

function addressUsed({ interaction }: Subject): string | undefined {
  const { channel, log, card } = interaction;
  const called = channel === "voice" || channel === "sms" ? log.contactPhone : undefined;
  return called || addressOn(card, channel)?.text;
}

function startOf({ interaction, legs }: Subject, times: readonly LegTimes[]): Moment | undefined {
  const starts = times.flatMap(({ start }) => start ?? []);
  if (starts.length > 0) return { at: Math.min(...starts) };
  return legs.length === 0 ? { at: interaction.startedAt } : undefined;
}

function endOf({ interaction, legs }: Subject, times: readonly LegTimes[]): Moment | undefined {
  const ends = times.flatMap(({ end }) => end ?? []);
  if (ends.length > 0) return { at: Math.max(...ends) };
  const over = interaction.endedAt ?? interaction.startedAt;
  return legs.length === 0 ? { at: over } : undefined;
}

function sum(
  times: readonly LegTimes[],
  name: "talkSeconds" | "holdSeconds" | "wrapUpSeconds",
): number | undefined {
  let total: number | undefined;
  for (const each of times) if (each[name] !== undefined) total = (total ?? 0) + each[name];
  return total;
}

function together(
  times: readonly LegTimes[],
  names: readonly ("talkSeconds" | "holdSeconds" | "wrapUpSeconds")[],
): number | undefined {
  const parts = names.flatMap((name) => sum(times, name) ?? []);
  return parts.length === 0 ? undefined : parts.reduce((total, part) => total + part, 0);
}

function notes(subject: Subject, audience: Note["audience"]): string | undefined {
  const { interaction, legs } = subject;
  const first = interaction.legs.find(writesActivity);
  const texts = interaction.notes
    .filter((note) => note.audience === audience && note.text !== "" && feeds(note, legs, first))
    .toSorted((a, b) => a.at - b.at)
    .map((note) => note.text);
  return texts.length === 0 ? undefined : texts.join("\n\n");
}

/** K2: a note feeds the legs it was stamped with; one written before any leg feeds the first to come. */
const feeds = (note: Note, legs: readonly Leg[], first: Leg | undefined): boolean =>
  note.legs === undefined
    ? first === undefined || legs.includes(first)
    : legs.some((leg) => note.legs?.includes(leg.id));
