import type { Card } from "./card.ts";
import { cardText } from "./display-name.ts";
import { mailAddress } from "./door-schemas.ts";
import type { Mail, MailOrder } from "./interaction.ts";

/** Where mail reaches the customer: the card's email, a display name left out; absent where the card holds no address. */
export function customerMail(card: Card): string | undefined {
  const text = cardText(card, "email");
  if (text === undefined) return undefined;
  const bare = /<([^<>]*)>$/u.exec(text)?.[1] ?? text.replace(/^mailto:/iu, "");
  const read = mailAddress.safeParse(bare.trim());
  return read.success ? read.data : undefined;
}

/** Whether a mail told again is the one that is kept; without `to` any recipient is meant. */
export const sameMail = (kept: Mail, told: MailOrder): boolean =>
  kept.via === told.via &&
  kept.subject === told.subject &&
  kept.text === told.text &&
  kept.agent.id === told.agent.id &&
  sameList(kept.cc ?? [], told.cc ?? []) &&
  (told.to === undefined || sameList(kept.to, told.to));

const sameList = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((each, n) => each === b[n]);
