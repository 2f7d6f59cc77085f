import { z } from "zod";
import type { CrmAdapter } from "../adapter/contract.ts";
import { WrapupError } from "../errors.ts";
import type { ConfiguredConnection, Configured } from "../gate/connections.ts";
import { defaultBudget } from "../gate/rules.ts";
import { defaultLifecycleSettings } from "../lifecycle/settings.ts";
import { type Clock, systemClock } from "../model/clock.ts";
import { readId } from "../model/door.ts";
import type { Logger } from "../model/observer.ts";
import type { LifecycleSettings } from "../model/settings.ts";
import { shown } from "../model/shown.ts";
import type { Store } from "../store/contract.ts";
import { silentLogger } from "../telemetry.ts";
import type { WrapupOptions } from "./options.ts";
import { connectionName, connectionSchema, isAdapter, optionsSchema } from "./schemas.ts";

/** Options with every default filled in. */
export type Filled = {
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly work: boolean;
  readonly unknownCustomer: string;
  readonly pollMs: number;
  readonly leaseMs: number;
  readonly catchUpMs: number;
  readonly maxAttempts: number;
  readonly lifecycle: (tenant: string) => Promise<LifecycleSettings>;
  readonly configured: Configured;
};

/** Reads the options at the door. Throws `invalid_input` naming the option and how to mend it. */
export function readOptions(input: WrapupOptions): Filled {
  const options = parse(optionsSchema, input, "createWrapup");
  const { connections } = options;
  const abandoned = options.lifecycle?.abandoned ?? defaultLifecycleSettings.abandoned;
  const shared =
    typeof connections === "function"
      ? undefined
      : readConnections(connections, abandoned, "createWrapup.connections");
  const byTenant = new Map<string, Promise<ReadonlyMap<string, ConfiguredConnection>>>();
  const configured: Configured = (tenant) => {
    if (shared !== undefined || typeof connections !== "function")
      return Promise.resolve(shared ?? new Map());
    const asked =
      byTenant.get(tenant) ??
      inTime(connections(tenant), tenant).then((own) =>
        readConnections(own, abandoned, `connections("${shown(tenant)}")`),
      );
    byTenant.set(tenant, asked);
    asked.catch(() => byTenant.delete(tenant));
    return asked;
  };
  return {
    store: options.store,
    clock: options.clock ?? systemClock,
    logger: options.logger ?? silentLogger,
    work: options.work ?? true,
    unknownCustomer: options.unknownCustomer ?? "Unknown customer",
    pollMs: options.pollMs ?? 1_000,
    leaseMs: options.leaseMs ?? 150_000,
    catchUpMs: options.catchUpMs ?? 300_000,
    maxAttempts: options.maxAttempts ?? 30,
    lifecycle: lifecycles(options.lifecycle, configured),
    configured,
  };
}

/** Each tenant's settings, made once: which connections log unlinked interactions is part of them (K8). */
function lifecycles(own: WrapupOptions["lifecycle"], configured: Configured): Filled["lifecycle"] {
  const made = new Map<ReadonlyMap<string, ConfiguredConnection>, LifecycleSettings>();
  return async (tenant) => {
    const connections = await configured(tenant);
    const known = made.get(connections);
    if (known !== undefined) return known;
    const writing = [...connections].filter(([, { settings }]) => settings.mapping !== undefined);
    const logging = writing.filter(([, { settings }]) => settings.unlinked === "log");
    const settings = lifecycleOf(own, { all: namesOf(writing), logging: namesOf(logging) });
    made.set(connections, settings);
    return settings;
  };
}

const namesOf = (connections: readonly (readonly [string, unknown])[]): readonly string[] =>
  connections.map(([name]) => name);

/** A tenant's id at the door. Throws `invalid_input`. */
export const readTenant = (id: unknown): string => readId(id, "tenant");

function lifecycleOf(
  own: WrapupOptions["lifecycle"],
  { all, logging }: { readonly all: readonly string[]; readonly logging: readonly string[] },
): LifecycleSettings {
  const base = defaultLifecycleSettings;
  const abandoned = own?.abandoned ?? base.abandoned;
  return {
    deadlines: {
      ...base.deadlines,
      ...own?.deadlines,
      maxIdle: { ...base.deadlines.maxIdle, ...own?.deadlines?.maxIdle },
    },
    expectsWrapUp: own?.expectsWrapUp ?? base.expectsWrapUp,
    activityPer: { ...base.activityPer, ...own?.activityPer },
    abandoned,
    logAbandoned: abandoned === "log" ? all : [],
    logUnlinked: logging,
  };
}

function readConnections(
  input: unknown,
  abandoned: "none" | "log",
  place: string,
): ReadonlyMap<string, ConfiguredConnection> {
  const all = parse(z.record(z.string(), z.unknown()), input, place);
  return new Map(
    Object.entries(all).map(([key, value]) => {
      parse(connectionName, key, `${place}: the name "${shown(key)}"`);
      return [key, readConnection(key, value, abandoned, `${place}.${key}`)] as const;
    }),
  );
}

function readConnection(
  key: string,
  input: unknown,
  abandoned: "none" | "log",
  place: string,
): ConfiguredConnection {
  const own = isAdapter(input) ? { adapter: input } : parse(connectionSchema, input, place);
  const options: Partial<z.infer<typeof connectionSchema>> & { readonly adapter: CrmAdapter } = own;
  const { adapter } = options;
  const mapping = options.mapping ?? adapter.defaults.mapping;
  return {
    adapter,
    timeoutMs: options.timeoutMs ?? 60_000,
    budget: {
      reserve: options.budget?.reserve ?? defaultBudget.reserve,
      warnAt: options.budget?.warnAt ?? defaultBudget.warnAt,
    },
    settings: {
      id: options.id ?? key,
      ...(mapping !== undefined && { mapping }),
      unlinked: options.unlinked ?? "skip",
      onUnlink: options.onUnlink ?? "retract",
      timeZone: options.timeZone ?? "UTC",
      country: options.country ?? "US",
      searchOrder: options.searchOrder ?? adapter.defaults.searchOrder,
      abandoned,
      creatable: options.creatable ?? adapter.defaults.creatable,
      ...(options.customerNumber !== undefined && { customerNumber: options.customerNumber }),
      ...(options.ownerOf !== undefined && { ownerOf: options.ownerOf }),
      ...(options.ownerFallback !== undefined && { ownerFallback: options.ownerFallback }),
    },
  };
}

function parse<T>(schema: z.ZodType<T>, input: unknown, place: string): T {
  const read = schema.safeParse(input);
  if (read.success) return read.data;
  // A misspelt name says more than the option it leaves missing.
  const { issues } = read.error;
  const issue = issues.find(({ code }) => code === "unrecognized_keys") ?? issues[0];
  const at = [place, ...(issue?.path ?? []).map((part) => shown(String(part)))].join(".");
  const [unknown] = issue?.code === "unrecognized_keys" ? issue.keys : [];
  throw new WrapupError(
    "invalid_input",
    unknown === undefined
      ? `The option is not right: ${issue?.message ?? "unknown"}`
      : `There is no option "${shown(unknown)}"`,
    { place: at, mend: "The types WrapupOptions and ConnectionOptions list every option." },
  );
}

/** An app's own look-up that never comes back must not keep anybody waiting: it is asked again later (O2). */
function inTime<T>(asked: Promise<T>, tenant: string): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () =>
      late.reject(
        new WrapupError("invalid_input", "The tenant's connections did not come within 10 s", {
          place: `connections("${shown(tenant)}")`,
          mend: "Let the function answer from what is at hand; it is asked again when it is needed.",
        }),
      ),
    10_000,
  );
  return Promise.race([asked, late.promise]).finally(() => clearTimeout(timer));
}
