// Number literals of the text format to exact bits: spec 6.3.1 and 6.3.2.
//
// Floats are rounded once, from the exact rational value, to the nearest, ties to even. JavaScript's
// own Number() would round to f64 first, and a second rounding to f32 then gives wrong bits.

/** The literal is not in the grammar, or its value is out of the type's range. */
export class LiteralError extends Error {
  override readonly name = "LiteralError";
}

/** Parameters of an IEEE 754 binary format. */
interface FloatFormat {
  readonly name: string;
  /** Bits of the significand behind the point. */
  readonly fractionBits: number;
  readonly exponentBits: number;
}
const F32: FloatFormat = { name: "f32", fractionBits: 23, exponentBits: 8 };
const F64: FloatFormat = { name: "f64", fractionBits: 52, exponentBits: 11 };

const INTEGER = /^([+-]?)(?:0x([0-9a-fA-F](?:_?[0-9a-fA-F])*)|([0-9](?:_?[0-9])*))$/;
const DECIMAL = /^([0-9](?:_?[0-9])*)(?:\.((?:[0-9](?:_?[0-9])*)?))?(?:[eE]([+-]?[0-9](?:_?[0-9])*))?$/;
const HEXADECIMAL =
  /^0x([0-9a-fA-F](?:_?[0-9a-fA-F])*)(?:\.((?:[0-9a-fA-F](?:_?[0-9a-fA-F])*)?))?(?:[pP]([+-]?[0-9](?:_?[0-9])*))?$/;
const NAN_PAYLOAD = /^nan:0x([0-9a-fA-F](?:_?[0-9a-fA-F])*)$/;

/**
 * Bits of an integer literal, two's complement; signed and unsigned spellings are both allowed.
 * @param bits width: 8, 16, 32 or 64
 */
export function parseInteger(text: string, bits: number): bigint {
  const match = INTEGER.exec(text);
  if (match === null) throw new LiteralError(`not an integer: ${text}`);
  const digits = (match[2] ?? match[3]!).replaceAll("_", "");
  const magnitude = BigInt(match[2] === undefined ? digits : `0x${digits}`);
  const limit = match[1] === "-" ? 1n << BigInt(bits - 1) : (1n << BigInt(bits)) - 1n;
  if (magnitude > limit) throw new LiteralError(`i${bits} constant out of range: ${text}`);
  return BigInt.asUintN(bits, match[1] === "-" ? -magnitude : magnitude);
}

/** Bits of an f32 literal. */
export function parseF32(text: string): bigint {
  return parseFloatLiteral(text, F32);
}

/** Bits of an f64 literal. */
export function parseF64(text: string): bigint {
  return parseFloatLiteral(text, F64);
}

function parseFloatLiteral(text: string, format: FloatFormat): bigint {
  const negative = text.startsWith("-");
  const body = negative || text.startsWith("+") ? text.slice(1) : text;
  const sign = negative ? 1n << BigInt(format.fractionBits + format.exponentBits) : 0n;
  return sign | magnitudeBits(body, text, format);
}

function magnitudeBits(body: string, text: string, format: FloatFormat): bigint {
  const fractionBits = BigInt(format.fractionBits);
  const infinity = ((1n << BigInt(format.exponentBits)) - 1n) << fractionBits;
  if (body === "inf") return infinity;
  if (body === "nan") return infinity | (1n << (fractionBits - 1n));
  const payload = NAN_PAYLOAD.exec(body);
  if (payload !== null) {
    const value = BigInt(`0x${payload[1]!.replaceAll("_", "")}`);
    if (value === 0n || value >= 1n << fractionBits) {
      throw new LiteralError(`${format.name} constant out of range: ${text}`);
    }
    return infinity | value;
  }
  const exact = exactValue(body, format);
  if (exact === undefined) throw new LiteralError(`not a float: ${text}`);
  const bits = roundToFormat(exact, format);
  if (bits >= infinity) throw new LiteralError(`${format.name} constant out of range: ${text}`);
  return bits;
}

/** A non-negative rational. */
interface Rational {
  readonly numerator: bigint;
  readonly denominator: bigint;
}
const ZERO: Rational = { numerator: 0n, denominator: 1n };

function exactValue(body: string, format: FloatFormat): Rational | undefined {
  const hex = HEXADECIMAL.exec(body);
  const match = hex ?? DECIMAL.exec(body);
  if (match === null) return undefined;
  const fraction = (match[2] ?? "").replaceAll("_", "");
  const digits = match[1]!.replaceAll("_", "") + fraction;
  const significand = BigInt(hex === null ? digits : `0x${digits}`);
  if (significand === 0n) return ZERO;
  const [base, perDigit] = hex === null ? [10n, 1] : [2n, 4];
  const exponent = Number((match[3] ?? "0").replaceAll("_", "")) - fraction.length * perDigit;
  // An exponent this far out decides alone, and its power must not be computed.
  const reach = 2 ** format.exponentBits + digits.length * 4;
  if (exponent > reach) return { numerator: 1n << BigInt(reach), denominator: 1n };
  if (exponent < -reach) return ZERO;
  return exponent >= 0
    ? { numerator: significand * base ** BigInt(exponent), denominator: 1n }
    : { numerator: significand, denominator: base ** BigInt(-exponent) };
}

/** Bits of the nearest float, ties to even; infinity's bits if the value is too large. */
function roundToFormat({ numerator, denominator }: Rational, format: FloatFormat): bigint {
  if (numerator === 0n) return 0n;
  const bias = 2 ** (format.exponentBits - 1) - 1;
  const minExponent = 1 - bias;
  // Floor of log2 of the value: the estimate from the lengths is right or one too large.
  let exponent = bitLength(numerator) - bitLength(denominator);
  if (scale(numerator, -exponent) < scale(denominator, exponent)) exponent--;
  if (exponent > bias) return ((1n << BigInt(format.exponentBits)) - 1n) << BigInt(format.fractionBits);
  const unit = Math.max(exponent, minExponent) - format.fractionBits;
  const top = scale(numerator, -unit);
  const bottom = scale(denominator, unit);
  let significand = top / bottom;
  const twiceRest = (top % bottom) * 2n;
  if (twiceRest > bottom || (twiceRest === bottom && (significand & 1n) === 1n)) significand++;
  // The hidden bit adds one to the exponent field, and so does a carry out of the fraction:
  // subnormal, normal and overflowing results all come out of this one sum.
  const field = BigInt(Math.max(exponent, minExponent) - minExponent);
  return (field << BigInt(format.fractionBits)) + significand;
}

/** `value * 2^exponent` for a positive exponent, `value` otherwise. */
function scale(value: bigint, exponent: number): bigint {
  return exponent > 0 ? value << BigInt(exponent) : value;
}

function bitLength(value: bigint): number {
  const hex = value.toString(16);
  return (hex.length - 1) * 4 + (32 - Math.clz32(Number.parseInt(hex[0]!, 16)));
}
