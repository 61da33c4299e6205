// A run of one module as receipts tell of it: linked, its calls made one behind the other on one budget, its states
// hashed on the way. It can be stopped at any fuel, and taken up from a snapshot.
import { decodeUtf8Strict, encodeUtf8 } from "../decoder/index.js";
import type { Instance } from "../runtime/embedding/instance.js";
import type { Linker } from "../runtime/embedding/linker.js";
import type { Module } from "../runtime/embedding/module.js";
import { Store } from "../runtime/embedding/store.js";
import { UsageError } from "../runtime/errors.js";
import { Execution } from "../runtime/interpreter/execution.js";
import type { RunResult } from "../runtime/interpreter/thread.js";
import type { StoreLimits } from "../runtime/limits.js";
import { hashOf } from "../runtime/module-hash.js";
import { hex } from "../runtime/sha256.js";
import { SnapshotBase } from "../runtime/snapshot/base.js";
import { captureStore } from "../runtime/snapshot/capture.js";
import { decodeSnapshot, encodeSnapshot } from "../runtime/snapshot/format.js";
import type { StorePicture } from "../runtime/snapshot/picture.js";
import { restoreStore } from "../runtime/snapshot/restore.js";
import type { Value } from "../runtime/store/convert.js";
import type { FuncInst } from "../runtime/store/func.js";
import type { MemoryInst } from "../runtime/store/memory.js";
import type { PictureManner } from "../runtime/store/memory-picture.js";
import { callsRoot } from "./call-log.js";
import { isSavedRecording, type LedgerState, type SavedRecording } from "./checkpoint-ledger.js";
import { RecordingLinker } from "./host-log.js";
import type { HashTools } from "./merkle.js";
import { type Hash, type HostCall, RECEIPT_FORMAT, type Receipt } from "./receipt.js";
import { Recorder, type RecorderOptions } from "./recorder.js";
import type { ReplayableRun } from "./run-party.js";
import { type HostState, programHash, StateHasher } from "./state-hash.js";

/** What the host holds for the module. */
export interface HostWorld {
  /** Defines the functions that the module imports. */
  define(linker: Linker): void;
  /** An execution that used so much fuel is over. */
  passed?(fuel: number): void;
  /** All that the host holds, for state hashes and snapshots. */
  save?(): HostState;
  restore?(state: HostState): void;
  /** Hashes of what the run has put out. */
  outputs?(): Readonly<Record<string, Hash>>;
}

/** A call that the run makes: of the start function, or of an export. */
export interface RunCall {
  readonly func: FuncInst;
  readonly args: readonly Value[];
}

export interface ModuleRunOptions {
  readonly module: Module;
  readonly limits?: Partial<StoreLimits>;
  readonly world?: HostWorld;
  /** The calls behind that of the start function. */
  readonly calls: (instance: Instance) => readonly RunCall[];
  /** Budget of the whole run. */
  readonly fuel: number;
  /** What the receipt says of what the run is given. */
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly hashResults?: boolean;
  readonly tools?: HashTools;
}

/** How a run ended: with the result of its last call; "paused" if the budget did not reach further. */
export interface RunEnd {
  readonly result: RunResult | null;
  readonly func: FuncInst | null;
}

/** A run between two instructions, which others of the same can go on from. */
export interface KeptRun {
  readonly picture: StorePicture;
  readonly call: number;
  readonly fuelBefore: number;
  readonly host: HostState;
  /** Calls of the host's that were made. */
  readonly hostCalls: number;
}

/** The names of parts of a snapshot that the run itself adds. */
const PROGRESS = "run";
const HOST = "host ";
const RECORDING = "recording";
const NO_CHECKPOINTS = { interval: 2 ** 52, doubles: false };

export class ModuleRun implements ReplayableRun<Uint8Array> {
  readonly store: Store;
  readonly instance: Instance;
  readonly linker: RecordingLinker;
  /** What the embedder is told of each execution before it is run. */
  private readonly calls: readonly RunCall[];
  private readonly hasher: StateHasher;
  private readonly base: SnapshotBase;
  private readonly prepared: number;
  private recorder: Recorder;
  /** Where the ledger goes on: of a run that was taken up with its recording. */
  private ledger: LedgerState | undefined;
  private lastState: Hash | undefined;
  /** Number of the call that is under way, and its execution. */
  private call = 0;
  private execution: Execution | null = null;

  /** Links the module; active segments are copied, nothing is run. @throws as Linker.prepare */
  constructor(readonly options: ModuleRunOptions) {
    const { module, world, tools = {} } = options;
    this.store = new Store(module.engine, { limits: options.limits ?? {} });
    this.recorder = this.recording({});
    this.linker = new RecordingLinker(module.engine, {
      sha256: tools.sha256,
      hashResults: options.hashResults,
      fuelBefore: () => this.recorder.fuelBefore,
    });
    world?.define(this.linker);
    const { instance, start, fuel } = this.linker.prepare(this.store, module);
    this.instance = instance;
    this.prepared = fuel;
    this.calls = [...(start === undefined ? [] : [{ func: start, args: [] }]), ...options.calls(instance)];
    this.hasher = new StateHasher(tools);
    this.base = SnapshotBase.of(this.subject);
    this.recorder.fuelBefore = fuel;
  }

  private get subject() {
    return { store: this.store, instances: [this.instance] };
  }

  private recording(options: Partial<RecorderOptions>): Recorder {
    const hashState = (execution: Execution | null) => {
      this.lastState = this.hashOf(this.picture(execution, "passing"));
      return this.lastState;
    };
    const state = options === NO_CHECKPOINTS ? undefined : this.ledger;
    this.ledger = undefined;
    return new Recorder({ hashState, work: () => this.hasher.work, state, ...options });
  }

  /** What the host holds now. */
  hostState(): HostState {
    return this.options.world?.save?.() ?? {};
  }

  /** The state, and what the host holds in it: for the proof of a step. */
  wholeState(): { readonly picture: StorePicture; readonly host: HostState } {
    return { picture: this.picture(), host: this.hostState() };
  }

  /** The state as it is. */
  picture(execution: Execution | null = this.execution, manner?: PictureManner): StorePicture {
    return captureStore(this.subject, { execution, base: this.base, manner });
  }

  protected hashOf(picture: StorePicture): Hash {
    return this.hasher.hash(picture, this.hostState());
  }
  /** Hash of the state as it is. */
  stateHash(): Hash {
    return this.hashOf(this.picture(this.execution, "passing"));
  }

  /** Fuel that the run has used. */
  get fuelUsed(): number {
    return this.recorder.fuelBefore + (this.execution?.fuelUsed ?? 0);
  }

  /** Makes the run's calls, from where it stands, until the last has ended or the budget does not reach further. */
  async run(options: Partial<RecorderOptions> = {}, fuel = this.options.fuel): Promise<RunEnd> {
    const { fuelBefore } = this.recorder;
    this.recorder = this.recording(options);
    this.recorder.fuelBefore = fuelBefore;
    let result: RunResult | null = null;
    let func: FuncInst | null = null;
    if (this.prepared > fuel) return { result: { status: "paused", reason: "fuel" }, func };
    if (options !== NO_CHECKPOINTS && this.call === 0 && this.execution === null) this.recorder.begin();
    for (; this.call < this.calls.length; this.call++) {
      const { args } = this.calls[this.call]!;
      func = this.calls[this.call]!.func;
      this.execution ??= new Execution(this.store).start(func, args);
      const { execution } = this;
      result = await this.recorder.run(execution, fuel);
      if (result.status === "paused") return { result, func };
      this.execution = null;
      this.options.world?.passed?.(execution.fuelUsed);
      if (result.status !== "done") {
        this.call = this.calls.length;
        return { result, func };
      }
    }
    return { result, func };
  }

  /** As {@link run}, without checkpoints on the way. */
  runTo(fuel: number): Promise<RunEnd> {
    return this.run(NO_CHECKPOINTS, fuel);
  }

  /** The receipt of a run that has ended. */
  receipt(end: { readonly status: string; readonly value: unknown }): Receipt {
    const { module, world, inputs = {}, fuel, tools: { sha256 } = {} } = this.options;
    return {
      format: RECEIPT_FORMAT,
      artifact: hex(hashOf(module.decoded)),
      program: programHash(module, sha256),
      code: null,
      schedule: module.engine.schedule.name,
      limits: { ...this.store.limits },
      inputs,
      hostCalls: this.linker.calls,
      callsRoot: callsRoot(this.linker.calls, sha256),
      outputs: world?.outputs?.() ?? {},
      ...end,
      fuel: { limit: fuel, used: this.fuelUsed },
      checkpoints: this.recorder.checkpoints,
      final: this.stateHash(),
    };
  }

  get checkpoints() {
    return this.recorder.checkpoints;
  }

  /** The execution that is under way; null between calls, and at the end. */
  get underWay(): Execution | null {
    return this.execution;
  }

  /** The instance's memories, imported ones first. */
  get memories(): readonly MemoryInst[] {
    return this.instance.memories;
  }

  // ---- Snapshots ----

  /** The run as it is, for others of the same in this process: cheaper than {@link snapshot}. */
  keep(): KeptRun {
    const { call, linker } = this;
    const host = this.hostState();
    return {
      picture: this.picture(),
      call,
      fuelBefore: this.recorder.fuelBefore,
      host,
      hostCalls: linker.calls.length,
    };
  }

  /** Goes on from there. */
  takeUp({ picture, call, fuelBefore, host, hostCalls }: KeptRun): void {
    this.execution = restoreStore(picture, this.subject);
    this.call = call;
    this.recorder.fuelBefore = fuelBefore;
    this.linker.calls.length = Math.min(hostCalls, this.linker.calls.length);
    if (Object.keys(host).length > 0) this.options.world?.restore?.(host);
  }

  /** The run as bytes: the state, and how far it is. */
  snapshot(): Uint8Array {
    return this.encode({});
  }

  /**
   * The run with its recording: {@link goOn} takes it up in another process, and the receipt there is the one that would
   * have been written here. To be called from `onTaken`.
   */
  recordingSnapshot(): Uint8Array {
    const recording: ModuleRecording = {
      ledger: this.recorder.state,
      work: this.hasher.work,
      hostCalls: this.linker.calls,
      // Hashing it once more would be work that the run without snapshots does not have.
      state: this.lastState!,
    };
    return this.encode({ [RECORDING]: encodeUtf8(JSON.stringify(recording)) });
  }

  /**
   * Takes up a run with its recording: {@link run} then goes on with both.
   * @throws SnapshotError; UsageError if it is not one of such a run, or its state not the one that it says
   */
  goOn(bytes: Uint8Array): void {
    const attachments = this.restore(bytes);
    const recording = parse(attachments[RECORDING]);
    if (!isModuleRecording(recording) || this.stateHash() !== recording.state)
      throw new UsageError("the snapshot is not one of such a run with its recording");
    this.hasher.goOnFrom(recording.work);
    this.ledger = recording.ledger;
    this.linker.calls.push(...recording.hostCalls);
  }

  private encode(own: Readonly<Record<string, Uint8Array>>): Uint8Array {
    const attachments: Record<string, Uint8Array> = {
      ...own,
      [PROGRESS]: encodeUtf8(JSON.stringify([this.call, this.recorder.fuelBefore])),
    };
    for (const [name, bytes] of Object.entries(this.hostState())) attachments[HOST + name] = bytes;
    const { tools: { sha256 } = {} } = this.options;
    return encodeSnapshot(this.picture(), {
      attachments,
      compress: false,
      ...(sha256 === undefined ? {} : { sha256 }),
    });
  }

  /** Takes up a run from a snapshot, which may be anybody's: compare {@link stateHash}. @throws SnapshotError, UsageError */
  restore(bytes: Uint8Array): Readonly<Record<string, Uint8Array>> {
    const { tools: { sha256 } = {}, world } = this.options;
    const { picture, attachments } = decodeSnapshot(bytes, sha256 === undefined ? {} : { sha256 });
    const progress = parse(attachments[PROGRESS]);
    const fits = Array.isArray(progress) && progress.every((n) => Number.isSafeInteger(n) && n >= 0);
    if (!fits || progress[0] > this.calls.length) throw new UsageError("the snapshot is not one of such a run");
    this.execution = restoreStore(picture, this.subject);
    [this.call, this.recorder.fuelBefore] = progress as [number, number];
    const host: Record<string, Uint8Array> = {};
    for (const [name, content] of Object.entries(attachments)) {
      if (name.startsWith(HOST)) host[name.slice(HOST.length)] = content;
    }
    world?.restore?.(host);
    return attachments;
  }
}

/** What a run has recorded so far. */
interface ModuleRecording extends SavedRecording {
  readonly hostCalls: readonly HostCall[];
}

function isModuleRecording(value: unknown): value is ModuleRecording {
  return isSavedRecording(value) && Array.isArray((value as unknown as Record<string, unknown>)["hostCalls"]);
}

/** JSON of an attachment, null if it is none. */
function parse(bytes: Uint8Array | undefined): unknown {
  try {
    return JSON.parse(String(decodeUtf8Strict(bytes ?? new Uint8Array(0)) || "null"));
  } catch {
    return null;
  }
}
