/** One measured thing: ours beside a peer's in the same run. */
export type Row = {
  readonly name: string;
  readonly ours: number;
  readonly peer: number;
  readonly unit: string;
  /** What the peer is, in a few words. */
  readonly against: string;
  /** What the project wants, in words; `met` says whether this run reached it. */
  readonly aim: string;
  readonly met: boolean;
  /** Spread and counts: what a reader needs to judge the numbers. */
  readonly note?: string;
  /** Why the aim is missed, where it is. */
  readonly reason?: string;
};

/** How a run is sized. */
export type Size = {
  /** Few of everything: shows that the benchmarks work, not how fast anything is. */
  readonly quick: boolean;
  /** Where files are put; a real disk, as a commit is only worth measuring with its fsync. */
  readonly directory: string;
};

/** What `--json` prints for a row. */
export const plainRow = (
  row: Row,
): { name: string; ours: number; peer: number; ratio: number; unit: string } => ({
  name: row.name,
  ours: rounded(row.ours),
  peer: rounded(row.peer),
  ratio: rounded(ratioOf(row)),
  unit: row.unit,
});

/** Ours divided by the peer's. */
export const ratioOf = ({ ours, peer }: Row): number => (peer === 0 ? 0 : ours / peer);

/** Three digits that count. */
export const rounded = (value: number): number => Number(value.toPrecision(3));
