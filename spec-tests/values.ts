// Values that go into an engine and come out of it, and the patterns of results: raw bits
// throughout, so that NaN payloads and signs of zero are told apart.

/** Types whose values are bits. */
export type NumericType = "i32" | "i64" | "f32" | "f64" | "v128";

/** A number or vector: unsigned bits; lane 0 of a vector is the lowest. */
export interface NumericValue {
  readonly type: NumericType;
  readonly bits: bigint;
}

/**
 * What a reference refers to. `host` is a host value inside the `any` hierarchy, `extern` anything
 * seen as an externref; `other` is what an adapter cannot name.
 */
export type RefKind = "null" | "func" | "extern" | "host" | "i31" | "struct" | "array" | "exn" | "other";

/** A reference, described. As an argument it is a null, or host value number `host`. */
export interface RefValue {
  readonly type: "ref";
  readonly kind: RefKind;
  /** Number of the host value, for `host`, and for `extern` if that is what is behind it. */
  readonly host?: number;
  /** Heap type of a null argument, in the text format's words. */
  readonly heap?: string;
}

export type Value = NumericValue | RefValue;

/** A result that a script expects. */
export type Pattern = { readonly text: string } & (
  | {
      /** Bits under the mask must be equal: constants, NaN classes and vectors of either. */
      readonly kind: "bits";
      readonly type: NumericType;
      readonly bits: bigint;
      readonly mask: bigint;
    }
  | { readonly kind: "ref"; readonly accepts: readonly RefKind[]; readonly host?: number }
  | { readonly kind: "either"; readonly options: readonly Pattern[] }
);

/** Whether a result is what a pattern describes. */
export function matches(pattern: Pattern, value: Value): boolean {
  switch (pattern.kind) {
    case "bits":
      return value.type === pattern.type && (value.bits & pattern.mask) === pattern.bits;
    case "ref":
      return (
        value.type === "ref" &&
        pattern.accepts.includes(value.kind) &&
        (pattern.host === undefined || pattern.host === value.host)
      );
    case "either":
      return pattern.options.some((option) => matches(option, value));
  }
}

/** A value as text, for reports: bits in hexadecimal, floats also as numbers. */
export function showValue(value: Value): string {
  if (value.type === "ref") return `(ref.${value.kind}${value.host === undefined ? "" : ` ${value.host}`})`;
  const digits = { i32: 8, i64: 16, f32: 8, f64: 16, v128: 32 }[value.type];
  const hex = `0x${value.bits.toString(16).padStart(digits, "0")}`;
  switch (value.type) {
    case "i32":
    case "i64":
      return `(${value.type} ${BigInt.asIntN(value.type === "i32" ? 32 : 64, value.bits)} = ${hex})`;
    case "f32":
    case "f64":
      return `(${value.type} ${floatOfBits(value.type, value.bits)} = ${hex})`;
    case "v128":
      return `(v128 ${hex})`;
  }
}

function floatOfBits(type: "f32" | "f64", bits: bigint): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, bits);
  return type === "f64" ? view.getFloat64(0) : view.getFloat32(4);
}
