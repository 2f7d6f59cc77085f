import { expect, test } from "vitest";
import { queryRows } from "../../src/rows.ts";
import {
  api,
  clientWith,
  environment,
  failure,
  quiet,
  secret,
  tokenOptions,
  userId,
  vendorError,
  vendorServer,
} from "./vendor.ts";

const { org, requests } = vendorServer();
const read = { method: "GET", path: "contacts?$select=contactid" } as const;
const write = { method: "PATCH", path: "contacts(x)", body: { lastname: "Ö" } } as const;

test("facts §1.1: every request carries what the Web API asks for", async () => {
  org()
    .get(`${api}contacts?$select=contactid`)
    .matchHeader("accept", "application/json")
    .matchHeader("odata-version", "4.0")
    .matchHeader("odata-maxversion", "4.0")
    .matchHeader("if-none-match", "null")
    .matchHeader("authorization", `Bearer ${secret}`)
    .reply(200, { value: [] });
  await expect(clientWith().send(read, quiet())).resolves.toEqual({ value: [] });
});

test("facts §1.1: a condition of our own takes the place of If-None-Match: null, in any spelling", async () => {
  org()
    .patch(`${api}contacts(x)`, { lastname: "Ö" })
    .matchHeader("if-none-match", "*")
    .matchHeader("content-type", "application/json; charset=utf-8")
    .reply(204, "");
  const reply = await clientWith().ask({ ...write, headers: { "If-None-Match": "*" } }, quiet());
  expect(reply).toMatchObject({ status: 204, body: undefined });
});

test("a batch goes as it is, and its answer comes as it is", async () => {
  const text = "--b\r\n\r\nx\r\n--b--\r\n";
  org()
    .post(`${api}$batch`, text)
    .matchHeader("content-type", "multipart/mixed;boundary=b")
    .reply(200, "--r\r\n\r\ny\r\n--r--\r\n", { "content-type": "multipart/mixed; boundary=r" });
  const reply = await clientWith().ask(
    { method: "POST", path: "$batch", multipart: { boundary: "b", text } },
    quiet(),
  );
  expect(reply).toMatchObject({ status: 200, text: "--r\r\n\r\ny\r\n--r--\r\n", body: undefined });
});

test.for([400, 401, 403, 404, 412, 429, 500, 503] as const)(
  "W3 a batch's answers are passed on whatever the status of the whole (HTTP %i), and it is sent once",
  async (status) => {
    const text = "--b\r\n\r\nx\r\n--b--\r\n";
    org().post(`${api}$batch`, text).reply(status, "--r\r\n\r\ny\r\n--r--\r\n", {
      "content-type": "multipart/mixed; boundary=r",
    });
    const request = { method: "POST", path: "$batch", multipart: { boundary: "b", text } } as const;
    const reply = await clientWith().ask(request, quiet());
    expect(reply).toMatchObject({ status, text: "--r\r\n\r\ny\r\n--r--\r\n" });
    expect(requests()).toHaveLength(1);
  },
);

test("what is no batch is not answered with a batch's answers", async () => {
  org()
    .patch(`${api}contacts(x)`)
    .reply(503, "--r--\r\n", { "content-type": "multipart/mixed; boundary=r" });
  expect((await failure(clientWith().ask(write, quiet()))).why).toBe("unreachable");
});

test.for([400, 403, 404, 412] as const)(
  "a refusal (HTTP %i) is an answer to ask, and thrown by send",
  async (status) => {
    org().patch(`${api}contacts(x)`).twice().reply(status, vendorError("0x80040203", "Bad."));
    const client = clientWith();
    const reply = await client.ask(write, quiet());
    expect(reply).toMatchObject({ status, body: vendorError("0x80040203", "Bad.") });
    expect((await failure(client.send(write, quiet()))).why).toBe("refused");
  },
);

test("R4 500 with the code of a duplicate is a refusal too", async () => {
  org().post(`${api}contacts`).reply(500, vendorError("0x80040333", "A duplicate."));
  const reply = await clientWith().ask({ method: "POST", path: "contacts", body: {} }, quiet());
  expect(reply.status).toBe(500);
});

test.for(["0x80072322", "-2147015903", "0x80072326", ""])(
  "W6 429 (%s) is throttled, not sent, with Retry-After",
  async (code) => {
    org().patch(`${api}contacts(x)`).reply(429, vendorError(code), { "retry-after": "17" });
    const thrown = await failure(clientWith().ask(write, quiet()));
    expect([thrown.why, thrown.sent, thrown.afterMs]).toEqual(["throttled", "no", 17_000]);
    expect(requests()).toHaveLength(1);
  },
);

test("W6 Retry-After may be a date, and is never beyond a day or before now", async () => {
  const now = Date.UTC(2026, 10, 21, 10);
  const clock = { now: () => now, after: () => () => undefined };
  const client = clientWith(tokenOptions({ clock }));
  const after = async (header: string): Promise<number | undefined> => {
    org().patch(`${api}contacts(x)`).reply(503, "", { "retry-after": header });
    return (await failure(client.ask(write, quiet()))).afterMs;
  };
  expect(await after("Sat, 21 Nov 2026 10:00:30 GMT")).toBe(30_000);
  expect(await after("Sat, 21 Nov 2026 09:00:00 GMT")).toBe(0);
  expect(await after("99999999")).toBe(86_400_000);
  expect(await after("soon")).toBeUndefined();
});

test("what our user is not, is an auth error with what to mend", async () => {
  org()
    .get(/contacts/)
    .reply(403, vendorError("0x80072560", "The user is not a member of the organization."));
  const stranger = await failure(clientWith().ask(read, quiet()));
  expect([stranger.why, stranger.sent]).toEqual(["auth", "no"]);
  expect(stranger.message).toMatch(/application user of this environment/);
  org()
    .get(/contacts/)
    .reply(403, vendorError("0x80042f09", "The user has not been assigned any roles."));
  const roleless = await failure(clientWith().ask(read, quiet()));
  expect(roleless.message).toMatch(/security role/);
});

test.for([502, 503, 504] as const)(
  "W6 a gateway's page (HTTP %i) is no answer: a write may have happened, a read not",
  async (status) => {
    org()
      .patch(`${api}contacts(x)`)
      .reply(status, "<html>Rose</html>", { "content-type": "text/html" });
    org()
      .get(/contacts/)
      .reply(status, "<html>Rose</html>", { "content-type": "text/html" });
    const [wrote, asked] = [
      await failure(clientWith().ask(write, quiet())),
      await failure(clientWith().ask(read, quiet())),
    ];
    expect(["transient", "unreachable"]).toContain(wrote.why);
    expect([wrote.sent, asked.sent]).toEqual(["maybe", "no"]);
    expect(wrote.message).not.toContain("Rose");
  },
);

test("a 2xx that is no JSON is no answer, and the write may have happened", async () => {
  org().patch(`${api}contacts(x)`).reply(200, '{"contactid": "7e4');
  org().patch(`${api}contacts(x)`).reply(200, "<html>signed in</html>");
  for (const _ of [1, 2]) {
    const thrown = await failure(clientWith().ask(write, quiet()));
    expect([thrown.why, thrown.sent]).toEqual(["transient", "maybe"]);
  }
});

test("O5 a redirect is not followed with our token", async () => {
  org()
    .get(/contacts/)
    .reply(302, "", { location: "https://evil.example/" });
  const thrown = await failure(clientWith().ask(read, quiet()));
  expect([thrown.why, thrown.message]).toEqual([
    "unreachable",
    expect.stringContaining("environment"),
  ]);
});

test.for(["../../evil", "..%2f..%2fevil/../../x", "/../../../x", "contacts/../../../../x"])(
  "O5 no path leaves the Web API: %s",
  async (path) => {
    const client = clientWith();
    const left = client.ask({ method: "GET", path }, quiet());
    await expect(left).rejects.toThrow();
    expect(requests().filter((one) => !one.includes(api))).toEqual([]);
  },
);

test("O3 the CRM's clock is observed, and how much it takes at once is remembered", async () => {
  org()
    .get(/contacts/)
    .reply(200, {}, { date: "Sat, 21 Nov 2026 10:00:00 GMT", "x-ms-dop-hint": "4" });
  org()
    .get(/contacts/)
    .reply(200, {}, { "x-ms-dop-hint": "many" });
  const context = quiet();
  const client = clientWith();
  expect(client.parallelism()).toBeUndefined();
  await client.send(read, context);
  await client.send(read, context);
  expect(context.seen).toContainEqual({ serverTime: Date.UTC(2026, 10, 21, 10) });
  expect(client.parallelism()).toBe(4);
});

test("who we are is asked once, and again when told so", async () => {
  org().get(`${api}WhoAmI`).twice().reply(200, { UserId: userId.toUpperCase() });
  const client = clientWith();
  expect(client.userId()).toBeUndefined();
  expect(await client.whoAmI(quiet())).toBe(userId);
  expect([await client.whoAmI(quiet()), client.userId()]).toEqual([userId, userId]);
  expect(requests()).toHaveLength(1);
  await client.whoAmI(quiet(), true);
  expect(requests()).toHaveLength(2);
});

test("what answers like no Dataverse is not taken for one", async () => {
  org().get(`${api}WhoAmI`).reply(200, { hello: "world" });
  const thrown = await failure(clientWith().whoAmI(quiet()));
  expect(thrown.message).toContain("environment");
});

test("401 renews once for all that were refused, and each call is repeated once", async () => {
  let given = 0;
  const client = clientWith(
    tokenOptions({ signIn: { token: () => Promise.resolve(`t${(given += 1)}`) } }),
  );
  org()
    .get(/contacts/)
    .times(3)
    .matchHeader("authorization", "Bearer t1")
    .reply(401, "");
  org()
    .get(/contacts/)
    .times(3)
    .matchHeader("authorization", "Bearer t2")
    .reply(200, { ok: 1 });
  const all = await Promise.all([1, 2, 3].map(() => client.send(read, quiet())));
  expect(all).toEqual([{ ok: 1 }, { ok: 1 }, { ok: 1 }]);
  expect(given).toBe(2);
});

test("a 401 that stays is auth: the write was not done", async () => {
  org().patch(`${api}contacts(x)`).twice().reply(401, "");
  const thrown = await failure(clientWith().ask(write, quiet()));
  expect([thrown.why, thrown.sent]).toEqual(["auth", "no"]);
});

test("pages are followed as they are, and on the same origin only (O5)", async () => {
  const rows = (n: number, next?: string) => ({
    value: [{ contactid: userId, n }],
    ...(next !== undefined && { "@odata.nextLink": next }),
  });
  org()
    .get(`${api}contacts?$select=contactid`)
    .reply(200, rows(1, `${environment}${api}contacts?$skiptoken=a%20b`));
  org().get(`${api}contacts?$skiptoken=a%20b`).reply(200, rows(2));
  const found = await queryRows(clientWith(), read.path, quiet());
  expect(found.map((row) => row["n"])).toEqual([1, 2]);
  expect(requests()[1]).toBe(`GET ${api}contacts?$skiptoken=a%20b`);
  org()
    .get(`${api}contacts?$select=contactid`)
    .reply(200, rows(1, "https://evil.example/api/data/v9.2/x"));
  expect((await failure(queryRows(clientWith(), read.path, quiet()))).why).toBe("transient");
});

test("pages without end are followed ten times", async () => {
  org()
    .get(/contacts/)
    .times(10)
    .reply(200, { value: [{}], "@odata.nextLink": `${environment}${api}contacts?$skiptoken=1` });
  expect(await queryRows(clientWith(), read.path, quiet())).toHaveLength(10);
});

test("a closed client sends nothing more", async () => {
  const client = clientWith();
  client.close();
  const thrown = await failure(client.ask(write, quiet()));
  expect(thrown.sent).toBe("no");
});
