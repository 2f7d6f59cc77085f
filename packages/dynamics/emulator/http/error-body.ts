import type { Org } from "../org.ts";
import type { Problem } from "../problem.ts";
import type { Answer } from "./call.ts";

const hexForm = /^0x[0-9a-f]{8}$/i;

/** The same code as it is sometimes spelt: signed decimal, or left empty (facts §1.8). */
function spelt(code: string, spelling: Org["options"]["errorCodes"]): string {
  if (spelling === "empty") return "";
  if (spelling === "decimal" && hexForm.test(code)) return String(Number.parseInt(code, 16) | 0);
  return code;
}

/** The answer that tells a problem: `{"error":{"code","message"}}`. */
export function answerProblem(org: Org, told: Problem): Answer {
  const { status, code, message, headers } = told;
  return {
    status,
    body: { error: { code: spelt(code, org.options.errorCodes), message } },
    ...(headers !== undefined && { headers }),
  };
}
