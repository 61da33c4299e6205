// Registers: one buffer of 8-byte slots, seen as what the operations work on.

export class RegisterViews {
  readonly R: Int32Array;
  readonly D: Float64Array;
  readonly S: Float32Array;
  /** For SIMD lanes: `s` is for signed. */
  readonly R8: Uint8Array;
  readonly R8s: Int8Array;
  readonly R16: Uint16Array;
  readonly R16s: Int16Array;

  /** @param words of 4 bytes, two to a slot */
  constructor(words: number) {
    const buffer = new ArrayBuffer(words * 4);
    this.R = new Int32Array(buffer);
    this.D = new Float64Array(buffer);
    this.S = new Float32Array(buffer);
    this.R8 = new Uint8Array(buffer);
    this.R8s = new Int8Array(buffer);
    this.R16 = new Uint16Array(buffer);
    this.R16s = new Int16Array(buffer);
  }
}

/** Registers that machines use in turn. */
export interface RegisterFile {
  readonly views: RegisterViews;
  /** Whose registers are there now. It is kept by this until it moves out: it ends, hibernates, or another one is run. */
  resident: { leaveFile(): void } | null;
}
