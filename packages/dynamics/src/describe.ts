import type { Context, FieldDescription, TypeDescription } from "@wrapup/core";
import { CrmError } from "@wrapup/core";
import { askAll } from "./batch.ts";
import type { Client } from "./client.ts";
import { crmErrorOf, unsent } from "./errors.ts";
import { retryAfterIn } from "./headers.ts";
import { unlessStopped } from "./http.ts";
import { metadataPaths, typeIn } from "./odata/metadata.ts";
import type { PartReply } from "./odata/multipart.ts";
import { isOurs } from "./odata/table.ts";
import type { VendorColumn, VendorType } from "./odata/table.ts";
import type { Settings } from "./options.ts";
import { isName } from "./query.ts";
import { isErrorBody } from "./vendor-error.ts";

const kinds: Readonly<Record<string, FieldDescription["kind"]>> = {
  String: "text",
  Memo: "longText",
  Integer: "number",
  BigInt: "number",
  Decimal: "number",
  Double: "number",
  Money: "number",
  Boolean: "boolean",
  DateTime: "dateTime",
  Picklist: "choice",
  State: "choice",
  Status: "choice",
  Lookup: "reference",
  Customer: "reference",
  Owner: "reference",
};

const fieldOf = (column: VendorColumn): FieldDescription => {
  const known = Object.hasOwn(kinds, column.kind) ? kinds[column.kind] : undefined;
  const kind = column.dayOnly === true ? "date" : (known ?? "other");
  return {
    name: column.name,
    label: column.label,
    kind,
    ...(column.length !== undefined && { length: column.length }),
    required: column.required,
    createable: column.createable,
    updateable: column.updateable,
    ...(kind === "choice" && {
      options: (column.options ?? []).map(({ value, label: shown }) => ({ value, label: shown })),
    }),
    ...(kind === "reference" && { to: column.targets ?? [] }),
  };
};

/** A type in the words that all CRMs share. Pure. */
export const typeOf = (type: VendorType): TypeDescription => ({
  name: type.name,
  label: type.label,
  // What the adapter fills by itself cannot be mapped: it would be left out without a word.
  fields: type.columns.map((column) =>
    type.isActivity && isOurs(type, column.name)
      ? { ...fieldOf(column), createable: false, updateable: false }
      : fieldOf(column),
  ),
  activity: type.isActivity,
  linkable: type.isActivity || type.hasActivities,
});

/** What the environment says of its tables, kept for an hour. */
export type Describes = {
  /** `undefined`: no such table for this user. Throws `CrmError`. */
  readonly of: (type: string, context: Context) => Promise<VendorType | undefined>;
  /** After a schema error, or when an administrator asks. */
  readonly forget: () => void;
};

const keepMs = 60 * 60_000;

const errorOf = ({ status, body, headers }: PartReply, nowMs: number): CrmError =>
  unsent(
    crmErrorOf({
      status,
      body,
      retryAfterMs: retryAfterIn(headers.get("retry-after") ?? null, nowMs),
    }),
  );

/** All in one request: the table itself, and what only casts and relationships tell. `undefined`: there is no such table. */
const load = async (
  client: Client,
  type: string,
  context: Context,
  clock: Settings["clock"],
): Promise<VendorType | undefined> => {
  const replies = await askAll(client, metadataPaths(type), context);
  const failure = replies.find(({ status }) => status >= 300);
  if (failure === undefined)
    return typeIn(
      type,
      replies.map(({ body }) => body),
    );
  const error = errorOf(failure, clock.now());
  // Where there is no such table the others fail too: the first says why.
  if (failure !== replies[0] || error.why !== "refused" || !isErrorBody(failure.body)) throw error;
  if (failure.status === 404) return undefined;
  throw new CrmError(
    "refused",
    "no",
    `Dynamics 365 does not describe ${type} to the application user`,
  );
};

/** Tables described at once: more than 52 requests at once are refused (facts §1.8), and others work meanwhile. */
const atOnce = 8;

/** Lets so many work at once; the others wait their turn. */
const createTurns = (most: number) => {
  const working = new Set<Promise<unknown>>();
  return async <T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> => {
    while (working.size >= most) await unlessStopped(Promise.race(working), signal);
    const done = work();
    const settled = done.then(
      () => undefined,
      () => undefined,
    );
    working.add(settled);
    return done.finally(() => working.delete(settled));
  };
};

/** A describe cache whose concurrent askers share one load. */
export const createDescribes = (client: Client, settings: Pick<Settings, "clock">): Describes => {
  let known = new Map<string, { readonly until: number; readonly type: VendorType | undefined }>();
  const pending = new Map<string, Promise<VendorType | undefined>>();
  const inTurn = createTurns(atOnce);
  const ask = (type: string, context: Context): Promise<VendorType | undefined> =>
    inTurn(() => load(client, type, context, settings.clock), context.signal);
  const loadOnce = (type: string, context: Context): Promise<VendorType | undefined> => {
    const asked = pending.get(type);
    // Whoever asked first may give up; then the next one asks for itself.
    if (asked !== undefined)
      return unlessStopped(asked, context.signal).catch(() => ask(type, context));
    const loading = ask(type, context).finally(() => pending.delete(type));
    pending.set(type, loading);
    return loading;
  };
  return {
    of: async (type, context) => {
      if (!isName(type)) return undefined;
      const kept = known.get(type);
      if (kept !== undefined && kept.until > settings.clock.now()) return kept.type;
      const found = await loadOnce(type, context);
      known.set(type, { until: settings.clock.now() + keepMs, type: found });
      return found;
    },
    forget: () => {
      known = new Map();
    },
  };
};
