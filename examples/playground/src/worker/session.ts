// A Python session that goes forwards and back. Back is forwards from the last checkpoint before: a run is the same
// however often it is run, so what was at a fuel count is there again.
//
//   checkpoints   0 ——— 300,000 ——— 600,000         stands at 812,345
//   one back      fork of 600,000, and 212,344 units on
import type { Sandbox, SandboxResult } from "escapement/micropython";
import type { HostCall, Place } from "../protocol.js";
import { pageSums } from "./pages.js";

/** Fuel between two turns, in which a stop is heard. */
const SLICE = 300_000;
const MOST_CHECKPOINTS = 24;
/** A step by line looks this far ahead at a time, which few lines are shorter than; */
const STRIDE = 64;
/** in a line that goes on after so many looks twice as far each time, up to the longest stride. */
const EVEN_LOOKS = 32;
const LONGEST_STRIDE = 65_536;
/** The name of the program's file in tracebacks. */
const PROGRAM = "<stdin>";

interface Checkpoint {
  readonly fuel: number;
  readonly calls: number;
  readonly sandbox: Sandbox;
}

/** The class, which the page has in its bundle, and Node elsewhere. */
export type SandboxClass = typeof Sandbox;

export interface Artifact {
  readonly artifact: Uint8Array;
  readonly image: Uint8Array;
}

export class Session {
  /** What the last run has given so far. */
  result: SandboxResult | undefined;
  /** Page sums when the run began. */
  before: Int32Array;
  limit = 0;
  private checkpoints: Checkpoint[] = [];
  private stopping = false;

  constructor(
    public sandbox: Sandbox,
    readonly calls: HostCall[],
  ) {
    this.before = pageSums(sandbox.readMemory());
  }

  static async create(Sandbox: SandboxClass, files: Artifact, seed: number): Promise<Session> {
    const calls: HostCall[] = [];
    return new Session(await Sandbox.create({ ...files, ...optionsOf(calls), seed }), calls);
  }

  static async restore(Sandbox: SandboxClass, files: Artifact, bytes: Uint8Array): Promise<Session> {
    const calls: HostCall[] = [];
    const sandbox = await Sandbox.restore(bytes, { ...files, ...optionsOf(calls) });
    const session = new Session(sandbox, calls);
    session.result = sandbox.paused;
    session.limit = sandbox.paused?.fuel.limit ?? 0;
    if (sandbox.paused !== undefined) await session.keep();
    return session;
  }

  get fuel(): number {
    return this.result?.fuel.used ?? 0;
  }

  get isPaused(): boolean {
    return this.result?.status === "paused";
  }

  stop(): void {
    this.stopping = true;
  }

  /** Starts a program, and stops before its first instruction. */
  async begin(code: string, limit: number): Promise<void> {
    await this.sandbox.abandon();
    this.before = pageSums(this.sandbox.readMemory());
    this.checkpoints = [];
    this.calls.length = 0;
    this.limit = limit;
    this.result = await this.sandbox.run(code, { fuel: 0 });
    if (this.isPaused) await this.keep();
  }

  /** Runs on until the end, the limit or a stop. */
  async goOn(limit: number, onSlice: (result: SandboxResult) => void): Promise<void> {
    this.limit = limit;
    this.stopping = false;
    while (this.isPaused && this.fuel < limit && !this.stopping) {
      await this.forwards(Math.min(SLICE, limit - this.fuel));
      if (!this.isPaused) return;
      if (this.fuel - this.checkpoints.at(-1)!.fuel >= SLICE) await this.keep();
      onSlice(this.result!);
    }
  }

  private async forwards(fuel: number): Promise<void> {
    this.result = await this.sandbox.resume(this.result!, fuel);
  }

  /** Of too many checkpoints each second one goes. */
  private async keep(): Promise<void> {
    if (this.checkpoints.length >= MOST_CHECKPOINTS) this.checkpoints = this.checkpoints.filter((_, i) => i % 2 === 0);
    this.checkpoints.push({ fuel: this.fuel, calls: this.calls.length, sandbox: await this.sandbox.fork() });
  }

  /** Goes to where the run had used `fuel`, in either direction. */
  async goTo(fuel: number): Promise<void> {
    const target = Math.max(0, fuel);
    if (target < this.fuel || !this.isPaused) {
      const from = this.checkpoints.filter((checkpoint) => checkpoint.fuel <= target).at(-1) ?? this.checkpoints[0];
      if (from === undefined) return;
      this.sandbox = await from.sandbox.fork();
      this.result = this.sandbox.paused;
      this.calls.length = from.calls;
    }
    if (this.isPaused && target > this.fuel) await this.forwards(target - this.fuel);
  }

  async step(by: "instruction" | "line", back: boolean): Promise<void> {
    if (by === "instruction") await this.goTo(this.fuel + (back ? -1 : 1));
    else if (back) await this.lineBack();
    else await this.lineOn();
  }

  async where(): Promise<readonly Place[] | null> {
    return this.isPaused ? ((await this.sandbox.where()) ?? null) : null;
  }

  /** The program's own lines that are under way, as one text: what a step by line changes. */
  private async lines(): Promise<string> {
    const places = (await this.where()) ?? [];
    return places.flatMap(({ file, line, function: name }) => (file === PROGRAM ? [`${name}:${line}`] : [])).join(" ");
  }

  /** Whether the program is in another line now; where it cannot be asked, it has not left the one before. */
  private async hasLeft(line: string): Promise<boolean> {
    const now = await this.lines();
    return now !== line && now !== "";
  }

  private async lineOn(): Promise<void> {
    const from = await this.lines();
    let same = this.fuel;
    for (let looks = 1; this.isPaused && this.fuel < this.limit; looks++) {
      await this.forwards(Math.min(strideOf(looks), this.limit - this.fuel));
      if (!this.isPaused || (await this.hasLeft(from))) return this.narrow(same, this.fuel, from);
      same = this.fuel;
    }
  }

  /** Goes to the beginning of the line that the program was in before this one. */
  private async lineBack(): Promise<void> {
    const end = await this.leaveBackwards(this.fuel);
    const beginning = await this.leaveBackwards(end);
    if (beginning === end) return this.goTo(0);
    await this.narrow(beginning, end, await this.lines());
  }

  /** Goes back until the program is in another line than at `fuel`; answers with where that was seen, or 0. */
  private async leaveBackwards(fuel: number): Promise<number> {
    await this.goTo(fuel);
    const line = await this.lines();
    let at = fuel;
    for (let looks = 1; at > 0; looks++) {
      at = Math.max(0, at - strideOf(looks));
      await this.goTo(at);
      if (await this.hasLeft(line)) break;
    }
    return at;
  }

  /** Goes to the first place behind `same` that is not at `from`; at `other` it is another already. */
  private async narrow(same: number, other: number, from: string): Promise<void> {
    let low = same;
    let high = other;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      await this.goTo(middle);
      if (!this.isPaused || (await this.hasLeft(from))) high = middle;
      else low = middle;
    }
    await this.goTo(high);
  }

  /** An independent copy at the same place. */
  async copy(): Promise<Session> {
    const session = new Session(await this.sandbox.fork(), this.calls);
    session.result = this.result;
    session.before = this.before;
    session.limit = this.limit;
    session.checkpoints = [...this.checkpoints];
    return session;
  }
}

function strideOf(looks: number): number {
  return Math.min(LONGEST_STRIDE, STRIDE * 2 ** Math.max(0, looks - EVEN_LOOKS));
}

/** What the examples may call, and what their calls leave on the timeline. */
function optionsOf(calls: HostCall[]) {
  const called = (name: string, text: string): void => void calls.push({ name, text });
  return {
    onFuelExhausted: "pause",
    fuel: Number.MAX_SAFE_INTEGER,
    memory: "32MiB",
    functions: {
      price: (symbol: string) => {
        let sum = 0;
        for (const letter of String(symbol)) sum = (sum * 31 + letter.codePointAt(0)!) % 10_007;
        called("price", `${symbol} → ${sum / 100}`);
        return sum / 100;
      },
      note: (text: string) => {
        called("note", String(text));
        return null;
      },
    },
  } as const;
}
