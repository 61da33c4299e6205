// Writes the binary format by hand (spec, chapter 5).

export type Bytes = readonly (number | Bytes)[];

export function flat(bytes: Bytes): number[] {
  return (bytes as readonly unknown[]).flat(Number.POSITIVE_INFINITY) as number[];
}

/** Unsigned LEB128. */
export function u32(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  do {
    bytes.push((rest % 128) | (rest >= 128 ? 0x80 : 0));
    rest = Math.floor(rest / 128);
  } while (rest > 0);
  return bytes;
}

/** Signed LEB128. */
export function s64(value: bigint): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (;;) {
    const byte = Number(rest & 0x7fn);
    rest >>= 7n;
    const done = (rest === 0n && byte < 0x40) || (rest === -1n && byte >= 0x40);
    bytes.push(done ? byte : byte | 0x80);
    if (done) return bytes;
  }
}

/** A vector: its length and its elements. */
export function vec(...elements: readonly Bytes[]): number[] {
  return [...u32(elements.length), ...flat(elements)];
}

/** A length and as many bytes. */
export function sized(...content: Bytes): number[] {
  const bytes = flat(content);
  return [...u32(bytes.length), ...bytes];
}

/** A name, of ASCII text. */
export function name(text: string): number[] {
  return sized(...Array.from(text, (character) => character.charCodeAt(0)));
}

export function section(id: number, ...content: Bytes): number[] {
  return [id, ...sized(...content)];
}

export const HEADER = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];

export function module(...sections: Bytes): Uint8Array {
  return Uint8Array.from([...HEADER, ...flat(sections)]);
}

/** A function type. */
export function func(params: readonly number[], results: readonly number[]): number[] {
  return [0x60, ...u32(params.length), ...params, ...u32(results.length), ...results];
}

/** A module with one function of type [] -> [] and this body: local declarations and code. */
export function withBody(...body: Bytes): Uint8Array {
  return module(section(1, vec(func([], []))), section(3, vec([0])), section(10, vec(sized(...body))));
}
