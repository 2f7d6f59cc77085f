import type { Fault } from "../options.ts";
import type { Problem } from "../problem.ts";
import { problem } from "../problem.ts";

type Armed = { readonly id: string; readonly fault: Fault; left: number };

/** A per-operation fault during one call: its chance is drawn once, and the call uses it up by one at most. */
type Live = { readonly armed: Armed; seen: number; used: boolean; drawn: boolean | undefined };

/** Says whether an operation on a table is struck. */
export type Strike = (table: string) => Problem | undefined;

/** Strikes of one unit: a request of its own, or a change set, whose operations count as one. */
export type UnitStrikes = (method: string, path: string) => Strike;

const perOperation: ReadonlySet<string> = new Set(["lock", "partial"]);
const apiPath = /^\/(?:api\/data\/v|v1\.0\/)/;
const deadlock = "0x80044150";
/** What a customer's own logic answers when it refuses a write. */
const pluginAbort = "0x80040265";

/** The faults that tests have armed. */
export class FaultBox {
  readonly #random: () => number;
  #armed: Armed[] = [];
  #next = 1;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** Arms a fault and answers its id. */
  arm(fault: Fault): string {
    const id = `fault-${this.#next}`;
    this.#next += 1;
    this.#armed.push({ id, fault, left: fault.times ?? 1 });
    return id;
  }

  /** Disarms every fault. */
  clear(): void {
    this.#armed = [];
  }

  /** The fault that strikes this call as a whole, if any; it is used up by one. */
  strikeCall(method: string, path: string): Fault | undefined {
    for (const armed of this.#armed) {
      const { fault } = armed;
      if (perOperation.has(fault.kind) || armed.left <= 0 || !matches(fault, method, path))
        continue;
      if (!this.#happens(fault)) continue;
      armed.left -= 1;
      return fault;
    }
    return undefined;
  }

  /** The `lock` and `partial` faults of one call. Each call of the answered function begins a new unit: a request or a change set. */
  strikeUnits(method: string, path: string): () => UnitStrikes {
    const live: readonly Live[] = this.#armed
      .filter((armed) => perOperation.has(armed.fault.kind) && armed.left > 0)
      .map((armed) => ({ armed, seen: 0, used: false, drawn: undefined }));
    if (live.length === 0) return () => () => () => undefined;
    return () => {
      const counted = new Set<Live>();
      return (innerMethod, innerPath) => (table) => {
        for (const one of live) {
          const { fault } = one.armed;
          if (counted.has(one) || (fault.table !== undefined && fault.table !== table)) continue;
          if (!matches(fault, method, path) && !matches(fault, innerMethod, innerPath)) continue;
          counted.add(one);
          if (this.#strikes(one)) return problemOf(fault);
        }
        return undefined;
      };
    };
  }

  #strikes(one: Live): boolean {
    one.drawn ??= this.#happens(one.armed.fault);
    if (!one.drawn) return false;
    one.seen += 1;
    if (one.seen % (one.armed.fault.operationEvery ?? 1) !== 0) return false;
    if (!one.used) {
      one.used = true;
      one.armed.left -= 1;
    }
    return true;
  }

  #happens(fault: Fault): boolean {
    return fault.rate === undefined || this.#random() < fault.rate;
  }
}

function matches(fault: Fault, method: string, path: string): boolean {
  if (fault.method !== undefined && fault.method.toUpperCase() !== method) return false;
  return fault.path === undefined ? apiPath.test(path) : path.includes(fault.path);
}

/** Code and text of the deadlock are in facts §1.8 and in public logs; that it comes as 500 is a guess. */
function problemOf(fault: Fault): Problem {
  const { status, code, headers } = fault;
  if (fault.kind === "lock") {
    const text =
      "Generic SQL error. CRM ErrorCode: -2147204784 Sql ErrorCode: -2146232060 Sql Number: 1205";
    return problem(status ?? 500, deadlock, fault.message ?? text, headers);
  }
  const name = code ?? pluginAbort;
  return problem(status ?? 400, name, fault.message ?? `injected: ${name}`, headers);
}
