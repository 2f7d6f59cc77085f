/** Where the library's own words go. Attributes hold ids, counts and codes; never customer data or secrets (O3). */
export type Logger = {
  readonly debug: (message: string, attributes?: LogAttributes) => void;
  readonly info: (message: string, attributes?: LogAttributes) => void;
  readonly warn: (message: string, attributes?: LogAttributes) => void;
  readonly error: (message: string, attributes?: LogAttributes) => void;
};

/** Flat values only, so that any logger can take them. */
export type LogAttributes = Readonly<Record<string, string | number | boolean | undefined>>;

type OfConnection = { readonly tenant: string; readonly connection: string };

/** What happened, typed, for the app's own screens and counters. */
export type WrapupEvent =
  | ({
      readonly event: "written";
      readonly interaction: string;
      readonly key: string;
      readonly how: string;
      readonly dueToWrittenMs: number;
    } & OfConnection)
  | ({
      readonly event: "removed";
      readonly interaction: string;
      readonly key: string;
      readonly how: string;
    } & OfConnection)
  | ({
      readonly event: "retrying";
      readonly interaction: string;
      readonly key: string;
      readonly why: string;
    } & OfConnection)
  | ({
      readonly event: "parked";
      readonly interaction: string;
      readonly key: string;
      readonly reason: string;
    } & OfConnection)
  | ({ readonly event: "pushed"; readonly writes: number; readonly ms: number } & OfConnection)
  | ({
      readonly event: "paused";
      readonly why: string;
      readonly reason: string;
      readonly until: number;
    } & OfConnection)
  | ({ readonly event: "resumed" } & OfConnection)
  | ({ readonly event: "budgetLow"; readonly used: number; readonly limit: number } & OfConnection)
  | ({ readonly event: "clockSkew"; readonly ms: number } & OfConnection)
  | ({
      readonly event: "finding";
      readonly severity: "error" | "warning";
      readonly place: string;
      readonly text: string;
    } & OfConnection)
  | ({ readonly event: "unknownConnection" } & OfConnection)
  | {
      readonly event: "repeatedWithOtherContent";
      readonly tenant: string;
      readonly interaction: string;
      readonly eventId: string;
    }
  | {
      readonly event: "inputRepaired";
      readonly tenant: string;
      readonly interaction: string;
      readonly text: string;
    }
  | { readonly event: "failure"; readonly where: string; readonly error: unknown };

/** How rooms tell what they do; `telemetry.ts` turns it into logs, metrics and spans. */
export type Observer = {
  readonly event: (event: WrapupEvent) => void;
  /** Runs `work` inside a span of that name. */
  readonly span: <T>(name: string, attributes: LogAttributes, work: () => Promise<T>) => Promise<T>;
};
