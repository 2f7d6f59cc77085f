import type { EmulatorControl } from "@wrapup/salesforce/emulator";
import type { Scenario, Story } from "./story.ts";

/** For `--sabotage early`: the story whose agent is still wrapping up when the app says that they are done. */
export const storyToHurry = ({ stories }: Scenario): string | undefined =>
  stories.find(isSimpleCall)?.id;

/** One agent, one linked record, wrapped up at the very end: nothing else can explain an early activity. */
const isSimpleCall = ({ channel, plot, scenes }: Story): boolean =>
  channel === "voice" &&
  !["deleted", "refused", "corrected"].includes(plot) &&
  scenes.at(-1)?.do === "completeWrapUp" &&
  scenes.filter((scene) => scene.do === "accept" || scene.do === "dial").length === 1 &&
  scenes.some((scene) => scene.do === "link");

/** What an integration that knows nothing of keys would write again. */
const copied = new Set([
  "Subject",
  "Status",
  "WhoId",
  "WhatId",
  "OwnerId",
  "CallDisposition",
  "Wrapup_Interaction__c",
]);

/** For `--sabotage duplicate`: an integration without keys repeats one of its writes. For `missing`: one activity gets lost in the CRM. */
export async function damage(
  control: EmulatorControl,
  how: "duplicate" | "missing",
): Promise<void> {
  const task = (await control.records("Task")).find(({ deleted }) => !deleted);
  if (task === undefined) return;
  if (how === "missing") return control.removeRecord(task.Id);
  const fields = Object.fromEntries(
    Object.entries(task.fields).filter(([name]) => copied.has(name)),
  );
  await control.seed([{ sobject: "Task", fields }]);
}
