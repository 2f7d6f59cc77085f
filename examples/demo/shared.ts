import type { Clock, ConnectionsOptions } from "@wrapup/core";
import type { Org } from "./crm.ts";
import { crmParts } from "./crms.ts";
import { fastClock, type FastTime, realMs, timeAsText, timeFromText } from "./fast-clock.ts";
import { type CrmName, crmNames } from "./story.ts";

/** What the app's process and the worker's process must agree about. */
export type Shared = {
  readonly time: FastTime;
  readonly orgs: ReadonlyMap<CrmName, Org>;
  readonly file: string;
};

/** The same as the worker's process is told it. */
export const sharedAsText = ({ time, orgs, file }: Shared): Readonly<Record<string, string>> => ({
  ...timeAsText(time),
  ...Object.fromEntries(
    [...orgs].flatMap(([crm, org]) =>
      Object.entries(org).map(([name, value]) => [`${crm}.${name}`, value]),
    ),
  ),
  file,
});

/** The same, read by the worker's process. */
export function sharedFromText(told: ReadonlyMap<string, string>): Shared {
  const orgs = crmNames.map((crm) => {
    const own = [...told].filter(([name]) => name.startsWith(`${crm}.`));
    const org: Org = Object.fromEntries(
      own.map(([name, value]) => [name.slice(crm.length + 1), value]),
    );
    return [crm, org] as const;
  });
  return {
    time: timeFromText(told),
    orgs: new Map(orgs.filter(([, org]) => Object.keys(org).length > 0)),
    file: told.get("file") ?? "",
  };
}

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

/** The connections, the same in both processes. */
export async function connections({ time, orgs }: Shared): Promise<ConnectionsOptions> {
  const all = [...orgs].map(async ([crm, org]) => {
    const { connection, connect } = await crmParts[crm].connector();
    const options = connect(org, { clock: fastClock(time), timeoutMs });
    return [connection, { ...options, timeoutMs: realMs(timeoutMs, time) }] as const;
  });
  return Object.fromEntries(await Promise.all(all));
}
