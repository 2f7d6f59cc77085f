import type { Answer, Write } from "../adapter/contract.ts";
import type { Row } from "../model/ledger.ts";
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
  if (row.state === "parked") observer.event({ event: "parked", ...of, reason: row.reason ?? "" });
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

/** When the entry's leg closed; for the whole interaction, when its last leg did. */
function dueAt({ interaction }: Claim, write: Write): number {
  const closed = interaction.legs.flatMap((leg) =>
    leg.recorded.closed !== undefined && (write.entry.leg === "*" || leg.id === write.entry.leg)
      ? [leg.recorded.closed]
      : [],
  );
  return closed.length === 0 ? interaction.recordedAt : Math.max(...closed);
}
