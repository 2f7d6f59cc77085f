import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { rowOf, table } from "../src/error-codes.ts";
import { crmErrorOf, reasonOf, verdictOf } from "../src/errors.ts";
import { codeIn, columnOf, errorIn, isErrorBody } from "../src/vendor-error.ts";

const list = fileURLToPath(
  new URL("../../../../shared/data/dataverse/dataverse-error-codes.json", import.meta.url),
);
const body = (code: unknown, message = "") => ({ error: { code, message } });

/** Only told in Microsoft's articles of Web API errors, not in its table of codes (facts §1.6, §1.8, §1.9). */
const webApiOnly = new Set(["0x80048d19", "0x80060888", "0x80048d0b"]);

test.skipIf(!existsSync(list))(
  "every code of ours stands in Microsoft's table, and hexadecimal and decimal agree",
  () => {
    const known = new Map(
      (JSON.parse(readFileSync(list, "utf8")) as { hex: string; decimal: number }[]).map((one) => [
        one.hex,
        one.decimal,
      ]),
    );
    const codes = Object.keys(table);
    expect(codes.filter((code) => !known.has(code) && !webApiOnly.has(code))).toEqual([]);
    for (const code of codes) {
      const decimal = known.get(code) ?? Number.parseInt(code, 16) - 2 ** 32;
      for (const spelt of [
        code,
        code.toUpperCase().replace("0X", "0x"),
        String(decimal),
        decimal,
        String(decimal + 2 ** 32),
      ])
        expect(codeIn(spelt), String(spelt)).toBe(code);
    }
  },
);

test.for([
  "",
  "0x0",
  "0",
  0,
  null,
  undefined,
  {},
  "CRMError",
  "12",
  "0x12",
  "99999999999",
  "rose@x.example",
  "0x8004033g",
  "-1e9",
])("a code that is none (%j) is none", (code) => {
  expect(codeIn(code)).toBe("");
});

test.for([
  ["0x80040333", 412, "refuse", "duplicate"],
  ["-2147220685", 500, "refuse", "duplicate"],
  ["0x80040237", 412, "alreadyThere", undefined],
  ["0x80060882", 412, "changed", undefined],
  ["0x80044150", 500, "retry", "lock"],
  ["-2147015902", 429, "retry", "throttled"],
  ["0x80072321", 429, "retry", "throttled"],
  ["0x80072326", 429, "retry", "throttled"],
  ["0x80040217", 404, "lookAtTarget", undefined],
  ["0x80060891", 404, "lookAtTarget", undefined],
  ["0x80040230", 400, "frozen", undefined],
  ["0x80040220", 403, "refuse", "permission"],
  ["0x80042f09", 403, "refuse", "permission"],
  ["0x80044331", 400, "refuse", "validation"],
  ["0x80040216", 500, "retry", "transient"],
  ["0x8005f101", 401, "signIn", undefined],
  ["0x80099999", 400, "refuse", "validation"],
  ["", 404, "lookAtTarget", undefined],
  ["", 403, "refuse", "permission"],
  ["", 413, "split", undefined],
  ["", 503, "retry", "unreachable"],
  ["", 500, "retry", "transient"],
] as const)("facts §1.8: %s with HTTP %i means %s (%s)", ([code, status, does, why]) => {
  const verdict = verdictOf(errorIn(status, body(code, "")));
  expect(verdict.does).toBe(does);
  expect("why" in verdict ? verdict.why : undefined).toBe(why);
});

test.for([
  ["Cannot update Closed or Cancelled Activity.", 400, "frozen"],
  ["A record with matching key values already exists.", 412, "alreadyThere"],
  [
    "A record was not created or updated because a duplicate of the current record already exists.",
    412,
    "refuse",
  ],
  [
    "The version of the existing record doesn't match the RowVersion property provided.",
    412,
    "changed",
  ],
  ["phonecall With Id = 7e4a47c0-0000-4000-8000-0000000000aa Does Not Exist", 404, "lookAtTarget"],
  [
    "An undeclared property 'regardingobjectid_x' which only has property annotations in the payload",
    400,
    "retry",
  ],
  ["5 is not a valid status code for state code PhoneCallState.Open", 400, "refuse"],
] as const)(
  "an empty code is read from Dataverse's own sentence: %s",
  ([message, status, does]) => {
    expect(verdictOf(errorIn(status, body("", message))).does).toBe(does);
    expect(verdictOf(errorIn(status, body("0x0", message))).does).toBe(does);
  },
);

test("0x80048d19 is about our names when it says so, and else about a value", () => {
  const named = errorIn(
    400,
    body("0x80048d19", "An undeclared property 'xyz' which only has property annotations"),
  );
  expect(verdictOf(named)).toMatchObject({ does: "retry", why: "schema" });
  expect(reasonOf(named)).toContain("(xyz)");
  const value = errorIn(
    400,
    body(
      "0x80048d19",
      "Error identified in Payload: Cannot convert the literal 'rose' to the expected type 'Edm.Int32'.",
    ),
  );
  expect(verdictOf(value)).toEqual({ does: "refuse", why: "validation" });
});

test("a plug-in's deadlock is a lock, and what else it says is not shown", () => {
  const deadlock = errorIn(
    400,
    body("0x80040265", "Generic SQL error while doing something for rose"),
  );
  expect(verdictOf(deadlock)).toMatchObject({ does: "retry", why: "lock" });
  const own = errorIn(400, body("0x80040265", "Rose Gonzalez may not be called"));
  expect(verdictOf(own)).toEqual({ does: "refuse", why: "validation" });
  expect(reasonOf(own)).not.toContain("Rose");
});

test("O3 no reason repeats what a customer said, whatever the code", () => {
  const customer = `rose@edge.example "Rose Gonzalez" 'Rose Gonzalez' +49 30 1234567 7e4a47c0-0000-4000-8000-0000000000aa https://x.example/?rose`;
  for (const code of [...Object.keys(table), "", "0x80099999"])
    for (const status of [400, 403, 404, 412, 500])
      expect(reasonOf(errorIn(status, body(code, `Failed for ${customer}`)))).not.toMatch(
        /rose|gonzalez|1234567|7e4a47c0/i,
      );
});

test("a reason names column and privilege where Dataverse does", () => {
  const long = errorIn(
    400,
    body(
      "0x80044331",
      "A validation error occurred.  The length of the 'subject' attribute of the 'phonecall' entity exceeded the maximum allowed length of '200'.",
    ),
  );
  expect(columnOf(long)).toBe("subject");
  expect(reasonOf(long)).toBe(
    "Dynamics 365: the text is too long for the column (subject) [0x80044331]",
  );
  const denied = errorIn(
    403,
    body(
      "0x80040220",
      "Principal user (Id=7e4a47c0-0000-4000-8000-0000000000aa, type=8, roleCount=1) is missing prvCreateActivity privilege (Id=…) on OTC=4200",
    ),
  );
  expect(reasonOf(denied)).toContain("(prvCreateActivity)");
});

test("a request that fails for what our user is pauses the connection; the same about an owner fails one write", () => {
  for (const code of ["0x80072560", "0x80042f09", "0x80040225"])
    for (const status of [401, 403]) {
      const error = crmErrorOf({ status, body: body(code, "x"), retryAfterMs: undefined });
      expect([error.why, error.sent]).toEqual(["auth", "no"]);
      expect(error.message).toMatch(/signIn\.clientId/);
      expect(verdictOf(errorIn(status, body(code, "x")))).toEqual({
        does: "refuse",
        why: "permission",
      });
    }
  expect(
    crmErrorOf({
      status: 403,
      body: body("", "The user is not a member of the organization."),
      retryAfterMs: undefined,
    }).why,
  ).toBe("auth");
});

test("429 asks to slow down whatever its body says, and Retry-After is passed on", () => {
  for (const code of ["0x80072322", "0x80040333", ""]) {
    const error = crmErrorOf({ status: 429, body: body(code), retryAfterMs: 7000 });
    expect([error.why, error.sent, error.afterMs]).toEqual(["throttled", "no", 7000]);
  }
});

test("names of Object are no codes", () => {
  for (const code of ["constructor", "__proto__", "toString"])
    expect(rowOf({ code, message: "", status: 400 })).toBeUndefined();
});

test("only Dataverse's own form counts as a refusal", () => {
  for (const strange of ["<html>", null, [], {}, { error: "x" }, { error: {} }])
    expect(isErrorBody(strange)).toBe(false);
  expect(isErrorBody(body("", "x"))).toBe(true);
});
