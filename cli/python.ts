// `escapement python FILE ARGS`, `python -c CODE ARGS`, `python - ARGS`, and programs from a pipe

import {
  type ArtifactBuild,
  BootLimitError,
  CPYTHON_MEMORY_BYTES,
  createPython,
  DEFAULT_CPYTHON_RUN_FUEL,
  hasCPythonImage,
  type PythonInterpreter,
  type PythonOptions,
  type PythonResult,
  type RunMeter,
  type RunObserver,
  SandboxUsageError,
  toJson,
} from "../micropython-wasm/index.js";
import { DEFAULT_FUEL_SCHEDULE } from "../runtime/index.js";
import type { Artifact } from "./artifact.js";
import { decodeSource, readBytes, readStandardInput, StandardInput } from "./files.js";
import { formatSize, type MountFlag, mountsOf, pythonStackBytes, stackLimits } from "./flags.js";
import { artifactOf, CommandPacing, type GuestFlags, type LongRun, milliseconds } from "./guest.js";
import { type Functions, loadFunctions } from "./operator.js";
import { complain } from "./output.js";
import {
  fuelStop,
  heapStop,
  type LimitStop,
  memoryStop,
  printable,
  STATUS,
  stackStop,
  timeStop,
  UsageFailure,
} from "./report.js";

export interface PythonFlags extends GuestFlags {
  /** The program as text. */
  readonly c?: string;
  /** A file with a build of MicroPython. */
  readonly wasm?: string;
  readonly build?: ArtifactBuild;
  /** Globals that the program begins with. */
  readonly input?: readonly (readonly [name: string, value: unknown])[];
  /** Folders that the program finds among its files. */
  readonly mount?: readonly MountFlag[];
  /** A module whose exports the program gets. */
  readonly functions?: string;
  /** Most bytes of stdout, and of stderr. */
  readonly output?: number;
  /** Seconds. */
  readonly timeout?: number;
  /** Print on standard error what the program used. */
  readonly stats?: true;
  readonly python: "micropython" | "cpython";
  /** Modules that CPython has imported before the program. */
  readonly preload?: readonly string[];
  /** Where the receipt goes. */
  readonly receipt?: string;
  /** Where the profile goes. */
  readonly profile?: string;
}

/** Flags of which CPython knows nothing. */
const MICROPYTHON_ONLY = ["wasm", "build", "stack"] as const;

/** The flags as CPython takes them: with its own defaults. @throws UsageFailure for flags of MicroPython's */
function checkedFlags(flags: PythonFlags, isGiven: (name: string) => boolean): PythonFlags {
  if (flags.python !== "cpython") {
    if (flags.preload !== undefined) throw new UsageFailure("--preload is for --python cpython");
    return flags;
  }
  const wrong = MICROPYTHON_ONLY.find(isGiven);
  if (wrong !== undefined) throw new UsageFailure(`--${wrong} is for MicroPython: leave it out with --python cpython`);
  const fuel = isGiven("fuel") ? flags.fuel : DEFAULT_CPYTHON_RUN_FUEL;
  return { ...flags, fuel, memory: isGiven("memory") ? flags.memory : CPYTHON_MEMORY_BYTES };
}

/** What the command line says besides flags. */
export interface Operands {
  /** The first one is the program, unless there is -c. */
  readonly plain: readonly string[];
  /** Those behind `--` are the program's. */
  readonly behind: readonly string[];
}

interface Program {
  readonly source: string;
  readonly argv: readonly string[];
  /** What tracebacks call it, if that is not what MicroPython does. */
  readonly name?: string;
}

/**
 * @param isGiven whether a flag is on the command line, and not at its default
 * @param onLongRun is called when the program has run for so long that compiling well pays
 * @returns the exit status
 */
export async function python(
  operands: Operands,
  given: PythonFlags,
  isGiven: (name: string) => boolean,
  onLongRun?: () => void,
): Promise<number> {
  const started = milliseconds();
  const flags = checkedFlags(given, isGiven);
  const [file, args] = split(operands, flags.c);
  const artifact = await artifactOf(flags);
  if (typeof artifact === "number") return artifact;
  if (file === undefined && flags.c === undefined && flags.json === undefined && atTerminal()) {
    if (artifact?.kind === "wasi") {
      throw new UsageFailure("a WASI build has no terminal mode here: give it a program, -c CODE, FILE or -");
    }
    const { cpythonRepl, repl } = await import("./repl.js");
    return flags.python === "cpython" ? cpythonRepl(flags) : repl(flags, artifact);
  }
  const program = await programOf(file, flags.c, args);
  const input = new StandardInput();
  // What it reads is hashed: it has to be there.
  const isWatched = flags.receipt !== undefined || flags.profile !== undefined;
  const stdin = !isWatched || process.stdin.isTTY === true ? input : await readStandardInput();
  let result: PythonResult;
  try {
    const functions = flags.functions === undefined ? {} : await loadFunctions(flags.functions);
    const options = optionsOf(program, flags, artifact, isWatched ? asBytes(stdin) : stdin, functions);
    const profiled = flags.profile === undefined ? null : await profiledPython(flags.profile, options, flags);
    // To boot CPython takes seconds, of which most is the interpreter's loop.
    if (flags.python === "cpython" && !(await hasCPythonImage(flags.schedule, flags.preload))) onLongRun?.();
    const start = () => createPython(profiled?.options ?? options);
    const python = await (artifact === undefined ? startPackaged(start, flags) : artifact.start(start));
    const recorded = flags.receipt === undefined ? null : await recordedPython(flags.receipt, python, options, flags);
    const raw = await runLimited(
      python,
      program,
      flags,
      input,
      recorded?.observer ?? profiled?.observer,
      profiled?.meter,
      onLongRun && { fuel: patienceOf(flags), begun: onLongRun },
    );
    profiled?.write(raw, program.name ?? "<program>");
    await recorded?.write(raw, program.source);
    result = named(raw, program);
  } catch (error) {
    if (!(error instanceof BootLimitError)) throw error;
    const flag = error.kind === "stack" ? "--stack" : "--memory";
    complain(`stopped before the program began: ${error.message}; raise it with ${flag}`);
    return STATUS.limit;
  } finally {
    input.close();
  }
  const stop = limitStop(result, flags, artifact);
  const elapsedMs = Math.round((milliseconds() - started) * 1000) / 1000;
  if (flags.json) {
    process.stdout.write(`${JSON.stringify(report(result, flags, elapsedMs))}\n`);
  } else {
    process.stderr.write(errorText(result));
    const cut = [result.stdoutTruncated && "stdout", result.stderrTruncated && "stderr"].filter(Boolean);
    if (flags.output !== undefined && cut.length > 0) {
      complain(`${cut.join(" and ")} cut behind ${formatSize(flags.output)}; --output shows more`);
    }
    if (stop !== null) complain(stop.message);
  }
  if (flags.stats) complain(stats(result, flags, elapsedMs));
  if (stop !== null) return STATUS.limit;
  return result.exitStatus ?? (result.ok ? STATUS.done : STATUS.guestFailed);
}

/** The file among the operands, undefined if there is none, and the program's own arguments. */
function split({ plain, behind }: Operands, code: string | undefined): [file: string | undefined, args: string[]] {
  if (code !== undefined) return [undefined, [...plain, ...behind]];
  return [plain[0], [...plain.slice(1), ...behind]];
}

function atTerminal(): boolean {
  return process.stdin.isTTY === true && process.stdout.isTTY === true;
}

/** @throws UsageFailure */
async function programOf(
  file: string | undefined,
  code: string | undefined,
  args: readonly string[],
): Promise<Program> {
  const name = code !== undefined ? "-c" : file === undefined || file === "-" ? "standard input" : file;
  const source = code ?? decodeSource(name === file ? readBytes(file) : await pipedProgram(file), name);
  if (source.includes("\0")) throw new UsageFailure(`${name} contains a NUL character, which Python source cannot`);
  // As CPython has it: the file, "-c", "-", or nothing for what came without being named.
  const program = { source, argv: [code === undefined ? (file ?? "") : "-c", ...args] };
  // CPython calls a program "<string>" that is text on the command line.
  return name === file ? { ...program, name } : code === undefined ? program : { ...program, name: "<string>" };
}

/** @throws UsageFailure if nobody says that the program is there, and it is not */
async function pipedProgram(file: string | undefined): Promise<Uint8Array> {
  const wanted = "python takes one program: -c CODE, FILE, or standard input";
  if (file === undefined && process.stdin.isTTY === true) throw new UsageFailure(wanted);
  const source = await readStandardInput();
  if (file === undefined && source.length === 0) throw new UsageFailure(`${wanted}, which is empty`);
  return source;
}

/** At a terminal nothing is read for a receipt. */
function asBytes(stdin: StandardInput | Uint8Array): Uint8Array {
  return stdin instanceof Uint8Array ? stdin : new Uint8Array(0);
}

async function recordedPython(path: string, python: PythonInterpreter, options: PythonOptions, flags: PythonFlags) {
  const { RecordedPython } = await import("./python-receipt.js");
  return RecordedPython.of(path, python, options, flags.input);
}

/** @throws UsageFailure for a profile that cannot be taken */
async function profiledPython(path: string, options: PythonOptions, flags: PythonFlags) {
  if (flags.python === "cpython") throw new UsageFailure("--profile is for MicroPython: CPython cannot be interrupted");
  const other = flags.receipt !== undefined ? "--receipt" : flags.mount !== undefined ? "--mount" : undefined;
  if (other !== undefined) throw new UsageFailure(`${other} and --profile: one of them`);
  const { ProfiledPython } = await import("./profile/python.js");
  return ProfiledPython.of(path, options);
}

function optionsOf(
  program: Program,
  flags: PythonFlags,
  artifact: Artifact | undefined,
  stdin: StandardInput | Uint8Array,
  functions: Partial<Functions>,
): PythonOptions {
  const forward = (stream: NodeJS.WriteStream) => {
    if (flags.json) return undefined;
    let left = flags.output ?? Number.POSITIVE_INFINITY;
    return (bytes: Uint8Array) => {
      if (left > 0) stream.write(bytes.length > left ? bytes.subarray(0, left) : bytes);
      left -= bytes.length;
    };
  };
  return {
    artifact: artifact?.module,
    build: flags.build,
    schedule: flags.schedule,
    tier: flags.tier,
    memory: flags.memory,
    ...stackOf(flags, artifact),
    seed: flags.seed,
    argv: program.argv,
    mounts: mountsOf(flags.mount),
    stdin,
    ...functions,
    ...(flags.output === undefined ? {} : { outputBytes: flags.output }),
    onStdout: forward(process.stdout),
    onStderr: forward(process.stderr),
  };
}

function stackOf({ python, preload, stack }: PythonFlags, artifact: Artifact | undefined): PythonOptions {
  if (python === "cpython") return { python, preload };
  // Python's own stack is compiled into a WASI build.
  if (artifact?.kind === "wasi") return stackLimits(stack);
  return { ...stackLimits(stack), pythonStackBytes: pythonStackBytes(stack) };
}

/** CPython may not be on this machine, a module to preload not in it, a folder not there. @throws UsageFailure then */
async function startPackaged<T>(start: () => Promise<T>, { python, mount }: PythonFlags): Promise<T> {
  try {
    return await start();
  } catch (error) {
    if ((python !== "cpython" && mount === undefined) || !(error instanceof SandboxUsageError)) throw error;
    throw new UsageFailure(error.message);
  }
}

/**
 * Fuel until V8's best compilers pay for themselves. Of code compiled ahead of time V8's first compiler makes some 10 ns a
 * unit, and its best takes 100 ms of processor time for Python's VM; the interpreter takes 60 to 100 ns on the first.
 */
function patienceOf({ tier, python, build = "standard", schedule }: PythonFlags): number {
  // print(1) takes a third of it.
  if (python === "cpython") return 2 ** 20;
  const goesOnAhead = tier === undefined && build === "standard" && schedule === DEFAULT_FUEL_SCHEDULE.name;
  return goesOnAhead || tier === "ahead-of-time" ? 2 ** 25 : 2 ** 18;
}

/** Runs the program under its limits of fuel and time. The value is taken in any case, so that there is one bill. */
async function runLimited(
  python: PythonInterpreter,
  { source }: Program,
  { input = [], fuel, timeout }: PythonFlags,
  stdin: StandardInput,
  observer: RunObserver | undefined,
  meter: RunMeter | undefined,
  longRun: LongRun | undefined,
): Promise<PythonResult> {
  await setGlobals(python, input);
  const pacing = new CommandPacing(longRun);
  const stop = () => {
    pacing.stopped = `the program took longer than ${timeout} s`;
    // Whoever waits there would not see it.
    stdin.close();
  };
  const timer = timeout === undefined ? undefined : setTimeout(stop, timeout * 1000);
  try {
    const result = await python.run(source, { fuel, pacing, observer, meter });
    const { stopped } = pacing;
    if (stopped === undefined || result.ok) return result;
    return { ...result, exitStatus: null, error: { kind: "stopped", type: null, message: stopped, traceback: "" } };
  } finally {
    clearTimeout(timer);
  }
}

/** @throws UsageFailure */
async function setGlobals(python: PythonInterpreter, inputs: NonNullable<PythonFlags["input"]>): Promise<void> {
  try {
    await python.setGlobals(Object.fromEntries(inputs));
  } catch (error) {
    if (!(error instanceof SandboxUsageError)) throw error;
    throw new UsageFailure(`--input: ${error.message}`);
  }
}

/** MicroPython calls every program "<stdin>": its tracebacks get the name of the file, or what CPython calls it. */
function named(result: PythonResult, { name }: Program): PythonResult {
  if (name === undefined || result.error === null) return result;
  const { traceback } = result.error;
  const frames = traceback.replaceAll(/^ {2}File "<stdin>", line /gm, () => `  File "${printable(name)}", line `);
  return { ...result, error: { ...result.error, traceback: frames } };
}

function stats({ fuel, memory }: PythonResult, flags: PythonFlags, elapsedMs: number): string {
  return (
    `fuel ${fuel.used} of ${flags.fuel} (schedule ${fuel.schedule}); ` +
    `memory ${memory.bytes} bytes, at most ${memory.peakBytes} of ${memory.limitBytes}; time ${elapsedMs} ms`
  );
}

/** What goes to standard error when a program fails: the traceback as MicroPython prints it, or why there is none. */
function errorText({ error }: PythonResult): string {
  if (error === null || error.kind === "fuel" || error.kind === "stopped") return "";
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
    case "stopped":
      return timeStop(flags.timeout!);
    default:
      return null;
  }
}

/** What `--json` prints. */
function report(result: PythonResult, flags: PythonFlags, elapsedMs: number): object {
  const { ok, stdout, stderr, value, exitStatus, error, fuel, memory, tier } = result;
  return {
    ok,
    stdout,
    stderr,
    value: toJson(value),
    exitStatus,
    error,
    fuel: { schedule: fuel.schedule, limit: flags.fuel, used: fuel.used },
    memory,
    tier,
    elapsedMs,
  };
}
