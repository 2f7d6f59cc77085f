import { expect, test } from "vitest";
import type { ConnectionsOptions, InteractionHandle, RecordDraft, Wrapup } from "@wrapup/core";
import { scriptedCrm } from "@wrapup/core/testing";
import { openWorld } from "../world.ts";

/** Calls as plain JavaScript does, past the types. */
const call = async (on: object, method: string, ...given: readonly unknown[]): Promise<unknown> => {
  const found: unknown = Reflect.get(on, method);
  if (typeof found !== "function") throw new Error(`no method ${method}`);
  const answer: unknown = await Reflect.apply(found, on, given);
  return answer;
};

const refused = { name: "WrapupError", code: "invalid_input" };

type At = { readonly wrapup: Wrapup; readonly call: InteractionHandle };

const wrong: readonly (readonly [title: string, run: (at: At) => Promise<unknown>])[] = [
  ["start()", ({ wrapup }) => call(wrapup.interactions, "start")],
  ["start without id", ({ wrapup }) => call(wrapup.interactions, "start", { channel: "voice" })],
  [
    "start with a previousId that is no text",
    ({ wrapup }) =>
      call(wrapup.interactions, "start", { id: "n", channel: "voice", previousId: {} }),
  ],
  ["get()", ({ wrapup }) => call(wrapup.interactions, "get")],
  ["explain({})", ({ wrapup }) => call(wrapup, "explain", {})],
  ["find without a query", ({ wrapup }) => call(wrapup, "find", "crm")],
  ["find by a phone that is a number", ({ wrapup }) => call(wrapup, "find", "crm", { phone: 5 })],
  ["find by a name that is a list", ({ wrapup }) => call(wrapup, "find", "crm", { name: [] })],
  [
    "find with a limit that is no number",
    ({ wrapup }) => call(wrapup, "find", "crm", { name: "Ada", limit: Number.NaN }),
  ],
  [
    "find with types that are no list",
    ({ wrapup }) => call(wrapup, "find", "crm", { name: "Ada", types: 5 }),
  ],
  ["parked.list(null)", ({ wrapup }) => call(wrapup.parked, "list", null)],
  [
    "parked.list of a connection that is no text",
    ({ wrapup }) => call(wrapup.parked, "list", { connection: {} }),
  ],
  ["accept()", (at) => call(at.call, "accept")],
  ["note()", (at) => call(at.call, "note")],
  ["email()", (at) => call(at.call, "email")],
  ["email of a text", (at) => call(at.call, "email", "hello")],
  ["link()", (at) => call(at.call, "link")],
  ["link of a text", (at) => call(at.call, "link", "p1")],
  ["link of an empty find", (at) => call(at.call, "link", { ref: null })],
  ["unlink()", (at) => call(at.call, "unlink")],
  ["join()", (at) => call(at.call, "join")],
  ["edit()", (at) => call(at.call, "edit")],
];

test.for(wrong)("O5 %s is refused at the door with one clear error", async ([, run]) => {
  const { wrapup, call: start } = await openWorld();
  const { call: interaction } = await start("c-1");
  await expect(run({ wrapup, call: interaction })).rejects.toMatchObject(refused);
  await wrapup.close();
});

test("O5 what is handed to edit, message or abandon never becomes another command", async () => {
  const { wrapup, call: start } = await openWorld();
  const { call: interaction } = await start("c-1");
  const smuggled = { do: "delete", written: "retract" };
  for (const method of ["edit", "message"])
    await call(interaction, method, smuggled).catch(() => undefined);
  const { leg } = await start("c-2");
  await call(leg, "hold", { do: "completeWrapUp" }).catch(() => undefined);
  expect((await interaction.read()).deleted).toBeUndefined();
  expect((await wrapup.explain("c-2")).timeline.map(({ what }) => what)).not.toContain(
    "completeWrapUp",
  );
  await wrapup.close();
});

test("O2 a connection's name never reaches into another tenant", async () => {
  const { adapter } = scriptedCrm();
  const { wrapup } = await openWorld({
    options: {
      connections: (tenant) =>
        Promise.resolve<ConnectionsOptions>(tenant === "a" ? {} : { c: adapter }),
    },
  });
  // A tenant of that name may be refused; then there is nothing to reach.
  await call(wrapup, "tenant", "a\nb")
    .then((other) =>
      typeof other === "object" && other !== null
        ? call(other, "find", "c", { name: "Cora" })
        : other,
    )
    .catch(() => undefined);
  await expect(wrapup.tenant("a").find("b\nc", { name: "Cora" })).rejects.toMatchObject({
    code: "unknown_connection",
  });
  await wrapup.close();
});

test("O2 O5 a tenant's id that a store may fold into another's is refused, as every id is", async () => {
  const { wrapup } = await openWorld();
  for (const id of ["\ud800", "a\u0000b", "a\nb"])
    expect(() => wrapup.tenant(id), JSON.stringify(id)).toThrow(
      expect.objectContaining({ code: "invalid_input" }),
    );
  await wrapup.close();
});

test("L6 a note whose event is delivered twice is one note", async () => {
  const { wrapup, call: start } = await openWorld();
  const { call: interaction } = await start("c-1");
  await interaction.note({ text: "Wants the blue one.", eventId: "note-1" });
  await interaction.note({ text: "Wants the blue one.", eventId: "note-1" });
  expect((await interaction.read()).notes).toHaveLength(1);
  await wrapup.close();
});

test("N5 a leg command on a deleted interaction says that it was deleted", async () => {
  const { wrapup, call: start } = await openWorld();
  const { call: interaction } = await start("c-1");
  await interaction.accept({ agent: { id: "second" }, leg: "second" });
  await interaction.delete({ written: "retract" });
  await expect(interaction.endTalk()).rejects.toMatchObject({ code: "interaction_deleted" });
  await wrapup.close();
});

test("N5 O4 of a deleted interaction the store keeps no customer data once nothing is left to write", async () => {
  const { wrapup, closedCall } = await openWorld();
  const interaction = await closedCall("c-1");
  await interaction.note({ text: "has a rash", audience: "inbound" });
  await wrapup.drain();
  await interaction.delete({ written: "retract" });
  await wrapup.drain();
  expect(JSON.stringify(await interaction.read())).not.toMatch(/Cora|4155550100|rash/u);
  await wrapup.close();
});

const drafted = async (): Promise<{ readonly wrapup: Wrapup; readonly draft: RecordDraft }> => {
  const { wrapup, call: start } = await openWorld();
  const { call: interaction } = await start("c-1");
  return { wrapup, draft: await interaction.draft("crm", "person") };
};

test.for([
  ["a big integer", { name: 10n }],
  ["an object", { name: { a: 1 } }],
  ["no number", { name: Number.NaN }],
  ["a function", { name: () => "x" }],
] as const)("R3 O5 a form that holds %s is refused before anything is sent", async ([, fields]) => {
  const { wrapup, draft } = await drafted();
  // As a problem of the form, or as an error of the door.
  const outcome = await call(draft, "save", fields).catch((error: unknown) => error);
  expect(outcome).toSatisfy(
    (given: object) =>
      Reflect.get(given, "is") === "refused" || Reflect.get(given, "code") === "invalid_input",
  );
  await wrapup.close();
});

test("R3 O5 a draft's id and author are ids like all others", async () => {
  const { wrapup, call: start } = await openWorld();
  const { call: interaction } = await start("c-1");
  for (const of of [{ id: "x".repeat(100_000) }, { id: "a\u0000b" }, { id: 5 }, { by: {} }])
    await expect(call(interaction, "draft", "crm", "person", of)).rejects.toMatchObject(refused);
  await wrapup.close();
});
