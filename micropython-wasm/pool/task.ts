// What crosses between the pool and its workers.
import type { MessagePort } from "node:worker_threads";
import { BootLimitError, SandboxUsageError } from "../guest/errors.js";
import { type Checks, check, isBytesOrText, type Resolved, recordOf, resolveOptions } from "../session/checks.js";
import { CHECKS } from "../session/sandbox-options.js";
import type { SandboxAnswer, SandboxOptions, SandboxResult } from "../session/sandbox-types.js";
import { Capability } from "../values/capability.js";
import { PythonObject, type PythonValue } from "../values/python-value.js";

const SENDABLE = [
  "fuel",
  "memory",
  "schedule",
  "seed",
  "maxHostCalls",
  "hostCallFuel",
  "maxValueBytes",
  "files",
  "mounts",
  "workBytes",
  "outputBytes",
  "onOutputLimit",
  "outputFuel",
  "timeout",
  "argv",
  "stdin",
  "clockStart",
  "pythonStackBytes",
  "heapBytes",
  "build",
] as const satisfies readonly (keyof SandboxOptions)[];

/** Options of a sandbox that can be sent to another thread: what is not a function. */
export type PoolSandboxOptions = Omit<Pick<SandboxOptions, (typeof SENDABLE)[number]>, "files" | "stdin"> & {
  readonly files?: Readonly<Record<string, Uint8Array | ArrayBuffer | string>> | undefined;
  readonly stdin?: Uint8Array | string | undefined;
};

const POOL_CHECKS: Checks<PoolSandboxOptions> = {
  ...(Object.fromEntries(SENDABLE.map((name) => [name, CHECKS[name]])) as Checks<PoolSandboxOptions>),
  files: recordOf("an object of texts and bytes", (file) => isBytesOrText(file) || file instanceof ArrayBuffer),
  stdin: check("text or a Uint8Array", isBytesOrText),
};

/** @throws SandboxUsageError */
export function poolSandboxSettings(options: PoolSandboxOptions = {}): Resolved<PoolSandboxOptions> {
  return resolveOptions(options, POOL_CHECKS);
}

/** What a worker gets when it starts. */
export interface PoolWorkerData {
  readonly artifact: Uint8Array | undefined;
}

type Functions = Pick<SandboxOptions, "functions" | "modules">;

/** Functions and modules of a worker's sandboxes, made in the worker. */
export type PoolSetup = (tenant: string) => Functions | Promise<Functions>;

/** What a run in a pool gives: the sandbox is gone when it is over, so its files come with the result. */
export type PoolResult = SandboxResult & {
  /** Content of the files that were asked for and are there, by their paths. */
  readonly files: Readonly<Record<string, Uint8Array>>;
  /** The whole sandbox, of a run that waits for host calls: what {@link SandboxPool.resume} goes on with, in any pool. */
  readonly snapshot?: Uint8Array;
};

/** How a run goes on that has paused. */
export interface PoolContinuation {
  readonly snapshot: Uint8Array;
  readonly answers: readonly SandboxAnswer[];
}

/** One run, as it is sent to a worker. */
export interface PoolTask {
  readonly code: string;
  readonly tenant: string;
  readonly options: PoolSandboxOptions;
  /** Files to come with the result. */
  readonly outputs: readonly string[];
  /** The module whose default export is a {@link PoolSetup}. */
  readonly setup: string | undefined;
  /** Whether it pauses at host calls. */
  readonly pausesAtCalls: boolean;
  /** In place of `code`. */
  readonly continuation: PoolContinuation | undefined;
  /** Any message on it aborts the run; the worker sends one when the run begins. */
  readonly abort: MessagePort;
}

/** What a worker answers: a result, or why there is none. A worker that rejects instead has died. */
export type PoolReply =
  | {
      readonly result: PoolResult;
      /** The instances of PythonObject in the value: a copy keeps identities, but not classes. */
      readonly objects: readonly object[];
    }
  | { readonly error: { readonly name: string; readonly kind: unknown; readonly message: string } };

export function packResult(result: PoolResult): PoolReply {
  const objects: object[] = [];
  const pack = (value: PythonValue): PythonValue => {
    // Has methods, which cannot be sent, and which nobody could call.
    const plain = value instanceof Capability ? new PythonObject("HostObject") : value;
    if (plain instanceof PythonObject) objects.push(plain);
    return plain;
  };
  const value = result.value === undefined ? undefined : mapValue(result.value, pack);
  return { result: { ...result, value }, objects };
}

/** @throws what the worker has caught */
export function unpackResult(reply: PoolReply): PoolResult {
  if ("error" in reply) throw errorOf(reply.error);
  const { result, objects } = reply;
  const opaque = new Set(objects);
  const unpack = (value: PythonValue): PythonValue =>
    isDict(value) && opaque.has(value) ? new PythonObject(String(value["pythonType"])) : value;
  const value = result.value === undefined ? undefined : mapValue(result.value, unpack);
  return { ...result, value };
}

/** A copy in which `leaf` replaces what is neither a container nor becomes one. */
function mapValue(value: PythonValue, leaf: (value: PythonValue) => PythonValue): PythonValue {
  const map = (item: PythonValue): PythonValue => {
    if (item instanceof Map) return new Map([...item].map(([key, of]) => [map(key), map(of)]));
    if (item instanceof Set) return new Set([...item].map(map));
    if (Array.isArray(item)) return item.map(map);
    const mapped = leaf(item);
    if (mapped instanceof PythonObject || !isDict(mapped)) return mapped;
    const dict = Object.create(null) as { [key: string]: PythonValue };
    for (const [key, of] of Object.entries(mapped)) dict[key] = map(of);
    return dict;
  };
  return map(value);
}

/** An error as a reply: copies of errors lose their class. */
export function packError(error: unknown): PoolReply {
  const { name, kind, message } = error instanceof Error ? (error as Error & { kind?: unknown }) : errorLike(error);
  return { error: { name, kind: typeof kind === "string" ? kind : undefined, message } };
}

function errorLike(thrown: unknown): { name: string; kind?: unknown; message: string } {
  return { name: "Error", message: String(thrown) };
}

function errorOf({ name, kind, message }: { name: string; kind: unknown; message: string }): Error {
  if (name === "BootLimitError" && (kind === "memory-limit" || kind === "stack")) {
    return new BootLimitError(kind, message);
  }
  return name === "SandboxUsageError" ? new SandboxUsageError(message) : Object.assign(new Error(message), { name });
}

function isDict(value: PythonValue | undefined): value is { [key: string]: PythonValue } {
  return typeof value === "object" && value !== null && !(value instanceof Uint8Array);
}
