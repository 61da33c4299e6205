// Every function of numerics/scalar.ts against V8's own WebAssembly, bit for bit.

import { describe, expect, test } from "vitest";
import type { OpcodeName } from "../../decoder/opcodes.js";
import * as N from "../numerics/scalar.js";
import { TRAP_MESSAGES } from "../trap-codes.js";
import { f32FromBits, f32ToBits, f64FromHalves, f64ToHi, f64ToLo, hiOf, loOf, toBigUint } from "../values.js";
import { NUMERIC_ROWS, numericCases, randomValue, signatureOf, specialValues } from "./support/numeric-oracle.js";
import { Random } from "./support/random.js";

const R = new Int32Array(8);

type Operation = (...operands: bigint[]) => bigint | string;

const word = (value: number) => BigInt(value >>> 0);
const i32 = (bits: bigint) => Number(BigInt.asIntN(32, bits));
const f32 = (bits: bigint) => f32FromBits(i32(bits));
const f64 = (bits: bigint) => f64FromHalves(loOf(bits), hiOf(bits));
const f64ToBits = (value: number) => toBigUint(f64ToLo(value), f64ToHi(value));
const result64 = () => toBigUint(R[2]!, R[3]!);

const divides =
  (run: (R: Int32Array, a: number, bl: number, bh: number, cl: number, ch: number) => number): Operation =>
  (b, c) => {
    const before = result64();
    const code = run(R, 2, loOf(b!), hiOf(b!), loOf(c!), hiOf(c!));
    if (code === 0) return result64();
    expect(result64()).toBe(before);
    return TRAP_MESSAGES[code]!;
  };
const shifts =
  (run: (R: Int32Array, a: number, bl: number, bh: number, count: number) => void): Operation =>
  (b, c) => {
    run(R, 2, loOf(b!), hiOf(b!), loOf(c!));
    return result64();
  };
const counts =
  (run: (bl: number, bh: number) => number): Operation =>
  (b) =>
    word(run(loOf(b!), hiOf(b!)));
const truncates =
  (run: (R: Int32Array, a: number, x: number) => number, from: (bits: bigint) => number): Operation =>
  (b) => {
    const code = run(R, 2, from(b!));
    return code === 0 ? result64() : TRAP_MESSAGES[code]!;
  };
const saturates =
  (run: (R: Int32Array, a: number, x: number) => void, from: (bits: bigint) => number): Operation =>
  (b) => {
    run(R, 2, from(b!));
    return result64();
  };
const rounds32 =
  (run: (x: number, y: number) => number): Operation =>
  (b, c) =>
    word(f32ToBits(run(f32(b!), c === undefined ? 0 : f32(c))));
const rounds64 =
  (run: (x: number, y: number) => number): Operation =>
  (b, c) =>
    f64ToBits(run(f64(b!), c === undefined ? 0 : f64(c)));

// What numerics/convert.ts says about JavaScript's own operators is tested here as well.
const OPERATIONS: Partial<Record<OpcodeName, Operation>> = {
  "i32.ctz": (b) => word(N.i32Ctz(i32(b!))),
  "i32.popcnt": (b) => word(N.i32Popcnt(i32(b!))),
  "i64.clz": counts(N.i64Clz),
  "i64.ctz": counts(N.i64Ctz),
  "i64.popcnt": counts(N.i64Popcnt),
  "i64.div_s": divides(N.i64DivS),
  "i64.div_u": divides(N.i64DivU),
  "i64.rem_s": divides(N.i64RemS),
  "i64.rem_u": divides(N.i64RemU),
  "i64.rotl": shifts(N.i64Rotl),
  "i64.rotr": shifts(N.i64Rotr),
  "i64.trunc_f32_s": truncates(N.i64TruncS, f32),
  "i64.trunc_f32_u": truncates(N.i64TruncU, f32),
  "i64.trunc_f64_s": truncates(N.i64TruncS, f64),
  "i64.trunc_f64_u": truncates(N.i64TruncU, f64),
  "i32.trunc_sat_f32_s": (b) => word(N.i32TruncSatS(f32(b!))),
  "i32.trunc_sat_f32_u": (b) => word(N.i32TruncSatU(f32(b!))),
  "i32.trunc_sat_f64_s": (b) => word(N.i32TruncSatS(f64(b!))),
  "i32.trunc_sat_f64_u": (b) => word(N.i32TruncSatU(f64(b!))),
  "i64.trunc_sat_f32_s": saturates(N.i64TruncSatS, f32),
  "i64.trunc_sat_f32_u": saturates(N.i64TruncSatU, f32),
  "i64.trunc_sat_f64_s": saturates(N.i64TruncSatS, f64),
  "i64.trunc_sat_f64_u": saturates(N.i64TruncSatU, f64),
  "f32.convert_i32_s": (b) => word(f32ToBits(Math.fround(i32(b!)))),
  "f32.convert_i32_u": (b) => word(f32ToBits(Math.fround(i32(b!) >>> 0))),
  "f32.convert_i64_s": (b) => word(f32ToBits(N.f32ConvertI64S(loOf(b!), hiOf(b!)))),
  "f32.convert_i64_u": (b) => word(f32ToBits(N.f32ConvertI64U(loOf(b!), hiOf(b!)))),
  "f64.convert_i64_s": (b) => f64ToBits(N.f64ConvertI64S(loOf(b!), hiOf(b!))),
  "f64.convert_i64_u": (b) => f64ToBits(N.f64ConvertI64U(loOf(b!), hiOf(b!))),
  "f32.demote_f64": (b) => word(f32ToBits(Math.fround(f64(b!)))),
  "f64.promote_f32": (b) => f64ToBits(f32(b!)),
  "f32.nearest": rounds32(N.nearest),
  "f64.nearest": rounds64(N.nearest),
  "f32.add": rounds32((x, y) => Math.fround(x + y)),
  "f32.sub": rounds32((x, y) => Math.fround(x - y)),
  "f32.mul": rounds32((x, y) => Math.fround(x * y)),
  "f32.div": rounds32((x, y) => Math.fround(x / y)),
  "f32.sqrt": rounds32((x) => Math.fround(Math.sqrt(x))),
  "f32.min": rounds32(Math.min),
  "f32.max": rounds32(Math.max),
  "f32.ceil": rounds32(Math.ceil),
  "f32.floor": rounds32(Math.floor),
  "f32.trunc": rounds32(Math.trunc),
  "f64.sqrt": rounds64((x) => Math.sqrt(x)),
  "f64.min": rounds64((x, y) => Math.min(x, y)),
  "f64.max": rounds64((x, y) => Math.max(x, y)),
  "f64.ceil": rounds64((x) => Math.ceil(x)),
  "f64.floor": rounds64((x) => Math.floor(x)),
  "f64.trunc": rounds64((x) => Math.trunc(x)),
};

describe("agrees with V8's WebAssembly on", () => {
  for (const row of NUMERIC_ROWS) {
    const operation = OPERATIONS[row.name];
    if (operation === undefined) continue;
    test(row.name, () => {
      for (const { operands, expected } of numericCases(row, 1, 3000)) {
        const actual = operation(...operands);
        // One comparison per case through expect() would take longer than everything else.
        if (actual !== expected) {
          expect.fail(`${row.name}(${operands.map((bits) => `0x${bits.toString(16)}`)}): ${actual}, V8 ${expected}`);
        }
      }
    });
  }

  // Additions, products, shifts and comparisons are inline in the loop: interpreter-numerics.test.ts has them.
  test("every conversion, division, rotation and count of 64-bit integers", () => {
    const missing = NUMERIC_ROWS.filter((row) => {
      const { params, result } = signatureOf(row);
      const wide = params.includes("l") || result === "l";
      return wide && /(div|rem|rot|clz|ctz|popcnt|trunc|convert)/.test(row.name);
    }).filter((row) => OPERATIONS[row.name] === undefined);
    expect(missing).toEqual([]);
  });
});

describe("division of 64-bit integers agrees with BigInt", () => {
  const random = new Random(7);
  const divisors = [
    1n,
    2n,
    3n,
    0xffffffffn,
    0x100000000n,
    0x100000001n,
    2n ** 53n - 1n,
    2n ** 53n,
    2n ** 62n - 1n,
  ].concat([2n ** 62n, 2n ** 62n + 1n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 63n + 1n, 2n ** 64n - 1n]);

  function check(b: bigint, c: bigint): void {
    const [bl, bh, cl, ch] = [loOf(b), hiOf(b), loOf(c), hiOf(c)] as const;
    N.i64DivU(R, 2, bl, bh, cl, ch);
    const quotient = result64();
    N.i64RemU(R, 2, bl, bh, cl, ch);
    const remainder = result64();
    if (quotient !== b / c || remainder !== b % c) expect.fail(`${b} / ${c}: ${quotient} rest ${remainder}`);
  }

  test("at multiples of the divisor and their neighbours", () => {
    // Where an estimate from doubles is off by one, it is here.
    for (let i = 0; i < 60_000; i++) {
      const c = i < divisors.length * 1000 ? divisors[i % divisors.length]! : random.bits(1 + random.below(64)) | 1n;
      const quotient = random.bits(1 + random.below(64)) % ((2n ** 64n - 1n) / c + 1n);
      const product = quotient * c;
      check(product, c);
      check(BigInt.asUintN(64, product - 1n), c);
      check(BigInt.asUintN(64, product + c - 1n), c);
    }
  });

  test("where the quotient is just below 2^32", () => {
    for (let i = 0; i < 2000; i++) {
      const c = 2n ** 32n + random.bits(1 + random.below(30));
      check(2n ** 64n - 1n - random.bits(1 + random.below(20)), c);
      check(BigInt.asUintN(64, c * 0xffffffffn - 1n), c);
    }
  });
});

describe("wide arithmetic agrees with BigInt on", () => {
  const words = (value: bigint) => [0n, 32n, 64n, 96n].map((shift) => Number(BigInt.asIntN(32, value >> shift)));
  const wide = () => R.subarray(0, 4).reduceRight((sum, half) => (sum << 32n) | word(half), 0n);
  const random = new Random(3);
  const operands = [...specialValues("l"), ...Array.from({ length: 60 }, () => randomValue(random, "l"))];

  test("i64.mul_wide_u and i64.mul_wide_s", () => {
    for (const b of operands) {
      for (const c of operands) {
        const args = [loOf(b), hiOf(b), loOf(c), hiOf(c)] as const;
        N.i64MulWideU(R, 0, ...args);
        if (wide() !== b * c) expect.fail(`${b} * ${c} unsigned: ${wide()}`);
        N.i64MulWideS(R, 0, ...args);
        const product = BigInt.asUintN(128, BigInt.asIntN(64, b) * BigInt.asIntN(64, c));
        if (wide() !== product) expect.fail(`${b} * ${c} signed: ${wide()}`);
      }
    }
  });

  test("i64.add128 and i64.sub128", () => {
    for (let i = 0; i < 20_000; i++) {
      const b = (random.pick(operands) << 64n) | random.pick(operands);
      const c = (random.pick(operands) << 64n) | random.pick(operands);
      const [b0, b1, b2, b3] = words(b) as [number, number, number, number];
      const [c0, c1, c2, c3] = words(c) as [number, number, number, number];
      N.i64Add128(R, 0, b0, b1, b2, b3, c0, c1, c2, c3);
      if (wide() !== BigInt.asUintN(128, b + c)) expect.fail(`${b} + ${c}: ${wide()}`);
      N.i64Sub128(R, 0, b0, b1, b2, b3, c0, c1, c2, c3);
      if (wide() !== BigInt.asUintN(128, b - c)) expect.fail(`${b} - ${c}: ${wide()}`);
    }
  });
});
