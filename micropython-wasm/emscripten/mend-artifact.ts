// What MicroPython's builds are given before they are compiled: tables in order (patch/tables.ts), floats that are
// printed exactly (patch/floats.ts), built-in types that do what CPython's do (patch/builtins.ts), a collector that runs
// during runs (patch/heap.ts), a parser that tries no rule in vain (patch/parser.ts), calls of the host's functions
// without Python (patch/calls.ts), errors that say what CPython's say (patch/errors.ts, patch/operators.ts), a dispatch of
// bytecode that clears no variables (patch/dispatch.ts), text that is gone through by words (patch/text.ts), random numbers
// of CPython's (patch/random.ts), and a fault of those of 1.28 and 1.29 mended.
//
// When an allocation does not fit, gc_try_add_heap() adds an area of its size and 13/512 of it for the tables beside
// the blocks (py/gc.c: "the overhead converges to 3/128"). Weak references have brought a third table, one bit for
// each block of 16 bytes: the tables now take 1/32, so that an object larger than the whole heap never fits the area
// that was made for it. `bytearray(200_000)` is a MemoryError in a fresh interpreter, whatever the limit. With 17/512
// it fits.

import { withBuiltinsOfCPython } from "../patch/builtins.js";
import { withNativeCalls } from "../patch/calls.js";
import { withLeanDispatch } from "../patch/dispatch.js";
import { withErrorsOfCPython } from "../patch/errors.js";
import { withExactFloats } from "../patch/floats.js";
import { withCollector } from "../patch/heap.js";
import { withOperators } from "../patch/operators.js";
import { withPredictingParser } from "../patch/parser.js";
import { withRandomOfCPython } from "../patch/random.js";
import { withOrderedTables } from "../patch/tables.js";
import { withTextByWords } from "../patch/text.js";

/** Stands for any byte in a pattern. */
const ANY = -1;
/** `i32.const 13; i32.mul; local.tee; i32.const 1048576; local.get`: the size of the tables, 2048 bytes at least. */
const ESTIMATE = [0x41, 0x0d, 0x6c, 0x22, ANY, 0x41, 0x80, 0x80, 0xc0, 0x00, 0x20];
/** `i32.const 528; i32.div_u`: one byte of the allocation table is for 66 bytes, 64 of them blocks. */
const THREE_TABLES = [0x41, 0x90, 0x04, 0x6e];
/** The second of these is in the same function as the first, at most so many bytes behind it. */
const NEAR = 256;
/** Where the 13 is in {@link ESTIMATE}, and what it becomes. */
const NUMERATOR_AT = 1;
const NUMERATOR = 17;

/** Each gives the same array where it does not know what it finds. */
const MENDS: readonly ((artifact: Uint8Array) => Uint8Array)[] = [
  withLargeAreas,
  withLeanDispatch,
  withOrderedTables,
  withExactFloats,
  withBuiltinsOfCPython,
  withCollector,
  withRandomOfCPython,
  withErrorsOfCPython,
  withNativeCalls,
  withTextByWords,
  // Parts with data come last: withErrorsOfCPython looks at the artifact's own last segment.
  withPredictingParser,
  withOperators,
];

/**
 * The artifact's bytes as they are compiled: the same array if nothing of it is known, otherwise a copy.
 * @throws MalformedError, InvalidError if they are no module
 */
export function mendArtifact(artifact: Uint8Array): Uint8Array {
  return MENDS.reduce((mended, mend) => mend(mended), artifact);
}

/** Without the fault in gc_try_add_heap(); the same array if they do not have it. */
function withLargeAreas(artifact: Uint8Array): Uint8Array {
  const estimate = indexOf(artifact, ESTIMATE, 0, artifact.length);
  if (estimate < 0 || indexOf(artifact, ESTIMATE, estimate + 1, artifact.length) >= 0) return artifact;
  if (indexOf(artifact, THREE_TABLES, estimate, Math.min(estimate + NEAR, artifact.length)) < 0) return artifact;
  // Not slice(), which makes no copy of a Buffer of Node's.
  const mended = new Uint8Array(artifact);
  mended[estimate + NUMERATOR_AT] = NUMERATOR;
  return mended;
}

/** Offset of the first occurrence that begins in [from, to); -1 if there is none. */
function indexOf(bytes: Uint8Array, pattern: readonly number[], from: number, to: number): number {
  const [first] = pattern;
  for (let i = bytes.indexOf(first!, from); i >= 0 && i < to; i = bytes.indexOf(first!, i + 1))
    if (pattern.every((byte, k) => byte === ANY || bytes[i + k] === byte)) return i;
  return -1;
}
