// Bytes in source text.

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** The bytes of base64 text without line breaks. Plain ECMAScript has no decoder of its own. */
export function decodeBase64(text: string): Uint8Array {
  const values = new Uint8Array(128);
  for (let i = 0; i < DIGITS.length; i++) values[DIGITS.charCodeAt(i)] = i;
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  const bytes = new Uint8Array((text.length / 4) * 3 - padding);
  const value = (i: number) => values[text.charCodeAt(i)]!;
  for (let i = 0, at = 0; i < text.length; i += 4, at += 3) {
    const word = (value(i) << 18) | (value(i + 1) << 12) | (value(i + 2) << 6) | value(i + 3);
    bytes[at] = word >>> 16;
    if (at + 1 < bytes.length) bytes[at + 1] = word >>> 8;
    if (at + 2 < bytes.length) bytes[at + 2] = word;
  }
  return bytes;
}
