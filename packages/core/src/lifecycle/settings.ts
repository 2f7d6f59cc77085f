import type { LifecycleSettings } from "../model/settings.ts";

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** What holds where an administrator decided nothing: the deadlines of L7, wrap-up for voice (L1), one activity per voice leg and per digital interaction (L9). */
export const defaultLifecycleSettings: LifecycleSettings = {
  deadlines: {
    maxTalk: 12 * hour,
    maxAfterContactWork: 15 * minute,
    maxIdle: {
      voice: day,
      chat: day,
      email: 7 * day,
      sms: day,
      messaging: day,
      social: day,
    },
    reorderWindow: 2 * minute,
  },
  expectsWrapUp: ({ channel }) => channel === "voice",
  activityPer: {
    voice: "leg",
    chat: "interaction",
    email: "interaction",
    sms: "interaction",
    messaging: "interaction",
    social: "interaction",
  },
  abandoned: "none",
  logAbandoned: [],
  logUnlinked: [],
};
