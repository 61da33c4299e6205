// What V8's WebAssembly says about every scalar numeric instruction. Values are bit patterns as
// unsigned bigints, passed through integer parameters so that the payloads of NaNs survive. Where
// an instruction computes a NaN, V8 may give any arithmetic NaN, and the expected value here is
// the deterministic profile's: the canonical positive one.

import { OPCODES, type OpcodeName, type OpcodeRow, type TrapMessage } from "../../../decoder/opcodes.js";
import { functionModule, opcodeBytes } from "./module-bytes.js";
import { Random } from "./random.js";

export interface NumericCase {
  readonly operands: readonly bigint[];
  readonly expected: bigint | TrapMessage;
}

const F32_NAN = 0x7fc00000n;
const F64_NAN = 0x7ff8000000000000n;

/** Operands and result in letters i, l, f, d; see opcodes.ts. */
export function signatureOf(row: OpcodeRow): { params: string; result: string } {
  const [params, result] = row.type!.split(":") as [string, string];
  return { params, result };
}

/** The instructions that take and give scalars only and that Node 20 knows: everything but constants and wide arithmetic. */
export const NUMERIC_ROWS: readonly (OpcodeRow & { readonly name: OpcodeName })[] = OPCODES.filter(
  (row) =>
    row.immediate === "none" &&
    /^[ilfd]+:[ilfd]$/.test(row.type ?? "") &&
    ["mvp", "sign-extension", "saturating-conversions"].includes(row.feature),
);

const SPECIAL: Readonly<Record<string, readonly bigint[]>> = {
  i: [
    0n,
    1n,
    2n,
    3n,
    7n,
    10n,
    31n,
    32n,
    33n,
    0xffn,
    0x80n,
    0x8000n,
    0xffffn,
    0x10000n,
    0x7ffffffen,
    0x7fffffffn,
  ].concat([0x80000000n, 0x80000001n, 0xaaaaaaaan, 0xfffffffen, 0xffffffffn, 0xffff8000n, 0x01000001n, 0x00ffffffn]),
  l: [0n, 1n, 2n, 3n, 10n, 31n, 32n, 33n, 63n, 64n, 65n, 0x80n, 0x8000n, 0x7fffffffn, 0x80000000n, 0x80000001n].concat(
    [0xffffffffn, 0x100000000n, 0x100000001n, 0x1fffffffffffffn, 0x20000000000000n, 0x20000000000001n],
    [0xfffffffffffffn, 0x10000000000000n, 0x3fffffffffffffffn, 0x4000000000000000n, 0x4000000000000001n],
    [0x7ffffffffffffffen, 0x7fffffffffffffffn, 0x8000000000000000n, 0x8000000000000001n, 0xaaaaaaaaaaaaaaaan],
    [0xfffffffffffffffen, 0xffffffffffffffffn, 0xffffffff80000000n, 0xffffffff7fffffffn, 0xffefffffffffffffn],
    [0xfff0000000000000n, 0xfff0000000000001n, 0xffe0000000000000n, 0xfffffffeffffffffn, 0x7fffff4000000001n],
    [0x8000004000000001n, 0x0020000020000001n, 0x0020000020000000n, 0x7fffffbfffffffffn, 0xfffffe8000000001n],
  ),
  f: [],
  d: [],
};

function f32(value: number): bigint {
  return BigInt(new Uint32Array(new Float32Array([value]).buffer)[0]!);
}
function f64(value: number): bigint {
  return new BigUint64Array(new Float64Array([value]).buffer)[0]!;
}

const REALS = [
  0,
  0.25,
  0.5,
  0.75,
  1,
  1.5,
  2,
  2.5,
  3,
  3.5,
  Math.PI,
  100.5,
  8388607.5,
  8388608,
  16777215,
  16777216,
].concat(
  [2147483520, 2147483646, 2147483647, 2147483647.5, 2147483648, 2147483648.5, 2147483649, 4294967040, 4294967295],
  [4294967295.5, 4294967296, 2 ** 52 - 0.5, 2 ** 52, 2 ** 53 - 1, 2 ** 53, 2 ** 63 - 1024, 2 ** 63, 2 ** 63 + 2048],
  [2 ** 64 - 2048, 2 ** 64, 2 ** 64 + 4096, 1e30, 3.4028234663852886e38, 3.4028235677973366e38, 1e300],
  [Number.MAX_VALUE, Number.POSITIVE_INFINITY, 2 ** -126, 2 ** -149, 2 ** -150, 1.5 * 2 ** -150, Number.MIN_VALUE],
  [0.49999999999999994, 0.9999999, 0.99999999999, 1.0000000596046448, 1.1754942106924411e-38],
);
const F32_NANS = [0x7fc00000n, 0x7fc00001n, 0x7fe00000n, 0x7f800001n, 0x7fa00000n, 0x7fffffffn];
const F64_NANS = [0x7ff8000000000000n, 0x7ff8000000000001n, 0x7ffc000000000000n, 0x7ff0000000000001n].concat([
  0x7ff4000000000000n,
  0x7fffffffffffffffn,
  0x7ff0000020000000n,
]);
const specialFloats = (bits: (value: number) => bigint, nans: readonly bigint[], sign: bigint) => {
  const positive = [...REALS.map(bits), ...nans];
  return [...new Set([...positive, ...positive.map((value) => value | sign)])];
};
const SPECIALS = {
  ...SPECIAL,
  f: specialFloats(f32, F32_NANS, 0x80000000n),
  d: specialFloats(f64, F64_NANS, 0x8000000000000000n),
} as Readonly<Record<string, readonly bigint[]>>;

/** Values of one type (a letter) at which implementations go wrong. */
export function specialValues(letter: string): readonly bigint[] {
  return SPECIALS[letter]!;
}

/** A random value of one type: uniform bits, few bits set, a small integer, or a special value and its neighbours. */
export function randomValue(random: Random, letter: string): bigint {
  const width = letter === "i" || letter === "f" ? 32 : 64;
  switch (random.below(5)) {
    case 0:
      return random.bits(width);
    case 1:
      return random.bits(1 + random.below(width));
    case 2:
      return BigInt.asUintN(width, BigInt(random.below(200) - 100));
    case 3:
      return BigInt.asUintN(width, random.pick(SPECIALS[letter]!) + BigInt(random.below(5) - 2));
    default: {
      const real = (random.word() / 2 ** 32 - 0.5) * 2 ** (random.below(140) - 66);
      return letter === "f"
        ? f32(real)
        : letter === "d"
          ? f64(real)
          : BigInt.asUintN(width, random.bits(width) << BigInt(random.below(8)));
    }
  }
}

/** V8's function for one instruction, from bits to bits or a trap. */
export function hostOperation(row: OpcodeRow): (operands: readonly bigint[]) => bigint | TrapMessage {
  const { params, result } = signatureOf(row);
  const integer = (letter: string) => (letter === "i" || letter === "f" ? 0x7f : 0x7e);
  const body: number[] = [];
  [...params].forEach((letter, index) => {
    body.push(0x20, index);
    if (letter === "f") body.push(0xbe);
    if (letter === "d") body.push(0xbf);
  });
  body.push(...opcodeBytes(row.opcode));
  if (result === "f") body.push(0xbc);
  if (result === "d") body.push(0xbd);
  body.push(0x0b);
  const bytes = functionModule([...params].map(integer), [integer(result)], body);
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes));
  const call = instance.exports["f"] as (...args: (number | bigint)[]) => number | bigint;
  return (operands) => {
    const args = operands.map((bits, index) =>
      integer(params[index]!) === 0x7f ? Number(BigInt.asIntN(32, bits)) : BigInt.asIntN(64, bits),
    );
    let bits: bigint;
    try {
      bits = BigInt.asUintN(integer(result) === 0x7f ? 32 : 64, BigInt(call(...args)));
    } catch (error) {
      return trapOf(error as Error, operands[0]!, params[0]!);
    }
    if (row.name.includes("reinterpret") || /\.(abs|neg|copysign)$/.test(row.name)) return bits;
    if (result === "f" && (bits & 0x7fffffffn) > 0x7f800000n) return F32_NAN;
    if (result === "d" && (bits & 0x7fffffffffffffffn) > 0x7ff0000000000000n) return F64_NAN;
    return bits;
  };
}

function trapOf(error: Error, operand: bigint, letter: string): TrapMessage {
  const message = error.message;
  if (/divide by zero|remainder by zero/.test(message)) return "integer divide by zero";
  if (/divide result unrepresentable/.test(message)) return "integer overflow";
  if (/float unrepresentable/.test(message)) {
    const nan =
      letter === "f" ? (operand & 0x7fffffffn) > 0x7f800000n : (operand & 0x7fffffffffffffffn) > 0x7ff0000000000000n;
    return nan ? "invalid conversion to integer" : "integer overflow";
  }
  throw error;
}

/** All special operands (pairs of them for binary instructions), then `randomCount` random ones. */
export function* numericCases(row: OpcodeRow, seed: number, randomCount: number): Generator<NumericCase> {
  const { params } = signatureOf(row);
  const host = hostOperation(row);
  for (const first of SPECIALS[params[0]!]!) {
    if (params.length === 1) yield { operands: [first], expected: host([first]) };
    else {
      for (const second of SPECIALS[params[1]!]!) {
        yield { operands: [first, second], expected: host([first, second]) };
      }
    }
  }
  const random = new Random(seed + row.opcode);
  for (let i = 0; i < randomCount; i++) {
    const operands = [...params].map((letter) => randomValue(random, letter));
    yield { operands, expected: host(operands) };
  }
}
