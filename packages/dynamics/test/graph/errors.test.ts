import type { Write } from "@wrapup/core";
import { describe, expect, test } from "vitest";
import { crmErrorOf, errorIn, reasonOf, verdictOf } from "../../src/graph/errors.ts";
import { errorBody, replies, scriptedGraph } from "./scripted-graph.ts";
import type { Script } from "./scripted-graph.ts";
import { graphMail } from "../../src/index.ts";
import { contextOf, mail, put, sending } from "./tenant.ts";

const verdict = (status: number, code: string, message = ""): string => {
  const found = verdictOf({ status, code, message });
  return "why" in found
    ? `${found.does} ${found.why}${"sent" in found ? ` ${found.sent}` : ""}`
    : found.does;
};

describe("W6 what Graph's errors mean", () => {
  test.each([
    [401, "InvalidAuthenticationToken", "signIn"],
    [403, "Authorization_RequestDenied", "retry auth no"],
    [403, "ErrorAccessDenied", "refuse permission"],
    [403, "ErrorSendAsDenied", "refuse permission"],
    [403, "", "refuse permission"],
    [404, "MailboxNotEnabledForRESTAPI", "noMailbox"],
    [404, "ErrorInvalidUser", "noMailbox"],
    [404, "Request_ResourceNotFound", "noMailbox"],
    [404, "ErrorNonExistentMailBox", "noMailbox"],
    [404, "ErrorItemNotFound", "itemGone"],
    [400, "ErrorInvalidIdMalformed", "itemGone"],
    [400, "ErrorInvalidRecipients", "refuse validation"],
    [400, "SomethingNew", "refuse validation"],
    [409, "ErrorIrresolvableConflict", "retry lock no"],
    [409, "", "retry lock no"],
    [412, "", "retry lock no"],
    [413, "", "refuse validation"],
    [429, "ApplicationThrottled", "retry throttled no"],
    [429, "activityLimitReached", "retry throttled no"],
    [500, "", "retry transient maybe"],
    [500, "ErrorInternalServerError", "retry transient maybe"],
    [502, "", "retry unreachable maybe"],
    [503, "ErrorServerBusy", "retry transient maybe"],
    [503, "", "retry unreachable maybe"],
    [504, "UnknownError", "retry transient maybe"],
    [507, "ErrorQuotaExceeded", "retry transient no"],
  ])("%i %s: %s", (status, code, expected) => {
    expect(verdict(status, code)).toBe(expected);
  });

  test("a busy mailbox is that mailbox's trouble only; the code alone does not tell", () => {
    const message = "Application is over its MailboxConcurrency limit.";
    for (const code of ["ApplicationThrottled", "TooManyRequests"])
      expect(verdict(429, code, message)).toBe("retry lock no");
    expect(
      crmErrorOf({ status: 429, body: errorBody("x", message), retryAfterMs: undefined }),
    ).toMatchObject({ why: "lock", sent: "no", afterMs: 2_000 });
  });

  test("O3 reasons hold our words and the code; what does not look like a code is not shown", () => {
    const told = (code: unknown, message: unknown): string =>
      reasonOf(
        errorIn({ status: 400, body: { error: { code, message } }, retryAfterMs: undefined }),
      );
    expect(told("ErrorInvalidRecipients", "ada@x.example")).toBe(
      "Microsoft Graph: a recipient's address is not accepted [ErrorInvalidRecipients]",
    );
    expect(told("ada@x.example", "secret")).toBe(
      "Microsoft Graph: the request was refused [HTTP 400]",
    );
    expect(told(7, { a: 1 })).toMatch(/HTTP 400/);
    expect(reasonOf(errorIn({ status: 418, body: "x", retryAfterMs: undefined }))).toMatch(
      /HTTP 418/,
    );
    expect(verdict(400, "constructor")).toBe("refuse validation");
  });
});

describe("answers that are not as they should be", () => {
  const push = async (writes: readonly Write[], ...scripts: readonly Script[]) => {
    const graph = await scriptedGraph(...scripts);
    const adapter = graphMail({
      signIn: { token: () => Promise.resolve("t") },
      graphUrl: graph.url,
    });
    const answers = await adapter.push(writes, contextOf());
    await adapter.close();
    return { answers, arrived: graph.arrived };
  };
  const entry = mail(1, "2b5e0d7e-0000-4000-8000-000000000000");
  const receipt = { ref: { type: "mail", id: "AAkALg=" }, stamp: `draft:${entry.owner ?? ""}` };
  const draft = {
    id: "AAkALg=",
    isDraft: true,
    parentFolderId: "F1",
    createdDateTime: "2026-01-01T00:00:00Z",
    subject: null,
    body: { contentType: "text", content: "" },
    toRecipients: [],
    ccRecipients: [],
  };

  test("a list that is none is not taken for nothing found: no draft is made", async () => {
    for (const body of [{}, { value: null }, { value: [{ id: "../evil", isDraft: true }] }, []]) {
      const { answers, arrived } = await push([put(entry)], replies(200, body));
      expect(answers).toMatchObject([{ is: "retry", why: "transient" }]);
      expect(arrived).toHaveLength(1);
    }
  });

  test("a draft without a usable id may be there", async () => {
    for (const id of [undefined, "", "a/../b?c", 7]) {
      const { answers } = await push(
        [put(entry)],
        replies(200, { value: [] }),
        replies(201, { id }),
      );
      expect(answers).toMatchObject([{ is: "retry", why: "transient", sent: "maybe" }]);
    }
  });

  test("the draft vanished between the look and the sending: looked at again, not refused", async () => {
    for (const code of ["ErrorItemNotFound", "ErrorNonExistentMailBox", "ErrorInvalidRequest"]) {
      const { answers } = await push(
        [sending(entry, receipt)],
        replies(200, draft),
        replies(200, { id: "F2" }),
        replies(404, errorBody(code)),
      );
      expect(answers).toMatchObject([{ is: "retry", why: "transient", sent: "maybe" }]);
    }
  });

  test("every request to a mailbox asks for immutable ids and plain text", async () => {
    const { arrived } = await push(
      [put(entry)],
      replies(200, { value: [] }),
      replies(201, { id: "AAkALg=" }),
    );
    for (const { headers } of arrived)
      expect(headers["prefer"]).toBe('IdType="ImmutableId", outlook.body-content-type="text"');
    expect(arrived[1]?.headers["content-type"]).toContain("application/json");
  });

  test("a recipient that Exchange refuses at sending parks the mail", async () => {
    const { answers } = await push(
      [sending(entry, receipt)],
      replies(200, draft),
      replies(200, { id: "F2" }),
      replies(400, errorBody("ErrorInvalidRecipients")),
    );
    expect(answers).toMatchObject([{ is: "refused", why: "validation" }]);
  });
});
