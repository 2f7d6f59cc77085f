import { proclaim } from "./law-book.ts";
import type { Law, LawTest } from "./law-book.ts";
import { claimLaws } from "./store-laws/claims.ts";
import { costLaws } from "./store-laws/cost.ts";
import { fenceLaws } from "./store-laws/fences.ts";
import { ledgerLaws } from "./store-laws/ledger.ts";
import type { StoreUnderTest } from "./store-laws/subject.ts";
import { timeLaws } from "./store-laws/times.ts";
import { transactionLaws } from "./store-laws/transactions.ts";
import { upkeepLaws } from "./store-laws/upkeep.ts";

export type { StoreUnderTest } from "./store-laws/subject.ts";

const laws: readonly Law<StoreUnderTest>[] = [
  ...transactionLaws,
  ...claimLaws,
  ...fenceLaws,
  ...ledgerLaws,
  ...timeLaws,
  ...upkeepLaws,
  ...costLaws,
];

/** Every law's name, in order. */
export const storeLawNames: readonly string[] = laws.map(({ name }) => name);

/**
 * What every store must do, as one test per law: register them with the test function of your runner.
 * `open` answers a fresh, empty, opened store with a clock that the law can move; each law gets its own.
 */
export const storeLaws = (of: {
  readonly test: LawTest;
  readonly open: () => Promise<StoreUnderTest>;
}): void => proclaim(laws, of);
