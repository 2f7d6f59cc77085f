/** House rules that need no type checker: each finds what breaks it in a set of files. */
import { parseSync, Visitor } from "oxc-parser";
import type { Files } from "./source-files.ts";

/** Finds what breaks a rule; one line per place. */
export type Rule = (files: Files) => readonly string[];

/** A1: core speaks of CRMs in general; not even prose names one. */
export const vendorWords: Rule = (files) =>
  matches(
    files,
    (path) => path.startsWith("packages/core/src/"),
    /salesforce|dataverse|sobject|whoid|regarding|phonecall|soql|odata/giu,
  );

/** A name says what a file is about; these say that nobody knew. */
export const drawers: Rule = (files) =>
  [...files.keys()].filter((path) =>
    path.split("/").some((part) => /^(?:utils?|helpers?|common|misc|types)(?:\.|$)/u.test(part)),
  );

/** A machine's paths and a registry's address work on one machine. Written so that it does not find itself. */
export const machinePlaces: Rule = (files) =>
  matches(files, () => true, /\/w[o]rk\/|\/f[a]rm\/|registr[y]\.|\/ro[o]t\//gu);

/** Types and rules switched off. Expecting a type error is for tests of types alone. */
export const switchedOff: Rule = (files) => {
  const found: string[] = [];
  for (const [path, source] of files) {
    if (!path.endsWith(".ts")) {
      continue;
    }
    const { program, comments } = parseSync(path, source);
    const say = (start: number, what: string): void => {
      found.push(`${path}:${String(lineOf(source, start))}: ${what}`);
    };
    for (const { value, start } of comments) {
      const directive =
        /@ts-(?:ignore|nocheck|expect-error)|(?:oxlint|eslint)-disable|oxfmt-ignore/u.exec(
          value,
        )?.[0];
      const excused =
        directive === "@ts-expect-error" && path.includes("/test/") && path.endsWith(".test.ts");
      if (directive !== undefined && !excused) {
        say(start, directive);
      }
    }
    new Visitor({
      TSAnyKeyword: ({ start }) => say(start, "any"),
      TSNonNullExpression: ({ start }) => say(start, "non-null !"),
      TSAsExpression: ({ start, expression }) => {
        if (
          expression.type === "TSAsExpression" &&
          expression.typeAnnotation.type === "TSUnknownKeyword"
        ) {
          say(start, "as unknown as");
        }
      },
    }).visit(program);
  }
  return found;
};

/** Tests that never run, or that keep the others from running. `skipIf` with a reason is seen in the report. */
export const sleepingTests: Rule = (files) =>
  matches(
    files,
    (path) => path.endsWith(".test.ts") && path !== "test/repo-rules.test.ts",
    /\b(?:it|test|describe)\.(?:skip|todo|only|fails)\b/gu,
  );

/** An adapter for another CRM is small; the CRM that is invented for it is no story. The demo is a program of its own. */
const longerExamples = new Map([
  ["examples/new-adapter.ts", 150],
  ["examples/new-adapter-server.ts", 250],
]);

/** An example is a story that is read in one sitting. */
export const longExamples: Rule = (files) =>
  [...files]
    .filter(([path]) => /^examples\/(?!demo\/).*(?<!\.test)\.ts$/u.test(path))
    .map(([path, source]) => ({ path, lines: source.trimEnd().split("\n").length }))
    .filter(({ path, lines }) => lines > (longerExamples.get(path) ?? 80))
    .map(({ path, lines }) => `${path}: ${String(lines)} lines`);

/** A3: p-retry works in one file of core, so that nothing is retried twice over. */
export const retriesInOneFile: Rule = (files) => {
  const users = [...files]
    .filter(([path]) => /^packages\/[^/]+\/src\//u.test(path))
    .filter(([, source]) => /from "p-retry"/u.test(source))
    .map(([path]) => path);
  return users.length === 1 && users[0]?.startsWith("packages/core/") === true
    ? []
    : users.length === 0
      ? ["nobody imports p-retry"]
      : users;
};

function matches(
  files: Files,
  counts: (path: string) => boolean,
  pattern: RegExp,
): readonly string[] {
  return [...files]
    .filter(([path]) => counts(path))
    .flatMap(([path, source]) =>
      [...source.matchAll(pattern)].map(
        ({ 0: word, index }) => `${path}:${String(lineOf(source, index))}: ${word}`,
      ),
    );
}

function lineOf(source: string, offset: number): number {
  return source.slice(0, offset).split("\n").length;
}
