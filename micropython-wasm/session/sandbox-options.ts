// What sandboxes are asked for, checked: JavaScript has no types, and what is wrong is better said at once.

import { FUEL_SCHEDULES, Module } from "../../runtime/index.js";
import { ARTIFACT_BUILDS } from "../emscripten/artifact-build.js";
import { DEFAULT_MEMORY_LIMIT_BYTES } from "../guest/engine.js";
import { SandboxUsageError } from "../guest/errors.js";
import type { SandboxOptions, SandboxRunOptions } from "./sandbox-types.js";

/** Says what a value should be and what it is, if it is not that. */
export type Check = (value: unknown) => string | undefined;

export const check =
  (expected: string, holds: (value: unknown) => boolean): Check =>
  (value) =>
    holds(value) ? undefined : `${expected}, not ${describe(value)}`;

/** An object, of which each member `holds`. */
const recordOf =
  (expected: string, holds: (member: unknown) => boolean): Check =>
  (value) => {
    if (!isRecord(value)) return `${expected}, not ${describe(value)}`;
    const wrong = Object.entries(value).find(([, member]) => !holds(member));
    return wrong && `${expected}, and its ${JSON.stringify(wrong[0])} is ${describe(wrong[1])}`;
  };

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
const isBytes = (value: unknown): boolean => value instanceof Uint8Array;
const isBytesOrText = (value: unknown): boolean => typeof value === "string" || isBytes(value);
const isFunction = (value: unknown): boolean => typeof value === "function";
const isNumber = (value: unknown, most: number): boolean => typeof value === "number" && value >= 0 && value <= most;

export const COUNT = check("a whole number from 0", (value) => Number.isSafeInteger(value) && (value as number) >= 0);
const FUNCTION = check("a function", isFunction);
const FUNCTIONS = recordOf("an object of functions", isFunction);
const BYTES = check("a Uint8Array", isBytes);
const oneOf = (...values: readonly string[]): Check =>
  check(values.map((value) => JSON.stringify(value)).join(" or "), (value) => values.includes(value as string));

export const CHECKS = {
  fuel: COUNT,
  sessionFuel: COUNT,
  memory: check("a number of bytes, or text such as 64MiB", (value) => !Number.isNaN(readSize(value))),
  schedule: oneOf(...Object.keys(FUEL_SCHEDULES)),
  seed: COUNT,
  functions: FUNCTIONS,
  modules: recordOf("an object of objects of functions", (members) => FUNCTIONS(members) === undefined),
  maxHostCalls: COUNT,
  hostCallFuel: COUNT,
  maxValueBytes: COUNT,
  files: recordOf("an object of texts and Uint8Arrays", isBytesOrText),
  workBytes: COUNT,
  outputBytes: COUNT,
  onOutputLimit: oneOf("truncate", "stop"),
  outputFuel: check("a number from 0 to 1,000,000", (value) => isNumber(value, 1_000_000)),
  onStdout: FUNCTION,
  onStderr: FUNCTION,
  onFuelExhausted: oneOf("abandon", "pause"),
  timeout: check("a number of milliseconds up to 2147483647", (value) => isNumber(value, 2 ** 31 - 1)),
  argv: check("an array of texts", (value) => Array.isArray(value) && value.every((arg) => typeof arg === "string")),
  stdin: check("text or a Uint8Array", isBytesOrText),
  clock: check("an object with a function now", (value) => isRecord(value) && isFunction(value["now"])),
  clockStart: check("a bigint, in nanoseconds", (value) => typeof value === "bigint"),
  pythonStackBytes: COUNT,
  heapBytes: COUNT,
  artifact: check("a Uint8Array or a Module", (value) => isBytes(value) || value instanceof Module),
  build: oneOf(...ARTIFACT_BUILDS),
  image: BYTES,
  eventLoop: check(
    "an object with functions now, macrotask and timer",
    (value) => isRecord(value) && ["now", "macrotask", "timer"].every((name) => isFunction(value[name])),
  ),
} as const satisfies Record<keyof SandboxOptions, Check>;

const RUN_CHECKS = {
  fuel: CHECKS.fuel,
  timeout: CHECKS.timeout,
  signal: check(
    "an AbortSignal",
    (value) => typeof value === "object" && value !== null && isFunction((value as AbortSignal).addEventListener),
  ),
} as const satisfies Record<keyof SandboxRunOptions, Check>;

/**
 * Options that a check is there for, and no others: one that is misspelt would be a limit that does not hold.
 * @throws SandboxUsageError
 */
export function checkAll(options: object, checks: Readonly<Record<string, Check>>): void {
  if (!isRecord(options)) throw new SandboxUsageError(`options are an object, not ${describe(options)}`);
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(checks, name));
  if (unknown !== undefined)
    throw new SandboxUsageError(`there is no option ${unknown}, only ${Object.keys(checks).join(", ")}`);
  for (const [name, checkOf] of Object.entries(checks)) {
    const value = options[name];
    const problem = value === undefined ? undefined : checkOf(value);
    if (problem !== undefined) throw new SandboxUsageError(`${name} is ${problem}`);
  }
}

function describe(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  if (typeof value === "function") return "a function";
  if (typeof value === "object" && value !== null) return Array.isArray(value) ? "an array" : "an object";
  return String(value);
}

/** @throws SandboxUsageError */
export function checkOptions(options: SandboxOptions): void {
  checkAll(options, CHECKS);
  const { artifact, build, schedule } = options;
  if (artifact !== undefined && build !== undefined)
    throw new SandboxUsageError("build names one of this package's own artifacts: not together with artifact");
  if (artifact instanceof Module && schedule !== undefined && artifact.engine.schedule.name !== schedule)
    throw new SandboxUsageError(`the artifact is compiled for schedule ${artifact.engine.schedule.name}`);
}

/** @throws SandboxUsageError */
export function checkRunOptions(options: SandboxRunOptions): void {
  checkAll(options, RUN_CHECKS);
}

/** @throws SandboxUsageError */
export function checkFuel(name: string, fuel: unknown): void {
  const problem = COUNT(fuel);
  if (problem !== undefined) throw new SandboxUsageError(`${name} is ${problem}`);
}

/** The absolute path of a guest's file; a relative one is below /work. @throws SandboxUsageError if it is no text */
export function guestPath(path: unknown): string {
  if (typeof path !== "string") throw new SandboxUsageError(`a path is text, not ${describe(path)}`);
  return path.startsWith("/") ? path : `/work/${path}`;
}

/** @throws SandboxUsageError if the content of a file is neither text nor bytes */
export function checkContent(content: unknown): void {
  if (!isBytesOrText(content))
    throw new SandboxUsageError(`the content of a file is text or a Uint8Array, not ${describe(content)}`);
}

const UNITS: ReadonlyMap<string, number> = new Map([
  ["", 1],
  ["B", 1],
  ["KB", 1000],
  ["MB", 1000 ** 2],
  ["GB", 1000 ** 3],
  ["KiB", 1024],
  ["MiB", 1024 ** 2],
  ["GiB", 1024 ** 3],
]);

/** Bytes; NaN if it is no size. */
function readSize(size: unknown): number {
  const match = /^(\d+(?:\.\d+)?) ?([A-Za-z]*)$/.exec(String(size));
  const bytes = match === null ? Number.NaN : Number(match[1]) * (UNITS.get(match[2]!) ?? Number.NaN);
  return Number.isSafeInteger(bytes) ? bytes : Number.NaN;
}

/** A size given as a number of bytes or as text with a unit; 64 MiB if none is given. @throws SandboxUsageError */
export function memoryBytes(size: number | string | undefined): number {
  if (size === undefined) return DEFAULT_MEMORY_LIMIT_BYTES;
  const bytes = readSize(size);
  if (Number.isNaN(bytes)) throw new SandboxUsageError(`not a size of memory: ${size}`);
  return bytes;
}
