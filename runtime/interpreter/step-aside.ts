// Accesses behind a memory's buffer: the driver has the loop do the one operation at `pc` by itself, on a copy of the
// bytes that it accesses. So an operation's meaning is written once, wherever its bytes lie.
//
// Example: v128.store to 3 GiB of a memory whose buffer has 1 MiB leaves the loop with EXIT_MEMORY. stepAside copies
// the operation's words and an `exit` into ALONE and calls the loop there; effectiveAddress opens the copy, which
// takes the 16 bytes from the memory's pages and answers 0, their place in the copy; the operation writes there;
// writeBack() puts what has changed into the pages.
import { decodeOperation } from "../register-code/decode-operation.js";
import { registerOp } from "../register-code/register-op-table.js";
import { TRAP_MESSAGES } from "../trap-codes.js";
import { AccessCopy } from "./access-copy.js";
import { EXIT_DONE } from "./exits.js";
import { trap } from "./flow.js";
import type { Machine } from "./machine.js";
import type { Thread } from "./thread.js";

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
    m.loneCode = null;
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
