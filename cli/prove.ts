// `escapement prove RECEIPT --at FUEL --code FILE` and `escapement check-proof PROOF`: one step of a run, shown by itself.
import {
  type CheckedStep,
  checkStep,
  MAX_CHECKPOINTS,
  type ModuleRun,
  ProofError,
  type ProveOptions,
  proveStepAt,
  type Receipt,
  type StepProof,
  type SteppedRun,
} from "../proof/index.js";
import { UsageError } from "../runtime/index.js";
import { decodeSource, readBytes, writeOutput } from "./files.js";
import { snapshotFuels, snapshotPath } from "./receipt.js";
import { asUsage, printable, STATUS, UsageFailure } from "./report.js";
import { digest, inputOf, isPython, moduleOf, readReceipt, runOf } from "./verify.js";
import { NODE_TOOLS } from "./wasi/index.js";

export interface ProveFlags {
  readonly at: number;
  readonly code: string;
  readonly wasm?: string;
  readonly output?: string;
  readonly snapshots?: string;
}

/** Writes the proof, of which it says what it shows. @returns the exit status: 0 if the step has one, 1 if not */
export async function prove(path: string, flags: ProveFlags): Promise<number> {
  const receipt = readReceipt(path);
  if (flags.at >= receipt.fuel.used)
    throw new UsageFailure(
      `--at ${flags.at} is behind the run's last step: it has used ${receipt.fuel.used} fuel, so --at is below that`,
    );
  const run = isPython(receipt) ? await pythonRun(receipt, flags) : await moduleRun(receipt, flags);
  // The calls in a Python program's receipt are not the module's.
  const { hostCalls } = receipt;
  const text = await provenText(run, flags.at, isPython(receipt) ? { programCalls: hostCalls } : { calls: hostCalls });
  if (text === null) return STATUS.guestFailed;
  if (flags.output === undefined) process.stdout.write(text);
  else writeOutput(flags.output, text);
  const told = `${proofLine(checkStep(JSON.parse(text)))}; ${text.length} bytes\n`;
  (flags.output === undefined ? process.stderr : process.stdout).write(told);
  return STATUS.done;
}

/** The proof as a line of JSON; null, and told why, if the step has none. */
async function provenText<Kept>(run: SteppedRun<Kept>, at: number, calls: ProveOptions): Promise<string | null> {
  try {
    const proof = await asUsage(UsageError, () => proveStepAt(run, at, { ...calls, ...NODE_TOOLS }));
    return `${JSON.stringify(proof)}\n`;
  } catch (error) {
    if (!(error instanceof ProofError)) throw error;
    process.stderr.write(`no proof: ${printable(error.message)}\n`);
    return null;
  }
}

async function moduleRun(receipt: Receipt, { code, at, snapshots }: ProveFlags): Promise<ModuleRun> {
  const found = digest(readBytes(code));
  if (found !== receipt.artifact)
    throw new UsageFailure(`the receipt is of another module than ${code}, which has the SHA-256 ${found}`);
  const run = runOf(receipt, moduleOf(receipt, code), await inputOf(receipt));
  if (snapshots !== undefined) goOn(run, receipt, snapshots, at);
  return run;
}

async function pythonRun(receipt: Receipt, flags: ProveFlags): Promise<SteppedRun> {
  if (flags.snapshots !== undefined) throw new UsageFailure("--snapshots is for receipts of modules");
  const { givenOf } = await import("./python-receipt.js");
  const { PythonReplay, SandboxUsageError } = await import("../micropython-wasm/receipts.js");
  const given = await givenOf(receipt, flags, await inputOf(receipt));
  return asUsage(SandboxUsageError, () => PythonReplay.begin(receipt, given, { checkpoints: false }));
}

/** Begins at the nearest snapshot, if its state is the one that the receipt has there. */
function goOn(run: ModuleRun, { checkpoints }: Receipt, directory: string, fuel: number): void {
  const { interval, states } = checkpoints;
  let fuels: number[];
  try {
    fuels = snapshotFuels(directory);
  } catch {
    throw new UsageFailure(`cannot read ${directory}: it is what run --snapshots wrote`);
  }
  const from = fuels.filter((at) => at <= fuel && at % interval === 0 && at / interval <= states.length).at(-1);
  if (from === undefined) return;
  run.restore(readBytes(snapshotPath(directory, from)));
  if (run.stateHash() !== states[from / interval - 1])
    throw new UsageFailure(`the snapshot at ${from} fuel in ${directory} is not the state that the receipt has there`);
}

function proofLine({ step, fuel, outcome }: CheckedStep): string {
  const { instruction, funcidx, offset } = step;
  const end = outcome.kind === "running" ? "" : `, which ends the execution: ${outcome.kind}`;
  return `${instruction}, function ${funcidx} at 0x${offset.toString(16)}, fuel ${fuel.before} to ${fuel.after}${end}`;
}

/** @returns the exit status: 0 if the proof shows what it says, and belongs to the receipt if one is given */
export async function checkProof(path: string, flags: { readonly receipt?: string }): Promise<number> {
  let value: unknown;
  try {
    value = JSON.parse(decodeSource(readBytes(path), path));
  } catch (error) {
    if (error instanceof UsageFailure) throw error;
    throw new UsageFailure(`${path} is no proof: it is not JSON`);
  }
  const receipt = flags.receipt === undefined ? null : readReceipt(flags.receipt);
  let checked: CheckedStep;
  try {
    checked = checkStep(value);
  } catch (error) {
    if (!(error instanceof ProofError)) throw error;
    process.stdout.write(`refused: ${printable(error.message)}\n`);
    return STATUS.guestFailed;
  }
  const lines = [`shown: ${proofLine(checked)}`, `  before ${checked.before}`, `  after  ${checked.after}`];
  if (checked.given !== null) {
    const { index, callsRoot, answer, written, effects } = checked.given;
    if (callsRoot !== null)
      lines.push(`  given that host call ${index} of the log with the root ${callsRoot} is the run's`);
    if (answer !== null) {
      const results = answer.results.map((bits) => `0x${bits}`).join(", ") || "nothing";
      lines.push(`  and that the host answered ${answer.name} with ${results}, and wrote ${written} bytes of memory`);
    }
    if (effects.length > 0) lines.push(`  and that the host left as they are: ${effects.join(", ")}`);
  }
  if (checked.emscripten !== null) {
    const { stackPointer, setThrew } = checked.emscripten;
    lines.push(
      `  given that invoke functions and longjmp are Emscripten's: stack pointer global ${stackPointer}, setThrew function ${setThrew}`,
    );
  }
  const wrong = receipt === null ? null : differenceFrom(receipt, value as StepProof, checked);
  if (receipt !== null && wrong === null) lines.push(`  ${placeIn(receipt, checked)}`);
  process.stdout.write(`${lines.map(printable).join("\n")}\n`);
  if (wrong === null) return STATUS.done;
  process.stdout.write(`refused: ${printable(wrong)}\n`);
  return STATUS.guestFailed;
}

/** Why a proof is of another run than the receipt; null if it may be of this one. */
function differenceFrom(receipt: Receipt, { state }: StepProof, { given }: CheckedStep): string | null {
  const program = state.find(({ name }) => name === "program 0")?.root;
  if (program !== receipt.program) return `the proof is of the program ${program}, the receipt of ${receipt.program}`;
  const root = given?.callsRoot ?? null;
  if (root !== null && root !== receipt.callsRoot)
    return `the proof has the log of calls ${root}, the receipt ${receipt.callsRoot}`;
  return null;
}

/** Where the proof's states are among the receipt's. */
function placeIn({ checkpoints: { interval, states }, final }: Receipt, { before, after }: CheckedStep): string {
  const place = (hash: string) => {
    const index = states.slice(0, MAX_CHECKPOINTS).indexOf(hash);
    if (index >= 0) return `the receipt's at ${(index + 1) * interval} fuel`;
    return hash === final ? "the receipt's last" : null;
  };
  const [from, to] = [place(before), place(after)];
  if (from === null && to === null) return "of the receipt's program; neither state is one of its checkpoints";
  return [from === null ? "" : `before: ${from}`, to === null ? "" : `after: ${to}`].filter(Boolean).join(", ");
}
