import { randomUUID } from "node:crypto";
import type { Answer } from "../http/call.ts";
import type { Org } from "../org.ts";
import type { Problem } from "../problem.ts";
import { problem, Refusal } from "../problem.ts";
import type { DirectoryUser } from "./directory.ts";
import type { Folder } from "./mailboxes.ts";
import {
  createMessage,
  deleteMessage,
  folderIds,
  getMessage,
  listMessages,
  sendMail,
  sendMessage,
  updateMessage,
} from "./messages.ts";
import type { MailCall } from "./messages.ts";
import { getUser, listUsers, noUser } from "./users.ts";

/** One request to Graph, whose token has been checked already. */
export type GraphCall = {
  readonly method: string;
  /** Below `/v1.0/`, still percent-encoded, without the query: `users/…/messages`. A leading slash does no harm. */
  readonly path: string;
  /** Without the question mark, still percent-encoded. */
  readonly query: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Parsed JSON; `undefined` for none. */
  readonly body: unknown;
};

/** The parts of Graph that are served; everything else is answered 400, as an unknown segment. */
type GraphOrg = Pick<Org, "directory" | "mailboxes" | "options" | "now">;

const segmentsOf = (path: string): readonly string[] =>
  path
    .replace(/^\//, "")
    .split("/")
    .map((part) => decodeURIComponent(part));

/** Errors of Graph name the request [errors: resource representation]. */
export function graphAnswer(found: Problem, now: number): Answer {
  const id = randomUUID();
  const date = new Date(now).toISOString().slice(0, 19);
  return {
    status: found.status,
    headers: { "request-id": id, ...found.headers },
    body: {
      error: {
        code: found.code,
        message: found.message,
        innerError: { date, "request-id": id, "client-request-id": id },
      },
    },
  };
}

const denied = (code: string, message: string): Refusal => new Refusal(problem(403, code, message));

function allow(org: GraphOrg, what: "users" | "mail"): void {
  if (!(org.options.missingGraphPermissions ?? []).includes(what)) return;
  // Entra and Exchange each have a code of their own for it [resolve-auth-errors; issues].
  throw what === "users"
    ? denied("Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
    : denied("ErrorAccessDenied", "Access is denied. Check credentials and try again.");
}

/** The mailbox a path names. Throws what Exchange says where there is none. */
function mailboxAt(org: GraphOrg, key: string): DirectoryUser {
  const user = org.directory.findMailbox(key);
  if (user === undefined)
    throw key.includes("@")
      ? new Refusal(problem(404, "ErrorInvalidUser", `The requested user '${key}' is invalid.`))
      : noUser(key);
  if (!user.mailbox)
    throw new Refusal(
      problem(
        404,
        "MailboxNotEnabledForRESTAPI",
        "The mailbox is either inactive, soft-deleted, or is hosted on-premise.",
      ),
    );
  return user;
}

const unknownSegment = (segment: string): Refusal =>
  new Refusal(problem(400, "BadRequest", `Resource not found for the segment '${segment}'.`));

const notAllowed = (): Refusal =>
  new Refusal(problem(405, "MethodNotAllowed", "Specified HTTP method is not allowed."));

const folderNamed = (key: string): Folder => {
  const name = key.toLowerCase();
  for (const folder of ["drafts", "sentItems", "deletedItems"] as const)
    if (name === folder.toLowerCase() || key === folderIds[folder]) return folder;
  throw new Refusal(
    problem(404, "ErrorItemNotFound", "The specified object was not found in the store."),
  );
};

function serveFolders(at: MailCall, [key, what, ...more]: readonly string[]): Answer {
  if (at.call.method !== "GET") throw notAllowed();
  if (key === undefined || more.length > 0 || (what !== undefined && what !== "messages"))
    throw unknownSegment(what ?? "mailFolders");
  const folder = folderNamed(key);
  if (what === "messages") return listMessages(at, folder);
  return { status: 200, body: { id: folderIds[folder], displayName: folder } };
}

function serveMessages(at: MailCall, [id, action, ...more]: readonly string[]): Answer {
  const { method } = at.call;
  if (id === undefined) {
    if (method === "GET") return listMessages(at);
    if (method === "POST") return createMessage(at);
    throw notAllowed();
  }
  if (action !== undefined) {
    if (action !== "send" || more.length > 0) throw unknownSegment(action);
    if (method !== "POST") throw notAllowed();
    return sendMessage(at, id);
  }
  if (method === "GET") return getMessage(at, id);
  if (method === "PATCH") return updateMessage(at, id);
  if (method === "DELETE") return deleteMessage(at, id);
  throw notAllowed();
}

function serveMail(org: GraphOrg, key: string, call: GraphCall, parts: readonly string[]): Answer {
  const [what = "", ...rest] = parts;
  const at: MailCall = { mailboxes: org.mailboxes, mailbox: mailboxAt(org, key), call };
  if (what === "messages") return serveMessages(at, rest);
  if (what === "mailFolders") return serveFolders(at, rest);
  if (what === "sendMail" && rest.length === 0 && call.method === "POST") return sendMail(at);
  if (what === "mailboxSettings" && rest.length === 0 && call.method === "GET")
    return { status: 200, body: { timeZone: "UTC", userPurpose: "user" } };
  throw unknownSegment(what);
}

function served(org: GraphOrg, call: GraphCall): Answer {
  const [root = "", key, ...rest] = segmentsOf(call.path);
  if (root !== "users") throw unknownSegment(root);
  if (rest.length === 0) {
    allow(org, "users");
    if (call.method !== "GET") throw notAllowed();
    return key === undefined
      ? listUsers(org.directory, call.query)
      : getUser(org.directory, key, call.query);
  }
  allow(org, "mail");
  return serveMail(org, key ?? "", call, rest);
}

/** Synchronous, so that what a request does is one moment. Never throws for a bad request. */
export function serveGraph(org: GraphOrg, call: GraphCall): Answer {
  try {
    return served(org, call);
  } catch (error) {
    if (error instanceof Refusal) return graphAnswer(error.problem, org.now());
    if (error instanceof URIError)
      return graphAnswer(problem(400, "BadRequest", "The address is malformed."), org.now());
    throw error;
  }
}

const nothing = (): void => undefined;

/**
 * To be called before a request's latency begins. Answers what to call once it has been answered (also for requests to no mailbox),
 * or the 429 of a mailbox on which four requests are at work already [throttling-limits; issues quoting the message].
 */
export function enterMailbox(org: GraphOrg, call: GraphCall): (() => void) | Answer {
  let segments: readonly string[];
  try {
    segments = segmentsOf(call.path);
  } catch {
    return nothing;
  }
  const [root, key, what] = segments;
  const mailbox =
    root === "users" && key !== undefined && what !== undefined
      ? org.directory.findMailbox(key)
      : undefined;
  if (mailbox === undefined) return nothing;
  return (
    org.mailboxes.enter(mailbox) ??
    graphAnswer(
      problem(429, "ApplicationThrottled", "Application is over its MailboxConcurrency limit.", {
        "Retry-After": "1",
      }),
      org.now(),
    )
  );
}
