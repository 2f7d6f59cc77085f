import { DynamicsWebApi } from "dynamics-web-api";
import { side } from "./samples.ts";

/** A phone call as it is created, with everybody who takes part. */
export type CallBody = Readonly<Record<string, unknown>>;

/** How a peer reaches the environment. */
export type PeerAddress = { readonly url: string; readonly token: string };

/** What most people write instead of using this library. Answers how many calls it gave up on. */
export type Peer = (at: PeerAddress, calls: readonly CallBody[]) => Promise<number>;

/** How dynamics-web-api is used: it never tries anything again by itself (its issue 101), so its users do, or do not. */
export type Habit = { readonly tries: number };

const clientOf = ({ url, token }: PeerAddress): DynamicsWebApi =>
  new DynamicsWebApi({
    serverUrl: url,
    dataApi: { version: "9.2" },
    onTokenRefresh: () => Promise.resolve(token),
  });

/** A call is over: another request, as Dataverse takes no state on create (facts §1.4). */
const completed = { statecode: 1, statuscode: 4 };

/** `create`, then `update` for the completion, 20 calls at a time. */
export const singles =
  ({ tries }: Habit): Peer =>
  async (at, calls) => {
    const client = clientOf(at);
    let givenUp = 0;
    await side(calls.length, 20, async (n) => {
      try {
        const data = calls[n] ?? {};
        const key = await again(tries, () =>
          client.create<CallBody, string>({ collection: "phonecalls", data }),
        );
        await again(tries, () => client.update({ collection: "phonecalls", key, data: completed }));
      } catch {
        givenUp += 1;
      }
    });
    return givenUp;
  };

/** Its batch mode: creates and completions in one change set, one batch after another, as the mode is the instance's own. */
export const batchesOf =
  (operations: number) =>
  ({ tries }: Habit): Peer =>
  async (at, calls) => {
    const client = clientOf(at);
    let givenUp = 0;
    for (let from = 0; from < calls.length; from += operations / 2) {
      const part = calls.slice(from, from + operations / 2);
      try {
        await again(tries, () => oneBatch(client, part));
      } catch {
        givenUp += part.length;
      }
    }
    return givenUp;
  };

async function oneBatch(client: DynamicsWebApi, calls: readonly CallBody[]): Promise<void> {
  client.startBatch();
  // Their promises never settle by themselves in batch mode; the batch's own tells what became of all.
  for (const [n, data] of calls.entries()) {
    void client.create({ collection: "phonecalls", data, contentId: `${n + 1}` });
    void client.update({ contentId: `$${n + 1}`, data: completed });
  }
  await client.executeBatch();
}

/** Tries again at once where anything fails, as people do with p-retry. */
async function again<T>(tries: number, work: () => Promise<T>): Promise<T> {
  for (let left = tries; ; left -= 1) {
    try {
      return await work();
    } catch (error) {
      if (left <= 1) throw error;
    }
  }
}
