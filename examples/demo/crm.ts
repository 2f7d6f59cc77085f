import type { Clock, ConnectionOptions } from "@wrapup/core";
import type { Found } from "./proof.ts";
import type { CrmName, DemoAgent, RecordKind, SeedFacts } from "./story.ts";

/** Where an emulated CRM is and how an app signs in to it, as its process tells it. */
export type Org = Readonly<Record<string, string>>;

/** All that the app's and the worker's process need of a CRM: its name in the app's configuration, and its connection. */
export type Connector = {
  readonly connection: string;
  readonly connect: (
    org: Org,
    of: { readonly clock: Clock; readonly timeoutMs: number },
  ) => ConnectionOptions;
};

/** All that an emulated CRM's process needs: starts it, and answers where it is. */
export type Starter = (of: {
  readonly clock: Clock;
  readonly seed: number;
  readonly latencyMs: number;
}) => Promise<Org>;

/** A record to be seeded, with the ids of those it points at. */
export type Seed = {
  readonly kind: RecordKind;
  readonly facts: SeedFacts;
  readonly contact?: string;
  readonly account?: string;
};

/** One bad moment of a CRM, ms since the half hour began. */
export type BadMoment = {
  readonly at: number;
  /** In words that follow the CRM's name. */
  readonly says: string;
  readonly begin: () => Promise<void>;
};

/** What API calls were spent on. */
export type Spent = {
  readonly all: number;
  readonly writing: number;
  /** Queries: owners, what to change, what became of a lost reply. */
  readonly looking: number;
  /** Agents' searches and the cases they create. */
  readonly agents: number;
  /** What the far side knows of itself. */
  readonly describing: number;
  /** Writes that reached the CRM's records: what one call per record would have cost, without a single retry. */
  readonly onePerRecord: number;
};

/** Looks into an emulated CRM from outside, past its API, and lets people there do things. */
export type Probe = {
  /** Makes a user of each agent; answers their ids. */
  readonly seedAgents: (agents: readonly DemoAgent[]) => Promise<readonly string[]>;
  /** Adds records; answers their ids. */
  readonly seed: (rows: readonly Seed[]) => Promise<readonly string[]>;
  readonly remove: (kind: RecordKind, id: string) => Promise<void>;
  readonly merge: (kind: RecordKind, winner: string, loser: string) => Promise<void>;
  /** Answers the id of the contact that the lead became. */
  readonly convertLead: (id: string) => Promise<string>;
  /** The activities that are there now. */
  readonly activities: () => Promise<readonly Found[]>;
  /** Subjects of the cases that are there now. */
  readonly cases: () => Promise<readonly string[]>;
  readonly spent: () => Promise<Spent>;
  readonly setLatency: (ms: number) => Promise<void>;
  readonly badMoments: readonly BadMoment[];
  /** Ends the bad moment that is under way. */
  readonly behave: () => Promise<void>;
  /** `duplicate`: an integration without keys repeats one of its writes. `missing`: one activity gets lost. */
  readonly damage: (how: "duplicate" | "missing") => Promise<void>;
};

/** An emulated CRM, as the demo's own process sees it. */
export type Crm = Connector & {
  readonly name: CrmName;
  /** As people call it. */
  readonly label: string;
  /** The CRM's own name of a kind of record. */
  readonly typeOf: (kind: RecordKind) => string;
  /** What an agent fills in when they create a case. */
  readonly newCase: (
    subject: string,
    contact: string | undefined,
  ) => Readonly<Record<string, string>>;
  readonly probe: (org: Org) => Probe;
};
