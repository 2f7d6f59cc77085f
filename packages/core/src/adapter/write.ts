import type { Entry, Receipt } from "../model/entry.ts";
import type { Fields, RecordId } from "../model/record.ts";
import type { Warning } from "../model/warning.ts";

/**
 * One change to one entry. `maybeSent`: an earlier attempt got no answer, so look before writing;
 * whatever may have been sent is repeated unchanged (W3).
 *
 * A mail (kind `notice`, type `mail`) has the fields `to` and `cc` (addresses joined by a comma and a space), `subject` and `text`
 * (plain), and `owner` is what `usersOf` answered: the mailbox it goes out from. It comes in two steps, so that it is never sent
 * twice (N3): a put with `final: false` makes the draft, and its receipt names that very draft for ever; an amend with `final: true` and
 * `reowned` sends it. A message that is sent already is answered `already` or `updated`, and never sent again; where the adapter cannot
 * tell, it refuses as `unsupported`. A retract takes drafts away, by receipt or key; what was sent is `kept`.
 */
export type Write = { readonly entry: Entry; readonly maybeSent: boolean } & (
  | {
      /** Make it exist once under `entry.key`. What is there already stays as it is: answer `already`. */
      readonly op: "put";
    }
  | {
      /**
       * Bring it to `entry`. The adapter updates, appends or reopens, and says which. Fields that are not in `changed` are people's:
       * they stay as they are.
       */
      readonly op: "amend";
      readonly receipt: Receipt;
      /** Fields to change; `null` clears one. */
      readonly changed: Fields;
      /** Whether links differ from what was written. */
      readonly relinked: boolean;
      /** Whether owner or completion differ from what was written. */
      readonly reowned: boolean;
      /** The row itself as it stands, without what was appended beside it. */
      readonly made: Entry;
      /**
       * Usually true: what differs from `made` was changed by people and stays (W7). False: nobody knows which wish of ours the row holds,
       * so `changed` is everything; only what the CRM itself knows people changed stays.
       */
      readonly contentKnown: boolean;
    }
  | {
      /** Take it away. Without a receipt: find it by key; absent is success. */
      readonly op: "retract";
      readonly receipt?: Receipt;
    }
);

/** Why a call did not succeed though it may later. `lock` and `transient` concern one write; the others pause the whole connection. */
export type Trouble =
  | "lock"
  | "transient"
  | "throttled"
  | "budget"
  | "auth"
  | "schema"
  | "unreachable";

/** Why a write will never succeed as it is. */
export type Refusal = "validation" | "permission" | "duplicate" | "notFound" | "unsupported";

/** What the CRM said to one write. The adapter classifies; core disposes (W6). */
export type Answer =
  | {
      readonly is: "written";
      readonly receipt: Receipt;
      readonly how: "created" | "already" | "updated" | "appended";
      readonly warnings?: readonly Warning[];
    }
  | {
      readonly is: "removed";
      readonly how: "deleted" | "unlinked" | "kept";
      readonly warnings?: readonly Warning[];
    }
  /** A person deleted it: core does not make it again. */
  | { readonly is: "gone" }
  /** A linked record was merged or converted: core relinks and plans anew. */
  | { readonly is: "moved"; readonly from: RecordId; readonly to: RecordId }
  | {
      readonly is: "retry";
      readonly why: Trouble;
      readonly sent: "no" | "maybe";
      readonly afterMs?: number;
      readonly reason: string;
      /**
       * What the adapter saw of the row and the next attempt no longer can: that a person had changed it before this one, which may
       * have changed it after them (W7). Kept in place of the old receipt.
       */
      readonly receipt?: Receipt;
    }
  /** `reason`: words for people, without customer data. */
  | {
      readonly is: "refused";
      readonly why: Refusal;
      readonly reason: string;
      readonly field?: string;
    };
