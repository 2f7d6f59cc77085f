import type { CrmAdapter, RecordId } from "@wrapup/core";
import { checkOrg } from "./check.ts";
import { createClient } from "./client.ts";
import { createCreating } from "./create.ts";
import { createDescribes, typeOf } from "./describe.ts";
import { createGraphClient } from "./graph/client.ts";
import { createEntraDirectory } from "./graph/directory.ts";
import { defaultsOf } from "./mapping.ts";
import { checkOptions } from "./options.ts";
import type { DynamicsOptions, Settings } from "./options.ts";
import { createPush, requestOf } from "./push.ts";
import { isGuid, isName } from "./query.ts";
import { getRecords, relatedRecords } from "./records.ts";
import type { Desk } from "./records.ts";
import { searchRecords } from "./search.ts";
import { createTokens } from "./sign-in.ts";
import { usersOf } from "./users.ts";

/** How a row opens in a model-driven app (facts §1.4). Pure. */
const urlIn =
  ({ environment, appId }: Settings) =>
  (type: string, id: string): string | undefined =>
    isName(type) && isGuid(id)
      ? `${environment}/main.aspx?${appId === undefined ? "" : `appid=${appId}&`}pagetype=entityrecord&etn=${type}&id=${id.toLowerCase()}`
      : undefined;

/**
 * The Dynamics 365 adapter: one environment, through the Dataverse Web API. Nothing is loaded or sent before the first call.
 * Activities are phone calls, emails and tasks (or a table of the organisation's own); what the environment should allow is in
 * `setup()`. Throws `WrapupError` invalid_input that names the option.
 */
export const dynamics = (options: DynamicsOptions): CrmAdapter => {
  const settings = checkOptions(options);
  const { signIn, timeoutMs, clock, directory: entra } = settings;
  const closing = new AbortController();
  const tokens = createTokens(signIn, { clock, timeoutMs, closed: closing.signal });
  const client = createClient(settings, tokens);
  const describes = createDescribes(client, settings);
  const graph =
    entra === undefined
      ? undefined
      : createGraphClient({ origin: entra.graphUrl, tokens, timeoutMs, clock });
  const directory = graph === undefined ? undefined : createEntraDirectory(graph, clock);
  const urlOf = urlIn(settings);
  const desk: Desk = { client, describes, settings, urlOf };
  return {
    contract: 1,
    name: "Dynamics 365",
    defaults: defaultsOf(settings.chatTable),
    check: (context) => checkOrg({ client, describes, settings, directory }, context),
    requestOf,
    push: createPush(settings, describes, { client, urlOf }),
    usersOf: (agents, context) => usersOf(client, directory, agents, context),
    reads: {
      describe: async (types, context) =>
        (await Promise.all(types.map((type) => describes.of(type, context))))
          .filter((type) => type !== undefined)
          .map(typeOf),
      search: (query, context) => searchRecords(desk, query, context),
      get: (refs, context) => getRecords(desk, refs, context),
      related: (ref, context) => relatedRecords(desk, ref, context),
    },
    createRecord: createCreating(desk),
    openUrl: (ref: RecordId) => urlOf(ref.type, ref.id),
    close: () => {
      closing.abort();
      client.close();
      graph?.close();
      return Promise.resolve();
    },
  };
};
