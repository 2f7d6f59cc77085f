import type { Finding } from "../adapter/contract.ts";
import { CrmError } from "../adapter/crm-error.ts";
import type { Connection } from "../gate/connection.ts";
import { WrapupError } from "../errors.ts";
import { withPatience } from "../gate/patience.ts";
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
    const known = await connection.checkAgain();
    const { mapping } = connection.settings;
    const types = connection.adapter.reads === undefined ? undefined : known.types;
    const findings = [
      ...known.findings,
      ...(mapping === undefined ? [] : checkMapping(mapping, types)),
      ...(await checkNames(connection, known.findings)),
    ];
    if (findings.every(({ severity }) => severity !== "error")) await heal(connection);
    return findings.map((finding) => ({ ...finding, connection: name }));
  } catch (error) {
    return [
      { connection: name, severity: "error", place: `connections.${name}`, ...wordsFor(error) },
    ];
  }
}

/**
 * Types and fields that the settings name for agents: a slip there would mean that nothing is ever found (R1, R3), or that what is found
 * cannot be linked. `told`: what the adapter says of a type is not said again.
 */
async function checkNames(
  connection: Connection,
  told: readonly Finding[],
): Promise<readonly Finding[]> {
  const { adapter, gate, settings } = connection;
  const { reads } = adapter;
  if (reads === undefined) return [];
  const { searchOrder, creatable, customerNumber } = settings;
  const named = new Set([...searchOrder, ...creatable]);
  if (customerNumber !== undefined) named.add(customerNumber.type);
  const types = await withPatience(
    gate,
    { place: "check", repeat: "always", past: ["schema", "auth"] },
    (context) => reads.describe([...named], context),
  );
  const known = new Map(types.map((type) => [type.name, type]));
  const places = new Set(told.map(({ place }) => place));
  const listed = Object.entries({ searchOrder, creatable }).flatMap(([place, names]) =>
    names.flatMap((name) => {
      const type = known.get(name);
      if (type === undefined) return [unknownType(place, name)];
      return type.linkable === false && !places.has(name) ? [notLinkable(place, name)] : [];
    }),
  );
  if (customerNumber === undefined) return listed;
  const { type, field } = customerNumber;
  const described = known.get(type);
  if (described === undefined) return [...listed, unknownType("customerNumber.type", type)];
  return described.fields.some(({ name }) => name === field)
    ? listed
    : [
        ...listed,
        {
          severity: "warning",
          place: "customerNumber.field",
          text: `${type} has no field "${field}".`,
          mend: "Name the field that holds your customer number.",
        },
      ];
}

const unknownType = (place: string, type: string): Finding => ({
  severity: "warning",
  place,
  text: `The CRM has no type "${type}", or the integration user may not see it.`,
  mend: "Name a type of this CRM, or give the integration user access.",
});

const notLinkable = (place: string, type: string): Finding => ({
  severity: "error",
  place,
  text: `The CRM links no activities to rows of "${type}", so nothing can be written about them.`,
  mend: `Switch activities on for it in the CRM, or leave it out of ${place}.`,
});

/** What paused the connection is mended: nobody needs to wait for the pause's end. */
async function heal({ gate }: Connection): Promise<void> {
  const { pausedUntil, why } = await gate.state();
  if (pausedUntil !== undefined && (why === "schema" || why === "auth")) await gate.resume();
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
    refused: "Compare the address, and give the CRM user the permission it may lack.",
  };
  return { text: error.message, mend: mends[error.why] };
}
