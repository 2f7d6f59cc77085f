import type { Scenario, Story } from "./story.ts";

/** For `--sabotage early`: the story whose agent is still wrapping up when the app says that they are done. It is about every CRM. */
export const storyToHurry = ({ stories, crms }: Scenario): string | undefined =>
  stories.find((story) => story.crms.length === crms.length && isSimpleCall(story))?.id;

/** One agent, one linked record, wrapped up at the very end: nothing else can explain an early activity. */
const isSimpleCall = ({ channel, plot, scenes }: Story): boolean =>
  channel === "voice" &&
  !["deleted", "refused", "corrected"].includes(plot) &&
  scenes.at(-1)?.do === "completeWrapUp" &&
  scenes.filter((scene) => scene.do === "accept" || scene.do === "dial").length === 1 &&
  scenes.some((scene) => scene.do === "link");
