import { describe, expect, test } from "vitest";
import { startApi } from "./api.ts";
import type { Api } from "./api.ts";
import { answeredParts, batchText, boundary, codeOf } from "./batch-text.ts";

const createCall = { method: "POST", path: "phonecalls", body: { subject: "Call" } };
const goOn = { prefer: "odata.continue-on-error" };

async function stored(api: Api): Promise<number> {
  return (await api.emulator.control.rows("phonecall")).length;
}

describe("A4 framing of a batch", () => {
  test("a bare line feed anywhere makes the stream unreadable, and nothing is carried out", async () => {
    const api = await startApi();
    const right = batchText([createCall, [createCall]]);
    for (const wrong of [
      right.replaceAll("\r\n", "\n"),
      right.replace("binary\r\n", "binary\n"),
      right.replace('"Call"', '"Call"\n'),
    ]) {
      const reply = await api.batch(wrong, boundary, goOn);
      expect([reply.status, codeOf(reply.json)]).toEqual([400, "0x80048d19"]);
      expect(reply.text).toContain("Stream was not readable");
    }
    expect(await stored(api)).toBe(0);
    expect((await api.batch(right, boundary)).status).toBe(200);
  });

  test.for([
    ["without its line end", (text: string) => text.slice(0, -2)],
    ["without its closing delimiter", (text: string) => text.slice(0, text.lastIndexOf("--batch"))],
  ] as const)("a last line %s fails the last write only", async ([, cut]) => {
    const api = await startApi();
    for (const items of [
      [createCall, createCall],
      [[createCall], [createCall, createCall]],
    ]) {
      const parts = answeredParts(await api.batch(cut(batchText(items)), boundary, goOn));
      expect(parts.map((part) => [part.status, codeOf(part.json)])).toEqual([
        [204, undefined],
        [400, "0x80048d19"],
      ]);
    }
    expect(await stored(api)).toBe(2);
  });

  test("a GET that comes last has no body to lose", async () => {
    const api = await startApi();
    const text = batchText([{ method: "GET", path: "WhoAmI()" }]).slice(0, -2);
    expect(answeredParts(await api.batch(text, boundary))[0]?.status).toBe(200);
  });

  test("the boundary comes from the header, quoted or not, and a text before it is ignored", async () => {
    const api = await startApi();
    const text = `nothing to see\r\n${batchText([createCall])}`;
    expect((await api.batch(text, `"${boundary}"`)).status).toBe(200);
    expect((await api.batch(text, "another")).status).toBe(400);
    const type = { "content-type": "application/json" };
    expect((await api.batch(text, boundary, type)).status).toBe(400);
    expect((await api.batch(text, boundary, { "content-type": "multipart/mixed" })).status).toBe(
      400,
    );
    expect(await stored(api)).toBe(1);
  });

  test("a boundary that begins like another one is not taken for it", async () => {
    const api = await startApi();
    const text = batchText([[createCall, createCall]]).replaceAll("changeset_0", `${boundary}_1`);
    expect(answeredParts(await api.batch(text, boundary)).map((part) => part.inside)).toEqual([
      true,
      true,
    ]);
  });

  test.for([
    ["Content-Type: application/http", "Content-Type: text/plain"],
    ["Content-Transfer-Encoding: binary\r\n", ""],
    ["HTTP/1.1\r\nContent-Type", "HTTP/2\r\nContent-Type"],
    ["POST /api", "POST  /api"],
    ["Content-Type: application/json", "nonsense"],
  ] as const)("a part with %s as %s is refused", async ([right, wrong]) => {
    const api = await startApi();
    const text = batchText([createCall]).replace(right, wrong);
    const reply = await api.batch(text, boundary);
    expect([reply.status, reply.text.includes("0x80060888")]).toEqual([400, true]);
    expect(await stored(api)).toBe(0);
  });

  test("three ways to write an address: absolute, from the root, from the service", async () => {
    const api = await startApi();
    const path = `${api.emulator.url}/api/data/v9.2/phonecalls`;
    const relative = batchText([createCall]).replace("/api/data/v9.2/phonecalls", "phonecalls");
    const ways = [
      batchText([{ ...createCall, path }]),
      batchText([{ ...createCall, path: "/api/data/v9.1/phonecalls" }]),
      relative,
    ];
    for (const text of ways)
      expect(answeredParts(await api.batch(text, boundary))[0]?.status).toBe(204);
    for (const elsewhere of ["https://other.example/api/data/v9.2/phonecalls", "/elsewhere"]) {
      const reply = await api.batch(
        batchText([{ ...createCall, path: elsewhere }]),
        boundary,
        goOn,
      );
      expect(answeredParts(reply)[0]?.status).toBeGreaterThanOrEqual(400);
    }
    expect(await stored(api)).toBe(3);
  });

  test("a batch in a batch is refused, as a part and as a request", async () => {
    const api = await startApi();
    const nested = batchText([[createCall]]).replace(
      "Content-Type: application/http",
      "Content-Type: multipart/mixed; boundary=x",
    );
    expect(answeredParts(await api.batch(nested, boundary, goOn))[0]?.status).toBe(400);
    const asked = batchText([{ method: "POST", path: "$batch" }]);
    expect(answeredParts(await api.batch(asked, boundary, goOn))[0]?.status).toBe(400);
  });

  test("1,000 operations are served, 1,001 are refused as a whole", async () => {
    const api = await startApi();
    const many = (count: number): string =>
      batchText(Array.from({ length: count }, (_, n) => (n % 2 === 0 ? createCall : [createCall])));
    const text = many(1000);
    expect((await api.batch(text, boundary)).status).toBe(200);
    const before = await stored(api);
    expect(before).toBe(1000);
    expect((await api.batch(many(1001), boundary)).status).toBe(400);
    expect(await stored(api)).toBe(before);
    const calls = await api.emulator.control.calls();
    const batches = calls.filter(({ service }) => service === "dataverse");
    expect(batches.map(({ operations, writes }) => [operations, writes])).toEqual([
      [1000, 1000],
      [1, 0],
    ]);
    expect(await api.emulator.control.callCount()).toBe(2);
  });

  test("letters of all kinds and awkward texts come through", async () => {
    const api = await startApi();
    const subject = `Grüße 😀 --${boundary}-- \r\n--${boundary}\r\nend`;
    await api.batch(batchText([{ ...createCall, body: { subject } }]), boundary);
    expect((await api.emulator.control.rows("phonecall"))[0]?.columns["subject"]).toBe(subject);
  });
});
