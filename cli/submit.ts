// `escapement submit --redis URL FILE`: asks a farm for a run, and prints what has come of it.
import { Farm, FarmError, type FarmResult, type FarmRun } from "../farm/index.js";
import { decodeSource, readBytes, writeOutput } from "./files.js";
import { complain } from "./output.js";
import { asUsage, printable, STATUS, UsageFailure } from "./report.js";

export interface SubmitFlags {
  readonly redis: string;
  readonly queue: string;
  readonly c?: string;
  readonly input?: readonly (readonly [name: string, value: unknown])[];
  readonly invoke?: string;
  readonly fuel?: number;
  readonly memory?: number;
  readonly seed?: number;
  readonly timeout?: number;
  readonly schedule?: string;
  readonly id?: string;
  readonly tenant?: string;
  readonly priority?: number;
  readonly verify?: string;
  readonly receipt?: string;
  readonly detach?: true;
  readonly json?: true;
}

const LIMITS = new Set(["out-of-fuel", "out-of-memory", "timeout"]);

/** @returns the exit status, that of the program */
export async function submit(
  { plain, behind }: { readonly plain: readonly string[]; readonly behind: readonly string[] },
  flags: SubmitFlags,
): Promise<number> {
  const run = runOf(plain, behind, flags);
  const farm = await asUsage(FarmError, () => Farm.connect({ redis: flags.redis, queue: flags.queue }));
  try {
    const id = await asUsage(FarmError, () => farm.submit(run));
    if (flags.detach) {
      process.stdout.write(`${id}\n`);
      return STATUS.done;
    }
    process.removeAllListeners("SIGINT");
    process.once("SIGINT", () => {
      complain(`the run goes on as ${id}: submit it again with --id ${id} for its result`);
      process.exit(STATUS.interrupted);
    });
    return tell(await farm.wait(id), flags);
  } finally {
    await farm.close();
  }
}

function runOf(plain: readonly string[], behind: readonly string[], flags: SubmitFlags): FarmRun {
  const { c, input, invoke, fuel, memory, seed, timeout, schedule, id, tenant, priority, verify } = flags;
  const file = c === undefined ? plain[0] : undefined;
  const args = [...(file === undefined ? plain : plain.slice(1)), ...behind];
  const common: FarmRun = {
    ...{ fuel, memory, seed, schedule, id, tenant, priority },
    timeout: timeout === undefined ? undefined : Math.round(timeout * 1000),
    ...(verify === undefined ? {} : { verify: verification(verify) }),
  };
  if (c !== undefined || file === undefined) {
    if (c === undefined) throw new UsageFailure("submit takes a program or a module: a file, or -c CODE");
    return { ...common, code: c, inputs: Object.fromEntries(input ?? []), argv: ["-c", ...args] };
  }
  const bytes = readBytes(file);
  if (Buffer.from(bytes.subarray(0, 4)).toString("latin1") !== "\0asm")
    return {
      ...common,
      code: decodeSource(bytes, file),
      inputs: Object.fromEntries(input ?? []),
      argv: [file, ...args],
    };
  if (input !== undefined) throw new UsageFailure("--input is for Python programs");
  return { ...common, module: bytes, ...(invoke === undefined ? { argv: [file, ...args] } : { invoke, args }) };
}

/** `2/3`: 2 of 3 have to agree. */
function verification(text: string): { workers: number; agree: number } {
  const [, agree, workers] = /^(\d+)\/(\d+)$/.exec(text) ?? [];
  if (workers === undefined) throw new UsageFailure(`--verify is AGREE/WORKERS, as in 2/3, not ${text}`);
  return { workers: Number(workers), agree: Number(agree) };
}

function tell(result: FarmResult, flags: SubmitFlags): number {
  if (flags.receipt !== undefined && result.state === "done" && result.receipt !== null)
    writeOutput(flags.receipt, `${JSON.stringify(result.receipt)}\n`);
  if (flags.json) process.stdout.write(`${JSON.stringify(result)}\n`);
  if (result.state !== "done") {
    complain(
      `the run ${result.id} ${result.state === "failed" ? "has failed" : "is disputed"}: ${printable(result.reason)}`,
    );
    return STATUS.guestFailed;
  }
  const { status, error, stdout, stderr, dissent, value } = result;
  if (!flags.json) {
    process.stdout.write(stdout);
    process.stderr.write(stderr);
    if (flags.invoke !== undefined && Array.isArray(value))
      for (const item of value) process.stdout.write(`${String(item)}\n`);
  }
  for (const { worker, where, part, at: found, instruction, stack } of dissent) {
    const what = instruction ?? "nothing under way";
    const at =
      found !== null
        ? `, with ${what} at ${found} fuel (${stack[0] ?? "no function"})`
        : part === null
          ? ""
          : `, between ${part.before} and ${part.after} fuel (${what})`;
    complain(`worker ${printable(worker)} says otherwise: ${where}${at}`);
  }
  if (error === null) return STATUS.done;
  complain(printable(error.type === null ? error.message : `${error.type}: ${error.message}`));
  return LIMITS.has(status) ? STATUS.limit : STATUS.guestFailed;
}
