import type { Store } from "../../src/index.ts";
import {
  credulous,
  broken,
  unfenced,
  swallowing,
  settling,
  claiming,
  forgetsWakes,
  versionOnly,
  transacting,
  stale,
  halfDone,
  oneTenant,
  generous,
  scanning,
  withoutPause,
  oneGate,
  greedySweep,
  forgetful,
} from "./faults.ts";

const noStats = { interactions: 0, ready: 0, claimed: 0, later: 0, parked: 0, oldestWaitMs: 0 };

/** For every law a store that breaks it, each with one fault. */
export const brokenStores: Readonly<
  Record<string, readonly (readonly [fault: string, make: () => Store])[]>
> = {
  "W1 state, history, deadline and woken lanes are recorded together": [
    ["loses history", broken(transacting((decision) => ({ ...decision, history: [] })))],
    ["wakes nothing", broken(transacting((decision) => ({ ...decision, wake: [] })))],
  ],
  "W1 C5 an email that an agent wrote is kept to the letter": [
    [
      "trims texts",
      broken(
        transacting(({ next, ...rest }) => ({
          ...rest,
          next: { ...next, mails: next.mails.map((each) => ({ ...each, text: each.text.trim() })) },
        })),
      ),
    ],
  ],
  "W1 a change that throws leaves nothing behind, and harms no change beside it": [
    ["keeps half", broken(halfDone)],
  ],
  "L6 a repeated event is not applied again, and says whether its content is the same": [
    [
      "ignores events",
      broken((good) => ({
        transact: (of, _event, change) => good.transact(of, undefined, change),
      })),
    ],
    [
      "ignores content",
      broken((good) => ({
        transact: (of, event, change) =>
          good.transact(of, event && { ...event, content: "" }, change),
      })),
    ],
  ],
  "W1 changes of one interaction take turns: none is lost, none sees a stale state": [
    ["reads too early", broken(stale)],
  ],
  "O2 tenants never see each other's interactions, lanes, gates or facts": [
    ["mixes tenants", broken(oneTenant)],
  ],
  "W1 a lane has at most one live claim, however many claim at once": [
    ["hands out twice", broken(generous)],
  ],
  "W1 who waits longest is claimed first, and says how long it waited": [
    ["takes the newest first", broken(claiming((claims) => claims.toReversed()))],
    [
      "counts no waiting",
      broken(claiming((claims) => claims.map((claim) => ({ ...claim, waitedMs: 0 })))),
    ],
  ],
  "W1 a claim brings the interaction as it stands and the ledger of its lane": [
    [
      "brings an old state",
      broken(
        claiming((claims) =>
          claims.map((claim) => ({ ...claim, interaction: { ...claim.interaction, version: 1 } })),
        ),
      ),
    ],
  ],
  "W6 a lane let go until later is not ready before, and is then": [
    [
      "ignores the time",
      broken(
        settling(({ release, ...rest }) => ({
          ...rest,
          ...(release && { release: { again: 0 } }),
        })),
      ),
    ],
    [
      "never comes back",
      broken(settling(({ release, ...rest }) => ({ ...rest, ...(release && { release: {} }) }))),
    ],
  ],
  "W6 a change wakes a lane that was to wait longer": [
    [
      "wakes nothing",
      broken(
        transacting((decision) =>
          decision.next.version > 2 ? { ...decision, wake: [] } : decision,
        ),
      ),
    ],
    ["wakes always", broken(transacting((decision) => ({ ...decision, wake: ["sales"] })))],
  ],
  "W5 a paused connection hides its lanes and no others, until the pause is over": [
    [
      "does not pause",
      broken((good) => ({
        changeGate: (of, change) => good.changeGate(of, (now, at) => withoutPause(change(now, at))),
      })),
    ],
    ["pauses another", broken(oneGate)],
  ],
  "W5 all workers of a connection share one gate, and its changes take turns": [
    ["has one gate for all", broken(oneGate)],
    [
      "changes a copy",
      broken((good) => ({
        changeGate: async (of, change) =>
          change(await good.changeGate(of, (now) => now), await good.now()),
      })),
    ],
  ],
  "W5 ready names connections, longest waiting first, and counts no further than asked": [
    [
      "counts all",
      broken((good) => ({ ready: ({ limit }) => good.ready({ limit, upTo: 1_000 }) })),
    ],
    [
      "shortest first",
      broken((good) => ({ ready: async (of) => (await good.ready(of)).toReversed() })),
    ],
    ["names all", broken((good) => ({ ready: ({ upTo }) => good.ready({ limit: 1_000, upTo }) }))],
  ],
  "W1 a lane whose lease ran out is claimed again, and the old claim has lost it": [
    [
      "leases for ever",
      broken((good) => ({ claim: (of) => good.claim({ ...of, leaseMs: of.leaseMs * 1_000 }) })),
    ],
    ["has no fences", broken(unfenced)],
  ],
  "W3 begin keeps the rows of claims that hold, and answers those": [
    ["has no fences", broken(unfenced)],
    [
      "keeps nothing",
      broken((good) => ({
        begin: (begun) => good.begin(begun.map(({ claim }) => ({ claim, rows: [] }))),
      })),
    ],
  ],
  "W3 what was begun is seen by whoever claims the lane after a crash": [
    [
      "begin forgets",
      broken((good) => ({
        begin: (begun) => good.begin(begun.map(({ claim }) => ({ claim, rows: [] }))),
      })),
    ],
  ],
  "W3 settle keeps the rows and lets the lane rest": [
    ["keeps nothing", broken(settling((settlement) => ({ ...settlement, rows: [] })))],
    ["never lets go", broken(settling(({ claim, rows }) => ({ claim, rows })))],
  ],
  "W3 a settlement that does not let go keeps the claim": [
    ["lets go", broken(settling((settlement) => ({ ...settlement, release: {} })))],
  ],
  "W3 who let a lane go holds it no longer": [["has no fences", broken(unfenced)]],
  "W1 a lane whose interaction moved on during the claim stays ready": [
    ["forgets wakes", broken(forgetsWakes)],
  ],
  "W1 a wake-up during the claim is not lost, also when the version stands still": [
    ["looks at versions only", broken(versionOnly)],
  ],
  "W3 a late settlement reopens its rows as maybe sent, wakes the lane and is answered as late": [
    ["swallows it", broken(swallowing)],
    ["has no fences", broken(unfenced)],
  ],
  "W3 a late settlement under a newer claim leaves that claim alone, and its lane ready afterwards":
    [
      ["forgets wakes", broken(forgetsWakes)],
      ["has no fences", broken(unfenced)],
    ],
  "W3 an answer that comes in time is not believed where a late one came during the same claim": [
    ["believes the newer", broken(credulous)],
  ],
  "W3 what was taken away while a request was late is taken away once more": [
    [
      "forgets what was removed",
      broken(
        settling(({ rows, ...rest }) => ({
          ...rest,
          rows: rows.filter(({ state }) => state !== "removed"),
        })),
      ),
    ],
    ["swallows it", broken(swallowing)],
  ],
  "W1 a lease that was extended in time is not taken over": [
    ["extends nothing", broken(() => ({ extend: async () => [] }))],
  ],
  "W6 rows are listed by filter, in key order, page by page": [
    [
      "ignores the state",
      broken((good) => ({ rows: ({ state: _s, ...filter }) => good.rows(filter) })),
    ],
    [
      "ignores the page",
      broken((good) => ({ rows: ({ after: _a, ...filter }) => good.rows(filter) })),
    ],
    [
      "ignores the connection",
      broken((good) => ({ rows: ({ connection: _c, ...filter }) => good.rows(filter) })),
    ],
  ],
  "W6 replay puts parked rows back to work, wakes their lane and says who asked": [
    ["does nothing", broken(() => ({ replay: async (_tenant, keys) => keys.length }))],
    [
      "hides who asked",
      broken((good) => ({ replay: (tenant, keys) => good.replay(tenant, keys, "system") })),
    ],
  ],
  "K6 replay makes anew what a person deleted in the CRM": [
    ["does nothing", broken(() => ({ replay: async () => 1 }))],
  ],
  "W6 replay twice is replay once": [
    [
      "counts what it was asked",
      broken((good) => ({
        replay: async (tenant, keys, by) => {
          await good.replay(tenant, keys, by);
          return keys.length;
        },
      })),
    ],
  ],
  "A1 what is kept of a connection is found again, the last value under each name": [
    ["keeps nothing", broken(() => ({ keep: async () => undefined }))],
    [
      "keeps one value",
      broken((good) => ({
        keep: (of, _name, value) => good.keep(of, "one", value),
        kept: (of) => good.kept(of, "one"),
      })),
    ],
  ],
  "L7 interactions whose deadline passed are named, earliest first, and no others": [
    ["loses deadlines", broken(transacting(({ deadline: _d, ...decision }) => decision))],
    [
      "latest first",
      broken((good) => ({ overdue: async (limit) => (await good.overdue(limit)).toReversed() })),
    ],
  ],
  "L7 the next thing due is the earliest of lanes, leases and deadlines": [
    ["knows nothing", broken(() => ({ nextDueAt: async () => undefined }))],
    ["forgets deadlines", broken(transacting(({ deadline: _d, ...decision }) => decision))],
  ],
  "W1 whoever waits for work is told when a lane became ready, until they stop listening": [
    ["tells nobody", broken(() => ({ onWake: () => () => undefined }))],
    [
      "never stops",
      broken((good) => ({
        onWake: (hint) => {
          good.onWake(hint);
          return () => undefined;
        },
      })),
    ],
  ],
  "W1 sweep touches nothing that waits, is claimed or is parked, however old it is": [
    ["takes what waits", broken(greedySweep)],
  ],
  "W1 after a sweep every lane can be found by what waits for it: new, expired, or put off until now":
    [
      ["takes what waits", broken(greedySweep)],
      [
        "leases for ever",
        broken((good) => ({ claim: (of) => good.claim({ ...of, leaseMs: of.leaseMs * 1_000 }) })),
      ],
    ],
  "N5 event ids and deleted interactions are remembered for 400 days": [
    ["forgets at once", broken(forgetful)],
  ],
  "O3 counts tell ready, claimed, later and parked apart, and how long the oldest waits": [
    ["counts nothing", broken(() => ({ stats: async () => noStats }))],
    [
      "forgets the wait",
      broken((good) => ({ stats: async () => ({ ...(await good.stats()), oldestWaitMs: 0 }) })),
    ],
  ],
  "O1 a store survives what it says it survives": [
    ["boasts", broken((good) => ({ abilities: { ...good.abilities, durability: "power" } }))],
  ],
  "W1 close waits for what was asked before, and refuses what is asked after": [
    ["does not close", broken(() => ({ close: async () => undefined }))],
    [
      "closes too early",
      broken((good) => ({
        transact: async (of, event, change) => {
          await good.now();
          return good.transact(of, event, change);
        },
      })),
    ],
  ],
  "W4 finding and claiming ten of 100,000 lanes costs at most five times what it costs among 1,000":
    [["scans", broken(scanning)]],
};
