// Options, checked: JavaScript has no types, and what is wrong is better said at once.

import { type Amount, readAmount } from "../../runtime/index.js";
import { SandboxUsageError } from "../guest/errors.js";

/** Says what a value should be and what it is, if it is not that. */
export type Check = (value: unknown) => string | undefined;
/** What each option may be. */
export type Checks<Options> = Readonly<Record<keyof Options, Check>>;

/** Options whose amounts, of any form, have become numbers. */
export type Resolved<Options> = {
  readonly [K in keyof Options]: Amount extends Options[K] ? Exclude<Options[K], Amount> | number : Options[K];
};

export const check =
  (expected: string, holds: (value: unknown) => boolean): Check =>
  (value) =>
    holds(value) ? undefined : `${expected}, not ${describe(value)}`;

/** An object, of which each member `holds`. */
export const recordOf =
  (expected: string, holds: (member: unknown) => boolean): Check =>
  (value) => {
    if (!isRecord(value)) return `${expected}, not ${describe(value)}`;
    const wrong = Object.entries(value).find(([, member]) => !holds(member));
    return wrong && `${expected}, and its ${JSON.stringify(wrong[0])} is ${describe(wrong[1])}`;
  };

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  // A Map's entries are none of its members: it would be taken for an object with nothing in it.
  typeof value === "object" && value !== null && !(Symbol.iterator in value);
export const isBytes = (value: unknown): boolean => value instanceof Uint8Array;
export const isBytesOrText = (value: unknown): boolean => typeof value === "string" || isBytes(value);
export const isFunction = (value: unknown): boolean => typeof value === "function";

/** Amounts: {@link resolveOptions} makes numbers of them. */
const isAmount = (most: number) => (value: unknown) => (readAmount(value) ?? Number.POSITIVE_INFINITY) <= most;
export const COUNT = check("a whole number from 0", isAmount(Number.MAX_SAFE_INTEGER));
export const POSITIVE = check(
  "a whole number from 1",
  (value) => isAmount(Number.MAX_SAFE_INTEGER)(value) && readAmount(value) !== 0,
);
export const BYTES_COUNT = check("a number of bytes, or text such as 64MiB", isAmount(Number.MAX_SAFE_INTEGER));
const MAX_TIMEOUT = 2 ** 31 - 1;
export const MILLISECONDS = check(
  "a number of milliseconds up to 2147483647",
  (value) => (typeof value === "number" && value >= 0 && value <= MAX_TIMEOUT) || isAmount(MAX_TIMEOUT)(value),
);
/** A number that is no amount: with a fraction, or without end. */
export const NUMBER = check("a number from 0", (value) => typeof value === "number" && value >= 0);
const AMOUNTS: ReadonlySet<Check> = new Set([COUNT, POSITIVE, BYTES_COUNT, MILLISECONDS]);

export const FUNCTION = check("a function", isFunction);
export const FUNCTIONS = recordOf("an object of functions", isFunction);
export const BYTES = check("a Uint8Array", isBytes);
/** For what is checked elsewhere. */
export const ANY: Check = () => undefined;
export const BOOLEAN = check("a boolean", (value) => typeof value === "boolean");
export const TEXT = check("text", (value) => typeof value === "string");
export const RECORD = check("an object", isRecord);
export const ABORT_SIGNAL = check(
  "an AbortSignal",
  (value) =>
    typeof value === "object" && value !== null && isFunction((value as Record<string, unknown>)["addEventListener"]),
);
export const oneOf = (...values: readonly string[]): Check =>
  check(values.map((value) => JSON.stringify(value)).join(" or "), (value) => values.includes(value as string));

/**
 * The options, with amounts as numbers. There are those that a check is there for, and no others: one that is misspelt
 * would be a limit that does not hold.
 * @throws SandboxUsageError
 */
export function resolveOptions<Options extends object>(options: Options, checks: Checks<Options>): Resolved<Options> {
  if (!isRecord(options)) throw new SandboxUsageError(`options are an object, not ${describe(options)}`);
  const names = Object.keys(checks);
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(checks, name));
  if (unknown !== undefined) {
    const meant = closest(unknown, names);
    const hint = meant === undefined ? "" : `: did you mean ${meant}?`;
    throw new SandboxUsageError(`there is no option ${unknown}${hint} (there are ${names.join(", ")})`);
  }
  const resolved: Record<string, unknown> = {};
  for (const [name, checkOf] of Object.entries<Check>(checks)) {
    const value = options[name];
    if (value === undefined) continue;
    const problem = checkOf(value);
    if (problem !== undefined) throw new SandboxUsageError(`${name} is ${problem}`);
    resolved[name] = AMOUNTS.has(checkOf) ? (readAmount(value) ?? value) : value;
  }
  return resolved as Resolved<Options>;
}

/** An amount that is no option. @throws SandboxUsageError */
export function amountOf(name: string, value: unknown): number {
  const problem = COUNT(value);
  if (problem !== undefined) throw new SandboxUsageError(`${name} is ${problem}`);
  return readAmount(value)!;
}

/** Names of options in other places and other libraries, and what they are here. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  memorylimitbytes: "memory",
  memorylimit: "memory",
  maxmemory: "memory",
  outputlimitbytes: "outputBytes",
  maxoutputbytes: "outputBytes",
  outputoverflow: "onOutputLimit",
  timeoutms: "timeout",
  globals: "functions",
  gas: "fuel",
};

/** The name that was meant, if one is near. */
export function closest(name: string, names: readonly string[]): string | undefined {
  const wanted = name.toLowerCase();
  const other = OTHER_NAMES[wanted];
  if (other !== undefined && names.includes(other)) return other;
  let best: string | undefined;
  let least = Math.max(2, Math.floor(name.length / 3)) + 1;
  for (const candidate of names) {
    const distance = edits(wanted, candidate.toLowerCase());
    if (distance < least) [best, least] = [candidate, distance];
  }
  return best;
}

/** Letters to insert, delete, replace, or exchange with the next one, that make one word of the other. */
function edits(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let least = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) least = Math.min(least, before[j - 2]! + 1);
      next.push(least);
    }
    [before, row] = [row, next];
  }
  return row[b.length]!;
}

/** A value in a message. */
export function describe(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  if (typeof value === "function") return "a function";
  if (typeof value === "object" && value !== null) {
    if (Array.isArray(value)) return "an array";
    return Symbol.iterator in value && !isBytes(value) ? "an object with entries" : "an object";
  }
  return String(value);
}
