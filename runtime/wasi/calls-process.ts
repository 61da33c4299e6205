// Arguments, environment, randomness, and the end.

import { Errno, IGNORED_SIGNALS, LAST_SIGNAL } from "./abi.js";
import { type WasiCall, wasiFunction, wasiProcedure } from "./call.js";
import { ProcExit, WasiError } from "./errors.js";

/** What a shell adds to a signal's number for the status of the process that it ended. */
const SIGNAL_STATUS = 128;

function writeSizes(call: WasiCall, strings: readonly Uint8Array[], count: number, size: number): void {
  const counted = call.memory.struct(count, 4);
  const sized = call.memory.struct(size, 4);
  counted.setUint32(0, strings.length, true);
  sized.setUint32(0, bytesOf(strings), true);
}

/** Writes each string with a NUL into `buffer`, and the addresses into `pointers`. */
function writeStrings(call: WasiCall, strings: readonly Uint8Array[], pointers: number, buffer: number): void {
  const total = bytesOf(strings);
  const table = call.memory.struct(pointers, 4 * strings.length);
  const target = call.memory.bytes(buffer, total);
  call.chargeTransfer(strings);
  let at = 0;
  strings.forEach((string, i) => {
    table.setUint32(4 * i, buffer + at, true);
    target.set(string, at);
    target[at + string.length] = 0;
    at += string.length + 1;
  });
}

function bytesOf(strings: readonly Uint8Array[]): number {
  return strings.reduce((total, string) => total + string.length + 1, 0);
}

export const PROCESS_FUNCTIONS = {
  args_get: wasiFunction(["i32", "i32"], (call, argv, buffer) => {
    writeStrings(call, call.wasi.args, argv, buffer);
  }),
  args_sizes_get: wasiFunction(["i32", "i32"], (call, count, size) => {
    writeSizes(call, call.wasi.args, count, size);
  }),
  environ_get: wasiFunction(["i32", "i32"], (call, environ, buffer) => {
    writeStrings(call, call.wasi.environ, environ, buffer);
  }),
  environ_sizes_get: wasiFunction(["i32", "i32"], (call, count, size) => {
    writeSizes(call, call.wasi.environ, count, size);
  }),
  proc_exit: wasiProcedure(["i32"], (_call, code) => {
    throw new ProcExit(code);
  }),
  // The guest has no handlers: a signal does what it does to a process without one.
  proc_raise: wasiFunction(["i32"], (_call, signal) => {
    if (signal > LAST_SIGNAL) throw new WasiError(Errno.inval, "no such signal");
    if (!IGNORED_SIGNALS.has(signal)) throw new ProcExit(SIGNAL_STATUS + signal, signal);
  }),
  random_get: wasiFunction(["i32", "i32"], (call, buffer, length) => {
    const target = call.memory.bytes(buffer, length);
    call.charge(Math.ceil(length / 8));
    call.wasi.fillRandom(target);
  }),
  // The guest is alone.
  sched_yield: wasiFunction([], () => {}),
} as const;
