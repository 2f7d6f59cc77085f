/** Every channel that Wrapup knows. Only `voice` has after-contact work that decides when it is due (L1, L2). */
export const channels = ["voice", "chat", "email", "sms", "messaging", "social"] as const;

/** How the customer and the agent talk. */
export type Channel = (typeof channels)[number];

/** Who began it, seen from the contact center. */
export type Direction = "inbound" | "outbound" | "internal";

/** Whether one CRM activity is written per leg or one per interaction that grows (L9). */
export type ActivityPer = "leg" | "interaction";
