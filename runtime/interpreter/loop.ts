// The dispatch loop on the register file and the code file: one for the process, whose views are constants to V8
// (DESIGN.md, section 5).
//
// A machine has registers of its own, and moves into the register file when it is run. It stays there until another one
// is run: executions that take turns pay for two copies of registers at each turn, one that goes on pays nothing. `m.R`
// is where the registers are now, in the file or not, so that nobody else has to know. So it is with a module's register
// code and `RegisterCode.code`, save that modules may call one another all the time: a module that had to leave the file
// runs on the roaming loop, which takes the code from wherever it lies, until it has used as much fuel as it has words, 4,096 at least.
//
// Example: A has 5,000 words of code and is in the file; B, which is new, has 300.
//   B runs             300 words into the file, A's out of it; the first move is free, as lowering has cost more
//   A runs             on the roaming loop, in slices of at most 2^16; after 5,000 fuel it moves in, and B out
import type { CodeFile, CodeWords } from "../register-code/code-words.js";
import { EXIT_FUEL } from "./exits.js";
import { makeDispatch } from "./generated/dispatch.generated.js";
import { makeRoamingDispatch } from "./generated/roaming.generated.js";
import type { Machine } from "./machine.js";
import { type RegisterFile, RegisterViews } from "./register-views.js";

/** All that a store allows by default (DEFAULT_LIMITS.stackSlots). The host gives pages of it when they are touched. */
const FILE_WORDS = 2 ** 21;
/** As much as a module of 5 MB lowers to, if all of it is called. Pages are the host's, as above. */
const CODE_WORDS = 2 ** 22;
/** Fuel, and words: less code takes as long to move. */
const LEAST_CREDIT = 4096;
/** At the end of the code file, for the warm-up. */
const TRAINING_WORDS = 2 ** 16;
/** No slice is smaller, so that any instruction can be paid. */
export const SMALLEST_SLICE = 2 ** 16;

interface LoopOnFile extends RegisterFile {
  readonly code: CodeFile;
  /** The whole code file: the room, and behind it the training's. */
  readonly words: Int32Array;
  /** On code in the file. */
  readonly dispatch: (m: Machine) => number;
  /** On code anywhere. */
  readonly roam: (m: Machine) => number;
}
let file: LoopOnFile | undefined;

function makeFile(): LoopOnFile {
  const views = new RegisterViews(FILE_WORDS);
  const words = new Int32Array(new ArrayBuffer(CODE_WORDS * 4));
  const code = { room: words.subarray(0, CODE_WORDS - TRAINING_WORDS), resident: null };
  return {
    views,
    code,
    words,
    dispatch: makeDispatch(views, words),
    roam: makeRoamingDispatch(views),
    resident: null,
  };
}

/** Runs register code until something is for the driver to do; says what (exits.ts). */
export function dispatch(m: Machine): number {
  file ??= makeFile();
  if (m.views !== file.views) {
    // A roaming loop of its own, for the one that needs more: from then on V8 has no constants for the others' either.
    if (m.registerLimit > FILE_WORDS) {
      m.loopCode = m.code;
      return makeRoamingDispatch(m.views)(m);
    }
    file.resident?.leaveFile();
    m.enterFile(file);
  }
  if (m.loneCode !== null) {
    m.loopCode = m.loneCode;
    return m.loneCode === file.words ? file.dispatch(m) : file.roam(m);
  }
  const code = m.instance.code.words;
  return code.isInFile || entersFile(code, file.code) ? onFile(m, file) : roam(m, code, file);
}

function onFile(m: Machine, { code, dispatch }: LoopOnFile): number {
  m.loopCode = code.room;
  return dispatch(m);
}

/** Moves `code` into the file, if it has earned that and leaves room to grow. */
function entersFile(code: CodeWords, to: CodeFile): boolean {
  if (code.credit < Math.max(code.length, LEAST_CREDIT) || code.length > to.room.length / 2) return false;
  code.enterFile(to);
  return true;
}

/** Runs code that is not in the file, at most until it is. */
function roam(m: Machine, code: CodeWords, on: LoopOnFile): number {
  for (;;) {
    m.loopCode = code.array;
    const held = Math.max(0, m.fuel - SMALLEST_SLICE);
    m.fuel -= held;
    const before = m.fuel;
    let exit: number;
    try {
      exit = on.roam(m);
    } finally {
      code.credit += before - m.fuel;
      m.fuel += held;
    }
    // The charge that has ended the slice is paid by what was held back.
    if (exit !== EXIT_FUEL || held === 0 || m.fuel < 0) return exit;
    if (entersFile(code, on.code)) return onFile(m, on);
  }
}

/** Where the warm-up has code that runs as if it was in the file: positions from `start` on. */
export function trainingRoom(): { readonly words: Int32Array; readonly start: number } {
  file ??= makeFile();
  return { words: file.words, start: CODE_WORDS - TRAINING_WORDS };
}
