import type { Card, CardField } from "./card.ts";
import type { Channel } from "./channel.ts";
import { cardText } from "./display-name.ts";

/** Which fields can hold the customer's address on a channel, likeliest first. */
const addressFields: Readonly<Record<Channel, readonly CardField[]>> = {
  voice: ["phone"],
  sms: ["phone"],
  email: ["email"],
  chat: ["handle", "email", "phone"],
  messaging: ["handle", "phone"],
  social: ["handle"],
};

/** The customer's address on a channel as it was given, and the field that holds it. Absent where the channel told none. */
export function addressOn(
  card: Card,
  channel: Channel,
): { readonly field: CardField; readonly text: string } | undefined {
  for (const field of addressFields[channel]) {
    const text = cardText(card, field);
    if (text !== undefined) return { field, text };
  }
  return undefined;
}
