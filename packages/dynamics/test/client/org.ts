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
import { startDynamicsEmulator } from "@wrapup/dynamics/emulator";
import type {
  CallRecord,
  DynamicsEmulator,
  EmulatorControl,
  EmulatorOptions,
  StoredRow,
} from "@wrapup/dynamics/emulator";
import { onTestFinished } from "vitest";
import { dynamics } from "../../src/index.ts";
import type { DynamicsOptions } from "../../src/index.ts";

/** An adapter on an emulated organisation of its own, closed with the test. */
export type Org = {
  readonly emulator: DynamicsEmulator;
  readonly control: EmulatorControl;
  readonly adapter: CrmAdapter;
  readonly context: Context;
  readonly seen: readonly Seen[];
  /** Rows of a table that are there. Default: phone calls. */
  readonly rows: (table?: string) => Promise<readonly StoredRow[]>;
  /** Calls to Dataverse since the last time it was asked. */
  readonly calls: () => Promise<readonly CallRecord[]>;
  readonly contact: (columns?: Readonly<Record<string, unknown>>) => Promise<RecordId>;
  readonly push: (...writes: readonly Write[]) => Promise<readonly Answer[]>;
};

export const openOrg = async (
  emulated: EmulatorOptions = {},
  options: Partial<DynamicsOptions> = {},
): Promise<Org> => {
  const emulator = await startDynamicsEmulator(emulated);
  const { tenantId, clientId, clientSecret } = emulator.credentials;
  const adapter = dynamics({
    environment: emulator.url,
    signIn: { tenantId, clientId, clientSecret, authority: emulator.authority },
    ...options,
  });
  onTestFinished(async () => {
    await adapter.close();
    await emulator.close();
  });
  const { control } = emulator;
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
    rows: async (table = "phonecall") => (await control.rows(table)).filter((row) => !row.deleted),
    calls: async () => {
      const all = (await control.calls()).filter(({ service }) => service === "dataverse");
      const fresh = all.slice(told);
      told = all.length;
      return fresh;
    },
    contact: async (columns = {}) => {
      people += 1;
      const [id = ""] = await control.seed([
        { table: "contact", columns: { lastname: `Person ${people}`, ...columns } },
      ]);
      return { type: "contact", id };
    },
    push: (...writes) => adapter.push(writes, context),
  };
};

/** A phone call; `n` makes its key. */
export const activity = (n: number, more: Partial<Entry> = {}): Entry => ({
  key: `wk-${String(n).padStart(4, "0")}`,
  kind: "activity",
  leg: "1",
  slot: 0,
  type: "phonecall",
  fields: {
    subject: `Call ${n}`,
    directioncode: false,
    description: `said ${n}`,
    actualdurationminutes: 1,
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
