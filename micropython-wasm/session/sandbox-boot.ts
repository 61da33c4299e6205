// Interpreters for sandboxes, whichever artifact they run.

import { encodeUtf8 } from "../../decoder/index.js";
import { type FuelScheduleName, Module, type Tier } from "../../runtime/index.js";
import { compatible } from "../compat/index.js";
import { cpythonModule } from "../cpython/artifact.js";
import { CPYTHON_MEMORY_BYTES } from "../cpython/python.js";
import { CPYTHON } from "../cpython/support.js";
import type { ArtifactBuild } from "../emscripten/artifact-build.js";
import { defaultModule } from "../emscripten/default-artifact.js";
import { bootedImage, EMSCRIPTEN } from "../emscripten/support.js";
import { type ArtifactKind, artifactKind } from "../guest/artifact-kind.js";
import { DEFAULT_MEMORY_LIMIT_BYTES, type EngineLimits } from "../guest/engine.js";
import { FileSystemError } from "../guest/errno.js";
import { SandboxUsageError } from "../guest/errors.js";
import {
  type ArtifactSupport,
  type BootOptions,
  enterWorld,
  type InterpreterRequest,
  type WorldOptions,
} from "../interpreter/artifact-support.js";
import type { PythonInterpreter, PythonState } from "../interpreter/interpreter.js";
import type { StateReaders } from "../interpreter/session-state.js";
import { WASI } from "../wasi/support.js";
import type { Environment } from "../world/environment.js";
import { loadSources } from "./byte-sources.js";
import { resolveOptions } from "./checks.js";
import { compiledArtifact } from "./compiled-artifact.js";
import { CHECKS, requireArtifact, type SandboxSettings } from "./sandbox-options.js";
import type { SandboxOptions } from "./sandbox-types.js";

const DEFAULT_WORK_BYTES = 16 * 1024 * 1024;

/** The artifact that the options name, compiled. */
export async function sandboxModule(options: {
  readonly artifact?: Uint8Array | Module | undefined;
  readonly build?: ArtifactBuild | undefined;
  readonly schedule?: FuelScheduleName | undefined;
  readonly tier?: Tier | undefined;
  readonly python?: SandboxSettings["python"];
  readonly preload?: readonly string[] | undefined;
  readonly maxValueBytes?: number | undefined;
}): Promise<Module> {
  const { artifact, schedule, build, tier, python } = options;
  if (python !== undefined && python !== "micropython") return cpythonModule(python, schedule, tier, options);
  if (artifact === undefined) return defaultModule(schedule, build, tier);
  const module = artifact instanceof Module ? artifact : compiledArtifact(artifact, schedule, tier);
  requireArtifactKind(module);
  return module;
}

/**
 * A booted interpreter as bytes, for {@link SandboxOptions.image}: for artifacts that are not this package's own, and
 * where there are no files. About 300 KB; compresses well.
 * @throws SandboxUsageError for WASI builds, whose boot is short
 */
export async function prebootedImage(options: ImageOptions = {}): Promise<Uint8Array> {
  const { artifact, build, schedule, pythonStackBytes, maxValueBytes } = CHECKS;
  const given = resolveOptions(options, { artifact, build, schedule, pythonStackBytes, maxValueBytes });
  requireArtifact(given);
  const settings = await loadSources(given);
  const module = await sandboxModule(settings);
  if (requireArtifactKind(module) !== "emscripten") throw new SandboxUsageError("WASI builds have no image");
  return bootedImage(module, settings);
}

export type ImageOptions = Pick<
  SandboxOptions,
  "artifact" | "build" | "schedule" | "pythonStackBytes" | "maxValueBytes"
>;

type WorldSettings = Pick<
  SandboxSettings,
  | "seed"
  | "clock"
  | "clockStart"
  | "stdin"
  | "outputBytes"
  | "onOutputLimit"
  | "outputFuel"
  | "onStdout"
  | "onStderr"
  | "maxValueBytes"
  | "functions"
  | "modules"
  | "compat"
> & { readonly mounts?: SandboxSettings["mounts"] };

/** The world that the options ask for, but for files. */
export function worldOf(options: WorldSettings): WorldOptions {
  const { outputBytes, onOutputLimit, outputFuel, stdin } = options;
  const output = { limitBytes: outputBytes, overflow: onOutputLimit, fuelPerByte: outputFuel };
  return {
    seed: options.seed,
    clock: options.clock,
    clockStart: options.clockStart,
    stdin: typeof stdin === "string" ? encodeUtf8(stdin) : stdin,
    stdout: { ...output, onData: options.onStdout },
    stderr: { ...output, onData: options.onStderr },
    maxValueBytes: options.maxValueBytes,
    compat: options.compat ?? true,
    files: { mounts: options.mounts },
    functions: options.functions,
    modules: options.modules,
  };
}

/** How snapshots of sessions are read, on whichever artifact. */
export const STATE_READERS: StateReaders = {
  emscripten: EMSCRIPTEN.readState,
  wasi: WASI.readState,
  cpython: CPYTHON.readState,
};

const ARTIFACTS: Readonly<Record<ArtifactKind, ArtifactSupport>> = {
  emscripten: EMSCRIPTEN,
  wasi: WASI,
  cpython: CPYTHON,
};

/** An interpreter whose variables and files are its own. @throws SandboxUsageError; BootLimitError */
export function bootInterpreter(module: Module, world: WorldOptions, limits: EngineLimits): Promise<PythonInterpreter> {
  return supportOf(module, world).boot(module, world, limits);
}

/** @throws SandboxUsageError */
function requireArtifactKind(module: Module): ArtifactKind {
  const kind = artifactKind(module);
  if (kind === undefined)
    throw new SandboxUsageError(
      "the artifact is no build of MicroPython: neither its JavaScript build, with mp_js_init, nor a WASI command",
    );
  return kind;
}

/** @throws SandboxUsageError for an artifact that is none, and for modules to preload of one that has no images of them */
function supportOf(module: Module, { preload }: Pick<BootOptions, "preload">): ArtifactSupport {
  const kind = requireArtifactKind(module);
  if (preload !== undefined && kind !== "cpython")
    throw new SandboxUsageError('preload is for CPython: give python: "cpython" with it');
  return ARTIFACTS[kind];
}

function requestOf(module: Module, options: SandboxSettings): InterpreterRequest {
  const usual = artifactKind(module) === "cpython" ? CPYTHON_MEMORY_BYTES : DEFAULT_MEMORY_LIMIT_BYTES;
  return { module, options, world: worldOf(options), memoryLimitBytes: options.memory ?? usual };
}

/** An interpreter that begins with a given state: functions are there, but not announced to the guest. */
export async function pythonFrom(
  module: Module,
  options: SandboxSettings,
  state: PythonState,
  check?: (environment: Environment) => void,
): Promise<PythonInterpreter> {
  const python = await supportOf(module, options).restore(requestOf(module, options), state, check);
  python.environment.hostCalls.callFuel = options.hostCallFuel ?? 0;
  return python;
}

/** A new interpreter with everything that the options ask for. */
export async function bootPython(module: Module, options: SandboxSettings): Promise<PythonInterpreter> {
  const request = requestOf(module, options);
  const python = await pythonFrom(module, options, await supportOf(module, options).booted(request));
  const { files } = python.environment;
  await enterWorld(python, { ...request.world, argv: options.argv });
  for (const [name, source] of Object.entries(options.libraries ?? {})) await addLibrary(python, name, source, options);
  files.setReadOnly("/lib", true);
  for (const path of ["/input", ...(options.mounts ?? []).map((mount) => mount.path)]) files.mkdirs(path);
  files.maxBytes = Number.MAX_SAFE_INTEGER;
  for (const [path, content] of Object.entries(options.files ?? {})) addInput(python, path, content);
  files.setReadOnly("/input", true);
  mountFolders(python);
  setQuota(python, options);
  return python;
}

/** Mounts the folders that are not mounted yet. @throws SandboxUsageError where something else is */
export function mountFolders({ environment: { files } }: PythonInterpreter): void {
  try {
    files.mountAll();
  } catch (cause) {
    if (!(cause instanceof FileSystemError)) throw cause;
    throw new SandboxUsageError(
      `mounts: ${cause.message}, and a folder is mounted where there is none, or an empty one`,
      {
        cause,
      },
    );
  }
}

/** Sets how much the guest may write: files that it cannot change do not count. */
export function setQuota({ environment: { files } }: PythonInterpreter, { workBytes }: SandboxSettings): void {
  files.maxBytes = files.readOnlyBytes + (workBytes ?? DEFAULT_WORK_BYTES);
}

/** Announces the functions among the options that the guest does not know yet. */
export async function registerNewFunctions(
  python: PythonInterpreter,
  options: SandboxSettings,
  known: readonly string[],
): Promise<void> {
  const names = new Set(known);
  const unknown = <T>(record: Readonly<Record<string, T>> = {}, prefix = ""): Record<string, T> =>
    Object.fromEntries(Object.entries(record).filter(([name]) => !names.has(prefix + name)));
  const functions = unknown(options.functions);
  const modules = Object.entries(options.modules ?? {}).filter(
    ([module, members]) => Object.keys(unknown(members, `${module}.`)).length > 0,
  );
  const { files } = python.environment;
  files.setReadOnly("/lib", false);
  await python.registerFunctions({ functions, modules: Object.fromEntries(modules) });
  files.setReadOnly("/lib", true);
}

/** A module of the embedder's, or a module of a package of its own. */
async function addLibrary(
  { environment: { files } }: PythonInterpreter,
  name: string,
  source: string,
  { compat = true }: Pick<SandboxOptions, "compat">,
): Promise<void> {
  if (!/^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*$/.test(name))
    throw new SandboxUsageError(`libraries: not the name of a Python module: ${JSON.stringify(name)}`);
  const path = `/lib/${name.replaceAll(".", "/")}.py`;
  files.mkdirs(path.slice(0, path.lastIndexOf("/")));
  files.writeFile(path, encodeUtf8(compat ? (await compatible(source)).source : source));
}

function addInput({ environment: { files } }: PythonInterpreter, path: string, content: Uint8Array | string): void {
  const parts = path.split("/");
  if (parts.some((part) => part === "" || part === "." || part === ".." || part.includes("\0")))
    throw new SandboxUsageError(`not a path below /input: ${path}`);
  files.mkdirs(`/input/${parts.slice(0, -1).join("/")}`);
  files.writeFile(`/input/${path}`, typeof content === "string" ? encodeUtf8(content) : content);
}
