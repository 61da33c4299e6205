// The state of an interpreter on the Emscripten build, from bytes that may come from anybody.

import type { PythonState } from "../interpreter/interpreter.js";
import type { PythonException } from "../interpreter/python-error.js";
import type { PythonValue } from "../values/python-value.js";
import type { EnvironmentState } from "../world/environment.js";
import { requireThat } from "../world/posix-files-check.js";
import { asInteger, asText, type Fields } from "../world/state-fields.js";
import { type BridgeState, TRIPLE_SIZE } from "./bridge.js";

/** The interpreter's own variables are in the data segment, below this. */
export const STATE_END = 1024 * 1024;

/** Address of a word that raising an interrupt changes, and what it holds when there is none. */
export type InterruptWord = readonly [address: number, idle: number];

/** What is known of a paused run, besides its execution. */
export interface PausedRunState {
  /** "program" runs the source, "value" has the guest send the last expression's value. */
  readonly phase: "program" | "value";
  readonly source: number;
  readonly capturesValue: boolean;
  readonly refusedGrowthBefore: number;
  readonly fuelLimit: number;
  readonly fuelUsed: number;
  /** Fuel granted so far; what an execution was granted and did not use stays its own. */
  readonly fuelGranted: number;
  readonly exception: PythonException | null;
  /** Fuel for rewriting the source that is not paid yet; nothing runs before. */
  readonly toll: number;
}

/** An interpreter's state between two slices. Interpreters with the same artifact can take it over. */
export interface EmscriptenState extends PythonState {
  readonly kind: "emscripten";
  readonly bridge: BridgeState;
  readonly valueFunction: number;
  readonly providesExtras: boolean;
  /** No program has run yet. */
  readonly isFresh: boolean;
  readonly out: number;
  readonly interruptWords: readonly InterruptWord[];
  /** The run that is paused, null if the interpreter is idle. */
  readonly run: PausedRunState | null;
}

/** All of it but what the engine's part of a snapshot has. @throws SnapshotError */
export function readEmscriptenState(state: Fields, environment: EnvironmentState): Omit<EmscriptenState, "guest"> {
  return {
    kind: "emscripten",
    environment,
    bridge: readBridge(state.object("bridge")),
    valueFunction: asReference(state.integer("valueFunction")),
    providesExtras: state.flag("providesExtras"),
    isFresh: state.flag("isFresh"),
    out: state.count("out"),
    interruptWords: state.list("interruptWords", (pair) => {
      requireThat(Array.isArray(pair) && pair.length === 2, "interruptWords");
      return [asInteger(pair[0]!), asInteger(pair[1]!)] as const;
    }),
    run: state.isNull("run") ? null : readRun(state.object("run")),
  };
}

/** Requires that what is counted fits the execution in the engine's picture. @throws SnapshotError */
export function checkEmscriptenState({ guest: { picture }, run }: EmscriptenState): void {
  requireThat((run === null) === (picture.execution === null), "a paused run");
  if (run !== null) requireThat(picture.execution!.fuelLeft === run.fuelGranted - run.fuelUsed, "fuel of a run");
}

/** What a state says of places in a memory of this size may be anybody's. @throws SnapshotError */
export function requireAddresses({ out, interruptWords }: EmscriptenState, memoryBytes: number): void {
  requireThat(out % 4 === 0 && out + TRIPLE_SIZE <= memoryBytes, "an address");
  for (const [address] of interruptWords)
    requireThat(address >= 0 && address % 4 === 0 && address < STATE_END, "an address");
}

function readBridge(bridge: Fields): BridgeState {
  return {
    exposed: bridge.list("exposed", (pair) => {
      requireThat(Array.isArray(pair) && pair.length === 2, "exposed");
      return [asText(pair[0]!), asReference(pair[1]!)] as const;
    }),
    live: bridge.list("live", asReference),
    pinned: bridge.list("pinned", asReference),
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
    toll: state.count("toll"),
    exception: state.isNull("exception") ? null : readException(state.object("exception")),
  };
}

function readException(state: Fields): PythonException {
  return { type: state.text("type"), message: state.text("message"), traceback: state.text("traceback") };
}
