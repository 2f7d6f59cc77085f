import { startDynamicsEmulator } from "@wrapup/dynamics/emulator";
import type { DynamicsEmulator, EmulatorOptions } from "@wrapup/dynamics/emulator";
import { describe, expect, onTestFinished, test } from "vitest";
import { graphCall } from "./tenant.ts";

const agent = "elinor@classics.example";
const mark = "String {00000000-0000-4000-8000-0000000000ff} Name key";

const open = async (options: EmulatorOptions = {}): Promise<DynamicsEmulator> => {
  const emulator = await startDynamicsEmulator(options);
  onTestFinished(() => emulator.close());
  await emulator.control.seedUsers([
    { id: "00000000-0000-4000-8000-000000000001", userPrincipalName: agent },
  ]);
  return emulator;
};

const draft = (more: Readonly<Record<string, unknown>> = {}) => ({
  subject: "s",
  body: { contentType: "text", content: "a < b\nc" },
  toRecipients: [{ emailAddress: { address: "ada@customer.example" } }],
  singleValueExtendedProperties: [{ id: mark, value: "K1" }],
  ...more,
});

const at = (value: unknown, ...path: readonly (string | number)[]): unknown =>
  path.reduce<unknown>(
    (inner, key) =>
      typeof inner === "object" && inner !== null
        ? new Map(Object.entries(inner)).get(String(key))
        : undefined,
    value,
  );

const textAt = (value: unknown, ...path: readonly (string | number)[]): string =>
  String(at(value, ...path));

const immutable = { prefer: 'IdType="ImmutableId"' };
const messages = `users/${agent}/messages`;

const create = (
  emulator: DynamicsEmulator,
  headers: Readonly<Record<string, string>> = immutable,
) => graphCall(emulator, "POST", messages, draft(), headers);

const byMark = (value: string, id = mark): string =>
  `${messages}?$filter=${encodeURIComponent(
    `singleValueExtendedProperties/Any(ep: ep/id eq '${id}' and ep/value eq '${value}')`,
  )}&$select=id,isDraft`;

describe("A4 messages", () => {
  test("an ordinary id changes when the mail is sent, an immutable one stays; each is known only under its own preference", async () => {
    const emulator = await open();
    const made = await create(emulator);
    expect(made.status).toBe(201);
    const id = encodeURIComponent(textAt(made.body, "id"));
    const ordinary = await graphCall(emulator, "GET", messages, undefined, {});
    const old = encodeURIComponent(textAt(ordinary.body, "value", 0, "id"));
    expect(old).not.toBe(id);
    const statuses = async () => [
      (await graphCall(emulator, "GET", `${messages}/${id}`)).status,
      (await graphCall(emulator, "GET", `${messages}/${id}`, undefined, {})).status,
      (await graphCall(emulator, "GET", `${messages}/${old}`, undefined, {})).status,
    ];
    expect(await statuses()).toEqual([200, 404, 200]);
    const sent = await graphCall(emulator, "POST", `${messages}/${id}/send`);
    expect([sent.status, sent.body]).toEqual([202, undefined]);
    expect(await statuses()).toEqual([200, 404, 404]);
    const copy = await graphCall(
      emulator,
      "GET",
      `${messages}/${id}?$select=isDraft,parentFolderId`,
    );
    const folder = await graphCall(emulator, "GET", `users/${agent}/mailFolders/sentitems`);
    expect(at(copy.body, "isDraft")).toBe(false);
    expect(at(copy.body, "parentFolderId")).toBe(at(folder.body, "id"));
  });

  test("what was sent is no draft: it is not sent again, and its body stays", async () => {
    const emulator = await open();
    const id = encodeURIComponent(textAt((await create(emulator)).body, "id"));
    await graphCall(emulator, "POST", `${messages}/${id}/send`);
    expect((await graphCall(emulator, "POST", `${messages}/${id}/send`)).status).toBe(400);
    const patch = await graphCall(emulator, "PATCH", `${messages}/${id}`, { subject: "other" });
    expect(at(patch.body, "error", "code")).toBe("ErrorInvalidPropertySet");
    expect(await emulator.control.mails()).toMatchObject([{ subject: "s" }]);
  });

  test("messages are found by a named property: its value without case, its name with it", async () => {
    const emulator = await open();
    await create(emulator);
    const count = async (path: string): Promise<unknown> =>
      at((await graphCall(emulator, "GET", path)).body, "value", "length") ??
      at((await graphCall(emulator, "GET", path)).body, "value", 0, "isDraft");
    expect(await count(byMark("k1"))).toBe(true);
    expect(await count(byMark("K2"))).toBeUndefined();
    expect(await count(byMark("K1", mark.replace("key", "Key")))).toBeUndefined();
    const bad = await graphCall(emulator, "GET", byMark("K1", "Text {x} Name key"));
    expect(at(bad.body, "error", "code")).toBe("ErrorInvalidProperty");
    const other = await graphCall(
      emulator,
      "GET",
      `${messages}?$filter=${encodeURIComponent("subject eq 's'")}`,
    );
    expect(other.status).toBe(400);
  });

  test("deleting goes to Deleted Items, where it still is found, and from there for good", async () => {
    const emulator = await open();
    const id = encodeURIComponent(textAt((await create(emulator)).body, "id"));
    expect((await graphCall(emulator, "DELETE", `${messages}/${id}`)).status).toBe(204);
    const inBin = await graphCall(
      emulator,
      "GET",
      `users/${agent}/mailFolders/deleteditems/messages`,
    );
    expect(at(inBin.body, "value", 0, "isDraft")).toBe(true);
    expect((await graphCall(emulator, "DELETE", `${messages}/${id}`)).status).toBe(204);
    expect((await graphCall(emulator, "GET", `${messages}/${id}`)).status).toBe(404);
  });

  test("a body comes back as HTML, or as text where that is preferred", async () => {
    const emulator = await open();
    const id = encodeURIComponent(textAt((await create(emulator)).body, "id"));
    const html = await graphCall(emulator, "GET", `${messages}/${id}`);
    expect(at(html.body, "body")).toMatchObject({
      contentType: "html",
      content: expect.stringContaining("a &lt; b<br>"),
    });
    const text = await graphCall(emulator, "GET", `${messages}/${id}`, undefined, {
      prefer: 'IdType="ImmutableId", outlook.body-content-type="text"',
    });
    expect(at(text.body, "body")).toEqual({ contentType: "text", content: "a < b\r\nc" });
  });

  test.each([
    ["an unknown property", draft({ Subject: "s" }), "RequestBodyRead"],
    ["a wrong type", draft({ subject: 7 }), "RequestBodyRead"],
    ["a recipient in another form", draft({ toRecipients: ["a@b.example"] }), "RequestBodyRead"],
    ["a body of another kind", draft({ body: { contentType: "rtf" } }), "RequestBodyRead"],
    [
      "a property id in another form",
      draft({ singleValueExtendedProperties: [{ id: "key", value: "v" }] }),
      "ErrorInvalidProperty",
    ],
    [
      "a header that does not begin with x-",
      draft({ internetMessageHeaders: [{ name: "Reply-To", value: "a" }] }),
      "InvalidInternetMessageHeader",
    ],
    ["no body", undefined, "BadRequest"],
  ])("refuses %s", async (_what, body, code) => {
    const emulator = await open();
    const reply = await graphCall(emulator, "POST", messages, body);
    expect(reply.status).toBe(400);
    expect(at(reply.body, "error", "code")).toBe(code);
    expect(textAt(reply.body, "error", "innerError", "request-id")).toMatch(/^[0-9a-f-]{36}$/);
    expect(await emulator.control.mails()).toEqual([]);
  });

  test("nothing is sent to nobody, or to what is no address", async () => {
    const emulator = await open();
    for (const toRecipients of [[], [{ emailAddress: { address: "ada" } }]]) {
      const made = await graphCall(emulator, "POST", messages, draft({ toRecipients }));
      const id = encodeURIComponent(textAt(made.body, "id"));
      const sent = await graphCall(emulator, "POST", `${messages}/${id}/send`);
      expect(at(sent.body, "error", "code")).toBe("ErrorInvalidRecipients");
    }
    expect((await emulator.control.mails()).every(({ isDraft }) => isDraft)).toBe(true);
  });

  test("sendMail answers nothing, goes out each time, and keeps no copy where told so", async () => {
    const emulator = await open();
    const { singleValueExtendedProperties: _p, ...message } = draft();
    for (const body of [{ message }, { message, saveToSentItems: false }]) {
      const sent = await graphCall(emulator, "POST", `users/${agent}/sendMail`, body);
      expect([sent.status, sent.body]).toEqual([202, undefined]);
    }
    const mails = await emulator.control.mails();
    expect(mails.map(({ deleted, sentAt }) => [deleted, sentAt !== undefined])).toEqual([
      [false, true],
      [true, true],
    ]);
    const bad = await graphCall(emulator, "POST", `users/${agent}/sendMail`, { mail: message });
    expect(bad.status).toBe(400);
  });
});

describe("A4 users", () => {
  test("by id and principal name, in the properties asked for", async () => {
    const emulator = await open();
    await emulator.control.seedUsers([{ userPrincipalName: "b@x.example", mail: "Bea@x.example" }]);
    for (const key of ["B@x.example", agent, "00000000-0000-4000-8000-000000000001"])
      expect((await graphCall(emulator, "GET", `users/${key}?$select=id,mail`)).status).toBe(200);
    const byMail = await graphCall(emulator, "GET", "users/bea@x.example");
    expect(at(byMail.body, "error", "code")).toBe("Request_ResourceNotFound");
    const wrong = await graphCall(emulator, "GET", `users/${agent}?$select=email`);
    expect(wrong.status).toBe(400);
  });

  test("filters take fifteen comparisons of 120 characters, and nothing else", async () => {
    const emulator = await open();
    const status = async (filter: string): Promise<number> =>
      (await graphCall(emulator, "GET", `users?$filter=${encodeURIComponent(filter)}`)).status;
    const many = (n: number): string => Array.from({ length: n }, () => "mail eq 'x'").join(" or ");
    expect(await status(many(15))).toBe(200);
    expect(await status(many(16))).toBe(400);
    expect(await status(`mail eq '${"x".repeat(121)}'`)).toBe(400);
    expect(await status("startswith(mail,'x')")).toBe(400);
    expect(await status("mail eq 'x' and id eq 'y'")).toBe(400);
    expect(await status("mail eq 'o''hara@x.example'")).toBe(200);
  });
});

describe("A4 mailboxes", () => {
  test("without one, unknown, or not allowed: each has its own error", async () => {
    const emulator = await open();
    await emulator.control.seedUsers([{ userPrincipalName: "bare@x.example", mailbox: false }]);
    const code = async (path: string): Promise<unknown> =>
      at((await graphCall(emulator, "GET", path)).body, "error", "code");
    expect(await code("users/bare@x.example/messages")).toBe("MailboxNotEnabledForRESTAPI");
    expect(await code("users/nobody@x.example/messages")).toBe("ErrorInvalidUser");
    expect(await code("users/00000000-0000-4000-8000-0000000000aa/messages")).toBe(
      "Request_ResourceNotFound",
    );
    expect(await code(`users/${agent}/calendar`)).toBe("BadRequest");
    const denied = await open({ missingGraphPermissions: ["users", "mail"] });
    expect(at((await graphCall(denied, "GET", messages)).body, "error", "code")).toBe(
      "ErrorAccessDenied",
    );
    expect(at((await graphCall(denied, "GET", "users")).body, "error", "code")).toBe(
      "Authorization_RequestDenied",
    );
  });

  test("the fifth request at once to one mailbox is throttled; another mailbox is not", async () => {
    const emulator = await open({ latencyMs: 60 });
    await emulator.control.seedUsers([{ userPrincipalName: "other@x.example" }]);
    const replies = await Promise.all([
      ...Array.from({ length: 6 }, () => graphCall(emulator, "GET", messages)),
      graphCall(emulator, "GET", "users/other@x.example/messages"),
    ]);
    const busy = replies.filter(({ status }) => status === 429);
    expect(busy.length).toBeGreaterThan(0);
    expect(replies.at(-1)?.status).toBe(200);
    expect(textAt(busy[0]?.body, "error", "message")).toBe(
      "Application is over its MailboxConcurrency limit.",
    );
    expect(busy[0]?.headers.get("retry-after")).toBe("1");
    expect((await graphCall(emulator, "GET", messages)).status).toBe(200);
  });

  test("a sent mail's copy lags where the option says so", async () => {
    let now = 1_700_000_000_000;
    const emulator = await open({ sentItemsLagMs: 5_000, clock: () => now });
    const id = encodeURIComponent(textAt((await create(emulator)).body, "id"));
    await graphCall(emulator, "POST", `${messages}/${id}/send`);
    expect((await graphCall(emulator, "GET", `${messages}/${id}`)).status).toBe(404);
    now += 5_000;
    expect((await graphCall(emulator, "GET", `${messages}/${id}`)).status).toBe(200);
  });

  test("a token for Dataverse is none for Graph", async () => {
    const emulator = await open();
    const reply = await fetch(`${emulator.graphUrl}/v1.0/users`, {
      headers: { authorization: "Bearer nonsense" },
    });
    expect(reply.status).toBe(401);
    await reply.arrayBuffer();
  });
});
