import type { Write } from "@wrapup/core";

/** How many writes go into one `$batch`, learnt from how long batches take. */
export type Pace = {
  readonly size: () => number;
  /** A batch of so many writes took so long. `done`: some of it was carried out, or refused for what it is. */
  readonly took: (writes: number, ms: number, done: boolean) => void;
};

/**
 * Dataverse carries a batch out one operation after another, and Microsoft advises many small ones side by side (facts §1.6): a large one
 * pays only where the way costs more than the work. So this much work goes into one.
 */
const workMs = 300;
/** Before anything is measured: even at half a second a write it ends within half a minute. */
const first = 50;
/** Microsoft advises to start at ten (facts §1.6); fewer than that say more of the way than of the work. */
const least = 10;
/** How much larger a batch may be than the one that was measured. */
const mostGrowth = 8;

/** Sizes batches by measuring them: at most `most` where the environment is quick, down to ten where each write takes long. */
export const createPace = (most: number): Pace => {
  const fewest = Math.min(least, most);
  let size = Math.min(first, most);
  let wayMs: number | undefined;
  return {
    size: () => size,
    took: (writes, ms, done) => {
      // What is turned away at the door is quick, however slow the work is; only what runs out of time tells of that.
      if (writes === 0 || (!done && ms < workMs)) return;
      if (writes < least) wayMs = Math.min(wayMs ?? ms, ms);
      if (writes < fewest) return;
      const perWriteMs = Math.max(0, ms - (wayMs ?? 0)) / writes;
      const ideal = Math.floor(Math.min(workMs / perWriteMs, writes * mostGrowth));
      // A batch that was small for want of writes says nothing against a larger one, unless it was slow.
      if (ideal > size || perWriteMs * size > workMs)
        size = Math.max(fewest, Math.min(most, ideal));
    },
  };
};

/**
 * Writes that touch the same record, in one group each: two requests at once would meet in its locks (W4). Pure.
 */
export const tiedTogether = (writes: readonly Write[]): readonly (readonly Write[])[] => {
  const groupOf = new Map<string, Write[]>();
  const groups = new Set<Write[]>();
  for (const write of writes) {
    const { touches } = write.entry;
    const [group = [], ...others] = new Set(touches.flatMap((key) => wrapped(groupOf.get(key))));
    for (const other of others) {
      group.push(...other);
      groups.delete(other);
    }
    group.push(write);
    groups.add(group);
    for (const { entry } of others.length > 0 ? group : [write])
      for (const key of entry.touches) groupOf.set(key, group);
  }
  return [...groups];
};

/** Takes groups off a queue until a batch is full; at least one. */
export const nextBatch = (
  queue: (readonly Write[])[],
  { size }: Pick<Pace, "size">,
): readonly Write[] => {
  const batch: Write[] = [...(queue.shift() ?? [])];
  for (
    let next = queue[0];
    next !== undefined && batch.length + next.length <= size();
    next = queue[0]
  ) {
    batch.push(...next);
    queue.shift();
  }
  return batch;
};

/** So that a list is not taken for its items. */
const wrapped = (group: Write[] | undefined): readonly Write[][] =>
  group === undefined ? [] : [group];
