// What a receipt says of a Python program's run: what it was given, and what came of it.

import { encodeUtf8 } from "../../decoder/index.js";
import {
  callsRoot,
  type Hash,
  hex,
  moduleHash,
  programHash,
  RECEIPT_FORMAT,
  type Receipt,
  sha256,
} from "../../proof/index.js";
import type { Module } from "../../runtime/index.js";
import { hostSha256 } from "../guest/engine-options.js";
import { SandboxUsageError } from "../guest/errors.js";
import type { PythonResult } from "../interpreter/interpreter.js";
import { ObjectNumbers, recordValue } from "./recorded-value.js";
import type { PythonRecording } from "./recording.js";

/** Options that a receipt has as they are. */
const PLAIN = [
  ...(["seed", "clockStart", "memory", "hostCallFuel", "maxValueBytes", "workBytes", "outputBytes"] as const),
  ...(["onOutputLimit", "outputFuel", "pythonStackBytes", "heapBytes", "compat", "build", "preload"] as const),
  ...(["argv", "stackSlots", "frames", "maxHostCalls"] as const),
] as const;

/** What the host gave the interpreter, as far as a run depends on it. */
export interface GivenOptions {
  readonly [name: string]: unknown;
  readonly stdin?: unknown;
  readonly clock?: unknown;
  readonly mounts?: object | undefined;
  readonly files?: Readonly<Record<string, Uint8Array | string>> | undefined;
  readonly libraries?: Readonly<Record<string, string>> | undefined;
  readonly functions?: Readonly<Record<string, unknown>> | undefined;
  readonly modules?: Readonly<Record<string, Readonly<Record<string, unknown>>>> | undefined;
}

/** The options as a receipt has them: what is long by its hash, functions by their names. */
export interface RecordedOptions {
  readonly [name: string]: unknown;
  readonly files: Readonly<Record<string, Hash>>;
  readonly libraries: Readonly<Record<string, Hash>>;
  /** Of standard input. */
  readonly stdin: Hash;
  readonly functions: readonly string[];
  readonly modules: Readonly<Record<string, readonly string[]>>;
}

/** `inputs` of a Python receipt. */
export interface PythonInputs {
  readonly python: "emscripten" | "wasi" | "cpython";
  /** Whether a Sandbox ran it, or a lone interpreter (createPython). */
  readonly session: boolean;
  /** State hash before the program: also of what runs before it have left in its session. */
  readonly start: Hash;
  readonly options: RecordedOptions;
  /** Globals that the program began with. */
  readonly globals: Readonly<Record<string, unknown>>;
  readonly run: { readonly value: boolean; readonly repr: number };
}

export const digestOf = (content: Uint8Array | string): Hash =>
  hex((hostSha256() ?? sha256)(typeof content === "string" ? encodeUtf8(content) : content));

/** @throws SandboxUsageError for what cannot be given again */
export function recordOptions(options: GivenOptions): RecordedOptions {
  const { stdin = "", clock, mounts, files = {}, libraries = {}, functions = {}, modules = {} } = options;
  if (clock !== undefined) throw new SandboxUsageError("a receipt is of a run that others can make: leave clock out");
  if (mounts !== undefined && Object.keys(mounts).length > 0)
    throw new SandboxUsageError("a receipt is of a run that others can make: leave mounts out, and give files");
  if (typeof stdin !== "string" && !(stdin instanceof Uint8Array))
    throw new SandboxUsageError("a receipt is of a run that others can make: give stdin as text or bytes");
  const plain = PLAIN.filter((name) => options[name] !== undefined).map((name) => [name, options[name]] as const);
  return {
    ...(JSON.parse(
      JSON.stringify(Object.fromEntries(plain), (_, x) => (typeof x === "bigint" ? `${x}n` : x)),
    ) as object),
    files: mapped(files, digestOf),
    libraries: mapped(libraries, digestOf),
    stdin: digestOf(stdin),
    functions: Object.keys(functions),
    modules: mapped(modules, (members) => Object.keys(members)),
  };
}

/** The plain ones, as an interpreter takes them. */
export function plainOptions(recorded: RecordedOptions): Readonly<Record<string, unknown>> {
  const plain = PLAIN.filter((name) => recorded[name] !== undefined).map((name) => [name, recorded[name]] as const);
  const value = (x: unknown) => (typeof x === "string" && /^\d+n$/.test(x) ? BigInt(x.slice(0, -1)) : x);
  return Object.fromEntries(plain.map(([name, x]) => [name, name === "clockStart" ? value(x) : x]));
}

export function recordGlobals(inputs: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> {
  const objects = new ObjectNumbers();
  return mapped(inputs, (value) => recordValue(value, objects));
}

function mapped<T, U>(record: Readonly<Record<string, T>>, map: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]));
}

export interface ReceiptParts {
  readonly module: Module;
  /** Of the program. */
  readonly code: Hash;
  readonly inputs: Omit<PythonInputs, "start">;
}

/** Undefined for a run that was stopped from outside: nobody can stop it there again. */
export function pythonReceipt(
  recording: PythonRecording,
  result: PythonResult,
  { module, code, inputs }: ReceiptParts,
): Receipt | undefined {
  const { fuel, memory } = result;
  const end = endOf(result);
  if (end === undefined || fuel.limit === null) return undefined;
  return {
    format: RECEIPT_FORMAT,
    artifact: moduleHash(module),
    program: programHash(module, hostSha256()),
    code,
    schedule: fuel.schedule,
    limits: { memoryBytes: memory.limitBytes },
    inputs: { ...inputs, start: recording.start! },
    hostCalls: recording.calls,
    callsRoot: callsRoot(recording.calls, hostSha256()),
    outputs: recording.outputs,
    ...end,
    fuel: { limit: fuel.limit, used: fuel.used },
    checkpoints: recording.checkpoints,
    final: recording.final!,
  };
}

/** How the run ended, in the words that receipts of modules have, too. */
function endOf({ error, value, exitStatus }: PythonResult): Pick<Receipt, "status" | "value"> | undefined {
  if (exitStatus !== null) return { status: "exited", value: exitStatus };
  if (error === null) return { status: "done", value: recordValue(value, new ObjectNumbers()) };
  const { kind, type, message, traceback } = error;
  switch (kind) {
    case "fuel":
      return { status: "out-of-fuel", value: null };
    case "exception":
      return { status: "threw", value: { type, message, traceback } };
    case "trap":
    case "host":
      return { status: "trapped", value: message };
    case "stopped":
    case "host-call":
      return undefined;
    default:
      return { status: "failed", value: { kind, type, message } };
  }
}
