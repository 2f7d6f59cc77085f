import type { Answer, Context, Write } from "@wrapup/core";
import { amend } from "./amend.ts";
import { failed, mailboxOf } from "./answer.ts";
import { mailOf } from "./draft.ts";
import { createFinder } from "./find.ts";
import { put } from "./put.ts";
import { retract } from "./retract.ts";
import { createMissing } from "./surroundings.ts";
import type { At, Surroundings } from "./surroundings.ts";

const refused = (
  why: "permission" | "validation" | "unsupported",
  reason: string,
  field?: string,
): Answer => ({
  is: "refused",
  why,
  reason,
  ...(field !== undefined && { field }),
});

const nobody =
  'The agent has no mailbox to send from: no active Microsoft 365 user with a mailbox has the agent\'s id or email. Give the agent an email address and a mailbox, or all agents a shared one with the option "mailbox"';

/** Most writes in one call: each is some requests of its own, and the answer waits for the slowest. */
export const mostWrites = 4;

/** Pure. Writes of one kind share a call; each is sent by itself. */
export const requestOf = (write: Write): string => `${write.op} mail`;

/** Two writes of one mail cannot go at once; the second waits for the next call. */
const twice: Answer = {
  is: "retry",
  why: "lock",
  sent: "no",
  reason: "The same key stands in this call already",
};

/** Pushes mails side by side, one answer each, in order; never throws for a busy Graph (W6). */
export const createPush = (given: Surroundings) => {
  const finder = createFinder(given.mailboxes);
  const missing = createMissing(given.clock);

  const one = async (write: Write, context: Context): Promise<Answer> => {
    if (write.entry.kind !== "notice" || write.entry.type !== "mail")
      return refused("unsupported", "This adapter sends mails, and nothing else");
    const mailbox = mailboxOf(write);
    // Nothing can have been written without a mailbox.
    if (mailbox === undefined)
      return write.op === "retract"
        ? { is: "removed", how: "deleted" }
        : refused("permission", nobody);
    const own = mailbox.toLowerCase() !== given.shared;
    const at: At = { ...given, finder, missing, mailbox, own };
    if (write.op === "retract") return retract(write, at, context);
    const read = mailOf(write.entry);
    if ("problem" in read) return refused("validation", read.problem, read.field);
    const answer =
      write.op === "put"
        ? await put(write, read.mail, at, context)
        : await amend(write, read.mail, at, context);
    return answer.is === "written" && read.warnings.length > 0
      ? { ...answer, warnings: [...(answer.warnings ?? []), ...read.warnings] }
      : answer;
  };

  const safely = async (write: Write, context: Context): Promise<Answer> => {
    try {
      return await one(write, context);
    } catch (error) {
      return failed(error);
    }
  };

  return (writes: readonly Write[], context: Context): Promise<readonly Answer[]> => {
    const seen = new Set<string>();
    return Promise.all(
      writes.map((write) => {
        const { key } = write.entry;
        if (seen.has(key)) return Promise.resolve(twice);
        seen.add(key);
        return safely(write, context);
      }),
    );
  };
};
