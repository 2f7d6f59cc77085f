import { spawn, spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { demoOrg, emulatorControl } from "@wrapup/salesforce/emulator";
import { describe, expect, test } from "vitest";
import { at, byKey, seedOne, startApi, tasks } from "./api.ts";

describe("A4 the control", () => {
  test("over HTTP it does what it does in the process", async () => {
    const api = await startApi();
    const remote = emulatorControl(api.emulator.url);
    const [id = ""] = await remote.seed([
      { sobject: "Lead", fields: { LastName: "Abel", Company: "Alder" } },
    ]);
    await remote.editRecord(id, { Title: "Boss" });
    expect(await remote.records("Lead")).toEqual(await api.emulator.control.records("Lead"));
    const converted = await remote.convertLead(id);
    expect((await remote.records("Contact"))[0]?.Id).toBe(converted.contactId);
    await remote.removeRecord(converted.contactId);
    expect((await remote.records("Contact"))[0]?.deleted).toBe(true);
    await remote.fault({ kind: "status", times: Number.POSITIVE_INFINITY });
    expect([
      (await api.call("GET", "/limits")).status,
      (await api.call("GET", "/limits")).status,
    ]).toEqual([503, 503]);
    await remote.clearFaults();
    await remote.setUsage(9);
    expect((await api.call("GET", "/limits")).headers.get("sforce-limit-info")).toBe(
      "api-usage=10/100000",
    );
    expect([await remote.callCount(), (await remote.calls()).at(-1)?.path]).toEqual([
      1,
      "/services/data/v63.0/limits",
    ]);
    await remote.expireSessions();
    expect((await api.call("GET", "/limits")).status).toBe(401);
    await remote.reset();
    expect([
      (await remote.records("Lead")).length,
      await remote.callCount(),
      (await remote.records("User")).length,
    ]).toEqual([0, 0, 1]);
  });

  test("another process can use it with nothing but fetch", async () => {
    const api = await startApi();
    await seedOne(api, "Task", { Subject: "seen from outside" });
    const script = `fetch(process.argv[1] + "/__emulator__/records", { method: "POST", body: '["Task"]' }).then((r) => r.text()).then(console.log)`;
    const child = spawn(process.execPath, ["-e", script, api.emulator.url], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let text = "";
    for await (const chunk of child.stdout) text += String(chunk);
    expect(text).toContain("seen from outside");
  });

  test.for([
    ["seed", [[{ sobject: "Nope", fields: {} }]], "no object Nope"],
    ["seed", [[{ sobject: "Task", fields: { Nope: 1 } }]], "No such column 'Nope'"],
    ["records", [7], "needs a text argument"],
    ["fault", [{ kind: "flood" }], "a fault needs a kind"],
    ["editRecord", ["00T000000000001", {}], "no record"],
    ["nothing", [], "no control call nothing"],
  ] as const)("%s with a mistake is one clear error", async ([name, given, message]) => {
    const api = await startApi();
    const reply = await api.call("POST", `/__emulator__/${name}`, given);
    expect([reply.status >= 400, String(at(reply.json, "error"))]).toEqual([
      true,
      expect.stringContaining(message),
    ]);
  });

  test("a mistake rejects the remote call as it does the one in the process", async () => {
    const api = await startApi();
    for (const control of [api.emulator.control, emulatorControl(api.emulator.url)]) {
      await expect(control.seed([{ sobject: "Nope", fields: {} }])).rejects.toThrow(
        "no object Nope",
      );
      await expect(control.removeRecord("00T000000000001")).rejects.toThrow(
        "no record 00T000000000001",
      );
    }
  });

  test("a stored record says when it was committed and how often it was changed", async () => {
    let now = 1_700_000_000_000;
    const api = await startApi({ clock: () => now });
    await api.call("PATCH", byKey, { records: tasks({ Wrapup_Key__c: "k1", Subject: "a" }) });
    now += 5000;
    await api.call("PATCH", byKey, { records: tasks({ Wrapup_Key__c: "k1", Subject: "b" }) });
    const [stored] = await api.emulator.control.records("Task");
    expect(stored).toMatchObject({
      createdAt: now - 5000,
      modifiedAt: now,
      modifications: 1,
      deleted: false,
      fields: { LastModifiedDate: "2023-11-14T22:13:25.000+0000" },
    });
  });

  test("W7 a person's edit carries another LastModifiedById than ours", async () => {
    const api = await startApi();
    const person = await seedOne(api, "User", { LastName: "Person" });
    const made = await api.call("POST", "/sobjects/Task", { Subject: "ours" });
    await api.emulator.control.editRecord(String(at(made.json, "id")), { Subject: "theirs" });
    expect((await api.emulator.control.records("Task"))[0]?.fields).toMatchObject({
      Subject: "theirs",
      LastModifiedById: person,
    });
  });

  test("a case takes its comments along when it is deleted", async () => {
    const api = await startApi();
    const ParentId = await seedOne(api, "Case", {});
    await seedOne(api, "CaseComment", { ParentId, CommentBody: "hello" });
    await api.emulator.control.removeRecord(ParentId);
    expect((await api.emulator.control.records("CaseComment"))[0]?.deleted).toBe(true);
  });

  test("paths of calls hold no query, so no customer text", async () => {
    const api = await startApi();
    await api.query("SELECT Id FROM Contact WHERE Email = 'secret@customer.example'");
    expect(JSON.stringify(await api.emulator.control.calls())).not.toContain("secret");
  });
});

describe("A4 the demo org", () => {
  test("has agents by email, one who left, shared switchboards and phones in several forms", async () => {
    const api = await startApi();
    await api.emulator.control.seed(demoOrg());
    const count = async (sobject: string): Promise<number> =>
      (await api.emulator.control.records(sobject)).length;
    expect([
      await count("Account"),
      await count("Contact"),
      await count("Lead"),
      await count("Case"),
      await count("Opportunity"),
    ]).toEqual([30, 150, 20, 60, 20]);
    const users = await api.emulator.control.records("User");
    expect(
      users.filter(
        (user) =>
          user.fields["IsActive"] === true &&
          /^a\d+@wrapup\.example$/.test(String(user.fields["Email"])),
      ).length,
    ).toBe(15);
    expect(users.filter((user) => user.fields["IsActive"] === false).length).toBe(1);
    const phones = (await api.emulator.control.records("Contact")).map((contact) =>
      String(contact.fields["Phone"]),
    );
    expect(new Set(phones).size).toBeLessThan(phones.length);
    expect(
      new Set(phones.map((phone) => phone.replaceAll(/\d/g, "9"))).size,
    ).toBeGreaterThanOrEqual(5);
  });
});

describe("A4 the emulator stands alone", () => {
  const folder = new URL("../../emulator/", import.meta.url);
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".ts"),
  );

  test("it imports node built-ins and itself, nothing else", () => {
    expect(files.length).toBeGreaterThan(50);
    const foreign = files.flatMap((name) => {
      const sources = [
        ...readFileSync(new URL(name, folder), "utf8").matchAll(/(?:from|import) "([^"]+)"/g),
      ].map((match) => match[1] ?? "");
      return sources
        .filter(
          (source) =>
            !source.startsWith("node:") && (!source.startsWith(".") || source.includes("/src/")),
        )
        .map((source) => `${name}: ${source}`);
    });
    expect(foreign).toEqual([]);
  });

  test("every file aims at 250 lines", () => {
    const long = files.filter(
      (name) => readFileSync(new URL(name, folder), "utf8").split("\n").length > 251,
    );
    expect(long).toEqual([]);
  });
});

describe("A4 the command", () => {
  const cli = new URL("../../emulator/cli.ts", import.meta.url).pathname;

  test("starts alone, prints one JSON line first and says that it is an emulator", async () => {
    const child = spawn(process.execPath, [cli, "--json", "--seed-demo"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let text = "";
    for await (const chunk of child.stdout) {
      text += String(chunk);
      if (text.includes("curl")) break;
    }
    const first: unknown = JSON.parse(text.split("\n")[0] ?? "");
    expect(at(first, "credentials", "privateKey")).toContain("BEGIN PRIVATE KEY");
    expect((await emulatorControl(String(at(first, "url"))).records("Account")).length).toBe(30);
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGTERM");
    expect(await ended).toBe(0);
    expect(text).toContain("THIS IS AN EMULATOR, NOT SALESFORCE");
  });

  test("a wrong argument is said and ends it", () => {
    const run = spawnSync(process.execPath, [cli, "--port", "many"], { encoding: "utf8" });
    expect([run.status, run.stderr]).toEqual([
      2,
      expect.stringContaining('--port needs a whole number, not "many"'),
    ]);
  });
});
