import type { Org } from "../org.ts";
import { attributesOf } from "../resources/record-body.ts";
import type { SObject } from "../schema/schema.ts";
import type { Row } from "../store/table.ts";
import { queryProblem } from "./lex.ts";
import type { Path } from "./paths.ts";
import { followParents, readPath, resolvePath } from "./paths.ts";
import type { NameToken } from "./syntax.ts";

/** Turns a row into the JSON that the selected fields ask for. */
export type Projection = (row: Row) => Readonly<Record<string, unknown>>;

function writeParent(
  org: Org,
  row: Row,
  path: Path,
  version: string,
  body: Record<string, unknown>,
): void {
  let target = body;
  for (const [depth, parent] of path.parents.entries()) {
    const name = parent.relationshipName ?? parent.name;
    const owner = followParents(org, row, path.parents.slice(0, depth + 1));
    if (owner === undefined) {
      target[name] = null;
      return;
    }
    const polymorphic = (parent.referenceTo ?? []).length > 1;
    // A polymorphic parent shows as type "Name" [U general knowledge].
    const attributes = polymorphic
      ? { ...attributesOf(owner.sobject, owner.id, version), type: "Name" }
      : attributesOf(owner.sobject, owner.id, version);
    const known = target[name];
    const next: Record<string, unknown> =
      typeof known === "object" && known !== null ? { ...known } : { attributes };
    target[name] = next;
    target = next;
  }
  target[path.field.name] = readPath(org, row, path);
}

/** Compiles a list of selected fields. */
export function compileProjection(
  org: Org,
  source: string,
  sobject: SObject,
  tokens: readonly NameToken[],
  version: string,
): Projection {
  const seen = new Set<string>();
  const paths = tokens.map((token) => {
    const name = token.text.toLowerCase();
    if (seen.has(name))
      throw queryProblem(
        source,
        token.at,
        `duplicate field selected: ${token.text}`,
        "INVALID_FIELD",
      );
    seen.add(name);
    return resolvePath(org, source, sobject, token);
  });
  return (row) => {
    const body: Record<string, unknown> = { attributes: attributesOf(sobject, row.id, version) };
    for (const path of paths) {
      if (path.parents.length === 0) body[path.field.name] = readPath(org, row, path);
      else writeParent(org, row, path, version, body);
    }
    return body;
  };
}
