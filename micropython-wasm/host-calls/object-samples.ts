// Objects by which the guest shows how its interpreter lays objects out, and what they are.

import type { PythonValue } from "../values/python-value.js";

/** What the tuple of samples has, in Python; `HostObject` has to be defined. */
export const SAMPLES_SOURCE = `(
    None, True, False, "", 1 << 40, 1.5, "a text that nobody interns \\u20ac", b"some bytes, 20 of them",
    bytearray(b"a bytearray"), (1,), [2], {"a": -3, "a long key that nobody interns": 4}, {5, 600}, frozenset((6,)),
    HostObject(7, ()), "_number", "_a_sample_", {1: 0, 0: 0})`;
export const NAMED_SAMPLE = "_a_sample_";
const SAMPLE_VALUES: readonly PythonValue[] = [
  null,
  true,
  false,
  "",
  2 ** 40,
  1.5,
  "a text that nobody interns \u20ac",
  Uint8Array.from("some bytes, 20 of them", (c) => c.charCodeAt(0)),
  Uint8Array.from("a bytearray", (c) => c.charCodeAt(0)),
  [1],
  [2],
  Object.assign(Object.create(null) as object, { a: -3, "a long key that nobody interns": 4 }),
  new Set([5, 600]),
  new Set([6]),
];
/** Where in the tuple which sample is. */
export const NONE = 0;
export const TRUE = 1;
export const FALSE = 2;
export const EMPTY = 3;
export const INT = 4;
export const FLOAT = 5;
export const STR = 6;
export const BYTES = 7;
export const BYTEARRAY = 8;
export const TUPLE = 9;
export const LIST = 10;
export const DICT = 11;
export const SET = 12;
export const FROZENSET = 13;
export const HOST_OBJECT = 14;
export const NUMBER_NAME = 15;
export const NEWEST_NAME = 16;
/** A dict whose table begins with 1 if tables keep the order of their keys; by their hashes it begins with 0. */
export const ORDER = 17;
export const SAMPLE_COUNT = 18;

/** Whether the samples that have values were read as what they are. */
export function areSamples(read: (index: number) => PythonValue): boolean {
  return SAMPLE_VALUES.every((expected, i) => sameSample(read(i), expected));
}

/** What was found may be anything that the guest likes. */
function sameSample(found: PythonValue, expected: PythonValue): boolean {
  if (expected instanceof Uint8Array) return found instanceof Uint8Array && sameItems([...found], [...expected]);
  if (expected instanceof Set)
    return found instanceof Set && found.size === expected.size && [...expected].every((member) => found.has(member));
  if (Array.isArray(expected)) return Array.isArray(found) && sameItems(found, expected);
  if (typeof expected !== "object" || expected === null) return Object.is(found, expected);
  if (typeof found !== "object" || found === null || Object.getPrototypeOf(found) !== null) return false;
  return (
    sameItems(Object.keys(found), Object.keys(expected)) && sameItems(Object.values(found), Object.values(expected))
  );
}

function sameItems(found: readonly unknown[], expected: readonly unknown[]): boolean {
  return found.length === expected.length && found.every((item, i) => Object.is(item, expected[i]));
}
