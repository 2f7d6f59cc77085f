import { createPublicKey, createVerify, generateKeyPairSync, constants } from "node:crypto";
import { expect, test } from "vitest";
import { checkOptions } from "../../src/options.ts";
import type { DynamicsOptions, SignIn } from "../../src/options.ts";
import { createTokens } from "../../src/sign-in.ts";
import {
  api,
  authority,
  clientWith,
  entraError,
  environment,
  failure,
  quiet,
  secretApp,
  tokenPath,
  tokenReply,
  vendorError,
  vendorServer,
} from "./vendor.ts";

const { org, entra, requests } = vendorServer();
const withSecret: DynamicsOptions = { environment, signIn: secretApp };
const { privateKey } = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
  publicKeyEncoding: { type: "spki", format: "pem" },
});

const ask = (options: DynamicsOptions = withSecret): Promise<unknown> =>
  clientWith(options).send({ method: "GET", path: "contacts" }, quiet());

const form = (body: unknown): URLSearchParams =>
  new URLSearchParams(typeof body === "string" ? body : (body as Record<string, string>));

test("client credentials go in the form of one POST to the authority, for the environment's scope", async () => {
  entra()
    .post(tokenPath, (body: unknown) => {
      const sent = form(body);
      return (
        sent.get("grant_type") === "client_credentials" &&
        sent.get("client_id") === secretApp.clientId &&
        sent.get("client_secret") === secretApp.clientSecret &&
        (sent.get("scope") ?? "").split(" ").includes(`${environment}/.default`)
      );
    })
    .reply(200, tokenReply("good"));
  org().get(`${api}contacts`).matchHeader("authorization", "Bearer good").reply(200, { value: [] });
  await expect(ask()).resolves.toEqual({ value: [] });
  expect(requests().map((one) => one.split("?")[0])).toEqual([
    `POST /${secretApp.tenantId}/oauth2/v2.0/token`,
    `GET ${api}contacts`,
  ]);
  expect(requests().join()).not.toContain(secretApp.clientSecret);
});

test("a certificate signs an assertion that names its SHA-256 thumbprint", async () => {
  let assertion = "";
  entra()
    .post(tokenPath, (body: unknown) => {
      assertion = form(body).get("client_assertion") ?? "";
      return true;
    })
    .reply(200, tokenReply("good"));
  org().get(`${api}contacts`).reply(200, {});
  const thumbprintSha256 = "AB".repeat(32);
  await ask({
    environment,
    signIn: {
      tenantId: secretApp.tenantId,
      clientId: secretApp.clientId,
      certificate: { thumbprintSha256, privateKey },
    },
  });
  const [head = "", body = "", signature = ""] = assertion.split(".");
  const header: unknown = JSON.parse(Buffer.from(head, "base64url").toString());
  expect(header).toMatchObject({
    "x5t#S256": Buffer.from(thumbprintSha256, "hex").toString("base64url"),
  });
  const padding = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 };
  expect(
    createVerify("RSA-SHA256")
      .update(`${head}.${body}`)
      .verify({ key: createPublicKey(privateKey), ...padding }, signature, "base64url"),
  ).toBe(true);
});

test.for([
  [90002, "signIn.tenantId"],
  [700016, "signIn.clientId"],
  [7000215, "signIn.clientSecret"],
  [7000222, "signIn.clientSecret"],
  [500011, "environment"],
  [70011, "environment"],
  [700027, "signIn.certificate"],
  [53003, "conditional access"],
  [1234567, "sign-in logs"],
] as const)(
  "a refused sign-in (AADSTS%i) is one line that names the option (%s), and shows nothing else",
  async ([code, word]) => {
    entra().post(tokenPath).reply(401, entraError("invalid_client", code));
    const thrown = await failure(ask());
    expect([thrown.why, thrown.sent]).toEqual(["auth", "no"]);
    expect(thrown.message).toContain(word);
    expect(thrown.message).toContain(`AADSTS${code}`);
    expect(thrown.message).not.toMatch(/\n|rose|secret-tenant|the~client-secret/);
    expect(requests()).toHaveLength(1);
  },
);

test("a wrong and an expired secret are told apart", async () => {
  entra().post(tokenPath).reply(401, entraError("invalid_client", 7000215));
  const wrong = await failure(ask());
  entra().post(tokenPath).reply(401, entraError("invalid_client", 7000222));
  const expired = await failure(ask());
  expect(expired.message).toContain("expired");
  expect(wrong.message).not.toContain("expired");
});

test("W6 a sign-in that is down, throttled or out of reach is no auth error: nobody must change a secret", async () => {
  entra().post(tokenPath).reply(503, "<html>maintenance</html>");
  expect((await failure(ask())).why).toBe("unreachable");
  entra()
    .post(tokenPath)
    .reply(429, entraError("temporarily_unavailable", 50196), { "retry-after": "9" });
  const throttled = await failure(ask());
  expect([throttled.why, throttled.afterMs]).toEqual(["throttled", 9000]);
  entra().post(tokenPath).reply(400, entraError("temporarily_unavailable", 90033));
  expect((await failure(ask())).why).toBe("unreachable");
  entra()
    .post(tokenPath)
    .replyWithError(
      Object.assign(new Error("getaddrinfo ENOTFOUND login"), {
        code: "ENOTFOUND",
        syscall: "getaddrinfo",
      }),
    );
  const away = await failure(ask());
  expect([away.why, away.sent]).toEqual(["unreachable", "no"]);
  expect(away.message).toContain("signIn.authority");
  // One attempt each: Wrapup's own policy decides about the next.
  expect(requests().filter((one) => one.startsWith("POST"))).toHaveLength(4);
});

test("what is not Microsoft's sign-in is said so: HTML with 200, and a redirect that is not followed", async () => {
  entra().post(tokenPath).reply(200, "<html>welcome</html>", { "content-type": "text/html" });
  expect((await failure(ask())).message).toContain("signIn.authority");
  entra().post(tokenPath).reply(302, "", { location: "https://evil.example/" });
  const thrown = await failure(ask());
  expect([thrown.why, thrown.message]).toEqual([
    "auth",
    expect.stringContaining("signIn.authority"),
  ]);
});

test.for(["TOKENvalue\nX: 1", "TOKEN value", "TOKENvalué", ""])(
  "O3 a token that cannot stand in a header (%j) is an auth error that does not show it",
  async (accessToken) => {
    const thrown = await failure(
      ask({ environment, signIn: { token: () => Promise.resolve(accessToken) } }),
    );
    expect([thrown.why, thrown.sent, thrown.cause]).toEqual(["auth", "no", undefined]);
    expect(thrown.message).not.toContain("TOKEN");
    entra().post(tokenPath).reply(200, tokenReply(accessToken));
    const entras = await failure(ask());
    expect(entras.why).toBe("auth");
    expect(entras.message).not.toContain("TOKEN");
    expect(requests().filter((one) => one.includes(api))).toEqual([]);
  },
);

test("an app's own token function that throws is an auth error that does not quote it", async () => {
  const thrown = await failure(
    ask({ environment, signIn: { token: () => Promise.reject(new Error("pw=hunter2")) } }),
  );
  expect(thrown.why).toBe("auth");
  expect(JSON.stringify([thrown.message, thrown.cause])).not.toContain("hunter2");
});

test("O5 an authority that names a token address elsewhere gets no secret sent there", async () => {
  const strange = "https://sign-in.acme.example";
  const nock = (await import("nock")).default;
  nock(strange)
    .get(`/${secretApp.tenantId}/v2.0/.well-known/openid-configuration`)
    .query(true)
    .reply(200, {
      issuer: `${strange}/${secretApp.tenantId}/v2.0`,
      token_endpoint: "https://evil.example/token",
      authorization_endpoint: `${strange}/authorize`,
      jwks_uri: `${strange}/keys`,
    });
  let stolen = false;
  nock("https://evil.example")
    .post("/token")
    .reply(200, () => {
      stolen = true;
      return tokenReply("good");
    });
  const thrown = await failure(ask({ environment, signIn: { ...secretApp, authority: strange } }));
  expect(thrown.why).toBe("auth");
  expect(stolen).toBe(false);
});

/** A source of tokens whose app counts, on a clock of its own. */
const counted = (signIn?: SignIn) => {
  let now = Date.UTC(2026, 10, 21);
  let given = 0;
  const clock = { now: () => now, after: () => () => undefined };
  const { signIn: checked } = checkOptions({
    environment,
    signIn: signIn ?? {
      token: (scope) => {
        given += 1;
        return Promise.resolve(`t${given}:${scope}`);
      },
    },
  });
  const tokens = createTokens(checked, {
    clock,
    timeoutMs: 5000,
    closed: new AbortController().signal,
  });
  return {
    tokens,
    given: () => given,
    pass: (ms: number) => {
      now += ms;
    },
  };
};
const signal = AbortSignal.timeout(15_000);

test("one token per resource, shared by all that ask at once", async () => {
  const { tokens, given } = counted();
  const got = await Promise.all([
    tokens.get("a", signal),
    tokens.get("a", signal),
    tokens.get("b", signal),
  ]);
  expect(got).toEqual(["t1:a", "t1:a", "t2:b"]);
  expect(await tokens.get("a", signal)).toBe("t1:a");
  expect(given()).toBe(2);
});

test("a refused token is renewed once for all that hold it, and not for who holds a newer one", async () => {
  const { tokens, given } = counted();
  const old = await tokens.get("a", signal);
  const fresh = await Promise.all([tokens.renew("a", old, signal), tokens.renew("a", old, signal)]);
  expect(fresh).toEqual(["t2:a", "t2:a"]);
  expect(await tokens.renew("a", old, signal)).toBe("t2:a");
  expect(given()).toBe(2);
});

test("a token is renewed before it ends", async () => {
  const { tokens, pass } = counted(secretApp);
  entra()
    .post(tokenPath)
    .reply(200, tokenReply("first", { expires_in: 3600 }));
  entra()
    .post(tokenPath)
    .reply(200, tokenReply("second", { expires_in: 3600 }));
  expect(await tokens.get("a/.default", signal)).toBe("first");
  pass(54 * 60_000);
  expect(await tokens.get("a/.default", signal)).toBe("first");
  pass(60_000);
  expect(await tokens.get("a/.default", signal)).toBe("second");
});

test("whoever gives up waiting for a token ends alone", async () => {
  const { promise, resolve } = Promise.withResolvers<string>();
  const { tokens } = counted({ token: () => promise });
  const giving = new AbortController();
  const impatient = tokens.get("a", giving.signal);
  const patient = tokens.get("a", signal);
  giving.abort();
  expect((await failure(impatient)).sent).toBe("no");
  resolve("late");
  expect(await patient).toBe("late");
});

test("401 drops msal's token too: the renewed one is another, and the call is repeated once", async () => {
  entra().post(tokenPath).reply(200, tokenReply("old"));
  entra().post(tokenPath).reply(200, tokenReply("new"));
  org().get(`${api}contacts`).matchHeader("authorization", "Bearer old").reply(401, "");
  org().get(`${api}contacts`).matchHeader("authorization", "Bearer new").reply(200, { ok: 1 });
  await expect(ask()).resolves.toEqual({ ok: 1 });
});

test("a renewed token that is refused again is an auth error, without a third try", async () => {
  entra().post(tokenPath).twice().reply(200, tokenReply("bad"));
  org().get(`${api}contacts`).twice().reply(401, vendorError("0x80072560", "not a member"));
  const thrown = await failure(ask());
  expect([thrown.why, thrown.sent]).toEqual(["auth", "no"]);
  expect(requests().filter((one) => one.includes(api))).toHaveLength(2);
});

test("the default authority is the commercial cloud's", () => {
  expect(checkOptions(withSecret).signIn).toMatchObject({ authority });
});
