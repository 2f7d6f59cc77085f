import { CrmError, isWrapupError } from "@wrapup/core";
import { describe, expect, test } from "vitest";
import { graphMail } from "../../src/index.ts";
import type { GraphMailOptions } from "../../src/index.ts";
import { contextOf, drafted, mail, openTenant, put, sending } from "./tenant.ts";

const thrown = async (work: Promise<unknown>): Promise<CrmError> => {
  const error: unknown = await work.catch((cause: unknown) => cause);
  if (!(error instanceof CrmError)) throw new Error("it did not throw a CrmError");
  return error;
};

describe("check() finds, in one line with its mend", () => {
  test("nothing, when all is well, and what mail can do", async () => {
    const tenant = await openTenant();
    const found = await tenant.adapter.check(tenant.context);
    expect(found.findings).toEqual([]);
    expect(found.abilities).toMatchObject({
      kinds: ["notice"],
      once: "key",
      completedIsFrozen: true,
      linkRules: { roles: [] },
    });
    expect(tenant.seen.some(({ serverTime }) => serverTime !== undefined)).toBe(true);
    expect(Object.keys(tenant.adapter)).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/^(?:reads|createRecord|openUrl)$/)]),
    );
  });

  test("a wrong tenant, an unknown app, a wrong or expired secret: auth, naming the option", async () => {
    const tenant = await openTenant();
    const { authority, credentials } = tenant.emulator;
    const { tenantId, clientId, clientSecret } = credentials;
    const good = { tenantId, clientId, clientSecret, authority };
    const wrong = [
      [{ ...good, tenantId: "00000000-0000-4000-8000-0000000000aa" }, /signIn\.tenantId/],
      [{ ...good, clientId: "00000000-0000-4000-8000-0000000000bb" }, /signIn\.clientId/],
      [{ ...good, clientSecret: "not-the-secret" }, /signIn\.clientSecret/],
    ] as const;
    await tenant.another({ signIn: good }).check(contextOf());
    for (const [signIn, names] of wrong) {
      const error = await thrown(tenant.another({ signIn }).check(contextOf()));
      expect(error).toMatchObject({ why: "auth", sent: "no" });
      expect(error.message).toMatch(names);
      expect(error.message).not.toContain(clientSecret);
    }
    const expired = await openTenant({ secretExpired: true });
    const signIn = { ...expired.emulator.credentials, authority: expired.emulator.authority };
    const { certificate: _c, ...secret } = signIn;
    const error = await thrown(expired.another({ signIn: secret }).check(contextOf()));
    expect(error.message).toMatch(/expired.*signIn\.clientSecret/s);
  });

  test("a token for another service", async () => {
    const tenant = await openTenant();
    const token = (): Promise<string> => Promise.resolve("not-for-graph");
    const error = await thrown(tenant.another({ signIn: { token } }).check(contextOf()));
    expect(error).toMatchObject({ why: "auth", sent: "no" });
    expect(error.message).toMatch(/Check signIn, and that graphUrl/);
    expect(error.message).not.toContain("not-for-graph");
  });

  test("users that may not be read", async () => {
    const tenant = await openTenant({ missingGraphPermissions: ["users"] });
    const error = await thrown(tenant.adapter.check(tenant.context));
    expect(error).toMatchObject({ why: "auth", sent: "no" });
    expect(error.message).toMatch(/User\.Read\.All.*Authorization_RequestDenied/);
  });

  test("mail that may not be read", async () => {
    const tenant = await openTenant({ missingGraphPermissions: ["mail"] });
    const { findings } = await tenant.adapter.check(tenant.context);
    expect(findings).toMatchObject([
      { severity: "warning", place: "signIn", mend: expect.stringContaining("Mail.ReadWrite") },
    ]);
  });

  test("a shared mailbox that is not there, or may not be used; users need not be readable for it", async () => {
    const mailbox = "support@classics.example";
    const absent = await openTenant({ missingGraphPermissions: ["users"] }, { mailbox });
    expect((await absent.adapter.check(absent.context)).findings).toMatchObject([
      { severity: "error", place: "mailbox", text: expect.stringContaining("shared mailbox") },
    ]);
    await absent.control.seedUsers([{ userPrincipalName: mailbox, accountEnabled: false }]);
    expect((await absent.adapter.check(absent.context)).findings).toEqual([]);
    const denied = await openTenant({ missingGraphPermissions: ["mail"] }, { mailbox });
    expect((await denied.adapter.check(denied.context)).findings).toMatchObject([
      { severity: "error", place: "mailbox", mend: expect.stringContaining("Mail.ReadWrite") },
    ]);
  });
});

describe("options", () => {
  const signIn = { token: () => Promise.resolve("t") };
  const refused = (options: GraphMailOptions): string => {
    try {
      graphMail(options);
      return "";
    } catch (error) {
      return isWrapupError(error) ? `${error.place ?? ""}: ${error.message}` : "another error";
    }
  };

  test("a bad option is one clear error that names it, without its value", () => {
    expect(refused({ signIn, graphUrl: "http://graph.microsoft.com" })).toMatch(
      /graphMail options\.graphUrl.*must be https/s,
    );
    expect(refused({ signIn, graphUrl: "https://graph.microsoft.com/v1.0" })).toMatch(/graphUrl/);
    const bad = refused({ signIn, mailbox: "Support <s@x.example>" });
    expect(bad).toMatch(/graphMail options\.mailbox.*email address/s);
    expect(bad).not.toContain("s@x.example");
    expect(refused({ signIn, timeoutMs: 0 })).toMatch(/timeoutMs/);
    expect(refused({ signIn })).toBe("");
  });
});

describe("one renewal, shared", () => {
  test("W5 a token that expired is renewed once for all that meet it, and the mails go out", async () => {
    let asked = 0;
    const tenant = await openTenant();
    const { authority, credentials } = tenant.emulator;
    const { tenantId, clientId, clientSecret } = credentials;
    const adapter = tenant.another({ signIn: { tenantId, clientId, clientSecret, authority } });
    const entries = [1, 2, 3, 4].map((n) => mail(n, tenant.agent));
    const answers = await adapter.push(
      entries.map((entry) => put(entry)),
      contextOf(),
    );
    expect(answers.every(({ is }) => is === "written")).toBe(true);
    const tokens = async (): Promise<number> =>
      (await tenant.control.calls()).filter(
        ({ service, path }) => service === "authority" && path.endsWith("/token"),
      ).length;
    const before = await tokens();
    await tenant.control.expireTokens();
    const again = await adapter.push(
      answers.flatMap((answer, n) => {
        const entry = entries[n];
        return answer.is === "written" && entry !== undefined
          ? [sending(entry, answer.receipt)]
          : [];
      }),
      contextOf(),
    );
    asked = (await tokens()) - before;
    expect(again.every(({ is }) => is === "written")).toBe(true);
    expect(asked).toBe(1);
    expect(await tenant.sent()).toHaveLength(4);
  });

  test("a token that is refused again is auth, and nothing was sent", async () => {
    const tenant = await openTenant();
    const entry = mail(9, tenant.agent);
    const receipt = await drafted(tenant, entry);
    let given = 0;
    const stubborn = tenant.another({
      signIn: { token: () => Promise.resolve(`wrong-${(given += 1)}`) },
    });
    expect(await stubborn.push([sending(entry, receipt)], contextOf())).toMatchObject([
      { is: "retry", why: "auth", sent: "no" },
    ]);
    expect(given).toBe(2);
    expect(await tenant.sent()).toEqual([]);
  });
});
