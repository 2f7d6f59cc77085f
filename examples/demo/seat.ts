import type { RecordName, Story } from "./story.ts";

/** A record somebody linked; `parents` are reached through it and need no place of their own. */
export type Linked = { readonly record: RecordName; readonly parents: readonly RecordName[] };

/** One activity that links need, as one CRM's own rules have it. */
export type Seat = {
  /** The CRM's name for this kind of activity. */
  readonly kind: string;
  /** Which record stands in which of its places. */
  readonly places: readonly { readonly as: string; readonly record: RecordName }[];
  /** The place in which the agent stands, where agents have one. */
  readonly agentAs?: string;
};

/** The activities that one leg's links need, first the one that counts the call. */
export type SeatRule = (
  links: readonly Linked[],
  of: Pick<Story, "channel" | "direction">,
) => readonly Seat[];
