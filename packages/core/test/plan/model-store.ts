/** One lane's store as its contract says: fenced claims, rows durable before a request, late settlements that reopen. */
import { reopenedRow, replayedRow, type Row } from "../../src/model/ledger.ts";

export class ModelStore {
  readonly rows = new Map<string, Row>();
  #fence = 0;
  /** Which claim a row was reopened under by a late settlement. */
  readonly #late = new Map<string, number>();

  claim(): { readonly fence: number; readonly rows: readonly Row[] } {
    this.#fence += 1;
    return { fence: this.#fence, rows: [...this.rows.values()] };
  }

  holds(fence: number): boolean {
    return fence === this.#fence;
  }

  begin(fence: number, rows: readonly Row[]): boolean {
    if (!this.holds(fence)) return false;
    for (const row of rows) this.rows.set(row.key, row);
    return true;
  }

  settle(fence: number, rows: readonly Row[]): void {
    const late = !this.holds(fence);
    for (const row of rows) {
      const overtaken = this.#late.get(row.key) === fence;
      this.rows.set(row.key, late || overtaken ? reopenedRow(row, this.rows.get(row.key)) : row);
      if (late) this.#late.set(row.key, this.#fence);
    }
  }

  replayParked(): void {
    for (const row of this.rows.values())
      if (row.state === "parked") this.rows.set(row.key, replayedRow(row));
  }
}
