import type { EmulatorControl, Fault } from "@wrapup/dynamics/emulator";
import type { BadMoment } from "../crm.ts";
import { minute } from "../story.ts";

type Mood = {
  readonly at: number;
  readonly says: string;
  readonly faults: readonly Fault[];
  readonly signsOut?: true;
};

const batch = "/$batch";

/** How Dynamics 365 behaves in this half hour, beside the killed worker. */
const moods: readonly Mood[] = [
  {
    at: 2.5 * minute,
    says: "says that there were too many requests",
    faults: [
      {
        kind: "status",
        status: 429,
        code: "0x80072322",
        message: "Number of requests exceeded the limit of 6000 over time window of 300 seconds.",
        headers: { "Retry-After": "5" },
        times: 2,
      },
    ],
  },
  {
    at: 4.5 * minute,
    says: "loses its replies",
    faults: [{ kind: "replyLost", path: batch, times: 3 }],
  },
  {
    at: 7 * minute,
    says: "has deadlocks",
    faults: [{ kind: "lock", operationEvery: 2, times: 3 }],
  },
  { at: 9 * minute, says: "is not available", faults: [{ kind: "status", status: 503, times: 3 }] },
  { at: 11 * minute, says: "takes back every access token", faults: [], signsOut: true },
  {
    at: 12.5 * minute,
    says: "runs out of time for some writes of a batch",
    faults: [
      {
        kind: "partial",
        path: batch,
        status: 500,
        code: "0x80044151",
        message: "SQL timeout expired.",
        operationEvery: 3,
        times: 2,
      },
    ],
  },
  {
    at: 15.5 * minute,
    says: "breaks connections off",
    faults: [
      { kind: "reset", times: 2 },
      { kind: "replyLost", path: batch, times: 1 },
    ],
  },
  {
    at: 17.5 * minute,
    says: "sends half answers",
    faults: [{ kind: "brokenBody", path: batch, times: 2 }],
  },
  {
    at: 19.5 * minute,
    says: "hides behind a gateway's page",
    faults: [{ kind: "html", times: 2 }],
  },
  {
    at: 21.5 * minute,
    says: "has too many requests at once",
    faults: [
      {
        kind: "status",
        status: 429,
        code: "0x80072326",
        message: "Number of concurrent requests exceeded the limit of 52.",
        headers: { "Retry-After": "3" },
        times: 2,
      },
    ],
  },
  { at: 23 * minute, says: "loses its replies again", faults: [{ kind: "replyLost", times: 2 }] },
];

/** The same, ready to begin. */
export const badMomentsOf = (control: EmulatorControl): readonly BadMoment[] =>
  moods.map(({ at, says, faults, signsOut }) => ({
    at,
    says,
    begin: async () => {
      for (const fault of faults) await control.fault(fault);
      if (signsOut === true) await control.expireTokens();
    },
  }));
