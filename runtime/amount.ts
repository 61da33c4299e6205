// Amounts as users write them: of fuel, of bytes, of milliseconds, of calls.

import { UsageError } from "./errors.js";

/** A whole number from 0: as a number, a bigint, or text such as `"20_000_000"`, `"64MiB"`, `"1.5 GiB"`. */
export type Amount = number | bigint | string;

const UNITS: Readonly<Record<string, number>> = {
  "": 1,
  b: 1,
  kb: 1000,
  mb: 1000 ** 2,
  gb: 1000 ** 3,
  kib: 1024,
  mib: 1024 ** 2,
  gib: 1024 ** 3,
};

/**
 * An amount as a number; undefined if it is none: not a whole number from 0 to 2^53 - 1. Digits may be grouped by `_`,
 * units are B, kB, MB, GB (of 1000), KiB, MiB and GiB (of 1024), in any case.
 *
 *     readAmount("64MiB")        // 67108864
 *     readAmount(20_000_000n)    // 20000000
 *     readAmount("1.5")          // undefined
 */
export function readAmount(value: unknown): number | undefined {
  if (typeof value !== "number" && typeof value !== "bigint" && typeof value !== "string") return undefined;
  const amount = typeof value === "string" ? fromText(value) : Number(value);
  return Number.isSafeInteger(amount) && amount >= 0 ? amount : undefined;
}

/**
 * Fuel that a user grants or charges, as a number.
 * @throws UsageError if `value` is not an amount
 */
export function fuelOf(value: Amount): number {
  // Host functions charge at every call, and with numbers: those are not looked at twice.
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  const fuel = readAmount(value);
  if (fuel !== undefined) return fuel;
  const found =
    typeof value === "string" ? JSON.stringify(value) : typeof value === "object" ? "an object" : String(value);
  throw new UsageError(`fuel is a whole number from 0 to 2^53 - 1, not ${found}: 1000, 1000n or "1_000"`);
}

function fromText(text: string): number {
  const match = /^(\d+(?:_\d+)*(?:\.\d+)?) ?([a-z]*)$/i.exec(text.trim());
  if (match === null) return Number.NaN;
  const unit = match[2]!.toLowerCase();
  return Object.hasOwn(UNITS, unit) ? Number(match[1]!.replaceAll("_", "")) * UNITS[unit]! : Number.NaN;
}
