import type { Context, FieldDescription, TypeDescription } from "@wrapup/core";
import { CrmError } from "@wrapup/core";
import { z } from "zod";
import { unlessStopped } from "./client.ts";
import type { Client } from "./client.ts";
import { listOf } from "./http.ts";
import type { Settings } from "./options.ts";
import { apiName, isApiName } from "./query.ts";

/** Far above what a type has; more are not believed (O5). */
const most = { fields: 5_000, options: 10_000, types: 10_000 } as const;

/** Names become part of queries and addresses. */
const apiNameSchema = z.string().refine(isApiName);

const fieldSchema = z.object({
  name: apiNameSchema,
  label: z.string(),
  type: z.string(),
  length: z.number().default(0),
  nillable: z.boolean().default(true),
  createable: z.boolean().default(false),
  updateable: z.boolean().default(false),
  defaultedOnCreate: z.boolean().default(false),
  filterable: z.boolean().default(false),
  nameField: z.boolean().default(false),
  externalId: z.boolean().default(false),
  unique: z.boolean().default(false),
  caseSensitive: z.boolean().default(false),
  restrictedPicklist: z.boolean().default(false),
  referenceTo: listOf(z.string(), most.types).default([]),
  picklistValues: listOf(
    z.object({
      value: z.string(),
      label: z.string().nullish(),
      active: z.boolean().default(true),
    }),
    most.options,
  ).default([]),
});

const typeSchema = z.object({
  name: apiNameSchema,
  label: z.string(),
  createable: z.boolean().default(false),
  updateable: z.boolean().default(false),
  deletable: z.boolean().default(false),
  fields: listOf(fieldSchema, most.fields),
});

/** A field as Salesforce describes it, the part that is read here. */
export type VendorField = z.infer<typeof fieldSchema>;
/** A type as Salesforce describes it. */
export type VendorType = z.infer<typeof typeSchema>;

const kinds: Readonly<Record<string, FieldDescription["kind"]>> = {
  string: "text",
  phone: "text",
  email: "text",
  url: "text",
  combobox: "text",
  encryptedstring: "text",
  textarea: "longText",
  int: "number",
  long: "number",
  double: "number",
  currency: "number",
  percent: "number",
  boolean: "boolean",
  date: "date",
  datetime: "dateTime",
  picklist: "choice",
  reference: "reference",
};

const hasLength = new Set<FieldDescription["kind"]>(["text", "longText"]);

/** One field in the words that all CRMs share. Pure. */
const fieldOf = (type: string, field: VendorField): FieldDescription => {
  const kind = (Object.hasOwn(kinds, field.type) ? kinds[field.type] : undefined) ?? "other";
  const bytes = type === "CaseComment" && field.name === "CommentBody";
  return {
    name: field.name,
    label: field.label,
    kind,
    ...(hasLength.has(kind) && field.length > 0 && { length: field.length }),
    // The only field Salesforce counts in bytes (facts §2.4).
    ...(bytes && { lengthIn: "bytes" as const }),
    required:
      field.createable && !field.nillable && !field.defaultedOnCreate && field.type !== "boolean",
    createable: field.createable,
    updateable: field.updateable,
    ...(kind === "choice" && {
      options: field.picklistValues
        .filter((one) => one.active)
        .map((one) => ({ value: one.value, label: one.label ?? one.value })),
      openOptions: !field.restrictedPicklist,
    }),
    ...(kind === "reference" && { to: field.referenceTo }),
  };
};

/** A type in the words that all CRMs share. Pure. */
export const typeOf = (type: VendorType): TypeDescription => ({
  name: type.name,
  label: type.label,
  fields: type.fields.map((field) => fieldOf(type.name, field)),
});

/** What the org says of its types, kept for an hour: a describe of Task is 226 kB and an API call (facts §2.2). */
export type Describes = {
  /** `undefined`: no such type for this user. Throws `CrmError`. */
  readonly of: (type: string, context: Context) => Promise<VendorType | undefined>;
  /** After a schema error, or when an administrator asks. */
  readonly forget: () => void;
};

const keepMs = 60 * 60_000;

/** A describe cache whose concurrent askers share one request. */
export const createDescribes = (client: Client, settings: Settings): Describes => {
  let known = new Map<string, { readonly until: number; readonly type: VendorType | undefined }>();
  const load = async (type: string, context: Context): Promise<VendorType | undefined> => {
    const reply = await client.ask(
      { method: "GET", path: `/sobjects/${apiName(type)}/describe` },
      context,
    );
    if (reply.status === 404) return undefined;
    if (reply.status >= 300)
      throw new CrmError(
        "refused",
        "no",
        `Salesforce does not describe ${type} to the integration user`,
      );
    const parsed = typeSchema.safeParse(reply.body);
    if (!parsed.success)
      throw new CrmError(
        "transient",
        "no",
        `Salesforce described ${type} in a form that is not understood`,
      );
    return parsed.data;
  };
  const pending = new Map<string, Promise<VendorType | undefined>>();
  const loadOnce = async (type: string, context: Context): Promise<VendorType | undefined> => {
    const asked = pending.get(type);
    // Whoever asked first may give up; then the next one asks for itself.
    if (asked !== undefined)
      return unlessStopped(asked, context.signal).catch(() => load(type, context));
    const loading = load(type, context).finally(() => pending.delete(type));
    pending.set(type, loading);
    return loading;
  };
  return {
    of: async (type, context) => {
      if (!isApiName(type)) return undefined;
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

/** How Wrapup writes one type of activity in this org. */
export type Shape = {
  readonly type: string;
  /** `never`: neither our field nor CallObject is there, so a write could happen twice. */
  readonly once: "key" | "lookFirst" | "never";
  readonly keyField: string;
  /** Fields in which a row may hold our key. */
  readonly keyFields: readonly string[];
  /** May be set when a row is made, never after (Task.TaskSubtype, facts §2.3). */
  readonly createOnly: ReadonlySet<string>;
  /** Of these only our own part is rewritten (W7). */
  readonly longText: ReadonlySet<string>;
  /** `undefined`: the type has no Status. */
  readonly statuses: { readonly open: string; readonly completed: string } | undefined;
};

/** Pure: what a describe means for writing. */
export const shapeOf = (described: VendorType, settings: Settings): Shape => {
  const field = (name: string): VendorField | undefined =>
    described.fields.find((one) => one.name === name);
  const key = field(settings.keyField);
  const hasKey = key !== undefined && key.externalId && key.createable;
  const callObject = field("CallObject");
  const hasCallObject = callObject !== undefined && callObject.filterable && callObject.createable;
  return {
    type: described.name,
    once: hasKey ? "key" : hasCallObject ? "lookFirst" : "never",
    keyField: hasKey ? settings.keyField : "CallObject",
    keyFields: [...(hasKey ? [settings.keyField] : []), ...(hasCallObject ? ["CallObject"] : [])],
    createOnly: new Set(
      described.fields.filter((one) => one.createable && !one.updateable).map((one) => one.name),
    ),
    longText: new Set(
      described.fields.filter((one) => one.type === "textarea").map((one) => one.name),
    ),
    statuses: field("Status")?.createable === true ? settings.statuses : undefined,
  };
};
