/** Stories in a few words, for tests of what the proof expects. */
import { expectedOf } from "./expected.ts";
import type { Act, Action, CrmName, Story } from "./story.ts";

/** A story of these scenes, a second apart. */
export const story = (channel: Story["channel"], ...actions: readonly Act[]): Story => ({
  id: "i",
  plot: "p",
  channel,
  direction: "inbound",
  customer: {},
  crms: ["salesforce", "dynamics"],
  scenes: [{ do: "start" } as const, ...actions].map((action, n) => ({ ...action, at: n * 1_000 })),
});

export const accept = (leg: string, agent: string): Action => ({ do: "accept", leg, agent });
export const linked: Action = { do: "link", record: "Contact:1" };
export const talked = (leg: string): Action => ({ do: "endTalk", leg });
export const wrapped = (leg: string, disposition = "Done"): Action => ({
  do: "completeWrapUp",
  leg,
  disposition,
});

/** Which agent's activity names whom, due at which scene. */
export const brief = (of: Story, crm: CrmName = "salesforce"): readonly string[] =>
  expectedOf(of, crm).map(
    ({ agent, places, due, fate }) =>
      `${agent} ${places.map(({ record }) => record).join(" ")} @${due.scene}${due.afterMs === 0 ? "" : `+${due.afterMs / 60_000}min`}${fate === "parked" ? " parked" : ""}`,
  );
