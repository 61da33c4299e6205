// A run of a Python program from its receipt: made again with the host's results as the receipt has them, checked, or
// stopped at any fuel.

import {
  callsRoot,
  type Difference,
  firstDifference,
  type Hash,
  type HostState,
  moduleHash,
  type Receipt,
  type ReplayableRun,
} from "../../proof/index.js";
import type { FuelScheduleName, Module, StorePicture, Tier } from "../../runtime/index.js";
import { hostSha256 } from "../guest/engine-options.js";
import { SandboxUsageError } from "../guest/errors.js";
import type { PythonInterpreter, PythonResult, PythonState } from "../interpreter/interpreter.js";
import { type PythonFrame, tracebackFrames } from "../interpreter/python-error.js";
import { decodeSession } from "../interpreter/session-codec.js";
import type { PythonHostCall } from "../receipts/call-log.js";
import { digestOf, type PythonInputs, plainOptions, pythonReceipt } from "../receipts/python-receipt.js";
import { ReplayedObjects, replayValue } from "../receipts/recorded-value.js";
import { PythonRecording, type RecordingOptions } from "../receipts/recording.js";
import { loadSources } from "./byte-sources.js";
import { createPython } from "./create-python.js";
import { type PythonOptions, pythonSettings } from "./python-options.js";
import { pythonOfSession } from "./restore.js";
import { bootPython, STATE_READERS, sandboxModule } from "./sandbox-boot.js";
import { sandboxSettings } from "./sandbox-options.js";
import type { SandboxOptions } from "./sandbox-types.js";

/** What a receipt has hashes of only, and what it was made with. */
export interface ReplayGiven {
  /** The program. */
  readonly code: string | Uint8Array;
  readonly stdin?: Uint8Array | string | undefined;
  readonly files?: SandboxOptions["files"];
  readonly libraries?: SandboxOptions["libraries"];
  /** The interpreter, if it is not one of this package's own. */
  readonly artifact?: SandboxOptions["artifact"];
  readonly python?: SandboxOptions["python"];
  /** The session's snapshot from before the run, if there were runs before. */
  readonly session?: Uint8Array | undefined;
  readonly tier?: Tier | undefined;
}

/** Whether a receipt is one of a Python program. */
export function isPythonReceipt({ inputs }: Receipt): boolean {
  return typeof inputs["python"] === "string";
}

export class PythonReplay implements ReplayableRun<KeptReplay> {
  private result: PythonResult | undefined;

  private constructor(
    private readonly receipt: Receipt,
    private readonly given: ReplayGiven,
    /** Of the interpreter. */
    readonly module: Module,
    private readonly python: PythonInterpreter,
    private readonly recording: PythonRecording,
  ) {
    recording.python = python;
  }

  /**
   * The run at its beginning.
   * @throws SandboxUsageError if what is given is not what the receipt names
   */
  static async begin(receipt: Receipt, given: ReplayGiven, options: RecordingOptions = {}): Promise<PythonReplay> {
    if (!isPythonReceipt(receipt)) throw new SandboxUsageError("the receipt is not one of a Python program");
    requireGiven(receipt, given);
    const replay = receipt.hostCalls as readonly PythonHostCall[];
    const recording = new PythonRecording({ ...options, replay });
    const inputs = inputsOf(receipt);
    const { functions, modules, maxHostCalls } = inputs.options;
    const stand = recording.stand;
    const stands = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, stand]));
    const asked = {
      ...plainOptions(inputs.options),
      schedule: receipt.schedule as FuelScheduleName,
      ...(given.tier === undefined ? {} : { tier: given.tier }),
      functions: stands(functions),
      modules: Object.fromEntries(Object.entries(modules).map(([module, names]) => [module, stands(names)])),
      ...(given.stdin === undefined ? {} : { stdin: given.stdin }),
      ...(given.artifact === undefined ? {} : { artifact: given.artifact }),
      ...pythonOf(inputs, given),
    };
    const { module, python } = await interpreterOf(inputs, given, asked);
    if (moduleHash(module) !== receipt.artifact)
      throw new SandboxUsageError(`the run was one of another artifact, with the SHA-256 ${receipt.artifact}`);
    const { hostCalls } = python.environment;
    if (typeof maxHostCalls === "number") hostCalls.callLimit = hostCalls.callCount + maxHostCalls;
    const objects = new ReplayedObjects(() => undefined);
    const globals = Object.entries(inputs.globals).map(([name, value]) => [name, replayValue(value, objects)] as const);
    // They were handed over before the state that the receipt begins with.
    await python.setGlobals(Object.fromEntries(globals));
    return new PythonReplay(receipt, given, module, python, recording);
  }

  /** Runs on until it has been granted so much fuel in all, or is over. */
  async runTo(fuel: number): Promise<PythonResult> {
    const { python, recording, receipt } = this;
    const limit = Math.min(fuel, receipt.fuel.limit);
    if (this.result === undefined) {
      const { run } = inputsOf(receipt);
      this.result = await python.run(this.given.code, { ...run, fuel: limit, observer: recording });
    } else if (python.isPaused) {
      const more = limit - this.result.fuel.limit!;
      if (more > 0) this.result = await python.resume(more);
    }
    return this.result;
  }

  /** The run whole, and what a receipt of it says: compare with {@link differenceFrom}. */
  async whole(): Promise<Receipt | undefined> {
    const result = await this.runTo(this.receipt.fuel.limit);
    const { module, recording, given } = this;
    const { start: _, ...inputs } = inputsOf(this.receipt);
    const receipt = pythonReceipt(recording, result, { module, code: digestOf(given.code), inputs });
    const { hostCalls } = this.receipt;
    return receipt && { ...receipt, hostCalls, callsRoot: callsRoot(hostCalls, hostSha256()) };
  }

  /** Why the host calls of the run are not those of the receipt; null if they are, so far. */
  get callDifference(): string | null {
    return this.recording.replay?.difference ?? null;
  }

  get madeAllCalls(): boolean {
    return this.recording.replay?.isOver ?? false;
  }

  stateHash(): Hash {
    return this.recording.hash(this.python.checkpoint());
  }

  /** Fuel that the run has used. */
  get fuelUsed(): number {
    return this.result?.fuel.used ?? 0;
  }

  picture(): StorePicture {
    return this.python.checkpoint().guest.picture;
  }

  /** The state, and what the host holds in it: for the proof of a step. */
  wholeState(): { readonly picture: StorePicture; readonly host: HostState } {
    const state = this.python.checkpoint();
    return { picture: state.guest.picture, host: PythonRecording.hostState(state) };
  }

  /** Where the program stands, the innermost call last; empty if that is not known, or nothing is under way. */
  async where(): Promise<readonly PythonFrame[]> {
    const { python } = this;
    if (!python.isPaused) return [];
    const before = python.checkpoint();
    await python.abandon();
    const { interrupt } = python;
    python.rewind(before);
    return interrupt === null ? [] : tracebackFrames(interrupt);
  }

  snapshot(): KeptReplay | undefined {
    // What the host has under way cannot be kept.
    if (this.python.environment.hostCalls.isCalling) return undefined;
    return { state: this.python.checkpoint(), calls: this.recording.replay?.made ?? 0, result: this.result };
  }

  restore({ state, calls, result }: KeptReplay): void {
    this.python.rewind(state);
    this.result = result;
    this.recording.listen(calls);
  }
}

/** A replay between two slices, for others of the same. */
export interface KeptReplay {
  readonly state: PythonState;
  /** Calls that were made. */
  readonly calls: number;
  readonly result: PythonResult | undefined;
}

export function inputsOf({ inputs }: Receipt): PythonInputs {
  return inputs as unknown as PythonInputs;
}

function pythonOf({ python }: PythonInputs, given: ReplayGiven): Pick<SandboxOptions, "python"> {
  if (given.python !== undefined) return { python: given.python };
  return python === "cpython" && given.artifact === undefined ? { python: "cpython" } : {};
}

async function interpreterOf(
  { session }: PythonInputs,
  given: ReplayGiven,
  asked: object,
): Promise<{ module: Module; python: PythonInterpreter }> {
  if (!session) {
    const options = asked as PythonOptions;
    const module = await sandboxModule(await loadSources(pythonSettings(options)));
    return { module, python: await createPython(options) };
  }
  const { files, libraries } = given;
  const settings = await loadSources(sandboxSettings({ ...(asked as SandboxOptions), files, libraries }));
  const module = await sandboxModule(settings);
  if (given.session === undefined) return { module, python: await bootPython(module, settings) };
  const { session: before, before: earlier } = decodeSession(given.session, STATE_READERS);
  return { module, python: await pythonOfSession(module, settings, before, earlier) };
}

/** @throws SandboxUsageError if what is given has other hashes than the receipt */
function requireGiven(receipt: Receipt, { code, stdin = "", files = {}, libraries = {} }: ReplayGiven): void {
  const { options } = inputsOf(receipt);
  const check = (what: string, wanted: Hash | null | undefined, content: unknown) => {
    const found = typeof content === "string" || content instanceof Uint8Array ? digestOf(content) : undefined;
    if (found !== wanted)
      throw new SandboxUsageError(`${what} is not what the run was given, which has the SHA-256 ${wanted}`);
  };
  check("the program", receipt.code, code);
  check("stdin", options.stdin, stdin);
  for (const [name, hash] of Object.entries(options.files)) check(`the file ${name}`, hash, files[name]);
  for (const [name, hash] of Object.entries(options.libraries)) check(`the library ${name}`, hash, libraries[name]);
}

/**
 * Runs the program of a receipt again, with the host's results from there, and compares.
 * @returns what does not fit, in one line; null if everything does
 * @throws SandboxUsageError if what is given is not what the receipt names
 */
export async function verifyPythonReceipt(receipt: Receipt, given: ReplayGiven): Promise<string | null> {
  if (receipt.hostCalls.some((call) => (call as PythonHostCall).calledGuest))
    return "the host called functions of the program's: such a run cannot be made again";
  const { interval, states } = receipt.checkpoints;
  let number = 0;
  let wrong: string | null = null;
  const replay = await PythonReplay.begin(receipt, given, {
    interval,
    onCheckpoint: (fuel, state) => {
      if (state !== states[number++]) wrong ??= `checkpoint ${number}, at ${fuel} fuel, has another state`;
    },
  });
  const again = await replay.whole();
  const start = again?.inputs["start"];
  if (again !== undefined && start !== receipt.inputs["start"]) return "the state before the program is another one";
  if (wrong !== null) return replay.callDifference === null ? wrong : `${replay.callDifference}`;
  if (replay.callDifference !== null) return replay.callDifference;
  if (again === undefined) return "the run did not end as it says";
  if (number !== states.length) return `it has ${states.length} checkpoints, not ${number}`;
  if (!replay.madeAllCalls) return "it has host calls that are not made";
  const difference = firstDifference(receipt, again);
  return difference === null ? null : describeDifference(difference);
}

function describeDifference({ path, a, b }: Difference): string {
  return `${path.join(".")} is ${JSON.stringify(b)}, not ${JSON.stringify(a)}`;
}
