import { describe, expect, test } from "vitest";
import type { FieldDescription, TypeDescription } from "../../src/adapter/contract.ts";
import type { ActivityMapping, FieldSource, Mapping } from "../../src/model/mapping.ts";
import { checkMapping } from "../../src/plan/check-mapping.ts";

const field = (name: string, over: Partial<FieldDescription> = {}): FieldDescription => ({
  name,
  label: name,
  kind: "text",
  required: false,
  createable: true,
  updateable: true,
  ...over,
});

const options = [
  { value: "Inbound", label: "In" },
  { value: "Outbound", label: "Out" },
];
const task: TypeDescription = {
  name: "Task",
  label: "Task",
  fields: [
    field("Subject", { length: 10 }),
    field("Description", { kind: "longText" }),
    field("Seconds", { kind: "number" }),
    field("Closed", { kind: "boolean" }),
    field("Day", { kind: "date" }),
    field("Moment", { kind: "dateTime" }),
    field("Kind", { kind: "choice", options }),
    field("Free", { kind: "choice", options, openOptions: true }),
    field("Owner", { kind: "reference" }),
    field("Formula", { createable: false, updateable: false }),
    field("Subtype", { updateable: false }),
  ],
};

const voice = (activity: Partial<ActivityMapping>): Mapping => ({
  activities: { voice: { type: "Task", fields: {}, ...activity } },
  otherwise: { type: "Task", fields: {} },
});

const found = (mapping: Mapping, types: readonly TypeDescription[] = [task]): readonly string[] =>
  checkMapping(mapping, types).map(
    ({ severity, place, text, mend }) => `${severity} ${place}: ${text} ${mend}`,
  );

const line = (name: string, source: FieldSource): readonly string[] =>
  found(voice({ fields: { [name]: source } }));

describe("K3 one clear error per mapping line", () => {
  test("K3 a sound mapping has none", () => {
    expect(
      found(
        voice({
          fields: {
            Subject: { fact: "subject" },
            Seconds: { fact: "talkSeconds" },
            Day: { fact: "date", as: "date" },
            Moment: { fact: "start" },
            Kind: {
              fact: "interaction.direction",
              values: { inbound: "Inbound", outbound: "Outbound", internal: "Outbound" },
            },
            Free: { fact: "disposition" },
            Closed: { constant: true },
            Subtype: { constant: "Call" },
          },
          body: { field: "Description", facts: ["summary", "facts.mood"] },
        }),
      ),
    ).toEqual([]);
  });

  test("K3 an unknown type is one error, not one per field", () => {
    expect(
      found(voice({ type: "Tsk", fields: { A: { constant: 1 }, B: { constant: 2 } } })),
    ).toEqual([
      expect.stringMatching(
        /^error mapping\.activities\.voice\.type: The CRM has no type "Tsk".*Did you mean "Task"/u,
      ),
    ]);
  });

  test("K3 an unknown field names its line and the nearest name", () => {
    expect(line("subject", { constant: "x" })).toEqual([
      expect.stringMatching(
        /^error mapping\.activities\.voice\.fields\.subject: Task has no field "subject".*Did you mean "Subject"/u,
      ),
    ]);
    expect(line("Totally", { constant: "x" })[0]).not.toContain("Did you mean");
  });

  test("K3 an unknown fact, also inside a template or the body", () => {
    const mapping: Mapping = JSON.parse(
      '{"activities":{},"otherwise":{"type":"Task","fields":{"Subject":{"fact":"custmer.name"},"Free":{"template":"{nobody} and {topic}"}},"body":{"field":"Description","facts":["sumary"]}}}',
    );
    expect(found(mapping)).toEqual([
      expect.stringContaining('fields.Subject: There is no fact "custmer.name"'),
      expect.stringContaining("fields.Free"),
      expect.stringContaining("body.facts[0]"),
    ]);
    expect(found(mapping)[2]).toContain('Did you mean "summary"');
  });

  const wrong: readonly (readonly [string, string, FieldSource, RegExp])[] = [
    [
      "text into a number",
      "Seconds",
      { fact: "disposition" },
      /is text, but Seconds is of the kind number/u,
    ],
    ["seconds into a truth", "Closed", { fact: "talkSeconds" }, /number of seconds, but Closed/u],
    ["a date into a choice", "Kind", { fact: "start" }, /date and time, but Kind/u],
    ["a day into a moment", "Moment", { fact: "date", as: "date" }, /needs a time/u],
    ["a moment into a day", "Day", { fact: "start", as: "dateTime" }, /without a time/u],
    ["a form for what is no date", "Subject", { fact: "topic", as: "date" }, /no date/u],
    ["minutes of what is no duration", "Seconds", { fact: "topic", as: "minutes" }, /no duration/u],
    ["minutes of a moment", "Moment", { fact: "start", as: "minutes" }, /no duration/u],
    [
      "minutes into a truth",
      "Closed",
      { fact: "talkSeconds", as: "minutes" },
      /number of minutes/u,
    ],
    ["a day of a duration", "Day", { fact: "talkSeconds", as: "date" }, /no date/u],
    ["a template into a day", "Day", { template: "{start}" }, /template is text/u],
    [
      "a constant of another kind",
      "Closed",
      { constant: "yes" },
      /constant is a string, but Closed/u,
    ],
    ["a constant that is no date", "Day", { constant: "tomorrow" }, /no ISO 8601 date/u],
    [
      "a constant that is too long",
      "Subject",
      { constant: "eleven char" },
      /longer than Subject, which holds 10/u,
    ],
    [
      "a constant the list does not have",
      "Kind",
      { constant: "Sideways" },
      /not among the values of Kind.*Inbound, Outbound/u,
    ],
    [
      "a translation the list does not have",
      "Kind",
      { fact: "disposition", values: { ok: "Sideways" } },
      /not among the values/u,
    ],
    [
      "an untranslated fact of few values",
      "Kind",
      { fact: "interaction.direction", values: { inbound: "Inbound" } },
      /no value for "outbound", "internal"/u,
    ],
    [
      "a field that nobody may write",
      "Formula",
      { constant: "x" },
      /cannot be written on creation/u,
    ],
  ];
  test.each(wrong)("K3 %s", (_what, name, source, says) => {
    const findings = checkMapping(voice({ fields: { [name]: source } }), [task]);
    expect(findings[0]).toMatchObject({
      severity: "error",
      place: expect.stringContaining(`mapping.activities.voice.fields.${name}`),
    });
    expect(`${findings[0]?.text} ${findings[0]?.mend}`).toMatch(says);
    expect(findings.filter(({ severity }) => severity === "error")).toHaveLength(1);
  });

  test("K3 what works but not always is a warning", () => {
    expect(line("Kind", { fact: "disposition" })).toEqual([
      expect.stringMatching(/^warning .*left out with a warning/u),
    ]);
    expect(line("Subtype", { fact: "topic" })).toEqual([
      expect.stringMatching(/^warning .*cannot be changed later/u),
    ]);
  });

  test("K3 a required field that nothing fills", () => {
    const strict = {
      ...task,
      fields: [
        ...task.fields,
        field("Status", { required: true }),
        field("Auto", { required: true, createable: false }),
      ],
    };
    expect(found(voice({}), [strict])).toEqual([
      expect.stringMatching(/^error mapping\.activities\.voice\.fields: Task\.Status is required/u),
      expect.stringMatching(/^error mapping\.otherwise\.fields: Task\.Status is required/u),
    ]);
    const filled: Mapping = {
      activities: {},
      otherwise: { type: "Task", fields: {}, body: { field: "Status", facts: [] } },
    };
    expect(found(filled, [strict])).toEqual([]);
  });

  test("K3 the body needs a text field of its own", () => {
    expect(found(voice({ body: { field: "Seconds", facts: [] } }))[0]).toMatch(
      /voice\.body\.field: The body is text/u,
    );
    expect(found(voice({ body: { field: "Nowhere", facts: [] } }))[0]).toMatch(
      /has no field "Nowhere"/u,
    );
    expect(
      found(
        voice({
          fields: { Description: { constant: "x" } },
          body: { field: "Description", facts: [] },
        }),
      )[0],
    ).toMatch(/mapped twice/u);
  });

  test("K3 one mistake in a mapping shared by several channels is one finding", () => {
    const shared: ActivityMapping = { type: "Task", fields: { Nope: { constant: 1 } } };
    expect(found({ activities: { voice: shared, chat: shared }, otherwise: shared })).toHaveLength(
      1,
    );
  });
});

test("K3 a type that the CRM calls no activity is named by the mapping's line; where nobody knows, nothing is said", () => {
  const mapping: Mapping = {
    activities: {},
    otherwise: { type: "Task", fields: { Subject: { constant: "Call" } } },
  };
  const found = (activity: Pick<TypeDescription, "activity">) =>
    checkMapping(mapping, [{ ...task, ...activity }]).map(({ severity, place }) => [
      severity,
      place,
    ]);
  expect(found({ activity: false })).toEqual([["error", "mapping.otherwise.type"]]);
  expect(found({ activity: true })).toEqual([]);
  expect(found({})).toEqual([]);
});
