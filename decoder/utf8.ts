// UTF-8, strict and lenient, without TextDecoder: the core uses no platform API, and what counts as an error must
// not depend on the platform. One for every folder: names in modules, paths of WASI, the text of a Python guest.

/** Bounded pieces: fromCharCode takes its arguments on the host's stack. */
const CHUNK = 1024;

/**
 * Decodes `bytes[start, end)` as UTF-8, as {@link decodeUtf8Strict} does; a byte order mark is kept.
 * @returns undefined if the bytes are not UTF-8
 */
export function decodeUtf8(bytes: Uint8Array, start: number, end: number): string | undefined {
  const text = decode(bytes, start, end, true);
  return typeof text === "string" ? text : undefined;
}

/**
 * Decodes UTF-8 (RFC 3629: no surrogates, no overlong forms).
 *
 * @returns the text, or the offset of the first byte that is not UTF-8
 */
export function decodeUtf8Strict(bytes: Uint8Array): string | number {
  return decode(bytes, 0, bytes.length, true);
}

/** Decodes UTF-8; every byte that does not belong to a valid sequence becomes U+FFFD. */
export function decodeUtf8Lossy(bytes: Uint8Array): string {
  return decode(bytes, 0, bytes.length, false) as string;
}

function decode(bytes: Uint8Array, start: number, end: number, strict: boolean): string | number {
  let text = "";
  let units: number[] = [];
  for (let i = start; i < end; ) {
    const lead = bytes[i]!;
    if (lead < 0x80) {
      units.push(lead);
      i++;
    } else {
      const length = sequenceLength(bytes, i, end);
      if (length === 0) {
        if (strict) return i;
        units.push(0xfffd);
        i++;
      } else {
        pushCodePoint(units, codePointAt(bytes, i, length));
        i += length;
      }
    }
    if (units.length >= CHUNK) {
      text += String.fromCharCode(...units);
      units = [];
    }
  }
  return text + String.fromCharCode(...units);
}

/** Length of the valid multi-byte sequence at `i` that ends before `end`, 0 if there is none. */
function sequenceLength(bytes: Uint8Array, i: number, end: number): number {
  const lead = bytes[i]!;
  const length =
    lead >= 0xc2 && lead <= 0xdf ? 2 : lead >= 0xe0 && lead <= 0xef ? 3 : lead >= 0xf0 && lead <= 0xf4 ? 4 : 0;
  if (length === 0 || i + length > end) return 0;
  for (let k = 1; k < length; k++) if ((bytes[i + k]! & 0xc0) !== 0x80) return 0;
  const second = bytes[i + 1]!;
  // Overlong forms, surrogates and code points above U+10FFFF show in the second byte.
  if (lead === 0xe0 && second < 0xa0) return 0;
  if (lead === 0xed && second > 0x9f) return 0;
  if (lead === 0xf0 && second < 0x90) return 0;
  if (lead === 0xf4 && second > 0x8f) return 0;
  return length;
}

function codePointAt(bytes: Uint8Array, i: number, length: number): number {
  let code = bytes[i]! & (0x7f >> length);
  for (let k = 1; k < length; k++) code = (code << 6) | (bytes[i + k]! & 0x3f);
  return code;
}

function pushCodePoint(units: number[], code: number): void {
  if (code < 0x10000) units.push(code);
  else units.push(0xd7c0 + (code >> 10), 0xdc00 + (code & 0x3ff));
}

/** Encodes as UTF-8. A lone surrogate becomes U+FFFD, as in the Encoding standard. */
export function encodeUtf8(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length * 3);
  let n = 0;
  for (let i = 0; i < text.length; i++) {
    let code = text.charCodeAt(i);
    if (code >= 0xd800 && code <= 0xdfff) {
      const low = code <= 0xdbff ? text.charCodeAt(i + 1) : Number.NaN;
      if (low >= 0xdc00 && low <= 0xdfff) {
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        i++;
      } else code = 0xfffd;
    }
    if (code < 0x80) bytes[n++] = code;
    else if (code < 0x800) {
      bytes[n++] = 0xc0 | (code >> 6);
      bytes[n++] = 0x80 | (code & 0x3f);
    } else if (code < 0x10000) {
      bytes[n++] = 0xe0 | (code >> 12);
      bytes[n++] = 0x80 | ((code >> 6) & 0x3f);
      bytes[n++] = 0x80 | (code & 0x3f);
    } else {
      bytes[n++] = 0xf0 | (code >> 18);
      bytes[n++] = 0x80 | ((code >> 12) & 0x3f);
      bytes[n++] = 0x80 | ((code >> 6) & 0x3f);
      bytes[n++] = 0x80 | (code & 0x3f);
    }
  }
  return bytes.slice(0, n);
}

/** Whether every surrogate in `text` is half of a pair. */
export function isWellFormed(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0xd800 || unit > 0xdfff) continue;
    const low = text.charCodeAt(i + 1);
    if (unit > 0xdbff || !(low >= 0xdc00 && low <= 0xdfff)) return false;
    i++;
  }
  return true;
}
