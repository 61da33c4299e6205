// Bytes of the binary format, written one after another (spec 5.2.2).

export class SectionWriter {
  private buffer = new Uint8Array(1024);
  private length = 0;

  u8(byte: number): void {
    this.room(1);
    this.buffer[this.length++] = byte;
  }

  /** An unsigned LEB128 integer. */
  u32(value: number): void {
    let rest = value >>> 0;
    for (; rest >= 0x80; rest >>>= 7) this.u8((rest & 0x7f) | 0x80);
    this.u8(rest);
  }

  /** A signed LEB128 integer. */
  s32(value: number): void {
    let rest = value | 0;
    for (; rest < -0x40 || rest >= 0x40; rest >>= 7) this.u8((rest & 0x7f) | 0x80);
    this.u8(rest & 0x7f);
  }

  bytes(bytes: Uint8Array): void {
    this.room(bytes.length);
    this.buffer.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** The bytes behind their number. */
  sized(bytes: Uint8Array): void {
    this.u32(bytes.length);
    this.bytes(bytes);
  }

  section(id: number, write: (section: SectionWriter) => void): void {
    const section = new SectionWriter();
    write(section);
    this.u8(id);
    this.sized(section.take());
  }

  /** What has been written. */
  take(): Uint8Array {
    return this.buffer.subarray(0, this.length);
  }

  private room(bytes: number): void {
    if (this.length + bytes <= this.buffer.length) return;
    const larger = new Uint8Array(Math.max(2 * this.buffer.length, this.length + bytes));
    larger.set(this.take());
    this.buffer = larger;
  }
}
