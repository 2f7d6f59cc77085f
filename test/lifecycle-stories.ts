/** The numbered lifecycle stories, E1 to E32, and which of them no test tells. */

/** Stories of merged cards and moved records: they come with the work on cards. */
const later: ReadonlySet<string> = new Set(["E29", "E30"]);

/** Stories that no title names; a title may name several. */
export function untold(titles: readonly string[]): readonly string[] {
  const told = new Set(titles.flatMap((title) => title.match(/\bE\d{1,2}\b/gu) ?? []));
  return Array.from({ length: 32 }, (_, index) => `E${String(index + 1)}`).filter(
    (story) => !told.has(story) && !later.has(story),
  );
}
