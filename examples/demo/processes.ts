import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const settingName = "WRAPUP_DEMO_CHILD";

/** In a child: what the parent told it to be. It also ends the child when the parent is gone, however it went. */
export function childSetting(): Message {
  const text = process.env[settingName];
  if (text === undefined || process.send === undefined)
    throw new Error("This file is started by examples/demo/main.ts, not by hand.");
  process.once("disconnect", () => process.exit(0));
  // Ctrl-C reaches the whole group; the parent ends its children itself, in its own order.
  process.on("SIGINT", () => undefined);
  const setting: unknown = JSON.parse(text);
  return messageOf(setting);
}

/** In a child: one message for the parent. */
export function tellParent(message: Readonly<Record<string, string>>): void {
  if (process.connected) process.send?.(message);
}

/** Flat messages of text, as children send them. */
export type Message = ReadonlyMap<string, string>;

function messageOf(given: unknown): Message {
  const pairs = typeof given === "object" && given !== null ? Object.entries(given) : [];
  return new Map(
    pairs.flatMap(([name, value]) => (typeof value === "string" ? [[name, value] as const] : [])),
  );
}

/** The demo's own child processes. Whatever happens, none outlives the demo. */
export class Processes {
  readonly #running = new Set<ChildProcess>();

  /** Starts a file of this folder and resolves with its first message. `heard` gets the later ones. */
  async start(
    file: string,
    setting: Readonly<Record<string, string>>,
    heard: (message: Message) => void = () => undefined,
  ): Promise<{ readonly first: Message; readonly kill: () => Promise<void> }> {
    const child = fork(fileURLToPath(new URL(file, import.meta.url)), {
      env: { ...process.env, [settingName]: JSON.stringify(setting) },
      execArgv: ["--disable-warning=ExperimentalWarning"],
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    this.#running.add(child);
    let said = "";
    child.stderr?.on("data", (data: Buffer) => (said = `${said}${data.toString()}`.slice(-4_000)));
    const exited = once(child, "exit").then(() => void this.#running.delete(child));
    const first = await Promise.race([
      once(child, "message").then(([given]: readonly unknown[]) => messageOf(given)),
      exited.then(() => undefined),
    ]);
    if (first === undefined) throw new Error(`${file} ended before it was ready\n${said}`);
    child.on("message", (given) => heard(messageOf(given)));
    return {
      first,
      kill: async () => {
        child.kill("SIGKILL");
        await exited;
      },
    };
  }

  /** Ends every child at once. */
  killAll(): void {
    for (const child of this.#running) child.kill("SIGKILL");
  }
}
