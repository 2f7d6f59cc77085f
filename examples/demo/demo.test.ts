import { spawn } from "node:child_process";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

type Ended = {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly leftBehind: readonly string[];
};

/** Runs the demo as people do, in a temporary folder of its own. `interruptAt`: Ctrl-C once this was printed. */
async function demo(args: readonly string[], interruptAt?: string): Promise<Ended> {
  const folder = await mkdtemp(join(tmpdir(), "wrapup-demo-test-"));
  try {
    const child = spawn(
      process.execPath,
      [fileURLToPath(new URL("main.ts", import.meta.url)), ...args],
      { env: { ...process.env, TMPDIR: folder }, stdio: ["ignore", "pipe", "pipe"] },
    );
    let [stdout, stderr] = ["", ""];
    child.stdout.on("data", (data: Buffer) => {
      stdout += data.toString();
      if (interruptAt === undefined || !stdout.includes(interruptAt)) return;
      interruptAt = undefined;
      child.kill("SIGINT");
    });
    child.stderr.on("data", (data: Buffer) => (stderr += data.toString()));
    const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
    return { code, stdout, stderr, leftBehind: await readdir(folder) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const small = ["--interactions", "30", "--seconds", "4"] as const;
const jsonIn = ({ stdout }: Ended): unknown =>
  JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "");

/** The proof's figures of one CRM, or of all together. */
const proven = { missing: 0, duplicates: 0, early: 0, misfiled: 0, outdated: 0, unexpected: 0 };

describe.concurrent("the demo, end to end", { timeout: 120_000 }, () => {
  test("W1 W2 W3 holds its proof in two hostile CRMs and through kill -9, says so in one JSON line, and leaves nothing behind", async ({
    expect,
  }) => {
    const ended = await demo([...small, "--json"]);
    expect(jsonIn(ended), ended.stdout + ended.stderr).toMatchObject({
      interactions: 30,
      ...proven,
      killed: 1,
      holds: true,
      crms: {
        salesforce: { ...proven, activities: 31, parked: 2 },
        dynamics: { ...proven, activities: 28, parked: 1 },
      },
    });
    expect(ended.stdout).toContain("The proof holds.");
    expect(ended.code).toBe(0);
    expect(ended.leftBehind).toEqual([]);
  });

  test.for([
    ["salesforce", "Salesforce"],
    ["dynamics", "Dynamics 365"],
  ] as const)("K4 plays against one CRM alone: %s", async ([crm, label], { expect }) => {
    const ended = await demo(["--interactions", "10", "--seconds", "3", "--crm", crm, "--json"]);
    const said = jsonIn(ended);
    expect(said, ended.stdout + ended.stderr).toMatchObject({ ...proven, holds: true });
    expect(said).toHaveProperty(["crms", crm, "missing"], 0);
    expect(ended.stdout).toContain(`an emulated ${label} that misbehaves`);
  });

  test.for([
    ["early", "1 activity was written early"],
    ["duplicate", "1 activity is there twice"],
    ["missing", "1 activity is missing"],
  ] as const)(
    "its proof fails in each CRM when sabotaged: %s",
    async ([how, fault], { expect }) => {
      const ended = await demo(["--interactions", "10", "--seconds", "3", "--sabotage", how]);
      expect(ended.stdout, ended.stderr).toContain(`The proof fails: Salesforce: ${fault}`);
      expect(ended.stdout).toContain(`; Dynamics 365: ${fault}`);
      expect(ended.code).toBe(1);
    },
  );

  test("Ctrl-C ends it and its children, and removes its files", async ({ expect }) => {
    const ended = await demo([...small], "slow down");
    expect(ended.code).toBe(130);
    expect(ended.leftBehind).toEqual([]);
  });
});

describe("the demo's command line", () => {
  test("a wrong flag gives one clear line and 2", async () => {
    const { code, stdout, stderr } = await demo(["--sabotage", "late"]);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toBe(
      "--sabotage late: it may be early, duplicate, missing. See pnpm demo --help.\n",
    );
  });

  test("O5 a wrong input gives its file and line, and 2", async () => {
    const folder = await mkdtemp(join(tmpdir(), "wrapup-demo-input-"));
    const file = join(folder, "calls.jsonl");
    await writeFile(file, '{"id":"c-1","channel":"pigeon"}\n');
    const { code, stderr } = await demo(["--input", file]);
    await rm(folder, { recursive: true });
    expect([code, stderr]).toEqual([
      2,
      `${file}:1: channel: must be one of voice, chat, email, sms, messaging, social\n`,
    ]);
  });

  test("--help says what there is", async () => {
    const { code, stdout } = await demo(["--help"]);
    expect(code).toBe(0);
    for (const flag of [
      "--crm",
      "--json",
      "--sabotage",
      "--input",
      "--real",
      "--seed",
      "--interactions",
    ])
      expect(stdout).toContain(flag);
  });
});
