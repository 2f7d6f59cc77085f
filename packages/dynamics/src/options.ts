import { createPrivateKey } from "node:crypto";
import { systemClock, WrapupError } from "@wrapup/core";
import type { Clock } from "@wrapup/core";
import { z } from "zod";
import { isName } from "./query.ts";

/**
 * How Wrapup signs in, to Dataverse and to Graph. `tenantId`: the directory's id or one of its domains; `clientId`: the app
 * registration's. `authority`: the origin of the cloud's sign-in, by default the commercial one's (https://login.microsoftonline.com);
 * US government: https://login.microsoftonline.us, China: https://login.partner.microsoftonline.cn (facts §2).
 * - `clientSecret`: the value of the app's secret, not its id;
 * - `certificate`: its SHA-256 thumbprint (hexadecimal) and its private key (PEM, RSA, without a passphrase);
 * - `token`: the app signs in by itself, and is asked again when a token was refused or is some minutes old.
 */
export type SignIn =
  | {
      readonly tenantId: string;
      readonly clientId: string;
      readonly clientSecret: string;
      readonly authority?: string;
    }
  | {
      readonly tenantId: string;
      readonly clientId: string;
      readonly certificate: { readonly thumbprintSha256: string; readonly privateKey: string };
      readonly authority?: string;
    }
  | {
      readonly token: (scope: string) => Promise<string>;
    };

/** What `dynamics()` takes. `environment` and `signIn` are needed. */
export type DynamicsOptions = {
  /** The environment's own address, such as `https://acme.crm4.dynamics.com`. Plain http is taken for this machine only (the emulator). */
  readonly environment: string;
  readonly signIn: SignIn;
  /** Id of the model-driven app in which records open. Default: the environment's default app. */
  readonly appId?: string;
  /** Activity table for channels that are neither voice nor email. Default "task". */
  readonly chatTable?: string;
  /**
   * Look up agents whose email no Dataverse user has in Entra, through Microsoft Graph. `graphUrl`: its origin, by default
   * https://graph.microsoft.com. Needs the app permission User.Read.All. Default: they have no owner.
   */
  readonly directory?: { readonly graphUrl?: string };
  /**
   * Give up on one HTTP request after this long, ms. Default 120,000, Dataverse's own limit of an operation.
   * The connection's own `timeoutMs` (60,000 by default) ends a call first; raise both together.
   */
  readonly timeoutMs?: number;
  /** Requests at once. Default 8, or what the environment recommends when that is less. */
  readonly maxConcurrent?: number;
  /**
   * Most entries in one `$batch`. Default 200. How many really go is measured: Dataverse carries a batch out one operation after another,
   * so batches begin at 50, are sized to take about a third of a second of its work, and go side by side.
   */
  readonly maxBatch?: number;
  /** Columns that agents' reads return beyond the usual ones, by table; unknown ones are left out. */
  readonly alsoRead?: Readonly<Record<string, readonly string[]>>;
  /** Time, for tests. */
  readonly clock?: Clock;
};

/** The options, checked and filled; addresses have become origins. */
export type Settings = {
  readonly environment: string;
  readonly signIn: CheckedSignIn;
  readonly appId: string | undefined;
  readonly chatTable: string;
  readonly directory: { readonly graphUrl: string } | undefined;
  readonly timeoutMs: number;
  readonly maxConcurrent: number;
  readonly maxBatch: number;
  readonly alsoRead: Readonly<Record<string, readonly string[]>>;
  readonly clock: Clock;
};

/** A sign-in whose authority is an origin. */
export type CheckedSignIn =
  | (Exclude<SignIn, { readonly token: unknown }> & { readonly authority: string })
  | Extract<SignIn, { readonly token: unknown }>;

/** Whether a host is this machine: only there plain http carries no secret over a wire. */
export const isLoopback = (hostname: string): boolean =>
  hostname === "localhost" || hostname === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(hostname);

/** The origin that an address names, or why it cannot be one. */
export const originOf = (
  address: string,
): { readonly origin: string } | { readonly problem: string } => {
  const text = address.includes("://") ? address : `https://${address}`;
  if (!URL.canParse(text)) return { problem: "is not an address" };
  const url = new URL(text);
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "")
    return { problem: "must be a bare address: leave out all but the host" };
  if (url.pathname !== "/")
    return { problem: "must not have a path: leave out what follows the host" };
  if (url.protocol !== "https:" && !(url.protocol === "http:" && isLoopback(url.hostname)))
    return { problem: "must be https" };
  return { origin: url.origin };
};

/** The origin in an option. */
const originOption = z
  .string()
  .min(1)
  .transform((text, context) => {
    const found = originOf(text.trim());
    if ("origin" in found) return found.origin;
    context.addIssue({ code: "custom", message: found.problem });
    return z.NEVER;
  });

const isRsaKey = (pem: string): boolean => {
  try {
    return createPrivateKey(pem).asymmetricKeyType === "rsa";
  } catch {
    return false;
  }
};

const guid = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
const text = z.string().min(1);
const app = {
  // It becomes part of the sign-in's address.
  tenantId: text.regex(
    /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9-]{1,63})*$/i,
    "must be the directory's id or one of its domains",
  ),
  clientId: text.regex(guid, "must be the app registration's Application (client) ID"),
  authority: originOption.default("https://login.microsoftonline.com"),
};
const signIns = {
  token: z.strictObject({
    token: z.custom<(scope: string) => Promise<string>>(
      (given) => typeof given === "function",
      "must be a function",
    ),
  }),
  certificate: z.strictObject({
    ...app,
    certificate: z.strictObject({
      thumbprintSha256: text
        .transform((given) => given.replaceAll(":", ""))
        .pipe(z.string().regex(/^[0-9a-f]{64}$/i, "must be 64 hexadecimal digits")),
      privateKey: text.refine(
        isRsaKey,
        "must be an RSA private key in PEM form, without a passphrase",
      ),
    }),
  }),
  clientSecret: z.strictObject({
    ...app,
    // The Azure portal shows both beside each other, and a secret's value is never a GUID.
    clientSecret: text.refine(
      (given) => !guid.test(given),
      "must be the secret's value, not its id",
    ),
  }),
};

/** By the member that only this kind has, so that an error names the missing option and not three ways to go wrong. */
const signInSchema = (given: unknown): z.ZodType<CheckedSignIn> => {
  const has = (name: string): boolean =>
    typeof given === "object" && given !== null && name in given;
  if (has("token")) return signIns.token;
  return has("certificate") ? signIns.certificate : signIns.clientSecret;
};

const name = z.string().refine(isName, "must be a logical name");

/** Time in an option. */
export const clockOption = z
  .custom<Clock>((given) => typeof given === "object" && given !== null && "now" in given)
  .default(systemClock);

/** A time limit in an option. */
export const timeoutOption = z.int().min(1).max(600_000).default(120_000);

/** Graph's origin in an option. */
export const graphOption = originOption.default("https://graph.microsoft.com");

const optionsSchema = z.strictObject({
  environment: originOption,
  signIn: z.unknown(),
  appId: z.string().regex(guid, "must be the app's id").optional(),
  chatTable: name.default("task"),
  directory: z.strictObject({ graphUrl: graphOption }).optional(),
  timeoutMs: timeoutOption,
  maxConcurrent: z.int().min(1).max(52).default(8),
  // 1,000 operations are Dataverse's limit of a batch (facts §1.6); an entry is up to four.
  maxBatch: z.int().min(1).max(200).default(200),
  alsoRead: z.record(name, z.array(name)).default({}),
  clock: clockOption,
});

/** What is wrong with an option, as the end of a sentence that began with its name. */
const wrongIn = (issue: z.core.$ZodIssue | undefined): string => {
  if (issue?.code === "invalid_type" && issue.message.endsWith("received undefined"))
    return "is missing";
  const said = issue?.message ?? "unknown problem";
  return /^(?:must|is) /.test(said) ? said : `is not usable: ${said}`;
};

const refuse = (issues: readonly z.core.$ZodIssue[], whose: string, under: string): never => {
  // A misspelt option explains why another is missing.
  const unknown = issues.find(({ code }) => code === "unrecognized_keys");
  const issue = unknown ?? issues[0];
  const path = [under, ...(issue?.path.map(String) ?? [])].filter((part) => part !== "");
  throw new WrapupError(
    "invalid_input",
    issue?.code === "unrecognized_keys"
      ? `There is no option ${issue.keys.map((key) => [...path, key].join(".")).join(", ")}`
      : `The option${path.length === 0 ? "s object" : ` ${path.join(".")}`} ${wrongIn(issue)}`,
    {
      place: [`${whose} options`, ...path].join("."),
      mend: `See ${whose === "dynamics" ? "DynamicsOptions" : "GraphMailOptions"} for what it may be.`,
    },
  );
};

/** Throws `WrapupError` invalid_input that names the option; the value itself is never shown, as it may be a secret. */
export const checkedOptions = <T extends { readonly signIn: unknown }>(
  schema: z.ZodType<T>,
  options: unknown,
  whose: "dynamics" | "graphMail",
): Omit<T, "signIn"> & { readonly signIn: CheckedSignIn } => {
  const outer = schema.safeParse(options);
  if (!outer.success) return refuse(outer.error.issues, whose, "");
  const signIn = signInSchema(outer.data.signIn).safeParse(outer.data.signIn);
  if (!signIn.success) return refuse(signIn.error.issues, whose, "signIn");
  return { ...outer.data, signIn: signIn.data };
};

/** Throws `WrapupError` invalid_input that names the option. */
export const checkOptions = (options: DynamicsOptions): Settings => {
  const checked = checkedOptions(optionsSchema, options, "dynamics");
  return { ...checked, appId: checked.appId, directory: checked.directory };
};
