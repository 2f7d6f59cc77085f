import type { Entry } from "../model/entry.ts";
import type { Interaction } from "../model/interaction.ts";
import type { Row } from "../model/ledger.ts";
import { type Leg, writesActivity } from "../model/leg.ts";
import type { Warning } from "../model/warning.ts";
import { wanted, type Setup } from "./wanted.ts";

/** What would be written into one CRM if every open leg closed now (W9). Advice for the agent: it never blocks anything. */
export type Preview = {
  readonly entries: readonly Entry[];
  /** What an agent may still add. */
  readonly missing: readonly ("disposition" | "link")[];
  /** Whether something would belong to the fallback owner, for want of a user of the agent's own (W10). */
  readonly ownerFallback: boolean;
  /** What would be shortened, left out or done differently, each once. */
  readonly warnings: readonly Warning[];
};

/** Plans as if every open leg closed at `now` (epoch ms; by default the moment of the last recorded change). Nothing is changed or sent. */
export function preview(
  interaction: Interaction,
  setup: Setup,
  rows: readonly Row[],
  now = interaction.recordedAt,
): Preview {
  const supposed: Interaction = {
    ...interaction,
    over: true,
    legs: interaction.legs.map((leg) => closedAt(leg, now)),
  };
  const entries = wanted(supposed, setup, rows).filter(({ kind }) => kind !== "notice");
  const warnings = new Map(
    entries.flatMap((entry) => entry.warnings).map((warning) => [JSON.stringify(warning), warning]),
  );
  return {
    entries,
    missing: missingOf(interaction, setup),
    ownerFallback: [...warnings.values()].some(({ code }) => code === "ownerFallback"),
    warnings: [...warnings.values()],
  };
}

function closedAt(leg: Leg, now: number): Leg {
  if (leg.closed !== undefined) return leg;
  return {
    ...leg,
    state: "closed",
    closed: "completed",
    ...(leg.state !== "assigned" && { talkEndedAt: leg.talkEndedAt ?? now }),
    endedAt: leg.endedAt ?? now,
    recorded: { ...leg.recorded, closed: now },
  };
}

function missingOf(interaction: Interaction, setup: Setup): readonly ("disposition" | "link")[] {
  const legs = interaction.legs.filter(writesActivity);
  // While legs are open, theirs are what the agent can still give.
  const open = legs.filter((leg) => leg.closed === undefined);
  const asked = open.length > 0 ? open : legs.slice(-1);
  return [
    ...(asked.some((leg) => leg.disposition === undefined) ? (["disposition"] as const) : []),
    ...(interaction.links.some(({ record }) => record.connection === setup.connectionName)
      ? []
      : (["link"] as const)),
  ];
}
