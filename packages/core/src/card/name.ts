/** A person's name in the parts that CRMs keep. */
export type NameParts = { readonly firstName?: string; readonly lastName?: string };

/**
 * Splits a name: the last word is the last name, the rest the first name. A single word is the first name, or the last name
 * where the record type requires one (C2). A blank name has no parts.
 */
export function splitName(
  name: string,
  { lastNameRequired = false }: { readonly lastNameRequired?: boolean } = {},
): NameParts {
  const words = name.split(/[\s\p{Cc}]+/u).filter((word) => word !== "");
  const last = words.at(-1);
  if (last === undefined) return {};
  if (words.length === 1) return lastNameRequired ? { lastName: last } : { firstName: last };
  return { firstName: words.slice(0, -1).join(" "), lastName: last };
}
