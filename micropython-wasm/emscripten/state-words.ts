// Words of the interpreter's own state, which is in the data segment: found by what they hold, since the artifact has
// no names for them.

import type { GuestMemory } from "../guest/engine-port.js";
import { SandboxUsageError } from "../guest/errors.js";
import { type InterruptWord, STATE_END } from "./state.js";

/** What the artifact compiles in: CSTACK_SIZE of its main.c. */
const ARTIFACT_STACK_LIMIT = 32 * 1024;

/**
 * The artifact's limit on C stack usage is a constant that ends up in a word of its state,
 * between the stack's top and the three pointers of the Python stack. Finds and raises it.
 */
export function raiseStackLimit(memory: GuestMemory, stackBytes: number, pystackWords: number): void {
  // State is in the data segment, below everything that malloc hands out.
  const state = memory.range(0, Math.min(memory.byteLength, STATE_END));
  const view = new DataView(state.buffer, state.byteOffset, state.length);
  const end = state.length - 20;
  for (let address = 1024; address < end; address += 4) {
    if (view.getUint32(address + 4, true) !== ARTIFACT_STACK_LIMIT) continue;
    const start = view.getUint32(address + 8, true);
    const stop = view.getUint32(address + 12, true);
    if (stop - start !== pystackWords * 4 || view.getUint32(address + 16, true) !== start) continue;
    view.setUint32(address + 4, stackBytes, true);
    return;
  }
  throw new SandboxUsageError("the artifact is not the MicroPython build that this version expects");
}

/** Of the interpreter's state. */
interface ThreadState {
  /** Bytes of the Python stack in use: every call of a Python function has its frame there, and compiling takes none. */
  readonly stackInUse: number;
  /** Whether it stands in a collection. */
  readonly collects: boolean;
}

/**
 * Undefined if the state is not found. Its words are [C stack's limit, the Python stack's start, end, current end,
 * how often the heap is locked, the lowest bit by a collection].
 */
export function threadState(memory: GuestMemory): ThreadState | undefined {
  const state = memory.range(0, Math.min(memory.byteLength, STATE_END));
  const view = new DataView(state.buffer, state.byteOffset, state.length);
  for (let address = 1024; address < state.length - 20; address += 4) {
    const limit = view.getUint32(address, true);
    if (limit < 4096 || limit > 16 * 1024 * 1024) continue;
    const start = view.getUint32(address + 4, true);
    const current = view.getUint32(address + 12, true);
    if (view.getUint32(address + 8, true) - start !== pystackWordsOf(limit) * 4) continue;
    // It is allocated: behind the state.
    if (start > address && start % 4 === 0 && current >= start && current - start <= pystackWordsOf(limit) * 4)
      return { stackInUse: current - start, collects: (view.getUint16(address + 16, true) & 1) !== 0 };
  }
  return undefined;
}

/** Size of the stack for Python's locals, per byte of C stack: enough that C's ends first. */
const PYSTACK_WORDS_PER_BYTE = 1 / 4;

/** Words of the Python stack beside so much of C's. */
export function pystackWordsOf(stackBytes: number): number {
  return Math.ceil(stackBytes * PYSTACK_WORDS_PER_BYTE);
}

/** Words of the interpreter's state that are others than in `before`, with what they were there. */
export function changedWords(memory: GuestMemory, before: Uint8Array): InterruptWord[] {
  const idle = new DataView(before.buffer);
  const after = memory.range(0, STATE_END);
  const now = new DataView(after.buffer, after.byteOffset, STATE_END);
  const words: InterruptWord[] = [];
  for (let address = 0; address < STATE_END; address += 4) {
    const word = idle.getUint32(address, true);
    if (now.getUint32(address, true) !== word) words.push([address, word]);
  }
  return words;
}
