// How runs on a WASI build end, in the terms of interpreter.ts.

import { OutputLimitExceeded } from "./errors.js";
import type { PythonError } from "./interpreter.js";
import { exitStatus, type PythonException } from "./python-error.js";
import type { WasiOutcome } from "./wasi-guest.js";
import { LOOP_NAME } from "./wasi-loop.py.js";

/** How the guest has ended, or that it has not. */
export function describeEnd(outcome: WasiOutcome): string {
  switch (outcome.status) {
    case "exited":
      return `the guest exited with status ${outcome.code}`;
    case "paused":
      return "out of fuel";
    case "failed":
      return outcome.failure.message;
  }
}

/** Why the interpreter is gone. */
export function failureOf(outcome: Exclude<WasiOutcome, { status: "paused" }>): PythonError {
  if (outcome.status === "exited") return { kind: "trap", type: null, message: describeEnd(outcome), traceback: "" };
  const { failure } = outcome;
  const kind = failure.cause instanceof OutputLimitExceeded ? "output-limit" : failure.kind;
  return { kind, type: null, message: failure.message, traceback: "" };
}

/** Null if the exception is a SystemExit with status 0. */
export function describeException(exception: PythonException): PythonError | null {
  const { type, message, traceback } = exception;
  if (type === "SystemExit") return exitStatus(exception) === 0 ? null : { kind: "exit", type, message, traceback };
  // The heap has a fixed size: a program that is out of memory has come to a limit.
  return { kind: type === "MemoryError" ? "memory-limit" : "exception", type, message, traceback };
}

/** The traceback starts in the program, not in the loop that runs it. */
export function withoutLoopFrame(text: string): string {
  return text.replace(
    new RegExp(`^ {2}File "<stdin>", line \\d+, in (?:${LOOP_NAME}|<module>)\\n(?= {2}File )`, "m"),
    "",
  );
}
