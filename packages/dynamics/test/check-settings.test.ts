import { createWrapup, memoryStore } from "@wrapup/core";
import type { ConnectionOptions, Finding } from "@wrapup/core";
import { expect, test } from "vitest";
import { openOrg } from "./client/org.ts";

/** What core says of one connection with these settings of its own. */
const findingsWith = async (
  settings: Partial<ConnectionOptions>,
): Promise<readonly (readonly [string, string, string])[]> => {
  const org = await openOrg({
    customTables: [
      { name: "new_ticket", entitySet: "new_tickets", hasActivities: false },
      { name: "new_order", entitySet: "new_orders", hasActivities: true },
    ],
  });
  const wrapup = await createWrapup({
    store: memoryStore(),
    connections: { crm: { ...settings, adapter: org.adapter } },
  });
  const findings: readonly Finding[] = await wrapup.check();
  await wrapup.close();
  return findings.map(({ severity, place, text }) => [severity, place, text]);
};

test("Bad input: a table without activities in the connection's own lists is found at start-up, once, by its setting", async () => {
  const found = await findingsWith({
    searchOrder: ["contact", "new_ticket", "new_order"],
    creatable: ["incident"],
  });
  expect(found).toEqual([["error", "searchOrder", expect.stringContaining("new_ticket")]]);
  const creatable = await findingsWith({ creatable: ["new_ticket"] });
  expect(creatable).toEqual([["error", "creatable", expect.stringContaining("new_ticket")]]);
});

test("Bad input: a mapping to a table that is no activity names its line at start-up", async () => {
  const found = await findingsWith({
    mapping: {
      activities: {},
      otherwise: { type: "new_order", fields: { new_name: { fact: "subject" } } },
    },
  });
  expect(found).toEqual([
    [
      "error",
      "mapping.otherwise.type",
      expect.stringContaining("new_order is no type of activity"),
    ],
  ]);
});
