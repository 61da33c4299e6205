// Watches a run for its receipt: hashes of its states, its host calls, what it puts out. Or the same of a run that is
// made anew from a receipt: then the host's results come from there.

import {
  CheckpointLedger,
  type Checkpoints,
  type Hash,
  type HostState,
  hex,
  isSavedRecording,
  sha256 as portableSha256,
  type SavedRecording,
  StateHasher,
} from "../../proof/index.js";
import type { Sha256, StorePicture } from "../../runtime/index.js";
import { hostIsEqual, hostSha256 } from "../guest/engine-options.js";
import type { PythonInterpreter, PythonState, RunObserver } from "../interpreter/interpreter.js";
import { encodeInOrder, encodeSessionState } from "../interpreter/session-state.js";
import type { HostCallable } from "../values/capability.js";
import { EncodedValue } from "../values/python-value.js";
import { CallRecorder, CallReplay, type PythonHostCall } from "./call-log.js";

export interface RecordingOptions {
  /** Fuel between checkpoints, if they are to be where those of a receipt are: the distance then does not double. */
  readonly interval?: number | undefined;
  /** The calls of a receipt, whose results the guest gets again. */
  readonly replay?: readonly PythonHostCall[] | undefined;
  /** Whether states are hashed on the way; default true. */
  readonly checkpoints?: boolean | undefined;
  /** What {@link PythonRecording.saved} gave, of the same run: to go on from there. */
  readonly saved?: SavedPython | undefined;
  /** Is told of each checkpoint. */
  readonly onCheckpoint?: ((fuel: number, state: Hash) => void) | undefined;
}

/** A recording as data, at a checkpoint. */
export interface SavedPython extends SavedRecording {
  readonly start: Hash;
  readonly hostCalls: readonly PythonHostCall[];
  /** Hashes of the outputs so far. */
  readonly stdout: Hash;
  readonly stderr: Hash;
}

/** Whether data that may come from anybody has the form of a recording. */
export function isSavedPython(value: unknown): value is SavedPython {
  if (!isSavedRecording(value)) return false;
  const { start, hostCalls, stdout, stderr } = value as Partial<SavedPython>;
  return Array.isArray(hostCalls) && [start, stdout, stderr].every((hash) => /^[\da-f]{64}$/.test(String(hash)));
}

const NO_CHECKPOINTS = 2 ** 52;

/** By module, the hasher of a run that is over: the next one begins much alike, and hashes what differs. */
const spare = new WeakMap<object, StateHasher>();
/** Hashers of larger states are not kept. */
const SPARE_BYTES = 8 << 20;

const NO_OUTPUT = new Uint8Array(32);

/** SHA-256 over the hash before and what is written, from 32 zeros: how the outputs of runs are hashed. */
class ChainedHash {
  hash: Uint8Array;
  constructor(
    private readonly sha256: Sha256,
    before: Hash | undefined,
  ) {
    this.hash = before === undefined ? NO_OUTPUT : fromHex(before);
  }

  readonly take = (bytes: Uint8Array): void => {
    const both = new Uint8Array(32 + bytes.length);
    both.set(this.hash);
    both.set(bytes, 32);
    this.hash = this.sha256(both);
  };
}

export class PythonRecording implements RunObserver {
  /** State before the program, and behind it: null if the interpreter is broken. */
  start: Hash | undefined;
  final: Hash | null | undefined;
  replay: CallReplay | undefined;
  private recorder: CallRecorder | undefined;
  private hasher: StateHasher;
  private readonly ledger: CheckpointLedger;
  private readonly stdout: ChainedHash;
  private readonly stderr: ChainedHash;
  private readonly sha256: Sha256;
  /** Hash of the last state. */
  private last: Hash | undefined;

  constructor(
    private readonly options: RecordingOptions = {},
    /** The interpreter that runs: it may be made after this. */
    public python: PythonInterpreter | undefined = undefined,
  ) {
    const { interval, checkpoints = true, saved } = options;
    this.start = saved?.start;
    this.sha256 = hostSha256() ?? portableSha256;
    this.hasher = this.newHasher();
    this.stdout = new ChainedHash(this.sha256, saved?.stdout);
    this.stderr = new ChainedHash(this.sha256, saved?.stderr);
    this.ledger = new CheckpointLedger({
      interval: checkpoints ? interval : NO_CHECKPOINTS,
      doubles: interval === undefined,
      work: () => this.hasher.work,
      state: saved?.ledger,
    });
  }

  /** What stands for a host function in a run that is made anew. */
  readonly stand: HostCallable = () => this.replay!.stand();

  get nextFuel(): number {
    return this.ledger.next;
  }

  get checkpoints(): Checkpoints {
    return this.ledger.checkpoints;
  }

  get calls(): readonly PythonHostCall[] {
    return this.recorder?.calls ?? [];
  }

  get outputs(): { readonly stdout: Hash; readonly stderr: Hash } {
    return { stdout: hex(this.stdout.hash), stderr: hex(this.stderr.hash) };
  }

  begins(state: PythonState): void {
    const { module } = (state.guest.picture as StorePicture).instances[0]!;
    const known = spare.get(module);
    spare.delete(module);
    if (known !== undefined) this.hasher = known;
    this.start = this.hash(state);
    this.ledger.begin();
    this.listen(0);
  }

  /**
   * The run goes on from `options.saved`.
   * @returns whether the state is the one that was saved
   */
  goesOn(state: PythonState): boolean {
    const { saved } = this.options;
    if (saved === undefined || this.hash(state) !== saved.state) return false;
    this.hasher.goOnFrom(saved.work);
    this.listen(0);
    return true;
  }

  /** Whether somebody else could go on with the recording as it is now. */
  get canBeSaved(): boolean {
    return this.recorder?.canBeHandedOver === true && !this.python!.environment.hostCalls.isCalling;
  }

  /** The recording as it is behind {@link reached}; undefined where nobody else could go on with it. */
  saved(): SavedPython | undefined {
    if (!this.canBeSaved) return undefined;
    const { ledger, hasher, calls, stdout, stderr } = this;
    return {
      ...{ ledger: ledger.state, work: hasher.work, state: this.last!, start: this.start! },
      ...{ hostCalls: [...calls], stdout: hex(stdout.hash), stderr: hex(stderr.hash) },
    };
  }

  /** @param madeCalls calls that were made before */
  listen(madeCalls: number): void {
    const { hostCalls, stdout, stderr } = this.python!.environment;
    const { replay } = this.options;
    const chargedAt = (guestFuel: number) => this.python!.runFuel(guestFuel);
    if (replay === undefined) this.recorder = new CallRecorder(this.sha256, chargedAt, this.options.saved?.hostCalls);
    else this.replay = new CallReplay(replay, this.sha256, chargedAt, madeCalls);
    hostCalls.observer = this.recorder ?? this.replay;
    stdout.tap = this.stdout.take;
    stderr.tap = this.stderr.take;
  }

  reached(state: PythonState): void {
    const { onCheckpoint } = this.options;
    this.ledger.take(
      () => this.hash(state),
      (fuel) => onCheckpoint?.(fuel, this.ledger.checkpoints.states.at(-1)!),
    );
  }

  ended(state: PythonState | null): void {
    this.final = state === null ? null : this.hash(state);
    // A run that is paused may go on.
    if (this.python!.isPaused) return;
    this.release();
    if (state === null || this.hasher.contentBytes > SPARE_BYTES) return;
    spare.set((state.guest.picture as StorePicture).instances[0]!.module, this.hasher);
    this.hasher = this.newHasher();
  }

  private newHasher(): StateHasher {
    return new StateHasher({ sha256: this.sha256, isEqual: hostIsEqual() });
  }

  /** Lets go of the interpreter. */
  release(): void {
    const { hostCalls, stdout, stderr } = this.python!.environment;
    hostCalls.observer = undefined;
    stdout.tap = stderr.tap = undefined;
  }

  hash(state: PythonState): Hash {
    this.last = this.hasher.hash(state.guest.picture as StorePicture, PythonRecording.hostState(state));
    return this.last;
  }

  /** What the host holds, as state hashes have it. */
  static hostState(state: PythonState): HostState {
    return { python: hostBytes(state) };
  }
}

function fromHex(text: Hash): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, i) => Number.parseInt(text.slice(2 * i, 2 * i + 2), 16));
}

/** Fuel of the execution under way: the engine's part of a state has it, and with each step another one. */
function executionFuel({ execution }: StorePicture): number {
  return execution === null ? 0 : execution.fuelGranted - execution.fuelLeft;
}

/**
 * What the host holds for the guest, as bytes: files, clock, random numbers, output, the run. Equal for runs that have
 * used as much, however it was granted: neither the limit of a run is in it, nor the fuel of the execution under way, nor
 * results that have come and were not taken.
 */
function hostBytes({ guest, environment, run, ...rest }: PythonState): Uint8Array {
  const { hostCalls, files } = environment;
  const used = executionFuel(guest.picture);
  const { fuelUsed = 0 } = (run ?? {}) as { readonly fuelUsed?: number };
  const later = { ...hostCalls.later, replies: [] };
  const python = {
    ...rest,
    run: run === null ? null : { ...run, fuelLimit: 0, fuelGranted: 0, fuelUsed: fuelUsed - used },
    environment: {
      ...environment,
      files: { ...files, memory: { ...files.memory, nodes: encodedNodes(files.memory.nodes) } },
      hostCalls: { ...hostCalls, later },
    },
  };
  return encodeSessionState({
    python,
    guestFuelUsed: guest.fuelUsed - used,
    sessionFuelUsed: 0,
    callsBefore: 0,
    names: [],
  });
}

/** Files are the largest part, and lists of them the same ones until a program changes one. */
const encoded = new WeakMap<object, EncodedValue>();

function encodedNodes<T extends object>(nodes: T): T {
  const known = encoded.get(nodes) ?? new EncodedValue(encodeInOrder(nodes));
  encoded.set(nodes, known);
  // Encoded as what it is.
  return known as unknown as T;
}
