import { rememberedMs } from "../keeping.ts";
import { expireLeases } from "./gates.ts";
import type { Work, Writer } from "./writer.ts";

/** Most rows purged in one commit, so that a sweep never holds the others up. */
const perCommit = 500;

/** Nothing of it waits, is claimed, is parked or may still be on its way. */
const atRest = `not exists (select 1 from lane l where l.interaction = i.id and (
    l.wake_at is not null or l.lease_until > 0
    or exists (select 1 from entry e where e.lane = l.id and e.state in ('open', 'parked'))
  ))`;

type Purge = { readonly text: string; readonly before: number };

const purges = (now: number, keepFinishedMs: number | undefined): readonly Purge[] => [
  {
    text: "delete from event where (interaction, id) in (select interaction, id from event where at < ? limit ?)",
    before: now - rememberedMs,
  },
  {
    text: `delete from interaction where id in (select i.id from interaction i where i.deleted_at < ? and ${atRest} limit ?)`,
    before: now - rememberedMs,
  },
  ...(keepFinishedMs === undefined
    ? []
    : [
        {
          text: `delete from interaction where id in (
            select i.id from interaction i where i.finished_at < ? and i.deleted_at is null and i.deadline_at is null and ${atRest} limit ?)`,
          before: now - keepFinishedMs,
        },
      ]),
];

/** Lets expired lanes wait again, and forgets what is old and done, a little at a time. */
export async function sweep(
  writer: Writer,
  now: number,
  keepFinishedMs: number | undefined,
): Promise<void> {
  await writer.write(({ sql }) => expireLeases(sql, now));
  for (const { text, before } of purges(now, keepFinishedMs)) {
    const purge = ({ sql }: Work): number => sql.run(text, before, perCommit).changes;
    while ((await writer.write(purge)) >= perCommit);
  }
}
