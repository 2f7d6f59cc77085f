import { problem, Refusal } from "../problem.ts";
import type { MessageContent } from "./mailboxes.ts";

type Json = Readonly<Record<string, unknown>>;

const isJson = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** [R answers on RequestBodyRead] A property that its type does not have. */
const unknownProperty = (name: string, type: string): Refusal =>
  new Refusal(
    problem(
      400,
      "RequestBodyRead",
      `The property '${name}' does not exist on type 'microsoft.graph.${type}'. Make sure to only use property names that are defined by the type.`,
    ),
  );

const wrongType = (name: string): Refusal =>
  new Refusal(
    problem(400, "RequestBodyRead", `A value of the wrong type was found for property '${name}'.`),
  );

const invalid = (code: string, message: string): Refusal =>
  new Refusal(problem(400, code, message));

function objectAt(value: unknown, name: string, type: string, known: readonly string[]): Json {
  if (!isJson(value)) throw wrongType(name);
  for (const key of Object.keys(value))
    if (!known.includes(key) && key !== "@odata.type") throw unknownProperty(key, type);
  return value;
}

function textAt(value: unknown, name: string): string {
  if (typeof value !== "string") throw wrongType(name);
  return value;
}

function listAt(value: unknown, name: string): readonly unknown[] {
  if (!Array.isArray(value)) throw wrongType(name);
  return value;
}

function recipient(value: unknown, name: string): string {
  const one = objectAt(value, name, "recipient", ["emailAddress"]);
  const address = objectAt(one["emailAddress"], name, "emailAddress", ["address", "name"]);
  if (address["name"] !== undefined) textAt(address["name"], name);
  return textAt(address["address"], name);
}

const recipients = (value: unknown, name: string): readonly string[] =>
  listAt(value, name).map((one) => recipient(one, name));

function bodyOf(value: unknown): MessageContent["body"] {
  const body = objectAt(value, "body", "itemBody", ["contentType", "content"]);
  const contentType = textAt(body["contentType"] ?? "text", "contentType").toLowerCase();
  if (contentType !== "text" && contentType !== "html")
    throw invalid(
      "RequestBodyRead",
      `Cannot convert the literal '${contentType}' to the expected type 'microsoft.graph.bodyType'.`,
    );
  return { contentType, content: textAt(body["content"] ?? "", "content") };
}

const guid = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";

/** Formats of an id: a named property of one's own, or a MAPI tag [extended-properties-overview, id formats]. */
const markId = new RegExp(`^String (?:\\{${guid}\\} (?:Name .+|Id 0x[0-9a-f]+)|0x[0-9a-f]+)$`, "i");

/** Throws where `id` is no id of a text property. */
export function checkMarkId(id: string): string {
  if (!markId.test(id))
    throw invalid(
      "ErrorInvalidProperty",
      "The extended property attribute combination is invalid.",
    );
  return id;
}

function marksOf(value: unknown): Readonly<Record<string, string>> {
  const marks: Record<string, string> = {};
  for (const one of listAt(value, "singleValueExtendedProperties")) {
    const mark = objectAt(
      one,
      "singleValueExtendedProperties",
      "singleValueLegacyExtendedProperty",
      ["id", "value"],
    );
    marks[checkMarkId(textAt(mark["id"], "id"))] = textAt(mark["value"], "value");
  }
  return marks;
}

/** Custom headers: names begin with x-, few of them, only when the message is created [message resource, facts §3]. */
function checkHeaders(value: unknown): void {
  const headers = listAt(value, "internetMessageHeaders");
  if (headers.length > 5)
    throw invalid("InvalidInternetMessageHeaderCollection", "Maximum number of headers is 5.");
  for (const one of headers) {
    const header = objectAt(one, "internetMessageHeaders", "internetMessageHeader", [
      "name",
      "value",
    ]);
    textAt(header["value"], "value");
    if (!/^x-/i.test(textAt(header["name"], "name")))
      throw invalid(
        "InvalidInternetMessageHeader",
        "The internet message header name should start with 'x-' or 'X-'.",
      );
  }
}

/** [?] Exchange keeps at most 255 characters of a subject; how it refuses more is not documented. */
const longestSubject = 255;

const empty: MessageContent = {
  subject: "",
  body: { contentType: "text", content: "" },
  to: [],
  cc: [],
  bcc: [],
  replyTo: [],
  marks: {},
};

/** Properties of a message that may be written, of those that are of use to a mail that a service sends. */
const readers: Readonly<Record<string, (value: unknown) => Partial<MessageContent>>> = {
  subject: (value) => {
    const subject = textAt(value, "subject");
    if (subject.length > longestSubject)
      throw invalid("ErrorInvalidArgument", "The subject is too long.");
    return { subject };
  },
  body: (value) => ({ body: bodyOf(value) }),
  toRecipients: (value) => ({ to: recipients(value, "toRecipients") }),
  ccRecipients: (value) => ({ cc: recipients(value, "ccRecipients") }),
  bccRecipients: (value) => ({ bcc: recipients(value, "bccRecipients") }),
  replyTo: (value) => ({ replyTo: recipients(value, "replyTo") }),
  from: (value) => ({ from: recipient(value, "from") }),
  singleValueExtendedProperties: (value) => ({ marks: marksOf(value) }),
  importance: (value) => {
    if (!["low", "normal", "high"].includes(textAt(value, "importance").toLowerCase()))
      throw wrongType("importance");
    return {};
  },
};

/** One property as it is read; throws for a name that a message does not have. `creating`: headers may be given. */
function readProperty(name: string, value: unknown, creating: boolean): Partial<MessageContent> {
  if (name === "@odata.type") return {};
  if (name === "internetMessageHeaders" && creating) {
    checkHeaders(value);
    return {};
  }
  const reader = Object.hasOwn(readers, name) ? readers[name] : undefined;
  if (reader === undefined) throw unknownProperty(name, "message");
  return reader(value);
}

/** What a message's JSON says, over what it was; strict about names and types. */
export function readMessage(
  body: unknown,
  was: MessageContent = empty,
  creating = true,
): MessageContent {
  if (!isJson(body)) throw invalid("BadRequest", "Empty Payload. JSON content expected.");
  return Object.entries(body)
    .map(([name, value]) => readProperty(name, value, creating))
    .reduce<MessageContent>((whole, part) => merged(whole, part), was);
}

const merged = (whole: MessageContent, part: Partial<MessageContent>): MessageContent => ({
  ...whole,
  ...part,
  marks: { ...whole.marks, ...part.marks },
});

const address = /^[^\s@<>,;"]+@[^\s@<>,;"]+$/;

/** What is checked when it is sent: somebody must get it, and each must have an address. */
export function checkSendable(content: MessageContent): void {
  const all = [...content.to, ...content.cc, ...content.bcc];
  if (all.length === 0 || !all.every((one) => address.test(one)))
    throw invalid("ErrorInvalidRecipients", "At least one recipient isn't valid.");
  if (all.length > 500)
    throw invalid("ErrorExceededMaxRecipientLimit", "The message exceeds 500 recipients.");
}
