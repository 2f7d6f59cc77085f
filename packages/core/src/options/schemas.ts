import { z } from "zod";
import type { CrmAdapter } from "../adapter/contract.ts";
import type { LifecycleSettings } from "../model/settings.ts";
import { channels } from "../model/channel.ts";
import type { Clock } from "../model/clock.ts";
import type { FieldSource, FactName } from "../model/mapping.ts";
import type { Logger } from "../model/observer.ts";
import type { Store } from "../store/contract.ts";
import type { ConnectionOptions, ConnectionsOptions } from "./options.ts";

/** What a connection may be called. */
export const connectionName = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/u,
    "1 to 64 letters, digits, dots, dashes or underscores",
  );

const positive = z.number().int().positive();
const share = z.number().min(0).max(1);
const text = z.string().min(1);

/** Something with these members, handed over by the app as it is. */
const having = <T>(members: readonly string[], words: string): z.ZodType<T> =>
  z.custom<T>(
    (value) =>
      typeof value === "object" && value !== null && members.every((member) => member in value),
    words,
  );

const isFunction = (value: unknown): boolean => typeof value === "function";

/** Whether it is an adapter of this contract. */
export function isAdapter(value: unknown): value is CrmAdapter {
  return (
    typeof value === "object" &&
    value !== null &&
    "contract" in value &&
    value.contract === 1 &&
    "push" in value &&
    typeof value.push === "function"
  );
}

const fact = z.custom<FactName>((value) => typeof value === "string", "a fact's name");

const fieldSource = z.custom<FieldSource>(
  (value) =>
    typeof value === "object" &&
    value !== null &&
    ["fact", "constant", "template"].filter((kind) => kind in value).length === 1,
  "one of { fact }, { constant } or { template }",
);

const activityMapping = z.strictObject({
  type: text,
  fields: z.record(z.string(), fieldSource),
  body: z.strictObject({ field: text, facts: z.array(fact) }).exactOptional(),
});

const perChannel = <T>(
  value: z.ZodType<T>,
): z.ZodType<Partial<Record<(typeof channels)[number], T>>> =>
  z.partialRecord(z.enum(channels), value);

const mapping = z.strictObject({
  activities: perChannel(activityMapping),
  otherwise: activityMapping,
  labels: z.custom<Partial<Record<FactName, string>>>(isLabels, "labels by fact").exactOptional(),
});

function isLabels(value: unknown): boolean {
  return (
    typeof value === "object" &&
    value !== null &&
    Object.values(value).every((label) => typeof label === "string")
  );
}

function isTimeZone(value: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: value }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}

/** One connection with settings of its own. */
export const connectionSchema = z.strictObject({
  adapter: z.custom<CrmAdapter>(isAdapter, "an adapter, such as a CRM package's factory gives"),
  id: connectionName.exactOptional(),
  mapping: mapping.exactOptional(),
  unlinked: z.enum(["skip", "log", "hold"]).exactOptional(),
  onUnlink: z.enum(["retract", "keep"]).exactOptional(),
  timeZone: z
    .string()
    .refine(isTimeZone, "an IANA time zone such as Europe/Vienna")
    .exactOptional(),
  country: z
    .string()
    .regex(/^[A-Z]{2}$/u, "a two-letter ISO country such as US")
    .exactOptional(),
  searchOrder: z.array(text).min(1).exactOptional(),
  customerNumber: z.strictObject({ type: text, field: text }).exactOptional(),
  creatable: z.array(text).exactOptional(),
  ownerOf: z
    .custom<NonNullable<ConnectionOptions["ownerOf"]>>(isFunction, "a function")
    .exactOptional(),
  ownerFallback: text.exactOptional(),
  budget: z
    .strictObject({ reserve: share.exactOptional(), warnAt: share.exactOptional() })
    .exactOptional(),
  timeoutMs: positive.exactOptional(),
});

const lifecycle = z.strictObject({
  deadlines: z
    .strictObject({
      maxTalk: positive.exactOptional(),
      maxAfterContactWork: positive.exactOptional(),
      maxIdle: perChannel(positive).exactOptional(),
      reorderWindow: positive.exactOptional(),
    })
    .exactOptional(),
  expectsWrapUp: z
    .custom<LifecycleSettings["expectsWrapUp"]>(isFunction, "a function")
    .exactOptional(),
  activityPer: perChannel(z.enum(["leg", "interaction"])).exactOptional(),
  abandoned: z.enum(["none", "log"]).exactOptional(),
});

/** What `createWrapup` takes. */
export const optionsSchema = z.strictObject({
  store: having<Store>(["transact", "claim", "settle"], "a store such as sqliteStore(path)"),
  connections: z.custom<ConnectionsOptions | ((tenant: string) => Promise<ConnectionsOptions>)>(
    (value) =>
      isFunction(value) || (typeof value === "object" && value !== null && !Array.isArray(value)),
    "connections by name, or a function of the tenant",
  ),
  lifecycle: lifecycle.exactOptional(),
  work: z.boolean().exactOptional(),
  logger: having<Logger>(
    ["debug", "info", "warn", "error"],
    "an object with debug, info, warn and error",
  ).exactOptional(),
  clock: having<Clock>(["now", "after"], "an object with now() and after()").exactOptional(),
  unknownCustomer: text.exactOptional(),
  pollMs: positive.exactOptional(),
  leaseMs: positive.exactOptional(),
  catchUpMs: z.number().int().min(0).exactOptional(),
  maxAttempts: positive.exactOptional(),
});
