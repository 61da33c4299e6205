// Literals of the text format: spec 6.3.

/** An i64 in decimal, from its halves. */
export function int64Text(lo: number, hi: number, signed = true): string {
  const bits = (BigInt(hi >>> 0) << 32n) | BigInt(lo >>> 0);
  return (signed ? BigInt.asIntN(64, bits) : bits).toString();
}

const scratch = new DataView(new ArrayBuffer(8));

/** A float by its bits: an f32 from one word, an f64 from two; decimal digits that give back the same bits. */
export function floatText(lo: number, hi?: number): string {
  const sign = (hi ?? lo) < 0 ? "-" : "";
  let value: number;
  let payload: bigint;
  if (hi === undefined) {
    scratch.setInt32(0, lo, true);
    value = scratch.getFloat32(0, true);
    payload = BigInt(lo & 0x7fffff);
  } else {
    scratch.setInt32(0, lo, true);
    scratch.setInt32(4, hi, true);
    value = scratch.getFloat64(0, true);
    payload = (BigInt(hi & 0xfffff) << 32n) | BigInt(lo >>> 0);
  }
  if (Number.isNaN(value)) return `${sign}nan:0x${payload.toString(16)}`;
  const magnitude = sign === "" ? value : -value;
  return sign + (magnitude === Number.POSITIVE_INFINITY ? "inf" : String(magnitude));
}

/** A string literal, of text or of bytes; everything but printable ASCII is escaped. */
export function quote(content: string | Uint8Array): string {
  let text = "";
  if (typeof content === "string") {
    for (const character of content) {
      const code = character.codePointAt(0)!;
      text += code < 0x80 ? quoteByte(code) : `\\u{${code.toString(16)}}`;
    }
  } else for (const byte of content) text += quoteByte(byte);
  return `"${text}"`;
}

function quoteByte(byte: number): string {
  if (byte === 0x22 || byte === 0x5c) return `\\${String.fromCharCode(byte)}`;
  if (byte >= 0x20 && byte < 0x7f) return String.fromCharCode(byte);
  return `\\${byte.toString(16).padStart(2, "0")}`;
}
