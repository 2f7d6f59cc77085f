import type { Claim, GateState, Settlement, Store } from "../../src/index.ts";
import { memoryStore } from "../../src/store/memory/index.ts";

/** Every method handed on, so that one can be replaced. */
const handOn = (store: Store): Store => ({
  abilities: store.abilities,
  open: (clock) => store.open(clock),
  now: () => store.now(),
  transact: (of, event, change) => store.transact(of, event, change),
  read: (of) => store.read(of),
  history: (of) => store.history(of),
  ready: (of) => store.ready(of),
  claim: (of) => store.claim(of),
  begin: (begun) => store.begin(begun),
  settle: (settlements) => store.settle(settlements),
  extend: (claims, leaseMs) => store.extend(claims, leaseMs),
  overdue: (limit) => store.overdue(limit),
  nextDueAt: () => store.nextDueAt(),
  changeGate: (of, change) => store.changeGate(of, change),
  rows: (filter) => store.rows(filter),
  replay: (tenant, keys, by) => store.replay(tenant, keys, by),
  keep: (of, name, value) => store.keep(of, name, value),
  kept: (of, name) => store.kept(of, name),
  sweep: () => store.sweep(),
  stats: () => store.stats(),
  onWake: (hint) => store.onWake(hint),
  close: () => store.close(),
});

export const broken = (fault: (good: Store) => Partial<Store>) => (): Store => {
  const good = memoryStore();
  return { ...handOn(good), ...fault(good) };
};

/** What a store would do that does not look at fences: it takes the newest claim of the lane for the one it was given. */
export const unfenced = (good: Store): Partial<Store> => {
  const newest = new Map<string, Claim>();
  const latest = (claim: Claim): Claim => newest.get(JSON.stringify(claim.lane)) ?? claim;
  return {
    claim: async (of) => {
      const claims = await good.claim(of);
      for (const claim of claims) newest.set(JSON.stringify(claim.lane), claim);
      return claims;
    },
    begin: async (begun) => {
      await good.begin(begun.map(({ claim, rows }) => ({ claim: latest(claim), rows })));
      return begun.map(({ claim }) => claim);
    },
    extend: async (claims, leaseMs) => {
      await good.extend(claims.map(latest), leaseMs);
      return [];
    },
    settle: (settlements) =>
      good.settle(settlements.map((each) => ({ ...each, claim: latest(each.claim) }))),
  };
};

/** Late answers are named, and thrown away. */
export const swallowing = (good: Store): Partial<Store> => ({
  settle: async (settlements) => {
    const late = await good.extend(
      settlements.map(({ claim }) => claim),
      60_000,
    );
    await good.settle(settlements.filter(({ claim }) => !late.includes(claim)));
    return late;
  },
});

export const settling =
  (change: (settlement: Settlement) => Settlement) =>
  (good: Store): Partial<Store> => ({
    settle: (settlements) => good.settle(settlements.map(change)),
  });

export const claiming =
  (change: (claims: readonly Claim[]) => readonly Claim[]) =>
  (good: Store): Partial<Store> => ({
    claim: async (of) => change(await good.claim(of)),
  });

/** Rows are kept as the newest claim says, whatever came late. */
export const credulous = (good: Store): Partial<Store> => ({
  settle: async (settlements) => {
    const late = await good.settle(settlements.map(({ claim, rows }) => ({ claim, rows })));
    const inTime = settlements.filter(({ claim }) => !late.includes(claim));
    await good.begin(inTime);
    await good.settle(inTime.map((settlement) => ({ ...settlement, rows: [] })));
    return late;
  },
});

/** Lanes that were let go are put to rest, whatever happened meanwhile. */
export const forgetsWakes = (good: Store): Partial<Store> => ({
  settle: async (settlements) => {
    const late = await good.settle(settlements);
    for (const {
      claim: { lane },
    } of settlements) {
      const ready = await good.claim({ ...lane, limit: 100, leaseMs: 60_000 });
      await good.settle(ready.map((claim) => ({ claim, rows: [], release: {} })));
    }
    return late;
  },
});

/** Only a version that grew counts as a change. */
export const versionOnly = (good: Store): Partial<Store> => {
  const held = new Set<string>();
  return {
    claim: async (of) => {
      const claims = await good.claim(of);
      for (const { interaction } of claims) held.add(interaction.id);
      return claims;
    },
    transact: (of, event, change) =>
      good.transact(of, event, (now, at) => {
        const decision = change(now, at);
        return now?.version === decision.next.version && held.has(of.interaction)
          ? { ...decision, wake: [] }
          : decision;
      }),
  };
};

export const transacting =
  (change: (decision: ReturnType<Parameters<Store["transact"]>[2]>) => typeof decision) =>
  (good: Store): Partial<Store> => ({
    transact: (of, event, decide) => good.transact(of, event, (now, at) => change(decide(now, at))),
  });

/** Everything read while deciding is as old as the call. */
export const stale = (good: Store): Partial<Store> => ({
  transact: async (of, event, change) => {
    const before = await good.read(of);
    return good.transact(of, event, (_now, at) => change(before?.interaction, at));
  },
});

/** Half of the work stays when the other half throws. */
export const halfDone = (good: Store): Partial<Store> => ({
  transact: async (of, event, change) => {
    try {
      return await good.transact(of, event, change);
    } catch (error) {
      if (event !== undefined)
        await good.transact(of, event, (now, at) => ({
          next: now ?? { ...blankOf(of.tenant, of.interaction), recordedAt: at },
          wake: [],
          history: [],
        }));
      throw error;
    }
  },
});

const blankOf = (
  tenant: string,
  id: string,
): Parameters<Parameters<Store["transact"]>[2]>[0] & object => ({
  tenant,
  id,
  version: 0,
  channel: "voice",
  direction: "inbound",
  status: "open",
  per: "leg",
  parentKey: id,
  startedAt: 0,
  card: { fields: {} },
  log: {},
  legs: [],
  offers: [],
  links: [],
  notes: [],
  drafts: [],
  mails: [],
  facts: {},
  connections: [],
  over: false,
  recordedAt: 0,
});

/** One tenant is like another. */
export const oneTenant = (good: Store): Partial<Store> => ({
  transact: (of, event, change) => good.transact({ ...of, tenant: "one" }, event, change),
  read: (of) => good.read({ ...of, tenant: "one" }),
});

/** A claim is handed out once more to whoever asks next. */
export const generous = (good: Store): Partial<Store> => {
  let last: readonly Claim[] = [];
  return {
    claim: async (of) => {
      const claims = await good.claim(of);
      const more = claims.length === 0 ? [] : last;
      last = claims;
      return [...claims, ...more];
    },
  };
};

/** Looks at everything that waits before it takes ten. */
export const scanning = (good: Store): Partial<Store> => {
  const all: string[] = [];
  return {
    transact: (of, event, change) => {
      all.push(of.interaction);
      return good.transact(of, event, change);
    },
    claim: (of) => {
      all.toSorted();
      return good.claim(of);
    },
  };
};

export const withoutPause = ({ pausedUntil: _p, ...gate }: GateState): GateState => gate;

/** Every connection has the gate of all the others. */
export const oneGate = (good: Store): Partial<Store> => ({
  changeGate: (of, change) => good.changeGate({ ...of, connection: "one" }, change),
});

/** A sweep that takes what waits for leftovers. */
export const greedySweep = (good: Store): Partial<Store> => ({
  sweep: async () => {
    await good.sweep();
    const everywhere = await good.ready({ limit: 100, upTo: 1 });
    for (const of of everywhere) {
      const claims = await good.claim({ ...of, limit: 100, leaseMs: 60_000 });
      await good.settle(claims.map((claim) => ({ claim, rows: [], release: {} })));
    }
  },
});

/** Event ids are forgotten at the first sweep. */
export const forgetful = (good: Store): Partial<Store> => {
  let sweeps = 0;
  return {
    sweep: async () => void (sweeps += 1),
    transact: (of, event, change) =>
      good.transact(
        of,
        event === undefined ? undefined : { ...event, id: `${event.id}/${sweeps}` },
        change,
      ),
  };
};
