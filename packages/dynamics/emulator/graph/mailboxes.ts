import { Buffer } from "node:buffer";
import type { EmulatorOptions, StoredMail } from "../options.ts";
import { problem, Refusal } from "../problem.ts";
import type { DirectoryUser } from "./directory.ts";

/** What a message is made of, as a request gave it. */
export type MessageContent = {
  readonly subject: string;
  readonly body: { readonly contentType: "text" | "html"; readonly content: string };
  readonly to: readonly string[];
  readonly cc: readonly string[];
  readonly bcc: readonly string[];
  readonly replyTo: readonly string[];
  readonly from?: string;
  /** Values of single-value extended properties by their id. */
  readonly marks: Readonly<Record<string, string>>;
};

export type Folder = StoredMail["folder"];

/** One message. Which ids are good for it is told by `idsOf`. */
export type Message = {
  /** Stays while the message is in its mailbox. */
  immutableId: string;
  /** Changes whenever the message moves to another folder. */
  ordinaryId: string;
  readonly mailbox: DirectoryUser;
  content: MessageContent;
  isDraft: boolean;
  folder: Folder;
  readonly createdAt: number;
  modifiedAt: number;
  version: number;
  sentAt?: number;
  /** A sent mail's copy is found from then on. */
  visibleFrom: number;
  deleted: boolean;
};

/** Requests at once per app and mailbox [throttling-limits: Outlook service]. */
const mostAtOnce = 4;

const itemNotFound = (): Refusal =>
  new Refusal(
    problem(404, "ErrorItemNotFound", "The specified object was not found in the store."),
  );

/** All mail of the emulated tenant. */
export class Mailboxes {
  readonly #now: () => number;
  readonly #nextId: () => string;
  readonly #options: Pick<EmulatorOptions, "sentItemsLagMs" | "sentKeepsImmutableId">;
  readonly #busy = new Map<string, number>();
  #messages: Message[] = [];

  constructor(
    now: () => number,
    nextId: () => string,
    options: Pick<EmulatorOptions, "sentItemsLagMs" | "sentKeepsImmutableId"> = {},
  ) {
    this.#now = now;
    this.#nextId = nextId;
    this.#options = options;
  }

  /** Counts a request in; answers how to count it out, or `undefined` when too many are at work on this mailbox already. */
  enter(mailbox: DirectoryUser): (() => void) | undefined {
    const busy = this.#busy.get(mailbox.id) ?? 0;
    if (busy >= mostAtOnce) return undefined;
    this.#busy.set(mailbox.id, busy + 1);
    return () => this.#busy.set(mailbox.id, (this.#busy.get(mailbox.id) ?? 1) - 1);
  }

  createDraft(mailbox: DirectoryUser, content: MessageContent): Message {
    const now = this.#now();
    const message: Message = {
      immutableId: `AAkALg${this.#freshId()}`,
      ordinaryId: `AAMkAG${this.#freshId()}`,
      mailbox,
      content,
      isDraft: true,
      folder: "drafts",
      createdAt: now,
      modifiedAt: now,
      version: 1,
      visibleFrom: now,
      deleted: false,
    };
    this.#messages.push(message);
    return message;
  }

  /** What can be found in a mailbox now: deleted items too, as in the documented list of messages; oldest first. */
  visible(mailbox: DirectoryUser): readonly Message[] {
    const now = this.#now();
    return this.#messages.filter(
      (message) =>
        !message.deleted && message.visibleFrom <= now && message.mailbox.id === mailbox.id,
    );
  }

  /** Throws 404 ErrorItemNotFound. An immutable id is known only to requests that ask for such ids. */
  get(mailbox: DirectoryUser, id: string, immutable: boolean): Message {
    const found = this.visible(mailbox).find((message) =>
      immutable ? message.immutableId === id : message.ordinaryId === id,
    );
    if (found === undefined) throw itemNotFound();
    return found;
  }

  change(message: Message, content: MessageContent): void {
    message.content = content;
    message.modifiedAt = this.#now();
    message.version += 1;
  }

  /** Sends a draft; its copy is seen in Sent Items, later where there is a lag. */
  send(message: Message): void {
    if (!message.isDraft)
      // [?] What Exchange says to sending what was sent; it is no draft, so nothing goes out.
      throw new Refusal(
        problem(400, "ErrorInvalidRequest", "The message is not a draft and can't be sent."),
      );
    const now = this.#now();
    message.isDraft = false;
    message.sentAt = now;
    message.visibleFrom = now + (this.#options.sentItemsLagMs ?? 0);
    if (this.#options.sentKeepsImmutableId === false)
      message.immutableId = `AAkALg${this.#freshId()}`;
    this.#move(message, "sentItems");
  }

  /** Sends without a draft; what is not saved is remembered as deleted. */
  sendNew(mailbox: DirectoryUser, content: MessageContent, save: boolean): void {
    const message = this.createDraft(mailbox, content);
    this.send(message);
    message.deleted = !save;
  }

  /** As the API deletes: to Deleted Items first, from there for good. */
  delete(message: Message): void {
    if (message.folder === "deletedItems") message.deleted = true;
    else this.#move(message, "deletedItems");
  }

  #move(message: Message, folder: Folder): void {
    message.folder = folder;
    message.ordinaryId = `AAMkAG${this.#freshId()}`;
    message.modifiedAt = this.#now();
    message.version += 1;
  }

  /** Every mail that ever was, oldest first, as the probe shows it; `id` is the immutable one. */
  all(): readonly StoredMail[] {
    return this.#messages.map((message) => ({
      id: message.immutableId,
      mailbox: message.mailbox.mail ?? message.mailbox.userPrincipalName,
      isDraft: message.isDraft,
      folder: message.folder,
      subject: message.content.subject,
      body: message.content.body,
      from: message.content.from ?? message.mailbox.mail ?? message.mailbox.userPrincipalName,
      to: message.content.to,
      cc: message.content.cc,
      replyTo: message.content.replyTo,
      marks: message.content.marks,
      ...(message.sentAt !== undefined && { sentAt: message.sentAt }),
      deleted: message.deleted,
    }));
  }

  /** A person removes a mail for good. */
  remove(id: string): void {
    const found = this.#messages.find((message) => message.immutableId === id && !message.deleted);
    if (found === undefined) throw new Error(`emulator: no mail ${id}`);
    found.deleted = true;
  }

  clear(): void {
    this.#messages = [];
    this.#busy.clear();
  }

  /** Ids look like base64url with `=` at the end, as Exchange's do: they must be encoded in addresses. */
  #freshId(): string {
    return `${Buffer.from(this.#nextId()).toString("base64url")}AAA=`;
  }
}
