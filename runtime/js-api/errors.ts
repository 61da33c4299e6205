// CompileError, LinkError and RuntimeError.
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

/** What an error of the engine says. */
export function messageOf(error: unknown): string {
  return error instanceof EscapementError ? error.message : String(error);
}
