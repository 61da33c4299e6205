// The set of builtins js-string. https://webassembly.github.io/spec/js-api/#builtins-js-string
import { EXTERNREF, HEAP_EXTERN, I16, I32, refType, type TypeRegistry, type ValType } from "../../decoder/index.js";
import { hostFuncOfType } from "../embedding/host-func.js";
import type { Caller } from "../interpreter/caller.js";
import type { FuncInst } from "../store/func.js";
import type { ArrayInst } from "../store/heap.js";
import { HostRef, type RawValue, type Ref } from "../store/refs.js";
import { loOf } from "../values.js";
import type { Agent } from "./agent.js";
import { trapError } from "./calls.js";
import { CarriedTrap } from "./errors.js";
import { trapText } from "./trap-texts.js";

const REF_EXTERN = refType(HEAP_EXTERN, false);

/** Arguments and results are raw values. @param trap throws a trap */
type Steps = (trap: (reason: string) => never, ...args: RawValue[]) => RawValue;

interface Builtin {
  readonly typeId: number;
  readonly steps: Steps;
}

const u32 = (raw: RawValue): number => loOf(raw as bigint) >>> 0;
const i32 = (value: number): bigint => BigInt(value >>> 0);
const stringRef = (value: string): Ref => new HostRef(value);
const isString = (raw: RawValue): raw is HostRef & { readonly value: string } =>
  raw instanceof HostRef && typeof raw.value === "string";

/** UnwrapString. */
function unwrap(trap: (reason: string) => never, raw: RawValue): string {
  return isString(raw) ? raw.value : trap("cast failure");
}

/** A string or null. */
function unwrapNullable(trap: (reason: string) => never, raw: RawValue): string | null {
  return raw === null ? null : unwrap(trap, raw);
}

/** As many characters as fromCharCode takes at once on every engine. */
const PIECE = 4096;

function fromHalves(halves: Uint16Array): string {
  let text = "";
  for (let at = 0; at < halves.length; at += PIECE) {
    text += String.fromCharCode(...halves.subarray(at, at + PIECE));
  }
  return text;
}

const OUT_OF_BOUNDS = "array element access out of bounds";
const NO_STRING_INDEX = "string offset out of bounds";

const STEPS: Readonly<Record<string, Steps>> = {
  cast: (trap, v) => stringRef(unwrap(trap, v!)),
  test: (_, v) => i32(isString(v!) ? 1 : 0),
  fromCharCodeArray: (trap, array, start, end) => {
    if (array === null) trap("null array reference");
    const { data, length } = array as ArrayInst;
    const [from, to] = [u32(start!), u32(end!)];
    if (from > to || to > length) trap(OUT_OF_BOUNDS);
    return stringRef(fromHalves((data as Uint16Array).subarray(from, to)));
  },
  intoCharCodeArray: (trap, string, array, start) => {
    if (array === null) trap("null array reference");
    const text = unwrap(trap, string!);
    const { data, length } = array as ArrayInst;
    const from = u32(start!);
    if (from + text.length > length) trap(OUT_OF_BOUNDS);
    for (let i = 0; i < text.length; i++) (data as Uint16Array)[from + i] = text.charCodeAt(i);
    return i32(text.length);
  },
  fromCharCode: (_, v) => stringRef(String.fromCharCode(u32(v!))),
  fromCodePoint: (trap, v) => {
    const code = u32(v!);
    return code > 0x10ffff ? trap(`Invalid code point ${code}`) : stringRef(String.fromCodePoint(code));
  },
  charCodeAt: (trap, string, index) => {
    const text = unwrap(trap, string!);
    return u32(index!) >= text.length ? trap(NO_STRING_INDEX) : i32(text.charCodeAt(u32(index!)));
  },
  codePointAt: (trap, string, index) => {
    const text = unwrap(trap, string!);
    return u32(index!) >= text.length ? trap(NO_STRING_INDEX) : i32(text.codePointAt(u32(index!))!);
  },
  length: (trap, v) => i32(unwrap(trap, v!).length),
  concat: (trap, first, second) => stringRef(unwrap(trap, first!) + unwrap(trap, second!)),
  substring: (trap, string, start, end) => {
    const text = unwrap(trap, string!);
    const [from, to] = [u32(start!), u32(end!)];
    return stringRef(from > to || from > text.length ? "" : text.substring(from, to));
  },
  equals: (trap, first, second) => i32(unwrapNullable(trap, first!) === unwrapNullable(trap, second!) ? 1 : 0),
  compare: (trap, first, second) => {
    const [a, b] = [unwrap(trap, first!), unwrap(trap, second!)];
    return i32(a === b ? 0 : a < b ? -1 : 1);
  },
};

/** The types of the builtins. */
function typesOf(registry: TypeRegistry): Readonly<Record<string, number>> {
  const array = registry.addGroup([
    { comp: { kind: "array", element: { storage: I16, mutable: true } }, final: true, supertype: -1 },
  ]);
  const halves = refType(array, true);
  const type = (params: readonly ValType[], result: ValType) => registry.addFuncType(params, [result]);
  return {
    cast: type([EXTERNREF], REF_EXTERN),
    test: type([EXTERNREF], I32),
    fromCharCodeArray: type([halves, I32, I32], REF_EXTERN),
    intoCharCodeArray: type([EXTERNREF, halves, I32], I32),
    fromCharCode: type([I32], REF_EXTERN),
    fromCodePoint: type([I32], REF_EXTERN),
    charCodeAt: type([EXTERNREF, I32], I32),
    codePointAt: type([EXTERNREF, I32], I32),
    length: type([EXTERNREF], I32),
    concat: type([EXTERNREF, EXTERNREF], REF_EXTERN),
    substring: type([EXTERNREF, I32, I32], REF_EXTERN),
    equals: type([EXTERNREF, EXTERNREF], I32),
    compare: type([EXTERNREF, EXTERNREF], I32),
  };
}

/** The sets of builtins of one agent. */
export class Builtins {
  private strings: ReadonlyMap<string, Builtin> | null = null;

  constructor(private readonly agent: Agent) {}

  /** "Find a builtin": its type; undefined if the import names none of the enabled sets. */
  typeOf(enabled: readonly string[], module: string, name: string): number | undefined {
    return this.find(enabled, module, name)?.typeId;
  }

  /** "Create a builtin function". */
  create(enabled: readonly string[], module: string, name: string, index: number): FuncInst | undefined {
    const builtin = this.find(enabled, module, name);
    if (builtin === undefined) return undefined;
    const { agent } = this;
    const { typeId, steps } = builtin;
    const trap = (reason: string): never => {
      throw new CarriedTrap(trapError(agent, trapText(agent.messages, reason)));
    };
    const func = hostFuncOfType(agent.engine, typeId, (_: Caller, ...args: RawValue[]) => steps(trap, ...args), {
      raw: true,
      name: `${module}.${name}`,
    });
    const invoke = (args: readonly unknown[]) => [callSteps(steps, trap, args as RawValue[])];
    agent.hostFunctions.set(func, { invoke, name: String(index) });
    return func;
  }

  private find(enabled: readonly string[], module: string, name: string): Builtin | undefined {
    if (module !== "wasm:js-string" || !enabled.includes("js-string")) return undefined;
    if (this.strings === null) {
      const types = typesOf(this.agent.engine.registry);
      this.strings = new Map(Object.entries(STEPS).map(([key, steps]) => [key, { typeId: types[key]!, steps }]));
    }
    return this.strings.get(name);
  }
}

/** The steps as JavaScript runs them, by an Exported Function: a trap is the error itself. */
function callSteps(steps: Steps, trap: (reason: string) => never, args: RawValue[]): RawValue {
  try {
    return steps(trap, ...args);
  } catch (error) {
    throw error instanceof CarriedTrap ? error.thrown : error;
  }
}
