import type { Answer, Refusal, Trouble, Write } from "../adapter/contract.ts";
import type { Entry, Receipt } from "../model/entry.ts";
import type { Row } from "../model/ledger.ts";
import { recordKey } from "../model/record.ts";
import type { Warning } from "../model/warning.ts";

/** What settling needs to know beside the answer. */
export type SettleOptions = {
  /** Epoch ms. */
  readonly now: number;
  /** In [0, 1): spreads retries that failed together. */
  readonly jitter: number;
  /** Tries of one write before a lock or a passing fault parks it. */
  readonly maxAttempts: number;
  /** How long a request without an answer may still land (abilities). */
  readonly landsWithinMs?: number;
  /** The interaction was deleted and has no links any more that could follow a record: the row itself does (N5). */
  readonly deleted?: boolean;
};

/** A trouble of the connection as a whole: the gate pauses, and nothing is parked for it (W5, W6). */
export type Pause = {
  readonly why: Exclude<Trouble, "lock" | "transient">;
  readonly reason: string;
  readonly afterMs?: number;
};

const firstRetryMs = 1_000;
const longestRetryMs = 15 * 60_000;
/** What an answer may ask for at the most. */
const longestWaitMs = 24 * 60 * 60_000;

/** The pause that an answer asks for; `undefined` where it concerns its own write only. */
export function pauseOf(answer: Answer): Pause | undefined {
  if (answer.is !== "retry" || answer.why === "lock" || answer.why === "transient")
    return undefined;
  return {
    why: answer.why,
    reason: answer.reason,
    ...(answer.afterMs !== undefined && { afterMs: answer.afterMs }),
  };
}

/** The one reader of answers: the adapter classifies, core disposes (W6). `begun` is the row that `beginRow` made for this write. */
export function settleRow(write: Write, begun: Row, answer: Answer, options: SettleOptions): Row {
  switch (answer.is) {
    case "written":
      return write.op === "retract"
        ? misanswered(write, begun, answer)
        : written(write, begun, answer, options);
    case "removed":
      return write.op === "retract"
        ? removed(write, begun, answer, options)
        : misanswered(write, begun, answer);
    case "gone":
      return isLostMail(write)
        ? parked(write, begun, "it is no longer where it was drafted", true)
        : gone(write, begun);
    case "moved":
      return moved(write, begun, answer, options);
    case "retry":
      return retried(write, begun, answer, options);
    case "refused":
      return parked(
        write,
        begun,
        `${refusals[answer.why]}: ${answer.reason}`,
        mayStillBeThere(write, answer.why),
      );
  }
}

/** Where an earlier attempt had no answer, it may land after this one: the row is looked at once more when it no longer can. */
function withRecheck(begun: Row, { landsWithinMs = 0 }: SettleOptions): Row {
  const { unansweredAt, ...rest } = begun;
  return unansweredAt === undefined || landsWithinMs === 0
    ? rest
    : { ...rest, recheckAt: unansweredAt + landsWithinMs };
}

/** The sending of a mail: with it, the mail is out of our hands (N3). */
const isSending = ({ op, entry }: Write): boolean =>
  op !== "retract" && entry.kind === "notice" && entry.final;

/** Sent without an answer, and not there any more: people may have filed it away, or deleted it unsent. Nobody may send it twice. */
const isLostMail = (write: Write): boolean => isSending(write) && write.maybeSent;

type Of<Is extends Answer["is"]> = Extract<Answer, { readonly is: Is }>;

function written(write: Write, begun: Row, answer: Of<"written">, options: SettleOptions): Row {
  const { now } = options;
  // What was sent stays sent, whatever lands after it.
  const { landsWithinMs: _l, ...once } = options;
  const looked = withRecheck(begun, isSending(write) ? once : options);
  const { sending: _s, reason: _r, written: _w, ...rest } = looked;
  const known = {
    ...rest,
    receipt: merged(begun.receipt, answer.receipt),
    attempts: 0,
    warnings: all(write, answer.warnings),
  };
  // There though we never sent it (the store was restored from a backup): ours, but of unknown content. The next plan writes all of it.
  if (write.op === "put" && answer.how === "already" && !write.maybeSent)
    return { ...known, state: "open", sending: write.entry, maybeSent: true, wakeAt: now };
  const made = answer.how === "appended" ? (begun.made ?? write.entry) : write.entry;
  return {
    ...known,
    state: "written",
    written: write.entry,
    made,
    maybeSent: false,
    writtenAt: now,
  };
}

function removed(write: Write, begun: Row, answer: Of<"removed">, options: SettleOptions): Row {
  const { reason: _r, removing: _m, ...rest } = withRecheck(begun, options);
  const kept: readonly Warning[] =
    answer.how === "kept" && !answer.warnings?.some(({ code }) => code === "keptInCrm")
      ? [
          {
            code: "keptInCrm",
            text: "It is no longer wanted, but the CRM did not let Wrapup take it away.",
          },
        ]
      : [];
  return {
    ...rest,
    state: "removed",
    sending: write.entry,
    maybeSent: false,
    attempts: 0,
    warnings: [...(answer.warnings ?? []), ...kept],
  };
}

/**
 * A person deleted it, with the links that it was known to have. A link that was only on its way there was hardly theirs to delete:
 * it finds another slot.
 */
function gone(write: Write, begun: Row): Row {
  const { reason: _r, removing: _m, sending: _s, ...rest } = begun;
  const seen = write.op === "amend" ? (begun.written ?? begun.made) : undefined;
  return {
    ...rest,
    state: write.op === "retract" ? "removed" : "gone",
    ...(seen === undefined ? { sending: write.entry } : { written: seen }),
    maybeSent: false,
    attempts: 0,
  };
}

/** Core relinks and plans anew. Should that not help, it backs off, and in the end waits for a person. */
function moved(write: Write, begun: Row, answer: Of<"moved">, options: SettleOptions): Row {
  const reason = "A linked record was merged or converted in the CRM.";
  if (begun.attempts >= options.maxAttempts)
    return parked(
      write,
      begun,
      `${reason} Following it did not help.`,
      mayStillBeThere(write, "notFound"),
    );
  const wakeAt = options.now + (begun.attempts <= 2 ? 0 : backoff(begun.attempts, options.jitter));
  return {
    ...doubtful(write, begun, mayStillBeThere(write, "notFound")),
    ...(options.deleted === true && { sending: followed(write.entry, answer) }),
    reason,
    wakeAt,
  };
}

/** The entry with its links where the record went. */
function followed(entry: Entry, { from, to }: Of<"moved">): Entry {
  const roles = Object.entries(entry.roles).map(([role, refs]) => {
    const now = refs.map((ref) => (recordKey(ref) === recordKey(from) ? to : ref));
    return [role, [...new Map(now.map((ref) => [recordKey(ref), ref])).values()]] as const;
  });
  return { ...entry, roles: Object.fromEntries(roles) };
}

function retried(write: Write, begun: Row, answer: Of<"retry">, options: SettleOptions): Row {
  const maybeSent = write.maybeSent || answer.sent === "maybe";
  const pause = pauseOf(answer);
  const { receipt } = answer;
  const known =
    receipt === undefined ? begun : { ...begun, receipt: merged(begun.receipt, receipt) };
  if (pause === undefined && begun.attempts >= options.maxAttempts)
    return parked(
      write,
      known,
      `gave up after ${begun.attempts} tries: ${answer.reason}`,
      maybeSent,
    );
  // The gate holds paused ones back; whoever resumes it need not wait for a moment that was set before.
  const wakeAt =
    pause === undefined
      ? options.now +
        Math.min(
          longestWaitMs,
          Math.max(answer.afterMs ?? 0, backoff(begun.attempts, options.jitter)),
        )
      : options.now;
  // A pause is nobody's failure: it does not count as a try.
  const attempts = begun.attempts - (pause === undefined ? 0 : 1);
  const unanswered = answer.sent === "maybe" ? { unansweredAt: options.now } : {};
  return {
    ...known,
    ...unanswered,
    state: "open",
    maybeSent,
    attempts,
    wakeAt,
    reason: answer.reason,
  };
}

/** Waits for a person, or for another wish. */
const parked = (write: Write, begun: Row, reason: string, maybeSent: boolean): Row => ({
  ...doubtful(write, begun, maybeSent),
  state: "parked",
  reason: maybeSent && isSending(write) ? `maybe sent: ${reason}` : reason,
});

/** A write that is given up though it may have been sent leaves a row of unknown content: what was written tells nothing any more. */
function doubtful(write: Write, begun: Row, maybeSent: boolean): Row {
  const { written, ...rest } = begun;
  const known = write.op !== "amend" || !maybeSent;
  return { ...rest, ...(known && written !== undefined && { written }), state: "open", maybeSent };
}

/**
 * Whether an earlier attempt of a write that is now refused may have landed. A put that may have been sent looks first, so its refusal
 * proves that nothing is there, unless the CRM did not let it look.
 */
const mayStillBeThere = (write: Write, why: Refusal): boolean =>
  write.maybeSent && (write.op !== "put" || why === "permission" || why === "unsupported");

/** The adapter broke its contract; repeating cannot help. */
const misanswered = (write: Write, begun: Row, answer: Answer): Row =>
  parked(write, begun, `the adapter answered "${answer.is}" to a ${write.op}`, true);

/** 1 s doubled with each try, at most 15 min; the upper half of it is left to chance. */
const backoff = (attempts: number, jitter: number): number =>
  Math.round(
    Math.min(longestRetryMs, firstRetryMs * 2 ** Math.min(attempts - 1, 30)) * (0.5 + jitter / 2),
  );

const refusals: Readonly<Record<Refusal, string>> = {
  validation: "the CRM refused the content",
  permission: "the CRM did not allow it",
  duplicate: "the CRM sees a duplicate",
  notFound: "a linked record is not in the CRM any more",
  unsupported: "this CRM cannot do it",
};

const merged = (old: Receipt | undefined, fresh: Receipt): Receipt =>
  old?.url !== undefined && fresh.url === undefined ? { ...fresh, url: old.url } : fresh;

const all = (write: Write, more: readonly Warning[] = []): readonly Warning[] =>
  more.length === 0 ? write.entry.warnings : [...write.entry.warnings, ...more];
