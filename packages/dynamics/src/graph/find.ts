import type { Context } from "@wrapup/core";
import { z } from "zod";
import { listOf } from "../http.ts";
import { markerId } from "./draft.ts";
import type { Mail } from "./draft.ts";
import { errorIn, verdictOf } from "./errors.ts";
import type { GraphError, GraphReply } from "./errors.ts";
import type { Mailboxes } from "./mailbox.ts";
import { unexpected } from "./mailbox.ts";

/** A message as it stands in its mailbox. `trashed`: it is in Deleted Items. */
export type Message = {
  readonly id: string;
  readonly isDraft: boolean;
  readonly trashed: boolean;
};

/** What was found, or Graph's refusal. */
export type Found<T> = { readonly found: T } | { readonly refused: GraphError };

const idText = z.string().regex(/^[\w+/=-]{1,1024}$/);
const rowSchema = z.object({
  id: idText,
  isDraft: z.boolean(),
  parentFolderId: z.string(),
  createdDateTime: z.string(),
});
const listSchema = z.object({ value: listOf(rowSchema, 1_000) });
const folderSchema = z.object({ id: z.string().min(1) });
const recipientsSchema = listOf(
  z.object({ emailAddress: z.object({ address: z.string().default("") }) }),
  10_000,
).transform((all) => all.map(({ emailAddress }) => emailAddress.address));
const wholeSchema = rowSchema.extend({
  subject: z.string().nullish(),
  body: z.object({ content: z.string() }),
  toRecipients: recipientsSchema,
  ccRecipients: recipientsSchema,
});

const rowNames = "id,isDraft,parentFolderId,createdDateTime";

/** Reads what a reply should hold; a refusal is handed on. Throws `CrmError` for anything else. */
const readAs = <T>(
  schema: z.ZodType<T>,
  reply: GraphReply,
  what: string,
  sent: "no" | "maybe" = "no",
): Found<T> => {
  if (reply.status >= 300) return { refused: errorIn(reply) };
  const read = schema.safeParse(reply.body);
  if (!read.success) throw unexpected(what, sent);
  return { found: read.data };
};

/** Looks for messages; keeps each mailbox's id of Deleted Items, which never changes. */
export type Finder = ReturnType<typeof createFinder>;

export const createFinder = (mailboxes: Mailboxes) => {
  const trash = new Map<string, string>();

  const trashOf = async (mailbox: string, context: Context): Promise<string> => {
    const known = trash.get(mailbox);
    if (known !== undefined) return known;
    const reply = await mailboxes.ask(
      mailbox,
      { method: "GET", path: "mailFolders/deleteditems?$select=id" },
      context,
    );
    const read = readAs(folderSchema, reply, "a folder without an id");
    const id = "found" in read ? read.found.id : "";
    if (trash.size > 10_000) trash.clear();
    if (id !== "") trash.set(mailbox, id);
    return id;
  };

  /** Every message with a marker, in all folders, Deleted Items among them; oldest first. Throws `CrmError`. */
  const byMarker = async (
    mailbox: string,
    marker: string,
    context: Context,
  ): Promise<Found<readonly Message[]>> => {
    const filter = `singleValueExtendedProperties/Any(ep: ep/id eq '${markerId}' and ep/value eq '${marker}')`;
    const reply = await mailboxes.ask(
      mailbox,
      {
        method: "GET",
        path: `messages?$filter=${encodeURIComponent(filter)}&$select=${rowNames}&$top=50`,
      },
      context,
    );
    const read = readAs(listSchema, reply, "a list of messages without ids");
    if ("refused" in read) return read;
    const rows = read.found.value.toSorted(
      (a, b) => a.createdDateTime.localeCompare(b.createdDateTime) || a.id.localeCompare(b.id),
    );
    const trashId = rows.some(({ isDraft }) => isDraft) ? await trashOf(mailbox, context) : "";
    return {
      found: rows.map(({ id, isDraft, parentFolderId }) => ({
        id,
        isDraft,
        trashed: parentFolderId === trashId,
      })),
    };
  };

  /** One message with its content; a refusal where it is not there. Throws `CrmError`. */
  const byId = async (
    mailbox: string,
    id: string,
    context: Context,
  ): Promise<Found<Message & { readonly mail: Mail }>> => {
    const names = `${rowNames},subject,body,toRecipients,ccRecipients`;
    const reply = await mailboxes.ask(
      mailbox,
      { method: "GET", path: `messages/${encodeURIComponent(id)}?$select=${names}` },
      context,
    );
    const read = readAs(wholeSchema, reply, "a message without its parts");
    if ("refused" in read) return read;
    const { isDraft, parentFolderId, subject, body, toRecipients, ccRecipients } = read.found;
    return {
      found: {
        id: read.found.id,
        isDraft,
        trashed: isDraft && parentFolderId === (await trashOf(mailbox, context)),
        mail: { subject: subject ?? "", text: body.content, to: toRecipients, cc: ccRecipients },
      },
    };
  };

  return { byMarker, byId };
};

/** Whether a refusal says that the message is not there, while its mailbox is. */
export const isGone = (refused: GraphError): boolean => verdictOf(refused).does === "itemGone";

/** The message that stands for a marker: what was sent goes before drafts, and of these the oldest that nobody threw away. */
export const standing = (messages: readonly Message[]): Message | undefined =>
  messages.find(({ isDraft }) => !isDraft) ?? messages.find(({ trashed }) => !trashed);

const created = z.object({ id: idText });

/** The id in the answer to a new draft. Throws `CrmError` where there is none: the draft may be there. */
export const createdId = (reply: GraphReply): Found<string> => {
  const read = readAs(created, reply, "a draft without an id", "maybe");
  return "refused" in read ? read : { found: read.found.id };
};
