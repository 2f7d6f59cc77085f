import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";

const run = promisify(execFile);

/** The sentences that matter, by file, in order. */
const stories = {
  "link-and-sync-a-call.ts": [
    "talks to an emulator of Salesforce",
    "The caller is Mara Huber.",
    "The CRM has 0 activities. Agent a-7 is not done yet",
    "The CRM has 1 activity",
    "184 seconds, outcome Exchange",
    "Everything wanted is in the CRM.",
  ],
  "chat-that-is-transferred.ts": [
    "talks to an emulator of Salesforce",
    "Ada chats with Mara. The CRM holds no activity yet.",
    "Ada hands the chat on to Bruno. The CRM holds 1 activity, about Mara, owned by Ada.",
    "Bruno sees 1 link of Ada's, which is written",
    "Bruno is done. The CRM holds 1 activity, about Mara and her refund case, owned by Bruno.",
    "Everything wanted is in the CRM.",
  ],
  "create-a-record.ts": [
    "talks to an emulator of Salesforce",
    "Last Name Huber, First Name Mara, Email mara@customer.example",
    "The CRM knows her already, as Mara Huber",
    "A form is cancelled: the CRM has 0 cases.",
    "Save is clicked twice: the CRM has 1 case",
    "The call is linked to Contact and Case.",
    "Meanwhile the CRM has 0 activities",
    "Now it has 1.",
  ],
  "survive-a-crash.ts": [
    "talks to an emulator of Salesforce",
    "The worker acknowledged the end of the call.",
    "It was killed while its write was on the way.",
    "The CRM carried the write out all the same",
    "Opened again: ",
    "The CRM holds 1 activity. Nothing was lost, and nothing is there twice.",
  ],
  "one-call-two-crms.ts": [
    "talks to emulators of Salesforce, Dynamics 365 and Graph",
    'Mails sent: "Your exchange". Activities written: none yet.',
    "sales: written.",
    "service: paused.",
    "Dynamics is back.",
    "Salesforce has the task",
    "Dynamics has the phone call",
    "with 1 person who called, 4 minutes long.",
  ],
  "new-adapter.ts": [
    "talks to Cardbox, an invented CRM on this machine",
    'Cardbox holds "chat with Mara Huber".',
    "Everything wanted is in the CRM.",
  ],
} as const;

/** Files that a story uses, and that tell none. */
const parts = ["new-adapter-reads.ts", "new-adapter-server.ts"];

describe("every example runs by itself and says what it shows", () => {
  test.each(Object.entries(stories))("%s", { timeout: 60_000 }, async (file, sentences) => {
    const { stdout, stderr } = await run(process.execPath, [file], { cwd: import.meta.dirname });

    expect(stderr).toBe("");
    let after = 0;
    for (const sentence of sentences) {
      const at = stdout.indexOf(sentence, after);
      expect(at, `"${sentence}" in:\n${stdout}`).toBeGreaterThanOrEqual(after);
      after = at + sentence.length;
    }
    expect(stdout).not.toMatch(/[{}[\]]|undefined|NaN/u);
  });

  test("no example is left out", () => {
    const there = readdirSync(import.meta.dirname).filter((name) => /^[^.]+\.ts$/u.test(name));
    expect(there.toSorted()).toEqual([...Object.keys(stories), ...parts].toSorted());
  });
});
