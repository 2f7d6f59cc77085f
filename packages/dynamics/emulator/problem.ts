/** One thing that Dataverse refuses: `{"error":{"code","message"}}` with a status (facts §1.8). */
export type Problem = {
  readonly status: number;
  /** As 0x and eight hexadecimal digits, "0x0" or "". */
  readonly code: string;
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
};

/** Builds a problem. */
export const problem = (
  status: number,
  code: string,
  message: string,
  headers?: Readonly<Record<string, string>>,
): Problem => ({ status, code, message, ...(headers !== undefined && { headers }) });

/** Thrown inside the emulator to end an operation; whoever serves it turns it into the answer. */
export class Refusal extends Error {
  readonly problem: Problem;

  constructor(refused: Problem) {
    super(`${refused.code}: ${refused.message}`);
    this.name = "Refusal";
    this.problem = refused;
  }
}
