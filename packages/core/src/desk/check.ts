import type { Finding } from "../adapter/contract.ts";
import { CrmError } from "../adapter/crm-error.ts";
import type { Connection } from "../gate/connection.ts";
import { WrapupError } from "../errors.ts";
import { checkMapping } from "../plan/check-mapping.ts";
import type { Desk } from "./desk.ts";

/** What is wrong or could be better with one connection, and how to mend it. */
export type CheckFinding = Finding & { readonly connection: string };

/** Signs in to every CRM, and compares mapping and settings with what is there (K3). Never throws for a CRM that is away: that is a finding. */
export async function check(desk: Desk): Promise<readonly CheckFinding[]> {
  desk.ensureOpen();
  const connections = await desk.connections.of(desk.tenant);
  const found = await Promise.all(connections.map(checkOne));
  return found.flat();
}

async function checkOne(connection: Connection): Promise<readonly CheckFinding[]> {
  const name = connection.key.connection;
  try {
    const known = await connection.check();
    return [
      ...known.findings,
      ...checkMapping(
        connection.settings.mapping,
        connection.adapter.reads === undefined ? undefined : known.types,
      ),
    ].map((finding) => ({ ...finding, connection: name }));
  } catch (error) {
    return [
      { connection: name, severity: "error", place: `connections.${name}`, ...wordsFor(error) },
    ];
  }
}

function wordsFor(error: unknown): Pick<Finding, "text" | "mend"> {
  if (error instanceof WrapupError) return { text: error.message, mend: error.mend };
  if (!(error instanceof CrmError))
    return {
      text: "The check itself failed.",
      mend: "See the log; this is a defect of the adapter.",
    };
  const mends: Readonly<Record<CrmError["why"], string>> = {
    auth: "Compare the sign-in settings with the CRM's app, then check again.",
    unreachable: "Compare the address with the CRM's, and look whether this machine may reach it.",
    throttled: "Wait; the CRM asks for fewer calls.",
    budget: "Wait for the CRM's daily window, or buy more API calls.",
    schema: "Ask the CRM's administrator what changed.",
    transient: "Try again in a moment.",
    lock: "Try again in a moment.",
    refused: "Give the CRM user the permission it names.",
  };
  return { text: error.message, mend: mends[error.why] };
}
