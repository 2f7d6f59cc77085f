import { adapterLaws } from "@wrapup/core/testing";
import { startSalesforceEmulator } from "@wrapup/salesforce/emulator";
import { expect, test } from "vitest";
import { salesforce } from "../src/index.ts";

/** Every law on an org with the key field; "lookFirst" has its own tests, as it waits ten minutes by design. */
adapterLaws({
  test: (name, run) => test(name, () => expect(run()).resolves.toBeUndefined()),
  open: async () => {
    const emulator = await startSalesforceEmulator();
    const { clientId, clientSecret } = emulator.credentials;
    const adapter = salesforce({ signIn: { clientId, clientSecret, domain: emulator.url } });
    const { control } = emulator;
    let people = 0;
    const text = (value: unknown): string => (typeof value === "string" ? value : "");
    const writes = { path: "/composite/sobjects" } as const;
    const faults = {
      lostBefore: { kind: "reset", ...writes },
      lostAfter: { kind: "replyLost", ...writes },
      throttled: {
        kind: "status",
        status: 403,
        errorCode: "REQUEST_LIMIT_EXCEEDED",
        message: "TotalRequests Limit exceeded.",
        ...writes,
      },
      unavailable: { kind: "status", status: 503, errorCode: "SERVER_UNAVAILABLE", ...writes },
      lock: { kind: "lock", ...writes },
      hang: { kind: "hang", ms: 60_000, ...writes },
    } as const;
    return {
      adapter,
      probe: {
        activities: async () =>
          (await control.records("Task"))
            .filter((row) => !row.deleted)
            .map((row) => ({
              id: row.Id,
              fields: Object.fromEntries(
                Object.entries(row.fields).map(([name, value]) => [
                  name,
                  typeof value === "number" || typeof value === "boolean" || value === null
                    ? value
                    : text(value),
                ]),
              ),
              links: ["WhoId", "WhatId"].flatMap((name) => {
                const id = text(row.fields[name]);
                return id === ""
                  ? []
                  : [{ type: id.startsWith("003") ? "Contact" : "Account", id }];
              }),
            })),
        seedPerson: async (fields = {}) => {
          people += 1;
          const [id = ""] = await control.seed([
            {
              sobject: "Contact",
              fields: {
                LastName: fields.name ?? `Person ${people}`,
                Email: fields.email ?? null,
                Phone: fields.phone ?? null,
              },
            },
          ]);
          return { type: "Contact", id };
        },
        remove: (id) => control.removeRecord(id),
        edit: (id, fields) => control.editRecord(id, fields),
        writeRequests: async () =>
          (await control.calls()).filter(
            ({ method, path }) => method !== "GET" && !path.includes("oauth2"),
          ).length,
        meet: async (fault) => {
          if (fault === "expired") await control.expireSessions();
          else await control.fault(faults[fault]);
        },
        merge: (winner, loser) => control.merge(winner, loser),
      },
      sample: {
        type: "Task",
        fields: (n) => ({
          Subject: `Call ${n}`,
          Description: `What was said in ${n}`,
          TaskSubtype: "Call",
        }),
        personRole: "who",
        text: "Description",
        edited: "Subject",
      },
      close: () => emulator.close(),
    };
  },
});
