import { type Card, type CardValue, cardFields, type CustomerInput } from "./card.ts";

/**
 * The card with what was just learnt. What a channel or a CRM says never overwrites what an agent edited, nor is an empty value
 * news (C1); an agent may empty a field on purpose. Answers the same object where nothing changed.
 */
export function updatedCard(
  card: Card,
  input: CustomerInput | undefined,
  from: CardValue["from"],
  at: number,
): Card {
  if (input === undefined) return card;
  const fields: Partial<Record<(typeof cardFields)[number], CardValue>> = {};
  let changed = false;
  for (const field of cardFields) {
    const value = input[field];
    const old = card.fields[field];
    if (value === undefined || !isNews(old, value, from)) continue;
    fields[field] = { value, from, at };
    changed = true;
  }
  return changed ? { fields: { ...card.fields, ...fields } } : card;
}

function isNews(old: CardValue | undefined, value: string, from: CardValue["from"]): boolean {
  if (from === "agent") return old === undefined || old.value !== value || old.from !== "agent";
  return value.trim() !== "" && old?.from !== "agent" && old?.value !== value;
}

/** The card with what is missing filled from another card of the same conversation; an agent's edit there beats a channel's value here (L10). */
export function filledCard(card: Card, other: Card): Card {
  const fields: Partial<Record<(typeof cardFields)[number], CardValue>> = {};
  let changed = false;
  for (const field of cardFields) {
    const mine = card.fields[field];
    const theirs = other.fields[field];
    if (theirs === undefined) continue;
    if (mine !== undefined && !(theirs.from === "agent" && mine.from !== "agent")) continue;
    fields[field] = theirs;
    changed = true;
  }
  return changed ? { fields: { ...card.fields, ...fields } } : card;
}
