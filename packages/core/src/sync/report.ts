import type { Answer, Write } from "../adapter/contract.ts";
import { isSent, type Row } from "../model/ledger.ts";
import type { Observer } from "../model/observer.ts";
import type { Claim } from "../store/contract.ts";

/** Tells what became of one write. Ids and codes only. */
export function reportAnswer(
  observer: Observer,
  claim: Claim,
  write: Write,
  row: Row,
  answer: Answer,
  now: number,
): void {
  const of = {
    tenant: claim.lane.tenant,
    connection: claim.lane.connection,
    interaction: claim.lane.interaction,
    key: write.entry.key,
  };
  if (row.state === "parked") reportParked(observer, claim, [row]);
  // A draft is only the way there: what the app waits for is the mail.
  else if (answer.is === "written" && write.entry.kind === "notice" && !isSent(row)) return;
  else if (answer.is === "written")
    observer.event({
      event: "written",
      ...of,
      how: answer.how,
      dueToWrittenMs: now - dueAt(claim, write),
    });
  else if (answer.is === "removed") observer.event({ event: "removed", ...of, how: answer.how });
  else if (answer.is === "gone") observer.event({ event: "removed", ...of, how: "gone" });
  else
    observer.event({
      event: "retrying",
      ...of,
      why: answer.is === "retry" ? answer.why : answer.is,
    });
}

/** Tells what waits for a person. */
export function reportParked(observer: Observer, { lane }: Claim, rows: readonly Row[]): void {
  const { tenant, connection, interaction } = lane;
  for (const { state, key, reason = "" } of rows)
    if (state === "parked")
      observer.event({ event: "parked", tenant, connection, interaction, key, reason });
}

/** When the mail was told, or the entry's leg closed; for the whole interaction, when its last leg did. */
function dueAt({ interaction }: Claim, write: Write): number {
  if (write.entry.kind === "notice")
    return interaction.mails.find(({ id }) => id === write.entry.leg)?.at ?? interaction.recordedAt;
  const closed = interaction.legs.flatMap((leg) =>
    leg.recorded.closed !== undefined && (write.entry.leg === "*" || leg.id === write.entry.leg)
      ? [leg.recorded.closed]
      : [],
  );
  return closed.length === 0 ? interaction.recordedAt : Math.max(...closed);
}
