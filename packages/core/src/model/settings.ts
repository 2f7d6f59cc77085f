import type { ActivityPer, Channel } from "./channel.ts";

/** Deadlines in milliseconds (L7). */
export type Deadlines = {
  /** Since a voice leg's last event. */
  readonly maxTalk: number;
  /** From the later of talk end and wrap-up start. */
  readonly maxAfterContactWork: number;
  /** Since a digital interaction's last message or command. */
  readonly maxIdle: Readonly<Record<Channel, number>>;
  /** How long a lone wrap-up end waits for its talk end (L6). */
  readonly reorderWindow: number;
};

/** What an administrator decides about when and how interactions are written. */
export type LifecycleSettings = {
  readonly deadlines: Deadlines;
  /** Whether after-contact work is expected at talk end, where the command does not say (L1). */
  readonly expectsWrapUp: (of: { readonly channel: Channel; readonly queue?: string }) => boolean;
  /** For new interactions; each keeps the setting it began with (L9). */
  readonly activityPer: Readonly<Record<Channel, ActivityPer>>;
  /** Whether an interaction nobody accepted is written (L5). */
  readonly abandoned: "none" | "log";
  /** Connections that write interactions nobody accepted: all of them where `abandoned` is `log` (L5). */
  readonly logAbandoned: readonly string[];
  /** Connections that write interactions nobody linked (K8). */
  readonly logUnlinked: readonly string[];
};
