import type { AdapterDefaults, CrmAdapter, RecordId } from "@wrapup/core";
import { checkOrg } from "./check.ts";
import { createClient } from "./client.ts";
import { createCreating } from "./create.ts";
import { createDescribes, typeOf } from "./describe.ts";
import { defaultsOf } from "./mapping.ts";
import { checkOptions } from "./options.ts";
import type { SalesforceOptions } from "./options.ts";
import { createPush, requestOf } from "./push.ts";
import { isRecordId } from "./query.ts";
import { getRecords, relatedRecords } from "./records.ts";
import type { Desk } from "./records.ts";
import { searchRecords } from "./search.ts";
import { usersOf } from "./users.ts";
import { createWaiting } from "./waiting.ts";

/**
 * The Salesforce adapter: one org, through jsforce. Nothing is loaded or sent before the first call.
 * Activities are Tasks; what the org should have is in `setup()`. Throws `WrapupError` invalid_input that names the option.
 */
export const salesforce = (
  options: SalesforceOptions,
): CrmAdapter & { readonly defaults: Required<AdapterDefaults> } => {
  const settings = checkOptions(options);
  const client = createClient(settings);
  const describes = createDescribes(client, settings);
  const waiting = createWaiting(settings.clock);
  // Salesforce sends a bare id to the right page of its own (facts §2.4).
  const urlOf = (id: string): string | undefined => {
    const instance = client.instanceUrl();
    return instance !== undefined && isRecordId(id) ? `${instance}/${id}` : undefined;
  };
  const desk: Desk = { client, describes, settings, urlOf };
  return {
    contract: 1,
    name: "Salesforce",
    defaults: defaultsOf(settings.interactionField),
    check: (context) => checkOrg(client, describes, settings, context),
    requestOf,
    push: createPush(settings, describes, { client, waiting, urlOf }),
    reads: {
      describe: async (types, context) =>
        (await Promise.all(types.map((type) => describes.of(type, context))))
          .filter((type) => type !== undefined)
          .map(typeOf),
      search: (query, context) => searchRecords(desk, query, context),
      get: (refs, context) => getRecords(desk, refs, context),
      related: (ref, context) => relatedRecords(desk, ref, context),
    },
    usersOf: (agents, context) => usersOf(client, agents, context),
    createRecord: createCreating(desk, waiting),
    openUrl: (ref: RecordId) => urlOf(ref.id),
    close: () => {
      client.close();
      return Promise.resolve();
    },
  };
};
