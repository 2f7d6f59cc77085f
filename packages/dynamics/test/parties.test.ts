import type { RecordId } from "@wrapup/core";
import { expect, test } from "vitest";
import { activity, amend, openOrg, put, receiptOf } from "./client/org.ts";
import type { Org } from "./client/org.ts";
import { partiesIn } from "../src/activity/parties.ts";
import type { VendorType } from "../src/odata/table.ts";

const custom = {
  emulated: { customTables: [{ name: "new_chat", entitySet: "new_chats", activity: true }] },
  options: { chatTable: "new_chat" },
} as const;

const people = async (org: Org, table: string): Promise<readonly string[]> =>
  ((await org.rows(table))[0]?.parties ?? []).map(({ id }) => id);

const growing = (person: RecordId, type: string) =>
  activity(1, {
    type,
    fields: { subject: "Chat" },
    roles: { party: [person] },
    final: false,
  });

test.for(["phonecall", "new_chat"] as const)(
  "L9 K5 an open %s whose people and whose end are all that changes is completed with its new people",
  async (type) => {
    const org = await openOrg(custom.emulated, custom.options);
    const [one, other] = [await org.contact(), await org.contact()];
    const entry = growing(one, type);
    const receipt = receiptOf((await org.push(put(entry)))[0]);
    const wish = { ...entry, roles: { party: [other] }, final: true };
    const [answer] = await org.push(amend(entry, {}, receipt, { entry: wish, relinked: true }));
    expect(answer).toMatchObject({ is: "written", how: "updated" });
    expect((await org.rows(type))[0]?.columns["statecode"]).toBe(1);
    expect(await people(org, type)).toEqual([other.id]);
  },
);

test("W7 K5 whom a person adds between our look and our new list of people is not taken away", async () => {
  const org = await openOrg();
  const [one, other] = [await org.contact(), await org.contact()];
  const entry = growing(one, "phonecall");
  const receipt = receiptOf((await org.push(put(entry)))[0]);
  const wish = { ...entry, roles: { party: [other] } };
  const write = amend(entry, {}, receipt, { entry: wish, relinked: true });
  const context = {
    ...org.context,
    observe: () => {
      // The first answer seen is that of the look.
      void org.control.editRow("phonecall", receipt.ref.id, { subject: "A person's" });
    },
  };
  const [answer] = await org.adapter.push([write], context);
  expect(answer).toMatchObject({ is: "retry", why: "lock", sent: "no" });
  expect(await people(org, "phonecall")).toEqual([one.id]);
  expect((await org.push(write))[0]).toMatchObject({ is: "written" });
  expect(await people(org, "phonecall")).toEqual([other.id]);
});

test("W7 people that an answer leaves to a link of its own are not taken for nobody", () => {
  const type: Pick<VendorType, "name" | "parties"> = {
    name: "phonecall",
    parties: new Set(["from", "to"]),
  };
  const link = { "phonecall_activity_parties@odata.nextLink": "https://acme.example/…" };
  expect(partiesIn({ phonecall_activity_parties: [] }, type)).toEqual([]);
  expect(partiesIn({ phonecall_activity_parties: [], ...link }, type)).toBeUndefined();
  const listed = { participationtypemask: 2, addressused: "a@b.example" };
  expect(partiesIn({ phonecall_activity_parties: [listed], ...link }, type)).toEqual([
    { mask: 2, address: "a@b.example" },
  ]);
});
