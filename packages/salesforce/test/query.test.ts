import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { ApexParserFactory, ThrowingErrorListener } from "@apexdevtools/apex-parser";
import { isQueryValid, parseQuery } from "@jetstreamapp/soql-parser-js";
import { fc, test as property } from "@fast-check/vitest";
import { expect, test } from "vitest";
import {
  activeUsers,
  apiName,
  fitting,
  rowsById,
  rowsByKey,
  rowsByValue,
  rowsLike,
  searchPhones,
  searchWords,
  soqlText,
} from "../src/query.ts";
import { phoneForms } from "../src/phone-forms.ts";

const contactCenter = new URL("../../../../shared/data/contact-center/", import.meta.url);
const wanted = [
  { type: "Contact", fields: ["Name", "Phone", "AccountId"] },
  { type: "Lead", fields: ["Name", "Company"] },
];

const soslIsValid = (sosl: string): boolean => {
  try {
    const parser = ApexParserFactory.createParser(`[${sosl}]`);
    parser.removeErrorListeners();
    parser.addErrorListener(new ThrowingErrorListener());
    return parser.soslLiteralAlt().getText().endsWith("]");
  } catch {
    return false;
  }
};

/** Every form of SOQL that the adapter can send, around one hostile value. */
const soqlForms = (value: string): readonly string[] => [
  rowsByKey("Task", ["Wrapup_Key__c", "CallObject"], [value, "k2"], ["WhoId"]),
  rowsById("Contact", ["Name", "IsDeleted", "MasterRecordId"], [value]),
  rowsByValue("Contact", ["Name", "Email"], ["Email", "Other_Email__c"], value, 10),
  rowsLike("Case", ["Subject"], { Subject: value, Priority: "High" }, 5),
  activeUsers("Email", [value, "a@b.example"]),
];

/** How many conditions a query has: text that broke out of its quotes would change it. */
const shapeOf = (soql: string): string => {
  const query = parseQuery(soql);
  return JSON.stringify(query, (name, value: unknown) => (name === "value" ? "…" : value));
};

const nasty = [
  "'",
  "\\",
  "\\' OR Id != '",
  "' OR Name LIKE '%",
  "a\\\\' OR '",
  '"} IN ALL FIELDS RETURNING User(Id) {"',
  "{}[]()?*&|!^~:+-",
  "\n\r\t\b\f\0\u001f\u007f\u2028",
  "%_",
  "\uD800 half",
  "漢字 👩‍👩‍👧 \u202Ertl",
  "AND OR NOT",
  "",
  "   ",
];

const textsIn = (value: unknown): readonly string[] => {
  if (typeof value === "string") return [value.slice(0, 3000)];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsIn) : [];
};

/** Strings that break software, from the shared data. */
const hostile = async (): Promise<readonly string[]> => {
  const files = ["blns.json", "email-addresses-nasty.json", "phone-strings-nasty.json"];
  const texts = await Promise.all(
    files.map((file) => readFile(new URL(file, contactCenter), "utf8")),
  );
  return texts.flatMap((text) => textsIn(JSON.parse(text)));
};

/** Forms of SOQL that a value changed, or that do not parse. */
const brokenSoql = (values: readonly string[]): readonly string[] => {
  const plain = soqlForms("plain").map(shapeOf);
  return values.flatMap((value) =>
    soqlForms(value).filter((soql, n) => !isQueryValid(soql) || shapeOf(soql) !== plain[n]),
  );
};

const harmless =
  /^FIND \{[\p{L}\p{M}\p{N}\s"*+.\\()-]+\} IN (NAME|ALL|PHONE) FIELDS RETURNING Contact\(/u;

const soslForms = (value: string): readonly string[] =>
  [
    searchWords(value, "NAME", wanted, 5),
    searchWords(value, "ALL", wanted, 5),
    searchPhones([value, "+1 (415) 555-1212"], wanted, 5),
  ].filter((sosl) => sosl !== undefined);

/** Forms of SOSL that do not parse, or hold more than letters and digits. */
const brokenSosl = (values: readonly string[]): readonly string[] =>
  values.flatMap(soslForms).filter((sosl) => !soslIsValid(sosl) || !harmless.test(sosl));

test("O5 J10 no customer text changes a SOQL query: each form parses to the same shape", () => {
  expect(brokenSoql(nasty)).toEqual([]);
});

test("O5 no customer text changes a SOSL search: each form parses, and holds only letters and digits", () => {
  expect(brokenSosl(nasty)).toEqual([]);
});

test.skipIf(!existsSync(contactCenter))(
  "O5 nor does any of the shared lists of naughty strings, emails and phones",
  async () => {
    const values = await hostile();
    expect(values.length).toBeGreaterThan(500);
    // Many values in one list: if any left its quotes, the parsed list would have another shape.
    for (const group of fitting(values)) {
      const plain = shapeOf(
        rowsByKey(
          "Task",
          ["Wrapup_Key__c"],
          group.map(() => "plain"),
        ),
      );
      expect(shapeOf(rowsByKey("Task", ["Wrapup_Key__c"], group)), group.join()).toBe(plain);
    }
    const searches = values.flatMap(soslForms);
    expect(searches.filter((sosl) => !harmless.test(sosl))).toEqual([]);
    // What is harmless differs in its words only, so that some of it stands for all in the slow parser.
    expect(brokenSosl(values.filter((_, n) => n % 20 === 0))).toEqual([]);
  },
);

test("O5 the check itself can fail: unescaped text is seen", () => {
  expect(isQueryValid("SELECT Id FROM Contact WHERE Name = ''' ")).toBe(false);
  expect(shapeOf("SELECT Id FROM Contact WHERE Name = 'a' OR Id != ''")).not.toBe(
    shapeOf("SELECT Id FROM Contact WHERE Name = 'a'"),
  );
  expect(soslIsValid("FIND {a}b} IN ALL FIELDS RETURNING Contact(Id)")).toBe(false);
});

test("R1 operator words are searched as words", () => {
  expect(searchWords("Salt and Pepper", "NAME", wanted, 5)).toContain(
    'FIND {Salt AND "and" AND Pepper*} IN NAME FIELDS',
  );
});

test("R1 too little to look for is no search", () => {
  for (const text of ["", "a", "…", "' \\ {}", "𝒜", "\u0336\u0337\u0338"])
    expect(searchWords(text, "ALL", wanted, 5), text).toBeUndefined();
  expect(searchPhones(["", "x", "+", "5".repeat(41)], wanted, 5)).toBeUndefined();
  expect(searchWords("Rose", "ALL", [], 5)).toBeUndefined();
});

test("R1 O5 words are cut between characters, and accents without a letter are none", () => {
  const long = searchWords(`a${"𝒜".repeat(100)}`, "NAME", wanted, 5) ?? "";
  expect(long.isWellFormed()).toBe(true);
  expect(long).toContain(`{a${"𝒜".repeat(79)}*}`);
  expect(searchWords("Ada \u0336\u0337 L\u0336ee", "NAME", wanted, 5)).toContain(
    "{Ada AND L\u0336ee*}",
  );
});

test("O5 names are checked, never escaped", () => {
  for (const name of ["Id FROM User", "Name'", "", "1st", "a-b", "x".repeat(81)])
    expect(() => apiName(name), name).toThrow(RangeError);
  expect(() => rowsByValue("Contact", ["Name"], ["Email OR Id"], "x", 1)).toThrow(RangeError);
});

test("facts §2.5: long lists are cut so that each address fits 16 kB", () => {
  const keys = Array.from({ length: 200 }, (_, n) => `${"k".repeat(60)}${n}`);
  const groups = fitting(keys, 2);
  expect(groups.flat()).toEqual(keys);
  expect(groups.length).toBeGreaterThan(1);
  for (const group of groups)
    expect(
      encodeURIComponent(rowsByKey("Task", ["Wrapup_Key__c", "CallObject"], group)).length,
    ).toBeLessThan(15_000);
  expect(fitting([])).toEqual([]);
});

test("limits of a query stay whole and in range", () => {
  expect(rowsByValue("Contact", [], ["Email"], "x", 1e9)).toMatch(/LIMIT 2000$/);
  expect(rowsByValue("Contact", [], ["Email"], "x", 0.5)).toMatch(/LIMIT 1$/);
});

property.prop([fc.string({ unit: "binary", maxLength: 200 })])(
  "O5 a SOQL string is one string, whatever is in it",
  (value) => {
    const soql = `SELECT Id FROM Contact WHERE Name = ${soqlText(value)}`;
    expect(isQueryValid(soql)).toBe(true);
    expect(shapeOf(soql)).toBe(shapeOf("SELECT Id FROM Contact WHERE Name = 'x'"));
  },
);

const us = { e164: "+14155551212", national: "(415) 555-1212", digits: "14155551212" };
const uk = { e164: "+442079460958", national: "020 7946 0958", digits: "442079460958" };

test("R1 a phone is searched in the forms in which people store it", () => {
  expect(phoneForms(us)).toEqual(
    expect.arrayContaining([
      "+14155551212",
      "14155551212",
      "4155551212",
      "(415) 555-1212",
      "415-555-1212",
      "+1 (415) 555-1212",
    ]),
  );
  expect(phoneForms(uk)).toEqual(
    expect.arrayContaining(["+442079460958", "02079460958", "020 7946 0958", "+44 20 7946 0958"]),
  );
  expect(phoneForms({ digits: "4711" })).toEqual(["4711"]);
});
