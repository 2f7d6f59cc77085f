import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { retryAfterIn, usageIn } from "../../src/headers.ts";
import {
  clientWith,
  failure,
  instance,
  quiet,
  secret,
  secretApp,
  tokenOptions,
  tokenReply,
  vendorServer,
} from "./vendor.ts";

const { org, requests } = vendorServer();
const data = "/services/data/v66.0";
const expired = [{ errorCode: "INVALID_SESSION_ID", message: "Session expired or invalid" }];

test("J1 a refresh that fails rejects every waiting call; none hangs", async () => {
  org().post("/services/oauth2/token").reply(200, tokenReply("first"));
  org().get(`${data}/limits`).times(3).reply(401, expired);
  org()
    .post("/services/oauth2/token")
    .reply(400, { error: "invalid_grant", error_description: "user x@y.example inactive" });
  const client = clientWith({ signIn: secretApp });
  const all = await Promise.all(
    [1, 2, 3].map(() => failure(client.send({ method: "GET", path: "/limits" }, quiet()))),
  );
  expect(all.map(({ why, sent }) => [why, sent])).toEqual([
    ["auth", "no"],
    ["auth", "no"],
    ["auth", "no"],
  ]);
  expect(all[0]?.message).not.toContain("x@y.example");
  expect(requests().filter((one) => one.includes("oauth2"))).toHaveLength(2);
});

test("J1 a token function of the app that throws is an auth error, not a hang", async () => {
  const client = clientWith({
    signIn: { token: () => Promise.reject(new Error("vault is sealed: secret-1")) },
  });
  const error = await failure(client.send({ method: "GET", path: "/limits" }, quiet()));
  expect(error.why).toBe("auth");
  expect(error.message).not.toContain("secret-1");
});

test("J2 a refreshed token that is refused again ends in one error, not in a loop", async () => {
  org().post("/services/oauth2/token").twice().reply(200, tokenReply("never-good"));
  org().get(`${data}/limits`).twice().reply(401, expired);
  const error = await failure(
    clientWith({ signIn: secretApp }).send({ method: "GET", path: "/limits" }, quiet()),
  );
  expect(error.why).toBe("auth");
  expect(requests()).toHaveLength(4);
});

test("J2 O5 an expired session is refreshed exactly once for all that wait", async () => {
  const tokens = ["old", "new", "never"];
  let asked = 0;
  const client = clientWith({
    signIn: {
      token: () => Promise.resolve({ accessToken: tokens[asked++] ?? "", instanceUrl: instance }),
    },
  });
  org()
    .get(`${data}/limits`)
    .matchHeader("authorization", "Bearer old")
    .times(10)
    .reply(401, expired);
  org()
    .get(`${data}/limits`)
    .matchHeader("authorization", "Bearer new")
    .times(10)
    .reply(200, { ok: true });
  const bodies = await Promise.all(
    Array.from({ length: 10 }, () => client.send({ method: "GET", path: "/limits" }, quiet())),
  );
  expect(bodies).toEqual(Array.from({ length: 10 }, () => ({ ok: true })));
  expect(asked).toBe(2);
});

test("J3 a 401 without any OAuth code is an auth error with a code", async () => {
  org().get(`${data}/limits`).twice().reply(401, "");
  const error = await failure(clientWith().send({ method: "GET", path: "/limits" }, quiet()));
  expect([error.code, error.why, error.sent]).toEqual(["crm_error", "auth", "no"]);
});

test("J4 a busy server is asked once, and Retry-After is kept", async () => {
  org()
    .get(`${data}/limits`)
    .reply(503, [{ errorCode: "SERVER_UNAVAILABLE", message: "" }], { "retry-after": "7" });
  const error = await failure(clientWith().send({ method: "GET", path: "/limits" }, quiet()));
  expect([error.why, error.afterMs]).toEqual(["unreachable", 7000]);
  expect(requests()).toHaveLength(1);
});

test("J5 a failed request with a body shows its own error after one attempt", async () => {
  org()
    .patch(`${data}/composite/sobjects`)
    .reply(500, [{ errorCode: "UNKNOWN_EXCEPTION", message: "An unexpected error occurred" }]);
  const error = await failure(
    clientWith().send(
      { method: "PATCH", path: "/composite/sobjects", body: { records: [] } },
      quiet(),
    ),
  );
  expect([error.why, error.sent]).toEqual(["transient", "maybe"]);
  expect(error.message).toContain("UNKNOWN_EXCEPTION");
  expect(requests()).toHaveLength(1);
});

test("J6 O3 the status decides where there is no code, and the Date header is observed", async () => {
  const date = "Sat, 21 Nov 2026 10:00:00 GMT";
  org().post(`${data}/sobjects/Case`).reply(429, "", { "retry-after": "3", date });
  const context = quiet();
  const error = await failure(
    clientWith().send({ method: "POST", path: "/sobjects/Case", body: {} }, context),
  );
  expect([error.why, error.sent, error.afterMs]).toEqual(["throttled", "no", 3000]);
  expect(context.seen).toEqual([{ serverTime: Date.parse(date) }]);
});

test("J7 the API version is always ours", async () => {
  org().get("/services/data/v64.0/limits").reply(200, {});
  await expect(
    clientWith(tokenOptions({ apiVersion: "64.0" })).send(
      { method: "GET", path: "/limits" },
      quiet(),
    ),
  ).resolves.toEqual({});
});

test("J13 a body goes out as it was given, with `type` and `attributes`", async () => {
  const body = { attributes: { type: "Task" }, Id: "00Txx0000012345AAA", type: "kept" };
  org()
    .patch(
      `${data}/composite/sobjects`,
      (sent: unknown) => JSON.stringify(sent) === JSON.stringify(body),
    )
    .reply(200, []);
  await expect(
    clientWith().send({ method: "PATCH", path: "/composite/sobjects", body }, quiet()),
  ).resolves.toEqual([]);
});

test("J14 a 200 with broken JSON or HTML is an error, and a write may have happened", async () => {
  org()
    .patch(`${data}/composite/sobjects`)
    .reply(200, '[{"id":"00T', { "content-type": "application/json" });
  org()
    .patch(`${data}/composite/sobjects`)
    .reply(200, "<html>maintenance</html>", { "content-type": "text/html" });
  for (let n = 0; n < 2; n += 1) {
    const error = await failure(
      clientWith().send({ method: "PATCH", path: "/composite/sobjects", body: {} }, quiet()),
    );
    expect([error.why, error.sent]).toEqual(["transient", "maybe"]);
  }
});

test("J17 O5 the token is in one header and nowhere else: not in an address, an error or a cause", async () => {
  org().get(`${data}/limits`).matchHeader("authorization", `Bearer ${secret}`).reply(500, "");
  const error = await failure(clientWith().send({ method: "GET", path: "/limits" }, quiet()));
  expect(requests().join()).not.toContain(secret);
  expect(
    JSON.stringify({
      message: error.message,
      stack: error.stack,
      cause: String(error.cause),
    }),
  ).not.toContain(secret);
});

test("J19 a redirect is not followed with our token", async () => {
  org().get(`${data}/limits`).reply(302, "", { location: "https://evil.example/steal" });
  const error = await failure(clientWith().send({ method: "GET", path: "/limits" }, quiet()));
  expect(error.why).toBe("unreachable");
  expect(requests()).toHaveLength(1);
});

test("J20 W5 Sforce-Limit-Info is read by key, in any order", async () => {
  org().get(`${data}/limits`).reply(
    200,
    {},
    {
      "sforce-limit-info":
        "per-app-api-usage=17/250(appName=x); api-usage=45/15000; api-bursts=1/750",
    },
  );
  const context = quiet();
  await clientWith().send({ method: "GET", path: "/limits" }, context);
  expect(context.seen[0]?.usage).toEqual({ used: 45, limit: 15_000 });
  expect([usageIn("api-bursts=1/750"), usageIn(null), usageIn("api-usage=1/2")]).toEqual([
    undefined,
    undefined,
    { used: 1, limit: 2 },
  ]);
});

test("J21 several errors in one body are all kept", async () => {
  const body = [
    { errorCode: "REQUIRED_FIELD_MISSING", message: "a", fields: ["LastName"] },
    { errorCode: "STRING_TOO_LONG", message: "b", fields: ["Phone"] },
  ];
  org().post(`${data}/sobjects/Contact`).reply(400, body);
  const reply = await clientWith().ask(
    { method: "POST", path: "/sobjects/Contact", body: {} },
    quiet(),
  );
  expect(reply).toMatchObject({ status: 400, body });
});

test("J23 after a refresh that moved the instance the repeat goes to the new one", async () => {
  const answers = [
    { accessToken: "old", instanceUrl: "https://old.my.salesforce.com" },
    { accessToken: "new", instanceUrl: instance },
  ];
  const client = clientWith({
    signIn: {
      token: () => Promise.resolve(answers.shift() ?? { accessToken: "", instanceUrl: "" }),
    },
  });
  const { default: nock } = await import("nock");
  nock("https://old.my.salesforce.com").get(`${data}/limits`).reply(401, expired);
  org()
    .get(`${data}/limits`)
    .matchHeader("authorization", "Bearer new")
    .reply(200, { moved: true });
  await expect(client.send({ method: "GET", path: "/limits" }, quiet())).resolves.toEqual({
    moved: true,
  });
  expect(client.instanceUrl()).toBe(instance);
});

test("J6 Retry-After is seconds or a date", () => {
  const now = Date.parse("2026-11-21T10:00:00Z");
  expect([
    retryAfterIn("5", now),
    retryAfterIn("Sat, 21 Nov 2026 10:00:30 GMT", now),
    retryAfterIn("soon", now),
    retryAfterIn(null, now),
  ]).toEqual([5000, 30_000, undefined, undefined]);
});

test.for([
  ["999999999999", 86_400_000],
  ["9".repeat(400), 86_400_000],
  ["Sat, 21 Nov 2099 10:00:00 GMT", 86_400_000],
  ["Sat, 21 Nov 2020 10:00:00 GMT", 0],
  ["-5", undefined],
  ["1e9", undefined],
  ["soon 1", undefined],
  ["Xyz, 99 Abc 2026 10:00:00 GMT", undefined],
  ["", undefined],
] as const)(
  "W5 O5 a Retry-After of %s is %s ms: a day at most, and no nonsense",
  ([header, ms]) => {
    expect(retryAfterIn(header, Date.parse("2026-11-21T10:00:00Z"))).toBe(ms);
  },
);

test.for([
  `api-usage=${"9".repeat(400)}/15000`,
  `api-usage=1/${"9".repeat(400)}`,
  "api-usage=150001/15000",
  "api-usage=5/0",
  "api-usage=-5/100",
  "api-usage=NaN/100",
])("W5 O5 usage that cannot be is no usage: %s", (header) => {
  expect(usageIn(header)).toBeUndefined();
});

test("W5 an org beyond its limit is believed", () => {
  expect(usageIn("api-usage=16000/15000")).toEqual({ used: 16_000, limit: 15_000 });
});

test("every trap in the list of client.ts has a test with its number", async () => {
  const list = await readFile(new URL("../../src/client.ts", import.meta.url), "utf8");
  const files = [
    "client.test.ts",
    "network.test.ts",
    "sign-in.test.ts",
    "../push.test.ts",
    "../query.test.ts",
    "../options.test.ts",
  ];
  const tests = (
    await Promise.all(files.map((file) => readFile(new URL(file, import.meta.url), "utf8")))
  ).join("\n");
  const traps = [...list.matchAll(/^ \* - (J\d+) /gm)].map(([, number]) => number);
  expect(traps).toHaveLength(24);
  expect(
    traps.filter(
      (number) => !new RegExp(`test[^\\n]*\\([^\\n]*"[^"\\n]*\\b${number}\\b`).test(tests),
    ),
  ).toEqual([]);
});
