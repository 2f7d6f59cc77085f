import { z } from "zod";
import { cardFields } from "./card.ts";
import { channels } from "./channel.ts";

/** Most characters of an id: what databases index, and what CRMs keep as a key. */
const longestId = 255;
/** Most characters of a long text: a transcript fits. */
const longestText = 100_000;
/** Most characters that a person may type into one field (C4). */
const longestTyped = 2_000;
/** Most facts in one command. */
const mostFacts = 500;
/** Most characters of what an agent is known by; RFC 5321 leaves 254 for an address. */
export const longestOfAgent = { email: 254, name: longestId } as const;
/** Most recipients of one mail, `to` and `cc` together: it goes to a customer, not to a list. */
const mostRecipients = 50;
/** Longer than a year is no duration of a conversation. */
const longestDuration = 366 * 86_400;

/** Names people see: an id that holds control characters, or half a character, is refused rather than changed: two ids must never become one. */
export const id = z
  .string()
  .min(1)
  .max(longestId)
  .refine((text) => !/\p{Cc}/u.test(text) && text.isWellFormed(), { error: "id" });

/** What no database stores is mended: half characters and NUL. */
const upTo = (longest: number) => z.string().max(longest).transform(storable);
/** Long text from outside. */
export const text = upTo(longestText);
/** What a person types into one line. */
export const typed = upTo(longestTyped);

function storable(value: string): string {
  const whole = value.isWellFormed() ? value : value.toWellFormed();
  return whole.includes("\u0000") ? whole.replaceAll("\u0000", "") : whole;
}

const isoDate = z
  .string()
  .refine(
    (value) =>
      /^\d{4}-\d{2}-\d{2}(?:T[\d:.,]+(?:Z|[+-]\d{2}:?\d{2})?)?$/u.test(value) &&
      !Number.isNaN(Date.parse(value)),
    {
      error: "date",
    },
  );

export const agent = z.strictObject({
  id,
  email: upTo(longestOfAgent.email).exactOptional(),
  name: upTo(longestOfAgent.name).exactOptional(),
});

/** An address to write to: bare, without a display name. */
export const mailAddress = z.email({ error: "mailAddress" }).max(longestOfAgent.email);
const recipients = z.array(mailAddress).max(mostRecipients);
const mail = z
  .strictObject({
    id,
    via: id,
    to: recipients.min(1).exactOptional(),
    cc: recipients.exactOptional(),
    // A line end would begin another header.
    subject: z
      .string()
      .min(1)
      .max(longestId)
      .refine((line) => !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(line), { error: "mailSubject" })
      .transform(storable),
    text: z.string().min(1).max(longestText).transform(storable),
    agent,
  })
  .refine(({ to = [], cc = [] }) => to.length + cc.length <= mostRecipients, {
    error: "recipients",
  });

/** A type's name as CRMs build them: it becomes part of queries and addresses. */
export const recordType = z.string().regex(/^[A-Za-z][\w.-]{0,99}$/u, { error: "recordType" });
export const recordId = z.strictObject({ type: recordType, id });
export const recordRef = z.strictObject({ connection: id, type: recordType, id });

const cardField = z.enum(cardFields);
/** What a channel told: shortened when it is written (W8), never refused for its length. */
export const customer = z.partialRecord(cardField, text);
/** What a person typed: refused beyond the limit, never cut (C4). */
const typedCustomer = z.partialRecord(cardField, typed);

const value = (error: string) => z.union([text, z.number(), z.boolean(), z.null()], { error });
/** Columns of a record that an agent fills in (R3). */
export const recordFields = z.record(id, value("fieldValue"));
export const facts = z
  .record(id, value("fact"))
  .refine((value) => Object.keys(value).length <= mostFacts, { error: "facts" });

const seconds = z.number().max(longestDuration);
const durations = z.strictObject({
  talkSeconds: seconds.exactOptional(),
  holdSeconds: seconds.exactOptional(),
  wrapUpSeconds: seconds.exactOptional(),
});

const log = z.strictObject({
  topic: typed.exactOptional(),
  subject: typed.exactOptional(),
  date: z.union([isoDate, z.literal("")]).exactOptional(),
  followUp: z
    .strictObject({
      date: z.union([isoDate, z.literal("")]),
      owner: id.exactOptional(),
      subject: typed.exactOptional(),
    })
    .exactOptional(),
  contactName: typed.exactOptional(),
  contactPhone: typed.exactOptional(),
  workAddress: typed.exactOptional(),
  salesContact: typed.exactOptional(),
  salesperson: typed.exactOptional(),
  leadSource: typed.exactOptional(),
  reference: typed.exactOptional(),
});

const meta = {
  eventId: id.exactOptional(),
  at: z.number().exactOptional(),
  by: id.exactOptional(),
};
const ofLeg = { ...meta, leg: id };
const wrapUp = z.enum(["expected", "none"]).exactOptional();

/** `start` and `join` without `previous`: only core hands that over, after it has read it from the store. */
const start = z.strictObject({
  do: z.literal("start"),
  ...meta,
  channel: z.enum(channels),
  direction: z.enum(["inbound", "outbound", "internal"]),
  customer: customer.exactOptional(),
  queue: id.exactOptional(),
  subject: text.exactOptional(),
  per: z.enum(["leg", "interaction"]).exactOptional(),
  facts: facts.exactOptional(),
});

export const command = z.discriminatedUnion("do", [
  start,
  z.strictObject({ do: z.literal("join"), ...meta }),
  z.strictObject({
    do: z.literal("accept"),
    ...ofLeg,
    agent,
    role: z.enum(["agent", "bargeIn", "consult", "monitor", "coach"]).exactOptional(),
    queue: id.exactOptional(),
    offer: id.exactOptional(),
  }),
  z.strictObject({ do: z.literal("dial"), ...ofLeg, agent, queue: id.exactOptional() }),
  z.strictObject({
    do: z.enum(["answer", "hold", "resume", "joinCustomer", "transferFailed"]),
    ...ofLeg,
  }),
  z.strictObject({
    do: z.literal("endTalk"),
    ...ofLeg,
    agent: agent.exactOptional(),
    wrapUp,
    disposition: text.exactOptional(),
    durations: durations.exactOptional(),
  }),
  z.strictObject({ do: z.literal("startWrapUp"), ...ofLeg, agent: agent.exactOptional() }),
  z.strictObject({
    do: z.literal("completeWrapUp"),
    ...ofLeg,
    agent: agent.exactOptional(),
    disposition: text.exactOptional(),
    dispositionBy: z.enum(["agent", "system"]).exactOptional(),
    reason: z.enum(["completed", "wrapUpTimer", "statusChange"]).exactOptional(),
    durations: durations.exactOptional(),
  }),
  z.strictObject({
    do: z.literal("transfer"),
    ...ofLeg,
    agent: agent.exactOptional(),
    to: z.union([agent, z.strictObject({ queue: id })]).exactOptional(),
    wrapUp,
    disposition: text.exactOptional(),
  }),
  z.strictObject({
    do: z.literal("unassign"),
    ...ofLeg,
    agent: agent.exactOptional(),
    disposition: text.exactOptional(),
  }),
  z.strictObject({
    do: z.literal("offer"),
    ...meta,
    offer: id,
    agent: agent.exactOptional(),
    queue: id.exactOptional(),
  }),
  z.strictObject({
    do: z.literal("endOffer"),
    ...meta,
    offer: id,
    outcome: z.enum(["missed", "rejected", "timedOut", "rescinded"]),
  }),
  z.strictObject({ do: z.enum(["abandon", "tick"]), ...meta }),
  z.strictObject({
    do: z.literal("message"),
    ...meta,
    from: z.enum(["customer", "agent"]),
    customer: customer.exactOptional(),
  }),
  z.strictObject({
    do: z.literal("setStatus"),
    ...meta,
    status: z.enum(["new", "open", "pending", "escalated", "resolved", "closed"]),
  }),
  z.strictObject({
    do: z.literal("link"),
    ...meta,
    record: recordRef,
    parents: z.array(recordId).max(50).exactOptional(),
    title: text.exactOptional(),
    personRank: z.number().int().min(0).max(1_000).exactOptional(),
  }),
  z.strictObject({ do: z.literal("unlink"), ...meta, record: recordRef }),
  z.strictObject({ do: z.literal("relink"), ...meta, from: recordRef, to: recordRef }),
  z.strictObject({
    do: z.literal("note"),
    ...meta,
    note: z.strictObject({ id, text, audience: z.enum(["internal", "inbound", "outbound"]) }),
  }),
  z.strictObject({ do: z.literal("email"), ...meta, mail }),
  z.strictObject({
    do: z.literal("learn"),
    ...meta,
    leg: id.exactOptional(),
    facts,
    disposition: text.exactOptional(),
    durations: durations.exactOptional(),
  }),
  z.strictObject({
    do: z.literal("edit"),
    ...meta,
    customer: typedCustomer.exactOptional(),
    log: log.exactOptional(),
  }),
  z.strictObject({
    do: z.literal("draft"),
    ...meta,
    draft: z.strictObject({
      id,
      connection: id,
      type: recordType,
      state: z.enum(["open", "saving", "created", "uncertain"]),
      record: recordRef.exactOptional(),
    }),
  }),
  z.strictObject({ do: z.literal("delete"), ...meta, written: z.enum(["retract", "keep"]) }),
]);
