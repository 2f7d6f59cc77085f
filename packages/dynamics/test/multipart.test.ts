import { fc, test as property } from "@fast-check/vitest";
import { expect, test } from "vitest";
import { boundaryOf, makeBatch, makeReads, numbered, readBatch } from "../src/odata/multipart.ts";
import type { ChangeSet } from "../src/odata/multipart.ts";

const api = "/api/data/v9.2/";
const id = "00000000-0000-0000-0000-000000000001";

const framed = (sets: readonly ChangeSet[]): string => makeBatch(numbered(sets), "batch_1", api);

const answer = (lines: readonly string[]): string => lines.join("\r\n");
const ok = (contentId: string): readonly string[] => [
  "Content-Type: application/http",
  "Content-Transfer-Encoding: binary",
  `Content-ID: ${contentId}`,
  "",
  "HTTP/1.1 204 No Content",
  "OData-Version: 4.0",
  "",
  "",
];
const refusal = (status: number, code: string): readonly string[] => [
  "Content-Type: application/http",
  "Content-Transfer-Encoding: binary",
  "",
  `HTTP/1.1 ${status} Bad Request`,
  "Content-Type: application/json; odata.metadata=minimal",
  "",
  JSON.stringify({ error: { code, message: "refused" } }),
];
const type = "multipart/mixed; boundary=batchresponse_1";

test("W4 each write is a change set of its own, as the documentation frames it", () => {
  const text = framed([
    [
      {
        method: "PATCH",
        path: `phonecalls(${id})`,
        headers: { "If-None-Match": "*" },
        body: { a: 1 },
      },
      { method: "PATCH", path: `phonecalls(${id})`, body: { statecode: 1 } },
    ],
    [{ method: "DELETE", path: `tasks(${id})`, headers: { "If-Match": 'W/"7"' } }],
  ]);
  expect(text.split("\r\n")).toEqual([
    "--batch_1",
    "Content-Type: multipart/mixed; boundary=changeset_1_batch_1",
    "",
    "--changeset_1_batch_1",
    "Content-Type: application/http",
    "Content-Transfer-Encoding: binary",
    "Content-ID: 1",
    "",
    `PATCH ${api}phonecalls(${id}) HTTP/1.1`,
    "Accept: application/json",
    "Content-Type: application/json",
    "Content-Length: 7",
    "If-None-Match: *",
    "",
    '{"a":1}',
    "--changeset_1_batch_1",
    "Content-Type: application/http",
    "Content-Transfer-Encoding: binary",
    "Content-ID: 2",
    "",
    `PATCH ${api}phonecalls(${id}) HTTP/1.1`,
    "Accept: application/json",
    "Content-Type: application/json",
    "Content-Length: 15",
    "",
    '{"statecode":1}',
    "--changeset_1_batch_1--",
    "",
    "--batch_1",
    "Content-Type: multipart/mixed; boundary=changeset_2_batch_1",
    "",
    "--changeset_2_batch_1",
    "Content-Type: application/http",
    "Content-Transfer-Encoding: binary",
    "Content-ID: 3",
    "",
    `DELETE ${api}tasks(${id}) HTTP/1.1`,
    "Accept: application/json",
    'If-Match: W/"7"',
    "",
    "",
    "--changeset_2_batch_1--",
    "",
    "--batch_1--",
    "",
  ]);
});

property.prop([fc.string({ unit: "binary" }), fc.string()])(
  "O5 whatever a customer says, a part stays one line of ASCII, and comes back as it was",
  (text, name) => {
    const frame = framed([
      [{ method: "PATCH", path: `phonecalls(${id})`, body: { [`x${name}`]: text } }],
    ]);
    expect(frame).toMatch(/^[\r\n\x20-\x7e]*$/);
    expect(frame.replaceAll("\r\n", "")).not.toMatch(/[\r\n]/);
    const json = frame.split("\r\n").find((line) => line.startsWith("{"));
    expect(JSON.parse(json ?? "")).toEqual(JSON.parse(JSON.stringify({ [`x${name}`]: text })));
    expect(frame).toContain(`Content-Length: ${json?.length ?? 0}\r\n`);
    expect(frame.split("\r\n").filter((line) => line.startsWith("--"))).toHaveLength(4);
  },
);

test.for(["a\r\nb", "contacts(1) HTTP/1.1", "x\u00e9", ""])(
  "O5 an address that would break the frame is a mistake of ours: %j",
  (path) => {
    expect(() => framed([[{ method: "DELETE", path }]])).toThrow(RangeError);
  },
);

test("O5 a header that would break the frame is a mistake of ours", () => {
  expect(() =>
    framed([[{ method: "DELETE", path: "x", headers: { "If-Match": "*\r\nX: y" } }]]),
  ).toThrow(RangeError);
});

test.for([
  ["multipart/mixed; boundary=batchresponse_1", "batchresponse_1"],
  ['multipart/mixed;boundary="a b"', "a b"],
  ["Multipart/Mixed; charset=utf-8; Boundary=x", "x"],
  ["application/json", undefined],
  ["multipart/mixed", undefined],
] as const)("the boundary is read from the Content-Type, not guessed: %s", ([header, found]) => {
  expect(boundaryOf(header)).toBe(found);
});

test("W4 the answers of change sets are read one by one, with whose they say they are", () => {
  const text = answer([
    "--batchresponse_1",
    "Content-Type: multipart/mixed; boundary=changesetresponse_7",
    "",
    "--changesetresponse_7",
    ...ok("1"),
    "--changesetresponse_7",
    ...ok("2"),
    "--changesetresponse_7--",
    "--batchresponse_1",
    ...refusal(400, "0x80040237"),
    "--batchresponse_1",
    "Content-Type: multipart/mixed; boundary=changesetresponse_8",
    "",
    "--changesetresponse_8",
    ...refusal(412, ""),
    "--changesetresponse_8--",
    "--batchresponse_1--",
    "",
  ]);
  const answers = readBatch(type, text) ?? [];
  expect(answers.map((parts) => parts.map(({ status, contentId }) => [status, contentId]))).toEqual(
    [
      [
        [204, "1"],
        [204, "2"],
      ],
      [[400, undefined]],
      [[412, undefined]],
    ],
  );
  expect(answers[1]?.[0]?.body).toEqual({ error: { code: "0x80040237", message: "refused" } });
});

test("line ends without carriage return are read too", () => {
  const text = ["--batchresponse_1", ...refusal(400, ""), "--batchresponse_1--", ""].join("\n");
  expect(readBatch(type, text)?.[0]?.[0]?.status).toBe(400);
});

test.for([
  ["no multipart", "application/json", "{}"],
  ["cut before the end", type, answer(["--batchresponse_1", ...ok("1")])],
  [
    "a change set cut before its end",
    type,
    answer([
      "--batchresponse_1",
      "Content-Type: multipart/mixed; boundary=inner",
      "",
      "--inner",
      ...ok("1"),
      "--batchresponse_1--",
      "",
    ]),
  ],
  [
    "a part that is no answer",
    type,
    answer(["--batchresponse_1", "Content-Type: text/html", "", "<p>", "--batchresponse_1--", ""]),
  ],
  [
    "an empty change set",
    type,
    answer([
      "--batchresponse_1",
      "Content-Type: multipart/mixed; boundary=inner",
      "",
      "--inner--",
      "--batchresponse_1--",
      "",
    ]),
  ],
  ["another boundary", "multipart/mixed; boundary=other", answer(["--x", ...ok("1"), "--x--"])],
] as const)("W3 an answer that is not understood is none: %s", ([, contentType, text]) => {
  expect(readBatch(contentType, text)).toBeUndefined();
});

property.prop([fc.string(), fc.string()])(
  "O5 no answer, however broken, throws",
  (contentType, text) => {
    expect(() => readBatch(`multipart/mixed; boundary=${contentType}`, text)).not.toThrow();
  },
);

property.prop([fc.array(fc.array(fc.integer({ min: 200, max: 599 }), { minLength: 1 }))])(
  "W4 what is framed as an answer is read back with every status in its place",
  (sets) => {
    let n = 0;
    const lines = sets.flatMap((set, at) => [
      "--batchresponse_1",
      `Content-Type: multipart/mixed; boundary=c${at}`,
      "",
      ...set.flatMap((status) => {
        n += 1;
        return [`--c${at}`, ...ok(String(n)).map((line) => line.replace("204", String(status)))];
      }),
      `--c${at}--`,
    ]);
    const found = readBatch(type, answer([...lines, "--batchresponse_1--", ""]));
    expect(found?.map((set) => set.map(({ status }) => status))).toEqual(sets);
  },
);

test("reads stand outside of change sets, each a part of its own, and carry no body", () => {
  expect(makeReads(["a?$select=x", "b"], "batch_1", api).split("\r\n")).toEqual([
    "--batch_1",
    "Content-Type: application/http",
    "Content-Transfer-Encoding: binary",
    "",
    `GET ${api}a?$select=x HTTP/1.1`,
    "Accept: application/json",
    "",
    "",
    "--batch_1",
    "Content-Type: application/http",
    "Content-Transfer-Encoding: binary",
    "",
    `GET ${api}b HTTP/1.1`,
    "Accept: application/json",
    "",
    "",
    "--batch_1--",
    "",
  ]);
  expect(() => makeReads(["a HTTP/1.1\r\nX: 1"], "batch_1", api)).toThrow(RangeError);
});
