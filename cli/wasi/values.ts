// Arguments of `escapement run` as WebAssembly values, and results as text.

import { F32, F64, I32, I64, isNullable, isRef, V128, type ValType } from "../../decoder/index.js";
import type { Module } from "../../runtime/index.js";

/** An argument that is no value of its parameter's type. The message says what would be. */
export class ArgumentError extends Error {}

const FLOAT = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

/**
 * The value that `text` stands for: integers in decimal or 0x…, signed or unsigned; floats also `inf` and
 * `nan`; v128 as 0x… of up to 32 digits; of the references `null` alone.
 */
export function parseValue(text: string, type: ValType): number | bigint | null {
  switch (type) {
    case I32:
      return Number(BigInt.asIntN(32, parseInteger(text, 32)));
    case I64:
      return BigInt.asIntN(64, parseInteger(text, 64));
    case F32:
      return Math.fround(parseFloat64(text));
    case F64:
      return parseFloat64(text);
    case V128:
      if (!/^0x[\da-f]{1,32}$/i.test(text)) throw new ArgumentError("a v128 is 0x and up to 32 digits");
      return BigInt(text);
    default:
      if (text === "null" && isRef(type) && isNullable(type)) return null;
      throw new ArgumentError(
        isNullable(type) ? "of the references only null can be given" : "it cannot be given here",
      );
  }
}

function parseInteger(text: string, bits: number): bigint {
  const match = /^([+-]?)(\d+|0x[\da-f]+)$/i.exec(text);
  const value = match === null ? null : BigInt(match[2]!) * (match[1] === "-" ? -1n : 1n);
  if (value === null || value < -(1n << BigInt(bits - 1)) || value >= 1n << BigInt(bits)) {
    throw new ArgumentError(`an i${bits} is an integer from -2^${bits - 1} to 2^${bits} - 1`);
  }
  return value;
}

function parseFloat64(text: string): number {
  if (FLOAT.test(text)) return Number(text);
  switch (text.toLowerCase().replace(/^[+-]/, "")) {
    case "inf":
    case "infinity":
      return text.startsWith("-") ? -Infinity : Infinity;
    case "nan":
      return Number.NaN;
    default:
      throw new ArgumentError("a float is a decimal number, inf or nan");
  }
}

/** A result as text that {@link parseValue} reads back; references as their kind. */
export function formatValue(value: unknown, type: ValType): string {
  if (type === V128) return `0x${(value as bigint).toString(16).padStart(32, "0")}`;
  if (type === F32 || type === F64) return formatFloat(value as number, type === F32);
  if (!isRef(type)) return String(value);
  return value === null ? "null" : typeof value === "number" ? `i31:${value}` : "reference";
}

function formatFloat(value: number, single: boolean): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value < 0 ? "-inf" : "inf";
  if (Object.is(value, -0)) return "-0";
  if (single) {
    // The shortest text that names this f32: at most 9 digits are needed.
    for (let digits = 1; digits <= 9; digits++) {
      const short = Number(value.toPrecision(digits));
      if (Math.fround(short) === value) return String(short);
    }
  }
  return String(value);
}

/**
 * The arguments of a function that a module exports.
 * @throws ArgumentError
 */
export function argumentsOf(module: Module, invoke: string, args: readonly string[]): (number | bigint | null)[] {
  const found = module.exports().find(({ name, kind }) => name === invoke && kind === "func");
  if (found?.type.kind !== "func") {
    const functions = module.exports().filter(({ kind }) => kind === "func");
    const names = functions.slice(0, 20).map(({ name }) => JSON.stringify(name));
    if (functions.length > names.length) names.push("…");
    throw new ArgumentError(
      `the module exports no function ${JSON.stringify(invoke)}; it exports ${names.join(", ") || "none"}`,
    );
  }
  const { registry } = module.engine;
  const { params } = registry.funcType(found.type.typeId);
  if (args.length !== params.length) {
    throw new ArgumentError(
      `${invoke} takes ${params.length} argument${params.length === 1 ? "" : "s"} ${registry.describeAll(params)}, not ${args.length}`,
    );
  }
  return params.map((type, i) => {
    try {
      return parseValue(args[i]!, type);
    } catch (error) {
      if (!(error instanceof ArgumentError)) throw error;
      const place = `argument ${i + 1} of ${invoke} (${registry.describe(type)})`;
      throw new ArgumentError(`${place} cannot be ${JSON.stringify(args[i])}: ${error.message}`);
    }
  });
}
