// A WebAssembly module's run in a thread. It is recorded whether a receipt is wanted or not: its states are kept where
// they are hashed.
import { argumentsOf, nodeSha256, recordedRun, statusOf } from "../cli/wasi/index.js";
import type { ModuleRun, RunEnd } from "../proof/index.js";
import { Engine, type FuelScheduleName, type Module } from "../runtime/index.js";
import type { Outcome } from "./outcome.js";
import type { ModuleData } from "./run.js";
import { contentOf } from "./run-python.js";
import type { RunPort } from "./run-thread.js";
import type { Blobs, RunTask } from "./tasks.js";

/** Modules that a thread has compiled, the last ones; a run of many has one. */
const compiled = new Map<string, Module>();
const MAX_COMPILED = 8;

export function moduleOf({ module: name, schedule }: ModuleData, blobs: Blobs): Module {
  const key = `${schedule} ${name}`;
  const known = compiled.get(key);
  if (known !== undefined) return known;
  const engine = new Engine({ schedule: schedule as FuelScheduleName, sha256: nodeSha256 });
  const module = engine.compile(blobs.get(name)!);
  if (compiled.size >= MAX_COMPILED) compiled.delete(compiled.keys().next().value!);
  compiled.set(key, module);
  return module;
}

/** @param onOutput is told what the module writes */
export function moduleRun(
  run: ModuleData,
  blobs: Blobs,
  onOutput: (name: "stdout" | "stderr", bytes: Uint8Array) => void = () => {},
): ModuleRun {
  const module = moduleOf(run, blobs);
  const { invoke, args, argv, env, seed, fuel, memory } = run;
  const usesWasi = module.imports().some(({ module: from }) => from.startsWith("wasi_"));
  const stdin = Buffer.from(contentOf(run.stdin, blobs));
  const wasi = { argv, env, seed, stdin: Buffer.from(nodeSha256(stdin)).toString("hex") };
  return recordedRun({
    ...{ module, fuel, stdin, onOutput, limits: { memoryBytes: memory } },
    args: invoke === null ? [] : argumentsOf(module, invoke, args),
    inputs: { invoke, args, wasi: usesWasi ? wasi : null },
  });
}

export async function runModule(
  data: ModuleData,
  { blobs, kept, checkpointFuel }: RunTask,
  port: RunPort,
): Promise<Outcome | "handed over"> {
  const output = { stdout: new Output(data.outputBytes), stderr: new Output(data.outputBytes) };
  const run = moduleRun(data, blobs, (name, bytes) => output[name].write(bytes));
  if (kept !== undefined) {
    const [stdout, stderr, snapshot] = unpack(kept);
    run.goOn(snapshot);
    output.stdout.restore(stdout);
    output.stderr.restore(stderr);
  }
  port.begun(run.fuelUsed);
  const deadline = performance.now() + data.timeout;
  let next = run.fuelUsed + checkpointFuel;
  let taken: Uint8Array | undefined;
  const options = {
    onTaken: () => {
      if (run.fuelUsed >= next || port.handsOver) {
        next = run.fuelUsed + checkpointFuel;
        taken = pack([output.stdout.save(), output.stderr.save(), run.recordingSnapshot()]);
      }
      // It ends where it is handed over; the bytes are sent from there.
      return port.handsOver && taken !== undefined;
    },
    turn: async () => {
      if (taken !== undefined) {
        const bytes = taken;
        taken = undefined;
        await port.checkpoint(run.fuelUsed, bytes);
      }
      port.progress(run.fuelUsed);
      if (performance.now() > deadline) throw TIMEOUT;
      // Messages are heard between turns of the event loop.
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
  let end: RunEnd | undefined;
  try {
    end = await run.run(options);
  } catch (error) {
    if (error !== TIMEOUT) throw error;
  }
  if (end?.result?.status === "paused" && run.fuelUsed < data.fuel) {
    await port.checkpoint(run.fuelUsed, taken!);
    return "handed over";
  }
  return outcomeOf(run, end, data, output);
}

/** Thrown between two slices of a run that has taken too long. */
const TIMEOUT = new Error("the time limit");

function outcomeOf(
  run: ModuleRun,
  end: RunEnd | undefined,
  { fuel, receipt, timeout }: ModuleData,
  { stdout, stderr }: { readonly stdout: Output; readonly stderr: Output },
): Outcome {
  const { status, value } = end === undefined ? { status: "timeout", value: null } : statusOf(end);
  const succeeded = status === "done" || (status === "exited" && value === 0);
  const limit = status === "out-of-fuel" || status === "timeout" ? status : "error";
  const message =
    status === "timeout"
      ? `the run took longer than its time limit, ${timeout} ms`
      : status === "exited"
        ? `exit status ${String(value)}`
        : status === "threw"
          ? "an exception that nobody caught"
          : status === "out-of-fuel"
            ? `used all of its ${fuel} fuel`
            : String(value);
  return {
    status: succeeded ? "ok" : limit,
    value: status === "done" || status === "exited" ? (value as Outcome["value"]) : null,
    error: succeeded ? null : { kind: status, type: null, message, traceback: "" },
    ...{
      stdout: stdout.text,
      stderr: stderr.text,
      stdoutTruncated: stdout.truncated,
      stderrTruncated: stderr.truncated,
    },
    fuel: { schedule: run.options.module.engine.schedule.name, limit: fuel, used: run.fuelUsed },
    files: {},
    receipt: receipt && end !== undefined ? run.receipt({ status, value }) : null,
  };
}

/** The beginning of what was written. */
class Output {
  private parts: Uint8Array[] = [];
  private bytes = 0;
  truncated = false;

  constructor(private readonly limit: number) {}

  write(bytes: Uint8Array): void {
    const room = this.limit - this.bytes;
    if (bytes.length > room) this.truncated = true;
    const taken = bytes.slice(0, room);
    this.bytes += taken.length;
    if (taken.length > 0) this.parts.push(taken);
  }

  get text(): string {
    return Buffer.concat(this.parts).toString();
  }

  save(): Uint8Array {
    return Buffer.concat([Uint8Array.of(this.truncated ? 1 : 0), ...this.parts]);
  }

  restore(saved: Uint8Array): void {
    this.write(saved.subarray(1));
    this.truncated ||= saved[0] === 1;
  }
}

/** Three strings of bytes, each of the first two behind its length in four bytes. */
function pack([stdout, stderr, snapshot]: readonly [Uint8Array, Uint8Array, Uint8Array]): Uint8Array {
  const lengths = Buffer.alloc(8);
  lengths.writeUInt32LE(stdout.length, 0);
  lengths.writeUInt32LE(stderr.length, 4);
  return Buffer.concat([lengths, stdout, stderr, snapshot]);
}

function unpack(kept: Uint8Array): [Uint8Array, Uint8Array, Uint8Array] {
  const bytes = Buffer.from(kept.buffer, kept.byteOffset, kept.byteLength);
  // What is too short reads as nothing, which is no snapshot.
  const [a, b] = bytes.length < 8 ? [0, 0] : [bytes.readUInt32LE(0), bytes.readUInt32LE(4)];
  return [bytes.subarray(8, 8 + a), bytes.subarray(8 + a, 8 + a + b), bytes.subarray(8 + a + b)];
}
