import { parseArgs } from "node:util";
import { type CrmName, crmNames } from "./story.ts";

/** Ways to show that the proof can fail. */
export const sabotages = ["early", "duplicate", "missing"] as const;
export type Sabotage = (typeof sabotages)[number];

/** What the demo is asked to do. */
export type Flags = {
  readonly help: boolean;
  readonly json: boolean;
  /** One line per interaction after the table. */
  readonly list: boolean;
  readonly seed: number;
  readonly interactions: number;
  /** How many real seconds the half hour takes. */
  readonly seconds: number;
  readonly sabotage?: Sabotage;
  readonly input?: string;
  readonly real: boolean;
  /** The CRMs to play against. */
  readonly crms: readonly CrmName[];
};

export const help = `A busy half hour of a contact center, on a fast clock, against an emulated Salesforce and an emulated Dynamics 365 that misbehave.

  pnpm demo                             200 interactions, then a table and the proof
  pnpm demo --crm dynamics              one CRM only: salesforce or dynamics (the default is both)
  pnpm demo --interactions 50           another number of interactions (1 to 2000)
  pnpm demo --seed 7                    another half hour (the default is 1)
  pnpm demo --seconds 20                how long the half hour takes (3 to 600; the default is 12)
  pnpm demo --list                      also lists every interaction: when due, when written
  pnpm demo --json                      also prints one JSON object as the last line
  pnpm demo --sabotage early            shows that the proof fails when it should: early, duplicate or missing
  pnpm demo --input FILE.jsonl          replays recorded interactions (examples/demo/INPUT.md)
  pnpm demo --real                      replays the real calls and chats of ../shared, where they are (also pnpm demo:real)

It ends with 0 when the proof holds, 1 when it does not, 2 for a flag it does not know.`;

const options = {
  help: { type: "boolean", short: "h", default: false },
  crm: { type: "string", default: "both" },
  json: { type: "boolean", default: false },
  list: { type: "boolean", default: false },
  seed: { type: "string", default: "1" },
  interactions: { type: "string", default: "200" },
  seconds: { type: "string", default: "12" },
  sabotage: { type: "string" },
  input: { type: "string" },
  real: { type: "boolean", default: false },
} as const;

/** Reads the command line; a problem is one line that says what is wrong and what may stand there. */
export function readFlags(
  args: readonly string[],
): { readonly flags: Flags } | { readonly problem: string } {
  try {
    const { values } = parseArgs({
      args: [...args].filter((arg) => arg !== "--"),
      options,
      strict: true,
      allowPositionals: false,
    });
    const { sabotage, input } = values;
    const crms = crmNames.filter((name) => values.crm === name || values.crm === "both");
    if (crms.length === 0)
      return { problem: `--crm ${values.crm}: it may be ${crmNames.join(", ")}, both` };
    const known = sabotages.find((one) => one === sabotage);
    if (sabotage !== undefined && known === undefined)
      return { problem: `--sabotage ${sabotage}: it may be ${sabotages.join(", ")}` };
    if (input !== undefined && values.real)
      return { problem: "--input and --real exclude each other" };
    return {
      flags: {
        help: values.help,
        json: values.json,
        list: values.list,
        real: values.real,
        crms,
        seed: whole("seed", values.seed, 0, 4_294_967_295),
        interactions: whole("interactions", values.interactions, 1, 2_000),
        seconds: whole("seconds", values.seconds, 3, 600),
        ...(known !== undefined && { sabotage: known }),
        ...(input !== undefined && { input }),
      },
    };
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    return { problem: said.split(/[.\n]/u)[0] ?? said };
  }
}

function whole(name: string, text: string, from: number, to: number): number {
  const value = Number(text);
  if (!/^\d+$/u.test(text) || value < from || value > to)
    throw new RangeError(`--${name} ${text}: it must be a whole number from ${from} to ${to}`);
  return value;
}
