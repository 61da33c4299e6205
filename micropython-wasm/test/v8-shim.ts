// The artifact on V8's own WebAssembly, behind the interfaces of guest/engine-port.ts.
// A peer for tests: no fuel limit, no exact metering. Its "fuel" is ten per import call.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { mendArtifact } from "../emscripten/mend-artifact.js";
import {
  type GuestFactory,
  type GuestOutcome,
  type HostContext,
  INVOKE_PREFIX,
  LONGJMP_IMPORT,
  type NumericValue,
} from "../guest/engine-port.js";

const PAGE = 65536;

export interface V8ShimOptions {
  readonly memoryLimitBytes?: number;
  /** Called with the name of every import that the guest calls. */
  readonly onImport?: (name: string) => void;
}

const artifactPath = createRequire(import.meta.url).resolve(
  "@micropython/micropython-webassembly-pyscript/micropython.wasm",
);
let artifactModule: WebAssembly.Module | undefined;

/** The artifact, compiled once per process. */
export function artifact(): WebAssembly.Module {
  artifactModule ??= new WebAssembly.Module(mendArtifact(readFileSync(artifactPath)) as Uint8Array<ArrayBuffer>);
  return artifactModule;
}

const LONGJMP = Symbol("longjmp");

/** A factory of instances on V8. */
export function v8Factory(options: V8ShimOptions = {}): GuestFactory {
  return (imports) => {
    const limit = options.memoryLimitBytes ?? 64 * 1024 * 1024;
    let fuel = 0;
    let exports: Record<string, unknown> = {};
    const memory = (): WebAssembly.Memory => exports["memory"] as WebAssembly.Memory;
    const fn = (name: string) => exports[name] as (...args: NumericValue[]) => NumericValue | undefined;
    const guestMemory = {
      get byteLength() {
        return memory().buffer.byteLength;
      },
      range: (address: number, length: number) => new Uint8Array(memory().buffer, address, length),
      touched: () => new Uint8Array(memory().buffer),
      touchedView: () => new DataView(memory().buffer),
      word: (address: number) => new DataView(memory().buffer).getUint32(address, true),
      setWord: (address: number, word: number) => new DataView(memory().buffer).setUint32(address, word, true),
      grow(pages: number) {
        if (memory().buffer.byteLength + pages * PAGE > limit) return false;
        memory().grow(pages);
        return true;
      },
    };
    const context: HostContext = {
      memory: guestMemory,
      fuelUsed: () => fuel,
      chargeFuel(amount) {
        fuel += amount;
      },
    };
    const table: Record<string, Record<string, unknown>> = {};
    for (const { module, name } of WebAssembly.Module.imports(artifact())) {
      table[module] ??= {};
      table[module][name] = count(name, link(module, name));
    }
    exports = new WebAssembly.Instance(artifact(), table as WebAssembly.Imports).exports;

    function count(name: string, target: (...args: NumericValue[]) => unknown) {
      return (...args: NumericValue[]) => {
        fuel += 10;
        options.onImport?.(name);
        return target(...args);
      };
    }
    function link(module: string, name: string): (...args: NumericValue[]) => unknown {
      if (name === LONGJMP_IMPORT)
        return () => {
          throw LONGJMP;
        };
      if (name.startsWith(INVOKE_PREFIX))
        return (index, ...args) => {
          const stackPointer = fn("emscripten_stack_get_current")();
          try {
            const functions = exports["__indirect_function_table"] as WebAssembly.Table;
            return (functions.get(index as number) as (...args: NumericValue[]) => unknown)(...args);
          } catch (error) {
            if (error !== LONGJMP) throw error;
            fn("_emscripten_stack_restore")(stackPointer!);
            fn("setThrew")(1, 0);
            return 0;
          }
        };
      const host = imports[module]?.[name];
      if (host === undefined) throw new Error(`missing import ${module}.${name}`);
      return (...args) => {
        const result = host.call(context, ...args);
        if (result instanceof Promise) throw new Error("V8 cannot wait for a promise here");
        return result;
      };
    }

    return {
      memory: guestMemory,
      fuelUsed: () => fuel,
      fuelSchedule: "none",
      tier: "v8",
      memoryLimitBytes: limit,
      exports: (name) => name in exports,
      start: (name, args) => ({
        fuelUsed: 0,
        run(): GuestOutcome {
          try {
            const result = fn(name)(...args);
            return { status: "done", results: result === undefined ? [] : [result] };
          } catch (error) {
            const kind =
              error instanceof RangeError ? "stack" : error instanceof WebAssembly.RuntimeError ? "trap" : "host";
            const message = error instanceof Error ? error.message : String(error);
            return { status: "failed", failure: { kind, message, cause: error } };
          }
        },
      }),
    };
  };
}
