import type { Answer } from "../http/call.ts";
import { problem, Refusal } from "../problem.ts";
import type { DirectoryUser } from "./directory.ts";
import type { Folder, Mailboxes, Message } from "./mailboxes.ts";
import { checkMarkId, checkSendable, readMessage } from "./message-content.ts";
import { readMarkExpand, readMarkFilter, readOptions, readSelect, readTop } from "./odata.ts";
import type { GraphCall } from "./serve-graph.ts";

/** One request to the mail of one mailbox. */
export type MailCall = {
  readonly mailboxes: Mailboxes;
  readonly mailbox: DirectoryUser;
  readonly call: GraphCall;
};

const known = [
  "id",
  "subject",
  "body",
  "bodyPreview",
  "from",
  "sender",
  "toRecipients",
  "ccRecipients",
  "bccRecipients",
  "replyTo",
  "isDraft",
  "parentFolderId",
  "createdDateTime",
  "lastModifiedDateTime",
  "sentDateTime",
  "internetMessageId",
  "changeKey",
  "webLink",
];

/** Folder ids by their well-known names; containers have constant ids [outlook-immutable-id]. */
export const folderIds: Readonly<Record<Folder, string>> = {
  drafts: "AAMkAGZvbGRlcgDraftsAAA=",
  sentItems: "AAMkAGZvbGRlcgSentItAAA=",
  deletedItems: "AAMkAGZvbGRlcgDeletedAAA=",
};

const preferences = (call: GraphCall): string => call.headers["prefer"] ?? "";

/** `Prefer: IdType="ImmutableId"`, for this request only. */
const wantsImmutable = (call: GraphCall): boolean =>
  /(?:^|[,;\s])IdType\s*=\s*"ImmutableId"/i.test(preferences(call));

const recipient = (address: string) => ({ emailAddress: { name: address, address } });

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** Bodies come back as HTML unless the request prefers text [user-list-messages: Prefer outlook.body-content-type]. */
function bodyAs(message: Message, call: GraphCall) {
  const { contentType, content } = message.content.body;
  if (/outlook\.body-content-type\s*=\s*"?text/i.test(preferences(call)))
    return { contentType: "text", content: content.replaceAll(/\r?\n/g, "\r\n") };
  return contentType === "html"
    ? { contentType, content }
    : {
        contentType: "html",
        content: `<html><body>${escaped(content).replaceAll(/\r?\n/g, "<br>\r\n")}</body></html>`,
      };
}

const iso = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+Z$/, "Z");

function shown(
  message: Message,
  call: GraphCall,
  names: readonly string[] | undefined,
  expand: string | undefined,
): Record<string, unknown> {
  const id = wantsImmutable(call) ? message.immutableId : message.ordinaryId;
  const from = recipient(message.content.from ?? message.mailbox.mail ?? "");
  const all: Readonly<Record<string, unknown>> = {
    id,
    subject: message.content.subject,
    body: bodyAs(message, call),
    bodyPreview: message.content.body.content.slice(0, 255),
    from,
    sender: from,
    toRecipients: message.content.to.map(recipient),
    ccRecipients: message.content.cc.map(recipient),
    bccRecipients: message.content.bcc.map(recipient),
    replyTo: message.content.replyTo.map(recipient),
    isDraft: message.isDraft,
    parentFolderId: folderIds[message.folder],
    createdDateTime: iso(message.createdAt),
    lastModifiedDateTime: iso(message.modifiedAt),
    sentDateTime: iso(message.sentAt ?? message.createdAt),
    internetMessageId: `<${message.createdAt}.${message.mailbox.id}@emulator.invalid>`,
    changeKey: `CQAAABYA${message.version}`,
    webLink: `https://outlook.office365.com/owa/?ItemID=${encodeURIComponent(message.ordinaryId)}&viewmodel=ReadMessageItem`,
  };
  const mark = expand === undefined ? undefined : message.content.marks[expand];
  return {
    "@odata.etag": `W/"CQAAABYA${message.version}"`,
    ...Object.fromEntries(["id", ...(names ?? known)].map((name) => [name, all[name]])),
    ...(mark !== undefined && { singleValueExtendedProperties: [{ id: expand, value: mark }] }),
  };
}

const expansion = (options: ReadonlyMap<string, string>): string | undefined => {
  const expand = options.get("$expand");
  return expand === undefined ? undefined : checkMarkId(readMarkExpand(expand));
};

/** `messages`, of the whole mailbox with Deleted Items, or of one folder: pages of 10 unless `$top` says more. */
export function listMessages({ mailboxes, mailbox, call }: MailCall, folder?: Folder): Answer {
  const options = readOptions(call.query, ["$select", "$filter", "$top", "$expand"]);
  const names = readSelect(options.get("$select"), known, "message");
  const expand = expansion(options);
  const text = options.get("$filter");
  const filter = text === undefined ? undefined : readMarkFilter(text);
  if (filter !== undefined) checkMarkId(filter.id);
  const found = mailboxes
    .visible(mailbox)
    .filter((message) => folder === undefined || message.folder === folder)
    .filter(
      // The name in an id is compared with its case, the value without [singlevaluelegacyextendedproperty-get].
      (message) =>
        filter === undefined ||
        message.content.marks[filter.id]?.toLowerCase() === filter.value.toLowerCase(),
    )
    .slice(0, readTop(options.get("$top"), 1000) ?? 10);
  return {
    status: 200,
    body: {
      "@odata.context": "…/$metadata#messages",
      value: found.map((message) => shown(message, call, names, expand)),
    },
  };
}

/** `POST messages`: a draft, 201 with its id. */
export function createMessage({ mailboxes, mailbox, call }: MailCall): Answer {
  const message = mailboxes.createDraft(mailbox, readMessage(call.body));
  return { status: 201, body: shown(message, call, undefined, undefined) };
}

const found = ({ mailboxes, mailbox, call }: MailCall, id: string): Message =>
  mailboxes.get(mailbox, id, wantsImmutable(call));

export function getMessage(at: MailCall, id: string): Answer {
  const options = readOptions(at.call.query, ["$select", "$expand"]);
  const names = readSelect(options.get("$select"), known, "message");
  return { status: 200, body: shown(found(at, id), at.call, names, expansion(options)) };
}

/** `PATCH`: what is in the body of a sent mail stays as it is [message-update: "only if isDraft = true"]. */
export function updateMessage(at: MailCall, id: string): Answer {
  const message = found(at, id);
  const next = readMessage(at.call.body, message.content, false);
  if (!message.isDraft)
    throw new Refusal(
      problem(400, "ErrorInvalidPropertySet", "Set action is invalid for property."),
    );
  at.mailboxes.change(message, next);
  return { status: 200, body: shown(message, at.call, undefined, undefined) };
}

export function deleteMessage(at: MailCall, id: string): Answer {
  at.mailboxes.delete(found(at, id));
  return { status: 204 };
}

/** `messages/{id}/send`: 202 and nothing else; it is no proof of delivery. */
export function sendMessage(at: MailCall, id: string): Answer {
  const message = found(at, id);
  checkSendable(message.content);
  at.mailboxes.send(message);
  return { status: 202 };
}

/** `sendMail`: 202 without an id; sent again, it goes out again. */
export function sendMail({ mailboxes, mailbox, call }: MailCall): Answer {
  const body: unknown = call.body;
  const given =
    typeof body === "object" && body !== null
      ? new Map(Object.entries(body))
      : new Map<string, unknown>();
  for (const name of given.keys())
    if (name !== "message" && name !== "saveToSentItems")
      throw new Refusal(problem(400, "BadRequest", `The parameter '${name}' is not known.`));
  const save: unknown = given.get("saveToSentItems") ?? true;
  if (typeof save !== "boolean")
    throw new Refusal(problem(400, "RequestBodyRead", "saveToSentItems must be a boolean."));
  const content = readMessage(given.get("message"));
  checkSendable(content);
  mailboxes.sendNew(mailbox, content, save);
  return { status: 202 };
}
