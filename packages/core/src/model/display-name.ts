import type { Card, CardField } from "./card.ts";
import type { Link } from "./interaction.ts";

/** A field's text in one line, or nothing where it is blank: platforms send `""` and `" "` as names. */
export function cardText(card: Card, field: CardField): string | undefined {
  const text = card.fields[field]?.value.replaceAll(/[\s\p{Cc}]+/gu, " ").trim();
  return text === "" ? undefined : text;
}

/** The person's name: as one text, or put together from its parts where there is none or an agent edited the parts. */
export function nameOf(card: Card): string | undefined {
  const whole = cardText(card, "name");
  const parts = (["firstName", "middleInitial", "lastName"] as const)
    .map((field) => cardText(card, field))
    .filter((part) => part !== undefined)
    .join(" ");
  const { name, firstName, lastName } = card.fields;
  const edited =
    name?.from !== "agent" && [firstName, lastName].some((part) => part?.from === "agent");
  return parts !== "" && (whole === undefined || edited) ? parts : whole;
}

/** The person an interaction is linked to, by the name the CRM has; two different names are none. */
function linkedName(links: readonly Link[]): string | undefined {
  const lowest = Math.min(...links.map(({ personRank = Infinity }) => personRank));
  const names = new Set(
    links.flatMap(({ personRank, title }) =>
      personRank === lowest && title !== undefined ? [title] : [],
    ),
  );
  const [name] = names;
  return names.size === 1 ? name : undefined;
}

/**
 * What to call the customer: name, else the linked person's, else email, else phone, else `unknown`, the app's translation of
 * "Unknown customer" (C2).
 */
export const displayName = (
  { card, links }: { readonly card: Card; readonly links: readonly Link[] },
  unknown = "Unknown customer",
): string =>
  nameOf(card) ??
  linkedName(links) ??
  cardText(card, "email") ??
  cardText(card, "phone") ??
  unknown;
