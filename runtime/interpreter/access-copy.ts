// The bytes of one access that lie behind a memory's buffer, on their way (step-aside.ts).
import type { MemoryInst } from "../store/memory.js";
import { MemoryViews } from "../store/memory-views.js";

/** Words of the widest access, v128. */
const MOST_WORDS = 4;

/** A copy of the bytes of one access. */
export class AccessCopy {
  readonly views = new MemoryViews(new ArrayBuffer(128));
  private readonly before = new Int32Array(MOST_WORDS);
  private memory: MemoryInst | null = null;
  private address = 0;
  private width = 0;

  /** Takes the `width` bytes at `address`, and has the memory show the copy. @returns where in the copy they are */
  open(memory: MemoryInst, address: number, width: number): number {
    memory.covers(address + width);
    memory.peek(address, width, this.views.u8, 0);
    for (let i = 0; i < MOST_WORDS; i++) this.before[i] = this.views.i32[i]!;
    this.memory = memory;
    this.address = address;
    this.width = width;
    memory.substitute(this.views);
    return 0;
  }

  /** Has the memory show itself again. */
  close(): void {
    this.memory?.substitute(null);
  }

  /** Writes what has changed to the memory. @throws MemoryLimitExceeded if the host has no page for it */
  writeBack(): void {
    const { memory, before, views } = this;
    const changed = before.some((word, i) => word !== views.i32[i]);
    if (changed) memory!.poke(this.address, this.width, views.u8, 0);
  }
}
