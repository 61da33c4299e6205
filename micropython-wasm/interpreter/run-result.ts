// How runs end, in the terms of interpreter.ts, whichever artifact they ran on.

import type { GuestFailure } from "../guest/engine-port.js";
import { OutputLimitExceeded } from "../guest/errors.js";
import type { Environment } from "../world/environment.js";
import { hintFor } from "./hints.js";
import type { PythonError, PythonResult } from "./interpreter.js";
import { exitStatus, type PythonException } from "./python-error.js";

/** What a result says beside what the environment has gathered. */
export interface RunEnd {
  readonly error: PythonError | null;
  /** Also of an exit with status 0, which is no error. */
  readonly exception: PythonException | null;
  readonly schedule: string;
  /** Infinite without a limit. */
  readonly fuelLimit: number;
  readonly fuelUsed: number;
  readonly memoryBytes: number;
  readonly memoryLimitBytes: number;
  readonly tier: string;
}

export function resultOf({ stdout, stderr, hostCalls }: Environment, end: RunEnd): PythonResult {
  const { error, exception, schedule, fuelLimit, fuelUsed, memoryBytes, memoryLimitBytes, tier } = end;
  return {
    ...(error === null ? { ok: true, error } : { ok: false, error }),
    stdout: stdout.text(),
    stderr: stderr.text(),
    stdoutTruncated: stdout.truncated,
    stderrTruncated: stderr.truncated,
    value: hostCalls.runValue.value,
    ...(hostCalls.runValue.repr === undefined ? {} : { repr: hostCalls.runValue.repr }),
    exitStatus: exception?.type === "SystemExit" ? exitStatus(exception) : null,
    fuel: { schedule, limit: Number.isFinite(fuelLimit) ? fuelLimit : null, used: fuelUsed },
    // Linear memory never shrinks, so what it has now is what it had at most.
    memory: { bytes: memoryBytes, peakBytes: memoryBytes, limitBytes: memoryLimitBytes },
    tier,
  };
}

/** An error that is no exception of Python's. */
export function errorOf(kind: PythonError["kind"], message: string): PythonError {
  return { kind, type: null, message, traceback: "" };
}

/** @param begun whether the program had, undefined if that is not known */
export function outOfFuel(used: number, limit: number, begun: boolean | undefined): PythonError {
  const error = errorOf("fuel", `out of fuel: ${used} of ${limit} units used`);
  return begun === undefined ? error : { ...error, begun };
}

/** Why the interpreter is gone. */
export function errorOfFailure({ cause, kind, message }: GuestFailure): PythonError {
  return errorOf(cause instanceof OutputLimitExceeded ? "output-limit" : kind, message);
}

/**
 * @param atLimit whether a MemoryError means that the run came to the memory limit
 * @returns null if the exception is a SystemExit with status 0
 */
export function errorOfException(exception: PythonException, atLimit: boolean): PythonError | null {
  const { type, message, traceback } = exception;
  if (type === "SystemExit") return exitStatus(exception) === 0 ? null : { kind: "exit", type, message, traceback };
  const kind = type === "MemoryError" && atLimit ? "memory-limit" : "exception";
  const hint = hintFor(exception);
  return { kind, type, message, traceback, ...(hint === undefined ? {} : { hint }) };
}
