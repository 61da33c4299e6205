// What makes an interpreter of a session that was read from bytes (interpreter/session-codec.ts).

import { type Module, SnapshotError } from "../../runtime/index.js";
import { type ArtifactKind, artifactKind } from "../guest/artifact-kind.js";
import type { PythonInterpreter, PythonState } from "../interpreter/interpreter.js";
import type { Session } from "../interpreter/session-codec.js";
import type { Environment } from "../world/environment.js";
import { checkPosixFilesState, requireThat } from "../world/posix-files-check.js";
import { mountFolders, pythonFrom, registerNewFunctions, setQuota } from "./sandbox-boot.js";
import type { SandboxSettings } from "./sandbox-options.js";

const ARTIFACTS: Readonly<Record<ArtifactKind, string>> = {
  emscripten: "MicroPython's build for JavaScript",
  wasi: "a WASI build of MicroPython",
  cpython: "CPython",
};

/**
 * An interpreter with the session's state.
 * @param before the state to which a paused run can go back
 * @throws SnapshotError if the state is not one that a session with these options can be in
 */
export async function pythonOfSession(
  module: Module,
  options: SandboxSettings,
  { python: state, names }: Session,
  before: Session | null,
): Promise<PythonInterpreter> {
  const kind = artifactKind(module);
  if (state.kind !== kind)
    throw new SnapshotError("mismatch", `the snapshot is one of ${ARTIFACTS[state.kind]}, the artifact is another`);
  requireThat(before === null || before.python.kind === kind, "the state before a paused run");
  const python = await pythonFrom(module, options, state, (environment) => {
    if (before !== null) checkEnvironment(environment, before.python, before.names);
    checkEnvironment(environment, state, names);
  });
  if (before !== null) {
    // It has to be a state that the session can go back to.
    python.rewind(before.python);
    python.rewind(state);
  }
  setQuota(python, options);
  const { files } = python.environment;
  if (files.usedBytes > files.maxBytes)
    throw new SnapshotError(
      "limit",
      `the session's files have ${files.usedBytes} bytes, ${files.maxBytes} are allowed`,
    );
  if (state.run === null) {
    await registerNewFunctions(python, options, names);
    mountFolders(python);
  }
  return python;
}

/** @throws SnapshotError if an environment cannot take over the state */
export function checkEnvironment(environment: Environment, state: PythonState, names: readonly string[]): void {
  const registered = new Set(environment.hostCalls.names());
  for (const name of names) {
    if (!registered.has(name))
      throw new SnapshotError("mismatch", `the session uses the host function ${name}, which is not given`);
  }
  const { files, stdout, stderr } = state.environment;
  environment.files.maxBytes = Number.MAX_SAFE_INTEGER;
  checkPosixFilesState(files, environment.files);
  // The guest cannot change it, and host functions are announced there.
  const library = files.memory.nodes.find(({ id }) => id === 1);
  const id = library?.kind === "directory" ? library.entries.find(([name]) => name === "lib")?.[1] : undefined;
  requireThat(
    files.memory.nodes.some((node) => node.id === id && node.kind === "directory"),
    "the library",
  );
  for (const [stream, saved] of [
    [environment.stdout, stdout],
    [environment.stderr, stderr],
  ] as const) {
    if (!stream.accepts(saved))
      throw new SnapshotError(
        "mismatch",
        `the output of the session does not fit a limit of ${stream.limitBytes} bytes`,
      );
  }
}
