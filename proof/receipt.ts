// Receipts: what a run was given, what it asked of the host, what came of it, and hashes of its states on the way. A
// receipt is plain JSON; receipt-schema.ts has its schema.
import { encodeUtf8 } from "../decoder/index.js";
import { hex, sha256 as portable, type Sha256 } from "../runtime/sha256.js";

export const RECEIPT_FORMAT = "escapement-receipt-2";
export const MAX_CHECKPOINTS = 2000;

/** A SHA-256: 64 hexadecimal digits. */
export type Hash = string;

/** One call of the host's. */
export interface HostCall {
  /** Fuel that the run had used, the call included. */
  readonly fuel: number;
  /** `module.name` of the import, or the name of the function that Python called. */
  readonly name: string;
  /** Of the arguments as canonical JSON. */
  readonly args: Hash;
  /** What the host returned; `{ hash }` of it by option, `{ threw }` if it threw. */
  readonly result: unknown;
}

export interface Checkpoints {
  /** Fuel between two checkpoints. */
  readonly interval: number;
  /** State hash i is of the state in which the run has been granted (i + 1) × interval. */
  readonly states: readonly Hash[];
}

export interface Receipt {
  readonly format: typeof RECEIPT_FORMAT;
  /** Of the module's bytes. */
  readonly artifact: Hash;
  /** What state hashes commit to of the module: all of it follows from its bytes (program.ts). */
  readonly program: Hash;
  /** Of the program that an interpreter was given; null for a module that is run itself. */
  readonly code: Hash | null;
  readonly schedule: string;
  readonly limits: Readonly<Record<string, number | string>>;
  /** What the run was given: arguments, options, and hashes of longer inputs. */
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly hostCalls: readonly HostCall[];
  /** Root of the calls as a tree, of which proofs show one (call-log.ts). */
  readonly callsRoot: Hash;
  readonly outputs: Readonly<Record<string, Hash>>;
  readonly status: string;
  /** Results or value, as JSON; the error's message if there is one. */
  readonly value: unknown;
  readonly fuel: { readonly limit: number; readonly used: number };
  readonly checkpoints: Checkpoints;
  /** State hash at the end; null where a Python interpreter is broken then. */
  readonly final: Hash | null;
}

/** Whether data that may come from anybody has the form of a receipt, as far as those who compare receipts count on it. */
export function isReceipt(value: unknown): value is Receipt {
  if (typeof value !== "object" || value === null) return false;
  const { format, checkpoints, hostCalls, fuel, inputs } = value as Partial<Receipt>;
  const isObject = (part: unknown): boolean => typeof part === "object" && part !== null;
  if (format !== RECEIPT_FORMAT || !isObject(checkpoints) || !isObject(fuel) || !isObject(inputs)) return false;
  const { interval, states } = checkpoints!;
  const whole = Number.isSafeInteger(interval) && interval > 0 && Number.isSafeInteger(fuel!.limit);
  return whole && Array.isArray(states) && states.length <= MAX_CHECKPOINTS && Array.isArray(hostCalls);
}

/**
 * Data as JSON with the names of objects in order and nothing between: equal data is equal text. A bigint is
 * `{"$int":"…"}`, bytes are `{"$bytes":"hex"}`, numbers that JSON has not `{"$float":"…"}`, undefined `{"$none":true}`.
 */
export function canonicalJson(value: unknown): string {
  if (value === undefined) return '{"$none":true}';
  if (typeof value === "bigint") return `{"$int":"${value}"}`;
  if (typeof value === "number" && (!Number.isFinite(value) || Object.is(value, -0))) {
    return `{"$float":"${Object.is(value, -0) ? "-0" : value}"}`;
  }
  if (value === null || typeof value !== "object") return JSON.stringify(value) ?? '{"$none":true}';
  if (value instanceof Uint8Array) return `{"$bytes":"${hex(value)}"}`;
  if (Array.isArray(value)) return `[${Array.from(value, canonicalJson).join(",")}]`;
  const names = Object.keys(value).sort();
  const fields = value as Record<string, unknown>;
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonicalJson(fields[name])}`).join(",")}}`;
}

/** Data from canonical JSON. @throws SyntaxError if it is no JSON */
export function parseCanonicalJson(text: string): unknown {
  return JSON.parse(text, (_name, value: unknown) => {
    if (!isObject(value)) return value;
    const { $int, $bytes, $float, $none } = value as Record<string, unknown>;
    if (typeof $int === "string") return BigInt($int);
    if (typeof $bytes === "string") return fromHex($bytes);
    if (typeof $float === "string") return Number($float);
    return $none === true ? undefined : value;
  });
}

function fromHex(text: string): Uint8Array {
  return Uint8Array.from({ length: text.length / 2 }, (_, i) => Number.parseInt(text.slice(2 * i, 2 * i + 2), 16));
}

/** The hash of data, by its canonical JSON. */
export function hashOfData(value: unknown, sha256: Sha256 = portable): Hash {
  return hex(sha256(encodeUtf8(canonicalJson(value))));
}

/** What is to be signed: a receipt's canonical JSON as UTF-8. */
export function receiptBytes(receipt: Receipt): Uint8Array {
  return encodeUtf8(canonicalJson(receipt));
}

/** The first place in which two receipts differ: names of fields and numbers of items. */
export interface Difference {
  readonly path: readonly (string | number)[];
  readonly a: unknown;
  readonly b: unknown;
}

/** The first difference of two receipts, checkpoints before what follows from them; null if they are the same. */
export function firstDifference(a: Receipt, b: Receipt): Difference | null {
  for (const field of FIELDS) {
    const found = differenceIn(a[field], b[field], [field]);
    if (found !== null) return found;
  }
  return null;
}

const FIELDS = [
  ...(["format", "artifact", "program", "code", "schedule", "limits", "inputs", "checkpoints"] as const),
  ...(["hostCalls", "callsRoot", "status", "value", "outputs", "fuel", "final"] as const),
];

function differenceIn(a: unknown, b: unknown, path: readonly (string | number)[]): Difference | null {
  const isList = Array.isArray(a) && Array.isArray(b);
  if (!isList && !(isObject(a) && isObject(b))) return canonicalJson(a) === canonicalJson(b) ? null : { path, a, b };
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>];
  const names = isList
    ? Array.from({ length: Math.max(a.length, b.length) }, (_, i) => i)
    : [...new Set([...Object.keys(left), ...Object.keys(right)])].sort();
  for (const name of names) {
    const found = differenceIn(left[name], right[name], [...path, name]);
    if (found !== null) return found;
  }
  return null;
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
}
