import { keyUuid } from "@wrapup/core";
import { describe, expect, test } from "vitest";
import { markerId } from "../../src/graph/draft.ts";
import {
  agentEmail,
  drafted,
  graphCall,
  mail,
  openTenant,
  put,
  receiptOf,
  retract,
  sending,
} from "./tenant.ts";
import type { Tenant } from "./tenant.ts";

describe("a mail in two steps", () => {
  test("N3 a draft is made with our marker, then sent: one mail, from the agent, as plain text", async () => {
    const tenant = await openTenant();
    const entry = mail(1, tenant.agent, {
      fields: {
        to: "ada@customer.example, bob@customer.example",
        cc: "boss@classics.example",
        subject: "Your case",
        text: "5 < 6 & <b>not bold</b>\nbye",
      },
    });
    const [made] = await tenant.push(put(entry));
    expect(made).toMatchObject({ is: "written", how: "created" });
    expect(await tenant.sent()).toEqual([]);
    const [draft] = await tenant.drafts();
    expect(draft?.marks).toEqual({ [markerId]: keyUuid(entry.key) });
    expect(draft?.id).toBe(receiptOf(made).ref.id);
    const [sent] = await tenant.push(sending(entry, receiptOf(made)));
    expect(sent).toMatchObject({ is: "written", how: "updated" });
    expect(receiptOf(sent).ref).toEqual(receiptOf(made).ref);
    expect(await tenant.sent()).toMatchObject([
      {
        from: agentEmail,
        to: ["ada@customer.example", "bob@customer.example"],
        cc: ["boss@classics.example"],
        subject: "Your case",
        body: { contentType: "text", content: "5 < 6 & <b>not bold</b>\nbye" },
        folder: "sentItems",
        isDraft: false,
      },
    ]);
    expect(await tenant.drafts()).toEqual([]);
    expect(await tenant.calls()).toEqual([
      "GET messages",
      "POST messages",
      "GET messages/*",
      // Once per mailbox: which folder is the bin.
      "GET mailFolders/deleteditems",
      "POST messages/*/send",
    ]);
  });

  test("W3 put and send again change nothing: already", async () => {
    const tenant = await openTenant();
    const entry = mail(2, tenant.agent);
    const receipt = await drafted(tenant, entry);
    expect((await tenant.push(put(entry, true)))[0]).toMatchObject({
      is: "written",
      how: "already",
      receipt: { ref: receipt.ref },
    });
    await tenant.push(sending(entry, receipt));
    expect((await tenant.push(sending(entry, receipt, { maybeSent: true })))[0]).toMatchObject({
      is: "written",
      how: "already",
    });
    const [again] = await tenant.push(put(entry, true));
    expect(again).toMatchObject({ is: "written", how: "already" });
    expect(receiptOf(again).stamp).toMatch(/^sent:/);
    expect(await tenant.sent()).toHaveLength(1);
    expect(await tenant.control.mails()).toHaveLength(1);
  });

  test("a put that is final at once does both steps, and repeated it sends no second one", async () => {
    const tenant = await openTenant();
    const entry = mail(3, tenant.agent, { final: true });
    expect((await tenant.push(put(entry)))[0]).toMatchObject({ is: "written" });
    expect((await tenant.push(put(entry, true)))[0]).toMatchObject({
      is: "written",
      how: "already",
    });
    expect(await tenant.sent()).toHaveLength(1);
  });

  test("W7 a draft that a person edited keeps their words, and the receipt says so", async () => {
    const tenant = await openTenant();
    const entry = mail(4, tenant.agent);
    const receipt = await drafted(tenant, entry);
    const next = {
      ...entry,
      fields: { ...entry.fields, subject: "New subject", text: "New text" },
    };
    const { subject, text } = next.fields;
    // A person's hand: the subject only.
    await personPatches(tenant, receipt.ref.id, { subject: "Mine" });
    const [answer] = await tenant.push(
      sending(next, receipt, { made: entry, changed: { subject, text } }),
    );
    expect(answer).toMatchObject({
      is: "written",
      warnings: [{ code: "editedInCrm", field: "subject" }],
    });
    expect(await tenant.sent()).toMatchObject([{ subject: "Mine", body: { content: "New text" } }]);
  });

  test("N2 what is wished after it was sent is told: a mail cannot be recalled", async () => {
    const tenant = await openTenant();
    const entry = mail(5, tenant.agent);
    const receipt = await drafted(tenant, entry);
    const [sent] = await tenant.push(sending(entry, receipt));
    const later = { ...entry, fields: { ...entry.fields, text: "Something else" } };
    const [answer] = await tenant.push(
      sending(later, receiptOf(sent), { changed: { text: "Something else" } }),
    );
    expect(answer).toMatchObject({ is: "written", warnings: [{ code: "keptInCrm" }] });
    expect(await tenant.push(retract(entry, receiptOf(sent)))).toMatchObject([
      { is: "removed", how: "kept", warnings: [{ code: "keptInCrm" }] },
    ]);
    // By key alone, too.
    expect(await tenant.push(retract(entry))).toMatchObject([{ is: "removed", how: "kept" }]);
    expect(await tenant.sent()).toHaveLength(1);
  });

  test("K5 a draft that is no longer wanted is taken away, with a receipt or by its key; absent is success", async () => {
    const tenant = await openTenant();
    const [one, two] = [mail(6, tenant.agent), mail(7, tenant.agent)];
    const receipt = await drafted(tenant, one);
    await drafted(tenant, two);
    expect(
      await tenant.push(retract(one, receipt), retract(two), retract(mail(8, tenant.agent))),
    ).toMatchObject([
      { is: "removed", how: "deleted" },
      { is: "removed", how: "deleted" },
      { is: "removed", how: "deleted" },
    ]);
    expect(await tenant.drafts()).toEqual([]);
    expect(await tenant.sent()).toEqual([]);
  });

  test("K6 a draft that a person threw away or removed is not sent and not made again", async () => {
    const tenant = await openTenant();
    const [one, two] = [mail(9, tenant.agent), mail(10, tenant.agent)];
    const [first, second] = [await drafted(tenant, one), await drafted(tenant, two)];
    await personDeletes(tenant, first.ref.id);
    await tenant.control.removeMail(second.ref.id);
    expect(await tenant.push(sending(one, first), sending(two, second))).toEqual([
      { is: "gone" },
      { is: "gone" },
    ]);
    expect(await tenant.push(put(one, true))).toEqual([{ is: "gone" }]);
    expect(await tenant.sent()).toEqual([]);
  });

  test("a whole call holds several mails, and one bad one costs no other", async () => {
    const tenant = await openTenant();
    const bad = mail(12, tenant.agent, { fields: { to: "nobody", subject: "x", text: "y" } });
    const twice = mail(13, tenant.agent);
    const answers = await tenant.push(
      put(mail(11, tenant.agent)),
      put(bad),
      put(twice),
      put(twice),
    );
    expect(answers.map(({ is }) => is)).toEqual(["written", "refused", "written", "retry"]);
    expect(await tenant.drafts()).toHaveLength(2);
  });
});

const personCall = async (
  { emulator, agent }: Tenant,
  method: string,
  id: string,
  body?: unknown,
): Promise<void> => {
  const path = `users/${agent}/messages/${encodeURIComponent(id)}`;
  expect((await graphCall(emulator, method, path, body)).status).toBeLessThan(300);
};

const personPatches = (tenant: Tenant, id: string, body: unknown): Promise<void> =>
  personCall(tenant, "PATCH", id, body);

const personDeletes = (tenant: Tenant, id: string): Promise<void> =>
  personCall(tenant, "DELETE", id);

describe("refused before anything is made", () => {
  test("N3 an agent without a mailbox or address is one clear error, and nothing is created", async () => {
    const tenant = await openTenant();
    const [bare = ""] = await tenant.control.seedUsers([
      { userPrincipalName: "bare@classics.example", mailbox: false, mail: null },
    ]);
    const answers = await tenant.push(put(mail(20, undefined)), put(mail(21, bare)));
    expect(answers).toMatchObject([
      { is: "refused", why: "permission" },
      { is: "refused", why: "permission" },
    ]);
    const reasons = answers.map((answer) => (answer.is === "refused" ? answer.reason : ""));
    expect(reasons[0]).toMatch(/no mailbox to send from.*option "mailbox"/);
    expect(reasons[1]).toMatch(
      /agent's mailbox cannot send.*MailboxNotEnabledForRESTAPI.*"mailbox"/,
    );
    expect(reasons.join()).not.toContain("classics.example");
    expect(await tenant.control.mails()).toEqual([]);
    expect(await tenant.calls()).toEqual(["GET messages"]);
  });

  test("a shared mailbox that is not there is named by its option", async () => {
    const tenant = await openTenant({}, { mailbox: "support@classics.example" });
    const [owner] = (await tenant.adapter.usersOf?.([{ id: "a-1" }], tenant.context)) ?? [];
    expect(owner).toBe("support@classics.example");
    const [answer] = await tenant.push(put(mail(22, owner)));
    expect(answer).toMatchObject({ is: "refused", why: "permission" });
    expect(answer?.is === "refused" ? answer.reason : "").toMatch(
      /shared mailbox.*option "mailbox"/,
    );
    expect(await tenant.control.mails()).toEqual([]);
  });

  test("a mailbox that the app may not use is refused with the permissions that are missing", async () => {
    const tenant = await openTenant({ missingGraphPermissions: ["mail"] });
    const [answer] = await tenant.push(put(mail(23, tenant.agent)));
    expect(answer).toMatchObject({ is: "refused", why: "permission" });
    expect(answer?.is === "refused" ? answer.reason : "").toMatch(/Mail\.ReadWrite and Mail\.Send/);
  });

  test("a kind or type that is no mail is refused", async () => {
    const tenant = await openTenant();
    expect(
      await tenant.push(put(mail(24, tenant.agent, { kind: "activity", type: "phonecall" }))),
    ).toMatchObject([{ is: "refused", why: "unsupported" }]);
    expect(await tenant.calls()).toEqual([]);
  });
});

describe("shared mailbox", () => {
  test("every agent's mail goes out from it, though nobody can sign in there", async () => {
    const tenant = await openTenant({}, { mailbox: "Support@classics.example" });
    await tenant.control.seedUsers([
      { userPrincipalName: "support@classics.example", accountEnabled: false },
    ]);
    const [owner] = (await tenant.adapter.usersOf?.([{ id: "a-1" }], tenant.context)) ?? [];
    const entry = mail(30, owner);
    await tenant.push(sending(entry, await drafted(tenant, entry)));
    expect(await tenant.sent()).toMatchObject([{ from: "support@classics.example" }]);
  });
});
