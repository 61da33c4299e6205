// What engines say when a guest traps. tools/engine-table asks them; engine-texts.json has what they said.
import { OPCODE_ROWS, PREFIX_BASE, type TrapMessage } from "../../decoder/index.js";

/** Whose words traps speak. */
export type EngineName = "V8" | "SpiderMonkey" | "JavaScriptCore";

interface Words {
  readonly traps: Readonly<Record<TrapMessage, string>>;
  /** By instruction: what the engine words apart. */
  readonly apart: Readonly<Partial<Record<TrapMessage, Readonly<Record<string, string>>>>>;
  readonly stack: string;
  readonly segments: Readonly<Partial<Record<TrapMessage, string>>>;
}

const V8_NULL = "dereferencing a null pointer";
const V8_CALL = "null function or function signature mismatch";
const V8_CONVERSION = "float unrepresentable in integer range";
const V8_REMAINDER = "remainder by zero";
const V8_DIVISION = "divide result unrepresentable";

const V8: Words = {
  traps: {
    unreachable: "unreachable",
    "integer divide by zero": "divide by zero",
    "integer overflow": V8_CONVERSION,
    "invalid conversion to integer": V8_CONVERSION,
    "out of bounds memory access": "memory access out of bounds",
    "out of bounds table access": "table index is out of bounds",
    "undefined element": "table index is out of bounds",
    "uninitialized element": V8_CALL,
    "indirect call type mismatch": V8_CALL,
    "null function reference": V8_NULL,
    "null reference": V8_NULL,
    "null structure reference": V8_NULL,
    "null array reference": V8_NULL,
    "null i31 reference": V8_NULL,
    "null exception reference": "rethrowing null value",
    "out of bounds array access": "array element access out of bounds",
    "cast failure": "illegal cast",
    "unaligned atomic": "operation does not support unaligned accesses",
    "expected shared memory": "Atomics.wait cannot be called in this context",
  },
  apart: {
    "integer divide by zero": {
      "i32.rem_s": V8_REMAINDER,
      "i32.rem_u": V8_REMAINDER,
      "i64.rem_s": V8_REMAINDER,
      "i64.rem_u": V8_REMAINDER,
    },
    "integer overflow": { "i32.div_s": V8_DIVISION, "i64.div_s": V8_DIVISION },
  },
  stack: "Maximum call stack size exceeded",
  segments: {
    "out of bounds memory access": "WebAssembly.Instance(): data segment is out of bounds",
    "out of bounds table access": "WebAssembly.Instance(): table index is out of bounds",
  },
};

const SM_NULL = "dereferencing null pointer";
const SM_INDEX = "index out of bounds";
const SM_TABLE = "table index out of bounds";

const SPIDER_MONKEY: Words = {
  traps: {
    unreachable: "unreachable executed",
    "integer divide by zero": "integer divide by zero",
    "integer overflow": "integer overflow",
    "invalid conversion to integer": "invalid conversion to integer",
    "out of bounds memory access": SM_INDEX,
    "out of bounds table access": SM_INDEX,
    "undefined element": SM_INDEX,
    "uninitialized element": "indirect call to null",
    "indirect call type mismatch": "indirect call signature mismatch",
    "null function reference": SM_NULL,
    "null reference": SM_NULL,
    "null structure reference": SM_NULL,
    "null array reference": SM_NULL,
    "null i31 reference": SM_NULL,
    "null exception reference": SM_NULL,
    "out of bounds array access": SM_INDEX,
    "cast failure": "bad cast",
    "unaligned atomic": "unaligned memory access",
    "expected shared memory": "atomic wait on non-shared memory",
  },
  apart: { "out of bounds table access": { "table.get": SM_TABLE, "table.set": SM_TABLE } },
  stack: "too much recursion",
  segments: {},
};

const JSC_CALL = "call_indirect to a signature that does not match";
const JSC_NULL = "access to a null reference";
const JSC_TRUNC = "Out of bounds Trunc operation";
const JSC_OVERFLOW = "Integer overflow";

const JAVA_SCRIPT_CORE: Words = {
  traps: {
    unreachable: "Unreachable code should not be executed",
    "integer divide by zero": "Division by zero",
    "integer overflow": JSC_TRUNC,
    "invalid conversion to integer": JSC_TRUNC,
    "out of bounds memory access": "Out of bounds memory access",
    "out of bounds table access": "Out of bounds table access",
    "undefined element": "Out of bounds call_indirect",
    "uninitialized element": JSC_CALL,
    "indirect call type mismatch": JSC_CALL,
    "null function reference": "call_ref to a null reference",
    "null reference": "ref.as_non_null to a null reference",
    "null structure reference": JSC_NULL,
    "null array reference": JSC_NULL,
    "null i31 reference": "i31.get_<sx> to a null reference",
    "null exception reference": "throw_ref on a null reference",
    "out of bounds array access": "Out of bounds array.get",
    "cast failure": "ref.cast failed to cast reference to target heap type",
    "unaligned atomic": "Unaligned memory access",
    "expected shared memory": "Out of bounds memory access",
  },
  apart: {
    "integer overflow": { "i32.div_s": JSC_OVERFLOW, "i64.div_s": JSC_OVERFLOW },
    "out of bounds array access": { "array.set": "Out of bounds array.set", "array.fill": "Out of bounds array.fill" },
  },
  stack: "Maximum call stack size exceeded.",
  segments: { "out of bounds table access": "Element is trying to set an out of bounds table index" },
};

const WORDS: Readonly<Record<EngineName, Words>> = {
  V8,
  SpiderMonkey: SPIDER_MONKEY,
  JavaScriptCore: JAVA_SCRIPT_CORE,
};

export const ENGINE_NAMES = Object.keys(WORDS) as EngineName[];

/** An engine's words for a stack that is full. */
export function stackText(engine: EngineName): string {
  return WORDS[engine].stack;
}

/**
 * An engine's words for a trap.
 * @param reason the trap in our words, which may say more at its end: "uninitialized element 7" says which one
 * @param at the instruction that trapped, if there is one
 */
export function trapText(
  engine: EngineName,
  reason: string,
  at?: { readonly bytes: Uint8Array; readonly offset: number },
): string {
  const { traps, apart } = WORDS[engine];
  const trap = reason.replace(/ \d+$/, "") as TrapMessage;
  const special = apart[trap];
  if (special !== undefined && at !== undefined) {
    const text = special[instructionName(at.bytes, at.offset)];
    if (text !== undefined) return text;
  }
  return traps[trap] ?? reason;
}

/** An engine's words for an active segment that does not fit. */
export function segmentText(engine: EngineName, reason: string): string {
  return WORDS[engine].segments[reason as TrapMessage] ?? trapText(engine, reason);
}

function instructionName(bytes: Uint8Array, offset: number): string {
  const base = PREFIX_BASE[bytes[offset]!];
  // Those that are worded apart have a second byte that is whole.
  return OPCODE_ROWS[base === undefined ? bytes[offset]! : base + bytes[offset + 1]!]?.name ?? "";
}
