import type { Entry } from "../model/entry.ts";
import type { Interaction, Mail } from "../model/interaction.ts";
import { isSent, type Row } from "../model/ledger.ts";
import type { Warning } from "../model/warning.ts";
import { entryKey } from "./key.ts";
import { writtenAs } from "./standing.ts";
import type { Setup } from "./wanted.ts";

/**
 * The mails of an interaction that one connection sends, each in two steps that the ledger keeps (N3): first a draft (`final: false`),
 * then, once its receipt is kept, the sending of that very draft (`final: true`). Whatever gets lost, repeating a step makes another
 * draft at the worst, never a second mail. What was sent stands as it is, whatever is wished.
 */
export function mails(
  { mails: told, id, deleted }: Pick<Interaction, "mails" | "id" | "deleted">,
  setup: Setup,
  rows: readonly Row[],
): readonly Entry[] {
  const sent = rows.flatMap((row) => (isSent(row) && row.written ? [row.written] : []));
  if (deleted !== undefined) return sent;
  const done = new Set(sent.map(({ key }) => key));
  const mine = told.filter(({ via }) => via === setup.connectionName);
  const waiting = mine.map((mail) => mailEntry(mail, id, setup, rows));
  return [...sent, ...waiting.filter(({ key }) => !done.has(key))];
}

function mailEntry(mail: Mail, interaction: string, setup: Setup, rows: readonly Row[]): Entry {
  const { tenant, connection } = setup;
  const key = entryKey({
    tenant,
    connection,
    interaction,
    leg: mail.id,
    kind: "notice",
    slot: 0,
  });
  const drafted = rows.some((row) => row.key === key && row.receipt !== undefined);
  // A draft stays in the mailbox it was made in, whoever the agent's would be by now.
  const old = writtenAs(rows, key);
  if (old !== undefined) return { ...old, final: old.final || drafted };
  const { owner, fallback } = setup.ownerOf(mail.agent);
  return {
    key,
    kind: "notice",
    leg: mail.id,
    slot: 0,
    type: "mail",
    fields: {
      to: mail.to.join(", "),
      ...(mail.cc !== undefined && { cc: mail.cc.join(", ") }),
      subject: mail.subject,
      text: mail.text,
    },
    roles: {},
    ...(owner !== undefined && { owner }),
    final: false,
    touches: [],
    warnings: owner !== undefined && fallback ? [otherMailbox] : [],
  };
}

const otherMailbox: Warning = {
  code: "ownerFallback",
  text: "The agent has no mailbox there, so the mail goes out from the fallback one.",
};
