// Reads what a frame names by where it lies in the guest's memory: the arguments of a call, a program's value.

import { decodeValue, type PythonValue, ValueError } from "../values/python-value.js";
import { TEXT } from "./frames.js";
import type { GuestObjects } from "./guest-objects.js";
import { textOf } from "./object-reader.js";
import { isUnreadable } from "./object-words.js";

/** What objects that a frame names are, or why they cannot cross; undefined: they are not read here. */
export type Named = PythonValue | ValueError | undefined;

/** Undefined if the value is not read here. */
export function attempt(read: () => PythonValue | undefined): Named {
  try {
    return read();
  } catch (error) {
    if (error instanceof ValueError) return error;
    if (isUnreadable(error)) return undefined;
    throw error;
  }
}

/** [name, args, kwargs]: the name is encoded in the frame, the others are at indices 0 and 1. */
export function readCall(objects: GuestObjects, frame: Uint8Array): PythonValue {
  return [readName(objects, frame), objects.read(objects.item(0), 1), objects.read(objects.item(1), 1)];
}

/** The same of a call whose `count` arguments lie one behind the other. */
export function readNativeCall(objects: GuestObjects, frame: Uint8Array, args: number, count: number): PythonValue {
  return [readName(objects, frame), objects.readWords(args, count), {}];
}

function readName(objects: GuestObjects, frame: Uint8Array): PythonValue {
  const encoded = frame.subarray(5);
  // Nearly always a text of less than 256 bytes, and nothing behind it.
  const high = encoded[2]! | encoded[3]! | encoded[4]!;
  const isText = encoded[0] === TEXT && encoded[1] === encoded.length - 5 && high === 0;
  const name = isText ? textOf(encoded.subarray(5)) : decodeValue(encoded);
  // As if it came in one frame: a kind, a list, the name.
  objects.count(6 + encoded.length);
  return name;
}

export function readValue(objects: GuestObjects): PythonValue {
  objects.count(1);
  return objects.read(objects.item(1), 0);
}
