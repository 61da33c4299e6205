// A sandbox for tests of what is built on sandboxes: real Python; a snapshot is the list of programs that led to
// the state, and restoring runs them again.
import { createPython, type MicroPython, SandboxUsageError } from "../../../index.js";
import type { SandboxResult, SandboxRunOptions, SandboxSession } from "../../../sandbox-types.js";
import type { SandboxFactory } from "../../sandbox-table.js";

const SLICE = 1_000_000;

export class ReplayingSandbox implements SandboxSession {
  private closed = false;
  private programs: string[] = [];

  private constructor(
    private python: MicroPython,
    private readonly fuel: number,
    private readonly memory: number,
  ) {}

  static factory({ fuel = 5_000_000, memory = 32 * 2 ** 20 } = {}): SandboxFactory {
    const create = async () => {
      const python = await createPython({ memoryLimitBytes: memory });
      return new ReplayingSandbox(python, fuel, memory);
    };
    return {
      create,
      async restore(snapshot) {
        const sandbox = await create();
        for (const code of JSON.parse(new TextDecoder().decode(snapshot)) as string[]) await sandbox.run(code);
        return sandbox;
      },
    };
  }

  async run(code: string, { signal, timeout = 60_000 }: SandboxRunOptions = {}): Promise<SandboxResult> {
    if (this.closed) throw new SandboxUsageError("the sandbox is closed");
    const started = performance.now();
    this.programs.push(code);
    let result = await this.python.run(code, { fuel: Math.min(SLICE, this.fuel) });
    let status: SandboxResult["status"] = "out-of-fuel";
    while (result.error?.kind === "fuel" && result.fuel.used < this.fuel - SLICE) {
      await new Promise((resolve) => setImmediate(resolve));
      if (signal?.aborted) status = "aborted";
      else if (performance.now() - started > timeout) status = "timeout";
      if (status !== "out-of-fuel") break;
      result = await this.python.resume(SLICE);
    }
    const { error, fuel, memory } = result;
    if (error?.kind !== "fuel") {
      status = error === null ? "ok" : error.kind === "memory-limit" ? "out-of-memory" : "error";
    } else {
      // An abandoned run leaves the real sandbox usable; here a new interpreter stands in for that.
      this.programs.pop();
      this.python = await createPython({ memoryLimitBytes: this.memory });
      for (const program of this.programs) await this.python.run(program);
    }
    return {
      ...result,
      status,
      rewound: false,
      error: error?.kind === "fuel" ? null : error,
      fuel: { schedule: fuel.schedule, limit: this.fuel, used: fuel.used, left: Math.max(0, this.fuel - fuel.used) },
      memory,
      hostCalls: 0,
      elapsedMs: performance.now() - started,
    };
  }

  snapshot(): Uint8Array {
    return new TextEncoder().encode(JSON.stringify(this.programs));
  }

  async resume(): Promise<never> {
    throw new Error("no run of this sandbox is ever paused");
  }

  async fork(): Promise<SandboxSession> {
    return ReplayingSandbox.factory({ fuel: this.fuel, memory: this.memory }).restore(this.snapshot());
  }

  async rewind(): Promise<void> {
    this.programs.pop();
    this.python = await createPython({ memoryLimitBytes: this.memory });
    for (const program of this.programs) await this.python.run(program);
  }

  readFile(path: string): Uint8Array {
    return this.python.environment.files.readFile(path);
  }

  writeFile(path: string, content: Uint8Array | string): void {
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    this.python.environment.files.writeFile(path, bytes);
  }

  close(): void {
    this.closed = true;
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
