import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { type Random, seededRandom } from "./random.ts";
import type { Recording } from "./recording.ts";
import { second } from "./story.ts";

/** Where the recorded calls and chats are, beside the project; never copied into it. */
const folder = new URL("../../../shared/data/contact-center/", import.meta.url);

const files = {
  calls: "harper-valley-calls.jsonl",
  chats: "abcd-chats.json",
  services: "multidogo-customer-turns.jsonl",
} as const;

/** Which facts are real and which invented; printed before the run. */
export const realFacts: readonly string[] = [
  "Real      30 bank calls (Gridspace-Stanford Harper Valley): names of agents and callers, when each call began, when the agent hung up, what it was about.",
  "          5 service chats (ABCD): the customer's name, email and phone, who wrote in which order, what it was about.",
  "          150 service conversations (MultiDoGO): the customer's turns in their order, the trade, what it was about.",
  "Invented  when agents finished wrapping up; all times of chats; the agents of chats; what the CRM knew before, and that agents linked it;",
  "          that a conversation is unassigned when it is over. Gaps between interactions are squeezed into the half hour.",
];

/** The real recordings, in the demo's input form; `undefined` where they are not there. */
export async function realRecordings(
  seed: number,
  from: URL = folder,
): Promise<readonly Recording[] | undefined> {
  const paths = Object.values(files).map((file) => fileURLToPath(new URL(file, from)));
  if (!paths.every((path) => existsSync(path))) return undefined;
  const [calls = "", chats = "", services = ""] = await Promise.all(
    paths.map((path) => readFile(path, "utf8")),
  );
  const random = seededRandom(seed);
  const spoken = jsonLines(calls).map((json) => callOf(json, random));
  const starts = spoken.flatMap(({ legs }) => legs.map(({ start }) => start));
  const written = [
    ...listOf(JSON.parse(chats)).map((json) => chatOf(json)),
    ...jsonLines(services).map((json) => serviceOf(json)),
  ];
  // Chats have no times of their own: each begins soon after one of the calls, so that both are mixed.
  return [
    ...spoken,
    ...written.map((one, n) =>
      timed(one, (starts[n % starts.length] ?? 0) + (n + 1) * second, n, random),
    ),
  ];
}

const jsonLines = (text: string): readonly unknown[] =>
  text.split("\n").flatMap((line) => (line.trim() === "" ? [] : [JSON.parse(line) as unknown]));

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** A value deep inside JSON from outside. */
function at(json: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (now, part) =>
      typeof now === "object" && now !== null
        ? new Map<string, unknown>(Object.entries(now)).get(String(part))
        : undefined,
    json,
  );
}

const textAt = (json: unknown, ...path: readonly (string | number)[]): string => {
  const value = at(json, ...path);
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
};

const titleCase = (text: string): string =>
  text.replaceAll(/\b[a-z]/gu, (letter) => letter.toUpperCase());

function callOf(json: unknown, random: Random): Recording {
  const caller = textAt(json, "metadata", "caller", "metadata", "first and last name");
  const about = textAt(json, "metadata", "tasks", 0, "task_type");
  const start = Number(textAt(json, "metadata", "start_time_ms"));
  const end = Math.max(start, Number(textAt(json, "metadata", "agent", "hangup_time_ms")));
  return {
    id: `call-${textAt(json, "id")}`,
    channel: "voice",
    direction: "inbound",
    customer: { name: caller },
    subject: about,
    legs: [
      {
        agent: textAt(json, "metadata", "agent", "metadata", "agent_name"),
        start,
        end,
        wrapUpEnd: end + random.between(15, 90) * second,
        disposition: titleCase(about),
      },
    ],
    messages: [],
    links: [{ type: "Contact", name: caller }],
  };
}

/** A conversation whose times are still to be invented: who spoke in which order. */
type Untimed = Omit<Recording, "legs" | "messages"> & {
  readonly turns: readonly ("customer" | "agent")[];
  readonly about: string;
};

function chatOf(json: unknown): Untimed {
  const [name, email, phone] = (["customer_name", "email", "phone"] as const).map((field) =>
    textAt(json, "scenario", "personal", field),
  );
  const customer = {
    name: titleCase(name ?? ""),
    ...(email !== "" && email !== undefined && { email }),
    ...(phone !== "" && phone !== undefined && { phone }),
  };
  const speakers = listOf(at(json, "original")).map((turn) => textAt(turn, 0));
  const about =
    `${textAt(json, "scenario", "flow")}: ${textAt(json, "scenario", "subflow")}`.replaceAll(
      "_",
      " ",
    );
  const turns = speakers.flatMap((who): Untimed["turns"] =>
    who === "customer" || who === "agent" ? [who] : [],
  );
  return {
    id: `chat-${textAt(json, "convo_id")}`,
    channel: "chat",
    direction: "inbound",
    customer,
    subject: about,
    turns,
    about,
    links: [{ type: "Contact", name: customer.name }],
  };
}

const smallTalk = new Set([
  "openinggreeting",
  "closinggreeting",
  "contentonly",
  "confirmation",
  "rejection",
  "thankyou",
  "outofdomain",
]);

function serviceOf(json: unknown): Untimed {
  const turns = listOf(at(json, "customerTurns"));
  const about =
    turns
      .map((turn) => textAt(turn, "intent"))
      .find((intent) => intent !== "" && !smallTalk.has(intent)) ?? "other";
  const trade = textAt(json, "domain");
  return {
    id: `service-${textAt(json, "conversationId")}`,
    channel: "messaging",
    direction: "inbound",
    customer: {},
    subject: `${trade}: ${about}`,
    turns: turns.map(() => "customer"),
    about,
    links: [{ type: "Account", name: `${titleCase(trade)} customers` }],
  };
}

/** Gives a conversation its invented times and agent. */
function timed(
  { turns, about, ...rest }: Untimed,
  start: number,
  n: number,
  random: Random,
): Recording {
  let now = start;
  const messages = turns.map((from) => ({ at: (now += random.between(4, 25) * second), from }));
  const end = now + random.between(5, 40) * second;
  return {
    ...rest,
    messages,
    legs: [
      {
        agent: `Agent ${String.fromCodePoint(65 + (n % 12))}`,
        start: start + 2 * second,
        end,
        disposition: about,
      },
    ],
  };
}
