import type {
  Answer,
  Context,
  CrmAdapter,
  Entry,
  Fields,
  Receipt,
  RecordId,
  Seen,
  Write,
} from "@wrapup/core";
import { startSalesforceEmulator } from "@wrapup/salesforce/emulator";
import type {
  CallRecord,
  EmulatorControl,
  EmulatorOptions,
  SalesforceEmulator,
  StoredRecord,
} from "@wrapup/salesforce/emulator";
import { onTestFinished } from "vitest";
import { salesforce } from "../../src/index.ts";
import type { SalesforceOptions } from "../../src/index.ts";

/** An adapter on an emulated org of its own, closed with the test. */
export type Org = {
  readonly emulator: SalesforceEmulator;
  readonly control: EmulatorControl;
  readonly adapter: CrmAdapter;
  readonly context: Context;
  readonly seen: readonly Seen[];
  /** Tasks that are there. */
  readonly tasks: () => Promise<readonly StoredRecord[]>;
  /** Calls since the last time it was asked, sign-in left out. */
  readonly calls: () => Promise<readonly CallRecord[]>;
  readonly contact: (fields?: Fields) => Promise<RecordId>;
  readonly push: (...writes: readonly Write[]) => Promise<readonly Answer[]>;
};

export const openOrg = async (
  emulated: EmulatorOptions = {},
  options: Partial<SalesforceOptions> = {},
): Promise<Org> => {
  const emulator = await startSalesforceEmulator(emulated);
  const { clientId, clientSecret } = emulator.credentials;
  const adapter = salesforce({
    signIn: { clientId, clientSecret, domain: emulator.url },
    ...options,
  });
  onTestFinished(async () => {
    await adapter.close();
    await emulator.close();
  });
  const { control } = emulator;
  // Somebody else than the integration user, who edits and merges when a test asks for it.
  await control.seed([
    {
      sobject: "User",
      fields: {
        LastName: "Person",
        Username: "person@wrapup.example",
        Email: "person@wrapup.example",
        Alias: "pers",
      },
    },
  ]);
  const seen: Seen[] = [];
  const context: Context = {
    signal: AbortSignal.timeout(15_000),
    urgency: "background",
    observe: (one) => seen.push(one),
  };
  let told = 0;
  let people = 0;
  return {
    emulator,
    control,
    adapter,
    context,
    seen,
    tasks: async () => (await control.records("Task")).filter((row) => !row.deleted),
    calls: async () => {
      const all = (await control.calls()).filter(({ path }) => path.includes("/data/v"));
      const fresh = all.slice(told);
      told = all.length;
      return fresh;
    },
    contact: async (fields = {}) => {
      people += 1;
      const [id = ""] = await control.seed([
        { sobject: "Contact", fields: { LastName: `Person ${people}`, ...fields } },
      ]);
      return { type: "Contact", id };
    },
    push: (...writes) => adapter.push(writes, context),
  };
};

/** An activity; `n` makes its key. */
export const activity = (n: number, more: Partial<Entry> = {}): Entry => ({
  key: `wk-${String(n).padStart(4, "0")}`,
  kind: "activity",
  leg: "1",
  slot: 0,
  type: "Task",
  fields: {
    Subject: `Call ${n}`,
    TaskSubtype: "Call",
    CallType: "Inbound",
    Description: `said ${n}`,
    CallDurationInSeconds: 60,
  },
  roles: {},
  final: true,
  touches: [],
  warnings: [],
  ...more,
});

export const put = (entry: Entry, maybeSent = false): Write => ({ op: "put", entry, maybeSent });

export const amend = (
  made: Entry,
  changed: Fields,
  receipt: Receipt,
  more: Partial<Extract<Write, { op: "amend" }>> = {},
): Write => ({
  op: "amend",
  entry: { ...made, fields: { ...made.fields, ...changed } },
  maybeSent: false,
  contentKnown: true,
  receipt,
  changed,
  relinked: false,
  reowned: false,
  made,
  ...more,
});

export const retract = (entry: Entry, receipt?: Receipt): Write => ({
  op: "retract",
  entry,
  maybeSent: receipt === undefined,
  ...(receipt !== undefined && { receipt }),
});

/** The receipt of an answer that must be one. */
export const receiptOf = (answer: Answer | undefined): Receipt => {
  if (answer?.is !== "written") throw new Error(`not written: ${JSON.stringify(answer)}`);
  return answer.receipt;
};
