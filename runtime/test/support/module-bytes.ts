// Writes small modules as bytes, for tests that need exact control over the binary.

/** Bytes, or nested lists of them. */
export type Bytes = number | readonly Bytes[] | Uint8Array;

export function flatten(bytes: Bytes): number[] {
  if (typeof bytes === "number") return [bytes];
  if (bytes instanceof Uint8Array) return [...bytes];
  return bytes.flatMap(flatten);
}

export function leb(value: number | bigint): number[] {
  const out: number[] = [];
  let rest = BigInt(value);
  do {
    const more = rest > 0x7fn;
    out.push(Number(rest & 0x7fn) | (more ? 0x80 : 0));
    rest >>= 7n;
  } while (rest > 0n);
  return out;
}
export function sleb(value: number | bigint): number[] {
  const out: number[] = [];
  let rest = BigInt(value);
  for (;;) {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    const done = (rest === 0n && (low & 0x40) === 0) || (rest === -1n && (low & 0x40) !== 0);
    out.push(low | (done ? 0 : 0x80));
    if (done) return out;
  }
}
export function vec(items: readonly Bytes[]): Bytes {
  return [leb(items.length), items];
}
export function name(text: string): Bytes {
  const bytes = new TextEncoder().encode(text);
  return [leb(bytes.length), bytes];
}
export function section(id: number, content: Bytes): Bytes {
  const bytes = flatten(content);
  return [id, leb(bytes.length), bytes];
}
/** A module from its sections, as {@link section} makes them. */
export function moduleBytes(...sections: Bytes[]): Uint8Array {
  return new Uint8Array(flatten([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, sections]));
}

/** The encoding of an opcode as opcodes.ts numbers them. */
export function opcodeBytes(opcode: number): number[] {
  if (opcode < 0x100) return [opcode];
  if (opcode < 0x200) return [0xfb, ...leb(opcode - 0x100)];
  if (opcode < 0x300) return [0xfc, ...leb(opcode - 0x200)];
  if (opcode < 0x500) return [0xfd, ...leb(opcode - 0x300)];
  return [0xfe, ...leb(opcode - 0x500)];
}

/** A module that exports one function "f" with this type (codes of value types) and body, `end` included. */
export function functionModule(params: readonly number[], results: readonly number[], body: Bytes): Uint8Array {
  const code = flatten([0, body]);
  return moduleBytes(
    section(1, vec([[0x60, vec(params), vec(results)]])),
    section(3, vec([0])),
    section(7, vec([[name("f"), 0, 0]])),
    section(10, vec([[leb(code.length), code]])),
  );
}
