// The host module `spectest` that the scripts import from, as WebAssembly modules, so that every
// engine that can run a module has it.
// https://github.com/WebAssembly/spec/blob/main/interpreter/host/spectest.ml

import type { EngineAdapter } from "./adapter.js";
import type { Assembler } from "./assemble.js";
import type { NumericType } from "./values.js";

/** Apart, because an engine without the feature refuses the whole module. */
const PARTS: Readonly<Record<string, string>> = {
  print: `(module
    (func (export "print"))
    (func (export "print_i32") (param i32))
    (func (export "print_i64") (param i64))
    (func (export "print_f32") (param f32))
    (func (export "print_f64") (param f64))
    (func (export "print_i32_f32") (param i32 f32))
    (func (export "print_f64_f64") (param f64 f64)))`,
  values: `(module
    (global (export "global_i32") i32 (i32.const 666))
    (global (export "global_i64") i64 (i64.const 666))
    (global (export "global_f32") f32 (f32.const 666.6))
    (global (export "global_f64") f64 (f64.const 666.6))
    (table (export "table") 10 20 funcref)
    (memory (export "memory") 1 2))`,
  table64: `(module (table (export "table64") i64 10 20 funcref))`,
  shared: `(module (memory (export "shared_memory") 1 2 shared))`,
};

const PRINTS: Readonly<Record<string, readonly NumericType[]>> = {
  print: [],
  print_i32: ["i32"],
  print_i64: ["i64"],
  print_f32: ["f32"],
  print_f64: ["f64"],
  print_i32_f32: ["i32", "f32"],
  print_f64_f64: ["f64", "f64"],
};

/** Finds an export of `spectest`. */
export type Lookup<Extern> = (name: string) => Extern | undefined;

/** The parts as bytes; once for a run. */
export async function assembleSpectest(assembler: Assembler): Promise<Map<string, Uint8Array>> {
  const parts = new Map<string, Uint8Array>();
  for (const [part, text] of Object.entries(PARTS)) parts.set(part, await assembler.assemble(text));
  return parts;
}

/**
 * A fresh `spectest`: each script has its own, since scripts write to its memory and tables.
 * Parts that the engine refuses are missing from it.
 */
export async function makeSpectest<Module, Instance, Extern>(
  adapter: EngineAdapter<Module, Instance, Extern>,
  parts: ReadonlyMap<string, Uint8Array>,
): Promise<Lookup<Extern>> {
  const prints = new Map<string, Extern>();
  if (adapter.hostFunction !== undefined) {
    for (const [name, params] of Object.entries(PRINTS)) prints.set(name, adapter.hostFunction(params));
  }
  const instances: Instance[] = [];
  for (const bytes of parts.values()) {
    try {
      instances.push(await adapter.instantiate(await adapter.compile(bytes), () => undefined));
    } catch {
      // The imports that need this part then fail to link, and are reported where they do.
    }
  }
  return (name) => {
    const print = prints.get(name);
    if (print !== undefined) return print;
    for (const instance of instances) {
      const found = adapter.getExport(instance, name);
      if (found !== undefined) return found;
    }
    return undefined;
  };
}
