// A module of the size of a language's runtime, made by a rule: many functions, of which a program calls few.

/** An unsigned LEB128 integer. */
export function leb(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest];
    bytes.push((rest % 128) | 0x80);
  }
}

export const section = (id: number, content: readonly number[]): number[] => [id, ...leb(content.length), ...content];

/** Repeats of a statement make bodies of different sizes; a C compiler's output is about 150 bytes in the middle. */
const STATEMENT = [
  ...[0x20, 0, 0x20, 1, 0x6a, 0x22, 2], // (local.tee 2 (i32.add (local.get 0) (local.get 1)))
  ...[0x28, 2, 16, 0x21, 3], //            (local.set 3 (i32.load offset=16 …))
  ...[0x02, 0x40, 0x20, 3, 0x45, 0x0d, 0], // (block (br_if 0 (i32.eqz (local.get 3)))
  ...[0x20, 0, 0x20, 3, 0x36, 2, 8, 0x0b], //   (i32.store offset=8 (local.get 0) (local.get 3)))
];

/** The body of function `i`: it calls its neighbour if its first argument is not 0. */
function body(i: number, count: number): number[] {
  const code = [2, 2, 0x7f, 1, 0x7e]; // Two i32 locals, one i64.
  for (let n = 1 + ((i * 7) % 9); n > 0; n--) code.push(...STATEMENT);
  code.push(0x20, 0, 0x04, 0x40, 0x41, 0, 0x20, 2, 0x10, ...leb((i + 1) % count), 0x1a, 0x0b); // if call drop end
  code.push(0x20, 3, 0x0b);
  return [...leb(code.length), ...code];
}

/** `count` functions of type [i32 i32] -> [i32], the first exported as "f", every tenth in a table. */
export function largeModule(count: number): Uint8Array {
  const inTable = Math.floor(count / 10);
  const head = [
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 2, 0x7f, 0x7f, 1, 0x7f]),
    ...section(3, [...leb(count), ...new Array<number>(count).fill(0)]),
    ...section(4, [1, 0x70, 0, ...leb(inTable)]),
    ...section(5, [1, 0, 1]),
    ...section(7, [1, 1, 0x66, 0, 0]),
    ...section(9, [
      1,
      0,
      0x41,
      0,
      0x0b,
      ...leb(inTable),
      ...Array.from({ length: inTable }, (_, i) => leb(i * 10)).flat(),
    ]),
  ];
  const bodies = Array.from({ length: count }, (_, i) => body(i, count));
  const content = [leb(count), ...bodies];
  const size = content.reduce((sum, bytes) => sum + bytes.length, 0);
  const parts = [head, [10, ...leb(size)], ...content];
  const module = new Uint8Array(head.length + 1 + leb(size).length + size);
  let at = 0;
  for (const part of parts) {
    module.set(part, at);
    at += part.length;
  }
  return module;
}
