// A linker that writes down every call of a host function that it defines.
import type { Engine } from "../runtime/embedding/engine.js";
import type { HostFunction, HostFunctionOptions } from "../runtime/embedding/host-func.js";
import { Linker } from "../runtime/embedding/linker.js";
import type { Caller } from "../runtime/interpreter/caller.js";
import { FuelPause, GuestCall } from "../runtime/interpreter/host-signals.js";
import type { Sha256 } from "../runtime/sha256.js";
import type { FuncDescription } from "../runtime/store/type-names.js";
import { isThenable, promiseOf } from "../runtime/thenable.js";
import { canonicalJson, type HostCall, hashOfData } from "./receipt.js";

export interface HostLogOptions {
  readonly sha256?: Sha256 | undefined;
  /** Whether results are written down as their hashes; default false. */
  readonly hashResults?: boolean | undefined;
  /** Fuel that the run had used before the execution that calls. */
  readonly fuelBefore: () => number;
}

/**
 * Linker and log in one. A call that pauses for fuel is made anew, and written down once: when it is over. Results are
 * written as plain JSON where they are such, and else in the forms of canonicalJson.
 */
export class RecordingLinker extends Linker {
  readonly calls: HostCall[] = [];

  constructor(
    engine: Engine,
    private readonly log: HostLogOptions,
  ) {
    super(engine);
  }

  override defineFunc(
    module: string,
    name: string,
    type: FuncDescription,
    fn: HostFunction,
    options: HostFunctionOptions = {},
  ): this {
    const recorded: HostFunction = (caller: Caller, ...args: unknown[]) => {
      const digest = hashOfData(args, this.log.sha256);
      const note = (result: unknown) => this.note(caller, `${module}.${name}`, digest, result);
      try {
        const result = fn(caller, ...args);
        if (isThenable(result)) {
          return promiseOf(result)!.then((value) => {
            note(this.plain(value));
            return value;
          });
        }
        // The guest is called first; what comes of it is in the states that follow.
        note(result instanceof GuestCall ? { calledGuest: true } : this.plain(result));
        return result;
      } catch (error) {
        if (!(error instanceof FuelPause)) note({ threw: error instanceof Error ? error.message : String(error) });
        throw error;
      }
    };
    return super.defineFunc(module, name, type, recorded, options);
  }

  private note(caller: Caller, name: string, args: string, result: unknown): void {
    this.calls.push({ fuel: this.log.fuelBefore() + caller.fuelUsed, name, args, result });
  }

  private plain(result: unknown): unknown {
    if (this.log.hashResults) return { hash: hashOfData(result, this.log.sha256) };
    return JSON.parse(canonicalJson(result));
  }
}
