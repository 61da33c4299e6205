// The runner of differential.ts for V8's own WebAssembly.

import type { DecodedModule, Import } from "../../../decoder/module.js";
import {
  EXTERNREF,
  F32,
  F64,
  FUNCREF,
  I32,
  I64,
  isNullable,
  isRef,
  type Limits,
  type ValType,
} from "../../../decoder/types.js";
import {
  ADDED_EXPORTS,
  type Call,
  describeCall,
  describeMemory,
  describeValue,
  describeValues,
} from "./differential.js";

const words = new DataView(new ArrayBuffer(8));

function toHost(type: ValType, value: bigint | null): unknown {
  if (value === null) return null;
  words.setBigUint64(0, value, true);
  if (type === I32) return words.getInt32(0, true);
  if (type === F32) return words.getFloat32(0, true);
  return type === F64 ? words.getFloat64(0, true) : words.getBigInt64(0, true);
}
function fromHost(type: ValType, value: unknown): unknown {
  words.setBigUint64(0, 0n, true);
  if (type === I32) words.setInt32(0, value as number, true);
  else if (type === F32) words.setFloat32(0, value as number, true);
  else if (type === F64) words.setFloat64(0, value as number, true);
  else if (type === I64) words.setBigInt64(0, value as bigint, true);
  else return value;
  return words.getBigUint64(0, true);
}

const TRAPS: readonly (readonly [RegExp, string])[] = [
  [/^unreachable$/, "unreachable"],
  [/^(divide|remainder) by zero$/, "divide"],
  [/^(divide result unrepresentable|float unrepresentable in integer range)$/, "range"],
  [/^array element access out of bounds$/, "out of bounds array access"],
  [/^memory access out of bounds$|data segment/, "memory"],
  [/^table (index|access|element) (is )?out of bounds$|^element segment|^table initializer|out of bounds/, "table"],
  [/^(null function$|(null function or )?function signature mismatch|indirect call signature mismatch)/, "signature"],
  [/^(dereferencing a null pointer|rethrowing null value)$/, "null"],
  [/^illegal cast$/, "cast failure"],
  [/^operation does not support unaligned accesses$/, "unaligned atomic"],
  [/^Atomics.wait cannot be called in this context$/, "expected shared memory"],
  [/^Maximum call stack size exceeded$/, "stack"],
];
function classOf(error: unknown): string {
  const message = (error as Error).message.replace(/^WebAssembly\.[\w.]+\(\): /, "");
  return TRAPS.find(([pattern]) => pattern.test(message))?.[1] ?? `${message}`;
}

const VALUE_TYPES: Readonly<Record<number, WebAssembly.ValueType>> = {
  [I32]: "i32",
  [I64]: "i64",
  [F32]: "f32",
  [F64]: "f64",
  [FUNCREF]: "anyfunc",
  [EXTERNREF]: "externref",
};

/** Stubs for all imports: functions log their call and give zero or null. */
function hostImports(module: DecodedModule, trace: string[]): WebAssembly.Imports {
  const imports: Record<string, Record<string, unknown>> = {};
  for (const entry of module.imports) {
    imports[entry.module] ??= {};
    imports[entry.module]![entry.name] = stub(module, entry, trace);
  }
  return imports;
}
function stub(module: DecodedModule, entry: Import, trace: string[]): unknown {
  const zeroOf = (type: ValType) => (isRef(type) ? (isNullable(type) ? null : {}) : toHost(type, 0n));
  if (entry.kind === "func") {
    const { params, results } = module.registry.funcType(entry.typeId);
    return (...args: unknown[]) => {
      trace.push(
        describeCall(
          entry.name,
          params,
          args.map((arg, i) => fromHost(params[i]!, arg)),
        ),
      );
      const values = results.map(zeroOf);
      return values.length > 1 ? values : values[0];
    };
  }
  if (entry.kind === "global") {
    const { type, mutable } = entry.type;
    // Where nothing can be written, a value stands for a global of any type that it fits.
    if (!mutable) return zeroOf(type);
    const value = VALUE_TYPES[type];
    if (value === undefined) throw new Error("no stub for an imported global of such a type");
    return new WebAssembly.Global({ value, mutable }, zeroOf(type));
  }
  if (entry.kind === "memory") return new WebAssembly.Memory(limitsOf(entry.type));
  if (entry.kind === "table") {
    const element = ({ [FUNCREF]: "anyfunc", [EXTERNREF]: "externref" } as const)[entry.type.element];
    if (element === undefined) throw new Error("no stub for an imported table of such references");
    return new WebAssembly.Table({ element, ...limitsOf(entry.type) }, null);
  }
  const { params } = module.registry.funcType(entry.typeId);
  const names = params.map((type) => VALUE_TYPES[type]);
  if (!names.every((type) => type !== undefined)) throw new Error("no stub for an imported tag of such values");
  return new WebAssembly.Tag({ parameters: names });
}
/** What the constructors of memories and tables take; of those with addresses of 64 bits as bigints. */
function limitsOf({ limits: { min, max }, is64 }: { readonly limits: Limits; readonly is64: boolean }) {
  const number = (value: number) => (is64 ? BigInt(value) : value) as number;
  return {
    ...(is64 ? { address: "i64" } : {}),
    initial: number(min),
    ...(max === undefined ? {} : { maximum: number(max) }),
  };
}

const isException = (error: unknown): boolean => error instanceof WebAssembly.Exception;

/**
 * @throws WebAssembly.CompileError if V8 does not know a feature of the module; Error if JavaScript has no value for one
 *   of its imports
 */
export function hostTrace(module: DecodedModule, calls: readonly Call[]): readonly string[] {
  const trace: string[] = [];
  const compiled = new WebAssembly.Module(module.bytes as Uint8Array<ArrayBuffer>);
  const imports = hostImports(module, trace);
  let instance: WebAssembly.Instance;
  try {
    instance = new WebAssembly.Instance(compiled, imports);
  } catch (error) {
    if (error instanceof WebAssembly.LinkError) throw error;
    trace.push(isException(error) ? "instantiation throws" : `instantiation traps: ${classOf(error)}`);
    return trace;
  }
  for (const { name, params, results, args } of calls) {
    const line = describeCall(name, params, args);
    try {
      const func = instance.exports[name] as (...args: unknown[]) => unknown;
      const result = func(...args.map((arg, i) => toHost(params[i]!, arg)));
      const values = results.length === 1 ? [result] : ((result ?? []) as unknown[]);
      trace.push(
        `${line} -> ${describeValues(
          results,
          values.map((value, i) => fromHost(results[i]!, value)),
        )}`,
      );
    } catch (error) {
      trace.push(isException(error) ? `${line} throws` : `${line} traps: ${classOf(error)}`);
    }
  }
  for (const { name, kind, index } of module.exports) {
    if (!name.startsWith(ADDED_EXPORTS)) continue;
    const value = instance.exports[name];
    if (kind === "memory") trace.push(describeMemory(index, new Uint8Array((value as WebAssembly.Memory).buffer)));
    else {
      const { type } = module.globals[index]!;
      trace.push(`global ${index}: ${describeValue(type, fromHost(type, (value as WebAssembly.Global).value))}`);
    }
  }
  return trace;
}
