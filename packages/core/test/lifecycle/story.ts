import { decide } from "../../src/lifecycle/decide.ts";
import { defaultLifecycleSettings } from "../../src/lifecycle/settings.ts";
import type { Agent } from "../../src/model/agent.ts";
import type { Channel } from "../../src/model/channel.ts";
import type { Command, Decision, HistoryLine } from "../../src/model/command.ts";
import type { Interaction } from "../../src/model/interaction.ts";
import type { Leg } from "../../src/model/leg.ts";
import type { RecordRef } from "../../src/model/record.ts";
import type { LifecycleSettings } from "../../src/model/settings.ts";

/** The store's clock when every story begins: Monday 2026-01-05, 09:00 UTC. */
export const dawn = Date.UTC(2026, 0, 5, 9);
export const second = 1000;
export const minute = 60 * second;
export const hour = 60 * minute;
export const day = 24 * hour;

export const ada: Agent = { id: "ada", email: "ada@classics.example" };
export const bob: Agent = { id: "bob" };

export const record = (id: string, connection = "sales"): RecordRef => ({
  connection,
  type: "Case",
  id,
});

/** Settings with some of them changed. */
export const settingsWith = (changed: Partial<LifecycleSettings>): LifecycleSettings => ({
  ...defaultLifecycleSettings,
  ...changed,
});

/** One interaction told command by command, on a clock that only moves when told to. */
export type Story = {
  readonly now: Interaction;
  readonly at: number;
  readonly last: Decision;
  readonly history: readonly HistoryLine[];
  /** Every connection that was woken so far, in order. */
  readonly wakes: readonly string[];
  wait(ms: number): Story;
  tell(...commands: readonly Command[]): Story;
  /** What the platform says: an event with an id of its own. */
  event(...commands: readonly Command[]): Story;
  leg(id: string): Leg;
  /** Lets time pass up to the deadline, and ticks. */
  untilDeadline(): Story;
};

/** A story that has begun, on a voice channel where nothing else is said. */
export function story(
  of: {
    readonly channel?: Channel;
    readonly settings?: LifecycleSettings;
    readonly id?: string;
    readonly start?: Partial<Extract<Command, { do: "start" }>>;
  } = {},
): Story {
  const settings = of.settings ?? defaultLifecycleSettings;
  const key = { tenant: "t", interaction: of.id ?? "c-1" };
  let at = dawn;
  let events = 0;
  const history: HistoryLine[] = [];
  const wakes: string[] = [];
  const run = (now: Interaction | undefined, command: Command): Decision => {
    const decision = decide(now, command, { key, settings, at });
    history.push(...decision.history);
    wakes.push(...decision.wake);
    return decision;
  };
  let last = run(undefined, {
    do: "start",
    channel: of.channel ?? "voice",
    direction: "inbound",
    ...of.start,
  });
  const told: Story = {
    get now() {
      return last.next;
    },
    get at() {
      return at;
    },
    get last() {
      return last;
    },
    history,
    wakes,
    wait: (ms) => {
      at += ms;
      return told;
    },
    tell: (...commands) => {
      for (const command of commands) last = run(last.next, command);
      return told;
    },
    event: (...commands) => {
      for (const command of commands)
        last = run(last.next, { eventId: `e-${(events += 1)}`, by: "platform", ...command });
      return told;
    },
    leg: (id) => {
      const leg = last.next.legs.find((each) => each.id === id);
      if (leg === undefined) throw new Error(`the story has no leg ${id}`);
      return leg;
    },
    untilDeadline: () => {
      at = last.deadline ?? at;
      last = run(last.next, { do: "tick", by: "system" });
      return told;
    },
  };
  return told;
}

/** How often a leg closed, as the history tells it. */
export const closings = (of: Story, leg: string): number =>
  of.history.filter((each) => each.what === "closed" && each.leg === leg).length;
