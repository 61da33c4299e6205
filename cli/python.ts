// `escapement python -c CODE`, `python FILE`, `python -`

import {
  type ArtifactBuild,
  BootLimitError,
  createPython,
  type PythonInterpreter,
  type PythonResult,
  toJson,
} from "../micropython-wasm/index.js";
import type { Artifact } from "./artifact.js";
import { decodeSource, readBytes, readStandardInput } from "./files.js";
import { pythonStackBytes, stackLimits } from "./flags.js";
import { artifactOf, type GuestFlags, runInSlices } from "./guest.js";
import { complain } from "./output.js";
import { fuelStop, heapStop, type LimitStop, memoryStop, STATUS, stackStop, UsageFailure } from "./report.js";

export interface PythonFlags extends GuestFlags {
  /** The program as text. */
  readonly c?: string;
  /** A file with a build of MicroPython. */
  readonly wasm?: string;
  readonly build?: ArtifactBuild;
}

interface Program {
  readonly source: string;
  readonly argv: readonly string[];
}

/** @returns the exit status */
export async function python(file: string | undefined, flags: PythonFlags): Promise<number> {
  const started = performance.now();
  const artifact = await artifactOf(flags);
  if (typeof artifact === "number") return artifact;
  if (file === undefined && flags.c === undefined && flags.json === undefined && atTerminal()) {
    if (artifact?.kind === "wasi") {
      throw new UsageFailure("a WASI build has no terminal mode here: give it a program, -c CODE, FILE or -");
    }
    const { repl } = await import("./repl.js");
    return repl(flags, artifact);
  }
  const program = await programOf(file, flags.c);
  let result: PythonResult;
  try {
    const start = () => boot(program, flags, artifact);
    const python = await (artifact === undefined ? start() : artifact.start(start));
    result = await runInSlicesOf(python, program, flags);
  } catch (error) {
    if (!(error instanceof BootLimitError)) throw error;
    const flag = error.kind === "stack" ? "--stack" : "--memory";
    complain(`stopped before the program began: ${error.message}; raise it with ${flag}`);
    return STATUS.limit;
  }
  const stop = limitStop(result, flags, artifact);
  if (flags.json) {
    const elapsedMs = Math.round((performance.now() - started) * 1000) / 1000;
    process.stdout.write(`${JSON.stringify(report(result, flags, elapsedMs))}\n`);
  } else {
    process.stderr.write(errorText(result));
    if (stop !== null) complain(stop.message);
  }
  if (stop !== null) return STATUS.limit;
  return result.ok ? STATUS.done : STATUS.guestFailed;
}

function atTerminal(): boolean {
  return process.stdin.isTTY === true && process.stdout.isTTY === true;
}

/** @throws UsageFailure */
async function programOf(file: string | undefined, code: string | undefined): Promise<Program> {
  if ((file === undefined) === (code === undefined)) {
    throw new UsageFailure("python takes one program: -c CODE, FILE, or - for standard input");
  }
  const name = file === undefined ? "-c" : file === "-" ? "standard input" : file;
  const source =
    file === undefined ? code! : decodeSource(file === "-" ? await readStandardInput() : readBytes(file), name);
  if (source.includes("\0")) throw new UsageFailure(`${name} contains a NUL character, which Python source cannot`);
  return { source, argv: [file ?? "-c"] };
}

function boot(program: Program, flags: PythonFlags, artifact: Artifact | undefined): Promise<PythonInterpreter> {
  const forward = (stream: NodeJS.WriteStream) =>
    flags.json ? undefined : (bytes: Uint8Array) => void stream.write(bytes);
  return createPython({
    artifact: artifact?.module,
    build: flags.build,
    schedule: flags.schedule,
    memory: flags.memory,
    ...stackLimits(flags.stack),
    // Python's own stack is compiled into a WASI build.
    ...(artifact?.kind === "wasi" ? {} : { pythonStackBytes: pythonStackBytes(flags.stack) }),
    seed: flags.seed,
    argv: program.argv,
    onStdout: forward(process.stdout),
    onStderr: forward(process.stderr),
  });
}

async function runInSlicesOf(
  python: PythonInterpreter,
  { source }: Program,
  flags: PythonFlags,
): Promise<PythonResult> {
  let begun = false;
  const slices = {
    async run(fuel: number): Promise<{ status: string; result: PythonResult }> {
      const result = begun ? await python.resume(fuel) : await python.run(source, { fuel, value: flags.json === true });
      begun = true;
      return { status: result.error?.kind === "fuel" ? "paused" : "over", result };
    },
  };
  return (await runInSlices(slices, flags.fuel)).result;
}

/** What goes to standard error when a program fails: the traceback as MicroPython prints it, or why there is none. */
function errorText({ error }: PythonResult): string {
  if (error === null || error.kind === "fuel") return "";
  if (error.kind === "exit") return /^-?\d+$/.test(error.message) ? "" : `${error.message}\n`;
  const hint = error.hint === undefined ? "" : `escapement: hint: ${error.hint}\n`;
  return `${error.traceback === "" ? `${error.kind}: ${error.message}\n` : error.traceback}${hint}`;
}

function limitStop(
  { error, fuel, memory }: PythonResult,
  flags: PythonFlags,
  artifact: Artifact | undefined,
): LimitStop | null {
  switch (error?.kind) {
    case "fuel":
      return fuelStop(fuel.used, flags.fuel, fuel.schedule);
    case "memory-limit":
      return artifact?.kind === "wasi" ? heapStop(memory.bytes) : memoryStop(memory.bytes, memory.limitBytes);
    case "stack":
      return stackStop(flags.stack);
    default:
      return null;
  }
}

/** What `--json` prints. */
function report(result: PythonResult, flags: PythonFlags, elapsedMs: number): object {
  const { ok, stdout, stderr, value, error, fuel, memory, tier } = result;
  return {
    ok,
    stdout,
    stderr,
    value: toJson(value),
    error,
    fuel: { schedule: fuel.schedule, limit: flags.fuel, used: fuel.used },
    memory,
    tier,
    elapsedMs,
  };
}
