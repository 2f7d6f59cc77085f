/** What a request prefers (facts §1.1). */
export type Preferences = {
  readonly representation: boolean;
  readonly pageSize: number | undefined;
  /** Whether an annotation of this name is asked for. */
  readonly annotated: (name: string) => boolean;
  /** For the Preference-Applied header. */
  readonly applied: string | undefined;
};

const largestPage = 5000;

function annotationTest(patterns: readonly string[]): (name: string) => boolean {
  if (patterns.length === 0) return () => false;
  return (name) =>
    patterns.some((pattern) =>
      pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : pattern === name,
    );
}

/** Reads the Prefer header; several preferences stand in one, separated by commas. */
export function preferencesOf(header: string | undefined): Preferences {
  const source = header ?? "";
  const representation = /(?:^|[,\s;])return=representation/i.test(source);
  const page = /odata\.maxpagesize\s*=\s*(\d+)/i.exec(source)?.[1];
  const annotations = /odata\.include-annotations\s*=\s*(?:"([^"]*)"|([^,\s]+))/i.exec(source);
  const patterns = (annotations?.[1] ?? annotations?.[2] ?? "")
    .split(",")
    .map((pattern) => pattern.trim())
    .filter((pattern) => pattern !== "");
  const applied = [
    ...(representation ? ["return=representation"] : []),
    ...(page === undefined ? [] : [`odata.maxpagesize=${page}`]),
    ...(patterns.length === 0 ? [] : [`odata.include-annotations="${patterns.join(",")}"`]),
  ];
  return {
    representation,
    pageSize: page === undefined ? undefined : Math.max(1, Math.min(Number(page), largestPage)),
    annotated: annotationTest(patterns),
    applied: applied.length === 0 ? undefined : applied.join(","),
  };
}
