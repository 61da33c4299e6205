// The package's own MicroPython gets its code that was compiled ahead of time when that pays: reading it takes as long as
// running a program of a few million units does, so what most one-liners use is run by the interpreter, with the image's
// register code. Nobody waits for it: runs go on in it, from their next calls and rounds of loops (Module.giveAhead).

import { type AheadModule, type Module, UsageError } from "../../runtime/index.js";
import { hostTurn } from "../interpreter/turns.js";

/** Fuel that all programs of a module have used, together, when its code is asked for. */
const WORTH_LOADING = 500_000;

/** Bytes as hexadecimal digits, two each. */
export function bytesOfHex(text: string): Uint8Array {
  return Uint8Array.from({ length: text.length / 2 }, (_, i) => Number.parseInt(text.slice(2 * i, 2 * i + 2), 16));
}

export class AheadLoading {
  private used = 0;

  /**
   * @param load undefined if there is none, after all: then the interpreter goes on
   * @param warn of code that is there and cannot be used: then, too
   */
  constructor(
    private readonly module: Module,
    private readonly load: () => Promise<AheadModule | undefined>,
    private readonly warn: (error: unknown) => void,
  ) {}

  /** Programs have used so much more. */
  count(fuel: number): void {
    if (this.used >= WORTH_LOADING) return;
    this.used += fuel;
    if (this.used >= WORTH_LOADING) void this.give();
  }

  private async give(): Promise<void> {
    try {
      const code = await this.load();
      // Reading it was a step, and giving it is another one.
      await hostTurn();
      // It was found by the same fingerprint as the image: nothing is hashed.
      if (code !== undefined) this.module.giveAhead(code, { sha256: bytesOfHex(code.about.module) });
    } catch (error) {
      // Nobody who waits for a program has asked for it. A file of another version is not worth a word.
      if (!(error instanceof UsageError)) this.warn(error);
    }
  }
}

const loading = new WeakMap<Module, AheadLoading>();

/** `module` is to get what `load` gives. */
export function loadAheadLater(
  module: Module,
  load: () => Promise<AheadModule | undefined>,
  warn: (error: unknown) => void,
): void {
  loading.set(module, new AheadLoading(module, load, warn));
}

/** What is told of the fuel that programs of `module` use, if it has code to come. */
export function aheadLoadingOf(module: Module): AheadLoading | undefined {
  return loading.get(module);
}
