/**
 * One thing that Salesforce refuses. The same problem is `{errorCode, message, fields}` at the top level and
 * `{statusCode, message, fields}` inside collections [R update-sobject-collection, facts §1.7].
 */
export type Problem = {
  readonly code: string;
  readonly message: string;
  /** Left out where the vendor sends no `fields` key. */
  readonly fields?: readonly string[];
  /** HTTP status when it fails a call of its own. */
  readonly status?: number;
  /** More keys of the top-level body: `duplicateResut`. */
  readonly extra?: Readonly<Record<string, unknown>>;
};

/** Builds a problem that belongs to a record: 400, with a fields list. */
export function recordProblem(
  code: string,
  message: string,
  fields: readonly string[] = [],
): Problem {
  return { code, message, fields };
}

/** Builds a problem of the whole call. */
export function callProblem(status: number, code: string, message: string): Problem {
  return { code, message, status };
}

/** Thrown inside the emulator to end a call with a problem; the gateway turns it into the answer. */
export class Refusal extends Error {
  readonly problems: readonly Problem[];

  constructor(...problems: readonly Problem[]) {
    super(problems.map((problem) => `${problem.code}: ${problem.message}`).join("; "));
    this.name = "Refusal";
    this.problems = problems;
  }
}

/** The status that a list of problems answers with. */
export function statusOf(problems: readonly Problem[]): number {
  return problems[0]?.status ?? 400;
}

/** The top-level error body. */
export function errorBody(
  problems: readonly Problem[],
): readonly Readonly<Record<string, unknown>>[] {
  return problems.map((problem) => ({
    ...problem.extra,
    message: problem.message,
    errorCode: problem.code,
    ...(problem.fields === undefined ? {} : { fields: problem.fields }),
  }));
}

/** The per-record error list inside collections [R]. */
export function recordErrors(
  problems: readonly Problem[],
): readonly Readonly<Record<string, unknown>>[] {
  return problems.map((problem) => ({
    statusCode: problem.code,
    message: problem.message,
    fields: problem.fields ?? [],
  }));
}

/** 404 for an address or a record that is not there. */
export function notFound(message = "The requested resource does not exist"): Problem {
  return callProblem(404, "NOT_FOUND", message);
}
