// The dispatch loop on the register file: one for the process, whose views are constants to V8 (DESIGN.md, section 5).
//
// A machine has registers of its own, and moves into the file when it is run. It stays there until another one is run:
// executions that take turns pay for two copies of registers at each turn, one that goes on pays nothing. `m.R` is where
// the registers are now, in the file or not, so that nobody else has to know.
import { makeDispatch } from "./generated/dispatch.generated.js";
import type { Machine } from "./machine.js";
import { type RegisterFile, RegisterViews } from "./register-views.js";

/** All that a store allows by default (DEFAULT_LIMITS.stackSlots). The host gives pages of it when they are touched. */
const FILE_WORDS = 2 ** 21;

interface LoopOnFile extends RegisterFile {
  readonly dispatch: (m: Machine) => number;
}
let file: LoopOnFile | undefined;

function makeFile(): LoopOnFile {
  const views = new RegisterViews(FILE_WORDS);
  return { views, dispatch: makeDispatch(views), resident: null };
}

/** Runs register code until something is for the driver to do; says what (exits.ts). */
export function dispatch(m: Machine): number {
  file ??= makeFile();
  if (m.views !== file.views) {
    // A loop of its own, for the one that needs more: from then on V8 has no constants for the others either.
    if (m.registerLimit > FILE_WORDS) return makeDispatch(m.views)(m);
    file.resident?.leaveFile();
    m.enterFile(file);
  }
  return file.dispatch(m);
}
