import { describe, expect, test } from "vitest";
import { expectedAfter, expectedOf } from "./expected.ts";
import { busyHalfHour, endOf, plots, shares } from "./scenario.ts";
import { playedMs } from "./story.ts";

describe("the busy half hour", () => {
  const usual = busyHalfHour({ seed: 1, interactions: 200 });

  test("is the same for the same seed, and another for another", () => {
    expect(busyHalfHour({ seed: 1, interactions: 200 })).toEqual(usual);
    expect(busyHalfHour({ seed: 2, interactions: 200 }).stories).not.toEqual(usual.stories);
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
      expect(endOf(busyHalfHour({ seed, interactions: 300 }))).toBeLessThan(playedMs);
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
      expect(expectedOf(story), story.plot).toHaveLength(activities[story.plot] ?? 1);
  });

  test("parks what cannot be written, and nothing else", () => {
    const parked = expectedAfter(usual).activities.filter(({ fate }) => fate === "parked");
    expect(new Set(parked.map(({ plot }) => plot))).toEqual(new Set(["deleted", "refused"]));
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
