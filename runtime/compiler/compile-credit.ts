// How much is compiled at once. The host's event loop waits while functions are compiled, so each run of an execution may
// compile some bytes of bodies, and more as it uses fuel: about as long as the interpreter takes for that. What is not
// admitted stays with the interpreter, and asks again when it is called next.
//
//   a run begins       4,096 bytes of credit
//   $f, 3,000 bytes    admitted; 1,096 left
//   $g, 2,000 bytes    not admitted; called again 120,000 units of fuel later it is, with 2,033 bytes of credit
import type { Thread } from "../interpreter/thread.js";

/** Bytes of bodies: 0.8 to 1.9 µs each, warm and cold, so that this is 8 ms at the most. */
const RUN_BYTES = 4096;
/** Units of fuel that earn a byte: the interpreter takes as long for them. */
const FUEL_PER_BYTE = 128;

export class CompileCredit {
  private bytes: number;
  private thread: Thread | null = null;
  private run = -1;
  private used = 0;

  /** @param runBytes Infinity: all is admitted */
  constructor(private readonly runBytes = RUN_BYTES) {
    this.bytes = runBytes;
  }

  /** Whether a body of `size` bytes may be compiled now, for who runs on `thread`; then it counts as compiled. */
  admits(thread: Thread, size: number): boolean {
    this.earn(thread);
    // One that is larger than all credit is compiled when nothing else is.
    if (size > this.bytes && this.bytes < this.runBytes) return false;
    this.bytes -= size;
    return true;
  }

  private earn(thread: Thread): void {
    const used = thread.fuelUsed;
    if (thread !== this.thread || thread.runs !== this.run) this.bytes = Math.max(this.bytes, this.runBytes);
    else this.bytes = Math.min(this.runBytes, this.bytes + Math.max(0, used - this.used) / FUEL_PER_BYTE);
    this.thread = thread;
    this.run = thread.runs;
    this.used = used;
  }
}
