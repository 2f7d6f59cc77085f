import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { fc, test as property } from "@fast-check/vitest";
import { expect, test } from "vitest";
import {
  anyOf,
  bindTo,
  byIds,
  byValue,
  byWords,
  equals,
  equalsId,
  fitting,
  isGuid,
  nameOf,
  odataPattern,
  odataText,
  oneOf,
  rowAt,
  rowsWhere,
  words,
} from "../src/query.ts";
import { holdsOneOf, nextPathOf } from "../src/rows.ts";

const contactCenter = new URL("../../../../shared/data/contact-center/", import.meta.url);
const contacts = { entitySet: "contacts", primaryId: "contactid" };
const id = "7e4a47c0-0000-4000-8000-0000000000aa";

/**
 * A small reader of OData filters that shares nothing with the builder. It answers the filter's shape with every value taken out, and
 * the values; it throws for whatever it does not know.
 */
const read = (filter: string): { readonly shape: string; readonly values: readonly string[] } => {
  const values: string[] = [];
  let at = 0;
  const take = (pattern: RegExp): string | undefined => {
    const found = new RegExp(pattern.source, `${pattern.flags}y`);
    found.lastIndex = at;
    const match = found.exec(filter);
    if (match === null) return undefined;
    at += match[0].length;
    return match[0];
  };
  const must = (pattern: RegExp): string => {
    const taken = take(pattern);
    if (taken === undefined) throw new SyntaxError(`at ${at}: ${filter.slice(at, at + 30)}`);
    return taken;
  };
  const quoted = (): string => {
    values.push(
      must(/'(?:[^']|'')*'(?!')/su)
        .slice(1, -1)
        .replaceAll("''", "'"),
    );
    return "?";
  };
  const literal = (): string => {
    if (take(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/) !== undefined) return "id";
    return take(/-?\d+(?:\.\d+)?|true|false|null/) ?? quoted();
  };
  const one = (): string => {
    if (take(/\(/) !== undefined) {
      const inner = all();
      must(/\)/);
      return `(${inner})`;
    }
    const call = take(/(?:contains|startswith)\(/);
    if (call !== undefined) {
      const column = must(/\w+/);
      must(/,/);
      const value = quoted();
      must(/\)/);
      return `${call}${column},${value})`;
    }
    const column = must(/\w+/);
    must(/ eq /);
    return `${column} eq ${literal()}`;
  };
  const all = (): string => {
    let text = one();
    for (let by = take(/ (?:and|or) /); by !== undefined; by = take(/ (?:and|or) /))
      text += `${by}${one()}`;
    return text;
  };
  const shape = all();
  if (at !== filter.length) throw new SyntaxError(`rest: ${filter.slice(at, at + 30)}`);
  return { shape, values };
};

/** The options of an address, decoded the way a server does: parted at `&` first. */
const optionsIn = (path: string): Readonly<Record<string, string>> => {
  const url = new URL(`https://acme.crm4.dynamics.com/api/data/v9.2/${path}`);
  expect(url.pathname).toBe("/api/data/v9.2/contacts");
  expect(url.hash).toBe("");
  return Object.fromEntries(
    url.search
      .slice(1)
      .split("&")
      .map((part) => {
        const [name = "", value = ""] = part.split("=");
        expect(part.split("=")).toHaveLength(2);
        expect(value).not.toContain("+");
        return [name, decodeURIComponent(value)];
      }),
  );
};

const filterIn = (path: string): ReturnType<typeof read> => read(optionsIn(path)["$filter"] ?? "");

/** What a column can keep of a text. */
const kept = (text: string): string =>
  text.toWellFormed().replaceAll(/[\p{Cc}\u2028\u2029]/gu, " ");

const byText = (value: string): string =>
  byValue(contacts, ["fullname"], ["emailaddress1", "emailaddress2"], [value, "plain"], 10, [
    equals("statecode", 0),
  ]);

const plainShape =
  "((emailaddress1 eq ? or emailaddress1 eq ? or emailaddress2 eq ? or emailaddress2 eq ?) and statecode eq 0)";

const nasty = [
  "'",
  "''",
  "' or contactid ne null or fullname eq '",
  "') or (1 eq 1",
  "%_[]^-",
  "a&$filter=x",
  "a&$top=5000#frag",
  "../../accounts?x=",
  "+49 30 1234567",
  "%27 or true eq true or x eq %27",
  "\\' or \\'",
  "\n\r\t\b\f\0\u001f\u007f\u2028",
  "\uD800 half",
  "漢字 👩‍👩‍👧 \u202Ertl",
  "@p1",
  "null",
  "",
  "   ",
];

const textsIn = (value: unknown): readonly string[] => {
  if (typeof value === "string") return [value.slice(0, 3000)];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsIn) : [];
};

test.for(nasty)("O5 no customer text changes a query: %j stays one value", (value) => {
  const { shape, values } = filterIn(byText(value));
  expect(shape).toBe(plainShape);
  expect(values).toEqual([kept(value), "plain", kept(value), "plain"]);
});

test("O5 the reader itself can fail: unescaped text is seen", () => {
  expect(() => read("fullname eq 'O'Neil'")).toThrow(SyntaxError);
  expect(() => read("fullname eq 'a' or true")).toThrow(SyntaxError);
  expect(read("fullname eq 'a' or x eq ''").shape).not.toBe(read("fullname eq 'a'").shape);
});

property.prop([fc.string({ unit: "binary", maxLength: 200 })])(
  "O5 a text is one value, whatever is in it",
  (value) => {
    const { shape, values } = filterIn(byText(value));
    expect(shape).toBe(plainShape);
    expect(values[0]).toBe(kept(value));
  },
);

property.prop([fc.string({ unit: "binary", maxLength: 200 })])(
  "O5 a search for words holds only words, each in one value",
  (text) => {
    const path = byWords(contacts, [], ["fullname", "company"], text, 5);
    if (path === undefined) return;
    const { shape, values } = filterIn(path);
    const found = words(text);
    expect(shape).toBe(
      `(${found.map(() => "(contains(fullname,?) or contains(company,?))").join(" and ")})`,
    );
    expect(values).toEqual(found.flatMap((word) => [word, word]));
  },
);

test.skipIf(!existsSync(contactCenter))(
  "O5 nor does any of the shared lists of naughty strings, emails and phones",
  async () => {
    const files = ["blns.json", "email-addresses-nasty.json", "phone-strings-nasty.json"];
    const texts = await Promise.all(
      files.map((file) => readFile(new URL(file, contactCenter), "utf8")),
    );
    const all = texts.flatMap((text) => textsIn(JSON.parse(text)));
    expect(all.length).toBeGreaterThan(500);
    const broken = all.filter((value) => {
      const { shape, values } = filterIn(byText(value));
      return shape !== plainShape || values[0] !== kept(value);
    });
    expect(broken).toEqual([]);
  },
);

test("facts §1.9: wildcards are escaped where they are ones, quotes are doubled everywhere", () => {
  expect(odataPattern("50%_[x]'s")).toBe("'50[%][_][[]x]''s'");
  expect(odataText("a_b@x.example")).toBe("'a_b@x.example'");
});

test("facts §1.9: a space is %20 and a plus %2B, never a plus", () => {
  const path = rowsWhere(contacts, [], { where: equals("telephone1", "+49 30 1") });
  expect(path).toBe("contacts?$select=contactid&$filter=telephone1%20eq%20'%2B49%2030%201'");
});

test("what came back is compared on our side: eq may know wildcards", () => {
  const row = { emailaddress1: "Rose@X.example ", emailaddress2: null };
  expect(holdsOneOf(row, ["emailaddress1", "emailaddress2"], ["rose@x.example"])).toBe(true);
  expect(holdsOneOf(row, ["emailaddress1"], ["%"])).toBe(false);
  expect(holdsOneOf(row, ["emailaddress2", "constructor"], [""])).toBe(true);
});

test("O5 names and ids are checked, never escaped", () => {
  for (const name of ["contacts?x", "a'b", "", "1st", "a-b", "x".repeat(101), "a/b"])
    expect(() => nameOf(name), name).toThrow(RangeError);
  for (const strange of ["", "x", `${id}'`, `${id})/accounts(${id}`, id.slice(1), `{${id}}`]) {
    expect(isGuid(strange), strange).toBe(false);
    expect(() => rowAt("contacts", strange), strange).toThrow(RangeError);
    expect(() => bindTo("contacts", strange), strange).toThrow(RangeError);
    expect(() => equalsId("contactid", strange), strange).toThrow(RangeError);
  }
  expect(() => byIds(contacts, ["a b"], [id])).toThrow(RangeError);
  expect(() => anyOf([])).toThrow(RangeError);
  expect(rowAt("contacts", id.toUpperCase())).toBe(`contacts(${id})`);
});

test.for(['a"b', "a'b", "a]b", "a,b", "a\\b", "ü"])(
  "O5 a list of values takes no text that could end it: %s",
  (value) => {
    expect(() => oneOf("telephone1", [value])).toThrow(RangeError);
  },
);

test("facts §1.1: long lists are cut so that each address fits 32,768 characters", () => {
  const values = Array.from({ length: 900 }, (_, n) => `${"é'".repeat(8)}${n}@x.example`);
  const among = ["emailaddress1", "emailaddress2", "emailaddress3"];
  const groups = fitting(values, among.length);
  expect(groups.flat()).toEqual(values);
  for (const group of groups)
    expect(byValue(contacts, ["fullname"], among, group, 50).length).toBeLessThan(32_000);
  const ids = Array.from({ length: 900 }, () => id);
  for (const group of fitting(ids)) expect(byIds(contacts, [], group).length).toBeLessThan(32_000);
  expect(fitting([])).toEqual([]);
});

test("limits of a query stay whole and in range", () => {
  const top = (limit: number): string | undefined =>
    optionsIn(byValue(contacts, [], ["emailaddress1"], ["x"], limit))["$top"];
  expect([top(1e9), top(0.5), top(-3), top(7.9)]).toEqual(["5000", "1", "1", "7"]);
});

test("R1 too little to look for is no search, and words are cut between characters", () => {
  for (const text of ["", "a", "…", "' \\ {}", "𝒜", "\u0336\u0337"])
    expect(byWords(contacts, [], ["fullname"], text, 5), text).toBeUndefined();
  expect(byWords(contacts, [], [], "Rose", 5)).toBeUndefined();
  expect(words(`a${"𝒜".repeat(100)}`)[0]).toBe(`a${"𝒜".repeat(79)}`);
  expect(words("Ada O'Neil, Jr.")).toEqual(["Ada", "O'Neil", "Jr."]);
});

const home = "https://acme.crm4.dynamics.com";

test.for([
  "https://evil.example/api/data/v9.2/contacts?$skiptoken=1",
  "https://acme.crm4.dynamics.com.evil.example/api/data/v9.2/contacts",
  "http://acme.crm4.dynamics.com/api/data/v9.2/contacts",
  "https://acme.crm4.dynamics.com:444/api/data/v9.2/contacts",
  "https://u:p@acme.crm4.dynamics.com/api/data/v9.2/contacts",
  "https://acme.crm4.dynamics.com/api/data/v9.2/../../../evil",
  "https://acme.crm4.dynamics.com/api/data/v9.1/contacts",
  "/api/data/v9.2/contacts",
  "contacts?$skiptoken=1",
  "javascript:alert(1)",
  "",
])("O5 a next page elsewhere is not followed: %s", (link) => {
  expect(nextPathOf(link, home)).toBeUndefined();
});

test("O5 a next page of the same API is followed as it is", () => {
  expect(
    nextPathOf(`${home}/api/data/v9.2/contacts?$select=x&$skiptoken=%3Ccookie%20a%3E`, home),
  ).toBe("contacts?$select=x&$skiptoken=%3Ccookie%20a%3E");
});
