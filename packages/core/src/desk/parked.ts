import { readId, readInput } from "../model/door.ts";
import type { Row } from "../model/ledger.ts";
import type { Desk } from "./desk.ts";
import * as handed from "./handed.ts";

/** A write that waits for a person, with its reason (W6). */
export type ParkedWrite = {
  readonly key: string;
  readonly connection: string;
  readonly interaction: string;
  readonly state: "parked" | "gone";
  readonly reason: string;
  readonly tries: number;
};

/** Which parked writes. `state: "gone"` lists what people deleted in the CRM. */
export type ParkedFilter = {
  readonly connection?: string;
  readonly state?: "parked" | "gone";
  readonly reasonIncludes?: string;
};

const pageSize = 1_000;

/** Writes of one tenant that will not succeed by trying again. Throws `invalid_input`, and `closed` after closing. */
export class Parked {
  readonly #desk: Desk;

  constructor(desk: Desk) {
    this.#desk = desk;
  }

  /** All that fit the filter. */
  async list(filter: ParkedFilter = {}): Promise<readonly ParkedWrite[]> {
    this.#desk.ensureOpen();
    const given = readInput(handed.parkedFilter, filter, "parked.list");
    const { connection, state = "parked", reasonIncludes = "" } = given;
    const found: ParkedWrite[] = [];
    let after: string | undefined;
    for (;;) {
      const page = await this.#desk.store.rows({
        tenant: this.#desk.tenant,
        state,
        limit: pageSize,
        ...(connection !== undefined && { connection }),
        ...(after !== undefined && { after }),
      });
      for (const { lane, row } of page)
        if ((row.reason ?? "").includes(reasonIncludes))
          found.push({
            key: row.key,
            connection: lane.connection,
            interaction: lane.interaction,
            state,
            reason: reasonOf(row),
            tries: row.tries,
          });
      after = page.at(-1)?.row.key;
      if (page.length < pageSize) return found;
    }
  }

  /** Tries them again; what people deleted in the CRM is made anew (K6). `by` goes into the history. Answers how many. */
  async replay(which: readonly string[] | ParkedFilter, by: string): Promise<number> {
    this.#desk.ensureOpen();
    const who = readId(by, "parked.replay: by");
    const keys = isKeys(which)
      ? readInput(handed.keys, which, "parked.replay")
      : (await this.list(which)).map((parked) => parked.key);
    return keys.length === 0 ? 0 : this.#desk.store.replay(this.#desk.tenant, keys, who);
  }
}

const isKeys = (which: readonly string[] | ParkedFilter): which is readonly string[] =>
  Array.isArray(which);

const reasonOf = (row: Row): string =>
  row.reason ?? (row.state === "gone" ? "people deleted it in the CRM" : "");
