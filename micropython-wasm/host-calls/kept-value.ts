// The value of a run: what the guest sends behind its program, by naming it or in frames. Until the run is over it is part
// of the state, since the run can pause in between:
//
//   "V" [1, 2] was sent, no repr wanted        l 2: [1, 2], None
//   "T" [6, "[1, 2]"] was sent, no value yet   l 1: [6, "[1, 2]"]
//   nothing was sent                           no bytes

import { Capability, type References } from "../values/capability.js";
import { decodeValue, encodeKept, PythonObject, type PythonValue, ValueError } from "../values/python-value.js";
import type { GuestObjects } from "./guest-objects.js";
import type { Named } from "./named-objects.js";

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

export class RunValue implements SentValue {
  /** Undefined until the guest has sent it. */
  value: PythonValue | undefined;
  repr: ReprText | undefined;
  /** Most characters of {@link repr}; with 0 it is not asked for. */
  reprLimit = 0;

  constructor(
    private readonly objects: GuestObjects,
    private readonly maxBytes: number,
  ) {}

  /** A run begins. */
  begin(reprLimit: number): void {
    this.forget();
    this.reprLimit = reprLimit;
  }

  /** After a run: its result has the value. */
  forget(): void {
    this.value = undefined;
    this.repr = undefined;
  }

  /** Takes the value that a frame has named, or asks for its repr first. */
  takeNamed(value: Named): void {
    const { objects } = this;
    // A frame has at most maxBytes, and a character up to 4.
    const characters = Math.min(this.reprLimit, Math.floor(this.maxBytes / 8));
    // None is no value to show.
    if (value !== null && characters > 0 && this.repr === undefined && objects.learned) {
      objects.answerNumber(characters);
      return;
    }
    if (value === undefined) return;
    // Too large, or too deep: the guest would encode all of it in Python, only to find the same.
    this.value = value instanceof ValueError ? new PythonObject(objects.className(objects.item(1))) : value;
    objects.confirm();
  }

  /** Takes its repr, only where it was asked for: the guest can write such a frame at any time. */
  takeRepr(value: PythonValue): void {
    this.repr = this.reprLimit > 0 ? asRepr(value) : undefined;
  }

  saveState(references: References): Uint8Array {
    return encodeSent(this, references);
  }

  restoreState(bytes: Uint8Array, references: References): void {
    ({ value: this.value, repr: this.repr } = decodeSent(bytes, references));
  }
}

/** [length, text], as the guest sends it; undefined if it is anything else. */
function asRepr(value: PythonValue | undefined): ReprText | undefined {
  if (!Array.isArray(value) || value.length !== 2) return undefined;
  const [length, text] = value;
  return typeof length === "number" && typeof text === "string" ? { text, length } : undefined;
}

function encodeSent({ value, repr }: SentValue, references: References): Uint8Array {
  if (value === undefined && repr === undefined) return new Uint8Array(0);
  const text = repr === undefined ? null : [repr.length, repr.text];
  return encodeKept(value === undefined ? [text] : [value, text], references);
}

/** An object of the host's that this process does not have leaves the name of its class. */
function decodeSent(bytes: Uint8Array, references: References): SentValue {
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
