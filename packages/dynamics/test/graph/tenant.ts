import type { Answer, Context, CrmAdapter, Entry, Receipt, Seen, Write } from "@wrapup/core";
import { startDynamicsEmulator } from "@wrapup/dynamics/emulator";
import type {
  CallRecord,
  DynamicsEmulator,
  EmulatorControl,
  EmulatorOptions,
  StoredMail,
} from "@wrapup/dynamics/emulator";
import { onTestFinished } from "vitest";
import { graphMail } from "../../src/index.ts";
import type { GraphMailOptions } from "../../src/index.ts";

/** A mail adapter on an emulated tenant of its own, closed with the test. */
export type Tenant = {
  readonly emulator: DynamicsEmulator;
  readonly control: EmulatorControl;
  readonly adapter: CrmAdapter;
  readonly context: Context;
  readonly seen: readonly Seen[];
  /** Object id of the agent whose mailbox mails go out from. */
  readonly agent: string;
  /** A second adapter on the same tenant, as another process would have it. */
  readonly another: (options?: Partial<GraphMailOptions>) => CrmAdapter;
  readonly push: (...writes: readonly Write[]) => Promise<readonly Answer[]>;
  /** Mails that went out. */
  readonly sent: () => Promise<readonly StoredMail[]>;
  /** Drafts that nobody threw away. */
  readonly drafts: () => Promise<readonly StoredMail[]>;
  /** Graph calls since it was last asked, as `METHOD what`. */
  readonly calls: () => Promise<readonly string[]>;
};

export const agentEmail = "elinor@classics.example";

export const contextOf = (
  signal: AbortSignal = AbortSignal.timeout(15_000),
): Context & { readonly seen: Seen[] } => {
  const seen: Seen[] = [];
  return { signal, urgency: "background", observe: (one) => seen.push(one), seen };
};

/** A token as the app gets it when it signs in by itself. */
export const tokenOf = async (emulator: DynamicsEmulator, scope: string): Promise<string> => {
  const { tenantId, clientId, clientSecret } = emulator.credentials;
  const reply = await fetch(`${emulator.authority}/${tenantId}/oauth2/v2.0/token`, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "client_credentials",
      client_id: clientId,
      client_secret: clientSecret,
      scope,
    }),
  });
  const given: unknown = await reply.json();
  if (typeof given !== "object" || given === null || !("access_token" in given))
    throw new Error(`no token: HTTP ${reply.status}`);
  return String(given.access_token);
};

/** One request to Graph beside the adapter, as a person's Outlook or another app makes it; answers its parsed body. */
export const graphCall = async (
  emulator: DynamicsEmulator,
  method: string,
  path: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = { prefer: 'IdType="ImmutableId"' },
): Promise<{ readonly status: number; readonly headers: Headers; readonly body: unknown }> => {
  const token = await tokenOf(emulator, `${emulator.graphUrl}/.default`);
  const reply = await fetch(`${emulator.graphUrl}/v1.0/${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json", ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await reply.text();
  const parsed: unknown = text === "" ? undefined : JSON.parse(text);
  return { status: reply.status, headers: reply.headers, body: parsed };
};

/** A call without the mailbox and the ids in it. */
const plainly = ({ method, path }: CallRecord): string =>
  `${method} ${path.replace(/^\/v1\.0\/users\/?[^/]*\/?/, "").replace(/messages\/[^/]+/, "messages/*")}`;

export const openTenant = async (
  emulated: EmulatorOptions = {},
  options: Partial<GraphMailOptions> = {},
): Promise<Tenant> => {
  const emulator = await startDynamicsEmulator(emulated);
  const { control, graphUrl } = emulator;
  const token = (scope: string): Promise<string> => tokenOf(emulator, scope);
  const opened: CrmAdapter[] = [];
  const another = (more: Partial<GraphMailOptions> = {}): CrmAdapter => {
    const adapter = graphMail({
      signIn: { token },
      graphUrl,
      ...options,
      ...more,
    });
    opened.push(adapter);
    return adapter;
  };
  onTestFinished(async () => {
    await Promise.all(opened.map((adapter) => adapter.close()));
    await emulator.close();
  });
  const adapter = another();
  const [agent = ""] = await control.seedUsers([
    { userPrincipalName: agentEmail, displayName: "Elinor" },
  ]);
  const context = contextOf();
  let told = 0;
  return {
    emulator,
    control,
    adapter,
    context,
    seen: context.seen,
    agent,
    another,
    push: (...writes) => adapter.push(writes, context),
    sent: async () => (await control.mails()).filter(({ sentAt }) => sentAt !== undefined),
    drafts: async () =>
      (await control.mails()).filter(
        ({ isDraft, folder, deleted }) => isDraft && folder === "drafts" && !deleted,
      ),
    calls: async () => {
      const all = (await control.calls()).filter(({ service }) => service === "graph");
      const fresh = all.slice(told);
      told = all.length;
      return fresh.map(plainly);
    },
  };
};

/** A mail; `n` makes its key. */
export const mail = (n: number, owner: string | undefined, more: Partial<Entry> = {}): Entry => ({
  key: `wu${String(n).padStart(64, "0")}`,
  kind: "notice",
  leg: "1",
  slot: 0,
  type: "mail",
  fields: {
    to: "ada@customer.example",
    subject: `Your case ${n}`,
    text: `Dear Ada,\nit is done (${n}).`,
  },
  roles: {},
  ...(owner !== undefined && { owner }),
  final: false,
  touches: [],
  warnings: [],
  ...more,
});

export const put = (entry: Entry, maybeSent = false): Write => ({ op: "put", entry, maybeSent });

/** The second step: sends what `receipt` names. */
export const sending = (
  entry: Entry,
  receipt: Receipt,
  more: Partial<Extract<Write, { op: "amend" }>> = {},
): Write => ({
  op: "amend",
  entry: { ...entry, final: true },
  maybeSent: false,
  receipt,
  made: entry,
  changed: {},
  relinked: false,
  reowned: true,
  contentKnown: true,
  ...more,
});

export const retract = (
  entry: Entry,
  receipt?: Receipt,
  maybeSent = receipt === undefined,
): Write => ({
  op: "retract",
  entry,
  maybeSent,
  ...(receipt !== undefined && { receipt }),
});

/** The receipt of an answer that must be one. */
export const receiptOf = (answer: Answer | undefined): Receipt => {
  if (answer?.is !== "written") throw new Error(`not written: ${JSON.stringify(answer)}`);
  return answer.receipt;
};

/** Drafts a mail and answers its receipt. */
export const drafted = async (tenant: Tenant, entry: Entry): Promise<Receipt> => {
  const [answer] = await tenant.push(put(entry));
  return receiptOf(answer);
};
