import { systemClock } from "@wrapup/core";
import { adapterLaws, type AdapterUnderLaw } from "@wrapup/core/testing";
import { salesforce } from "@wrapup/salesforce";
import { type EmulatorOptions, startSalesforceEmulator } from "@wrapup/salesforce/emulator";
import { describe, expect, test } from "vitest";

/** The adapter on an emulated org of its own, looked at through the emulator's control, which is not the adapter's client. */
async function open(options: EmulatorOptions = {}): Promise<AdapterUnderLaw> {
  const emulator = await startSalesforceEmulator({ trimText: false, ...options });
  const { control } = emulator;
  const { clientId, clientSecret } = emulator.credentials;
  // Somebody who is not the integration user: who edits in the probe's name.
  await control.seed([
    {
      sobject: "User",
      fields: {
        LastName: "Person",
        Username: "person@wrapup.example",
        Email: "person@wrapup.example",
        Alias: "person",
      },
    },
  ]);
  let people = 0;
  let passed = 0;
  const clock = { ...systemClock, now: () => Date.now() + passed };
  const path = "/composite/sobjects";
  return {
    adapter: salesforce({
      signIn: { clientId, clientSecret, domain: emulator.url },
      timeoutMs: 5_000,
      clock,
    }),
    probe: {
      activities: async () =>
        (await control.records("Task"))
          .filter(({ deleted }) => !deleted)
          .map(({ Id, fields }) => ({
            id: Id,
            fields: Object.fromEntries(
              Object.entries(fields).map(([name, value]) => [name, fieldValue(value)]),
            ),
            links: [
              ...(typeof fields["WhoId"] === "string"
                ? [{ type: "Contact", id: fields["WhoId"] }]
                : []),
              ...(typeof fields["WhatId"] === "string"
                ? [{ type: "Account", id: fields["WhatId"] }]
                : []),
            ],
          })),
      seedPerson: async ({ name, phone, email } = {}) => {
        people += 1;
        const fields = {
          LastName: name ?? `Person ${people}`,
          ...(phone !== undefined && { Phone: phone }),
          ...(email !== undefined && { Email: email }),
        };
        const [id] = await control.seed([{ sobject: "Contact", fields }]);
        return { type: "Contact", id: id ?? "" };
      },
      remove: (id) => control.removeRecord(id),
      edit: (id, fields) => control.editRecord(id, fields),
      writeRequests: async () =>
        (await control.calls()).filter(
          ({ method, path }) => method !== "GET" && path.includes("/composite/"),
        ).length,
      meet: async (fault) => {
        if (fault === "expired") return control.expireSessions();
        await control.fault(
          fault === "lostAfter"
            ? { kind: "replyLost", path }
            : fault === "lostBefore"
              ? { kind: "reset", path }
              : fault === "throttled"
                ? {
                    kind: "status",
                    status: 403,
                    errorCode: "REQUEST_LIMIT_EXCEEDED",
                    message: "TotalRequests Limit exceeded.",
                    path,
                  }
                : fault === "unavailable"
                  ? { kind: "status", status: 503, errorCode: "SERVER_UNAVAILABLE", path }
                  : fault === "lock"
                    ? { kind: "lock", path }
                    : { kind: "hang", ms: 3_000, path },
        );
      },
      merge: (winner, loser) => control.merge(winner, loser),
    },
    creatable: {
      type: "Case",
      fields: { Subject: "Refund" },
      count: async () => (await control.records("Case")).length,
    },
    sample: {
      type: "Task",
      fields: (n) => ({
        Subject: `Call ${n}`,
        Description: `About ${n}`,
        TaskSubtype: "Call",
        CallDurationInSeconds: n,
        Status: "Completed",
      }),
      personRole: "who",
      text: "Description",
      edited: "Priority",
    },
    passTime: (ms) => {
      passed += ms;
    },
    close: () => emulator.close(),
  };
}

const fieldValue = (value: unknown): string | number | boolean | null =>
  typeof value === "string" || typeof value === "number" || typeof value === "boolean"
    ? value
    : null;

const asTest = (name: string, run: () => Promise<void>): void =>
  test(name, { timeout: 30_000 }, async () => {
    await expect(run()).resolves.toBeUndefined();
  });

describe("A2 W2 the adapter laws, with the key field", () => {
  adapterLaws({ test: asTest, open: () => open() });
});

describe("A2 W2 the adapter laws, without the key field (degraded: look first)", () => {
  adapterLaws({ test: asTest, open: () => open({ keyField: false }) });
});
