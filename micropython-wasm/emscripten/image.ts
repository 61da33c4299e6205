// Booted interpreters as bytes: a process that has them begins with a copy, and boots nothing.

import { type Module, SnapshotBase, SnapshotError } from "../../runtime/index.js";
import { DEFAULT_MAX_VALUE_BYTES } from "../host-calls/host-calls.js";
import type { BootOptions } from "../interpreter/artifact-support.js";
import type { PythonState } from "../interpreter/interpreter.js";
import { decodeSession, encodeSession } from "../interpreter/session-codec.js";
import { decodeValue, encodeValue, ValueError } from "../values/python-value.js";
import { Fields } from "../world/state-fields.js";
import { DEFAULT_PYTHON_STACK_BYTES } from "./python.js";
import { readEmscriptenState } from "./state.js";

/** The state in which sessions begin, and the memory that they share. */
export interface Booted {
  readonly state: PythonState;
  readonly base: SnapshotBase;
}

/** Equal for options that give equal interpreters. */
export function bootKey(options: BootOptions): string {
  const { pythonStackBytes = DEFAULT_PYTHON_STACK_BYTES, maxValueBytes = DEFAULT_MAX_VALUE_BYTES } = options;
  return `${pythonStackBytes} ${maxValueBytes}`;
}

/** A booted interpreter as bytes, taken apart as far as costs nothing. */
export interface Image {
  readonly booted: string;
  readonly session: Uint8Array;
  /** Module.saveCode() of the artifact; empty without. */
  readonly code: Uint8Array;
}

const NO_CODE = new Uint8Array(0);
/**
 * The bytes of a state in which sessions can begin. Not compressed: they are read at each start.
 * @param code of the module, if readers can trust the bytes
 */
export function encodeBooted(state: PythonState, options: BootOptions, code: Uint8Array = NO_CODE): Uint8Array {
  const session = encodeSession({ python: state, sessionFuelUsed: 0, callsBefore: 0, names: [] }, null, false);
  return encodeValue({ booted: bootKey(options), session, code }, Number.MAX_SAFE_INTEGER);
}

/** @throws SnapshotError if the bytes are not those of an image */
export function openImage(bytes: Uint8Array): Image {
  try {
    const fields = new Fields(decodeValue(bytes));
    return { booted: fields.text("booted"), session: fields.bytes("session"), code: fields.bytes("code") };
  } catch (error) {
    if (error instanceof ValueError) throw new SnapshotError("damaged", `the bytes are no image: ${error.message}`);
    throw error;
  }
}

/**
 * @param own whether it is certain that this is an image of this package's own, made of `module`: then neither its
 *   checksum nor the module's is looked at
 * @throws SnapshotError
 */
export function decodeBooted({ booted, session }: Image, options: BootOptions, module: Module, own: boolean): Booted {
  if (booted !== bootKey(options))
    throw new SnapshotError("mismatch", "the image is one of an interpreter that was booted with other options");
  const { python } = decodeSession(session, { emscripten: readEmscriptenState }, !own).session;
  const { guest } = python;
  let { picture } = guest;
  const schedule = module.engine.schedule.name;
  if (picture.schedule !== schedule)
    throw new SnapshotError(
      "mismatch",
      `the image's fuel schedule is ${picture.schedule}, the session's is ${schedule}`,
    );
  if (own) picture = { ...picture, instances: picture.instances.map((i) => ({ ...i, module: module.decoded })) };
  return { state: { ...python, guest: { ...guest, picture } }, base: SnapshotBase.of(picture) };
}

/** Bytes that a fingerprint looks at. */
const SAMPLES = 500;

/**
 * Tells artifacts apart that one might have by mistake: their length, and a hash of some of their bytes. Images of
 * artifacts that came with them are found by it, at no cost.
 */
export function fingerprint(artifact: Uint8Array): string {
  let hash = 0x811c9dc5;
  const step = Math.ceil(artifact.length / SAMPLES);
  for (let i = 0; i < artifact.length; i += step) hash = Math.imul(hash ^ artifact[i]!, 0x01000193);
  return `${artifact.length}-${(hash >>> 0).toString(16).padStart(8, "0")}`;
}
