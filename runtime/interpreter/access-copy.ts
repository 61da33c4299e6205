// Accesses behind a memory's buffer: the driver has the loop do the one operation at `pc` by itself, on a copy of the
// bytes that it accesses. So an operation's meaning is written once, wherever its bytes lie.
//
// Example: v128.store to 3 GiB of a memory whose buffer has 1 MiB leaves the loop with EXIT_MEMORY. stepAside copies
// the operation's words and an `exit` into ALONE and calls the loop there; effectiveAddress opens the copy, which
// takes the 16 bytes from the memory's pages and answers 0, their place in the copy; the operation writes there;
// writeBack() puts what has changed into the pages.
import { decodeOperation } from "../register-code/decode-operation.js";
import { registerOp } from "../register-code/register-op-table.js";
import { type MemoryInst, MemoryViews } from "../store/memory.js";
import { TRAP_MESSAGES } from "../trap-codes.js";
import { EXIT_DONE } from "./exits.js";
import { trap } from "./flow.js";
import type { Machine } from "./machine.js";
import type { Thread } from "./thread.js";

/** The widest access, v128. */
const WIDEST = 16;

/** A copy of the bytes of one access. */
export class AccessCopy {
  readonly views = new MemoryViews(new ArrayBuffer(128));
  private readonly before = new Int32Array(WIDEST / 4);
  private memory: MemoryInst | null = null;
  private address = 0;
  private width = 0;

  /** Takes the `width` bytes at `address`, and has the memory show the copy. @returns where in the copy they are */
  open(memory: MemoryInst, address: number, width: number): number {
    memory.covers(address + width);
    memory.peek(address, width, this.views.u8, 0);
    for (let i = 0; i < WIDEST / 4; i++) this.before[i] = this.views.i32[i]!;
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

/** An operation's words and the `exit` behind it. */
const ALONE = new Int32Array(new ArrayBuffer(128));
const EXIT_OP = registerOp("exit");

/** Does the operation at `pc` on a copy of the bytes that it accesses, or traps. */
export function stepAside(thread: Thread, dispatch: (m: Machine) => number): undefined {
  const { machine: m } = thread;
  const { code, pc } = m;
  const copy = new AccessCopy();
  const length = decodeOperation(code, pc).next - pc;
  for (let i = 0; i < length; i++) ALONE[i] = code[pc + i]!;
  ALONE[length] = EXIT_OP;
  m.bindAside(copy, ALONE);
  let exit: number;
  try {
    exit = dispatch(m);
  } finally {
    m.pc = pc;
    m.aside = null;
    m.code = code;
    copy.close();
    m.bind(m.instance);
  }
  if (exit === EXIT_DONE) {
    // Where this throws, the position is still before the access.
    copy.writeBack();
    m.pc = pc + length;
  } else trap(thread, TRAP_MESSAGES[-exit]!);
  return undefined;
}
