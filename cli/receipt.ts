// `run --receipt`: a run that writes down what it was given, and hashes of its states.
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { ModuleRun, RunEnd } from "../proof/index.js";
import type { Module, StoreLimits } from "../runtime/index.js";
import { readStandardInput, reasonOf, writeOutput } from "./files.js";
import { drained } from "./output.js";
import { UsageFailure } from "./report.js";
import { nodeSha256, recordedRun, statusOf } from "./wasi/index.js";

/** Snapshots of a run at most: when there are as many, every other one goes. */
const MAX_SNAPSHOTS = 32;

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
