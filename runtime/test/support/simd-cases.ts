// Every SIMD instruction as a function that applies it to many vectors, for V8's WebAssembly and for
// our engine. V8 gets the same module but for the relaxed instructions: there it computes with plain
// ones what the specification's deterministic profile prescribes (4.3.7, every R = 0).
//
// The memory of a module
//   INPUT    COUNT records of three vectors; scalar operands are the low bytes of a vector
//   OUTPUT   COUNT results of 16 bytes
//   TARGET   64 KiB that stores write to; loads read from INPUT

import { OP, OPCODES, type OpcodeName, type OpcodeRow } from "../../../decoder/opcodes.js";
import { type Bytes, flatten, leb, moduleBytes, name, opcodeBytes, section, sleb, vec } from "./module-bytes.js";
import { specialValues } from "./numeric-oracle.js";
import type { Random } from "./random.js";

export const COUNT = 10_000;
export const INPUT = 1 << 16;
export const RECORD = 48;
export const OUTPUT = INPUT + (1 << 19);
export const TARGET = OUTPUT + (1 << 18);
const PAGES = 16;

/** Shapes that operands can have: what specials the vectors are made of. */
export type Shape = "i8x16" | "i16x8" | "i32x4" | "i64x2" | "f32x4" | "f64x2";

export interface SimdCase {
  readonly title: string;
  readonly row: OpcodeRow;
  readonly shape: Shape;
  /** Code between the loads of operands and the store of the result; a number stands for an operand. */
  readonly code: readonly (number | Bytes)[];
  /** The same for V8. */
  readonly expected: readonly (number | Bytes)[];
  /** Type letters of operands and result; `a` is an i32 address. */
  readonly params: string;
  readonly result: string;
  /** Width of the lanes in which a NaN of V8's stands for the canonical one; 0 if bits are bits. */
  readonly canonical: 0 | 32 | 64;
}

const op = (opcode: OpcodeName) => opcodeBytes(OP[opcode]);
const DOT = [
  ...[0, 1, op("i16x8.extmul_low_i8x16_s"), op("i32x4.extadd_pairwise_i16x8_s")],
  ...[0, 1, op("i16x8.extmul_high_i8x16_s"), op("i32x4.extadd_pairwise_i16x8_s")],
  op("i16x8.narrow_i32x4_s"),
];
/** What the deterministic profile makes of the relaxed instructions. */
const DETERMINISTIC: Partial<Record<OpcodeName, readonly (number | Bytes)[]>> = {
  "i8x16.relaxed_swizzle": [0, 1, op("i8x16.swizzle")],
  "i32x4.relaxed_trunc_f32x4_s": [0, op("i32x4.trunc_sat_f32x4_s")],
  "i32x4.relaxed_trunc_f32x4_u": [0, op("i32x4.trunc_sat_f32x4_u")],
  "i32x4.relaxed_trunc_f64x2_s_zero": [0, op("i32x4.trunc_sat_f64x2_s_zero")],
  "i32x4.relaxed_trunc_f64x2_u_zero": [0, op("i32x4.trunc_sat_f64x2_u_zero")],
  "f32x4.relaxed_madd": [0, 1, op("f32x4.mul"), 2, op("f32x4.add")],
  "f32x4.relaxed_nmadd": [0, op("f32x4.neg"), 1, op("f32x4.mul"), 2, op("f32x4.add")],
  "f64x2.relaxed_madd": [0, 1, op("f64x2.mul"), 2, op("f64x2.add")],
  "f64x2.relaxed_nmadd": [0, op("f64x2.neg"), 1, op("f64x2.mul"), 2, op("f64x2.add")],
  "i8x16.relaxed_laneselect": [0, 1, 2, op("v128.bitselect")],
  "i16x8.relaxed_laneselect": [0, 1, 2, op("v128.bitselect")],
  "i32x4.relaxed_laneselect": [0, 1, 2, op("v128.bitselect")],
  "i64x2.relaxed_laneselect": [0, 1, 2, op("v128.bitselect")],
  "f32x4.relaxed_min": [0, 1, op("f32x4.min")],
  "f32x4.relaxed_max": [0, 1, op("f32x4.max")],
  "f64x2.relaxed_min": [0, 1, op("f64x2.min")],
  "f64x2.relaxed_max": [0, 1, op("f64x2.max")],
  "i16x8.relaxed_q15mulr_s": [0, 1, op("i16x8.q15mulr_sat_s")],
  "i16x8.relaxed_dot_i8x16_i7x16_s": DOT,
  "i32x4.relaxed_dot_i8x16_i7x16_add_s": [...DOT, op("i32x4.extadd_pairwise_i16x8_s"), 2, op("i32x4.add")],
};

const SHAPE = /[if](8x16|16x8|32x4|64x2)/g;
/** The shape of the operands: the last that the name mentions. */
function shapeOf(row: OpcodeRow): Shape {
  return (row.name.match(SHAPE)?.at(-1) ?? "i8x16") as Shape;
}

/** Instructions that move bits of NaNs, or make none. */
const KEEPS_BITS = /\.(abs|neg|pmin|pmax|splat|.*lane.*|eq|ne|[lg][te]|convert.*)$/;
function canonicalWidth({ name: text }: OpcodeRow): 0 | 32 | 64 {
  if (KEEPS_BITS.test(text)) return 0;
  return text.startsWith("f32x4.") ? 32 : text.startsWith("f64x2.") ? 64 : 0;
}

const LANES = { "8": 16, "16": 8, "32": 4, "64": 2 } as const;
function laneCount({ name: text }: OpcodeRow): number {
  const access = /(8|16|32|64)_lane$/.exec(text);
  return access === null ? Number(/x(\d+)/.exec(text)![1]) : LANES[access[1] as keyof typeof LANES];
}

/** The immediates that an instruction is tried with. */
function immediates(row: OpcodeRow, random: Random): readonly Bytes[] {
  const lanes = () => Array.from({ length: laneCount(row) }, (_, i) => i);
  const memarg = () => [0, leb(random.below(200))];
  switch (row.immediate) {
    case "lane":
      return lanes();
    case "memarg_lane":
      return lanes().map((lane) => [memarg(), lane]);
    case "memarg":
      return [memarg(), [0, leb(0)], [0, leb(1 << 15)]];
    case "v128":
      return [[...random.bytes(16)]];
    case "lanes":
      return Array.from({ length: 6 }, () => Array.from({ length: 16 }, () => random.below(32)));
    default:
      return [[]];
  }
}

/** All SIMD instructions with all lanes, grouped by shape. */
export function simdCases(random: Random): SimdCase[] {
  const cases: SimdCase[] = [];
  for (const row of OPCODES as readonly (OpcodeRow & { name: OpcodeName })[]) {
    if (row.feature !== "simd" && row.feature !== "relaxed-simd") continue;
    const [params, result] = row.type!.split(":") as [string, string];
    for (const immediate of immediates(row, random)) {
      const code = [...Array.from(params, (_, i) => i), [opcodeBytes(row.opcode), immediate]];
      const expected = DETERMINISTIC[row.name] ?? code;
      const title = `${row.name} ${flatten(immediate).join(" ")}`.trim();
      cases.push({ title, row, shape: shapeOf(row), code, expected, params, result, canonical: canonicalWidth(row) });
    }
  }
  return cases.sort((a, b) => (a.shape < b.shape ? -1 : a.shape > b.shape ? 1 : 0));
}

const LOAD: Readonly<Record<string, number>> = {
  i: OP["i32.load"],
  l: OP["i64.load"],
  f: OP["f32.load"],
  d: OP["f64.load"],
  v: OP["v128.load"],
};
const STORE: Readonly<Record<string, number>> = {
  i: OP["i32.store"],
  l: OP["i64.store"],
  f: OP["f32.store"],
  d: OP["f64.store"],
  v: OP["v128.store"],
};

/** The function of a case: for each record, operands from INPUT, the code, the result to OUTPUT. */
function body({ row, params, result }: SimdCase, code: readonly (number | Bytes)[]): Bytes {
  const [record, out, end] = [0, 1, 2];
  const get = (local: number) => [0x20, local];
  const constant = (value: number) => [0x41, sleb(value)];
  const operand = (i: number): Bytes => {
    const letter = params[i]!;
    if (letter !== "a") return [get(record), opcodeBytes(LOAD[letter]!), 0, leb(16 * i)];
    // An address: 15 random bits, from where loads find input and stores do no harm.
    const base = row.name.includes("store") ? TARGET : INPUT;
    return [get(record), opcodeBytes(OP["i32.load"]), 0, leb(16 * i), constant(0x7fff), 0x71, constant(base), 0x6a];
  };
  const computed = code.map((part) => (typeof part === "number" ? operand(part) : part));
  const advance = (local: number, by: number) => [get(local), constant(by), 0x6a, 0x21, local];
  return [
    ...[1, 3, 0x7f], // three locals of type i32
    ...[constant(INPUT), 0x21, record, constant(OUTPUT), 0x21, out, constant(INPUT + COUNT * RECORD), 0x21, end],
    ...[0x03, 0x40],
    result === "" ? computed : [get(out), computed, opcodeBytes(STORE[result]!), 0, 0],
    ...[advance(record, RECORD), advance(out, 16), get(record), get(end), 0x49, 0x0d, 0],
    ...[0x0b, 0x0b],
  ];
}

/** One module with the function of each case, exported as its index, and the memory. */
export function simdModule(cases: readonly SimdCase[], code: (simdCase: SimdCase) => SimdCase["code"]): Uint8Array {
  const bodies = cases.map((simdCase) => flatten(body(simdCase, code(simdCase))));
  return moduleBytes(
    section(1, vec([[0x60, 0, 0]])),
    section(3, vec(cases.map(() => 0))),
    section(5, vec([[0, leb(PAGES)]])),
    section(7, vec([[name("memory"), 2, 0], ...cases.map((_, i) => [name(String(i)), 0, leb(i)])])),
    section(10, vec(bodies.map((bytes) => [leb(bytes.length), bytes]))),
  );
}

const words = (letter: string) =>
  specialValues(letter).map(
    (bits) => [Number(BigInt.asIntN(32, bits)), Number(BigInt.asIntN(32, bits >> 32n))] as const,
  );
const SPECIAL_WORDS = { i32x4: words("i"), f32x4: words("f"), i64x2: words("l"), f64x2: words("d") } as const;
const SMALL = [
  0, 1, 2, 3, 7, 8, 15, 16, 31, 0x3f, 0x40, 0x7e, 0x7f, 0x80, 0x81, 0xc0, 0xf0, 0xfe, 0xff, 0x7fff, 0x8000, 0x8001,
  0xffff,
];

/** Fills INPUT with vectors: uniformly random ones, and ones of special values of the shape. */
export function writeInput(memory: Uint8Array, shape: Shape, random: Random): void {
  const view = new DataView(memory.buffer, memory.byteOffset);
  for (let at = INPUT; at < INPUT + COUNT * RECORD; at += 16) {
    const kind = random.below(4);
    for (let i = 0; i < 16; i += 4) view.setUint32(at + i, random.word(), true);
    if (kind === 0) continue;
    if (random.below(8) === 0) {
      // The operand before, or the same with other signs.
      memory.copyWithin(at, at - 16, at);
      const width = shape === "f32x4" ? 4 : 8;
      if (random.below(2) === 0) for (let i = width - 1; i < 16; i += width) memory[at + i]! ^= 0x80;
      continue;
    }
    if (shape === "i8x16" || shape === "i16x8") {
      const width = shape === "i8x16" ? 1 : 2;
      for (let i = 0; i < 16; i += width) {
        if (random.below(4) < kind)
          writeLane(view, at + i, width, random.pick(SMALL) + (kind === 3 ? random.below(3) - 1 : 0));
      }
      continue;
    }
    const width = shape === "i64x2" || shape === "f64x2" ? 8 : 4;
    for (let i = 0; i < 16; i += width) {
      if (random.below(4) >= kind) continue;
      const [low, high] = random.pick<readonly [number, number]>(SPECIAL_WORDS[shape]);
      view.setInt32(at + i, low + (kind === 3 ? random.below(3) - 1 : 0), true);
      if (width === 8) view.setInt32(at + i + 4, high, true);
    }
  }
}
function writeLane(view: DataView, at: number, width: number, value: number): void {
  if (width === 1) view.setInt8(at, value);
  else view.setInt16(at, value, true);
}

/** Replaces every NaN among the lanes of `width` bits by the canonical one. */
export function canonicalise(bytes: Uint8Array, width: 32 | 64): void {
  const lanes = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >> 2);
  if (width === 32) {
    for (let i = 0; i < lanes.length; i++) if ((lanes[i]! & 0x7fffffff) > 0x7f800000) lanes[i] = 0x7fc00000;
    return;
  }
  for (let i = 0; i < lanes.length; i += 2) {
    const high = lanes[i + 1]! & 0x7fffffff;
    if (high > 0x7ff00000 || (high === 0x7ff00000 && lanes[i] !== 0)) {
      lanes[i] = 0;
      lanes[i + 1] = 0x7ff80000;
    }
  }
}
