// CompileError, LinkError and RuntimeError, and V8's words for traps.
import { EscapementError } from "../../decoder/index.js";
import { Trap } from "../errors.js";

export type ErrorConstructorOf = new (message?: string, options?: { cause?: unknown }) => Error;

export interface ErrorClasses {
  readonly CompileError: ErrorConstructorOf;
  readonly LinkError: ErrorConstructorOf;
  readonly RuntimeError: ErrorConstructorOf;
  readonly SuspendError: ErrorConstructorOf;
}

export function makeErrorClasses(): ErrorClasses {
  return {
    CompileError: makeErrorClass("CompileError"),
    LinkError: makeErrorClass("LinkError"),
    RuntimeError: makeErrorClass("RuntimeError"),
    SuspendError: makeErrorClass("SuspendError"),
  };
}

/** A class of the NativeError Object Structure, ECMA-262 20.5.6: it can be called without `new`. */
function makeErrorClass(name: string): ErrorConstructorOf {
  const errorClass = function (this: unknown, message?: unknown, options?: unknown): Error {
    return Reflect.construct(Error, [message, options], new.target ?? errorClass) as Error;
  };
  Object.setPrototypeOf(errorClass, Error);
  Object.defineProperty(errorClass, "name", { value: name, configurable: true });
  Object.defineProperty(errorClass, "length", { value: 1, configurable: true });
  const prototype = Object.create(Error.prototype, {
    constructor: { value: errorClass, writable: true, configurable: true },
    name: { value: name, writable: true, configurable: true },
    message: { value: "", writable: true, configurable: true },
  });
  Object.defineProperty(errorClass, "prototype", { value: prototype, writable: false });
  return errorClass as unknown as ErrorConstructorOf;
}

/** An error that a nested call ended with and JavaScript let through: the calling guest does not catch it either. */
export class CarriedTrap extends Trap {
  constructor(readonly thrown: unknown) {
    super("a trap of a nested call");
  }
}

/** Our words for a trap to V8's, where the instruction does not matter. */
const WORDS: Readonly<Record<string, string>> = {
  unreachable: "unreachable",
  "integer divide by zero": "divide by zero",
  "integer overflow": "float unrepresentable in integer range",
  "invalid conversion to integer": "float unrepresentable in integer range",
  "out of bounds memory access": "memory access out of bounds",
  "out of bounds table access": "table index is out of bounds",
  "undefined element": "table index is out of bounds",
  "uninitialized element": "null function or function signature mismatch",
  "indirect call type mismatch": "null function or function signature mismatch",
  "null function reference": "dereferencing a null pointer",
  "null reference": "dereferencing a null pointer",
  "null structure reference": "dereferencing a null pointer",
  "null array reference": "dereferencing a null pointer",
  "null i31 reference": "dereferencing a null pointer",
  "null exception reference": "rethrowing null value",
  "out of bounds array access": "array element access out of bounds",
  "cast failure": "illegal cast",
  "unaligned atomic": "operation does not support unaligned accesses",
  "expected shared memory": "Atomics.wait cannot be called in this context",
};

const I32_DIV_S = 0x6d;
const I64_DIV_S = 0x7f;
const REMAINDERS: ReadonlySet<number> = new Set([0x6f, 0x70, 0x81, 0x82]);

/**
 * V8's words for a trap.
 * @param opcode first byte of the instruction that trapped; V8 tells remainders from divisions
 */
export function trapText(reason: string, opcode: number | undefined): string {
  if (opcode !== undefined) {
    if (reason === "integer divide by zero" && REMAINDERS.has(opcode)) return "remainder by zero";
    if (reason === "integer overflow" && (opcode === I32_DIV_S || opcode === I64_DIV_S)) {
      return "divide result unrepresentable";
    }
  }
  // "uninitialized element 7" says which one.
  return WORDS[reason.replace(/ \d+$/, "")] ?? reason;
}

/** What an error of the engine says. */
export function messageOf(error: unknown): string {
  return error instanceof EscapementError ? error.message : String(error);
}
