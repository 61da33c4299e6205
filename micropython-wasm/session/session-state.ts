// A session's state on the host's side as bytes and back. The bytes may come from anybody, so
// every field is checked: what comes back is a state that a session can be in.

import type { MicroPythonState, PausedRunState } from "../emscripten/micropython.js";
import type { PythonState } from "../interpreter/interpreter.js";
import type { PythonException } from "../interpreter/python-error.js";
import { decodeValue, encodeValue, type PythonValue, ValueError } from "../values/python-value.js";
import { readWasiPython } from "../wasi/state.js";
import { ENVIRONMENT_STATE_VERSION, type EnvironmentState } from "../world/environment.js";
import type { FileSystemState } from "../world/filesystem.js";
import { requireThat } from "../world/filesystem-check.js";
import { asInteger, asText, Fields } from "../world/state-fields.js";

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

export function encodeSessionState(state: SessionState): Uint8Array {
  return encodeValue(state, Number.MAX_SAFE_INTEGER);
}

/** @throws SnapshotError if the bytes are not a session's state */
export function decodeSessionState(bytes: Uint8Array): SessionState {
  let value: PythonValue;
  try {
    value = decodeValue(bytes);
  } catch (error) {
    requireThat(!(error instanceof ValueError), String(error));
    throw error;
  }
  const state = new Fields(value);
  return {
    python: readPython(state.object("python")),
    guestFuelUsed: state.count("guestFuelUsed"),
    sessionFuelUsed: state.count("sessionFuelUsed"),
    callsBefore: state.count("callsBefore"),
    names: state.list("names", asText),
  };
}

function readPython(state: Fields): SessionState["python"] {
  const kind = state.text("kind");
  requireThat(kind === "emscripten" || kind === "wasi", "kind of artifact");
  return kind === "wasi" ? readWasiPython(state, readEnvironment(state.object("environment"))) : readMicroPython(state);
}

function readMicroPython(state: Fields): Omit<MicroPythonState, "guest"> {
  return {
    kind: "emscripten",
    environment: readEnvironment(state.object("environment")),
    valueFunction: asReference(state.integer("valueFunction")),
    providesExtras: state.flag("providesExtras"),
    out: state.count("out"),
    interruptWords: state.list("interruptWords", (pair) => {
      requireThat(Array.isArray(pair) && pair.length === 2, "interruptWords");
      return [asInteger(pair[0]!), asInteger(pair[1]!)] as const;
    }),
    run: state.isNull("run") ? null : readRun(state.object("run")),
  };
}

/** The number of a Python object that the host knows. */
function asReference(value: PythonValue): number {
  const number = asInteger(value);
  requireThat(number >= 0 && number < 2 ** 31, "the number of an object");
  return number;
}

function asAddress(value: PythonValue): number {
  const address = asInteger(value);
  requireThat(address >>> 0 === address, "an address");
  return address;
}

function readRun(state: Fields): PausedRunState {
  const phase = state.text("phase");
  requireThat(phase === "program" || phase === "value", "phase");
  const [fuelUsed, fuelGranted, fuelLimit] = [
    state.count("fuelUsed"),
    state.count("fuelGranted"),
    state.count("fuelLimit"),
  ];
  requireThat(fuelUsed <= fuelGranted && fuelGranted <= fuelLimit, "fuel of a run");
  return {
    phase,
    source: asAddress(state.integer("source")),
    capturesValue: state.flag("capturesValue"),
    refusedGrowthBefore: state.count("refusedGrowthBefore"),
    fuelLimit,
    fuelUsed,
    fuelGranted,
    exception: state.isNull("exception") ? null : readException(state.object("exception")),
  };
}

function readException(state: Fields): PythonException {
  return { type: state.text("type"), message: state.text("message"), traceback: state.text("traceback") };
}

function readEnvironment(state: Fields): EnvironmentState {
  requireThat(state.count("version") === ENVIRONMENT_STATE_VERSION, "version of the environment");
  const output = (name: string) => {
    const stream = state.object(name);
    return { head: stream.bytes("head"), tail: stream.bytes("tail"), totalBytes: stream.count("totalBytes") };
  };
  const clock = state.object("clock");
  const bridge = state.object("bridge");
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
    bridge: {
      exposed: bridge.list("exposed", (pair) => {
        requireThat(Array.isArray(pair) && pair.length === 2, "exposed");
        return [asText(pair[0]!), asReference(pair[1]!)] as const;
      }),
      live: bridge.list("live", asReference),
      pinned: bridge.list("pinned", asReference),
    },
    hostCalls: {
      reply: hostCalls.bytes("reply"),
      callCount: hostCalls.count("callCount"),
      capabilityCount: hostCalls.count("capabilityCount"),
    },
    refusedGrowth: state.count("refusedGrowth"),
  };
}

function readFiles(state: Fields): FileSystemState {
  return {
    nextId: state.count("nextId"),
    cwd: state.count("cwd"),
    nodes: state.list("nodes", (value) => {
      const node = new Fields(value);
      const common = { id: node.count("id"), mtimeMs: node.integer("mtimeMs"), readOnly: node.flag("readOnly") };
      const kind = node.text("kind");
      if (kind === "file") return { kind, ...common, linked: node.flag("linked"), content: node.bytes("content") };
      if (kind === "device") return { kind, ...common, device: node.text("device") };
      requireThat(kind === "directory", "kind of a file");
      const entries = node.list("entries", (pair) => {
        requireThat(Array.isArray(pair) && pair.length === 2, "entries");
        return [asText(pair[0]!), asInteger(pair[1]!)] as const;
      });
      return { kind, ...common, parent: node.count("parent"), entries };
    }),
    open: state.list("open", (value) => {
      const file = new Fields(value);
      return {
        fd: file.count("fd"),
        node: file.count("node"),
        flags: file.count("flags"),
        offset: file.count("offset"),
        listing: file.isNull("listing") ? null : file.list("listing", asText),
      };
    }),
  };
}
