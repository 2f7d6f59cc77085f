import { expect, test } from "vitest";
import { crmErrorOf, reasonOf, verdictOf, withoutValues } from "../../src/errors.ts";
import { errorsIn } from "../../src/vendor-error.ts";

const error = (code: string, message = "", fields: readonly string[] = []) => ({
  code,
  message,
  fields,
});
const reply = (status: number, body?: unknown, retryAfterMs?: number) => ({
  status,
  body,
  retryAfterMs,
});

test.for([
  ["UNABLE_TO_LOCK_ROW", "", { does: "retry", why: "lock", sent: "no" }],
  [
    "REQUEST_LIMIT_EXCEEDED",
    "ConcurrentRequests (Concurrent API Requests) Limit exceeded.",
    { does: "retry", why: "throttled", sent: "no" },
  ],
  [
    "REQUEST_LIMIT_EXCEEDED",
    "TotalRequests Limit exceeded.",
    { does: "retry", why: "budget", sent: "no" },
  ],
  ["SERVER_UNAVAILABLE", "", { does: "retry", why: "unreachable", sent: "maybe" }],
  ["UNKNOWN_EXCEPTION", "", { does: "retry", why: "transient", sent: "maybe" }],
  ["STORAGE_LIMIT_EXCEEDED", "", { does: "retry", why: "budget", sent: "no" }],
  ["ALL_OR_NONE_OPERATION_ROLLED_BACK", "", { does: "retry", why: "transient", sent: "no" }],
  ["INVALID_SESSION_ID", "", { does: "signIn" }],
  ["API_DISABLED_FOR_ORG", "", { does: "retry", why: "auth", sent: "no" }],
  ["INVALID_FIELD", "", { does: "retry", why: "schema", sent: "no" }],
  ["DUPLICATE_VALUE", "", { does: "lookByKey" }],
  ["CANNOT_UPDATE_CONVERTED_LEAD", "", { does: "lookAtTarget" }],
  ["JSON_PARSER_ERROR", "", { does: "split" }],
  ["FIELD_CUSTOM_VALIDATION_EXCEPTION", "", { does: "refuse", why: "validation" }],
  ["INSUFFICIENT_ACCESS_OR_READONLY", "", { does: "refuse", why: "permission" }],
  ["DUPLICATES_DETECTED", "", { does: "refuse", why: "duplicate" }],
  [
    "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
    "TaskTrigger: execution of AfterInsert caused by: UNABLE_TO_LOCK_ROW",
    { does: "retry", why: "lock", sent: "no" },
  ],
  ["CANNOT_EXECUTE_FLOW_TRIGGER", "Apex CPU time limit exceeded", { does: "split" }],
  ["APEX_ERROR", "System.LimitException: Too many SOQL queries: 101", { does: "split" }],
  [
    "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
    "TaskTrigger: null pointer",
    { does: "refuse", why: "validation" },
  ],
  ["SOMETHING_OF_NEXT_YEAR", "", { does: "refuse", why: "validation" }],
] as const)(
  "W6 %s is classified by its code, and by its text where the code says too little",
  ([code, message, verdict]) => {
    expect(verdictOf(error(code, message))).toMatchObject(verdict);
  },
);

test("W6 a code is looked up in the table only, not in what objects inherit", () => {
  expect(verdictOf(error("constructor"))).toEqual({ does: "refuse", why: "validation" });
});

test.for([
  [503, undefined, "unreachable", "maybe"],
  [502, undefined, "unreachable", "maybe"],
  [500, undefined, "transient", "maybe"],
  [504, undefined, "transient", "maybe"],
  [420, undefined, "transient", "maybe"],
  [409, undefined, "transient", "maybe"],
  [429, undefined, "throttled", "no"],
  [401, undefined, "auth", "no"],
  [403, undefined, "auth", "no"],
  [302, undefined, "unreachable", "no"],
  [404, undefined, "refused", "no"],
  [200, undefined, "transient", "maybe"],
  [
    403,
    [{ errorCode: "REQUEST_LIMIT_EXCEEDED", message: "TotalRequests Limit exceeded." }],
    "budget",
    "no",
  ],
  [500, [{ errorCode: "NEW_CODE", message: "" }], "transient", "maybe"],
  [400, [{ errorCode: "NEW_CODE", message: "" }], "refused", "no"],
  [401, [{ errorCode: "INVALID_SESSION_ID", message: "" }], "auth", "no"],
] as const)("W6 HTTP %s with %j is %s, %s sent", ([status, body, why, sent]) => {
  expect(crmErrorOf(reply(status, body))).toMatchObject({ why, sent });
});

test("W5 Retry-After rules over our own guess", () => {
  const body = [{ errorCode: "REQUEST_LIMIT_EXCEEDED", message: "TotalRequests" }];
  expect(crmErrorOf(reply(403, body)).afterMs).toBe(15 * 60_000);
  expect(crmErrorOf(reply(403, body, 5000)).afterMs).toBe(5000);
});

test.for([
  'Rule "Rose Gonzalez" says no',
  "bad value 'Rose Gonzalez' here",
  "mail to rose@edge.example failed",
  "record with id: 0035g00000AbCdEAAV",
  "call +1 (415) 555-1212 now",
  "see https://acme.my.salesforce.com/x?name=Rose",
])("O3 %# values are taken out of a vendor's text", (message) => {
  const safe = withoutValues(message);
  for (const value of ["Rose", "rose@", "0035g00000AbCdEAAV", "555"])
    expect(safe).not.toContain(value);
});

test.for([
  "Rule 'Rose O'Brien' says no",
  "Rule 'Rose Gonz",
  'Rule "Rose Gonz',
  `${"x ".repeat(495)}Rose-with-a-long-name@edge.example`,
  `"${"y".repeat(980)}" then Rosegonzalez@edge.example`,
])("O3 %# a value that is cut off, or has an apostrophe, is taken out too", (message) => {
  expect(withoutValues(message)).not.toMatch(/Rose|Brien|Gonz/u);
});

test("O3 words that only look like quotes stay", () => {
  expect(withoutValues("The agents' calls can't be empty")).toBe(
    "The agents' calls can't be empty",
  );
});

test.for(["CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "CANNOT_EXECUTE_FLOW_TRIGGER", "APEX_ERROR"])(
  "O3 what a trigger or flow says (%s) is not shown: it may quote a customer",
  (code) => {
    for (const message of ["Cora called twice", "UNABLE_TO_LOCK_ROW of Cora"]) {
      const reason = reasonOf(error(code, message));
      expect(reason).toContain(code);
      expect(reason).not.toContain("Cora");
    }
  },
);

test("O3 an unknown field is told in our own words", () => {
  const reason = reasonOf(error("INVALID_FIELD", "No such column Cora on Task", ["Gone__c"]));
  expect(reason).toContain("Gone__c");
  expect(reason).not.toContain("Cora");
});

test("O3 a validation rule's message is shown, and not more than 200 characters of it", () => {
  const message = `Calls need a disposition. ${"Please ".repeat(200)}`;
  const reason = reasonOf(error("FIELD_CUSTOM_VALIDATION_EXCEPTION", message));
  expect(reason).toContain("Calls need a disposition.");
  expect(reason.length).toBeLessThan(350);
});

test("O3 what stands in the place of a code or a field is kept only where it is one", () => {
  expect(
    errorsIn([
      { errorCode: "Bearer TOKEN", message: "Cora", fields: ["LastName", "Cora Customer", 5] },
      { errorCode: "invalid_cora", message: "Cora", field: "Account.Name" },
      { errorCode: "STRING_TOO_LONG", message: "m", fields: ["x".repeat(81)], field: "Subject" },
    ]),
  ).toEqual([
    { code: "UNKNOWN", message: "", fields: ["LastName"] },
    { code: "UNKNOWN", message: "", fields: ["Account.Name"] },
    { code: "STRING_TOO_LONG", message: "m", fields: ["Subject"] },
  ]);
});

test("O3 a reason names the code and field, and repeats no value that Salesforce echoes", () => {
  const tooLong = reasonOf(
    error("STRING_TOO_LONG", "Subject: data value too large: my card is 4111 (max length=255)", [
      "Subject",
    ]),
  );
  expect(tooLong).toContain("Subject");
  expect(tooLong).toContain("STRING_TOO_LONG");
  expect(tooLong).not.toContain("4111");
  expect(
    reasonOf(
      error("INVALID_EMAIL_ADDRESS", "Email: invalid email address: secretperson", ["Email"]),
    ),
  ).not.toContain("secretperson");
  expect(
    reasonOf(error("FIELD_CUSTOM_VALIDATION_EXCEPTION", "Calls need a disposition")),
  ).toContain("Calls need a disposition");
});

test("errors are found in every form Salesforce has: lists, one object, records, OAuth, UI API", () => {
  expect(
    errorsIn([{ errorCode: "A", message: "m", fields: ["F"] }, { errorCode: "B" }]).map(
      ({ code }) => code,
    ),
  ).toEqual(["A", "B"]);
  expect(errorsIn([{ statusCode: "C", message: "", fields: [] }])[0]).toEqual({
    code: "C",
    message: "",
    fields: [],
  });
  expect(errorsIn({ error: "invalid_grant", error_description: "d" })[0]).toEqual({
    code: "invalid_grant",
    message: "d",
    fields: [],
  });
  const ui = {
    message: "x",
    statusCode: 400,
    output: {
      errors: [],
      fieldErrors: {
        LastName: [{ errorCode: "REQUIRED_FIELD_MISSING", field: "LastName", message: "r" }],
      },
    },
  };
  expect(errorsIn(ui)).toEqual([
    { code: "REQUIRED_FIELD_MISSING", message: "r", fields: ["LastName"] },
  ]);
  for (const none of [undefined, null, "text", 7, [], {}, { errorCode: 5 }, [null]])
    expect(errorsIn(none)).toEqual([]);
});
