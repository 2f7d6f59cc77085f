const shape = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,7})?)?(?:Z|[+-]\d{2}:\d{2})$/;

/** A time as Dataverse keeps it: UTC, whole seconds. */
export function formatTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

/** Reads an Edm.DateTimeOffset or a mere day; undefined when it is none. */
export function parseTime(source: string): string | undefined {
  const day = /^\d{4}-\d{2}-\d{2}$/.test(source);
  if (!day && !shape.test(source)) return undefined;
  const ms = Date.parse(day ? `${source}T00:00:00Z` : source);
  if (Number.isNaN(ms)) return undefined;
  return formatTime(ms);
}

/** Reads an Edm.Date; undefined when it is none. */
export function parseDay(source: string): string | undefined {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(source)) return undefined;
  const ms = Date.parse(`${source}T00:00:00Z`);
  return Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 10) !== source
    ? undefined
    : source;
}
