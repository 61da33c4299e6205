// `escapement python` at a terminal, without a program: the REPL.
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import { BootLimitError, SandboxUsageError } from "../micropython-wasm/index.js";
import { PythonRepl, type SnapshotStore } from "../micropython-wasm/terminal/repl.js";
import { readSnapshotInfo } from "../runtime/index.js";
import type { Artifact } from "./artifact.js";
import { readBytes, reasonOf } from "./files.js";
import { formatSize, mountsOf, pythonStackBytes, stackLimits } from "./flags.js";
import { fileHistory, historyPath } from "./history.js";
import { complain } from "./output.js";
import type { PythonFlags } from "./python.js";
import { asUsage, STATUS, UsageFailure } from "./report.js";

/** What ends a process from outside; the shell needs its terminal back all the same. */
const SIGNALS = ["SIGTERM", "SIGHUP", "SIGQUIT"] as const;
/** Larger files are no snapshots of a session. */
const MAX_SNAPSHOT_BYTES = 2 ** 30;

/** As {@link repl}, with CPython. @throws UsageFailure if it is not on this machine, or cannot be started so */
export async function cpythonRepl(flags: PythonFlags): Promise<number> {
  const { CPythonRepl } = await import("./cpython-repl.js");
  return atTerminal(async () => {
    const { fuel, schedule, tier, memory, seed, preload, mount } = flags;
    const world = { fuel, schedule, tier, memory, seed, preload, mounts: mountsOf(mount) };
    const { stdin: input, stdout: output } = process;
    return asUsage(SandboxUsageError, async () => {
      const repl = await CPythonRepl.start({ ...world, input, output, store, history: fileHistory(historyPath()) });
      return repl.talk();
    });
  });
}

/** Talks until the user leaves. @returns the exit status: that of SystemExit, if one was raised */
export function repl(flags: PythonFlags, artifact?: Artifact): Promise<number> {
  return atTerminal(() => talk(flags, artifact));
}

/** Whatever happens, the shell gets its terminal back as it was. */
async function atTerminal(body: () => Promise<number>): Promise<number> {
  const { stdin } = process;
  const cooked = () => void stdin.setRawMode(false);
  // Also when the process ends in any other way.
  process.once("exit", cooked);
  for (const signal of SIGNALS) process.once(signal, () => process.exit(128 + constants.signals[signal]));
  // Before the prompt is shown: what is typed then is to come as it is.
  stdin.setRawMode(true);
  try {
    return await body();
  } catch (error) {
    if (!(error instanceof BootLimitError)) throw error;
    const flag = error.kind === "stack" ? "--stack" : "--memory";
    complain(`stopped before the first prompt: ${error.message}; raise it with ${flag}`);
    return STATUS.limit;
  } finally {
    stdin.pause();
    cooked();
    process.off("exit", cooked);
  }
}

async function talk(flags: PythonFlags, artifact: Artifact | undefined): Promise<number> {
  const { stdin, stdout } = process;
  const start = () =>
    PythonRepl.start({
      artifact: artifact?.module,
      build: flags.build,
      fuel: flags.fuel,
      schedule: flags.schedule,
      tier: flags.tier,
      memory: flags.memory,
      ...stackLimits(flags.stack),
      pythonStackBytes: pythonStackBytes(flags.stack),
      seed: flags.seed,
      write: (bytes) => void stdout.write(bytes),
      store,
      history: fileHistory(historyPath()),
    });
  const python = await (artifact === undefined ? start() : artifact.start(start));
  await new Promise<void>((resolve, reject) => {
    stdin.on("data", (bytes: Buffer) => {
      python.type(bytes);
      python.idle().then(() => {
        if (python.ended) resolve();
      }, reject);
    });
    // The terminal is gone.
    stdin.once("end", resolve);
    stdin.once("error", resolve);
  });
  return python.exitStatus;
}

const store: SnapshotStore = {
  save(name, snapshot) {
    const status = statSync(name, { throwIfNoEntry: false });
    if (status !== undefined && !(status.isFile() && isSnapshot(name, status.size))) {
      throw new UsageFailure(`${name} exists and is not a snapshot: choose another name`);
    }
    try {
      writeFileSync(name, snapshot);
    } catch (error) {
      throw new UsageFailure(`cannot write ${name}: ${reasonOf(error)}`);
    }
  },
  load(name) {
    const status = statSync(name, { throwIfNoEntry: false });
    if (status !== undefined && !status.isFile()) throw new UsageFailure(`cannot read ${name}: it is not a file`);
    if (status !== undefined && status.size > MAX_SNAPSHOT_BYTES) {
      throw new UsageFailure(`${name} is larger than any snapshot: more than ${formatSize(MAX_SNAPSHOT_BYTES)}`);
    }
    return readBytes(name);
  },
};

function isSnapshot(name: string, size: number): boolean {
  // What an interrupted write has left may be replaced, too.
  if (size === 0) return true;
  if (size > MAX_SNAPSHOT_BYTES) return false;
  try {
    readSnapshotInfo(readFileSync(name));
    return true;
  } catch {
    return false;
  }
}
