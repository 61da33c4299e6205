// V8, in a process of its own: a module that it never finishes ends that process, and no more.

import { type ChildProcess, spawn } from "node:child_process";
import { createInterface, type Interface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { DecodedModule } from "../../decoder/module.js";
import type { Call } from "../../runtime/test/support/differential.js";
import type { HostAnswer, HostRequest } from "./host-child.js";

/** What V8 gets for a module. Modules end within milliseconds; the machine may be busy. */
const PATIENCE_MS = 60_000;

export class Host {
  private child: ChildProcess | undefined;
  private lines: Interface | undefined;

  /** @param node a Node binary */
  constructor(private readonly node: string) {}

  async trace(module: DecodedModule, calls: readonly Call[]): Promise<HostAnswer> {
    const { child, lines } = this.started();
    const request: HostRequest = {
      module: Buffer.from(module.bytes).toString("base64"),
      calls: calls.map((call) => ({ ...call, args: call.args.map((bits) => bits?.toString() ?? null) })),
    };
    return new Promise((resolve) => {
      const done = (answer: HostAnswer): void => {
        clearTimeout(timer);
        lines.off("line", read);
        child.off("exit", ended);
        resolve(answer);
      };
      const read = (line: string): void => done(JSON.parse(line) as HostAnswer);
      const ended = (code: number | null, signal: string | null): void => {
        this.child = undefined;
        done({ refused: `its process ended with ${code ?? signal}` });
      };
      const timer = setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS);
      lines.on("line", read);
      child.on("exit", ended);
      child.stdin!.write(`${JSON.stringify(request)}\n`);
    });
  }

  close(): void {
    this.child?.stdin?.end();
  }

  private started(): { readonly child: ChildProcess; readonly lines: Interface } {
    if (this.child === undefined) {
      const script = fileURLToPath(new URL("host-child.ts", import.meta.url));
      this.child = spawn(this.node, ["--import", "tsx", script], { stdio: ["pipe", "pipe", "inherit"] });
      this.lines = createInterface({ input: this.child.stdout! });
    }
    return { child: this.child, lines: this.lines! };
  }
}
