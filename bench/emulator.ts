import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** What an emulator's command says when it is ready, as JSON. */
export type Started = {
  readonly said: Readonly<Record<string, unknown>>;
  readonly close: () => Promise<void>;
};

/** Starts an emulator as its users do, in a process of its own and with limits that no benchmark reaches. */
export async function startEmulator(subpath: `@wrapup/${string}/emulator`): Promise<Started> {
  const cli = fileURLToPath(import.meta.resolve(subpath)).replace(/index\.(ts|js)$/u, "cli.$1");
  const child = spawn(process.execPath, [cli, "--json", "--limit", "100000000"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  // Whatever ends this process, the emulator ends with it.
  const stop = (): void => void child.kill("SIGKILL");
  process.once("exit", stop);
  return {
    said: await firstLine(child),
    close: async () => {
      process.off("exit", stop);
      const closed = once(child, "exit");
      child.kill("SIGTERM");
      await closed;
    },
  };
}

async function firstLine(child: ChildProcess): Promise<Readonly<Record<string, unknown>>> {
  if (child.stdout === null) throw new Error("the emulator has no output");
  const lines = createInterface({ input: child.stdout });
  const first: unknown[] = await once(lines, "line");
  const said: unknown = JSON.parse(String(first[0]));
  if (typeof said !== "object" || said === null)
    throw new Error("the emulator did not say where it is");
  return Object.fromEntries(Object.entries(said));
}

/** Texts by name, of JSON from outside. */
export const textsIn = (json: unknown): Readonly<Record<string, string>> =>
  typeof json === "object" && json !== null
    ? Object.fromEntries(
        Object.entries(json).flatMap(([name, value]) =>
          typeof value === "string" ? [[name, value] as const] : [],
        ),
      )
    : {};

/** Gets an access token for peers by client credentials. */
export async function tokenFrom(
  url: string,
  form: Readonly<Record<string, string>>,
): Promise<string> {
  const reply = await fetch(url, {
    method: "POST",
    body: new URLSearchParams({ grant_type: "client_credentials", ...form }),
  });
  const { access_token: token } = textsIn(await reply.json());
  if (token === undefined) throw new Error(`the emulator gave no token (HTTP ${reply.status})`);
  return token;
}
