// Frames on the host's device: what guest-library.py.ts describes, as bytes.
//
//   a reply     length (4 bytes, of what follows), kind, encoded value
//   add(2, 3)   06 00 00 00 52 "i" 01 00 00 00 "5" is how its result comes where it does not come as an object
//   an error    … 45 "l" 02 00 00 00 "s" class "s" message

import { isWellFormed } from "../../decoder/index.js";
import type { References } from "../values/capability.js";
import { encodeValue, ValueError } from "../values/python-value.js";

/** Of an error, in UTF-16 units. */
const MAX_MESSAGE_LENGTH = 4096;

export const CALL = "C".charCodeAt(0);
/** A call that may be answered later, by the number of a future. */
export const CALL_LATER = "c".charCodeAt(0);
/** Asks for a future that is done. */
export const POLL = "U".charCodeAt(0);
export const FUTURE = "F".charCodeAt(0);
export const VALUE = "V".charCodeAt(0);
/** The repr of a value: [length, text]. */
export const VALUE_TEXT = "T".charCodeAt(0);
export const ANSWER = "A".charCodeAt(0);
export const RETURNED = "R".charCodeAt(0);
export const FAILED = "E".charCodeAt(0);
export const REQUEST = "K".charCodeAt(0);
/** A global that the guest sets, [name, value], before the frame behind it. */
export const INPUT = "I".charCodeAt(0);
/** Frames that name objects in the guest's memory; the guest's library describes them. */
export const DIRECT_CALL = "D".charCodeAt(0);
export const DIRECT_VALUE = "W".charCodeAt(0);
export const LEARN = "P".charCodeAt(0);
export const SIZES = "Z".charCodeAt(0);
export const BUILD = "B".charCodeAt(0);
export const NATIVE = "N".charCodeAt(0);
export const TEXT = "s".charCodeAt(0);
/** Bytes of a reply before the value: length, kind. */
export const REPLY_HEAD = 5;

/** @throws ValueError if the value is not data, or too large */
export function frameOf(kind: number, value: unknown, maxBytes: number, references?: References): Uint8Array {
  const frame = encodeValue(value, maxBytes, references, REPLY_HEAD);
  const length = frame.length - 4;
  frame[0] = length;
  frame[1] = length >>> 8;
  frame[2] = length >>> 16;
  frame[3] = length >>> 24;
  frame[4] = kind;
  return frame;
}

export function isDirect(kind: number | undefined): boolean {
  return (
    kind === DIRECT_CALL ||
    kind === DIRECT_VALUE ||
    kind === LEARN ||
    kind === SIZES ||
    kind === BUILD ||
    kind === NATIVE
  );
}

export function encodeThrown(error: unknown): Uint8Array {
  return encodeError(isInstance(error, ValueError) ? "ValueError" : "RuntimeError", describeError(error));
}

/** `instanceof` for what a host function threw: a Proxy may throw again when it is asked. */
export function isInstance<T>(thrown: unknown, type: abstract new (...args: never[]) => T): thrown is T {
  try {
    return thrown instanceof type;
  } catch {
    return false;
  }
}

/** Of an error's frame, what is before the class's name: REPLY_HEAD, a list of two, tag and length of a text. */
const ERROR_HEAD = REPLY_HEAD + 10;

/** The message may be anybody's, the guest's included. */
export function encodeError(type: "ValueError" | "RuntimeError", message: string): Uint8Array {
  // A cut may have left half of a pair.
  const text = message.slice(0, MAX_MESSAGE_LENGTH).replace(/[\ud800-\udbff]$/, "");
  return frameOf(FAILED, [type, text], 65536);
}

/** The encoded message of an error's frame. */
export function errorMessage(frame: Uint8Array): Uint8Array {
  return frame.subarray(ERROR_HEAD + frame[ERROR_HEAD - 4]!);
}

export function isValueError(frame: Uint8Array): boolean {
  return frame[ERROR_HEAD] === "V".charCodeAt(0);
}

/** Class and message of what a host function threw, which may be anything, even an object that throws. */
export function describeError(error: unknown): string {
  try {
    if (!(error instanceof Error)) return "the host function failed";
    const text = error instanceof ValueError ? error.message : `${error.name}: ${error.message}`;
    return isWellFormed(text) ? text : text.replace(/[\ud800-\udfff]/g, "\ufffd");
  } catch {
    return "the host function failed";
  }
}

/** Whether bytes that may come from anybody are one reply. */
export function isReply(frame: Uint8Array): boolean {
  return isFrame(frame) && (frame[4] === RETURNED || frame[4] === FAILED);
}

/** Whether bytes that may come from anybody are one input. */
export function isInput(frame: Uint8Array): boolean {
  return isFrame(frame) && frame[4] === INPUT;
}

function isFrame(frame: Uint8Array): boolean {
  if (frame.length < REPLY_HEAD + 1) return false;
  const length = (frame[0]! | (frame[1]! << 8) | (frame[2]! << 16) | (frame[3]! << 24)) >>> 0;
  return length === frame.length - 4;
}
