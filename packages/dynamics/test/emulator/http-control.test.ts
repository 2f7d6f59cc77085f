import { spawn, spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import {
  demoOrg,
  demoUsers,
  emulatorControl,
  startDynamicsEmulator,
} from "@wrapup/dynamics/emulator";
import { describe, expect, test } from "vitest";
import { askToken, at, read, seedOne, startApi } from "./api.ts";

describe("A4 the control", () => {
  test("over HTTP it does what it does in the process", async () => {
    const api = await startApi();
    const remote = emulatorControl(api.emulator.url);
    const [id = ""] = await remote.seed([
      { table: "lead", columns: { lastname: "Abel", subject: "Alder", companyname: "Alder" } },
    ]);
    await remote.editRow("lead", id, { jobtitle: "Boss" });
    expect(await remote.rows("lead")).toEqual(await api.emulator.control.rows("lead"));
    const qualified = await remote.qualifyLead(id);
    expect((await remote.rows("contact"))[0]?.id).toBe(qualified.contactId);
    await remote.removeRow("contact", qualified.contactId);
    expect((await remote.rows("contact"))[0]?.deleted).toBe(true);
    await remote.fault({ kind: "status", times: Number.POSITIVE_INFINITY });
    expect([
      (await api.call("GET", "WhoAmI()")).status,
      (await api.call("GET", "WhoAmI()")).status,
    ]).toEqual([503, 503]);
    await remote.clearFaults();
    await api.call("GET", "WhoAmI()");
    expect([await remote.callCount(), (await remote.calls()).at(-1)]).toEqual([
      1,
      {
        at: expect.any(Number),
        service: "dataverse",
        method: "GET",
        path: "/api/data/v9.2/WhoAmI()",
        status: 200,
        operations: 1,
        writes: 0,
      },
    ]);
    await remote.expireTokens();
    expect((await api.call("GET", "WhoAmI()")).status).toBe(401);
    await remote.reset();
    expect([
      (await remote.rows("lead")).length,
      (await remote.calls()).length,
      (await remote.rows("systemuser")).length,
    ]).toEqual([0, 0, 1]);
  });

  test("K9 merging deactivates the loser, names the winner and moves the children", async () => {
    const api = await startApi();
    const remote = emulatorControl(api.emulator.url);
    const winner = await seedOne(api, "contact", { lastname: "Abel" });
    const loser = await seedOne(api, "contact", { lastname: "Abell" });
    const customerid = { table: "contact", id: loser };
    await seedOne(api, "incident", { title: "Late", customerid });
    await remote.merge("contact", winner, loser);
    const rows = await remote.rows("contact");
    expect(rows.find((row) => row.id === loser)?.columns).toMatchObject({
      merged: true,
      masterid: { table: "contact", id: winner },
      statecode: 1,
    });
    expect((await remote.rows("incident"))[0]?.columns["customerid"]).toEqual({
      table: "contact",
      id: winner,
    });
  });

  test("users and mails are reached over HTTP too", async () => {
    const api = await startApi();
    const remote = emulatorControl(api.emulator.url);
    const [id] = await remote.seedUsers([{ userPrincipalName: "a1@wrapup.example" }]);
    expect([id, await remote.mails()]).toEqual([expect.stringMatching(/^[0-9a-f-]{36}$/), []]);
    await expect(remote.removeMail("nothing")).rejects.toThrow("no mail nothing");
  });

  test.for([
    ["seed", [[{ table: "task" }]], "a seed row needs table and columns"],
    ["seed", [[{ table: "task", columns: { nope: 1 } }]], "cannot seed task"],
    ["seed", [[{ table: "Nope", columns: {} }]], "Nope"],
    ["rows", [7], "needs a text argument"],
    ["rows", ["nope"], "no table nope"],
    ["fault", [{ kind: "flood" }], "a fault needs a kind"],
    ["setLatency", ["long"], "needs a number argument"],
    ["seedUsers", [[{}]], "userPrincipalName"],
    ["editRow", ["task", "11111111-2222-4333-8444-555555555555", {}], "no task 1111"],
    ["nothing", [], "no control call nothing"],
  ] as const)("%s with a mistake is one clear error", async ([name, given, message]) => {
    const { emulator } = await startApi();
    const address = `${emulator.url}/__emulator__/${name}`;
    const reply = await read(await fetch(address, { method: "POST", body: JSON.stringify(given) }));
    expect([reply.status >= 400, String(at(reply.json, "error"))]).toEqual([
      true,
      expect.stringContaining(message),
    ]);
  });

  test("a mistake rejects the remote call as it does the one in the process", async () => {
    const api = await startApi();
    for (const control of [api.emulator.control, emulatorControl(api.emulator.url)]) {
      await expect(control.seed([{ table: "nope", columns: {} }])).rejects.toThrow("nope");
      await expect(
        control.removeRow("task", "11111111-2222-4333-8444-555555555555"),
      ).rejects.toThrow("no task 11111111");
    }
  });

  test("a stored row says when it was committed and how often it was changed", async () => {
    let now = 1_700_000_000_000;
    const api = await startApi({ clock: () => now });
    const path = "tasks(11111111-2222-4333-8444-555555555555)";
    await api.call("PATCH", path, { subject: "a" });
    now += 5000;
    await api.call("PATCH", path, { subject: "b" });
    const [stored] = await api.emulator.control.rows("task");
    expect(stored).toMatchObject({
      createdAt: now - 5000,
      modifiedAt: now,
      modifications: 1,
      deleted: false,
      columns: { subject: "b" },
    });
  });

  test("W7 a person's edit carries another modifiedBy than ours", async () => {
    const api = await startApi();
    const person = await seedOne(api, "systemuser", { lastname: "Person", domainname: "p" });
    await api.call("POST", "tasks", { subject: "ours" });
    const [ours] = await api.emulator.control.rows("task");
    await api.emulator.control.editRow("task", ours?.id ?? "", { subject: "theirs" });
    expect((await api.emulator.control.rows("task"))[0]).toMatchObject({
      columns: { subject: "theirs" },
      modifiedBy: person,
      createdBy: ours?.createdBy,
    });
    expect(ours?.modifiedBy).not.toBe(person);
  });

  test("paths of calls hold no query, so no customer text; a batch tells its operations", async () => {
    const api = await startApi();
    const filter = encodeURIComponent("emailaddress1 eq 'secret@customer.example'");
    await api.call("GET", `contacts?$select=fullname&$filter=${filter}`);
    expect(JSON.stringify(await api.emulator.control.calls())).not.toContain("secret");
  });

  test("a port that is taken fails the start and leaves nothing open", async () => {
    const { emulator } = await startApi();
    const graphPort = Number(new URL(emulator.graphUrl).port);
    const freed = await startDynamicsEmulator();
    await freed.close();
    const port = Number(new URL(freed.url).port);
    await expect(startDynamicsEmulator({ port, graphPort })).rejects.toThrow("EADDRINUSE");
    await expect(fetch(freed.url)).rejects.toThrow("fetch failed");
  });
});

describe("A4 the demo organisation", () => {
  test("has agents by email, one who left, shared switchboards and phones in several forms", async () => {
    const api = await startApi();
    const { control } = api.emulator;
    await control.seed(demoOrg());
    await control.seedUsers(demoUsers());
    const count = async (table: string): Promise<number> => (await control.rows(table)).length;
    expect([
      await count("account"),
      await count("contact"),
      await count("lead"),
      await count("incident"),
      await count("opportunity"),
    ]).toEqual([30, 150, 20, 60, 20]);
    const users = await control.rows("systemuser");
    const agents = users.filter((user) =>
      /^a\d+@wrapup\.example$/.test(String(user.columns["internalemailaddress"])),
    );
    expect([
      agents.length,
      users.filter((user) => user.columns["isdisabled"] === true).length,
    ]).toEqual([15, 1]);
    expect(agents.map((user) => user.columns["azureactivedirectoryobjectid"])).toEqual(
      demoUsers()
        .slice(0, 15)
        .map(({ id }) => id),
    );
    const phones = (await control.rows("contact")).map((one) => String(one.columns["telephone1"]));
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
    expect(at(first, "credentials", "certificate", "privateKey")).toContain("BEGIN PRIVATE KEY");
    const url = String(at(first, "url"));
    expect((await emulatorControl(url).rows("account")).length).toBe(30);
    expect([at(first, "authority"), at(first, "graphUrl") === url]).toEqual([url, false]);
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGTERM");
    expect(await ended).toBe(0);
    expect(text).toContain("THIS IS AN EMULATOR, NOT DYNAMICS 365");
  });

  test("a wrong argument is said and ends it", () => {
    const run = spawnSync(process.execPath, [cli, "--port", "many"], { encoding: "utf8" });
    expect([run.status, run.stderr]).toEqual([
      2,
      expect.stringContaining('--port needs a whole number, not "many"'),
    ]);
  });
});

test("A4 credentials of one process open every emulator of it", async () => {
  const [one, two] = [await startApi(), await startApi()];
  expect(one.emulator.credentials.certificate).toEqual(two.emulator.credentials.certificate);
  expect((await askToken(two.emulator)).status).toBe(200);
});
