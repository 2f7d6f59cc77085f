import { describe, expect, test } from "vitest";
import type { FieldDescription, TypeDescription } from "../../src/adapter/contract.ts";
import type { Interaction } from "../../src/model/interaction.ts";
import type { ActivityMapping, Mapping } from "../../src/model/mapping.ts";
import { factsOf, ofLeg, ofWhole, type Subject } from "../../src/plan/facts.ts";
import { compileMapping, type Mapped } from "../../src/plan/map.ts";
import { zoneOf } from "../../src/plan/zone.ts";
import { closedLeg, interactionOf, legOf, nineOClock } from "./building.ts";

const field = (name: string, over: Partial<FieldDescription> = {}): FieldDescription => ({
  name,
  label: name,
  kind: "text",
  required: false,
  createable: true,
  updateable: true,
  ...over,
});

const log = (...fields: readonly FieldDescription[]): readonly TypeDescription[] => [
  { name: "Log", label: "Log", fields },
];

type Filling = {
  readonly types?: readonly TypeDescription[];
  readonly zone?: string;
  readonly labels?: NonNullable<Mapping["labels"]>;
  readonly figures?: boolean;
  readonly of?: Subject;
};

const first = (interaction: Interaction): Subject =>
  ofLeg(interaction, interaction.legs[0] ?? legOf());

function filled(
  activity: Omit<ActivityMapping, "type">,
  { types, zone = "UTC", labels = {}, figures = true, of = first(interactionOf()) }: Filling = {},
): Mapped {
  const compiled = compileMapping(
    { activities: {}, otherwise: { type: "Log", ...activity }, labels },
    types,
    zone,
  );
  return compiled.activityFor("voice").fill(factsOf(of), figures);
}

describe("K3 what is written", () => {
  test("K3 a fact, a constant and a template each fill a field; what has no value is left out", () => {
    const { fields } = filled({
      fields: {
        Who: { fact: "customer.name" },
        Done: { constant: true },
        Title: { template: "{interaction.channel} with {customer.name}, {topic}" },
        Topic: { fact: "topic" },
        Nothing: { template: "about {topic}" },
      },
    });
    expect(fields).toEqual({
      Who: "Marianne Dashwood",
      Done: true,
      Title: "voice with Marianne Dashwood,",
    });
  });

  test("K3 values are translated, and others stay", () => {
    const direction = {
      fact: "interaction.direction",
      values: { inbound: "Inbound", outbound: "Outbound" },
    } as const;
    expect(filled({ fields: { Type: direction } }).fields).toEqual({ Type: "Inbound" });
    const internal = first(interactionOf({ direction: "internal" }));
    expect(filled({ fields: { Type: direction } }, { of: internal }).fields).toEqual({
      Type: "internal",
    });
  });

  test("K3 dates use the connection's time zone, never the server's", () => {
    const fields = {
      Day: { fact: "start", as: "date" },
      Local: { fact: "start", as: "dateTime" },
      Instant: { fact: "start" },
      Text: { template: "from {start}" },
    } as const;
    const late = first(
      interactionOf({ legs: [closedLeg({ startedAt: Date.parse("2026-03-29T23:30:00Z") })] }),
    );
    expect(filled({ fields }, { of: late, zone: "Asia/Kathmandu" }).fields).toEqual({
      Day: "2026-03-30",
      Local: "2026-03-30T05:15:00+05:45",
      Instant: "2026-03-29T23:30:00.000Z",
      Text: "from 2026-03-30 05:15",
    });
    expect(filled({ fields }, { of: late, zone: "America/New_York" }).fields).toMatchObject({
      Day: "2026-03-29",
      Local: "2026-03-29T19:30:00-04:00",
    });
  });

  test("K3 a CRM that counts minutes gets started ones; without a duration the field is left out", () => {
    const fields = { Minutes: { fact: "talkSeconds", as: "minutes" } } as const;
    const talked = (talkSeconds: number): Subject =>
      first(interactionOf({ legs: [closedLeg({ durations: { talkSeconds } })] }));
    expect(filled({ fields }, { of: talked(61) }).fields).toEqual({ Minutes: 2 });
    expect(filled({ fields }, { of: talked(60) }).fields).toEqual({ Minutes: 1 });
    expect(filled({ fields }, { of: talked(0) }).fields).toEqual({ Minutes: 0 });
    expect(filled({ fields }, { of: talked(61), figures: false }).fields).toEqual({});
  });

  test("K3 a zone nobody knows is one clear error", () => {
    expect(() => filled({ fields: {} }, { zone: "Mars/Olympus" })).toThrow(
      /no time zone "Mars\/Olympus".*IANA/u,
    );
  });

  test("K3 every hour of a year has the offset that Intl gives it, over both changes of the clock", () => {
    const zone = zoneOf("Europe/Berlin");
    const format = new Intl.DateTimeFormat("sv-SE", {
      timeZone: "Europe/Berlin",
      dateStyle: "short",
      timeStyle: "short",
    });
    for (
      let at = Date.parse("2026-01-01T00:10:00Z");
      at < Date.parse("2027-01-01T00:00:00Z");
      at += 3_600_000
    )
      expect(zone.minute(at)).toBe(format.format(at));
  });

  test("N1 a changed date moves the activity's date only; a day is the same day everywhere", () => {
    const moved = first(interactionOf({ log: { date: "2026-02-01" } }));
    const fields = {
      Day: { fact: "date", as: "date" },
      At: { fact: "date", as: "dateTime" },
      End: { fact: "end" },
    } as const;
    expect(filled({ fields }, { of: moved, zone: "America/Los_Angeles" }).fields).toEqual({
      Day: "2026-02-01",
      At: "2026-02-01T00:00:00-08:00",
      End: "2026-03-02T09:02:10.000Z",
    });
    const wall = first(interactionOf({ log: { date: "2026-02-01T08:00" } }));
    expect(filled({ fields }, { of: wall, zone: "America/Los_Angeles" }).fields["At"]).toBe(
      "2026-02-01T08:00:00-08:00",
    );
  });

  test("K3 platform figures win over computed ones", () => {
    const counted = first(interactionOf({ legs: [closedLeg({ durations: { talkSeconds: 7 } })] }));
    const fields = {
      Talk: { fact: "talkSeconds" },
      Wrap: { fact: "wrapUpSeconds" },
      All: { fact: "handleSeconds" },
    } as const;
    expect(filled({ fields }).fields).toEqual({ Talk: 100, Wrap: 20, All: 120 });
    expect(filled({ fields }, { of: counted }).fields).toEqual({ Talk: 7, Wrap: 20, All: 27 });
  });

  test("K4 only the activity that counts the call carries durations and disposition", () => {
    const fields = {
      Talk: { fact: "talkSeconds" },
      Outcome: { fact: "disposition" },
      Title: { template: "{disposition}" },
      Who: { fact: "agent.name" },
    } as const;
    const body = { field: "Body", facts: ["holdSeconds", "handleSeconds", "agent.email"] } as const;
    expect(filled({ fields, body }, { figures: false }).fields).toEqual({
      Who: "Elinor",
      Body: "Agent's email: elinor@classics.example",
    });
  });
});

describe("K3 the body", () => {
  const body = {
    field: "Body",
    facts: [
      "interaction.channel",
      "start",
      "holdSeconds",
      "handleSeconds",
      "topic",
      "notes.inbound",
      "facts.mood",
    ],
  } as const;

  test("K3 what has a value and no field of its own becomes a labelled line", () => {
    const interaction = interactionOf({
      facts: { mood: "calm" },
      notes: [{ id: "n", text: "one\ntwo", audience: "inbound", at: nineOClock + 1 }],
    });
    const { fields } = filled(
      { fields: { Channel: { fact: "interaction.channel" } }, body },
      { of: first(interaction), zone: "Europe/Berlin" },
    );
    expect(fields["Body"]).toBe(
      "Start: 2026-03-02 10:00\nHold time: 0:00\nHandling time: 2:00\nCustomer's words:\none\ntwo\nmood: calm",
    );
  });

  test("K3 labels are translatable", () => {
    const { fields } = filled(
      { fields: {}, body: { field: "Body", facts: ["interaction.channel", "facts.mood"] } },
      {
        labels: { "interaction.channel": "Kanal", "facts.mood": "Laune" },
        of: first(interactionOf({ facts: { mood: "gut" } })),
      },
    );
    expect(fields["Body"]).toBe("Kanal: voice\nLaune: gut");
  });

  test("N2 internal notes are written only where the mapping names them", () => {
    const secret = first(
      interactionOf({
        notes: [{ id: "n", text: "difficult", audience: "internal", at: nineOClock + 1 }],
      }),
    );
    const everyOther = {
      field: "Body",
      facts: ["notes.inbound", "notes.outbound", "summary"],
    } as const;
    expect(filled({ fields: {}, body: everyOther }, { of: secret }).fields).toEqual({});
    expect(
      filled({ fields: {}, body: { field: "Body", facts: ["notes.internal"] } }, { of: secret })
        .fields["Body"],
    ).toContain("difficult");
  });
});

describe("W8 values that do not fit their field", () => {
  test("W8 a text is shortened to the field's length, with a warning", () => {
    const types = log(
      field("Who", { length: 30 }),
      field("Title", { length: 8, lengthIn: "bytes" }),
    );
    const { fields, warnings } = filled(
      { fields: { Who: { fact: "customer.name" }, Title: { constant: "ééééééé" } } },
      { types, of: first(named("M".repeat(40))) },
    );
    expect(fields["Who"]).toBe(`${"M".repeat(7)}… [shortened by Wrapup]`);
    expect(Buffer.byteLength(String(fields["Title"]))).toBeLessThanOrEqual(8);
    expect(warnings.map(({ code, field: where }) => [code, where])).toEqual([
      ["shortened", "Who"],
      ["shortened", "Title"],
    ]);
    expect(JSON.stringify(warnings)).not.toContain("MMM");
  });

  test("K3 a value that its list does not have is left out with a warning, never refused by the CRM", () => {
    const types = log(
      field("Outcome", { kind: "choice", options: [{ value: 3, label: "Three" }] }),
    );
    const line = { fields: { Outcome: { fact: "disposition" } } } as const;
    expect(filled(line, { types })).toEqual({
      fields: {},
      warnings: [expect.objectContaining({ code: "valueNotAllowed", field: "Outcome" })],
    });
    const three = first(interactionOf({ legs: [closedLeg({ disposition: "3" })] }));
    expect(filled(line, { types, of: three }).fields).toEqual({ Outcome: 3 });
  });

  test("K3 numbers, truths and days take the field's own form", () => {
    const types = log(
      field("Text"),
      field("Number", { kind: "number" }),
      field("Flag", { kind: "boolean" }),
      field("Day", { kind: "date" }),
      field("Bad", { kind: "number" }),
    );
    const { fields, warnings } = filled(
      {
        fields: {
          Text: { fact: "talkSeconds" },
          Number: { fact: "facts.n" },
          Flag: { fact: "facts.b" },
          Day: { fact: "start" },
          Bad: { fact: "facts.b" },
        },
      },
      { types, of: first(interactionOf({ facts: { n: "12", b: "true" } })) },
    );
    expect(fields).toEqual({ Text: "100", Number: 12, Flag: true, Day: "2026-03-02" });
    expect(warnings).toHaveLength(1);
  });
});

const named = (name: string): Interaction =>
  interactionOf({ card: { fields: { name: { value: name, from: "agent", at: 0 } } } });

describe("L9 the facts of a whole interaction", () => {
  const legs = [
    closedLeg({
      id: "l-1",
      disposition: "first",
      facts: { recordingUrl: "https://one" },
      recorded: { lastEvent: 0, closed: nineOClock + 900_000 },
    }),
    closedLeg({
      id: "l-2",
      agent: { id: "a-2", name: "Lucy" },
      startedAt: nineOClock + 60_000,
      answeredAt: nineOClock + 60_000,
      talkEndedAt: nineOClock + 160_000,
      endedAt: nineOClock + 200_000,
      disposition: "second",
      recorded: { lastEvent: 0, closed: nineOClock + 200_000 },
    }),
  ];
  const whole = ofWhole(interactionOf({ legs, per: "interaction" }), legs);
  const facts = factsOf(whole);

  test("L9 first start, last end, summed durations", () => {
    expect(facts("start")).toEqual({ at: nineOClock });
    expect(facts("end")).toEqual({ at: nineOClock + 200_000 });
    expect([facts("talkSeconds"), facts("wrapUpSeconds"), facts("handleSeconds")]).toEqual([
      200, 60, 260,
    ]);
  });

  test("L9 disposition and agent of the leg that closed last, which need not be the last that began", () => {
    expect([facts("disposition"), facts("agent.name"), facts("leg.id")]).toEqual([
      "first",
      "Elinor",
      undefined,
    ]);
  });

  test("L8 what was taught of a leg counts for it, what was taught of the interaction for every leg", () => {
    const interaction = interactionOf({
      legs,
      facts: { summary: "all", recordingUrl: "https://none" },
    });
    expect(factsOf(ofLeg(interaction, legs[1] ?? legOf()))("recordingUrl")).toBe("https://none");
    expect(factsOf(ofLeg(interaction, legs[0] ?? legOf()))("recordingUrl")).toBe("https://one");
    expect(factsOf(ofWhole(interaction, legs))("summary")).toBe("all");
  });

  test("L5 an abandoned interaction is told by its own times", () => {
    const abandoned = interactionOf({
      legs: [],
      abandoned: "inQueue",
      endedAt: nineOClock + 5_000,
    });
    const told = factsOf(ofWhole(abandoned, []));
    expect([told("start"), told("end"), told("leg.closed"), told("talkSeconds")]).toEqual([
      { at: nineOClock },
      { at: nineOClock + 5_000 },
      "abandoned",
      undefined,
    ]);
  });
});

describe("K2 N1 notes and people", () => {
  const two = [
    closedLeg({ id: "l-1", recorded: { lastEvent: 0, closed: nineOClock + 130_000 } }),
    closedLeg({
      id: "l-2",
      startedAt: nineOClock + 120_000,
      recorded: { lastEvent: 0, closed: nineOClock + 300_000 },
    }),
  ];
  const said = (fed: readonly string[] | undefined, leg: number): unknown =>
    factsOf(
      ofLeg(
        interactionOf({
          legs: two,
          notes: [
            {
              id: "n",
              text: "said",
              audience: "inbound",
              at: nineOClock,
              ...(fed !== undefined && { legs: fed }),
            },
          ],
        }),
        two[leg] ?? legOf(),
      ),
    )("notes.inbound");

  test("K2 a note feeds the legs it was stamped with when it was written", () => {
    expect([said(["l-1"], 0), said(["l-1"], 1)]).toEqual(["said", undefined]);
    expect([said(["l-1", "l-2"], 0), said(["l-1", "l-2"], 1)]).toEqual(["said", "said"]);
    expect([said(["l-2"], 0), said(["l-2"], 1)]).toEqual([undefined, "said"]);
  });

  test("K2 one written before any leg feeds the first to come", () => {
    expect([said(undefined, 0), said(undefined, 1)]).toEqual(["said", undefined]);
  });

  test("N1 what is overridden for this interaction wins over the card, and a title is never missing", () => {
    const log = { contactName: "Mrs Jennings", contactPhone: "+442071838750" };
    const facts = factsOf(first(interactionOf({ log })));
    expect([facts("customer.name"), facts("customer.address"), facts("subject")]).toEqual([
      "Mrs Jennings",
      "+442071838750",
      "Mrs Jennings",
    ]);
    expect(factsOf(first(interactionOf({ log: { topic: "refund" } })))("subject")).toBe("refund");
    expect(factsOf(first(interactionOf({ card: { fields: {} } })))("subject")).toBe(
      "Unknown customer",
    );
  });
});
