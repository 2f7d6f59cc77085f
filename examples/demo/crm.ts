import type { Clock, ConnectionsOptions } from "@wrapup/core";
import { salesforce } from "@wrapup/salesforce";
import type { EmulatorCredentials } from "@wrapup/salesforce/emulator";
import { fastClock, type FastTime, realMs, timeAsText, timeFromText } from "./fast-clock.ts";

/** Where the emulated org is and how an app signs in to it. */
export type Org = { readonly url: string } & Pick<EmulatorCredentials, "clientId" | "clientSecret">;

/** What the app's process and the worker's process must agree about. */
export type Shared = { readonly time: FastTime; readonly org: Org; readonly file: string };

/** The same as the worker's process is told it. */
export const sharedAsText = ({ time, org, file }: Shared): Readonly<Record<string, string>> => ({
  ...timeAsText(time),
  ...org,
  file,
});

/** The same, read by the worker's process. */
export const sharedFromText = (told: ReadonlyMap<string, string>): Shared => ({
  time: timeFromText(told),
  org: orgFromText(told),
  file: told.get("file") ?? "",
});

/** What the emulator's process says when it is ready. */
export const orgFromText = (told: ReadonlyMap<string, string>): Org => ({
  url: told.get("url") ?? "",
  clientId: told.get("clientId") ?? "",
  clientSecret: told.get("clientSecret") ?? "",
});

/** The name of the one connection. */
export const crm = "sales";

/** Longest wait for one answer, real ms: it is bound to a network, so the fast clock must not shorten it. */
const timeoutMs = 20_000;

/**
 * A worker's hold on a lane, real ms. Much shorter than the timeout, so that after `kill -9` the new worker soon gets the lanes of
 * the dead one; a living worker lengthens its holds at half their life, so a slow answer costs it nothing.
 */
const leaseMs = 1_500;

/** How often the worker looks for what the app's process recorded, real ms. Looking seldom makes fuller batches. */
const pollMs = 300;

/** Time limits for `createWrapup`, in ms of the fast clock. */
export const limits = ({
  time,
}: Shared): { readonly clock: Clock; readonly leaseMs: number; readonly pollMs: number } => ({
  clock: fastClock(time),
  leaseMs: realMs(leaseMs, time),
  pollMs: realMs(pollMs, time),
});

/** The connection, the same in both processes. */
export const connections = ({ time, org }: Shared): ConnectionsOptions => ({
  [crm]: {
    adapter: salesforce({
      signIn: { clientId: org.clientId, clientSecret: org.clientSecret, domain: org.url },
      interactionField: "Wrapup_Interaction__c",
      timeoutMs,
      clock: fastClock(time),
    }),
    creatable: ["Case"],
    timeoutMs: realMs(timeoutMs, time),
  },
});
