// How runs on a WASI build end, in the terms of interpreter.ts.

import type { PythonError } from "../interpreter/interpreter.js";
import { errorOf, errorOfFailure } from "../interpreter/run-result.js";
import type { WasiOutcome } from "./guest.js";
import { LOOP_NAME } from "./loop.py.js";

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
  return outcome.status === "exited" ? errorOf("trap", describeEnd(outcome)) : errorOfFailure(outcome.failure);
}

/** The traceback starts in the program, not in the loop that runs it. */
export function withoutLoopFrame(text: string): string {
  return text.replace(
    new RegExp(`^ {2}File "<stdin>", line \\d+, in (?:${LOOP_NAME}|<module>)\\n(?= {2}File )`, "m"),
    "",
  );
}
