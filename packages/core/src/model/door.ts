import type { z } from "zod";
import { WrapupError } from "../errors.ts";
import type { Agent } from "./agent.ts";
import type { CustomerInput } from "./card.ts";
import type { Command } from "./command.ts";
import { refusedInput } from "./door-refusal.ts";
import * as schemas from "./door-schemas.ts";
import type { Interaction } from "./interaction.ts";
import type { Fields, RecordRef } from "./record.ts";
import { readTime } from "./time.ts";

/** What the door is told beside the input. */
export type DoorOptions = {
  /** The interaction's id, to be checked as well. */
  readonly id?: string;
  /** The interaction that a `start` or `join` continues, as the store has it: never taken from outside. */
  readonly previous?: Interaction;
  /** Called for everything that was mended or left out (E32): what, and why, without the value. */
  readonly repaired?: (text: string) => void;
};

/**
 * A command from outside (O5): an app, a platform's translator, a browser. Times may be a Date, epoch s or ms, or ISO text;
 * bad ones are left out and reported, as are negative durations and an agent's overlong address or name. Everything else that is wrong throws `invalid_input`, which
 * names the place and how to mend it, and never repeats a value.
 */
export function readCommand(input: unknown, place: string, options: DoorOptions = {}): Command {
  if (options.id !== undefined) readId(options.id, `${place}: id`);
  const plain = plainCopy(input, place);
  if (isPlain(plain)) {
    mendTime(plain, options);
    for (const which of ["agent", "to"]) mendAgent(plain[which], which, options);
  }
  const command = checked(schemas.command, plain, place);
  if ("durations" in command) mendDurations(command.durations, options);
  if (command.do === "join") return { ...command, previous: needPrevious(options, place) };
  if (command.do !== "start" || options.previous === undefined) return command;
  return { ...command, previous: options.previous };
}

/** An agent from outside. Throws `invalid_input`. */
export const readAgent = (input: unknown, place: string): Agent =>
  readInput(schemas.agent, input, place);

/** A reference to a record, from outside. Throws `invalid_input`. */
export const readRecordRef = (input: unknown, place: string): RecordRef =>
  readInput(schemas.recordRef, input, place);

/** Customer values from outside. Throws `invalid_input`. */
export const readCustomer = (input: unknown, place: string): CustomerInput =>
  readInput(schemas.customer, input, place);

/** Facts from outside. Throws `invalid_input`. */
export const readFacts = (input: unknown, place: string): Fields =>
  readInput(schemas.facts, input, place);

/** An id from outside: of an interaction, a leg, a tenant. Throws `invalid_input`. */
export const readId = (input: unknown, place: string): string =>
  readInput(schemas.id, input, place);

function needPrevious({ previous }: DoorOptions, place: string): Interaction {
  if (previous !== undefined) return previous;
  throw new WrapupError("invalid_input", "A join needs the interaction it continues", {
    place,
    mend: "Use interaction.join(previousId), or start({ id, previousId }).",
  });
}

/** Anything else from outside, by its schema. Throws `invalid_input`. */
export const readInput = <Schema extends z.ZodType>(
  schema: Schema,
  input: unknown,
  place: string,
): z.output<Schema> => checked(schema, plainCopy(input, place), place);

function checked<Schema extends z.ZodType>(
  schema: Schema,
  input: unknown,
  place: string,
): z.output<Schema> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  throw refusedInput(result.error.issues, place);
}

type Plain = Record<string, unknown>;

const isPlain = (input: unknown): input is Plain =>
  typeof input === "object" && input !== null && !Array.isArray(input);

/** Keys that could change what an object is. */
const poison = new Set(["__proto__", "constructor", "prototype"]);
/** Deeper than any command goes; it also ends a circle. */
const deepest = 8;

/** The input's own values without `undefined`, so that what is checked is what is kept, whatever getters or prototypes it came with. */
function plainCopy(input: unknown, place: string, depth = 0): unknown {
  if (typeof input !== "object" || input === null || input instanceof Date) return input;
  if (depth > deepest)
    throw new WrapupError("invalid_input", "The input is nested too deeply", {
      place,
      mend: "Give flat values as the types describe them.",
    });
  if (Array.isArray(input)) return input.map((value) => plainCopy(value, place, depth + 1));
  const copy: Plain = {};
  for (const [key, value] of Object.entries(input)) {
    if (poison.has(key))
      throw new WrapupError("invalid_input", "A key of the input is not allowed", {
        place,
        mend: `Leave out keys called ${[...poison].join(", ")}.`,
      });
    if (value !== undefined) copy[key] = plainCopy(value, place, depth + 1);
  }
  return copy;
}

/** Reads `at`; without a readable time the command counts as of now. */
function mendTime(plain: Plain, { repaired }: DoorOptions): void {
  if (!Object.hasOwn(plain, "at")) return;
  const { at, problem } = readTime(plain["at"]);
  if (at === undefined) delete plain["at"];
  else plain["at"] = at;
  if (problem !== undefined) repaired?.(`at ${problem}`);
}

/** An address longer than any is none; it must not cost the event, only what it would have told. */
function mendAgent(agent: unknown, which: string, { repaired }: DoorOptions): void {
  if (!isPlain(agent)) return;
  for (const [name, longest] of Object.entries(schemas.longestOfAgent)) {
    const value = agent[name];
    if (typeof value !== "string" || value.length <= longest) continue;
    delete agent[name];
    repaired?.(`${which}.${name} is longer than ${longest} characters; left out`);
  }
}

/** Some platforms count below zero (4 of 77 real Webex tasks); such a figure says nothing. */
function mendDurations(
  durations: Record<string, number | undefined> | undefined,
  { repaired }: DoorOptions,
): void {
  for (const [name, value] of Object.entries(durations ?? {})) {
    if (durations === undefined || value === undefined || value >= 0) continue;
    delete durations[name];
    repaired?.(`durations.${name} is negative; left out`);
  }
}
