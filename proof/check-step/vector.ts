// Vector instructions that touch no memory, as functions from bits to bits: lane by lane, as chapter 4.3 has them, of
// relaxed ones the deterministic profile's choice. Lanes of 32 and 64 bits are the scalar instructions' (numeric.ts).
//
//   v128   an unsigned bigint of 128 bits; lane 0 is the lowest bits
import { OP, OPCODE_ROWS, type OpcodeName } from "../../decoder/opcodes.js";
import { NUMERIC } from "./numeric.js";

/** Operands in their order, and what the instruction says: a lane's index, 16 indices, a constant. */
export type Vector = (operands: readonly bigint[], lane: number, immediate: bigint) => bigint;

/** opcode → what it gives, a vector or a scalar. */
export const VECTOR = new Map<number, Vector>();

const ones = (bits: number) => (1n << BigInt(bits)) - 1n;
const ALL = ones(128);
export function lanesOf(vector: bigint, bits: number): bigint[] {
  return Array.from({ length: 128 / bits }, (_, i) => (vector >> BigInt(i * bits)) & ones(bits));
}
export function ofLanes(lanes: readonly bigint[], bits: number): bigint {
  return lanes.reduce((vector, lane, i) => vector | (BigInt.asUintN(bits, lane) << BigInt(i * bits)), 0n);
}
const signed = (bits: number) => (lane: bigint) => BigInt.asIntN(bits, lane);
const clamp = (value: bigint, min: bigint, max: bigint) => (value < min ? min : value > max ? max : value);
const saturate = (bits: number, isSigned: boolean) => (value: bigint) => {
  const half = 1n << BigInt(bits - 1);
  return isSigned ? clamp(value, -half, half - 1n) : clamp(value, 0n, 2n * half - 1n);
};
const scalar = (name: string) => NUMERIC.get(OP[name as OpcodeName])!;

const define = (name: string, run: Vector) => VECTOR.set(OP[name as OpcodeName], run);
const map = (bits: number, run: (a: bigint, i: number) => bigint) => (vector: bigint) =>
  ofLanes(lanesOf(vector, bits).map(run), bits);
const zip = (bits: number, run: (a: bigint, b: bigint) => bigint) => (x: bigint, y: bigint) => {
  const other = lanesOf(y, bits);
  return ofLanes(
    lanesOf(x, bits).map((a, i) => run(a, other[i]!)),
    bits,
  );
};
const unary = (name: string, bits: number, run: (a: bigint) => bigint) => define(name, ([x]) => map(bits, run)(x!));
const binary = (name: string, bits: number, run: (a: bigint, b: bigint) => bigint) =>
  define(name, ([x, y]) => zip(bits, run)(x!, y!));
const relation = (name: string, bits: number, run: (a: bigint, b: bigint) => boolean) =>
  binary(name, bits, (a, b) => (run(a, b) ? ones(bits) : 0n));

define("v128.const", (_, _lane, immediate) => immediate);
define("v128.not", ([x]) => x! ^ ALL);
define("v128.and", ([x, y]) => x! & y!);
define("v128.andnot", ([x, y]) => x! & (y! ^ ALL));
define("v128.or", ([x, y]) => x! | y!);
define("v128.xor", ([x, y]) => x! ^ y!);
const select: Vector = ([x, y, mask]) => (x! & mask!) | (y! & (mask! ^ ALL));
define("v128.bitselect", select);
define("v128.any_true", ([x]) => (x === 0n ? 0n : 1n));
define("i8x16.shuffle", ([x, y], _lane, immediate) => {
  const from = [...lanesOf(x!, 8), ...lanesOf(y!, 8)];
  return map(8, (index) => from[Number(index)]!)(immediate);
});
const swizzle: Vector = ([x, indices]) => {
  const from = lanesOf(x!, 8);
  return map(8, (index) => from[Number(index)] ?? 0n)(indices!);
};
define("i8x16.swizzle", swizzle);
define("i8x16.relaxed_swizzle", swizzle);
unary("i8x16.popcnt", 8, (a) => BigInt(a.toString(2).replaceAll("0", "").length));

for (const [shape, bits] of [
  ["i8x16", 8],
  ["i16x8", 16],
  ["i32x4", 32],
  ["i64x2", 64],
] as const) {
  const sign = signed(bits);
  const has = (name: string) => Object.hasOwn(OP, `${shape}.${name}`);
  const integer = (name: string, run: (a: bigint, b: bigint) => bigint) => {
    if (has(name)) binary(`${shape}.${name}`, bits, run);
  };
  define(`${shape}.splat`, ([a]) => map(bits, () => a!)(0n));
  define(`${shape}.replace_lane`, ([x, a], lane) => map(bits, (b, i) => (i === lane ? a! : b))(x!));
  if (bits < 32) {
    define(`${shape}.extract_lane_s`, ([x], lane) => BigInt.asUintN(32, sign(lanesOf(x!, bits)[lane]!)));
    define(`${shape}.extract_lane_u`, ([x], lane) => lanesOf(x!, bits)[lane]!);
  } else define(`${shape}.extract_lane`, ([x], lane) => lanesOf(x!, bits)[lane]!);
  integer("add", (a, b) => a + b);
  integer("sub", (a, b) => a - b);
  integer("mul", (a, b) => a * b);
  unary(`${shape}.neg`, bits, (a) => -a);
  unary(`${shape}.abs`, bits, (a) => (sign(a) < 0n ? -a : a));
  integer("avgr_u", (a, b) => (a + b + 1n) / 2n);
  for (const [suffix, value] of [
    ["s", sign],
    ["u", (a: bigint) => a],
  ] as const) {
    const within = saturate(bits, suffix === "s");
    integer(`add_sat_${suffix}`, (a, b) => within(value(a) + value(b)));
    integer(`sub_sat_${suffix}`, (a, b) => within(value(a) - value(b)));
    integer(`min_${suffix}`, (a, b) => (value(a) < value(b) ? a : b));
    integer(`max_${suffix}`, (a, b) => (value(a) > value(b) ? a : b));
    const compare = (name: string, run: (a: bigint, b: bigint) => boolean) => {
      if (has(`${name}_${suffix}`)) relation(`${shape}.${name}_${suffix}`, bits, (a, b) => run(value(a), value(b)));
    };
    compare("lt", (a, b) => a < b);
    compare("gt", (a, b) => a > b);
    compare("le", (a, b) => a <= b);
    compare("ge", (a, b) => a >= b);
    define(`${shape}.shr_${suffix}`, ([x, by]) => map(bits, (a) => value(a) >> (by! % BigInt(bits)))(x!));
  }
  define(`${shape}.shl`, ([x, by]) => map(bits, (a) => a << (by! % BigInt(bits)))(x!));
  relation(`${shape}.eq`, bits, (a, b) => a === b);
  relation(`${shape}.ne`, bits, (a, b) => a !== b);
  define(`${shape}.all_true`, ([x]) => (lanesOf(x!, bits).every((a) => a !== 0n) ? 1n : 0n));
  define(`${shape}.bitmask`, ([x]) =>
    lanesOf(x!, bits).reduce((mask, a, i) => mask | (sign(a) < 0n ? 1n << BigInt(i) : 0n), 0n),
  );
  if (bits === 64) continue;
  // From this shape to the one with lanes twice as wide.
  const [wide, to] = [{ 8: "i16x8", 16: "i32x4", 32: "i64x2" }[bits], 2 * bits];
  for (const suffix of ["s", "u"] as const) {
    const value = suffix === "s" ? sign : (a: bigint) => a;
    const half = (x: bigint, side: "low" | "high") => {
      const lanes = lanesOf(x, bits).map(value);
      return side === "low" ? lanes.slice(0, lanes.length / 2) : lanes.slice(lanes.length / 2);
    };
    for (const side of ["low", "high"] as const) {
      define(`${wide}.extend_${side}_${shape}_${suffix}`, ([x]) => ofLanes(half(x!, side), to));
      define(`${wide}.extmul_${side}_${shape}_${suffix}`, ([x, y]) => {
        const other = half(y!, side);
        return ofLanes(
          half(x!, side).map((a, i) => a * other[i]!),
          to,
        );
      });
    }
    if (bits < 32) {
      define(`${wide}.extadd_pairwise_${shape}_${suffix}`, ([x]) => {
        const lanes = lanesOf(x!, bits).map(value);
        return ofLanes(
          lanes.flatMap((a, i) => (i % 2 === 0 ? [a + lanes[i + 1]!] : [])),
          to,
        );
      });
      const within = saturate(bits, suffix === "s");
      define(`${shape}.narrow_${wide}_${suffix}`, ([x, y]) =>
        ofLanes([...lanesOf(x!, to), ...lanesOf(y!, to)].map(signed(to)).map(within), bits),
      );
    }
  }
}

const products = (x: bigint, y: bigint, bits: number) => {
  const other = lanesOf(y, bits).map(signed(bits));
  return lanesOf(x, bits).map((a, i) => signed(bits)(a) * other[i]!);
};
const pairSums = (values: readonly bigint[]) => values.flatMap((a, i) => (i % 2 === 0 ? [a + values[i + 1]!] : []));
define("i32x4.dot_i16x8_s", ([x, y]) => ofLanes(pairSums(products(x!, y!, 16)), 32));
const dot8 = (x: bigint, y: bigint) => pairSums(products(x, y, 8)).map(saturate(16, true));
define("i16x8.relaxed_dot_i8x16_i7x16_s", ([x, y]) => ofLanes(dot8(x!, y!), 16));
define("i32x4.relaxed_dot_i8x16_i7x16_add_s", ([x, y, z]) => {
  const addend = lanesOf(z!, 32);
  return ofLanes(
    pairSums(dot8(x!, y!)).map((sum, i) => sum + addend[i]!),
    32,
  );
});
for (const name of ["i16x8.q15mulr_sat_s", "i16x8.relaxed_q15mulr_s"]) {
  binary(name, 16, (a, b) => saturate(16, true)((signed(16)(a) * signed(16)(b) + 0x4000n) >> 15n));
}
for (const shape of ["i8x16", "i16x8", "i32x4", "i64x2"]) define(`${shape}.relaxed_laneselect`, select);

for (const [shape, type, bits] of [
  ["f32x4", "f32", 32],
  ["f64x2", "f64", 64],
] as const) {
  define(`${shape}.splat`, ([a]) => map(bits, () => a!)(0n));
  define(`${shape}.replace_lane`, ([x, a], lane) => map(bits, (b, i) => (i === lane ? a! : b))(x!));
  define(`${shape}.extract_lane`, ([x], lane) => lanesOf(x!, bits)[lane]!);
  for (const name of ["abs", "neg", "sqrt", "ceil", "floor", "trunc", "nearest"]) {
    const run = scalar(`${type}.${name}`);
    unary(`${shape}.${name}`, bits, (a) => run(a, 0n));
  }
  for (const name of ["add", "sub", "mul", "div", "min", "max"])
    binary(`${shape}.${name}`, bits, scalar(`${type}.${name}`));
  for (const name of ["min", "max"]) binary(`${shape}.relaxed_${name}`, bits, scalar(`${type}.${name}`));
  for (const name of ["eq", "ne", "lt", "gt", "le", "ge"]) {
    const run = scalar(`${type}.${name}`);
    relation(`${shape}.${name}`, bits, (a, b) => run(a, b) === 1n);
  }
  const less = scalar(`${type}.lt`);
  binary(`${shape}.pmin`, bits, (a, b) => (less(b, a) === 1n ? b : a));
  binary(`${shape}.pmax`, bits, (a, b) => (less(a, b) === 1n ? b : a));
  const [add, mul, negate] = [scalar(`${type}.add`), scalar(`${type}.mul`), scalar(`${type}.neg`)];
  define(`${shape}.relaxed_madd`, ([x, y, z]) => zip(bits, add)(zip(bits, mul)(x!, y!), z!));
  define(`${shape}.relaxed_nmadd`, ([x, y, z]) =>
    zip(bits, add)(zip(bits, mul)(map(bits, (a) => negate(a, 0n))(x!), y!), z!),
  );
}

/** Lanes of one width from the low lanes of another; what is left is zero. */
function convert(name: string, from: number, to: number, run: (a: bigint, b: bigint) => bigint): void {
  const count = 128 / Math.max(from, to);
  define(name, ([x]) =>
    ofLanes(
      lanesOf(x!, from)
        .slice(0, count)
        .map((a) => run(a, 0n)),
      to,
    ),
  );
}
convert("f32x4.demote_f64x2_zero", 64, 32, scalar("f32.demote_f64"));
convert("f64x2.promote_low_f32x4", 32, 64, scalar("f64.promote_f32"));
for (const suffix of ["s", "u"]) {
  for (const name of [`trunc_sat_f32x4_${suffix}`, `relaxed_trunc_f32x4_${suffix}`])
    convert(`i32x4.${name}`, 32, 32, scalar(`i32.trunc_sat_f32_${suffix}`));
  for (const name of [`trunc_sat_f64x2_${suffix}_zero`, `relaxed_trunc_f64x2_${suffix}_zero`])
    convert(`i32x4.${name}`, 64, 32, scalar(`i32.trunc_sat_f64_${suffix}`));
  convert(`f32x4.convert_i32x4_${suffix}`, 32, 32, scalar(`f32.convert_i32_${suffix}`));
  convert(`f64x2.convert_low_i32x4_${suffix}`, 32, 64, scalar(`f64.convert_i32_${suffix}`));
}

/** Vector instructions that no rule here covers: none, as a test says. */
export function uncoveredVectors(): string[] {
  return OPCODE_ROWS.flatMap((row) =>
    row !== undefined && /^(?:relaxed-)?simd$/.test(row.feature) && row.width === undefined && !VECTOR.has(row.opcode)
      ? [row.name]
      : [],
  );
}
