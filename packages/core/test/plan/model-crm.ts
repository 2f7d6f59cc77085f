/** A CRM as the fuzz believes in it: keeps our key unique, freezes nothing or appends, merges, and lets people delete. It knows nothing of planning. */
import type { Answer, Write } from "../../src/adapter/contract.ts";
import type { Entry, Receipt } from "../../src/model/entry.ts";
import { recordKey, type Fields, type FieldValue, type RecordId } from "../../src/model/record.ts";

export type Held = {
  readonly key: string;
  readonly id: string;
  readonly leg: string;
  readonly slot: number;
  fields: Record<string, FieldValue>;
  appended: Fields;
  roles: Entry["roles"];
  owner: string | undefined;
  final: boolean;
};

export class ModelCrm {
  readonly live = new Map<string, Held>();
  /** What people deleted: which leg's activity, with which records. */
  readonly deleted: { readonly leg: string; readonly records: readonly RecordId[] }[] = [];
  readonly moved = new Map<string, RecordId>();
  readonly lost = new Set<string>();
  readonly frozen: boolean;
  #ids = 0;

  constructor(frozen: boolean) {
    this.frozen = frozen;
  }

  /** Where a record is now. */
  resolve(record: RecordId): RecordId {
    const to = this.moved.get(recordKey(record));
    return to === undefined ? { type: record.type, id: record.id } : this.resolve(to);
  }

  apply(write: Write): Answer {
    if (write.op === "retract") {
      const held = this.#find(write.receipt, write.entry.key);
      if (held !== undefined) this.live.delete(held.id);
      return { is: "removed", how: "deleted" };
    }
    return write.op === "put" ? this.#put(write.entry) : this.#amend(write);
  }

  personDeletes(held: Held): void {
    this.live.delete(held.id);
    this.deleted.push({ leg: held.leg, records: Object.values(held.roles).flat() });
  }

  /** What people see in a row, with what was appended to it. */
  seen(held: Held): Readonly<Record<string, FieldValue>> {
    return { ...held.fields, ...held.appended };
  }

  #put(entry: Entry): Answer {
    const there = this.#find(undefined, entry.key);
    if (there !== undefined) return { is: "written", how: "already", receipt: receiptOf(there) };
    const no = this.#objection(entry, true);
    if (no !== undefined) return no;
    const { key, leg, slot, fields, roles, owner, final } = entry;
    this.#ids += 1;
    const held: Held = {
      key,
      id: `r${this.#ids}`,
      leg,
      slot,
      fields: { ...fields },
      appended: {},
      roles,
      owner,
      final,
    };
    this.live.set(held.id, held);
    return { is: "written", how: "created", receipt: receiptOf(held) };
  }

  #amend({
    entry,
    receipt,
    changed,
    relinked,
    reowned,
    made,
  }: Extract<Write, { readonly op: "amend" }>): Answer {
    const held = this.#find(receipt, entry.key);
    if (held === undefined) return { is: "gone" };
    const no = this.#objection(entry, relinked);
    if (no !== undefined) return no;
    const late = Object.entries(entry.fields).filter(
      ([name, value]) => made.fields[name] !== value,
    );
    const cleared = Object.values(changed).includes(null);
    const adds = late.every(([name]) => (made.fields[name] ?? null) === null);
    if (this.frozen && held.final && adds && !cleared && !relinked && !reowned) {
      held.appended = Object.fromEntries(late);
      return { is: "written", how: "appended", receipt: receiptOf(held) };
    }
    Object.assign(held.fields, Object.fromEntries(late), changed);
    held.appended = {};
    if (relinked) held.roles = entry.roles;
    if (reowned) {
      held.owner = entry.owner;
      held.final = entry.final;
    }
    return { is: "written", how: "updated", receipt: receiptOf(held) };
  }

  #find(receipt: Receipt | undefined, key: string): Held | undefined {
    if (receipt !== undefined) return this.live.get(receipt.ref.id);
    return [...this.live.values()].find((held) => held.key === key);
  }

  #objection(entry: Entry, relinked: boolean): Answer | undefined {
    if (entry.fields["Outcome"] === "bad")
      return { is: "refused", why: "validation", reason: "no such outcome", field: "Outcome" };
    if (!relinked) return undefined;
    for (const record of Object.values(entry.roles).flat()) {
      if (this.lost.has(recordKey(this.resolve(record))))
        return { is: "refused", why: "notFound", reason: "no such record" };
      if (this.moved.has(recordKey(record)))
        return { is: "moved", from: record, to: this.resolve(record) };
    }
    return undefined;
  }
}

const receiptOf = (held: Held): Receipt => ({ ref: { type: "Log", id: held.id } });
