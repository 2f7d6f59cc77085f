import { describe, expect, test } from "vitest";
import { expectedAfter, expectedOf } from "./expected.ts";
import { busyHalfHour, endOf, plots, shares } from "./scenario.ts";
import { type CrmName, crmNames, playedMs } from "./story.ts";

describe("the busy half hour", () => {
  const one: readonly CrmName[] = ["salesforce"];
  const usual = busyHalfHour({ seed: 1, interactions: 200, crms: one });
  const both = busyHalfHour({ seed: 1, interactions: 200, crms: crmNames });

  test("is the same for the same seed, and another for another", () => {
    expect(busyHalfHour({ seed: 1, interactions: 200, crms: one })).toEqual(usual);
    expect(busyHalfHour({ seed: 2, interactions: 200, crms: one }).stories).not.toEqual(
      usual.stories,
    );
  });

  test("has as many interactions as asked for, of every kind", () => {
    expect(usual.stories).toHaveLength(200);
    expect(new Set(usual.stories.map(({ id }) => id)).size).toBe(200);
    expect(new Set(usual.stories.map(({ plot }) => plot))).toEqual(
      new Set(plots.map(({ plot }) => plot)),
    );
    for (const interactions of [1, 5, 26, 27, 30, 1_000])
      expect(shares(interactions).reduce((sum, [, count]) => sum + count, 0)).toBe(interactions);
  });

  test("is over within the half hour, its scenes in order", () => {
    for (const seed of [1, 2, 3, 4])
      expect(endOf(busyHalfHour({ seed, interactions: 300, crms: crmNames }))).toBeLessThan(
        playedMs,
      );
    for (const { scenes } of usual.stories)
      expect(scenes).toEqual(scenes.toSorted((a, b) => a.at - b.at));
  });

  test("gives each kind of story the number of activities that its plot promises", () => {
    const activities: Readonly<Record<string, number>> = {
      coldTransfer: 2,
      warmTransfer: 2,
      conference: 4,
      lead: 2,
      abandoned: 0,
      nobodyLinked: 0,
      nobodyLinkedChat: 0,
    };
    for (const story of usual.stories)
      expect(expectedOf(story, "salesforce"), story.plot).toHaveLength(activities[story.plot] ?? 1);
  });

  test("parks what cannot be written, and nothing else", () => {
    const parked = expectedAfter(usual, "salesforce").activities.filter(
      ({ fate }) => fate === "parked",
    );
    expect(new Set(parked.map(({ plot }) => plot))).toEqual(new Set(["deleted", "refused"]));
  });

  test("K4 is about records in both CRMs, or in one of them, every kind of story in both at least once", () => {
    const where = Map.groupBy(both.stories, ({ crms }) => crms.join(" and "));
    for (const crms of ["salesforce", "dynamics", "salesforce and dynamics"])
      expect(where.get(crms)?.length, crms).toBeGreaterThan(20);
    expect(where.size).toBe(3);
    const inBoth = new Set(where.get("salesforce and dynamics")?.map(({ plot }) => plot));
    expect(inBoth).toEqual(new Set(plots.map(({ plot }) => plot)));
    expect(both.remarks[1]).toContain("Salesforce and Dynamics 365 alike");
  });

  test("W6 deletes and refuses in each CRM, and each parks for itself", () => {
    const parked = crmNames.map((crm) =>
      expectedAfter(both, crm)
        .activities.filter(({ fate }) => fate === "parked")
        .map(({ interaction, plot }) => ({ interaction, plot })),
    );
    const deleted = parked.map((list) => list.filter(({ plot }) => plot === "deleted"));
    expect(deleted.map(({ length }) => length)).toEqual([1, 1]);
    expect(deleted[0]).not.toEqual(deleted[1]);
    expect(parked.map((list) => list.filter(({ plot }) => plot === "refused").length)).toEqual([
      1, 1,
    ]);
  });

  test("names only records that the org has, or that somebody creates in the story", () => {
    const seeded = new Set(usual.records.map(({ name }) => name));
    const unknown = usual.stories.flatMap(({ scenes }) => {
      const made = new Set(
        scenes.flatMap((scene) => (scene.do === "createCase" ? scene.record : [])),
      );
      return scenes.flatMap((scene) =>
        scene.do === "link" && !seeded.has(scene.record) && !made.has(scene.record)
          ? scene.record
          : [],
      );
    });
    expect(unknown).toEqual([]);
  });
});
