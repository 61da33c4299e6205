// A lone interpreter, for those who need no session.

import type { StoreLimits } from "../../runtime/index.js";
import type { PythonInterpreter } from "../interpreter/interpreter.js";
import { loadSources } from "./byte-sources.js";
import { type PythonOptions, pythonSettings } from "./python-options.js";
import { bootInterpreter, mountFolders, sandboxModule, worldOf } from "./sandbox-boot.js";

/**
 * Boots an interpreter for the artifact that the options name. Booting is not charged to any run.
 * @throws SandboxUsageError for options that make no sense, or that this artifact has nothing for; BootLimitError;
 *   MalformedError, InvalidError if the artifact is no module
 */
export async function createPython(options: PythonOptions = {}): Promise<PythonInterpreter> {
  const settings = await loadSources(pythonSettings(options));
  const { memory, stackSlots, frames, workBytes, mounts, heapBytes, pythonStackBytes, argv, preload } = settings;
  const limits: Partial<StoreLimits> = {
    ...(stackSlots === undefined ? {} : { stackSlots }),
    ...(frames === undefined ? {} : { frames }),
  };
  const python = await bootInterpreter(
    await sandboxModule(settings),
    { ...worldOf(settings), files: { maxBytes: workBytes, mounts }, heapBytes, pythonStackBytes, argv, preload },
    { memoryLimitBytes: memory, limits },
  );
  mountFolders(python);
  return python;
}
