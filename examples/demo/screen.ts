import type { WriteStream } from "node:tty";
import { type Paint, paintFor, timeOfDay } from "./paint.ts";
import type { Progress } from "./run.ts";
import { playedMs } from "./story.ts";

/** Where the demo talks to people: a bar that moves on a terminal, plain lines elsewhere. */
export class Screen {
  readonly #out: NodeJS.WriteStream | WriteStream;
  readonly paint: Paint;
  #bar = "";
  #nextLine = 0;

  constructor(out: NodeJS.WriteStream | WriteStream) {
    this.#out = out;
    this.paint = paintFor(out);
  }

  /** A line that stays. */
  line(text = ""): void {
    this.#out.write(`${this.#bar === "" ? "" : "\r\u001B[K"}${text}\n${this.#bar}`);
  }

  /** How far the half hour is. */
  progress(now: Progress): void {
    const share = Math.min(1, Math.max(0, now.atMs / playedMs));
    const said = `${timeOfDay(now.atMs)}  ${now.started} of ${now.of} interactions begun, ${now.written} writes carried out, ${now.retries} retries`;
    if (this.#out.isTTY) {
      const full = Math.round(share * 24);
      this.#bar = `[${"#".repeat(full)}${"-".repeat(24 - full)}] ${said}`.slice(
        0,
        Math.max(20, (this.#out.columns ?? 100) - 1),
      );
      this.#out.write(`\r\u001B[K${this.#bar}`);
    } else if (now.atMs >= this.#nextLine) {
      this.#nextLine += playedMs / 6;
      this.line(`  ${said}`);
    }
  }

  /** Takes the bar away. */
  endProgress(): void {
    if (this.#bar !== "") this.#out.write("\r\u001B[K");
    this.#bar = "";
  }
}
