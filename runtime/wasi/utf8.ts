const LEAD = [0, 0xc0, 0xe0, 0xf0] as const;

/** Encodes as UTF-8. A lone surrogate becomes U+FFFD, as in the Encoding standard. */
export function encodeUtf8(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length * 3);
  let n = 0;
  for (const character of text) {
    let code = character.codePointAt(0)!;
    if (code >= 0xd800 && code <= 0xdfff) code = 0xfffd;
    const more = code < 0x80 ? 0 : code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    bytes[n++] = LEAD[more]! | (code >> (6 * more));
    for (let shift = 6 * (more - 1); shift >= 0; shift -= 6) bytes[n++] = 0x80 | ((code >> shift) & 0x3f);
  }
  return bytes.slice(0, n);
}
