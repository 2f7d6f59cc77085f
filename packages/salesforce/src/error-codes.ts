import type { Refusal, Trouble } from "@wrapup/core";
import type { VendorError } from "./vendor-error.ts";

/** What is to be done about an error. */
export type Verdict =
  | {
      readonly does: "retry";
      readonly why: Trouble;
      readonly sent: "no" | "maybe";
      readonly afterMs?: number;
    }
  | { readonly does: "refuse"; readonly why: Refusal }
  /** Somebody already wrote our key: look which row has it. */
  | { readonly does: "lookByKey" }
  /** A record that the write names may have been merged, converted or deleted (K9). */
  | { readonly does: "lookAtTarget" }
  /** The batch was too heavy or carries one bad record; nothing was applied: send it in halves. */
  | { readonly does: "split" }
  /** The session is over or unknown. */
  | { readonly does: "signIn" };

/** `ours`: the vendor's own text may repeat customer data, so only our words are shown. */
type Row = { readonly verdict: Verdict; readonly words: string; readonly ours?: true };

const retry = (why: Trouble, sent: "no" | "maybe", words: string, afterMs?: number): Row => ({
  verdict: { does: "retry", why, sent, ...(afterMs !== undefined && { afterMs }) },
  words,
});
const refuse = (why: Refusal, words: string, ours?: true): Row => ({
  verdict: { does: "refuse", why },
  words,
  ...(ours && { ours }),
});
const act = (does: "lookByKey" | "lookAtTarget" | "split" | "signIn", words: string): Row => ({
  verdict: { does },
  words,
  ours: true,
});

const quarterHour = 15 * 60_000;
const lock = retry("lock", "no", "the record is locked by another change");
const restarting = retry("transient", "no", "Salesforce is busy with maintenance of this record");
const unknownOutcome = retry(
  "transient",
  "maybe",
  "Salesforce failed while it worked on the request",
);
const aside = retry("transient", "no", "not tried, because another record of the request failed");
const denied = refuse("permission", "the integration user may not do this");
const noApi = retry("auth", "no", "the API is switched off for this org or user");
const schema: Row = {
  ...retry(
    "schema",
    "no",
    "the field or type does not exist, or the integration user may not write it",
  ),
  ours: true,
};
const badValue = refuse("validation", "the value does not fit the field", true);

/** Salesforce's codes (facts §2.8). What is not here falls back to the HTTP status, or is refused as it stands. */
const table: Readonly<Record<string, Row>> = {
  UNABLE_TO_LOCK_ROW: lock,
  RECORD_IN_USE_BY_WORKFLOW: lock,
  ALREADY_IN_PROCESS: lock,
  INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE: restarting,
  TERRITORY_REALIGN_IN_PROGRESS: restarting,
  TOO_MANY_APEX_REQUESTS: retry("throttled", "no", "too many requests run at once"),
  SERVER_UNAVAILABLE: retry("unreachable", "maybe", "Salesforce is not available"),
  UNKNOWN_EXCEPTION: unknownOutcome,
  REQUEST_RUNNING_TOO_LONG: unknownOutcome,
  QUERY_TIMEOUT: unknownOutcome,
  LIMIT_EXCEEDED: retry("budget", "no", "a limit of the org is used up", quarterHour),
  STORAGE_LIMIT_EXCEEDED: retry(
    "budget",
    "no",
    "the org's storage is full; an administrator must make room",
    quarterHour,
  ),
  ALL_OR_NONE_OPERATION_ROLLED_BACK: aside,
  PROCESSING_HALTED: aside,
  BATCH_PROCESSING_HALTED: aside,
  INVALID_SESSION_ID: act("signIn", "the session is over"),
  INVALID_AUTH_HEADER: act("signIn", "the session was not recognised"),
  API_DISABLED_FOR_ORG: noApi,
  API_CURRENTLY_DISABLED: noApi,
  INVALID_OPERATION_WITH_EXPIRED_PASSWORD: retry(
    "auth",
    "no",
    "the integration user's password has expired",
  ),
  DUPLICATE_VALUE: act("lookByKey", "another row has the same value in a unique field"),
  DUPLICATE_EXTERNAL_ID: act(
    "lookByKey",
    "several rows have the same key; the key field is not unique",
  ),
  MULTIPLE_CHOICES: act("lookByKey", "several rows have the same key; the key field is not unique"),
  ENTITY_IS_DELETED: act("lookAtTarget", "a record is deleted"),
  ENTITY_IS_ARCHIVED: act("lookAtTarget", "a record is archived"),
  INVALID_CROSS_REFERENCE_KEY: act(
    "lookAtTarget",
    "a record does not exist or is not visible to the integration user",
  ),
  CANNOT_UPDATE_CONVERTED_LEAD: act("lookAtTarget", "the lead was converted"),
  NOT_FOUND: act("lookAtTarget", "there is no such record, field or address"),
  REQUIRED_FIELD_MISSING: refuse("validation", "a required field is empty"),
  STRING_TOO_LONG: refuse("validation", "the text is too long for the field", true),
  INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST: refuse(
    "validation",
    "the value is not one of the field's choices",
    true,
  ),
  FIELD_CUSTOM_VALIDATION_EXCEPTION: refuse(
    "validation",
    "a validation rule of the org refused it",
  ),
  FIELD_FILTER_VALIDATION_EXCEPTION: refuse("validation", "a lookup filter of the org refused it"),
  FIELD_INTEGRITY_EXCEPTION: refuse("validation", "two fields do not go together"),
  INVALID_EMAIL_ADDRESS: badValue,
  NUMBER_OUTSIDE_VALID_RANGE: badValue,
  INVALID_TYPE_ON_FIELD_IN_RECORD: badValue,
  MALFORMED_ID: badValue,
  JSON_PARSER_ERROR: act("split", "a value does not fit its field"),
  EXCEEDED_ID_LIMIT: act("split", "too many records in one request"),
  OPERATION_TOO_LARGE: act("split", "too many records in one request"),
  INVALID_FIELD: schema,
  INVALID_FIELD_FOR_INSERT_UPDATE: schema,
  INVALID_TYPE: schema,
  MALFORMED_QUERY: refuse("unsupported", "Salesforce did not understand the query", true),
  INVALID_QUERY_FILTER_OPERATOR: refuse(
    "unsupported",
    "Salesforce did not understand the query",
    true,
  ),
  MALFORMED_SEARCH: refuse("unsupported", "Salesforce did not understand the search", true),
  DUPLICATES_DETECTED: refuse(
    "duplicate",
    "a duplicate rule of the org found a similar record",
    true,
  ),
  INSUFFICIENT_ACCESS_OR_READONLY: denied,
  INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY: refuse(
    "permission",
    "the integration user may not use a record that this one points to",
  ),
  INACTIVE_OWNER_OR_USER: refuse("permission", "the owner is not an active user", true),
  UNAVAILABLE_RECORDTYPE_EXCEPTION: refuse(
    "permission",
    "no record type is available to the integration user",
  ),
  INVALID_READ_ONLY_USER_DML: denied,
  METHOD_NOT_ALLOWED: refuse("unsupported", "Salesforce does not offer this here"),
  UNSUPPORTED_API_VERSION: refuse(
    "unsupported",
    "the org does not know this API version; set apiVersion",
  ),
  FORBIDDEN: retry("auth", "no", "the integration user may not use the API"),
};

/** Failures of the org's own triggers and flows: what the text says decides (facts §2.8). It is not shown: a trigger may quote a customer. */
const orgCode = new Set([
  "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
  "CANNOT_EXECUTE_FLOW_TRIGGER",
  "APEX_ERROR",
]);

/** What is known of an error: what to do, and our words for it. `undefined` for a code that is not known. Pure. */
export const rowOf = (error: VendorError): Row | undefined => {
  if (orgCode.has(error.code)) {
    if (/UNABLE_TO_LOCK_ROW/i.test(error.message)) return { ...lock, ours: true };
    if (/CPU time limit|Too many (SOQL|DML)|Limit ?Exception/i.test(error.message))
      return act("split", "the org's automation ran into its limits");
    return refuse("validation", "the org's own automation refused it", true);
  }
  if (error.code === "REQUEST_LIMIT_EXCEEDED")
    return /Concurrent/i.test(error.message)
      ? retry("throttled", "no", "too many long requests run at once")
      : retry("budget", "no", "the API calls of the day are used up", quarterHour);
  return Object.hasOwn(table, error.code) ? table[error.code] : undefined;
};
