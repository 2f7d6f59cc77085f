import type { Context, CrmError } from "@wrapup/core";
import { dynamics } from "@wrapup/dynamics";
import { type DynamicsEmulator, startDynamicsEmulator } from "@wrapup/dynamics/emulator";
import { afterEach, beforeEach, expect, test } from "vitest";

let emulator: DynamicsEmulator;
beforeEach(async () => {
  emulator = await startDynamicsEmulator();
});
afterEach(() => emulator.close());

const adapterOn = ({ url, authority, credentials }: DynamicsEmulator) => {
  const { tenantId, clientId, clientSecret } = credentials;
  return dynamics({ environment: url, signIn: { tenantId, clientId, clientSecret, authority } });
};

const context: Context = {
  signal: AbortSignal.timeout(10_000),
  urgency: "agent",
  observe: () => undefined,
};

const tooMany = {
  kind: "status",
  status: 429,
  code: "0x80072322",
  headers: { "retry-after": "7" },
} as const;

test("W5 a describe met by a service protection limit says so, and is not taken for a type that nobody may see", async () => {
  const adapter = adapterOn(emulator);
  await emulator.control.fault({ ...tooMany, path: "/$batch" });
  const asked = adapter.reads?.describe(["incident"], context);
  await expect(asked).rejects.toMatchObject({ why: "throttled" } satisfies Partial<CrmError>);
  expect((await adapter.reads?.describe(["incident"], context))?.map(({ name }) => name)).toEqual([
    "incident",
  ]);
});

test("R4 W5 a limit met by a create is surely not sent, and the repeat makes one record", async () => {
  const adapter = adapterOn(emulator);
  const draft = {
    key: "d-1",
    type: "contact",
    fields: { lastname: "Huber" },
    allowDuplicate: false,
    maybeSent: false,
  };
  await emulator.control.fault({ ...tooMany, path: "/contacts(", method: "PATCH" });
  await expect(adapter.createRecord?.(draft, context)).rejects.toMatchObject({
    why: "throttled",
    sent: "no",
    afterMs: 7_000,
  });
  expect((await adapter.createRecord?.(draft, context))?.is).toBe("created");
  expect((await adapter.createRecord?.({ ...draft, maybeSent: true }, context))?.is).toBe(
    "already",
  );
  expect(await emulator.control.rows("contact")).toHaveLength(1);
});

test.for(["0x80072321", "0x80072322", "0x80072326", "-2147015902", "0x80040217", ""])(
  "W5 429 asks to slow down, whatever code stands beside it (%j)",
  async (code) => {
    const adapter = adapterOn(emulator);
    await adapter.check(context);
    await emulator.control.fault({ ...tooMany, code });
    await expect(
      adapter.reads?.search({ types: ["contact"], limit: 5, email: "a@b.example" }, context),
    ).rejects.toMatchObject({ why: "throttled", afterMs: 7_000 });
  },
);

test("W5 an agent's search that meets the limit of a busy environment is told how long to wait", async () => {
  await emulator.close();
  emulator = await startDynamicsEmulator({ requestLimit: 30 });
  const adapter = adapterOn(emulator);
  const search = () =>
    adapter.reads?.search({ types: ["contact"], limit: 5, email: "a@b.example" }, context);
  const outcomes = [];
  for (let n = 0; n < 40; n += 1)
    outcomes.push(
      await search()?.then(
        () => "found",
        (error: CrmError) => error,
      ),
    );
  const throttled = outcomes.find((one) => typeof one !== "string");
  expect(throttled).toMatchObject({ why: "throttled", sent: "no", afterMs: expect.any(Number) });
});
