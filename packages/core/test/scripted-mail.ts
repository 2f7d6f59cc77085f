import {
  type Answer,
  answerOf,
  type Agent,
  type Context,
  type CrmAdapter,
  CrmError,
  type Entry,
  type Fields,
  type Write,
} from "@wrapup/core";

/** What the next requests meet, one entry each; `undefined` lets one pass. */
export type MailFault =
  | { readonly is: "lostBefore" }
  | { readonly is: "lostAfter" }
  /** Its answer is lost, and it is carried out only then. */
  | { readonly is: "lands"; readonly afterMs: number }
  | { readonly is: "fails"; readonly error: CrmError }
  | { readonly is: "answers"; readonly answer: Answer };

/** One message in somebody's mailbox. */
type Message = {
  readonly id: string;
  readonly key: string;
  readonly mailbox: string;
  readonly fields: Fields;
  readonly state: "draft" | "sent";
};

/** A mail system in memory: drafts have ids that stay, and sending takes a draft away. It keeps no key unique. */
export type ScriptedMail = {
  readonly adapter: CrmAdapter;
  readonly messages: ReadonlyMap<string, Message>;
  /** Every mail that left the house, in order. */
  readonly deliveries: readonly Message[];
  readonly requests: readonly Write[];
  readonly script: (...faults: readonly (MailFault | undefined)[]) => void;
  /** People delete a message. */
  readonly remove: (id: string) => void;
  /** Mailboxes by the agent's email. */
  readonly mailboxes: Map<string, string>;
  /** How often agents were asked for. */
  readonly asked: readonly (readonly Agent[])[];
  /** While set, nobody's mailbox is told. */
  readonly trouble: { users?: CrmError };
  readonly onRequest: (listener: (write: Write) => Promise<void> | void) => void;
};

/** `oneStep`: sends with the first request, without a draft: for breaking things on purpose. */
export function scriptedMail(
  of: {
    readonly after?: (ms: number, run: () => void) => unknown;
    readonly oneStep?: boolean;
    readonly landsWithinMs?: number;
  } = {},
): ScriptedMail {
  const messages = new Map<string, Message>();
  const deliveries: Message[] = [];
  const requests: Write[] = [];
  const faults: (MailFault | undefined)[] = [];
  const listeners: ((write: Write) => Promise<void> | void)[] = [];
  const mailboxes = new Map<string, string>();
  const asked: (readonly Agent[])[] = [];
  const trouble: ScriptedMail["trouble"] = {};
  let last = 0;
  const written = (id: string, how: "created" | "already" | "updated"): Answer => ({
    is: "written",
    how,
    receipt: { ref: { type: "mail", id }, url: `https://mail.example/${id}` },
  });
  const send = (id: string): void => {
    const message = messages.get(id);
    if (message?.state !== "draft") return;
    const sent: Message = { ...message, state: "sent" };
    messages.set(id, sent);
    deliveries.push(sent);
  };
  const draft = ({ key, fields, owner = "" }: Entry): string => {
    const id = `m${(last += 1)}`;
    messages.set(id, { id, key, mailbox: owner, fields, state: "draft" });
    if (of.oneStep === true) send(id);
    return id;
  };
  const withKey = (key: string): readonly Message[] =>
    [...messages.values()].filter((message) => message.key === key);
  /** What the adapter sees now, and what the request it makes then does, now or later. */
  const prepared = (write: Write): (() => Answer) => {
    const { entry } = write;
    if (write.op === "put") {
      const [there] = of.oneStep === true ? [] : withKey(entry.key);
      return () =>
        there === undefined ? written(draft(entry), "created") : written(there.id, "already");
    }
    if (write.op === "retract")
      return () => {
        const own = withKey(entry.key);
        for (const { id, state } of own) if (state === "draft") messages.delete(id);
        return {
          is: "removed",
          how: own.some(({ state }) => state === "sent") ? "kept" : "deleted",
        };
      };
    const { id } = write.receipt.ref;
    if (!messages.has(id)) return () => ({ is: "gone" });
    return () => {
      if (entry.final) send(id);
      return written(id, "updated");
    };
  };
  const one = async (write: Write, context: Context): Promise<Answer> => {
    requests.push(write);
    const fault = faults.shift();
    const carryOut = prepared(write);
    for (const listener of listeners) await listener(write);
    if (fault === undefined) return carryOut();
    const lost = answerOf(new CrmError("unreachable", "maybe", "the answer got lost"));
    switch (fault.is) {
      case "fails":
        return answerOf(fault.error);
      case "answers":
        return fault.answer;
      case "lostAfter":
        if (!context.signal.aborted) carryOut();
        return lost;
      case "lands":
        of.after?.(fault.afterMs, () => void carryOut());
        return lost;
      case "lostBefore":
        return lost;
    }
  };
  const adapter: CrmAdapter = {
    contract: 1,
    name: "ScriptedMail",
    defaults: { searchOrder: [], creatable: [] },
    check: async () => ({
      abilities: {
        maxBatch: 4,
        maxConcurrent: 4,
        linkRules: { roles: [], apart: [], order: [] },
        kinds: ["notice"],
        once: "key",
        completedIsFrozen: true,
        ...(of.landsWithinMs !== undefined && { landsWithinMs: of.landsWithinMs }),
      },
      findings: [],
    }),
    requestOf: () => "mail",
    push: (writes, context) => Promise.all(writes.map((write) => one(write, context))),
    usersOf: async (agents) => {
      asked.push(agents);
      if (trouble.users !== undefined) throw trouble.users;
      return agents.map(({ email = "" }) => mailboxes.get(email));
    },
    close: async () => undefined,
  };
  return {
    adapter,
    messages,
    deliveries,
    requests,
    mailboxes,
    asked,
    trouble,
    script: (...next) => void faults.push(...next),
    remove: (id) => void messages.delete(id),
    onRequest: (listener) => void listeners.push(listener),
  };
}
