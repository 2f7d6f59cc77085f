import type { Clock } from "@wrapup/core";
import { z } from "zod";
import { checkedOptions, clockOption, graphOption, timeoutOption } from "../options.ts";
import type { CheckedSignIn, SignIn } from "../options.ts";
import { isAddress } from "./draft.ts";

/** What `graphMail()` takes. Only `signIn` is needed. */
export type GraphMailOptions = {
  /** The app registration needs the application permissions Mail.ReadWrite and Mail.Send, and User.Read.All where agents send from their own mailboxes. */
  readonly signIn: SignIn;
  /** Graph's origin. Default "https://graph.microsoft.com"; national clouds have their own. Plain http is taken for this machine only (the emulator). */
  readonly graphUrl?: string;
  /** Address of a shared mailbox that every mail is sent from. Default: each agent's own. */
  readonly mailbox?: string;
  /** Give up on one HTTP request after this long, ms. Default 120,000. The connection's own `timeoutMs` ends a call first. */
  readonly timeoutMs?: number;
  /** Time, for tests. */
  readonly clock?: Clock;
};

/** The options, checked and filled; `graphUrl` has become an origin. */
export type GraphSettings = {
  readonly signIn: CheckedSignIn;
  readonly graphUrl: string;
  readonly mailbox: string | undefined;
  readonly timeoutMs: number;
  readonly clock: Clock;
};

const optionsSchema = z.strictObject({
  signIn: z.unknown(),
  graphUrl: graphOption,
  mailbox: z
    .string()
    .transform((text) => text.trim().toLowerCase())
    .refine(isAddress, "must be the mailbox's email address")
    .optional(),
  timeoutMs: timeoutOption,
  clock: clockOption,
});

/** Throws `WrapupError` invalid_input that names the option. */
export const checkGraphOptions = (options: GraphMailOptions): GraphSettings => {
  const checked = checkedOptions(optionsSchema, options, "graphMail");
  return { ...checked, mailbox: checked.mailbox };
};
