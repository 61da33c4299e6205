// The value of a run that is paused behind its program, between the guest's sending it and the end: part of the state.
//
//   "V" [1, 2] was sent, no repr wanted        l 2: [1, 2], None
//   "T" [6, "[1, 2]"] was sent, no value yet   l 1: [6, "[1, 2]"]
//   nothing was sent                           no bytes

import { Capability, type References } from "../values/capability.js";
import { decodeValue, encodeKept, PythonObject, type PythonValue, ValueError } from "../values/python-value.js";

/** A value as Python prints it. */
export interface ReprText {
  /** As much of it as was asked for. */
  readonly text: string;
  /** Characters of the whole. */
  readonly length: number;
}

/** What the guest has sent of its value. */
export interface SentValue {
  readonly value: PythonValue | undefined;
  readonly repr: ReprText | undefined;
}

const NOTHING: SentValue = { value: undefined, repr: undefined };

/** [length, text], as the guest sends it; undefined if it is anything else. */
export function asRepr(value: PythonValue | undefined): ReprText | undefined {
  if (!Array.isArray(value) || value.length !== 2) return undefined;
  const [length, text] = value;
  return typeof length === "number" && typeof text === "string" ? { text, length } : undefined;
}

export function encodeSent({ value, repr }: SentValue, references: References): Uint8Array {
  if (value === undefined && repr === undefined) return new Uint8Array(0);
  const text = repr === undefined ? null : [repr.length, repr.text];
  return encodeKept(value === undefined ? [text] : [value, text], references);
}

/** An object of the host's that this process does not have leaves the name of its class. */
export function decodeSent(bytes: Uint8Array, references: References): SentValue {
  if (bytes.length === 0) return NOTHING;
  try {
    const parts = decodeValue(bytes, references) as PythonValue[];
    return { value: parts.length === 2 ? parts[0] : undefined, repr: asRepr(parts.at(-1)) };
  } catch (error) {
    if (!(error instanceof ValueError)) throw error;
    return { value: new PythonObject("HostObject"), repr: undefined };
  }
}

/** Whether bytes that may come from anybody are of that shape. */
export function isSent(bytes: Uint8Array): boolean {
  if (bytes.length === 0) return true;
  const stand = new Capability({}, new Map());
  const references: References = {
    capability: () => stand,
    numberOf: () => 0,
    callable: () => {
      throw new ValueError("a function is not a value");
    },
    callableNumber: () => undefined,
  };
  try {
    const parts = decodeValue(bytes, references);
    if (!Array.isArray(parts) || parts.length < 1 || parts.length > 2) return false;
    return parts.at(-1) === null ? parts.length === 2 : asRepr(parts.at(-1)) !== undefined;
  } catch (error) {
    if (!(error instanceof ValueError)) throw error;
    return false;
  }
}
