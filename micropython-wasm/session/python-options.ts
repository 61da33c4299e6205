// The options of createPython and runPython.

import type { Amount } from "../../runtime/index.js";
import type { Pacing } from "../interpreter/interpreter.js";
import { BOOLEAN, type Checks, COUNT, RECORD, type Resolved, resolveOptions } from "./checks.js";
import { CHECKS, INPUTS, requireArtifact } from "./sandbox-options.js";
import type { SandboxOptions } from "./sandbox-types.js";

/** Options of a session that a lone interpreter has, too. */
const SHARED = [
  "schedule",
  "tier",
  "memory",
  "seed",
  "functions",
  "modules",
  "maxValueBytes",
  "mounts",
  "workBytes",
  "outputBytes",
  "onOutputLimit",
  "outputFuel",
  "onStdout",
  "onStderr",
  "argv",
  "stdin",
  "clock",
  "clockStart",
  "pythonStackBytes",
  "heapBytes",
  "artifact",
  "build",
  "compat",
  "python",
  "preload",
] as const satisfies readonly (keyof SandboxOptions)[];

export interface PythonOptions extends Pick<SandboxOptions, (typeof SHARED)[number]> {
  /** Cap on the engine's call stack, in register slots of 8 bytes. */
  readonly stackSlots?: Amount | undefined;
  /** Cap on the engine's call stack, in frames. */
  readonly frames?: Amount | undefined;
}

export interface RunPythonOptions extends PythonOptions {
  /** Fuel of the program; default 20,000,000. */
  readonly fuel?: Amount | undefined;
  /** Whether to take the value of the program's last expression; default true. */
  readonly value?: boolean | undefined;
  readonly pacing?: Pacing | undefined;
  /** Globals that the program begins with; see SandboxRunOptions. */
  readonly inputs?: Readonly<Record<string, unknown>> | undefined;
}

const PYTHON_CHECKS: Checks<PythonOptions> = {
  ...(Object.fromEntries(SHARED.map((name) => [name, CHECKS[name]])) as Checks<
    Pick<SandboxOptions, (typeof SHARED)[number]>
  >),
  stackSlots: COUNT,
  frames: COUNT,
};

const RUN_CHECKS: Checks<RunPythonOptions> = {
  ...PYTHON_CHECKS,
  fuel: COUNT,
  value: BOOLEAN,
  pacing: RECORD,
  inputs: INPUTS,
};

/** @throws SandboxUsageError */
export function pythonSettings(options: PythonOptions): Resolved<PythonOptions> {
  const settings = resolveOptions(options, PYTHON_CHECKS);
  requireArtifact(settings);
  return settings;
}

/** @throws SandboxUsageError */
export function runPythonSettings(options: RunPythonOptions): Resolved<RunPythonOptions> {
  return resolveOptions(options, RUN_CHECKS);
}
