// `run --receipt`: a run that writes down what it was given, and hashes of its states.
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ModuleRun, type Receipt, type RunEnd } from "../proof/index.js";
import type { FuelScheduleName, Instance, Module, RunResult, StoreLimits } from "../runtime/index.js";
import { ProcExit } from "../runtime/wasi/index.js";
import { readStandardInput, reasonOf, writeOutput } from "./files.js";
import { drained } from "./output.js";
import { nodeSha256, ReceiptWorld } from "./receipt-world.js";
import { UsageFailure } from "./report.js";
import { formatValue } from "./values.js";

/** Snapshots of a run at most: when there are as many, every other one goes. */
const MAX_SNAPSHOTS = 32;

/** What a receipt's `inputs` say of a module's run. */
export interface ModuleInputs {
  readonly invoke: string | null;
  /** Arguments of the function that is called, as text. */
  readonly args: readonly string[];
  /** Of a WASI module: argument list, environment, seed; null for others. */
  readonly wasi: {
    readonly argv: readonly string[];
    readonly env: Readonly<Record<string, string>>;
    readonly seed: number;
    /** SHA-256 of standard input. */
    readonly stdin: string;
  } | null;
}

export interface RecordedRun {
  readonly module: Module;
  readonly args: readonly unknown[];
  readonly inputs: ModuleInputs;
  readonly limits: Partial<StoreLimits>;
  readonly fuel: number;
  readonly stdin: Uint8Array;
  readonly onOutput?: (name: "stdout" | "stderr", bytes: Uint8Array) => void;
}

/** The run that a receipt is or was made of. */
export function recordedRun(options: RecordedRun): ModuleRun {
  const { module, args, inputs, limits, fuel, stdin, onOutput } = options;
  const { invoke, wasi } = inputs;
  const schedule = module.engine.schedule.name as FuelScheduleName;
  const world = wasi === null ? undefined : new ReceiptWorld({ ...wasi, args: wasi.argv, schedule, stdin, onOutput });
  const calls = (instance: Instance) => {
    const names = [];
    // A reactor is made ready before anything of it is called.
    if (wasi !== null && instance.exports.has("_initialize")) names.push("_initialize");
    if (invoke !== null) names.push(invoke);
    else if (instance.exports.has("_start")) names.push("_start");
    return names.map((name) => ({
      func: instance.getFunc(name),
      args: (name === invoke ? args : []) as never[],
    }));
  };
  return new ModuleRun({
    ...{ module, limits, calls, fuel, sha256: nodeSha256, inputs: { ...inputs } },
    ...(world === undefined ? {} : { world }),
  });
}

/** How the run ended, as the receipt says it. */
export function statusOf({ result, func }: RunEnd): Pick<Receipt, "status" | "value"> {
  if (result === null) return { status: "done", value: [] };
  return describe(result, func);
}

function describe(result: RunResult, func: RunEnd["func"]): Pick<Receipt, "status" | "value"> {
  switch (result.status) {
    case "done":
      return {
        status: "done",
        value: result.results.map((value, i) => formatValue(value, func!.type.results[i]!)),
      };
    case "paused":
      return { status: "out-of-fuel", value: null };
    case "threw":
      return { status: "threw", value: null };
    case "trapped":
      return { status: "trapped", value: result.error.message };
    case "failed": {
      const error: Error = result.error;
      if (error instanceof ProcExit) return { status: "exited", value: error.code };
      return { status: "failed", value: error.message };
    }
  }
}

/** Writes the receipt. @throws UsageFailure if it cannot be written */
export async function recordRun(
  path: string,
  options: {
    readonly module: Module;
    readonly args: readonly unknown[];
    readonly argv: readonly string[];
    readonly texts: readonly string[];
    readonly fuel: number;
    readonly limits: Partial<StoreLimits>;
    readonly wasi: boolean;
    readonly flags: {
      readonly invoke?: string;
      readonly env?: readonly (readonly [string, string])[];
      readonly seed: number;
      readonly snapshots?: string;
      readonly json?: true;
    };
  },
): Promise<{ run: ModuleRun; end: RunEnd }> {
  const { module, args, argv, texts, fuel, limits, flags } = options;
  const stdin = options.wasi && process.stdin.isTTY !== true ? await readStandardInput() : new Uint8Array(0);
  const wasi = {
    ...{ argv, env: Object.fromEntries(flags.env ?? []), seed: flags.seed },
    stdin: Buffer.from(nodeSha256(stdin)).toString("hex"),
  };
  const inputs = { invoke: flags.invoke ?? null, args: texts, wasi: options.wasi ? wasi : null };
  const onOutput = (name: "stdout" | "stderr", bytes: Uint8Array) => {
    if (!flags.json) process[name].write(bytes);
  };
  const run = recordedRun({ module, args, inputs, limits, fuel, stdin, onOutput });
  const snapshots = flags.snapshots === undefined ? null : new SnapshotFiles(flags.snapshots);
  const end = await run.run({
    turn: drained,
    onCheckpoint: (at) => {
      snapshots?.offer(at, () => run.snapshot());
      return false;
    },
  });
  snapshots?.finish();
  writeOutput(path, `${JSON.stringify(run.receipt(statusOf(end)))}\n`);
  return { run, end };
}

const SUFFIX = ".snapshot";

/** Snapshots at fuel that is a multiple of a distance, which doubles when there are too many; named by their fuel. */
class SnapshotFiles {
  private readonly kept = new Map<number, Uint8Array>();
  private distance = 0;

  constructor(private readonly directory: string) {}

  offer(fuel: number, take: () => Uint8Array): void {
    if (this.distance === 0) this.distance = fuel;
    if (fuel % this.distance !== 0) return;
    this.kept.set(fuel, take());
    if (this.kept.size < MAX_SNAPSHOTS) return;
    this.distance *= 2;
    for (const at of this.kept.keys()) if (at % this.distance !== 0) this.kept.delete(at);
  }

  finish(): void {
    try {
      mkdirSync(this.directory, { recursive: true });
      for (const fuel of snapshotFuels(this.directory)) rmSync(snapshotPath(this.directory, fuel));
    } catch (error) {
      throw new UsageFailure(`cannot write ${this.directory}: ${reasonOf(error)}`);
    }
    for (const [fuel, bytes] of this.kept) writeOutput(snapshotPath(this.directory, fuel), bytes);
  }
}

export const snapshotPath = (directory: string, fuel: number): string => join(directory, `${fuel}${SUFFIX}`);

/** Fuel of the snapshots in a directory, ascending. */
export function snapshotFuels(directory: string): number[] {
  return readdirSync(directory)
    .filter((name) => /^\d+\.snapshot$/.test(name))
    .map((name) => Number(name.slice(0, -SUFFIX.length)))
    .sort((a, b) => a - b);
}
