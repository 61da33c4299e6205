// `escapement debug FILE`: a debug adapter on standard input and output.
import { basename } from "node:path";
import type { ModuleRun } from "../proof/index.js";
import { Engine, type FuelScheduleName, type StoreLimits } from "../runtime/index.js";
import { PythonSession } from "./debug/python-session.js";
import { PythonTimeline } from "./debug/python-timeline.js";
import { ModuleSession } from "./debug/session.js";
import { Timeline } from "./debug/timeline.js";
import { Watch } from "./debug/watch.js";
import { decodeSource, readBytes } from "./files.js";
import { UsageFailure } from "./report.js";
import { parseArguments } from "./run.js";
import { loadModule } from "./validate.js";
import { type ModuleInputs, recordedRun } from "./wasi/index.js";
import { usesWasi } from "./wasi-world.js";

export interface DebugFlags {
  readonly invoke?: string;
  readonly fuel: number;
  readonly schedule: FuelScheduleName;
  readonly seed: number;
  readonly limits: Partial<StoreLimits>;
}

export interface DebugRun extends DebugFlags {
  readonly file: string;
  readonly args: readonly string[];
}

/** The run of a module at its beginning, which can be moved to any fuel. @throws UsageFailure */
export function timelineOf(
  { file, args, invoke, fuel, schedule, seed, limits }: DebugRun,
  onOutput: (name: "stdout" | "stderr", bytes: Uint8Array) => void = () => {},
): Timeline {
  const watch = new Watch();
  const runOn = (engine: Engine, onOutput: (name: "stdout" | "stderr", bytes: Uint8Array) => void): ModuleRun => {
    const module = loadModule(file, (bytes) => engine.compile(bytes));
    if (module === undefined) throw new UsageFailure(`${file} is no module that can be run`);
    const isWasi = usesWasi(module);
    const isCommand = isWasi && invoke === undefined;
    const wasi = { argv: [basename(file), ...(isCommand ? args : [])], env: {}, seed, stdin: "" };
    const inputs: ModuleInputs = { invoke: invoke ?? null, args, wasi: isWasi ? wasi : null };
    const values = isCommand ? [] : parseArguments(module, invoke, args);
    return recordedRun({ module, args: values, inputs, limits, fuel, stdin: new Uint8Array(0), onOutput });
  };
  let timeline: Timeline | undefined;
  const run = runOn(new Engine({ schedule }), (name, bytes) => {
    if (timeline?.isReplaying === false) onOutput(name, bytes);
  });
  timeline = new Timeline(
    run,
    runOn(new Engine({ schedule, chargeListener: watch }), () => {}),
    watch,
  );
  return timeline;
}

/** Serves a debugger on standard input and output, until it lets go. */
export function debug(file: string, args: readonly string[], flags: DebugFlags): Promise<number> {
  const session = file.endsWith(".py") ? pythonSession(file, flags) : moduleSession(file, args, flags);
  session.setRunAsServer(true);
  return new Promise((resolve) => {
    const end = () => {
      process.stdin.destroy();
      resolve(0);
    };
    session.on("close", end);
    session.shutdown = end;
    session.start(process.stdin, process.stdout);
  });
}

function pythonSession(file: string, flags: DebugFlags): PythonSession {
  return new PythonSession(async (given, output) => {
    const path = given.program ?? file;
    const code = decodeSource(readBytes(path), path);
    return { path, timeline: await PythonTimeline.of(code, given.fuel ?? flags.fuel, output) };
  });
}

function moduleSession(file: string, args: readonly string[], flags: DebugFlags): ModuleSession {
  return new ModuleSession(async (given, output) =>
    timelineOf(
      {
        ...flags,
        file: given.program ?? file,
        args: given.args ?? args,
        fuel: given.fuel ?? flags.fuel,
        ...(given.invoke === undefined ? {} : { invoke: given.invoke }),
      },
      (name, bytes) => output(name, new TextDecoder().decode(bytes)),
    ),
  );
}
