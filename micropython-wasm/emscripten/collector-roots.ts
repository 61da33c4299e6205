// The roots that the guest's collector cannot find itself (patch/heap.wat): what its frames hold, and its C stack. All
// words are taken for addresses, those within an object for the object's: C code may keep no other.

import type { GuestMemory, HostContext } from "../guest/engine-port.js";
import { GuestFault } from "../guest/errors.js";
import { guestBytes, guestWord, setGuestWord } from "../guest/memory-access.js";

/** Words of a request that are not roots, and roots that it has room for; see heap.wat. */
const REQUEST_WORDS = 4;
const ROOTS_AT_ONCE = 1000;
/** The answer where the engine knows no roots. */
const NO_ROOTS = -1;
/** Offsets in an area of the heap. */
const AREA = { next: 0, table: 4, tableBytes: 8, start: 20, end: 24 } as const;
const BLOCKS_PER_BYTE = 4;
const BLOCK_BYTES = 16;
/** What a block of the heap is, by its two bits in the table; 1 and 3 are beginnings of objects. */
const FREE = 0;
const TAIL = 2;
/** Areas double the heap, so that there are never so many. */
const MAX_AREAS = 64;
/** Fuel for a word that is in the heap, beside the unit for each word. */
const FUEL_PER_ADDRESS = 8;

/**
 * Answers a request of the guest's: writes the next roots behind it.
 * @returns how many; {@link NO_ROOTS} if the engine does not know what frames hold
 */
export function handOverRoots(context: HostContext, request: number): number {
  const words = context.liveWords?.();
  if (words === undefined) return NO_ROOTS;
  const { memory } = context;
  const [given, stack, base, area] = [0, 4, 8, 12].map((offset) => guestWord(memory, request + offset));
  const heap = new Heap(memory, area!);
  for (const word of words) heap.add(word >>> 0);
  const onStack = guestBytes(memory, stack!, Math.max(0, base! - stack!));
  const view = new DataView(onStack.buffer, onStack.byteOffset, onStack.length);
  for (let at = 0; at + 4 <= view.byteLength; at += 4) heap.add(view.getUint32(at, true));
  context.chargeFuel(heap.fuel);
  const roots = heap.objects().slice(given, given! + ROOTS_AT_ONCE);
  for (const [i, root] of roots.entries()) setGuestWord(memory, request + 4 * (REQUEST_WORDS + i), root);
  setGuestWord(memory, request, given! + roots.length);
  return roots.length;
}

interface Area {
  readonly start: number;
  readonly end: number;
  readonly table: Uint8Array;
}

class Heap {
  /** What finding the objects is worth. */
  fuel = 0;
  private readonly areas: Area[] = [];
  private readonly found = new Set<number>();

  constructor(memory: GuestMemory, first: number) {
    for (let at = first; at !== 0; at = guestWord(memory, at + AREA.next)) {
      if (this.areas.length === MAX_AREAS) throw new GuestFault("the heap's areas have no end");
      const [start, end] = [guestWord(memory, at + AREA.start), guestWord(memory, at + AREA.end)];
      const table = guestBytes(memory, guestWord(memory, at + AREA.table), guestWord(memory, at + AREA.tableBytes));
      this.areas.push({ start, end, table });
    }
  }

  /** Takes a word for an address: the object around it is one of those that are in use. */
  add(word: number): void {
    this.fuel++;
    for (const { start, end, table } of this.areas) {
      if (word < start || word >= end) continue;
      this.fuel += FUEL_PER_ADDRESS;
      let block = Math.floor((word - start) / BLOCK_BYTES);
      while (kindOf(table, block) === TAIL && block > 0) {
        block--;
        this.fuel++;
      }
      if (kindOf(table, block) !== FREE) this.found.add(start + BLOCK_BYTES * block);
      return;
    }
  }

  /** Ascending. */
  objects(): number[] {
    return [...this.found].sort((a, b) => a - b);
  }
}

function kindOf(table: Uint8Array, block: number): number {
  return (table[Math.floor(block / BLOCKS_PER_BYTE)]! >> (2 * (block % BLOCKS_PER_BYTE))) & 3;
}
