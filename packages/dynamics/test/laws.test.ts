import { systemClock } from "@wrapup/core";
import { adapterLaws, type AdapterUnderLaw } from "@wrapup/core/testing";
import { dynamics } from "@wrapup/dynamics";
import { type EmulatorOptions, startDynamicsEmulator } from "@wrapup/dynamics/emulator";
import { describe, expect, test } from "vitest";

/** The adapter on an emulated organisation of its own, looked at through the emulator's control, which is not the adapter's client. */
async function open(options: EmulatorOptions = {}): Promise<AdapterUnderLaw> {
  const emulator = await startDynamicsEmulator(options);
  const { control } = emulator;
  const { tenantId, clientId, clientSecret } = emulator.credentials;
  // Somebody who is not the application user: who edits in the probe's name.
  await control.seed([
    {
      table: "systemuser",
      columns: {
        firstname: "Pia",
        lastname: "Person",
        domainname: "pia@wrapup.example",
        internalemailaddress: "pia@wrapup.example",
        isdisabled: false,
      },
    },
  ]);
  let people = 0;
  let passed = 0;
  const clock = { ...systemClock, now: () => Date.now() + passed };
  const path = "/$batch";
  return {
    adapter: dynamics({
      environment: emulator.url,
      signIn: { tenantId, clientId, clientSecret, authority: emulator.authority },
      timeoutMs: 5_000,
      clock,
    }),
    probe: {
      activities: async () =>
        (await control.rows("phonecall"))
          .filter(({ deleted }) => !deleted)
          .map(({ id, columns, parties }) => ({
            id,
            fields: Object.fromEntries(
              Object.entries(columns).map(([name, value]) => [name, fieldValue(value)]),
            ),
            links: parties
              .filter(({ table }) => table !== "systemuser")
              .map((party) => ({ type: party.table, id: party.id })),
          })),
      seedPerson: async ({ name, phone, email } = {}) => {
        people += 1;
        const columns = {
          lastname: name ?? `Person ${people}`,
          ...(phone !== undefined && { telephone1: phone }),
          ...(email !== undefined && { emailaddress1: email }),
        };
        const [id] = await control.seed([{ table: "contact", columns }]);
        return { type: "contact", id: id ?? "" };
      },
      remove: async (id) => {
        const calls = await control.rows("phonecall");
        await control.removeRow(calls.some((row) => row.id === id) ? "phonecall" : "contact", id);
      },
      edit: (id, fields) => control.editRow("phonecall", id, fields),
      writeRequests: async () =>
        (await control.calls()).filter((call) => call.method !== "GET" && call.path.includes(path))
          .length,
      meet: async (fault) => {
        if (fault === "expired") return control.expireTokens();
        await control.fault(
          fault === "lostAfter"
            ? { kind: "replyLost", path }
            : fault === "lostBefore"
              ? { kind: "reset", path }
              : fault === "throttled"
                ? {
                    kind: "status",
                    status: 429,
                    code: "0x80072322",
                    message: "Number of requests exceeded the limit of 6000.",
                    headers: { "retry-after": "7" },
                    path,
                  }
                : fault === "unavailable"
                  ? { kind: "status", status: 503, path }
                  : fault === "lock"
                    ? { kind: "lock", path }
                    : { kind: "hang", ms: 3_000, path },
        );
      },
      merge: (winner, loser) => control.merge("contact", winner, loser),
    },
    creatable: {
      type: "lead",
      fields: { subject: "Refund", lastname: "Rossi" },
      count: async () => (await control.rows("lead")).length,
    },
    sample: {
      type: "phonecall",
      fields: (n) => ({
        subject: `Call ${n}`,
        description: `About ${n}`,
        directioncode: false,
        actualdurationminutes: n,
      }),
      personRole: "party",
      text: "description",
      edited: "category",
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

describe("A2 W2 the adapter laws", () => {
  adapterLaws({ test: asTest, open: () => open() });
});

describe("A2 O3 the adapter laws, where error codes are left out", () => {
  adapterLaws({ test: asTest, open: () => open({ errorCodes: "empty" }) });
});
