// V8's flags while a process of the command is young. Its best compiler takes 50 to 100 ms of processor time for the
// interpreter's loop alone, and begins when a program has run a thousand operations; most programs end before that is
// earned back, and the process waits for its end. Likewise V8's first rooms for objects are small, and each time that one is
// full, threads are woken to clear it. So both wait until a program has run for long. Only in the command's own process:
// flags are the process's, which a library has no right to.
import nodeModule from "node:module";

const require = nodeModule.createRequire(import.meta.url);

/** What is set, and the default that is set again. */
const FLAGS: readonly (readonly [young: string, grown: string])[] = [
  // Functions of more bytecode are not optimised: all of them.
  ["--max-optimized-bytecode-size=0", "--max-optimized-bytecode-size=61440"],
  ["--semi-space-growth-factor=16", "--semi-space-growth-factor=2"],
];
/** Where the compiler between the two is on by default. */
const MAGLEV_FLAGS = ["--no-maglev", "--maglev"] as const;
/** V8's versions, by the first number, on which all this was tried; true: that have MAGLEV_FLAGS' compiler on. */
const TRIED: Readonly<Record<string, boolean>> = { "11": false, "12": false, "13": true, "14": true };

/** Not Bun, whose V8 is none, and not Deno. */
export function isNode(): boolean {
  const { versions } = process as { versions: Readonly<Record<string, string | undefined>> };
  return versions["v8"] !== undefined && versions["bun"] === undefined && versions["deno"] === undefined;
}

export class YoungProcess {
  private isYoung = false;

  private constructor(private readonly flags: readonly (readonly [young: string, grown: string])[]) {}

  /**
   * Null where nothing is to be set: on a V8 that was not tried, on hosts that only call themselves Node, and where the
   * user has set flags.
   */
  static ofThis(): YoungProcess | null {
    const { env, execArgv, versions } = process;
    const hasMaglev = isNode() ? TRIED[versions.v8.split(".")[0]!] : undefined;
    if (hasMaglev === undefined || execArgv.length > 0 || env["NODE_OPTIONS"]) return null;
    return new YoungProcess(hasMaglev ? [...FLAGS, MAGLEV_FLAGS] : FLAGS);
  }

  /** Sets the flags of a young process. */
  begin(): void {
    this.isYoung = true;
    this.set(0);
  }

  /** Sets them back, for good. */
  end(): void {
    if (!this.isYoung) return;
    this.isYoung = false;
    this.set(1);
  }

  /** Does something under the default flags: V8 takes and makes code for later processes by the flags that are set. */
  pause<T>(body: () => T): T {
    if (!this.isYoung) return body();
    this.set(1);
    try {
      return body();
    } finally {
      this.set(0);
    }
  }

  private set(which: 0 | 1): void {
    const { setFlagsFromString } = require("node:v8") as typeof import("node:v8");
    for (const flag of this.flags) setFlagsFromString(flag[which]);
  }
}
