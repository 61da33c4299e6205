// Register code of one module under one fuel schedule, shared by all its instances.
// Floor 3 (lowering/) fills it, floor 4 (interpreter/) runs it.

/** Fixed return addresses at the head of every code array; frames that end in the driver return there. */
export const PC_EXIT = 4;
export const PC_LEAVE_INSTANCE = 6;
export const PC_INVOKE_RETURN = 8;
export const PC_HOST_RETURN = 10;
/** First position for lowered functions. */
export const PC_FIRST = 16;

export class RegisterCode {
  code = new Int32Array(new ArrayBuffer(4096 * 4));
  /** Words in use. */
  length = PC_FIRST;
  /** Per defined function: position of its header, cost of its first segment. Starts at the lazy stub. */
  readonly entries: Int32Array;

  constructor(definedFunctions: number) {
    this.entries = new Int32Array(new ArrayBuffer(Math.max(definedFunctions, 16) * 8));
  }

  /** Makes room for `words` more; the code array may be a new one afterwards. */
  reserve(words: number): void {
    if (this.length + words <= this.code.length) return;
    let capacity = this.code.length * 2;
    while (capacity < this.length + words) capacity *= 2;
    const grown = new Int32Array(new ArrayBuffer(capacity * 4));
    grown.set(this.code);
    this.code = grown;
  }
}
