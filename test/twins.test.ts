import { describe, expect, test } from "vitest";
import { readFiles } from "./source-files.ts";

/**
 * Two packages that do the same job look the same (A3). Whoever knows one finds their way in the other; what differs is listed here
 * with its reason, and nowhere else. Six at the most.
 */
const differences: Readonly<Record<string, string>> = {
  "salesforce/waiting.ts":
    "only an org without a key field has to wait before it may repeat; Dataverse keeps the id that we choose",
  "salesforce/look-alikes.ts":
    "only there may creating be repeated without a key, and then looks for what is equal",
  "dynamics/odata/":
    "a batch is a text of its own, framed by hand both ways, and a table is described in ten parts that are put together",
  "dynamics/activity/":
    "activities name people as parties and are frozen once completed, so changing one takes deciding: change it, open it, or a note beside it",
  "dynamics/graph/":
    "mail and the directory are Microsoft's second service, with a sign-in of its own",
};

const packages = ["salesforce", "dynamics"] as const;

/** The files of a package's src, a folder as one. */
function partsOf(name: (typeof packages)[number]): ReadonlySet<string> {
  const folder = `packages/${name}/src`;
  return new Set(
    [...readFiles(folder).keys()].map((path) =>
      path.slice(folder.length + 1).replace(/^(?<folder>[^/]+\/).*$/u, "$<folder>"),
    ),
  );
}

function differing(): readonly string[] {
  const [one, other] = packages.map(partsOf);
  if (one === undefined || other === undefined) return [];
  return [
    ...[...one].filter((part) => !other.has(part)).map((part) => `salesforce/${part}`),
    ...[...other].filter((part) => !one.has(part)).map((part) => `dynamics/${part}`),
  ];
}

describe("A3 the two adapters are twins", () => {
  test("A3 the same files, but for what is listed with its reason", () => {
    expect(partsOf("salesforce").size).toBeGreaterThan(20);
    expect(differing().toSorted()).toEqual(Object.keys(differences).toSorted());
  });

  test("A3 at most six differences, and each has a reason", () => {
    expect(Object.keys(differences).length).toBeLessThanOrEqual(6);
    for (const reason of Object.values(differences)) expect(reason.length).toBeGreaterThan(20);
  });

  test("A3 their doors have the same names for the same things", async () => {
    const [salesforce, dynamics] = await Promise.all([
      import("@wrapup/salesforce"),
      import("@wrapup/dynamics"),
    ]);
    const doors = (of: object): readonly string[] => Object.keys(of).toSorted();
    expect(doors(salesforce)).toEqual(["salesforce", "setup"]);
    expect(doors(dynamics)).toEqual(["dynamics", "graphMail", "setup"]);
    const [one, other] = await Promise.all([
      import("@wrapup/salesforce/emulator"),
      import("@wrapup/dynamics/emulator"),
    ]);
    expect(doors(one)).toEqual(["demoOrg", "emulatorControl", "startSalesforceEmulator"]);
    // The demo organisation's agents have mailboxes too: users of the directory, seeded apart from rows.
    expect(doors(other)).toEqual([
      "demoOrg",
      "demoUsers",
      "emulatorControl",
      "startDynamicsEmulator",
    ]);
  });
});
