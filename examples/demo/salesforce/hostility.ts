import type { EmulatorControl, Fault } from "@wrapup/salesforce/emulator";
import type { BadMoment } from "../crm.ts";
import { minute } from "../story.ts";

type Mood = {
  readonly at: number;
  readonly says: string;
  readonly faults: readonly Fault[];
  readonly signsOut?: true;
};

const writing = { method: "POST", path: "/composite/sobjects" } as const;
const upserting = { method: "PATCH", path: "/composite/sobjects" } as const;

/** How Salesforce behaves in this half hour, beside the killed worker. */
const moods: readonly Mood[] = [
  {
    at: 2 * minute,
    says: "asks to slow down",
    faults: [
      {
        kind: "status",
        status: 429,
        errorCode: "TOO_MANY_REQUESTS",
        message: "Slow down.",
        headers: { "Retry-After": "2" },
        times: 3,
      },
    ],
  },
  {
    at: 4 * minute,
    says: "loses its replies",
    faults: [
      { kind: "replyLost", ...upserting, times: 2 },
      { kind: "replyLost", ...writing, times: 1 },
    ],
  },
  {
    at: 6.5 * minute,
    says: "has locked rows",
    faults: [{ kind: "lock", sobject: "Task", recordEvery: 2, times: 3 }],
  },
  {
    at: 8.5 * minute,
    says: "is not available",
    faults: [{ kind: "status", status: 503, times: 3 }],
  },
  { at: 10.5 * minute, says: "ends all sessions", faults: [], signsOut: true },
  {
    at: 12 * minute,
    says: "fails some records of a batch",
    faults: [
      {
        kind: "partial",
        sobject: "Task",
        errorCode: "UNKNOWN_EXCEPTION",
        recordEvery: 3,
        times: 2,
      },
    ],
  },
  {
    at: 15 * minute,
    says: "breaks connections off",
    faults: [
      { kind: "reset", times: 2 },
      { kind: "replyLost", ...upserting, times: 1 },
    ],
  },
  {
    at: 17 * minute,
    says: "sends half answers",
    faults: [{ kind: "brokenJson", ...upserting, times: 2 }],
  },
  { at: 19 * minute, says: "shows its maintenance page", faults: [{ kind: "html", times: 2 }] },
  {
    at: 21 * minute,
    says: "has too many long requests",
    faults: [
      {
        kind: "status",
        path: "/composite",
        status: 403,
        errorCode: "REQUEST_LIMIT_EXCEEDED",
        message: "ConcurrentRequests (Concurrent API Requests) Limit exceeded.",
        times: 2,
      },
    ],
  },
  { at: 22.5 * minute, says: "loses its replies again", faults: [{ kind: "replyLost", times: 2 }] },
];

/** The same, ready to begin. */
export const badMomentsOf = (control: EmulatorControl): readonly BadMoment[] =>
  moods.map(({ at, says, faults, signsOut }) => ({
    at,
    says,
    begin: async () => {
      for (const fault of faults) await control.fault(fault);
      if (signsOut === true) await control.expireSessions();
    },
  }));
