import { tellable } from "../adapter/crm-error.ts";
import { addressUsed, normalEmail, normalPhone } from "../card/address.ts";
import { displayName } from "../model/display-name.ts";
import type { Card } from "../model/card.ts";
import type { Connection } from "../gate/connection.ts";
import type { DraftState, InteractionLog, Note } from "../model/interaction.ts";
import type { Desk } from "./desk.ts";
import { readLanes } from "./lanes.ts";
import { type LinkView, linkViews } from "./link-states.ts";
import { type MailView, mailViews } from "./mail-states.ts";
import { type Find, type FoundRecord, search } from "./search.ts";

/** What one CRM knows of the person: none, one, many, or why it could not be asked. */
export type CardMatch = {
  readonly connection: string;
  readonly is: "none" | "one" | "many" | "unavailable";
  readonly reason?: string;
};

/** The customer card of one interaction, as a screen draws it (C1). */
export type CardView = {
  readonly interaction: string;
  readonly version: number;
  /** Name, else email, else phone, else "Unknown customer" (C2). */
  readonly displayName: string;
  /** The address the customer used on this channel, normalised. */
  readonly address?: string;
  readonly fields: Card["fields"];
  readonly log: InteractionLog;
  readonly notes: readonly Note[];
  readonly links: readonly LinkView[];
  readonly drafts: readonly DraftState[];
  /** Emails that agents wrote to the customer, and how far each is (C5). */
  readonly mails: readonly MailView[];
  /** Records of this person, in every CRM that could be asked. */
  readonly records: readonly FoundRecord[];
  readonly matches: readonly CardMatch[];
  /** What agents may create, by connection. */
  readonly creatable: readonly { readonly connection: string; readonly types: readonly string[] }[];
};

/** Draws the card. A CRM that does not answer leaves only its own part out; the rest works (K7, C1). */
export async function cardOf(desk: Desk, id: string): Promise<CardView> {
  const { interaction, lanes } = await readLanes(desk, id);
  const connections = (await desk.connections.of(desk.tenant)).filter(hasRecords);
  const { card, log, notes, drafts, version, channel } = interaction;
  const asked = await Promise.all(
    connections.map((connection) => currentRecords(desk, connection, card)),
  );
  const address = addressUsed(card, channel, connections[0]?.settings.country);
  const kept = new Set(
    connections.flatMap(({ key, settings }) =>
      settings.onUnlink === "keep" ? [key.connection] : [],
    ),
  );
  const known = lanes.map((lane) => ({ ...lane, keeps: kept.has(lane.connection) }));
  const links = linkViews(interaction, known).map((link) => {
    const url = connections
      .find(({ key }) => key.connection === link.record.connection)
      ?.adapter.openUrl?.(link.record);
    return url === undefined ? link : { ...link, url };
  });
  return {
    interaction: id,
    version,
    displayName: displayName(interaction, desk.unknownCustomer),
    ...(address !== undefined && { address }),
    fields: card.fields,
    log,
    notes,
    links,
    drafts,
    mails: mailViews(interaction, lanes),
    records: asked.flatMap(({ records }) => records),
    matches: asked.map(({ match }) => match),
    creatable: connections.map(({ key, adapter, settings }) => ({
      connection: key.connection,
      types: adapter.createRecord === undefined ? [] : settings.creatable,
    })),
  };
}

/** A connection that only sends mail knows nobody. */
const hasRecords = ({ adapter, settings }: Connection): boolean =>
  settings.mapping !== undefined ||
  adapter.reads !== undefined ||
  adapter.createRecord !== undefined;

async function currentRecords(
  desk: Desk,
  connection: Connection,
  card: Card,
): Promise<{ readonly match: CardMatch; readonly records: readonly FoundRecord[] }> {
  const name = connection.key.connection;
  const tries = queriesOf(card, connection);
  if (tries.length === 0 || connection.adapter.reads === undefined)
    return { match: { connection: name, is: "none" }, records: [] };
  try {
    for (const find of tries) {
      const match = await search(desk, name, find);
      if (match.is === "one")
        return { match: { connection: name, is: "one" }, records: [match.record] };
      if (match.is === "many")
        return { match: { connection: name, is: "many" }, records: match.records };
    }
    return { match: { connection: name, is: "none" }, records: [] };
  } catch (error) {
    const reason = tellable(error);
    return { match: { connection: name, is: "unavailable", reason }, records: [] };
  }
}

/** Surest first: customer number, then the addresses, as far as they are any: a channel may tell anything. A bare name is no proof of who it is. */
function queriesOf({ fields }: Card, { settings }: Connection): readonly Find[] {
  const customerNumber = fields.customerNumber?.value.trim() ?? "";
  const phone = fields.phone?.value ?? "";
  const email = normalEmail(fields.email?.value ?? "");
  return [
    ...(settings.customerNumber !== undefined && isNumber(customerNumber)
      ? [{ customerNumber }]
      : []),
    ...(normalPhone(phone, settings.country) === undefined ? [] : [{ phone }]),
    ...(email === undefined ? [] : [{ email }]),
  ];
}

/** No customer number is longer than what CRMs index. */
const isNumber = (text: string): boolean => text !== "" && text.length <= 255;
