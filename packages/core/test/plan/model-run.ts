/** One fuzzed life of one lane: agents, a CRM, people in it, and workers that crash, stall and come back late. */
import type { Answer, Write } from "../../src/adapter/contract.ts";
import type { Interaction, Link } from "../../src/model/interaction.ts";
import type { Row } from "../../src/model/ledger.ts";
import type { Leg } from "../../src/model/leg.ts";
import { recordKey, sameRecord, type RecordId, type RecordRef } from "../../src/model/record.ts";
import { beginRow } from "../../src/plan/begin.ts";
import { batches } from "../../src/plan/batches.ts";
import { diff } from "../../src/plan/diff.ts";
import { settleRow } from "../../src/plan/settle.ts";
import { changedFields, sameRoles } from "../../src/plan/standing.ts";
import { wanted, type Setup } from "../../src/plan/wanted.ts";
import { abilities, interactionOf, legOf, setupOf } from "./building.ts";
import { ModelCrm } from "./model-crm.ts";
import { ModelStore } from "./model-store.ts";

/** The rules of W3 as they are, or with one of them left out. */
export type Variant = "whole" | "noWriteAhead" | "newestWish" | "receiptsOnly";

/** A pseudo-random generator of one seed (mulberry32). */
function chanceOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

type Flying = { readonly write: Write; readonly begun: Row; readonly answer?: Answer };

type Worker = {
  readonly fence: number;
  readonly rows: Map<string, Row>;
  readonly batches: Write[][];
  readonly forget: readonly Row[];
  flying: Flying[] | undefined;
  landed: boolean;
};

const maxAttempts = 6;

const pool: readonly { readonly record: RecordId; readonly parents?: readonly RecordId[] }[] = [
  { record: { type: "contact", id: "1" } },
  { record: { type: "contact", id: "2" }, parents: [{ type: "account", id: "1" }] },
  { record: { type: "lead", id: "1" } },
  { record: { type: "lead", id: "2" } },
  { record: { type: "case", id: "1" }, parents: [{ type: "account", id: "1" }] },
  { record: { type: "case", id: "2" } },
  { record: { type: "account", id: "1" } },
  { record: { type: "account", id: "2" } },
  { record: { type: "opportunity", id: "1" }, parents: [{ type: "account", id: "2" }] },
];

export class Run {
  readonly crm: ModelCrm;
  readonly setup: Setup;
  readonly store = new ModelStore();
  /** Which legs a note fed, as it was when it was written (K2). */
  readonly notesFed = new Map<string, readonly string[]>();
  readonly log: string[] = [];
  interaction: Interaction;
  settled = true;
  readonly #chance: () => number;
  readonly #variant: Variant;
  readonly #workers: Worker[] = [];
  #now = 1_000_000;
  #noFaults = false;

  constructor(seed: number, variant: Variant) {
    this.#chance = chanceOf(seed);
    this.#variant = variant;
    const frozen = this.#flip(0.3);
    this.crm = new ModelCrm(frozen);
    const per = this.#flip(0.35) ? "interaction" : "leg";
    this.setup = setupOf({
      abilities: abilities({ completedIsFrozen: frozen, maxBatch: 3 }),
      unlinked: this.#pick(["skip", "skip", "log", "hold"]),
      onUnlink: this.#flip(0.15) ? "keep" : "retract",
      map: {
        activities: {},
        otherwise: {
          type: "Log",
          fields: {
            Title: { constant: "call" },
            Talk: { fact: "talkSeconds" },
            Outcome: { fact: "disposition" },
            Topic: { fact: "topic" },
            Extra: { fact: "facts.extra" },
            Said: { fact: "notes.inbound" },
          },
        },
      },
    });
    this.interaction = interactionOf({ per, legs: [], links: [] });
    this.#openLeg();
  }

  /** Things happen; then everybody comes to rest and everything that can be mended is mended. */
  play(steps: number): void {
    for (let n = 0; n < steps; n += 1) {
      this.#now += 1_000;
      if (this.#flip(0.45)) this.#agentDoes();
      else if (this.#flip(0.12)) this.#peopleDo();
      else this.#workerDoes();
    }
    this.#quiesce();
  }

  // ── agents ────────────────────────────────────────────────────────────────────────────────────────────
  #agentDoes(): void {
    const open = this.interaction.legs.filter((leg) => leg.closed === undefined);
    const what = this.#pick([
      "link",
      "link",
      "link",
      "unlink",
      "unlink",
      "relinkAgain",
      "open",
      "close",
      "close",
      "disposition",
      "fact",
      "topic",
      "note",
      "hide",
      "over",
      "delete",
    ] as const);
    this.log.push(what);
    if (what === "link") return this.#link(this.#pick(pool));
    if (what === "unlink" && this.interaction.links.length > 0)
      return this.#unlink(this.#pick(this.interaction.links));
    if (what === "relinkAgain" && this.interaction.links.length > 0) {
      const link = this.#pick(this.interaction.links);
      this.#unlink(link);
      if (this.#flip(0.5)) this.#workerDoes();
      return this.#link({
        record: link.record,
        ...(link.parents !== undefined && { parents: link.parents }),
      });
    }
    if (what === "open" && this.interaction.legs.length < 3) return this.#openLeg();
    if (what === "close" && open.length > 0) return this.#closeLeg(this.#pick(open));
    if (what === "disposition")
      return this.#editLeg((leg) => ({ ...leg, disposition: this.#pick(["good", "fine", "bad"]) }));
    if (what === "fact")
      return this.#editLeg((leg) => ({ ...leg, facts: { extra: this.#pick(["x", "y", null]) } }));
    if (what === "topic")
      return this.#edit({
        log: this.#flip(0.5) ? {} : { topic: this.#pick(["refund", "complaint"]) },
      });
    if (what === "note") return this.#note();
    if (what === "hide")
      return this.#edit({
        notes: this.interaction.notes.map((note) => ({ ...note, audience: "internal" as const })),
      });
    if (what === "over" && this.interaction.legs.length > 0 && open.length === 0)
      return this.#edit({ over: true });
    if (what === "delete" && this.#flip(0.04))
      return this.#edit({
        deleted: { written: this.#flip(0.7) ? "retract" : "keep", at: this.#now },
      });
  }

  #edit(change: Partial<Interaction>): void {
    if (this.interaction.deleted !== undefined) return;
    this.interaction = { ...this.interaction, ...change, version: this.interaction.version + 1 };
  }

  #openLeg(): void {
    const id = `l-${this.interaction.legs.length + 1}`;
    const role = this.#flip(0.15) ? ("consult" as const) : ("agent" as const);
    const leg = legOf({
      id,
      role,
      agent: { id: `a-${id}` },
      startedAt: this.#now,
      answeredAt: this.#now,
      recorded: { lastEvent: this.#now },
    });
    this.#edit({ legs: [...this.interaction.legs, leg], over: false });
  }

  #closeLeg(leg: Leg): void {
    const closed: Leg = {
      ...leg,
      state: "closed",
      closed: "completed",
      talkEndedAt: this.#now,
      endedAt: this.#now,
      recorded: { lastEvent: this.#now, closed: this.#now },
      durations: { talkSeconds: 10 + Math.floor(this.#chance() * 90) },
      ...(this.#flip(0.8) && { disposition: this.#pick(["good", "fine", "bad"]) }),
    };
    this.#edit({
      legs: this.interaction.legs.map((other) => (other.id === leg.id ? closed : other)),
    });
  }

  #editLeg(change: (leg: Leg) => Leg): void {
    if (this.interaction.legs.length === 0) return;
    const one = this.#pick(this.interaction.legs);
    this.#edit({ legs: this.interaction.legs.map((leg) => (leg === one ? change(leg) : leg)) });
  }

  #link({ record, parents }: (typeof pool)[number]): void {
    if (this.interaction.links.some((link) => sameRecord(link.record, record))) return;
    const { legs } = this.interaction;
    const open = legs.findIndex((leg) => leg.closed === undefined && leg.role === "agent");
    const closed = legs.findLastIndex((leg) => leg.closed !== undefined && leg.role === "agent");
    const link: Link = {
      record: { type: record.type, id: record.id, connection: "crm" },
      fromLeg: open >= 0 ? open : Math.max(0, closed),
      at: this.#now,
      ...(parents !== undefined && { parents }),
    };
    this.#edit({ links: [...this.interaction.links, link] });
  }

  #unlink(gone: Link): void {
    this.#edit({ links: this.interaction.links.filter((link) => link !== gone) });
  }

  #note(): void {
    const { legs, notes } = this.interaction;
    const id = `n-${notes.length + 1}`;
    const written = legs.filter((leg) => leg.role === "agent");
    const open = written.filter((leg) => leg.closed === undefined);
    const lastClosed = written
      .filter((leg) => leg.closed !== undefined)
      .toSorted((a, b) => (a.recorded.closed ?? 0) - (b.recorded.closed ?? 0))
      .at(-1);
    const fed =
      open.length > 0
        ? open.map((leg) => leg.id)
        : lastClosed === undefined
          ? undefined
          : [lastClosed.id];
    this.notesFed.set(id, fed ?? ["first"]);
    const stamp = fed === undefined ? {} : { legs: fed };
    this.#edit({
      notes: [...notes, { id, text: `said ${id}`, audience: "inbound", at: this.#now, ...stamp }],
    });
  }

  // ── people in the CRM ─────────────────────────────────────────────────────────────────────────────────
  #peopleDo(): void {
    const what = this.#pick(["delete", "merge", "convert", "lose"] as const);
    this.log.push(`people ${what}`);
    // While a request is under way nobody could tell a late write from a person's wish.
    if (what === "delete" && this.#workers.length === 0) {
      const known = [...this.crm.live.values()].filter(
        ({ key }) => this.store.rows.get(key)?.state === "written",
      );
      if (known.length > 0) this.crm.personDeletes(this.#pick(known));
    }
    const standing = pool
      .map(({ record }) => record)
      .filter(
        (record) => !this.crm.moved.has(recordKey(record)) && !this.crm.lost.has(recordKey(record)),
      );
    const [from, to] = [this.#pick(standing), this.#pick(standing)];
    if (what === "merge" && from.type === to.type && from.id !== to.id)
      this.crm.moved.set(recordKey(from), to);
    if (what === "convert" && from.type === "lead" && to.type === "contact")
      this.crm.moved.set(recordKey(from), to);
    if (what === "lose" && this.#flip(0.3) && standing.length > 5)
      this.crm.lost.add(recordKey(from));
  }

  // ── workers ───────────────────────────────────────────────────────────────────────────────────────────
  #workerDoes(): void {
    const holder = this.#workers.find((worker) => this.store.holds(worker.fence));
    // A lease may run out under a worker that is only slow: the other one claims beside it.
    if (holder === undefined ? this.#workers.length === 0 || this.#flip(0.5) : this.#flip(0.2))
      return this.#claim();
    const worker = this.#workers.length > 0 ? this.#pick(this.#workers) : undefined;
    if (worker !== undefined) this.#advance(worker);
  }

  #claim(): void {
    this.log.push("claim");
    const { fence, rows } = this.store.claim();
    const { writes, forget } = this.#plan(rows);
    this.#workers.push({
      fence,
      rows: new Map(rows.map((row) => [row.key, row])),
      batches: batches(writes, () => "w", this.setup.abilities.maxBatch)
        .flat()
        .map((batch) => [...batch]),
      forget,
      flying: undefined,
      landed: false,
    });
  }

  #plan(rows: readonly Row[]): {
    readonly writes: readonly Write[];
    readonly forget: readonly Row[];
  } {
    const want = wanted(this.interaction, this.setup, rows);
    if (this.#variant === "receiptsOnly") {
      const known = rows
        .filter((row) => row.receipt !== undefined)
        .map(({ sending: _s, removing: _r, ...row }) => ({ ...row, maybeSent: false }));
      return { writes: diff(want, known, this.setup).writes, forget: [] };
    }
    const found = diff(want, rows, this.setup);
    if (this.#variant !== "newestWish") return found;
    const wish = new Map(want.map((entry) => [entry.key, entry]));
    const writes = found.writes.map((write): Write => {
      const entry = wish.get(write.entry.key);
      const row = rows.find(({ key }) => key === write.entry.key);
      if (entry === undefined || write.op === "retract" || row?.maybeSent !== true) return write;
      if (write.op === "put" || row.written === undefined) return { ...write, entry };
      return {
        ...write,
        entry,
        changed: changedFields(row.written.fields, entry.fields),
        relinked: !sameRoles(row.written.roles, entry.roles),
      };
    });
    return { writes, forget: found.forget };
  }

  /** One step of one worker: begin a batch, let it land, settle it. It may crash before each of them. */
  #advance(worker: Worker): void {
    const stale = !this.store.holds(worker.fence);
    // A request's time limit is shorter than a lease: what landed late was sent by somebody who still lives to settle it.
    const mayCrash = !this.#noFaults && !(stale && worker.landed);
    if (mayCrash && this.#flip(0.12)) {
      this.log.push(
        `crash ${worker.flying === undefined ? "before request" : worker.landed ? "after answer" : "before or after commit"}`,
      );
      if (worker.flying !== undefined && !worker.landed && !stale && this.#flip(0.6))
        this.#land(worker);
      this.#workers.splice(this.#workers.indexOf(worker), 1);
      return;
    }
    if (worker.flying === undefined) return this.#begin(worker);
    if (!worker.landed) return this.#land(worker);
    this.#settle(worker);
  }

  #begin(worker: Worker): void {
    const batch = worker.batches.shift();
    if (batch === undefined) {
      this.store.settle(worker.fence, worker.forget);
      this.#workers.splice(this.#workers.indexOf(worker), 1);
      return;
    }
    const flying = batch.map((write): Flying => ({
      write,
      begun: beginRow(write, worker.rows.get(write.entry.key)),
    }));
    const kept =
      this.#variant === "noWriteAhead" ||
      this.store.begin(
        worker.fence,
        flying.map(({ begun }) => begun),
      );
    if (!kept) return void this.#workers.splice(this.#workers.indexOf(worker), 1);
    this.log.push(
      `begin ${batch.map(({ op, entry }) => `${op} ${entry.leg}.${entry.slot}`).join(", ")}`,
    );
    worker.flying = flying;
    worker.landed = false;
  }

  #land(worker: Worker): void {
    worker.flying = worker.flying?.map((one) => ({ ...one, answer: this.#answer(one.write) }));
    worker.landed = true;
    this.log.push(
      `land ${worker.flying?.map(({ answer }) => (answer?.is === "written" ? answer.how : answer?.is)).join(", ")}`,
    );
  }

  #answer(write: Write): Answer {
    const luck = this.#noFaults ? 1 : this.#chance();
    if (luck < 0.05) return { is: "retry", why: "lock", sent: "no", reason: "locked" };
    if (luck < 0.08)
      return { is: "retry", why: "throttled", sent: "no", reason: "throttled", afterMs: 1 };
    if (luck < 0.14) {
      if (this.#flip(0.5)) this.crm.apply(write);
      return {
        is: "retry",
        why: this.#flip(0.5) ? "transient" : "unreachable",
        sent: "maybe",
        reason: "no answer",
      };
    }
    return this.crm.apply(write);
  }

  #settle(worker: Worker): void {
    const rows = (worker.flying ?? []).flatMap(({ write, begun, answer }) =>
      answer === undefined
        ? []
        : settleRow(write, begun, answer, { now: this.#now, jitter: 0, maxAttempts }),
    );
    this.log.push(
      `settle${this.store.holds(worker.fence) ? "" : " late"} ${rows.map((row) => row.state).join(", ")}`,
    );
    for (const row of rows) worker.rows.set(row.key, row);
    this.store.settle(worker.fence, rows);
    for (const { answer } of worker.flying ?? [])
      if (answer?.is === "moved") this.#relink(answer.from, answer.to);
    worker.flying = undefined;
    if (!this.store.holds(worker.fence)) this.#workers.splice(this.#workers.indexOf(worker), 1);
  }

  /** What core does with the answer `moved` (K9). */
  #relink(from: RecordId, to: RecordId): void {
    const old = this.interaction.links.find((link) => sameRecord(link.record, from));
    if (old === undefined) return;
    const record: RecordRef = { type: to.type, id: to.id, connection: "crm" };
    const there = this.interaction.links.find((link) => sameRecord(link.record, to));
    const was = [...(there?.was ?? []), ...(old.was ?? []), { type: from.type, id: from.id }];
    const link: Link = {
      ...(there ?? old),
      record,
      was,
      fromLeg: Math.min(old.fromLeg, there?.fromLeg ?? old.fromLeg),
    };
    this.#edit({
      links: [...this.interaction.links.filter((each) => each !== old && each !== there), link],
    });
  }

  // ── rest ──────────────────────────────────────────────────────────────────────────────────────────────
  #quiesce(): void {
    this.#noFaults = true;
    this.#finishWorkers();
    this.log.push("rest");
    this.#edit({
      legs: this.interaction.legs.map((leg) =>
        leg.disposition === "bad" ? { ...leg, disposition: "good" } : leg,
      ),
      links: this.interaction.links.filter(
        (link) => !this.crm.lost.has(recordKey(this.crm.resolve(link.record))),
      ),
    });
    this.store.replayParked();
    for (let round = 0; round < 40; round += 1) {
      const { writes } = this.#plan([...this.store.rows.values()]);
      if (writes.length === 0) return;
      this.#claim();
      this.#finishWorkers();
    }
    this.settled = false;
  }

  #finishWorkers(): void {
    for (let worker = this.#workers[0]; worker !== undefined; worker = this.#workers[0])
      this.#advance(worker);
  }

  // ── luck ──────────────────────────────────────────────────────────────────────────────────────────────
  #flip(odds: number): boolean {
    return this.#chance() < odds;
  }

  #pick<T>(from: readonly T[]): T {
    const picked = from[Math.floor(this.#chance() * from.length)];
    if (picked === undefined) throw new Error("nothing to pick from");
    return picked;
  }

  /** A leg's own values as a person would expect to read them in the CRM. */
  get unitsExpected(): ReadonlyMap<string, readonly Leg[]> {
    const closed = this.interaction.legs.filter(
      (leg) => leg.closed !== undefined && leg.role === "agent",
    );
    if (closed.length === 0) return new Map();
    return this.interaction.per === "leg"
      ? new Map(closed.map((leg) => [leg.id, [leg]]))
      : new Map([["*", closed]]);
  }
}
