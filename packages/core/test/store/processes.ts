import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const script = fileURLToPath(new URL("store-process.ts", import.meta.url));

/** What a process printed, line by line, split into words; a last line that is cut off counts as not said. */
export type Said = readonly (readonly string[])[];

/** A process on a store's file that runs until it is done or killed. */
export type StoreProcess = {
  /** Resolves when it has printed its first acknowledgement after opening. */
  readonly working: Promise<void>;
  readonly kill: () => void;
  /** What it said in its whole life; rejects when it failed by itself. */
  readonly ended: Promise<Said>;
};

/** Starts the role of store-process.ts that the first argument names. `limitKb`: no file may grow beyond. */
export function startProcess(args: readonly string[], limitKb?: number): StoreProcess {
  const command = [process.execPath, "--no-warnings", script, ...args];
  const child =
    limitKb === undefined
      ? spawn(command[0] ?? "", command.slice(1), { stdio: ["ignore", "pipe", "pipe"] })
      : spawn("bash", ["-c", `trap '' XFSZ; ulimit -f ${limitKb}; exec "$@"`, "bash", ...command], {
          stdio: ["ignore", "pipe", "pipe"],
        });
  let [out, err, killed] = ["", "", false];
  const { promise: working, resolve: isWorking } = Promise.withResolvers<void>();
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    out += text;
    if (out.split("\n").length > 2) isWorking();
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => (err += text));
  const ended = new Promise<Said>((resolve, reject) => {
    child.on("close", (code) => {
      isWorking();
      if (code === 0 || killed) resolve(linesOf(out));
      else reject(new Error(`the store process ended with ${code}: ${err}`));
    });
  });
  const kill = (): void => {
    killed = true;
    child.kill("SIGKILL");
  };
  return { working, kill, ended };
}

const linesOf = (out: string): Said =>
  out
    .split("\n")
    .slice(0, -1)
    .map((line) => line.split(" "));

/** The second word of every line that begins with a word. */
export const namedBy = (said: Said, word: string): readonly string[] =>
  said.filter(([first]) => first === word).map(([, name]) => name ?? "");
