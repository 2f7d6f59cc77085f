import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bodyOf, isAddress, mailOf, newDraft, samePart } from "../../src/graph/draft.ts";
import { drafted, mail, openTenant, put, sending } from "./tenant.ts";

const read = (fields: Readonly<Record<string, string>>) =>
  mailOf({ fields: { to: "a@b.example", subject: "s", text: "t", ...fields } });

describe("what an entry says", () => {
  test("addresses joined by commas, a subject of one line, text as it is", () => {
    expect(
      read({ to: " a@b.example,c@d.example ", cc: "", subject: "x\r\nBcc: e@f.example" }),
    ).toEqual({
      mail: {
        subject: "x Bcc: e@f.example",
        text: "t",
        to: ["a@b.example", "c@d.example"],
        cc: [],
      },
      warnings: [],
    });
  });

  test("no address, a bad address, no text, too many: refused, naming the field and not the value", () => {
    expect(read({ to: "" })).toMatchObject({ field: "to" });
    expect(read({ to: "Ada <ada@x.example>" })).toMatchObject({ field: "to" });
    expect(read({ cc: "a@b\r\nBcc: x@y.example" })).toMatchObject({ field: "cc" });
    expect(read({ text: "  " })).toMatchObject({ field: "text" });
    const many = Array.from({ length: 501 }, (_, n) => `p${n}@x.example`).join(", ");
    expect(read({ to: many })).toMatchObject({
      field: "to",
      problem: expect.stringContaining("500"),
    });
    expect(JSON.stringify(read({ to: "secret person@x" }))).not.toContain("secret");
  });

  test("W8 a subject of more than 255 characters is shortened at a whole character, and says so", () => {
    const long = read({ subject: `${"a".repeat(253)}😀 and more` });
    expect("mail" in long ? long.mail.subject : "").toBe(`${"a".repeat(253)}…`);
    expect("mail" in long ? long.warnings : []).toMatchObject([
      { code: "shortened", field: "subject" },
    ]);
    expect(read({ subject: "a".repeat(255) })).toMatchObject({ warnings: [] });
  });

  test("O5 whatever a customer writes stays one subject, one text and the same addresses", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (subject, text) => {
        const found = read({ subject, text });
        if (!("mail" in found)) return text.trim() === "";
        const body = newDraft(found.mail, "marker");
        const parsed: unknown = JSON.parse(JSON.stringify(body));
        expect(parsed).toMatchObject({
          body: { contentType: "text" },
          toRecipients: [{ emailAddress: { address: "a@b.example" } }],
        });
        expect(Object.keys(body).toSorted()).toEqual([
          "body",
          "singleValueExtendedProperties",
          "subject",
          "toRecipients",
        ]);
        return !/[\r\n\u2028\u2029]/.test(found.mail.subject) && found.mail.subject.length <= 255;
      }),
    );
  });

  test("addresses: what could begin a header or a second address is none", () => {
    for (const good of ["a@b.example", "o'hara+x@b.example", "jörg@müller.example"])
      expect(isAddress(good)).toBe(true);
    for (const bad of [
      "a",
      "a@",
      "@b",
      "a@b@c",
      "a b@c.example",
      "a@b.example;c@d.example",
      "a@b.example\n",
      "<a@b.example>",
      '"a"@b.example',
      `${"a".repeat(320)}@b.example`,
    ])
      expect(isAddress(bad)).toBe(false);
  });

  test("texts are the same whatever Exchange does to their line ends", () => {
    const a = { subject: "s", text: "one\ntwo \n", to: ["A@b.example"], cc: [] };
    const b = {
      subject: "s ",
      text: "one\r\ntwo\r\n\r\n",
      to: ["a@B.example"],
      cc: ["x@y.example"],
    };
    expect((["subject", "text", "to", "cc"] as const).map((part) => samePart(part, a, b))).toEqual([
      true,
      true,
      true,
      false,
    ]);
    expect(Object.keys(bodyOf(a, ["cc", "text"]))).toEqual(["ccRecipients", "body"]);
  });
});

describe("over HTTP", () => {
  test("O5 hostile words arrive as they were written, in their own place", async () => {
    const tenant = await openTenant();
    const hostile = [
      "x' or 1 eq 1",
      "<script>alert(1)</script>&amp;",
      "Bcc: evil@x.example\r\n\r\nsecond",
      "\u0000\u0007 \u202E mixed \uD800",
      'https://evil.example/"}],"ccRecipients":[',
    ];
    for (const [n, words] of hostile.entries()) {
      const entry = mail(n, tenant.agent, {
        fields: { to: "ada@customer.example", subject: words, text: words },
      });
      await tenant.push(sending(entry, await drafted(tenant, entry)));
    }
    const sent = await tenant.sent();
    expect(sent).toHaveLength(hostile.length);
    for (const [n, one] of sent.entries()) {
      expect(one.to).toEqual(["ada@customer.example"]);
      expect(one.cc).toEqual([]);
      expect(one.body).toEqual({ contentType: "text", content: hostile[n]?.toWellFormed() });
      expect(one.subject).not.toMatch(/[\r\n]/);
    }
  });

  test("O3 no answer tells an address or a word of the mail", async () => {
    const tenant = await openTenant();
    const entry = mail(50, tenant.agent, {
      fields: { to: "ada@customer.example", subject: "Secret matter", text: "Secret words" },
    });
    const answers = [];
    for (const fault of [
      { status: 400, code: "ErrorInvalidRecipients", message: "ada@customer.example is not valid" },
      { status: 500, code: "UnknownError", message: "Secret words" },
      { status: 418, code: "ada@customer.example", message: "Secret matter" },
    ]) {
      await tenant.control.fault({ kind: "status", method: "POST", path: "/messages", ...fault });
      answers.push(...(await tenant.push(put(entry))));
    }
    expect(answers.map(({ is }) => is)).toEqual(["refused", "retry", "refused"]);
    expect(JSON.stringify(answers)).not.toMatch(/ada|customer|Secret/);
  });
});
