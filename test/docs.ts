/** A fenced block of TypeScript in a page, with the line it starts at. */
export type Block = { readonly line: number; readonly source: string };

/** The ts blocks of a Markdown page. */
export const tsBlocks = (page: string): readonly Block[] =>
  [...page.matchAll(/^```ts\n(?<source>[\s\S]*?)^```$/gmu)].map(({ index, groups }) => ({
    line: page.slice(0, index).split("\n").length + 1,
    source: groups?.["source"] ?? "",
  }));

/** One line per block whose lines do not stand in any of the files, in that order, whatever their indentation. */
export const drifted = (page: string, files: readonly string[]): readonly string[] => {
  const plain = (text: string): string =>
    text
      .split("\n")
      .map((line) => line.trim())
      .filter((line) => line !== "")
      .join("\n");
  const sources = files.map(plain);
  return tsBlocks(page)
    .filter(({ source }) => !sources.some((file) => file.includes(plain(source))))
    .map(({ line }) => `line ${String(line)} is in none of the files`);
};

/** What a page calls without saying where it is from: a reader's own. By name, with its type. */
const readersOwn: readonly (readonly [name: string, type: string])[] = [
  ["clientId", "string"],
  ["clientSecret", "string"],
  ["tenantId", "string"],
  ["privateKey", "string"],
  ["refreshToken", "string"],
  ["domain", "string"],
  ["ownSignIn", "() => Promise<{ accessToken: string; instanceUrl: string }>"],
  ["ownToken", "(scope: string) => Promise<string>"],
  ["adapter", `import("@wrapup/core").CrmAdapter`],
  ["mapping", `import("@wrapup/core").Mapping`],
  ["store", `import("@wrapup/core").Store`],
  ["wrapup", `import("@wrapup/core").Wrapup`],
  ["call", `import("@wrapup/core").InteractionHandle`],
  ["leg", `import("@wrapup/core").LegHandle`],
];

const declares = (source: string, name: string): boolean =>
  new RegExp(
    `(?:const|let|using|import) (?:${name}\\b|\\{[^}]*\\b${name}\\b[^}]*\\}) *(?:=|:|from)`,
    "u",
  ).test(source);

/** A block as a module of its own that can be type-checked. */
export const moduleOf = ({ source }: Block): string => {
  const given = readersOwn
    .filter(([name]) => new RegExp(`(?<![.\\w"])${name}\\b`, "u").test(source))
    .filter(([name]) => !declares(source, name))
    .map(([name, type]) => `declare const ${name}: ${type};\n`);
  return `${given.join("")}${source}\nexport {};\n`;
};

/** One line per proof that names no test: `- Proof: \`file\` "title"`. */
export const unproven = (
  page: string,
  read: (path: string) => string | undefined,
): readonly string[] => {
  const sections = page.split(/^### /mu).slice(1);
  const lines = page.split("\n").filter((line) => line.startsWith("- Proof:"));
  return [
    ...sections
      .filter((section) => !section.includes("\n- Proof:"))
      .map((section) => `"${section.split("\n")[0] ?? ""}" has no proof`),
    ...lines.flatMap((line) => {
      const { path = "", title = "" } =
        /^- Proof: `(?<path>[^`]+)` "(?<title>.+)"$/u.exec(line)?.groups ?? {};
      const source = read(path);
      if (source === undefined) return [`no such file: ${line}`];
      return source.includes(`"${title}"`) ? [] : [`no such test: ${line}`];
    }),
  ];
};

/** Links of a page to files of the repository that are not there. */
export const deadLinks = (
  path: string,
  page: string,
  exists: (path: string) => boolean,
): readonly string[] =>
  [...page.matchAll(/\]\((?<to>[^)\s#]+)[^)]*\)/gu)]
    .map(({ groups }) => groups?.["to"] ?? "")
    .filter((to) => !/^[a-z]+:/u.test(to))
    .filter((to) => !exists(new URL(to, `file:///${path}`).pathname.slice(1)))
    .map((to) => `${path}: ${to}`);
