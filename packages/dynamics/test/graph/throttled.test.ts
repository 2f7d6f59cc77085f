import { describe, expect, test } from "vitest";
import {
  contextOf,
  drafted,
  graphCall,
  mail,
  openTenant,
  put,
  receiptOf,
  sending,
} from "./tenant.ts";

describe("mailbox concurrency (facts §3)", () => {
  test("twelve mails at once from one mailbox: never more than four requests, so Exchange never answers 429", async () => {
    const tenant = await openTenant({ latencyMs: 15 });
    const entries = Array.from({ length: 12 }, (_, n) => mail(n, tenant.agent));
    const pushes = [0, 4, 8].map((from) =>
      tenant.push(...entries.slice(from, from + 4).map((entry) => put(entry))),
    );
    const answers = (await Promise.all(pushes)).flat();
    expect(answers.every(({ is }) => is === "written")).toBe(true);
    const statuses = (await tenant.control.calls()).map(({ status }) => status);
    expect(statuses).not.toContain(429);
  });

  test("somebody else uses the mailbox up: only this mail waits, and the connection goes on", async () => {
    const tenant = await openTenant();
    const [other = ""] = await tenant.control.seedUsers([
      { userPrincipalName: "other@classics.example" },
    ]);
    const look = (folder: string) =>
      graphCall(tenant.emulator, "GET", `users/${tenant.agent}/mailFolders/${folder}`);
    await tenant.control.fault({ kind: "hang", path: "/sentitems", times: 4, ms: 600 });
    const held = Promise.all(Array.from({ length: 4 }, () => look("sentitems")));
    let status = 0;
    while (status !== 429) status = (await look("drafts")).status;
    const answers = await tenant.push(put(mail(20, tenant.agent)), put(mail(21, other)));
    expect(answers).toMatchObject([
      { is: "retry", why: "lock", sent: "no", afterMs: 1_000 },
      { is: "written", how: "created" },
    ]);
    expect((await held).map((reply) => reply.status)).toEqual([200, 200, 200, 200]);
  });

  test("W5 any other 429 pauses the connection for as long as it says", async () => {
    const tenant = await openTenant();
    const entry = mail(40, tenant.agent);
    const receipt = await drafted(tenant, entry);
    await tenant.control.fault({
      kind: "status",
      status: 429,
      code: "TooManyRequests",
      method: "POST",
      path: "/send",
      headers: { "Retry-After": "7" },
    });
    expect(await tenant.push(sending(entry, receipt))).toMatchObject([
      { is: "retry", why: "throttled", sent: "no", afterMs: 7_000 },
    ]);
    // One attempt each: neither the client nor the adapter repeated it (trap G2).
    expect((await tenant.calls()).filter((call) => call.endsWith("/send"))).toHaveLength(1);
    const [sent] = await tenant.push(sending(entry, receipt));
    expect(receiptOf(sent).stamp).toMatch(/^sent:/);
  });

  test("who waits for a turn and is stopped has sent nothing", async () => {
    const tenant = await openTenant({ latencyMs: 100 });
    const stopper = new AbortController();
    const slow = tenant.push(...[50, 51, 52, 53].map((n) => put(mail(n, tenant.agent))));
    const waiting = tenant.adapter.push([put(mail(54, tenant.agent))], contextOf(stopper.signal));
    stopper.abort();
    expect(await waiting).toMatchObject([{ is: "retry", why: "transient", sent: "no" }]);
    expect((await slow).every(({ is }) => is === "written")).toBe(true);
    expect(await tenant.drafts()).toHaveLength(4);
  });
});
