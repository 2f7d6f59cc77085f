import type { Org } from "../org.ts";
import { problem, Refusal } from "../problem.ts";
import type { Answer } from "./call.ts";
import { belowService } from "./operation.ts";

const keyed = /^([A-Za-z_]\w*)\([^)]*\)/;

/** Puts the row in for `$1` at the beginning of an address. The text of the refusal is documented (facts §1.6), its code is not. */
export function resolveReference(path: string, references: ReadonlyMap<string, string>): string {
  if (!path.startsWith("$") || path.startsWith("$metadata") || path.startsWith("$batch"))
    return path;
  const slash = path.indexOf("/");
  const name = slash === -1 ? path : path.slice(0, slash);
  const row = references.get(name);
  if (row === undefined)
    throw new Refusal(
      problem(
        400,
        "0x80060888",
        `Content-ID Reference: '${name}' does not exist in the batch context.`,
      ),
    );
  return slash === -1 ? row : row + path.slice(slash);
}

function textAt(body: unknown, name: string): string | undefined {
  const value: unknown =
    typeof body === "object" && body !== null ? Reflect.get(body, name) : undefined;
  return typeof value === "string" ? value : undefined;
}

/** The row that an operation made or changed, as `phonecalls(guid)`; empty when it has none, such as a deletion. */
export function referenceOf(org: Org, path: string, answer: Answer): string {
  const address = answer.headers?.["OData-EntityId"];
  if (address !== undefined) return belowService(new URL(address).pathname) ?? "";
  const row = keyed.exec(path)?.[0];
  if (row !== undefined) return row;
  const table = org.schema.bySet(path);
  const id = table === undefined ? undefined : textAt(answer.body, table.primaryId);
  return id === undefined ? "" : `${path}(${id})`;
}
