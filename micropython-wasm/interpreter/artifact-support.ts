// How sessions get interpreters, for each kind of artifact: see ARTIFACTS of sandbox-boot.ts.

import type { Module } from "../../runtime/index.js";
import type { EngineGuestOptions } from "../emscripten/engine-guest.js";
import type { MicroPythonOptions } from "../emscripten/micropython.js";
import type { SandboxOptions } from "../session/sandbox-types.js";
import type { Environment } from "../world/environment.js";
import type { PythonInterpreter, PythonState } from "./interpreter.js";

/** An interpreter that a session asks for. */
export interface InterpreterRequest {
  readonly module: Module;
  readonly options: SandboxOptions;
  /** What the options say about the interpreter and its world, in the interpreter's terms. */
  readonly world: MicroPythonOptions;
  readonly memoryLimitBytes: number;
}

export interface ArtifactSupport {
  /**
   * An interpreter that shares nothing with others.
   * @throws SandboxUsageError for options that this artifact has nothing for; BootLimitError
   */
  boot(module: Module, world: MicroPythonOptions, limits: EngineGuestOptions): Promise<PythonInterpreter>;
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
}

/** Gives an interpreter that has a booted one's state the world that the options ask for. */
export async function enterWorld(python: PythonInterpreter, world: MicroPythonOptions): Promise<void> {
  python.resetWorld(world);
  if (world.argv !== undefined) await python.setArguments(world.argv);
  await python.registerFunctions(world);
}
