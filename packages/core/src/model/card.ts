/** The fields a customer card knows; what a channel or an agent fills in (C1, C5). */
export const cardFields = [
  "name",
  "firstName",
  "middleInitial",
  "lastName",
  "company",
  "employeeCode",
  "email",
  "email2",
  "phone",
  "phone2",
  "phone3",
  "fax",
  "fax2",
  "handle",
  "address",
  "addressAlias",
  "address2",
  "address2Alias",
  "city",
  "state",
  "postalCode",
  "notes",
  "customerNumber",
] as const;

/** One field of a customer card. */
export type CardField = (typeof cardFields)[number];

/** A value and where it came from: an agent's edit is never overwritten by the channel (C1). */
export type CardValue = {
  readonly value: string;
  readonly from: "channel" | "agent" | "crm";
  readonly at: number;
};

/** What is known of the customer in this interaction. */
export type Card = { readonly fields: Readonly<Partial<Record<CardField, CardValue>>> };

/** What an app hands over about a customer: plain values by field. */
export type CustomerInput = Readonly<Partial<Record<CardField, string>>>;
