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
  /** A row has our key, or the condition of a create-only write failed: what we want to write is there. */
  | { readonly does: "alreadyThere" }
  /** A record that the write names may have been merged or deleted (K9). */
  | { readonly does: "lookAtTarget" }
  /** The activity is completed or cancelled, and so read-only (L8, L9). */
  | { readonly does: "frozen" }
  /** Somebody changed the row since it was read. */
  | { readonly does: "changed" }
  /** The request is too large; nothing was applied: send it in halves. */
  | { readonly does: "split" }
  /** The token is over or unknown. */
  | { readonly does: "signIn" };

/**
 * `words`: ours, as the vendor's own text may repeat customer data.
 * `aboutUs`: where it answers a whole request it is about the application user itself, so nothing else will succeed either.
 */
export type Row = {
  readonly verdict: Verdict;
  readonly words: string;
  readonly aboutUs?: string;
};

const retry = (why: Trouble, sent: "no" | "maybe", words: string, afterMs?: number): Row => ({
  verdict: { does: "retry", why, sent, ...(afterMs !== undefined && { afterMs }) },
  words,
});
const refuse = (why: Refusal, words: string): Row => ({
  verdict: { does: "refuse", why },
  words,
});
const act = (
  does: "alreadyThere" | "lookAtTarget" | "frozen" | "changed" | "split" | "signIn",
  words: string,
): Row => ({ verdict: { does }, words });
const ofUser = (words: string, mend: string): Row => ({
  ...refuse("permission", words),
  aboutUs: mend,
});

const notMember = ofUser(
  "the user is not a member of the organisation",
  "Add the app registration as an application user of this environment (Power Platform admin center), or check environment and signIn.clientId",
);
const noRole = ofUser(
  "the user has no security role",
  "Give the application user of signIn.clientId a security role; see setup() of @wrapup/dynamics",
);

const quarterHour = 15 * 60_000;
const lock = retry("lock", "no", "the record is locked by another change");
const tooMany = retry("throttled", "no", "a service protection limit is reached");
const unknownOutcome = retry(
  "transient",
  "maybe",
  "Dataverse failed while it worked on the request",
);
const plugInTimeout = retry("transient", "maybe", "a plug-in of the organisation took too long");
const noSandbox = retry("transient", "no", "the organisation's plug-ins cannot run at the moment");
const denied = refuse("permission", "the application user may not do this");
const schema = retry(
  "schema",
  "no",
  "the column, table or relationship does not exist, or the application user may not see it",
);
const badValue = refuse("validation", "the value does not fit the column");
const plugIn = refuse("validation", "a plug-in or rule of the organisation refused it");
const gone = act("lookAtTarget", "there is no such record, or the application user may not see it");
const already = act("alreadyThere", "a row with this id is there already");
const changed = act("changed", "the row was changed since it was read");
const frozen = act("frozen", "the activity is completed, and so read-only");
const large = act("split", "the request is too large");
const session = act("signIn", "the token was not accepted");
const duplicate = refuse(
  "duplicate",
  "a duplicate rule of the organisation found a similar record",
);

/**
 * Dataverse's codes (facts §1.8; Microsoft's table of web service error codes). What is not here is read from the message where
 * Dataverse sends no code, falls back to the HTTP status, or is refused as it stands.
 */
export const table: Readonly<Record<string, Row>> = {
  "0x80072322": tooMany,
  "0x80072321": tooMany,
  "0x80072326": tooMany,
  "0x8005f103": tooMany,
  "0x80072323": tooMany,
  "0x80072324": tooMany,
  "0x80072325": retry(
    "budget",
    "no",
    "the organisation's database is full; an administrator must make room",
    quarterHour,
  ),
  // A deadlock, as a rule: the transaction is rolled back.
  "0x80044150": lock,
  "0x80044151": retry("transient", "maybe", "the database took too long"),
  "0x80048544": retry("transient", "no", "the database slows down this kind of query"),
  "0x80048543": retry("transient", "no", "a solution is being imported into the organisation"),
  "0x8004032b": lock,
  "0x80071154": lock,
  "0x80040216": unknownOutcome,
  "0x80040224": unknownOutcome,
  "0x80044171": plugInTimeout,
  "0x80044172": plugInTimeout,
  "0x80044173": plugInTimeout,
  "0x80081111": plugInTimeout,
  "0x8004418d": noSandbox,
  "0x8004418e": noSandbox,
  "0x8004a104": retry("unreachable", "no", "the organisation is switched off"),
  "0x8004415c": retry("auth", "no", "the organisation's trial has ended"),
  "0x8005f101": session,
  "0x8004a101": session,
  "0x80040220": denied,
  "0x80048306": denied,
  "0x80048405": denied,
  "0x80040277": denied,
  "0x80040256": denied,
  "0x80040276": denied,
  "0x8004a110": refuse("permission", "the application user may not act for others"),
  "0x80040229": refuse("permission", "the owner is no user or team that can own this"),
  "0x80072560": notMember,
  "0x80040225": ofUser(
    "the user is disabled",
    "Enable the application user of signIn.clientId in this environment",
  ),
  "0x80042f09": noRole,
  "0x80040237": already,
  "0x80060892": refuse("duplicate", "another row has the same alternate key"),
  "0x80040333": duplicate,
  "0x80060882": changed,
  "0x80060883": changed,
  "0x80040217": gone,
  "0x80060891": gone,
  "0x80040230": frozen,
  "0x8004022e": frozen,
  "0x80040228": refuse("permission", "the record is read-only and cannot be deleted"),
  "0x80044331": refuse("validation", "the text is too long for the column"),
  "0x8004431a": refuse("validation", "the value is not one of the column's choices"),
  "0x80048408": refuse("validation", "state and status do not go together"),
  "0x80040200": refuse("validation", "a required column is empty"),
  "0x80040203": badValue,
  "0x80040265": plugIn,
  "0x8006088a": schema,
  "0x80041103": schema,
  "0x80041102": schema,
  "0x8004418a": large,
  "0x80048d19": badValue,
  "0x80048d0b": refuse("unsupported", "Dataverse Search is switched off in the organisation"),
  "0x80060888": refuse("unsupported", "Dataverse did not understand the batch"),
  "0x8006088d": refuse("unsupported", "the table does not check row versions"),
};

/** What names the problem where the code is empty or says too little (facts §1.4, §1.6, §1.8). Dataverse's own sentences. */
const byMessage: readonly (readonly [RegExp, Row])[] = [
  [/cannot update (?:a )?closed or cancell?ed activity/i, frozen],
  [/object cannot be updated because it is inactive/i, frozen],
  [/not a valid status code for state code/i, badValue],
  [/duplicate of the current record already exists/i, duplicate],
  [/record with matching key values already exists|cannot insert duplicate key/i, already],
  [/version of the existing record doesn.t match/i, changed],
  [/with ids? = .{0,60} does not exist|record with the specified key values does not exist/i, gone],
  [/undeclared property|invalid property '\w+' was found|could not find a property named/i, schema],
  [/resource not found for the segment/i, schema],
  [/not a member of the organi[sz]ation/i, notMember],
  [/user has not been assigned any roles/i, noRole],
  [/is missing prv\w+ privilege/i, denied],
  [/^(?:generic )?sql error/i, lock],
];

/** These say one thing in many words: what the message adds decides. */
const broad = new Set(["", "0x80048d19", "0x80040203", "0x80040216", "0x80040265", "0x8006088a"]);

/** What is known of an error: what to do, and our words for it. `undefined` for one that is not known. Pure. */
export const rowOf = (error: VendorError): Row | undefined => {
  const message = error.message.slice(0, 1000);
  // A plug-in that met a deadlock says so only in its text; what else it says may be anything.
  if (error.code === "0x80040265")
    return /generic sql error|deadlock|sql timeout/i.test(message) ? lock : plugIn;
  const said = broad.has(error.code)
    ? byMessage.find(([pattern]) => pattern.test(message))?.[1]
    : undefined;
  return said ?? (Object.hasOwn(table, error.code) ? table[error.code] : undefined);
};
