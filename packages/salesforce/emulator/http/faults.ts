import type { Fault } from "../options.ts";
import type { Problem } from "../problem.ts";
import { recordProblem } from "../problem.ts";
import type { RecordStrike } from "./call.ts";

type Armed = { readonly id: string; readonly fault: Fault; left: number };

const perRecord = new Set(["lock", "partial"]);

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
      if (perRecord.has(fault.kind) || armed.left <= 0 || !this.#matches(fault, method, path))
        continue;
      if (fault.sobject !== undefined && !path.split("/").includes(fault.sobject)) continue;
      armed.left -= 1;
      return fault;
    }
    return undefined;
  }

  /** A function that says for one record of this call after the other whether it is struck. */
  strikeRecords(method: string, path: string): RecordStrike {
    const live = this.#armed
      .filter(
        (armed) =>
          perRecord.has(armed.fault.kind) &&
          armed.left > 0 &&
          this.#matches(armed.fault, method, path),
      )
      .map((armed) => ({ armed, seen: 0, used: false }));
    if (live.length === 0) return () => undefined;
    return (sobject, id) => {
      for (const one of live) {
        const { fault } = one.armed;
        if (fault.sobject !== undefined && fault.sobject !== sobject) continue;
        one.seen += 1;
        if (one.seen % (fault.recordEvery ?? 1) !== 0) continue;
        if (!one.used) {
          one.used = true;
          one.armed.left -= 1;
        }
        return problemOf(fault, id);
      }
      return undefined;
    };
  }

  #matches(fault: Fault, method: string, path: string): boolean {
    if (fault.method !== undefined && fault.method.toUpperCase() !== method) return false;
    if (
      fault.path === undefined ? !path.startsWith("/services/data/v") : !path.includes(fault.path)
    )
      return false;
    return fault.rate === undefined || this.#random() < fault.rate;
  }
}

/** [U] wording of the lock message; the code is in facts §2.8. */
function problemOf(fault: Fault, id: string | undefined): Problem {
  if (fault.kind === "lock") {
    const message = `unable to obtain exclusive access to this record or 1 records: ${id ?? ""}`;
    return recordProblem("UNABLE_TO_LOCK_ROW", fault.message ?? message);
  }
  const code = fault.errorCode ?? "UNKNOWN_EXCEPTION";
  return {
    ...recordProblem(code, fault.message ?? `injected: ${code}`),
    ...(fault.status === undefined ? {} : { status: fault.status }),
  };
}
