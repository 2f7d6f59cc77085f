import type { Context } from "@wrapup/core";
import { CrmError } from "@wrapup/core";
import { expect, test } from "vitest";
import { outcomeOf, sendBatch } from "../../src/batch.ts";
import type { Beside } from "../../src/batch.ts";
import type { Client, Reply, Request } from "../../src/client.ts";
import { numbered } from "../../src/odata/multipart.ts";
import type { ChangeSet } from "../../src/odata/multipart.ts";

const quiet = (): Context => ({
  signal: AbortSignal.timeout(15_000),
  urgency: "background",
  observe: () => undefined,
});

type Answered = { readonly contentId?: string; readonly status: number; readonly code?: string };

/** One change set's answers, as Dataverse frames them; a failure stands bare. */
const framedSet = (answers: readonly Answered[], bare: boolean): readonly string[] => {
  const parts = answers.flatMap(({ contentId, status, code }) => [
    ...(bare ? [] : ["--inner"]),
    "Content-Type: application/http",
    ...(contentId === undefined ? [] : [`Content-ID: ${contentId}`]),
    "",
    `HTTP/1.1 ${status} X`,
    "Content-Type: application/json",
    "",
    code === undefined ? "" : JSON.stringify({ error: { code, message: "" } }),
  ]);
  return [
    "--b",
    ...(bare
      ? parts
      : ["Content-Type: multipart/mixed; boundary=inner", "", ...parts, "--inner--"]),
  ];
};

const multipart = (sets: readonly (readonly string[])[], status = 200): Partial<Reply> => ({
  status,
  headers: new Headers({ "content-type": "multipart/mixed; boundary=b" }),
  body: undefined,
  text: [...sets.flat(), "--b--", ""].join("\r\n"),
});

const refused = (code: string, status = 400): Partial<Reply> => ({
  status,
  body: { error: { code, message: "" } },
});

/** What a request carried: the id of each change set, and its Content-IDs. */
type Sent = {
  readonly names: readonly string[];
  readonly contentIds: readonly (readonly string[])[];
};

const readSent = (request: Request): Sent => {
  const sets = (request.multipart?.text ?? "")
    .split(/^--batch_[0-9a-f-]+(?:--)?\r\n/m)
    .slice(1, -1);
  return {
    names: sets.map((set) => /things\((\w+)\)/.exec(set)?.[1] ?? ""),
    contentIds: sets.map((set) =>
      [...set.matchAll(/Content-ID: (\d+)/g)].map((one) => one[1] ?? ""),
    ),
  };
};

/** A CRM that answers by a function of what was sent; all is well where it says nothing. */
const crm = (answer: (sent: Sent) => Partial<Reply> | undefined) => {
  const sent: (readonly string[])[] = [];
  const ask = (request: Request): Promise<Reply> => {
    const got = readSent(request);
    sent.push(got.names);
    const allWell = multipart(
      got.contentIds.map((ids) =>
        framedSet(
          ids.map((contentId) => ({ contentId, status: 204 })),
          false,
        ),
      ),
    );
    return Promise.resolve({
      status: 200,
      headers: new Headers(),
      body: undefined,
      text: "",
      retryAfterMs: undefined,
      ...(answer(got) ?? allWell),
    });
  };
  const client: Client = {
    ask,
    send: async (request) => (await ask(request)).body,
    environment: "https://acme.crm4.dynamics.com",
    userId: () => undefined,
    whoAmI: () => Promise.resolve(""),
    parallelism: () => undefined,
    close: () => undefined,
  };
  const changeSetOf = (name: string): ChangeSet => [
    { method: "PATCH", path: `things(${name})`, body: {} },
    { method: "PATCH", path: `things(${name})`, body: { statecode: 1 } },
  ];
  const push = (names: readonly string[]) => sendBatch(client, names, changeSetOf, quiet());
  const pushBeside = (names: readonly string[], beside: Beside) =>
    sendBatch(client, names, changeSetOf, quiet(), beside);
  return { push, pushBeside, sent };
};

const names = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, n) => `r${n}`);
const written = (ids: readonly string[]): readonly string[] =>
  framedSet(
    ids.map((contentId) => ({ contentId, status: 204 })),
    false,
  );

test("W4 one request, a change set each, and no Content-ID twice", async () => {
  let ids: readonly string[] = [];
  const { push, sent } = crm(({ contentIds }) => {
    ids = contentIds.flat();
    return undefined;
  });
  expect(await push(names(3))).toEqual(names(3).map(() => ({ is: "applied" })));
  expect(sent).toEqual([["r0", "r1", "r2"]]);
  expect(ids).toEqual(["1", "2", "3", "4", "5", "6"]);
});

test.for([
  ["bare", true, undefined],
  ["inside a change set's answer", false, undefined],
  ["with the Content-ID of the operation that failed", false, "4"],
] as const)(
  "W4 a change set that failed fails alone: its error %s",
  async ([, bare, contentId]) => {
    const { push } = crm(({ contentIds }) =>
      multipart([
        written(contentIds[0] ?? []),
        framedSet(
          [{ status: 400, code: "0x80040203", ...(contentId !== undefined && { contentId }) }],
          bare,
        ),
        written(contentIds[2] ?? []),
      ]),
    );
    expect(await push(names(3))).toEqual([
      { is: "applied" },
      { is: "failed", problem: { code: "0x80040203", message: "", status: 400 } },
      { is: "applied" },
    ]);
  },
);

test.for([
  ["fewer answers than writes", (ids: readonly (readonly string[])[]) => [written(ids[0] ?? [])]],
  ["more answers than writes", (ids: readonly (readonly string[])[]) => [...ids, []].map(written)],
  [
    "answers of other writes",
    (ids: readonly (readonly string[])[]) => ids.toReversed().map(written),
  ],
  [
    "half of each change set",
    (ids: readonly (readonly string[])[]) => ids.map((set) => written(set.slice(0, 1))),
  ],
  [
    "success and failure in one change set",
    (ids: readonly (readonly string[])[]) =>
      ids.map((set) =>
        framedSet(
          set.map((contentId, n) => ({ contentId, status: n === 0 ? 204 : 400 })),
          false,
        ),
      ),
  ],
  [
    "a failure that says whose it is, and is somebody else's",
    (ids: readonly (readonly string[])[]) =>
      ids.map(() => framedSet([{ contentId: "99", status: 400, code: "0x80040203" }], false)),
  ],
] as const)("W3 %s are no answer: everything may have been sent", async ([, answers]) => {
  const { push, sent } = crm(({ contentIds }) => multipart(answers(contentIds)));
  const outcomes = await push(names(2));
  expect(outcomes).toMatchObject([
    { is: "unknown", error: { sent: "maybe" } },
    { is: "unknown", error: { sent: "maybe" } },
  ]);
  expect(sent).toHaveLength(1);
});

test("W3 an answer that is no batch's is none", async () => {
  const { push } = crm(() => ({ body: { value: [] } }));
  expect(await push(names(1))).toMatchObject([{ is: "unknown", error: { sent: "maybe" } }]);
});

test("W4 a batch refused as a whole is cut in halves until the bad write is alone; the others are written", async () => {
  const { push, sent } = crm(({ names: all }) =>
    all.includes("r5") ? refused("0x80048d19") : undefined,
  );
  const outcomes = await push(names(8));
  expect(outcomes.map(({ is }) => is)).toEqual([
    ...Array.from({ length: 5 }, () => "applied"),
    "failed",
    "applied",
    "applied",
  ]);
  expect(sent.filter((all) => all.length === 1)).toEqual([["r4"], ["r5"]]);
});

test("W4 cutting ends: what is left after 32 requests is tried again later, surely not sent", async () => {
  const { push, sent } = crm(() => refused("0x80048d19"));
  const outcomes = await push(names(200));
  expect(sent).toHaveLength(32);
  const open = outcomes.filter((outcome) => outcome.is === "unknown");
  expect(open.length).toBeGreaterThan(100);
  expect(open.every(({ error }) => error.sent === "no" && error.why === "transient")).toBe(true);
});

test("W4 where Dataverse stops at a failure, what is behind it is sent again and nothing twice", async () => {
  const { push, sent } = crm(({ names: all, contentIds }) =>
    all.length === 4
      ? multipart(
          [written(contentIds[0] ?? []), framedSet([{ status: 400, code: "0x80040203" }], true)],
          400,
        )
      : undefined,
  );
  expect((await push(names(4))).map(({ is }) => is)).toEqual([
    "applied",
    "failed",
    "applied",
    "applied",
  ]);
  expect(sent).toEqual([
    ["r0", "r1", "r2", "r3"],
    ["r2", "r3"],
  ]);
});

test.for([400, 403, 404, 412, 500] as const)(
  "W4 the same where the whole has the status of that failure (HTTP %i), as a proxy dropped our preference",
  async (status) => {
    const { push, sent } = crm(({ names: all, contentIds }) =>
      all.length === 3
        ? multipart(
            [written(contentIds[0] ?? []), framedSet([{ status, code: "0x80040203" }], true)],
            status,
          )
        : undefined,
    );
    expect((await push(names(3))).map(({ is }) => is)).toEqual(["applied", "failed", "applied"]);
    expect(sent).toEqual([["r0", "r1", "r2"], ["r2"]]);
  },
);

test.for([
  [429, "0x80072322"],
  [503, "0x80071151"],
] as const)(
  "W6 what stopped it would stop those behind it too (HTTP %i): they wait, surely not sent",
  async ([status, code]) => {
    const { push, sent } = crm(({ contentIds }) =>
      multipart([written(contentIds[0] ?? []), framedSet([{ status, code }], true)], status),
    );
    expect(await push(names(3))).toMatchObject([
      { is: "applied" },
      { is: "failed" },
      { is: "unknown", error: { sent: "no" } },
    ]);
    expect(sent).toHaveLength(1);
  },
);

test.for([400, 404, 503] as const)(
  "W3 answers that cannot be taken apart say nothing, whatever the status of the whole (HTTP %i)",
  async (status) => {
    const { push, sent } = crm(() => ({ ...multipart([], status), text: "--b\r\nHTTP/1.1 2" }));
    expect(await push(names(2))).toMatchObject([
      { is: "unknown", error: { sent: "maybe" } },
      { is: "unknown", error: { sent: "maybe" } },
    ]);
    expect(sent).toHaveLength(1);
  },
);

test("W4 a write that is too large in company is sent again without it", async () => {
  const { push, sent } = crm(({ names: all, contentIds }) =>
    all.length > 2
      ? multipart(
          contentIds.map((ids, n) =>
            n === 0 ? written(ids) : framedSet([{ status: 413, code: "" }], true),
          ),
        )
      : undefined,
  );
  expect((await push(names(3))).map(({ is }) => is)).toEqual(["applied", "applied", "applied"]);
  expect(sent).toEqual([
    ["r0", "r1", "r2"],
    ["r1", "r2"],
  ]);
});

test("W6 a wrong address of the batch itself is a matter of the connection", async () => {
  const { push, sent } = crm(() => refused("0x8006088a", 404));
  expect(await push(names(2))).toMatchObject([
    { is: "unknown", error: { why: "schema", sent: "no" } },
    { is: "unknown", error: { why: "schema", sent: "no" } },
  ]);
  expect(sent).toHaveLength(1);
});

test("W4 a mistake of ours in a later part leaves the results of what was written before", async () => {
  const { push } = crm(({ names: all }) => {
    if (all.length > 2) return refused("0x80048d19");
    if (all.includes("r3")) throw new TypeError("a bug");
    return undefined;
  });
  const outcomes = await push(names(4));
  expect(outcomes.map(({ is }) => is)).toEqual(["applied", "applied", "unknown", "unknown"]);
  expect(outcomes[2]).toMatchObject({ error: { why: "transient", sent: "maybe" } });
  expect(JSON.stringify(outcomes)).not.toContain("a bug");
});

test("W6 a request that failed is every write's answer", async () => {
  const { push } = crm(() => {
    throw new CrmError("throttled", "no", "slow down", { afterMs: 5 });
  });
  expect(await push(names(2))).toMatchObject([
    { is: "unknown", error: { why: "throttled", sent: "no", afterMs: 5 } },
    { is: "unknown", error: { why: "throttled", sent: "no", afterMs: 5 } },
  ]);
});

test("W4 answers without Content-IDs go by their place, as many as were asked for", () => {
  const [set] = numbered([
    [
      { method: "PATCH", path: "a" },
      { method: "PATCH", path: "b" },
    ],
  ]);
  const reply = { contentId: undefined, status: 204, headers: new Map(), body: undefined };
  expect(outcomeOf(set ?? [], [reply, reply])).toEqual({ is: "applied" });
  expect(outcomeOf(set ?? [], [reply])).toMatchObject({ is: "unknown" });
  expect(outcomeOf(set ?? [], [])).toMatchObject({ is: "unknown" });
});

test("W4 K9 what is read beside the writes is given in order, and never counts as an answer to one", async () => {
  const seen: (readonly number[])[] = [];
  const beside = {
    paths: ["contacts?one", "leads?two"],
    seen: (replies: readonly { readonly status: number }[]) =>
      void seen.push(replies.map(({ status }) => status)),
  };
  const read = (status: number): readonly string[] => framedSet([{ status }], true);
  const { pushBeside, sent } = crm(({ contentIds }) =>
    multipart([...contentIds.slice(0, 2).map(written), read(200), read(403)]),
  );
  expect(await pushBeside(names(2), beside)).toEqual(names(2).map(() => ({ is: "applied" })));
  expect([sent.length, seen]).toEqual([1, [[200, 403]]]);
  const { pushBeside: short } = crm(({ contentIds }) =>
    multipart([...contentIds.slice(0, 2).map(written), read(200)]),
  );
  expect((await short(names(2), beside)).map(({ is }) => is)).toEqual(["unknown", "unknown"]);
  const { pushBeside: shifted } = crm(({ contentIds }) =>
    multipart([written(contentIds[0] ?? []), read(200), read(200), read(200)]),
  );
  expect((await shifted(names(2), beside)).map(({ is }) => is)).toEqual(["applied", "unknown"]);
  expect(seen).toHaveLength(1);
});
