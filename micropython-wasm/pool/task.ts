// What crosses between the pool and its workers.
import type { MessagePort } from "node:worker_threads";
import { BootLimitError, SandboxUsageError } from "../errors.js";
import { PythonObject, type PythonValue } from "../python-value.js";
import type { SandboxOptions, SandboxResult } from "../sandbox-types.js";

/** Options of a sandbox that can be sent to another thread: what is not a function. */
export type PoolSandboxOptions = Pick<
  SandboxOptions,
  | "fuel"
  | "memory"
  | "schedule"
  | "seed"
  | "maxHostCalls"
  | "hostCallFuel"
  | "maxValueBytes"
  | "files"
  | "workBytes"
  | "outputBytes"
  | "onOutputLimit"
  | "outputFuel"
  | "timeout"
  | "argv"
  | "stdin"
  | "clockStart"
  | "pythonStackBytes"
>;

/** Functions and modules of a worker's sandboxes, made in the worker. */
export type PoolSetup = (
  tenant: string,
) => Pick<SandboxOptions, "functions" | "modules"> | Promise<Pick<SandboxOptions, "functions" | "modules">>;

/** One run, as it is sent to a worker. */
export interface PoolTask {
  readonly code: string;
  readonly tenant: string;
  readonly options: PoolSandboxOptions;
  /** The module whose default export is a {@link PoolSetup}. */
  readonly setup: string | undefined;
  /** Any message on it aborts the run. */
  readonly abort: MessagePort;
}

/** What a worker answers: a result, or why there is none. A worker that rejects instead has died. */
export type PoolReply =
  | {
      readonly result: SandboxResult;
      /** The instances of PythonObject in the value: a copy keeps identities, but not classes. */
      readonly objects: readonly object[];
    }
  | { readonly error: { readonly name: string; readonly kind: unknown; readonly message: string } };

export function packResult(result: SandboxResult): PoolReply {
  const objects: object[] = [];
  const find = (value: PythonValue | undefined): void => {
    if (value instanceof PythonObject) objects.push(value);
    else if (value instanceof Map) for (const pair of value) pair.forEach(find);
    else if (value instanceof Set || Array.isArray(value)) value.forEach(find);
    else if (isDict(value)) Object.values(value).forEach(find);
  };
  find(result.value);
  return { result, objects };
}

/** @throws what the worker has caught */
export function unpackResult(reply: PoolReply): SandboxResult {
  if ("error" in reply) throw errorOf(reply.error);
  const { result, objects } = reply;
  const opaque = new Set(objects);
  const revive = (value: PythonValue): PythonValue => {
    if (value instanceof Map) return new Map([...value].map(([key, item]) => [revive(key), revive(item)]));
    if (value instanceof Set) return new Set([...value].map(revive));
    if (Array.isArray(value)) return value.map(revive);
    if (!isDict(value)) return value;
    if (opaque.has(value)) return new PythonObject(String(value["pythonType"]));
    const dict = Object.create(null) as { [key: string]: PythonValue };
    for (const [key, item] of Object.entries(value)) dict[key] = revive(item);
    return dict;
  };
  return { ...result, value: result.value === undefined ? undefined : revive(result.value) };
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
