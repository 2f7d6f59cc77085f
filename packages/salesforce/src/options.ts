import { createPrivateKey } from "node:crypto";
import { systemClock, WrapupError } from "@wrapup/core";
import type { Clock } from "@wrapup/core";
import { z } from "zod";

/**
 * How Wrapup signs in to one org. `domain` is its My Domain host, such as `acme.my.salesforce.com`, or a whole origin;
 * plain http is taken for this machine only (the emulator).
 * - client credentials: an External Client App with a run-as user;
 * - `privateKey` (PEM, RSA): JWT bearer for `username`;
 * - `refreshToken`: given to a web or desktop app before;
 * - `token`: the app signs in by itself and is asked again when Salesforce refuses what it gave.
 */
export type SignIn =
  | { readonly clientId: string; readonly clientSecret: string; readonly domain: string }
  | {
      readonly clientId: string;
      readonly privateKey: string;
      readonly username: string;
      readonly domain: string;
    }
  | {
      readonly clientId: string;
      readonly clientSecret?: string;
      readonly refreshToken: string;
      readonly domain: string;
    }
  | {
      readonly token: () => Promise<{ readonly accessToken: string; readonly instanceUrl: string }>;
    };

/** What `salesforce()` takes. Only `signIn` is needed. */
export type SalesforceOptions = {
  readonly signIn: SignIn;
  /** REST API version. Default "66.0". Never "latest": fields and limits change with it. */
  readonly apiVersion?: string;
  /** Custom field on Activity that keeps Wrapup's key: Text(255), External ID, Unique, case-sensitive. Default "Wrapup_Key__c". See `setup()`. */
  readonly keyField?: string;
  /** Custom field on Activity that receives the interaction's parent key, in the default mapping. Default: none. */
  readonly interactionField?: string;
  /**
   * Give up on one HTTP request after this long, ms. Default 120,000: a batch whose triggers wait for locks is slow.
   * The connection's own `timeoutMs` (60,000 by default) ends a call first; raise both together.
   */
  readonly timeoutMs?: number;
  /** Requests at once. Default 8: Salesforce counts only calls longer than 20 s, but parallel batches meet in locks. */
  readonly maxConcurrent?: number;
  /** Fields that agents' reads return beyond the usual ones, by type; unknown ones are left out. */
  readonly alsoRead?: Readonly<Record<string, readonly string[]>>;
  /** Status of an activity that will grow, and of one that is finished, where the mapping names no Status. Default "In Progress", "Completed". */
  readonly statuses?: { readonly open: string; readonly completed: string };
  /** Time, for tests. */
  readonly clock?: Clock;
};

/** The options, checked and filled; `domain` has become an origin. */
export type Settings = {
  readonly signIn: SignIn;
  readonly apiVersion: string;
  readonly keyField: string;
  readonly interactionField: string | undefined;
  readonly timeoutMs: number;
  readonly maxConcurrent: number;
  readonly alsoRead: Readonly<Record<string, readonly string[]>>;
  readonly statuses: { readonly open: string; readonly completed: string };
  readonly clock: Clock;
};

/** Whether a host is this machine: only there plain http carries no secret over a wire. */
export const isLoopback = (hostname: string): boolean =>
  hostname === "localhost" || hostname === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(hostname);

/** The origin that a host or an origin names, or why it cannot be one. */
export const originOf = (
  domain: string,
): { readonly origin: string } | { readonly problem: string } => {
  const text = domain.includes("://") ? domain : `https://${domain}`;
  if (!URL.canParse(text)) return { problem: "is not a host name" };
  const url = new URL(text);
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "")
    return { problem: "must be a bare host: leave out all else" };
  if (url.pathname !== "/")
    return { problem: "must not have a path: leave out what follows the host" };
  if (url.protocol !== "https:" && !(url.protocol === "http:" && isLoopback(url.hostname)))
    return { problem: "must be https" };
  if (url.hostname.endsWith(".lightning.force.com"))
    return {
      problem: "is a Lightning address; use the My Domain host that ends in .my.salesforce.com",
    };
  return { origin: url.origin };
};

const domain = z
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

const text = z.string().min(1);
const signIns = {
  token: z.strictObject({
    token: z.custom<() => Promise<{ accessToken: string; instanceUrl: string }>>(
      (given) => typeof given === "function",
      "must be a function",
    ),
  }),
  privateKey: z.strictObject({
    clientId: text,
    privateKey: text.refine(
      isRsaKey,
      "must be an RSA private key in PEM form, without a passphrase",
    ),
    username: text,
    domain,
  }),
  refreshToken: z.strictObject({
    clientId: text,
    clientSecret: text.exactOptional(),
    refreshToken: text,
    domain,
  }),
  clientSecret: z.strictObject({ clientId: text, clientSecret: text, domain }),
};

/** By the member that only this kind has, so that an error names the missing option and not four ways to go wrong. */
const signInSchema = (given: unknown): z.ZodType<SignIn> => {
  const has = (name: string): boolean =>
    typeof given === "object" && given !== null && name in given;
  if (has("token")) return signIns.token;
  if (has("privateKey")) return signIns.privateKey;
  return has("refreshToken") ? signIns.refreshToken : signIns.clientSecret;
};

const apiName = z.string().regex(/^[A-Za-z]\w{0,79}$/, "must be the API name of a field");

const optionsSchema = z.strictObject({
  signIn: z.unknown(),
  apiVersion: z
    .string()
    .regex(/^\d{2,3}\.0$/, 'must look like "66.0"')
    .default("66.0"),
  keyField: apiName.default("Wrapup_Key__c"),
  interactionField: apiName.optional(),
  timeoutMs: z.int().min(1).max(600_000).default(120_000),
  maxConcurrent: z.int().min(1).max(50).default(8),
  alsoRead: z.record(apiName, z.array(apiName)).default({}),
  statuses: z
    .strictObject({ open: text, completed: text })
    .default({ open: "In Progress", completed: "Completed" }),
  clock: z
    .custom<Clock>((given) => typeof given === "object" && given !== null && "now" in given)
    .default(systemClock),
});

/** What is wrong with an option, as the end of a sentence that began with its name. */
const wrongIn = (issue: z.core.$ZodIssue | undefined): string => {
  if (issue?.code === "invalid_type" && issue.message.endsWith("received undefined"))
    return "is missing";
  const said = issue?.message ?? "unknown problem";
  return /^(?:must|is) /.test(said) ? said : `is not usable: ${said}`;
};

const refuse = (issues: readonly z.core.$ZodIssue[], under: string): never => {
  // A misspelt option explains why another is missing.
  const unknown = issues.find(({ code }) => code === "unrecognized_keys");
  const issue = unknown ?? issues[0];
  const path = [under, ...(issue?.path.map(String) ?? [])].filter((part) => part !== "");
  const place = ["salesforce options", ...path].join(".");
  throw new WrapupError(
    "invalid_input",
    issue?.code === "unrecognized_keys"
      ? `There is no option ${issue.keys.map((key) => [...path, key].join(".")).join(", ")}`
      : `The option${path.length === 0 ? "s object" : ` ${path.join(".")}`} ${wrongIn(issue)}`,
    {
      place,
      mend: "See SalesforceOptions for what it may be.",
    },
  );
};

/** Throws `WrapupError` invalid_input that names the option; the value itself is never shown, as it may be a secret. */
export const checkOptions = (options: SalesforceOptions): Settings => {
  const outer = optionsSchema.safeParse(options);
  if (!outer.success) return refuse(outer.error.issues, "");
  const signIn = signInSchema(outer.data.signIn).safeParse(outer.data.signIn);
  if (!signIn.success) return refuse(signIn.error.issues, "signIn");
  const { interactionField } = outer.data;
  return { ...outer.data, signIn: signIn.data, interactionField };
};
