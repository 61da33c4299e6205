// The state of an interpreter that reads its programs from a channel, and how it is read from bytes that may come from
// anybody.

import type { WasiState } from "../../runtime/wasi/index.js";
import type { PythonState } from "../interpreter/interpreter.js";
import type { StateReader } from "../interpreter/session-state.js";
import type { EnvironmentState } from "../world/environment.js";
import { isName, requireThat } from "../world/posix-files-check.js";
import { asInteger, asText, Fields } from "../world/state-fields.js";
import type { ChannelState } from "./channel.js";
import type { WasiGuestState } from "./guest.js";

type Descriptor = WasiState["descriptors"][number][1];

/** Standard input, output and error, and the channel. */
const STREAMS = 4;

export interface ChannelRun {
  /** Fuel that the guest had used. */
  readonly fuelBefore: number;
  /** Fuel that is not charged: what getting ready took or, until that is over, may take. */
  free: number;
  fuelLimit: number;
  /** Fuel granted so far, what is not charged included. */
  fuelGranted: number;
  /** What the guest is to run when it is ready; null once it has it. */
  program: Uint8Array | null;
  readonly flags: number;
}

/** An idle or paused interpreter, as data. */
export interface ChannelPythonState extends PythonState, WasiGuestState {
  readonly kind: "wasi" | "cpython";
  readonly channel: ChannelState;
  readonly run: Readonly<ChannelRun> | null;
  /** Size of a heap that does not grow; 0 if it does. */
  readonly heapBytes: number;
}

/**
 * Reads all of it but what the engine's part of a snapshot has.
 * @param own number of the guest's own files among its file systems: those before it have no state
 * @throws SnapshotError
 */
export function channelPythonReader(kind: ChannelPythonState["kind"], own: number): StateReader {
  return (state: Fields, environment: EnvironmentState): Omit<ChannelPythonState, "guest"> => {
    const channel = readChannel(state.object("channel"));
    const run = state.isNull("run") ? null : readRun(state.object("run"));
    requireThat(channel.idle === (run === null), "whether a run is paused");
    return {
      kind,
      environment,
      wasi: readWasi(state.object("wasi"), new Map(environment.files.memory.open), own),
      channel,
      run,
      heapBytes: state.count("heapBytes"),
    };
  };
}

/** Bound on what is not charged to a run: starting the interpreter, imports of ours, collecting garbage. */
const INTERNAL_FUEL = 50_000_000;
const INTERNAL_FUEL_PER_HEAP_BYTE = 64;

/** Fuel for what the interpreter does that is not the program's, with a heap of this size. */
export function internalFuel(heapBytes: number): number {
  return INTERNAL_FUEL + heapBytes * INTERNAL_FUEL_PER_HEAP_BYTE;
}

/** Requires that what is counted fits the execution in the engine's picture. @throws SnapshotError */
export function checkWasiState({ guest: { picture }, run, heapBytes }: ChannelPythonState): void {
  const { execution, memories } = picture;
  requireThat(execution !== null, "the guest's execution");
  requireThat(heapBytes <= (memories[0]?.byteLength ?? 0), "the size of the heap");
  const used = execution.fuelGranted - execution.fuelLeft;
  requireThat(used >= 0, "fuel of the guest");
  if (run === null) return;
  const usedByRun = used - run.fuelBefore;
  requireThat(usedByRun >= 0 && usedByRun <= run.fuelGranted, "fuel of a run");
  // What is free is bounded; once the program has begun, it is what was used before.
  const whole = run.free + run.fuelLimit;
  requireThat(run.fuelGranted <= whole, "fuel of a run");
  requireThat(run.free <= (run.program === null ? usedByRun : internalFuel(heapBytes)), "fuel of a run");
}

function readChannel(state: Fields): ChannelState {
  return {
    idle: state.flag("idle"),
    report: state.isNull("report") ? null : state.bytes("report"),
    pending: state.bytes("pending"),
  };
}

function readRun(state: Fields): ChannelRun {
  const fuelLimit = state.count("fuelLimit");
  const fuelGranted = state.count("fuelGranted");
  const free = state.count("free");
  requireThat(fuelGranted <= free + fuelLimit, "fuel of a run");
  return {
    fuelBefore: state.count("fuelBefore"),
    free,
    fuelLimit,
    fuelGranted,
    program: state.isNull("program") ? null : state.bytes("program"),
    flags: state.count("flags"),
  };
}

/** @param open numbers of the guest's own files that are open */
function readWasi(state: Fields, open: ReadonlyMap<number, number>, own: number): WasiState {
  const time = state.object("time");
  const random = state.list("random", asInteger);
  requireThat(random.length === 4 && random.every((word) => word >>> 0 === word), "random");
  const descriptors = state.list("descriptors", (pair) => {
    requireThat(Array.isArray(pair) && pair.length === 2, "descriptors");
    const fd = asInteger(pair[0]!);
    requireThat(fd >= 0, "number of a descriptor");
    return [fd, readDescriptor(new Fields(pair[1]!), open, own)] as const;
  });
  requireThat(new Set(descriptors.map(([fd]) => fd)).size === descriptors.length, "numbers of descriptors");
  return {
    descriptors,
    random,
    time: { origin: time.nanoseconds("origin"), elapsed: time.nanoseconds("elapsed") },
    fuelBefore: state.integer("fuelBefore"),
  };
}

function readDescriptor(state: Fields, open: ReadonlyMap<number, number>, own: number): Descriptor {
  const kind = state.text("kind");
  const base = { rights: state.count("rights"), inheriting: state.count("inheriting"), flags: state.count("flags") };
  if (kind === "stream") {
    const stream = state.count("stream");
    requireThat(stream < STREAMS, "number of a stream");
    return { kind, ...base, stream };
  }
  const handle = state.count("handle");
  const files = state.count("files");
  requireThat(files <= own, "number of a file system");
  // What others share refuses handles of its own that there are not.
  requireThat(files < own || open.has(handle), "handle of a file");
  const opened = { ...base, files, handle, readOnly: state.flag("readOnly") };
  if (kind === "file") return { kind, ...opened, device: state.flag("device"), offset: state.count("offset") };
  requireThat(kind === "directory", "kind of a descriptor");
  const preopen = state.isNull("preopen") ? null : state.bytes("preopen");
  const listing = state.isNull("listing") ? null : state.list("listing", asText);
  requireThat(listing === null || listing.slice(2).every(isName), "names in a directory");
  return { kind, ...opened, preopen, listing };
}
