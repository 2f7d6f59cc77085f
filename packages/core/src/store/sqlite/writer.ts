import type { Sql } from "./sql.ts";
import { isBusy, isTrouble, told } from "./trouble.ts";

/** What a piece of work sees of the transaction it runs in. It may run again, so it does nothing else. */
export type Work = {
  readonly sql: Sql;
  /** Says that something became ready: whoever waits for work is told after the commit. */
  readonly woke: () => void;
};

type Job = {
  /** Does the work; answers how to tell the caller once it is durable. */
  readonly run: () => () => void;
  readonly reject: (error: unknown) => void;
};

/** The work's own code threw, whatever it threw: never to be taken for SQLite's trouble. */
export class WorkThrew extends Error {
  readonly error: unknown;

  constructor(error: unknown) {
    super("the work's own code threw", { cause: error });
    this.error = error;
  }
}

/** Most jobs in one commit: bounds how long one commit holds the thread and the lock. */
const mostPerCommit = 256;

/** How long to leave the lock to others before asking again, ms. */
const patienceMs = 15;

/**
 * Runs pieces of work one after another. Those that wait together share one commit: one that throws is undone alone,
 * and one fsync serves all. A promise resolves after the commit, never before.
 */
export class Writer {
  readonly #sql: Sql;
  readonly #path: string;
  readonly #busyMs: number;
  readonly #onWake: () => void;
  readonly #waiting: Job[] = [];
  #busySince: number | undefined;
  #scheduled = false;
  #finished: Error | undefined;
  #idle: (() => void)[] = [];

  constructor(
    sql: Sql,
    of: { readonly path: string; readonly busyMs: number; readonly onWake: () => void },
  ) {
    this.#sql = sql;
    this.#path = of.path;
    this.#busyMs = of.busyMs;
    this.#onWake = of.onWake;
  }

  write<Result>(work: (tx: Work) => Result): Promise<Result> {
    if (this.#finished !== undefined) return Promise.reject(this.#finished);
    return new Promise<Result>((resolve, reject) => {
      const run = (): (() => void) => {
        let woken = false;
        const result = work({ sql: this.#sql, woke: () => (woken = true) });
        return () => {
          resolve(result);
          if (woken) this.#onWake();
        };
      };
      this.#waiting.push({ run, reject });
      this.#schedule();
    });
  }

  /** Nothing waits to be written. */
  get isIdle(): boolean {
    return !this.#scheduled;
  }

  /** Refuses further work with this error; resolves when nothing waits or runs. */
  finish(refusal: Error): Promise<void> {
    this.#finished = refusal;
    return this.#scheduled ? new Promise((resolve) => this.#idle.push(resolve)) : Promise.resolve();
  }

  #schedule(afterMs?: number): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    // After the callers of this turn have all come, and after the sockets have been served.
    if (afterMs === undefined) setImmediate(() => this.#turn());
    else setTimeout(() => this.#turn(), afterMs);
  }

  #turn(): void {
    this.#scheduled = false;
    const jobs = this.#waiting.splice(0, mostPerCommit);
    const isDone = this.#commit(jobs);
    if (!isDone) this.#waiting.unshift(...jobs);
    if (this.#waiting.length > 0)
      return this.#schedule(isDone ? undefined : patienceMs * (0.5 + Math.random()));
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  /** False: another process holds the lock, and there is still time to wait for it. */
  #commit(jobs: readonly Job[]): boolean {
    const answers: (() => void)[] = [];
    try {
      this.#sql.run("begin immediate");
      this.#busySince = undefined;
      const isAlone = jobs.length === 1;
      for (const job of jobs) answers.push(this.#attempt(job, isAlone));
      this.#sql.run("commit");
    } catch (error) {
      if (this.#sql.inTransaction) this.#sql.script("rollback");
      return this.#recover(jobs, error);
    }
    for (const answer of answers) answer();
    return true;
  }

  /** A job that throws is undone and no other. Where no other shares the commit, that takes no savepoint. */
  #attempt(job: Job, isAlone: boolean): () => void {
    if (!isAlone) this.#sql.run("savepoint job");
    try {
      const answer = job.run();
      if (!isAlone) this.#sql.run("release job");
      return answer;
    } catch (error) {
      if (isTrouble(error)) throw error;
      this.#sql.script(isAlone ? "rollback; begin" : "rollback to job; release job");
      return () => job.reject(error instanceof WorkThrew ? error.error : error);
    }
  }

  /** Nothing of this commit is in the file. Alone, each job shows whether it is the one that does not fit. */
  #recover(jobs: readonly Job[], error: unknown): boolean {
    if (isBusy(error)) {
      this.#busySince ??= performance.now();
      if (performance.now() - this.#busySince < this.#busyMs) return false;
      this.#busySince = undefined;
    } else if (jobs.length > 1 && isTrouble(error)) {
      for (const job of jobs) if (!this.#commit([job])) this.#waiting.push(job);
      return true;
    }
    const reason = told(error, this.#path);
    for (const job of jobs) job.reject(reason);
    return true;
  }
}
