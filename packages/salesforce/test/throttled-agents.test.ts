import type { Context, CrmError } from "@wrapup/core";
import { salesforce } from "@wrapup/salesforce";
import { type SalesforceEmulator, startSalesforceEmulator } from "@wrapup/salesforce/emulator";
import { afterEach, beforeEach, expect, test } from "vitest";

let emulator: SalesforceEmulator;
beforeEach(async () => {
  emulator = await startSalesforceEmulator();
});
afterEach(() => emulator.close());

const adapterOn = ({ url, credentials }: SalesforceEmulator): ReturnType<typeof salesforce> =>
  salesforce({
    signIn: { clientId: credentials.clientId, clientSecret: credentials.clientSecret, domain: url },
  });

const context: Context = {
  signal: AbortSignal.timeout(10_000),
  urgency: "agent",
  observe: () => undefined,
};

const spent = {
  kind: "status",
  status: 403,
  errorCode: "REQUEST_LIMIT_EXCEEDED",
  message: "TotalRequests Limit exceeded.",
} as const;

test("W5 a describe met by a spent budget says so, and is not taken for a type that nobody may see", async () => {
  const adapter = adapterOn(emulator);
  await emulator.control.fault({ ...spent, path: "/describe" });
  const asked = adapter.reads?.describe(["Case"], context);
  await expect(asked).rejects.toMatchObject({ why: "budget" } satisfies Partial<CrmError>);
  expect((await adapter.reads?.describe(["Case"], context))?.map(({ name }) => name)).toEqual([
    "Case",
  ]);
});

test("R4 W5 a spent budget while asking for the Idempotency-Key does not turn it off for good", async () => {
  const adapter = adapterOn(emulator);
  const draft = {
    key: "d-1",
    type: "Case",
    fields: { Subject: "Refund" },
    allowDuplicate: false,
    maybeSent: false,
  };
  await emulator.control.fault({ ...spent, path: "/object-info" });
  await expect(adapter.createRecord?.(draft, context)).rejects.toMatchObject({ why: "budget" });
  expect((await adapter.createRecord?.(draft, context))?.is).toBe("created");
  await adapter.createRecord?.({ ...draft, maybeSent: true }, context);
  expect(await emulator.control.records("Case")).toHaveLength(1);
});

test("W5 429 asks to slow down, whatever code stands beside it", async () => {
  const adapter = adapterOn(emulator);
  await adapter.check(context);
  await emulator.control.fault({
    kind: "status",
    status: 429,
    errorCode: "REQUEST_LIMIT_EXCEEDED",
    headers: { "retry-after": "7" },
  });
  await expect(
    adapter.reads?.search({ types: ["Contact"], limit: 5, email: "a@b.example" }, context),
  ).rejects.toMatchObject({ why: "throttled", afterMs: 7_000 });
});
