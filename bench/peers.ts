import { createRequire } from "node:module";

/** A task as the API takes it, without its `attributes`. */
export type TaskBody = Readonly<Record<string, unknown>>;

/** How a peer reaches the org. */
export type PeerAddress = { readonly url: string; readonly token: string };

/** What most people write instead of using this library, and the fastest that anybody could. */
export type Peer = (at: PeerAddress, tasks: readonly TaskBody[]) => Promise<void>;

type Tasks = {
  create(one: TaskBody): Promise<unknown>;
  create(many: readonly TaskBody[], options: { readonly allowRecursive: true }): Promise<unknown>;
};

type Jsforce = {
  readonly Connection: new (options: {
    readonly instanceUrl: string;
    readonly accessToken: string;
    readonly version: string;
  }) => { sobject(type: string): Tasks };
};

const isJsforce = (loaded: unknown): loaded is Jsforce =>
  typeof loaded === "object" && loaded !== null && "Connection" in loaded;

const version = "66.0";

/** The jsforce that the adapter itself uses, found from there. */
function tasksOf({ url, token }: PeerAddress): Tasks {
  const adapter = createRequire(import.meta.resolve("@wrapup/salesforce/package.json"));
  const loaded: unknown = adapter("jsforce");
  if (!isJsforce(loaded)) throw new Error("jsforce does not look like jsforce");
  const connection = new loaded.Connection({ instanceUrl: url, accessToken: token, version });
  return connection.sobject("Task");
}

/** `create` for each record, one after another. */
export const jsforceLoop: Peer = async (at, tasks) => {
  const connected = tasksOf(at);
  for (const task of tasks) refuseFailures([await connected.create(task)]);
};

/** `create` of all records at once; jsforce sends 200 per call, one call after another. */
export const jsforceArray: Peer = async (at, tasks) => {
  refuseFailures(await tasksOf(at).create(tasks, { allowRecursive: true }));
};

/** How many records a call takes, and how many calls are under way at once, in the limit. */
const perCall = 200;
const atOnce = 4;

/** Bodies made beforehand, over Node's fetch to the same resource as ours: nothing is decided, kept or remembered. */
export function bareFetch(tasks: readonly TaskBody[]): (at: PeerAddress) => Promise<void> {
  const bodies = Array.from({ length: Math.ceil(tasks.length / perCall) }, (_, n) =>
    upsertBody(tasks.slice(n * perCall, (n + 1) * perCall)),
  );
  return async (at) => {
    const waiting = bodies.values();
    const lane = async (): Promise<void> => {
      for (const body of waiting) refuseFailures(await sendUpsert(at, body));
    };
    await Promise.all(Array.from({ length: atOnce }, lane));
  };
}

/** The body of one call of the limit. */
export const upsertBody = (tasks: readonly TaskBody[]): string =>
  JSON.stringify({
    allOrNone: false,
    records: tasks.map((task) => ({ attributes: { type: "Task" }, ...task })),
  });

/** Sends one such body; answers the result of each record. */
export async function sendUpsert({ url, token }: PeerAddress, body: string): Promise<unknown> {
  const reply = await fetch(
    `${url}/services/data/v${version}/composite/sobjects/Task/Wrapup_Key__c`,
    {
      method: "PATCH",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body,
    },
  );
  return reply.json();
}

/** A peer that is refused would look fast. */
function refuseFailures(results: unknown): void {
  const isFine =
    Array.isArray(results) &&
    results.every(
      (result: unknown) =>
        typeof result === "object" &&
        result !== null &&
        "success" in result &&
        result.success === true,
    );
  if (!isFine)
    throw new Error(`the emulator refused a peer: ${JSON.stringify(results).slice(0, 300)}`);
}
