// A contestant's process, from the side of the benchmark.
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import type { Answer, Greeting, Request } from "./protocol.js";

export interface Measured {
  readonly ms: readonly number[];
  readonly result: string;
}

/** What is kept of a contestant's standard error. */
const STDERR_CHARACTERS = 2000;

export class Contestant {
  version = "";
  private readonly child: ChildProcess;
  private readonly lines: AsyncIterator<string>;
  private readonly failedToStart: Promise<never>;
  private stderr = "";

  private constructor(
    readonly name: string,
    command: readonly string[],
  ) {
    const [program, ...args] = command;
    this.child = spawn(program!, args, { stdio: ["pipe", "pipe", "pipe"] });
    this.child.stderr!.on("data", (data: Buffer) => {
      this.stderr = (this.stderr + data.toString()).slice(-STDERR_CHARACTERS);
    });
    // A write to a process that has ended; that it has is found when its answer is read.
    this.child.stdin!.on("error", () => {});
    this.failedToStart = new Promise((_, reject) => this.child.on("error", reject));
    // It is asked for with each line.
    this.failedToStart.catch(() => {});
    this.lines = createInterface({ input: this.child.stdout! })[Symbol.asyncIterator]();
  }

  /** @throws Error that says why there is no such contestant */
  static async start(name: string, command: readonly string[], patienceMs: number): Promise<Contestant> {
    const contestant = new Contestant(name, command);
    try {
      const greeting = (await contestant.line(patienceMs)) as Greeting;
      if ("absent" in greeting) throw new Error(greeting.absent);
      contestant.version = greeting.version;
      return contestant;
    } catch (error) {
      contestant.close();
      throw error;
    }
  }

  /** @throws Error if it failed, ended, or did not answer in time; one that did not answer is ended */
  async ask(request: Request, patienceMs: number): Promise<Measured> {
    this.child.stdin!.write(`${JSON.stringify(request)}\n`);
    const answer = (await this.line(patienceMs)) as Answer;
    if ("error" in answer) throw new Error(answer.error);
    return answer;
  }

  /** The largest resident set so far in MiB; null where the host does not tell. */
  peakMebibytes(): number | null {
    try {
      const status = readFileSync(`/proc/${this.child.pid}/status`, "utf8");
      return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)![1]) / 1024;
    } catch {
      return null;
    }
  }

  close(): void {
    this.child.stdin!.end();
    this.child.kill();
  }

  private async line(patienceMs: number): Promise<unknown> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer in ${patienceMs / 1000} s`)), patienceMs);
    });
    try {
      const { value, done } = await Promise.race([this.lines.next(), late, this.failedToStart]);
      if (done) throw new Error(`its process ended: ${lastLine(this.stderr)}`);
      return JSON.parse(value as string);
    } catch (error) {
      this.close();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1) || "without a word";
}
