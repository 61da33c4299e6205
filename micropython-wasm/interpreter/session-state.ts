// A session's state on the host's side as bytes and back. The bytes may come from anybody, so
// every field is checked: what comes back is a state that a session can be in.

import { ARTIFACT_KINDS, type ArtifactKind } from "../guest/artifact-kind.js";
import { isInput, isReply } from "../host-calls/frames.js";
import { isSent } from "../host-calls/kept-value.js";
import { type LaterCallsState, requestOf } from "../host-calls/later-calls.js";
import { decodeValue, EncodedValue, encodeValue, type PythonValue, ValueError } from "../values/python-value.js";
import { ENVIRONMENT_STATE_VERSION, type EnvironmentState } from "../world/environment.js";
import { requireThat } from "../world/posix-files-check.js";
import type { PosixFilesState } from "../world/posix-files-state.js";
import { asInteger, asText, Fields } from "../world/state-fields.js";
import type { PythonState } from "./interpreter.js";

/**
 * Reads an interpreter's state back, but for what the engine's part of a snapshot has.
 * @throws SnapshotError if it is not one that such an interpreter can be in
 */
export type StateReader = (state: Fields, environment: EnvironmentState) => Omit<PythonState, "guest">;
export type StateReaders = Readonly<Partial<Record<ArtifactKind, StateReader>>>;

/** Everything about a session but what the engine's part of a snapshot has. */
export interface SessionState {
  readonly python: Omit<PythonState, "guest">;
  /** Fuel that the guest had used since it was instantiated. */
  readonly guestFuelUsed: number;
  readonly sessionFuelUsed: number;
  readonly callsBefore: number;
  /** Names of the host functions that the guest knows. */
  readonly names: readonly string[];
}

/** Equal states are equal bytes: a state that was read has its fields in another order than one that was made. */
export function encodeSessionState(state: SessionState): Uint8Array {
  return encodeInOrder(state);
}

/** Data with the fields of its objects in order: the bytes that it has as a part of a session's state, too. */
export function encodeInOrder(data: unknown): Uint8Array {
  return encodeValue(inOrder(data), Number.MAX_SAFE_INTEGER);
}

/** The same data with the fields of every object in the order of their names. */
function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (value === null || typeof value !== "object" || ArrayBuffer.isView(value)) return value;
  if (value instanceof EncodedValue) return value;
  const names = Object.keys(value).sort();
  return Object.fromEntries(names.map((name) => [name, inOrder((value as Record<string, unknown>)[name])]));
}

/** @param readers of the kinds of artifacts that there may be
 * @throws SnapshotError if the bytes are not a session's state */
export function decodeSessionState(bytes: Uint8Array, readers: StateReaders): SessionState {
  let value: PythonValue;
  try {
    value = decodeValue(bytes);
  } catch (error) {
    requireThat(!(error instanceof ValueError), String(error));
    throw error;
  }
  const state = new Fields(value);
  return {
    python: readPython(state.object("python"), readers),
    guestFuelUsed: state.count("guestFuelUsed"),
    sessionFuelUsed: state.count("sessionFuelUsed"),
    callsBefore: state.count("callsBefore"),
    names: state.list("names", asText),
  };
}

function readPython(state: Fields, readers: StateReaders): SessionState["python"] {
  const kind = state.text("kind");
  requireThat((ARTIFACT_KINDS as readonly string[]).includes(kind), "kind of artifact");
  const reader = readers[kind as ArtifactKind];
  requireThat(reader !== undefined, "kind of artifact");
  const python = reader(state, readEnvironment(state.object("environment")));
  const { pauses, standing, open, replies, inputs } = python.environment.hostCalls.later;
  const isIdle = !pauses && standing === null && [open, replies, inputs].every(({ length }) => length === 0);
  requireThat(python.run !== null || isIdle, "host calls of a run");
  return python;
}

function readEnvironment(state: Fields): EnvironmentState {
  requireThat(state.count("version") === ENVIRONMENT_STATE_VERSION, "version of the environment");
  const output = (name: string) => {
    const stream = state.object(name);
    return { head: stream.bytes("head"), tail: stream.bytes("tail"), totalBytes: stream.count("totalBytes") };
  };
  const clock = state.object("clock");
  const hostCalls = state.object("hostCalls");
  const random = state.list("random", asInteger);
  requireThat(random.length === 4 && random.every((word) => word >>> 0 === word), "random");
  return {
    version: ENVIRONMENT_STATE_VERSION,
    files: readFiles(state.object("files")),
    stdin: state.bytes("stdin"),
    stdout: output("stdout"),
    stderr: output("stderr"),
    clock: {
      start: clock.nanoseconds("start"),
      skipped: clock.nanoseconds("skipped"),
      lastPollFuel: clock.integer("lastPollFuel"),
      ticksStartMs: clock.integer("ticksStartMs"),
    },
    random,
    hostCalls: {
      reply: hostCalls.bytes("reply"),
      callCount: hostCalls.count("callCount"),
      value: readSent(hostCalls.bytes("value")),
      capabilityCount: hostCalls.count("capabilityCount"),
      later: readLaterCalls(hostCalls.object("later")),
    },
    refusedGrowth: state.count("refusedGrowth"),
  };
}

function readSent(bytes: Uint8Array): Uint8Array {
  requireThat(isSent(bytes), "the value of a run");
  return bytes;
}

function readLaterCalls(state: Fields): LaterCallsState {
  const standing = state.isNull("standing") ? null : state.text("standing");
  requireThat(standing === null || standing === "call" || standing === "poll", "where the guest stands");
  const nextId = state.count("nextId");
  const current = state.isNull("current") ? null : state.count("current");
  const entries = (name: string) => {
    const list = state.list(name, (pair) => {
      requireThat(Array.isArray(pair) && pair.length === 2 && pair[1] instanceof Uint8Array, name);
      const id = asInteger(pair[0]!);
      requireThat(id >= 0 && id < nextId, name);
      return [id, pair[1]] as const;
    });
    requireThat(new Set(list.map(([id]) => id)).size === list.length, name);
    return list;
  };
  const open = entries("open");
  const replies = entries("replies");
  for (const [id, request] of open) {
    try {
      requestOf(id, request);
    } catch {
      requireThat(false, "a host call");
    }
  }
  for (const [, reply] of replies) requireThat(isReply(reply), "a reply");
  const inputs = state.list("inputs", (frame) => {
    requireThat(frame instanceof Uint8Array && isInput(frame), "an input");
    return frame;
  });
  const has = (id: number, list: readonly (readonly [number, Uint8Array])[]) => list.some(([other]) => other === id);
  requireThat(current === null || has(current, open) !== has(current, replies), "the host call");
  requireThat(
    (standing !== "call" || (current !== null && has(current, open))) && (standing !== "poll" || open.length > 0),
    "where the guest stands",
  );
  return { pauses: state.flag("pauses"), standing, nextId, current, open, replies, inputs };
}

function readFiles(state: Fields): PosixFilesState {
  const memory = state.object("memory");
  return {
    cwd: state.count("cwd"),
    memory: {
      nextId: memory.count("nextId"),
      nodes: memory.list("nodes", (value) => readNode(new Fields(value))),
      open: memory.list("open", (pair) => {
        requireThat(Array.isArray(pair) && pair.length === 2, "open files");
        return [asInteger(pair[0]!), asInteger(pair[1]!)] as const;
      }),
      mounts: memory.list("mounts", (value) => {
        const mount = new Fields(value);
        const access = mount.text("access");
        requireThat(access === "read-only" || access === "read-write" || access === "overlay", "a mounted directory");
        return { path: mount.text("path"), access, node: mount.count("node") };
      }),
      mounted: memory.list("mounted", (value) => {
        const opening = new Fields(value);
        const way = opening.list("way", asText);
        const [directory, write] = [opening.flag("directory"), opening.flag("write")];
        return { handle: opening.count("handle"), way, directory, write };
      }),
    },
    open: state.list("open", (value) => {
      const file = new Fields(value);
      return {
        fd: file.count("fd"),
        handle: file.count("handle"),
        flags: file.count("flags"),
        offset: file.count("offset"),
        listing: file.isNull("listing") ? null : file.list("listing", asText),
      };
    }),
  };
}

type SavedNode = PosixFilesState["memory"]["nodes"][number];

function readNode(node: Fields): SavedNode {
  const base = {
    id: node.count("id"),
    accessed: node.timestamp("accessed"),
    modified: node.timestamp("modified"),
    changed: node.timestamp("changed"),
    readOnly: node.flag("readOnly"),
  };
  const kind = node.text("kind");
  if (kind === "link") return { ...base, kind, target: node.text("target") };
  if (kind === "device") return { ...base, kind, device: node.text("device") };
  const lower = node.isNull("lower") ? null : readLower(node.object("lower"));
  if (kind === "file") return { ...base, kind, size: node.count("size"), content: node.bytes("content"), lower };
  requireThat(kind === "directory", "kind of a file");
  const entries = node.list("entries", (pair) => {
    requireThat(Array.isArray(pair) && pair.length === 2, "entries");
    return [asText(pair[0]!), asInteger(pair[1]!)] as const;
  });
  return { ...base, kind, parent: node.count("parent"), entries, lower };
}

/** Where something of an overlay's lies that has not been changed. */
function readLower(lower: Fields): { mount: number; path: string[] } {
  return { mount: lower.count("mount"), path: lower.list("path", asText) };
}
