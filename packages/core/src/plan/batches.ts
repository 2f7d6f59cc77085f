import type { Write } from "../adapter/contract.ts";

/** Batches that go one after another. */
export type Chain = readonly (readonly Write[])[];

/**
 * Packs writes into requests (W4). Chains run side by side, the batches of a chain one after another; two writes that touch the same
 * record are never in two chains. A batch holds writes with one word of `requestOf`, at most `max`, and a key at most once;
 * writes of one key keep their order. Near-linear in the number of touches.
 */
export function batches(
  writes: readonly Write[],
  requestOf: (write: Write) => string,
  max: number,
): readonly Chain[] {
  const size = Math.max(1, Math.floor(max));
  const chains: Write[][][] = [];
  /** The batch per word that still has room. Only independent sets that are one batch long get into it. */
  const open = new Map<string, Write[]>();
  for (const set of independentSets(writes)) {
    const chain = chainOf(set, requestOf, size);
    const [only] = chain;
    const [first] = set;
    if (chain.length !== 1 || only === undefined || first === undefined) {
      chains.push(chain);
      continue;
    }
    const word = requestOf(first);
    const room = open.get(word);
    if (room !== undefined && room.length + only.length <= size) {
      room.push(...only);
      continue;
    }
    chains.push([only]);
    if (room === undefined || only.length < room.length) open.set(word, only);
  }
  return chains;
}

/** Writes grouped so that no record and no key is in two groups, in the order of their first member. */
function independentSets(writes: readonly Write[]): readonly (readonly Write[])[] {
  const parent = writes.map((_, n) => n);
  const root = (n: number): number => {
    let at = n;
    for (let up = parent[at] ?? at; up !== at; up = parent[at] ?? at) {
      // Halving the way up keeps later look-ups short.
      parent[at] = parent[up] ?? up;
      at = parent[at] ?? at;
    }
    return at;
  };
  const join = (holders: Map<string, number>, name: string, n: number): void => {
    const other = holders.get(name);
    if (other === undefined) holders.set(name, n);
    else {
      const a = root(other);
      const b = root(n);
      // The earlier one stays root, so sets keep the order in which they began.
      if (a !== b) parent[Math.max(a, b)] = Math.min(a, b);
    }
  };
  const keys = new Map<string, number>();
  const touched = new Map<string, number>();
  writes.forEach(({ entry }, n) => {
    join(keys, entry.key, n);
    for (const touch of entry.touches) join(touched, touch, n);
  });
  const sets = new Map<number, Write[]>();
  writes.forEach((write, n) => {
    const of = root(n);
    const set = sets.get(of);
    if (set === undefined) sets.set(of, [write]);
    else set.push(write);
  });
  return [...sets.values()];
}

/** One set as batches: every key's first write before any key's second, so that no key is twice in a batch or out of order. */
function chainOf(
  set: readonly Write[],
  requestOf: (write: Write) => string,
  max: number,
): Write[][] {
  const seen = new Map<string, number>();
  const rounds: Map<string, Write[][]>[] = [];
  for (const write of set) {
    const round = seen.get(write.entry.key) ?? 0;
    seen.set(write.entry.key, round + 1);
    const groups = (rounds[round] ??= new Map());
    const word = requestOf(write);
    const group = groups.get(word);
    const last = group?.at(-1);
    if (group === undefined) groups.set(word, [[write]]);
    else if (last === undefined || last.length >= max) group.push([write]);
    else last.push(write);
  }
  return rounds.flatMap((groups) => [...groups.values()].flat());
}
