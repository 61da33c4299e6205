// How sessions get interpreters, for each kind of artifact: see ARTIFACTS of sandbox-boot.ts.

import type { Module } from "../../runtime/index.js";
import type { EngineLimits } from "../guest/engine.js";
import type { Environment, EnvironmentOptions } from "../world/environment.js";
import type { HostCallables } from "../world/host-callables.js";
import type { PythonInterpreter, PythonState } from "./interpreter.js";
import type { StateReader } from "./session-state.js";

/** What an interpreter and its world are made with. */
export interface WorldOptions extends EnvironmentOptions, HostCallables {
  /**
   * Python's heap at the start, in bytes. Default artifact: 128 KiB, and it grows by itself. WASI build: it never
   * grows; 8 MiB, less if the memory limit is near that.
   */
  readonly heapBytes?: number | undefined;
  /**
   * The C stack that Python may use, in bytes. It bounds the depth of Python calls, at about
   * 210 bytes each; past it they raise RuntimeError. Default 192 KiB, some 900 calls. Not for a WASI build.
   */
  readonly pythonStackBytes?: number | undefined;
  /** Whether programs are rewritten to what MicroPython takes (compat/); default: not. Not on a WASI build. */
  readonly compat?: boolean | undefined;
  /** sys.argv; default: empty. */
  readonly argv?: readonly string[] | undefined;
  /** CPython: modules that are imported before the first program. */
  readonly preload?: readonly string[] | undefined;
}

/** What a booted interpreter depends on. */
export interface BootOptions {
  readonly pythonStackBytes?: number | undefined;
  readonly heapBytes?: number | undefined;
  readonly maxValueBytes?: number | undefined;
  /** CPython: modules that are imported before the first program. */
  readonly preload?: readonly string[] | undefined;
  /** A booted interpreter's image to begin with. */
  readonly image?: Uint8Array | undefined;
}

/** An interpreter that a session asks for. */
export interface InterpreterRequest {
  readonly module: Module;
  readonly options: BootOptions;
  /** What the options say about the interpreter and its world, in the interpreter's terms. */
  readonly world: WorldOptions;
  readonly memoryLimitBytes: number;
}

export interface ArtifactSupport {
  /**
   * An interpreter whose variables and files are its own.
   * @throws SandboxUsageError for options that this artifact has nothing for; BootLimitError
   */
  boot(module: Module, world: WorldOptions, limits: EngineLimits): Promise<PythonInterpreter>;
  /**
   * The state in which sessions begin: booted, without arguments, functions and files. Made once per
   * process, module and options that booting depends on.
   * @throws SandboxUsageError for options that this artifact has nothing for; BootLimitError
   */
  booted(request: InterpreterRequest): Promise<PythonState>;
  /**
   * An interpreter with a given state. Functions of the same names as there have to be given, and
   * are not announced to the guest again.
   * @param check may refuse the state, by throwing
   */
  restore(
    request: InterpreterRequest,
    state: PythonState,
    check?: (environment: Environment) => void,
  ): Promise<PythonInterpreter>;
  /** Reads what a snapshot says of such an interpreter. */
  readonly readState: StateReader;
}

/** Gives an interpreter that has a booted one's state the world that the options ask for. */
export async function enterWorld(python: PythonInterpreter, world: WorldOptions): Promise<void> {
  python.resetWorld(world);
  if (world.argv !== undefined) await python.setArguments(world.argv);
  await python.registerFunctions(world);
}
