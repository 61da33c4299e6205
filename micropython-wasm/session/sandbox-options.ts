// What sandboxes are asked for, checked and with amounts as numbers.

import { FUEL_SCHEDULES, Module } from "../../runtime/index.js";
import { ARTIFACT_BUILDS } from "../emscripten/artifact-build.js";
import { SandboxUsageError } from "../guest/errors.js";
import type { HostCallAnswer, HostCallRequest } from "../host-calls/later-calls.js";
import { isByteSource, type Loaded } from "./byte-sources.js";
import {
  ABORT_SIGNAL,
  BOOLEAN,
  BYTES_COUNT,
  type Checks,
  COUNT,
  check,
  describe,
  FUNCTION,
  FUNCTIONS,
  isBytesOrText,
  isFunction,
  isRecord,
  MILLISECONDS,
  oneOf,
  POSITIVE,
  type Resolved,
  recordOf,
  resolveOptions,
} from "./checks.js";
import { MOUNTS } from "./mounts.js";
import type { SandboxAnswer, SandboxOptions, SandboxRunOptions } from "./sandbox-types.js";

/** The options of a session, with amounts as numbers and bytes for what leads to them. */
export type SandboxSettings = Loaded<Resolved<SandboxOptions>>;

const isPlace = (value: unknown): boolean => typeof value === "string" && value !== "";

export const CHECKS: Checks<SandboxOptions> = {
  fuel: COUNT,
  sessionFuel: COUNT,
  memory: BYTES_COUNT,
  schedule: oneOf(...Object.keys(FUEL_SCHEDULES)),
  tier: oneOf("interpreter", "compiler", "ahead-of-time"),
  seed: COUNT,
  functions: FUNCTIONS,
  modules: recordOf("an object of objects of functions", (members) => FUNCTIONS(members) === undefined),
  maxHostCalls: COUNT,
  hostCallFuel: COUNT,
  maxValueBytes: BYTES_COUNT,
  files: recordOf("an object of texts and bytes", (file) => typeof file === "string" || isByteSource(file)),
  mounts: MOUNTS,
  workBytes: BYTES_COUNT,
  outputBytes: BYTES_COUNT,
  onOutputLimit: oneOf("truncate", "stop"),
  outputFuel: check(
    "a number from 0 to 1,000,000",
    (value) => typeof value === "number" && value >= 0 && value <= 1_000_000,
  ),
  onStdout: FUNCTION,
  onStderr: FUNCTION,
  onFuelExhausted: oneOf("abandon", "pause"),
  timeout: MILLISECONDS,
  argv: check("an array of texts", (value) => Array.isArray(value) && value.every((arg) => typeof arg === "string")),
  stdin: check(
    "text, a Uint8Array or an async iterable of them",
    (value) => isBytesOrText(value) || (isRecord(value) && Symbol.asyncIterator in value),
  ),
  clock: check("an object with a function now", (value) => isRecord(value) && isFunction(value["now"])),
  clockStart: check("a bigint, in nanoseconds", (value) => typeof value === "bigint"),
  pythonStackBytes: BYTES_COUNT,
  heapBytes: BYTES_COUNT,
  artifact: check(
    "bytes, a path or URL, a Response, or a Module",
    (value) => isByteSource(value) || isPlace(value) || value instanceof Module,
  ),
  build: oneOf(...ARTIFACT_BUILDS),
  python: check(
    '"micropython", "cpython" or { module, library }',
    (value) =>
      value === "micropython" || value === "cpython" || (isRecord(value) && "module" in value && "library" in value),
  ),
  preload: check(
    "an array of texts",
    (value) => Array.isArray(value) && value.every((name) => typeof name === "string"),
  ),
  libraries: recordOf("an object of texts", (source) => typeof source === "string"),
  compat: check("a boolean", (value) => typeof value === "boolean"),
  image: check("bytes, a path or URL, or a Response", (value) => isByteSource(value) || isPlace(value)),
  eventLoop: check(
    "an object with functions now, macrotask and timer",
    (value) => isRecord(value) && ["now", "macrotask", "timer"].every((name) => isFunction(value[name])),
  ),
};

export const INPUTS = recordOf("an object of values by their names", () => true);

const RUN_CHECKS: Checks<SandboxRunOptions> = {
  fuel: CHECKS.fuel,
  timeout: CHECKS.timeout,
  signal: ABORT_SIGNAL,
  inputs: INPUTS,
  repr: COUNT,
  onProgress: FUNCTION,
  onHostCall: oneOf("call", "pause"),
  receipt: BOOLEAN,
  onCheckpoint: FUNCTION,
  checkpointFuel: POSITIVE,
};

/** @throws SandboxUsageError */
export function sandboxSettings(options: SandboxOptions): Resolved<SandboxOptions> {
  const settings = resolveOptions(options, CHECKS);
  requireArtifact(settings);
  return settings;
}

/** Options about the artifact that contradict each other. @throws SandboxUsageError */
export function requireArtifact({
  artifact,
  build,
  schedule,
  python,
}: Pick<SandboxOptions, "artifact" | "build" | "schedule" | "python">): void {
  if (python !== undefined && python !== "micropython" && (artifact !== undefined || build !== undefined))
    throw new SandboxUsageError("python names CPython: not together with artifact or build, which are MicroPython's");
  if (artifact !== undefined && build !== undefined)
    throw new SandboxUsageError("build names one of this package's own artifacts: not together with artifact");
  if (artifact instanceof Module && schedule !== undefined && artifact.engine.schedule.name !== schedule)
    throw new SandboxUsageError(`the artifact is compiled for schedule ${artifact.engine.schedule.name}`);
}

/** @throws SandboxUsageError */
export function runSettings(options: SandboxRunOptions): Resolved<SandboxRunOptions> {
  return resolveOptions(options, RUN_CHECKS);
}

/** The absolute path of a guest's file; a relative one is below /work. @throws SandboxUsageError if it is no text */
export function guestPath(path: unknown): string {
  if (typeof path !== "string") throw new SandboxUsageError(`a path is text, not ${describe(path)}`);
  return path.startsWith("/") ? path : `/work/${path}`;
}

/** @throws SandboxUsageError if the content of a file is neither text nor bytes */
export function checkContent(content: unknown): void {
  if (!isBytesOrText(content) && !(content instanceof ArrayBuffer))
    throw new SandboxUsageError(
      `the content of a file is text, a Uint8Array or an ArrayBuffer, not ${describe(content)}`,
    );
}

/**
 * The answers to the calls for which a run has paused, by their ids.
 * @throws SandboxUsageError
 */
export function answersOf(
  calls: readonly HostCallRequest[],
  given: SandboxAnswer | readonly SandboxAnswer[],
): (readonly [id: number, answer: HostCallAnswer])[] {
  const answers: readonly unknown[] = Array.isArray(given) ? given : [given];
  if (answers.length === 0) throw new SandboxUsageError("resume a run that waits for a host call with its answer");
  return answers.map((answer) => {
    if (!isRecord(answer) || "value" in answer === "error" in answer)
      throw new SandboxUsageError(`an answer is { value } or { error }, not ${describe(answer)}`);
    const id = answer["id"] ?? (calls.length === 1 ? calls[0]!.id : undefined);
    if (typeof id !== "number")
      throw new SandboxUsageError(`${calls.length} host calls wait: an answer names one of them by its id`);
    return [id, "error" in answer ? { error: answer["error"] } : { value: answer["value"] }] as const;
  });
}
