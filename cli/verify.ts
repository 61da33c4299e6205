// `escapement verify RECEIPT --code FILE`: runs again and compares.
import { spawn } from "node:child_process";
import type { PythonInputs } from "../micropython-wasm/receipts.js";
import {
  callsRoot,
  canonicalJson,
  firstDifference,
  isReceipt,
  type ModuleRun,
  RECEIPT_FORMAT,
  type Receipt,
} from "../proof/index.js";
import { Engine, EscapementError, type FuelScheduleName, type Module, type StoreLimits } from "../runtime/index.js";
import { decodeSource, readBytes, readStandardInput, reasonOf } from "./files.js";
import { drained } from "./output.js";
import { snapshotFuels, snapshotPath } from "./receipt.js";
import { asUsage, printable, STATUS, UsageFailure } from "./report.js";
import { parseArguments } from "./run.js";
import { loadModule } from "./validate.js";
import { type ModuleInputs, nodeSha256, recordedRun, statusOf } from "./wasi/index.js";

export interface VerifyFlags {
  readonly code: string;
  readonly wasm?: string;
  readonly jobs: number;
  readonly snapshots?: string;
  /** For the command's own processes: fuel where a part begins, 0 for the beginning, and where it ends. */
  readonly part?: string;
}

export const digest = (bytes: Uint8Array) => Buffer.from(nodeSha256(bytes)).toString("hex");

/** What does not fit, in one line; null if everything does. */
type Verdict = string | null;

/** @returns the exit status: 0 if the receipt is true, 1 if it is not */
export async function verify(path: string, flags: VerifyFlags): Promise<number> {
  const receipt = readReceipt(path);
  if (isPython(receipt)) return verifyPython(receipt, flags);
  const found = digest(readBytes(flags.code));
  if (found !== receipt.artifact) {
    return told(`it is of another module: ${flags.code} has the SHA-256 ${found}`);
  }
  const stdin = await inputOf(receipt);
  if (flags.part !== undefined) {
    const [from, to] = flags.part.split(":").map(Number) as [number, number];
    const verdict = await verifyPart(receipt, flags, stdin, from, to);
    process.stdout.write(`${JSON.stringify(verdict)}\n`);
    return verdict === null ? STATUS.done : STATUS.guestFailed;
  }
  const parts = partsOf(receipt, flags);
  if (parts.length < 2) return told(await verifyPart(receipt, flags, stdin, 0, Number.POSITIVE_INFINITY), receipt);
  const verdicts = await Promise.all(parts.map(([from, to]) => verifyInProcess(path, flags, stdin, from, to)));
  return told(verdicts.find((verdict) => verdict !== null) ?? null, receipt);
}

async function verifyPython(receipt: Receipt, flags: VerifyFlags): Promise<number> {
  if (flags.jobs > 1 || flags.snapshots !== undefined)
    throw new UsageFailure("--jobs and --snapshots are for receipts of modules");
  const { givenOf } = await import("./python-receipt.js");
  const { SandboxUsageError, verifyPythonReceipt } = await import("../micropython-wasm/receipts.js");
  const given = await givenOf(receipt, flags, await inputOf(receipt));
  return told(await asUsage(SandboxUsageError, () => verifyPythonReceipt(receipt, given)), receipt);
}

/** Whether a receipt is one of a Python program. */
export function isPython({ inputs }: Receipt): boolean {
  return typeof inputs["python"] === "string";
}

function told(verdict: Verdict, receipt?: Receipt): number {
  if (verdict === null) {
    const { checkpoints, fuel } = receipt!;
    process.stdout.write(`true: ${checkpoints.states.length} checkpoints, ${fuel.used} fuel, the same to the end\n`);
    return STATUS.done;
  }
  process.stdout.write(`not true: ${printable(verdict)}\n`);
  return STATUS.guestFailed;
}

/** Its states are hashed in another way, which this version does not have. */
const OLD_FORMAT = "escapement-receipt-1";
const AS_OLD = `its state hashes are those of an earlier version, which can verify it; this one reads ${RECEIPT_FORMAT}`;

/** @throws UsageFailure if it is none */
export function readReceipt(path: string): Receipt {
  try {
    const receipt: unknown = JSON.parse(decodeSource(readBytes(path), path));
    const { format } = receipt as { readonly format?: unknown };
    if (format === OLD_FORMAT) throw new UsageFailure(`${path} has the format ${OLD_FORMAT}: ${AS_OLD}`);
    if (isReceipt(receipt) && (Array.isArray(receipt.inputs["args"]) || isPython(receipt))) return receipt;
  } catch (error) {
    if (error instanceof UsageFailure) throw error;
  }
  throw new UsageFailure(`${path} is no receipt of a run`);
}

export async function inputOf({ inputs }: Receipt): Promise<Uint8Array> {
  const hash = stdinHashOf(inputs);
  if (hash === undefined || hash === digest(new Uint8Array(0))) return new Uint8Array(0);
  const stdin = process.stdin.isTTY === true ? new Uint8Array(0) : await readStandardInput();
  if (digest(stdin) === hash) return stdin;
  throw new UsageFailure(`the run read standard input with the SHA-256 ${hash}: give it the same`);
}

function stdinHashOf(inputs: Receipt["inputs"]): string | undefined {
  if (typeof inputs["python"] === "string") return (inputs as unknown as PythonInputs).options.stdin;
  return (inputs as unknown as ModuleInputs).wasi?.stdin;
}

/** The module of a receipt. @throws UsageFailure */
export function moduleOf({ schedule }: Receipt, code: string): Module {
  const compile = (bytes: Uint8Array) =>
    new Engine({ schedule: schedule as FuelScheduleName, sha256: nodeSha256 }).compile(bytes);
  const module = loadModule(code, compile);
  if (module === undefined) throw new UsageFailure(`${code} is no module that can be run`);
  return module;
}

/** The run of a receipt, anew. @throws UsageFailure */
export function runOf({ inputs, limits, fuel }: Receipt, module: Module, stdin: Uint8Array): ModuleRun {
  const given = inputs as unknown as ModuleInputs;
  const args = parseArguments(module, given.invoke ?? undefined, given.args);
  return recordedRun({
    ...{ module, args, stdin, inputs: given, fuel: fuel.limit },
    limits: limits as unknown as Partial<StoreLimits>,
  });
}

/** Pairs of fuel where parts begin and end, one for each job, as far as there are snapshots to begin at. */
function partsOf({ checkpoints, fuel }: Receipt, { jobs, snapshots }: VerifyFlags): [number, number][] {
  if (jobs < 2 || snapshots === undefined) return [];
  let fuels: number[];
  try {
    fuels = snapshotFuels(snapshots);
  } catch (error) {
    throw new UsageFailure(`cannot read ${snapshots}: ${reasonOf(error)}`);
  }
  const last = checkpoints.interval * checkpoints.states.length;
  const starts = fuels.filter((at) => at % checkpoints.interval === 0 && at <= last);
  const chosen = new Set([0]);
  for (let job = 1; job < jobs; job++) {
    const wanted = (fuel.used * job) / jobs;
    const nearest = starts.reduce((best, at) => (Math.abs(at - wanted) < Math.abs(best - wanted) ? at : best), 0);
    chosen.add(nearest);
  }
  const begins = [...chosen].sort((a, b) => a - b);
  return begins.map((from, i) => [from, begins[i + 1] ?? Number.POSITIVE_INFINITY]);
}

/**
 * Checks a part. One that begins at a snapshot believes nothing of it: its state has the hash that the receipt has
 * there, which the part before has to arrive at.
 */
async function verifyPart(
  receipt: Receipt,
  { code, snapshots }: VerifyFlags,
  stdin: Uint8Array,
  from: number,
  to: number,
): Promise<Verdict> {
  const { interval, states } = receipt.checkpoints;
  const run = runOf(receipt, moduleOf(receipt, code), stdin);
  if (from > 0) {
    try {
      run.restore(readBytes(snapshotPath(snapshots!, from)));
    } catch (error) {
      if (!(error instanceof EscapementError)) throw error;
      return `the snapshot at ${from} fuel: ${error.message}`;
    }
    if (run.stateHash() !== states[from / interval - 1]) return `the snapshot at ${from} fuel has another state`;
  }
  let number = from / interval;
  let wrong: Verdict = null;
  const end = await run.run({
    ...{ interval, from, doubles: false, turn: drained },
    onCheckpoint: (fuel) => {
      const hash = run.checkpoints.states.at(-1);
      if (hash !== states[number++]) wrong = `checkpoint ${number}, at ${fuel} fuel, has another state`;
      return wrong !== null || fuel >= to;
    },
  });
  if (wrong !== null) return wrong;
  if (end.result?.status === "paused" && Number.isFinite(to)) return callsDiffer(receipt, run, from, to);
  const again = run.receipt(statusOf(end));
  if (number !== states.length) return `it has ${states.length} checkpoints, not ${number}`;
  const wrongCall = callsDiffer(receipt, run, from, Number.POSITIVE_INFINITY);
  if (wrongCall !== null) return wrongCall;
  const { checkpoints, hostCalls } = receipt;
  // A part that begins at a snapshot has made the calls behind it alone, and they have been compared.
  const claimed = { ...again, checkpoints, hostCalls, callsRoot: callsRoot(hostCalls, nodeSha256) };
  const difference = firstDifference(receipt, claimed);
  if (difference === null) return null;
  const { path, a, b } = difference;
  return `${path.join(".")} is ${canonicalJson(b)}, not ${canonicalJson(a)}`;
}

/** Compares the host calls of a part: those that were over behind its first fuel, up to its last. */
function callsDiffer({ hostCalls }: Receipt, run: ModuleRun, from: number, to: number): Verdict {
  const claimed = hostCalls.filter(({ fuel }) => fuel > from && fuel <= to);
  const { calls } = run.linker;
  for (let i = 0; i < Math.max(claimed.length, calls.length); i++) {
    const [a, b] = [claimed[i], calls[i]];
    if (canonicalJson(a) === canonicalJson(b)) continue;
    return `host call ${i} behind ${from} fuel: ${canonicalJson(b)}, not ${canonicalJson(a)}`;
  }
  return null;
}

/** The same in a process of its own: a thread would share this one's collector of garbage. */
function verifyInProcess(path: string, flags: VerifyFlags, stdin: Uint8Array, from: number, to: number) {
  const options = ["--code", flags.code, "--snapshots", flags.snapshots!, "--part", `${from}:${to}`];
  const child = spawn(process.execPath, [process.argv[1]!, "verify", path, ...options], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  child.stdin.on("error", () => {});
  child.stdin.end(stdin);
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (part: string) => {
    text += part;
  });
  return new Promise<Verdict>((resolve) => {
    child.on("close", () => {
      try {
        resolve(JSON.parse(text) as Verdict);
      } catch {
        resolve(`the check from ${from} fuel on has failed`);
      }
    });
  });
}
