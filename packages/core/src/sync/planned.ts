import type { Write } from "../adapter/contract.ts";
import { isSent, type Row } from "../model/ledger.ts";
import { diff } from "../plan/diff.ts";
import { seenAt } from "../plan/recheck.ts";
import { type Setup, wanted } from "../plan/wanted.ts";
import type { Claim } from "../store/contract.ts";

/** One claimed lane with what is to be done for it: wanted − ledger = writes (W3). */
export class Planned {
  readonly claim: Claim;
  readonly writes: readonly Write[];
  /** Rows to be kept without a call: never sent and no longer wanted, or not to be sent as things are. */
  readonly withoutCall: readonly Row[];
  readonly #rows: Map<string, Row>;
  readonly #untried: Set<string>;
  readonly #later: number | undefined;
  #unfinished = false;

  constructor(claim: Claim, setup: Setup, now: number) {
    this.claim = claim;
    const rows = claim.rows.map((row) => seenAt(row, now));
    this.#rows = new Map(rows.map((row) => [row.key, row]));
    const want = wanted(claim.interaction, setup, rows);
    const { mapping } = setup;
    const found = diff(want, rows, { now, ...(mapping !== undefined && { mapping }) });
    const { writes, forget, park = [], later } = found;
    this.withoutCall = [...forget, ...park];
    this.#later = later;
    this.writes = writes;
    this.#untried = new Set(writes.map((write) => write.entry.key));
    for (const row of this.withoutCall) this.#rows.set(row.key, row);
  }

  /** The ledger row of a key as it stands. */
  row(key: string): Row | undefined {
    return this.#rows.get(key);
  }

  /**
   * After an answer: the row as it is to be stored. A repeat carried what may have been sent, not the newest wish, and what people
   * deleted may leave a link without a place; a mail's draft is yet to be sent: then there is more to plan.
   */
  keep(write: Write, row: Row): void {
    this.#rows.set(row.key, row);
    this.#untried.delete(row.key);
    const isDraft = row.state === "written" && row.written?.kind === "notice" && !isSent(row);
    if (isDraft || row.state === "gone" || (write.maybeSent && row.state !== "open"))
      this.#unfinished = true;
  }

  /** Every row of the CRM that sending this may lock. */
  get touches(): readonly string[] {
    return this.writes.flatMap((write) => write.entry.touches);
  }

  /** When this lane wants to be looked at next, if nothing else happens: at once when something was not tried. */
  nextLook(now: number): number | undefined {
    if (this.#untried.size > 0 || this.#unfinished) return now;
    const later = this.#later === undefined ? [] : [this.#later];
    const wakes = [
      ...later,
      ...[...this.#rows.values()].flatMap((row) =>
        row.state === "open" && row.wakeAt !== undefined ? [row.wakeAt] : (row.recheckAt ?? []),
      ),
    ];
    return wakes.length === 0 ? undefined : Math.min(...wakes);
  }
}
