// Booted interpreters of CPython as bytes: a process that has one begins with a copy, and boots nothing.
//
//   MAGIC          16 bytes
//   identity       u32 length, UTF-8: what it was made of and by; the image of another one is not used
//   session        u32 length, bytes (interpreter/session-codec.ts), not compressed
//   code           u32 length, bytes: Module.saveCode()
//   outline        u32 length, bytes: Module.outline()
//   chunks         u32 length, bytes: the SHA-256 of each chunk of the module's bytes (module-file.ts)
//   SHA-256        32 bytes over all before
//
// Register code is not checked when it is read, so that an image is as trusted as the module beside it: it is made and
// read by the same user's processes of the same build, and its hash tells what is damaged.

import { decodeUtf8, encodeUtf8 } from "../../decoder/index.js";
import { type Module, type Sha256, SnapshotBase } from "../../runtime/index.js";
import type { BootOptions } from "../interpreter/artifact-support.js";
import type { PythonState } from "../interpreter/interpreter.js";
import { decodeSession, encodeSession } from "../interpreter/session-codec.js";
import { channelPythonReader } from "../wasi/state.js";
import type { ModuleOutline } from "./module-file.js";

/** Equal for options that give equal interpreters. */
export function bootKey({ preload = [], maxValueBytes }: Pick<BootOptions, "preload" | "maxValueBytes">): string {
  return JSON.stringify([preload, maxValueBytes ?? null]);
}

/** The state in which sessions begin, and the memory that they share. */
export interface Booted {
  readonly state: PythonState;
  readonly base: SnapshotBase;
}

/** The parts of an image, which are views of its bytes. */
export interface CPythonImage {
  readonly identity: string;
  readonly session: Uint8Array;
  readonly code: Uint8Array;
  readonly file: ModuleOutline;
}

/** Where images are kept. Neither throws: where there is no room, interpreters boot. */
export interface ImageStore {
  /** Whether there is a file for such interpreters, whole or not. */
  has(bootKey: string): boolean;
  /** The image of interpreters with these options, if there is one that is whole and of this build. */
  read(bootKey: string): CPythonImage | undefined;
  write(bootKey: string, booted: Booted, module: Module, file: ModuleOutline): void;
}

const MAGIC = encodeUtf8("escapement-image");
const HASH_BYTES = 32;
const PARTS = 5;

export function encodeImage(
  identity: string,
  { state }: Booted,
  module: Module,
  { outline, chunks }: ModuleOutline,
  sha256: Sha256,
): Uint8Array {
  const session = encodeSession({ python: state, sessionFuelUsed: 0, callsBefore: 0, names: [] }, null, false);
  const parts = [encodeUtf8(identity), session, module.saveCode(), outline, chunks];
  const bytes = new Uint8Array(MAGIC.length + HASH_BYTES + parts.reduce((sum, part) => sum + 4 + part.length, 0));
  const view = new DataView(bytes.buffer);
  bytes.set(MAGIC);
  let at = MAGIC.length;
  for (const part of parts) {
    view.setUint32(at, part.length, true);
    bytes.set(part, at + 4);
    at += 4 + part.length;
  }
  bytes.set(sha256(bytes.subarray(0, at)), at);
  return bytes;
}

/** @returns undefined if the bytes are no image, or not whole */
export function openImage(bytes: Uint8Array, sha256: Sha256): CPythonImage | undefined {
  const end = bytes.length - HASH_BYTES;
  if (end < MAGIC.length || !MAGIC.every((byte, i) => bytes[i] === byte)) return undefined;
  const hash = sha256(bytes.subarray(0, end));
  if (!hash.every((byte, i) => bytes[end + i] === byte)) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const parts: Uint8Array[] = [];
  for (let at = MAGIC.length; at < end && parts.length < PARTS; ) {
    const length = view.getUint32(at, true);
    if (at + 4 + length > end) return undefined;
    parts.push(bytes.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  if (parts.length < PARTS) return undefined;
  const [identity, session, code, outline, chunks] = parts as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ];
  const text = decodeUtf8(identity, 0, identity.length);
  return text === undefined ? undefined : { identity: text, session, code, file: { outline, chunks } };
}

/**
 * The interpreter of an image whose identity is that of `module` and of this build.
 * @throws SnapshotError if it is of another fuel schedule, or not what an interpreter can be in
 */
export function decodeBooted({ session }: CPythonImage, module: Module): Booted {
  return onModule(decodeSession(session, { cpython: channelPythonReader("cpython", 1) }, false).session.python, module);
}

/** A state of an interpreter as one of `module`, which has the same bytes: its hash is not looked at. */
export function onModule(python: PythonState, module: Module): Booted {
  const { guest } = python;
  const instances = guest.picture.instances.map((instance) => ({ ...instance, module: module.decoded }));
  const picture = { ...guest.picture, instances };
  return { state: { ...python, guest: { ...guest, picture } }, base: SnapshotBase.of(picture) };
}
