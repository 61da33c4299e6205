// A run as it is asked for, and as it lies in the queue: plain JSON, in which bytes are names of blobs.
import { type Amount, FUEL_SCHEDULES, readAmount } from "../runtime/index.js";
import { usage } from "./errors.js";

/** Several workers run it, and so many have to agree. */
export interface Verification {
  /** Workers that run it, each of another name. */
  readonly workers: number;
  /** How many of them have to say the same; default: more than half. */
  readonly agree?: number | undefined;
}

/** What is to be run: a Python program (`code`) or a WebAssembly module. Amounts are numbers, bigints, or text such as "64MiB". */
export interface FarmRun {
  /**
   * Names the run, for asking about it and for its bill; default: one that nobody else has. Asking for the same run again under
   * its id changes nothing. Letters, digits, `-`, `_` and `.`, not digits alone.
   */
  readonly id?: string | undefined;
  /** Who pays, and whose rate limit applies; default: the tenant with the empty name. */
  readonly tenant?: string | undefined;
  /** A Python program. */
  readonly code?: string | undefined;
  /** Globals that the program begins with: JSON. */
  readonly inputs?: Readonly<Record<string, unknown>> | undefined;
  /** Read-only files below /input. */
  readonly files?: Readonly<Record<string, Uint8Array | string>> | undefined;
  /** Files of the program's that come with the result, by paths that may be relative to /work. */
  readonly outputs?: readonly string[] | undefined;
  /** A binary module, in place of `code`: a WASI command, or a library of which `invoke` is called. */
  readonly module?: Uint8Array | undefined;
  /** The export that is called; without it the start function and `_start` run. */
  readonly invoke?: string | undefined;
  /** Arguments of `invoke`, as text: `["7", "0x10"]`. */
  readonly args?: readonly string[] | undefined;
  /** Environment of a WASI command. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** sys.argv of the program, or the argument list of a WASI command, which begins with its name. */
  readonly argv?: readonly string[] | undefined;
  readonly stdin?: Uint8Array | string | undefined;
  /** Default 20,000,000; of modules 1,000,000,000. */
  readonly fuel?: Amount | undefined;
  /** Cap on linear memory; default 64 MiB. */
  readonly memory?: Amount | undefined;
  /** Milliseconds that an attempt may take; default 600,000. A run that is stopped by it has no receipt. */
  readonly timeout?: Amount | undefined;
  readonly seed?: Amount | undefined;
  readonly schedule?: string | undefined;
  /** Most bytes of stdout and of stderr in the result; default 1,000,000 each. */
  readonly outputBytes?: Amount | undefined;
  /** Whether the result has a receipt; default true. */
  readonly receipt?: boolean | undefined;
  readonly verify?: Verification | undefined;
  /** 0 (default) is first, then 1, 2, … 1,000,000. */
  readonly priority?: number | undefined;
  /** How often a run is begun whose worker has failed without dying; default 3. */
  readonly attempts?: number | undefined;
}

/** Text, or the name of a blob. */
export type Content = { readonly text: string } | { readonly blob: string };

interface CommonData {
  readonly tenant: string;
  readonly argv: readonly string[];
  readonly stdin: Content;
  readonly fuel: number;
  readonly memory: number;
  readonly timeout: number;
  readonly seed: number;
  readonly schedule: string;
  readonly outputBytes: number;
  readonly receipt: boolean;
  readonly verify: { readonly workers: number; readonly agree: number } | null;
}

export interface PythonData extends CommonData {
  readonly kind: "python";
  readonly code: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly files: Readonly<Record<string, Content>>;
  readonly outputs: readonly string[];
}

export interface ModuleData extends CommonData {
  readonly kind: "module";
  /** The blob of its bytes. */
  readonly module: string;
  readonly invoke: string | null;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** A run in the queue. */
export type RunData = PythonData | ModuleData;

export const DEFAULTS = {
  pythonFuel: 20_000_000,
  moduleFuel: 1_000_000_000,
  memory: 64 * 2 ** 20,
  timeoutMs: 600_000,
  outputBytes: 1_000_000,
  attempts: 3,
  schedule: "escapement-2",
} as const;
const MAX_PRIORITY = 1_000_000;
const MAX_WORKERS = 100;
/** Of a run in the queue, without its blobs. */
const MAX_DATA_BYTES = 2 ** 20;

const isText = (value: unknown): boolean => typeof value === "string";
const isTexts = (value: unknown): boolean => Array.isArray(value) && value.every(isText);
const isContent = (value: unknown): boolean => isText(value) || value instanceof Uint8Array;
const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !(Symbol.iterator in value) && !(value instanceof Uint8Array);
const isRecordOf =
  (holds: (value: unknown) => boolean) =>
  (value: unknown): boolean =>
    isRecord(value) && Object.values(value).every(holds);
const isAmount = (value: unknown): boolean => readAmount(value) !== undefined;
const isCount = (from: number, to: number) => (value: unknown) =>
  Number.isSafeInteger(value) && (value as number) >= from && (value as number) <= to;

type Check = readonly [holds: (value: unknown) => boolean, expected: string];
const AMOUNT: Check = [isAmount, "a whole number from 0, or text such as 64MiB"];
const TEXT: Check = [isText, "text"];
const TEXTS: Check = [isTexts, "an array of texts"];
const BYTES_OR_TEXT: Check = [isContent, "text or bytes"];

const CHECKS: Readonly<Record<keyof FarmRun, Check>> = {
  id: [isId, "text of letters, digits, - _ and ., at most 100, and not of digits alone"],
  tenant: [(value) => isText(value) && (value as string).length <= 200, "text of at most 200 characters"],
  code: TEXT,
  inputs: [isRecord, "an object"],
  files: [isRecordOf(isContent), "an object of texts and bytes"],
  outputs: TEXTS,
  module: [(value) => value instanceof Uint8Array, "a Uint8Array"],
  invoke: TEXT,
  args: TEXTS,
  env: [isRecordOf(isText), "an object of texts"],
  argv: TEXTS,
  stdin: BYTES_OR_TEXT,
  fuel: AMOUNT,
  memory: AMOUNT,
  timeout: AMOUNT,
  seed: AMOUNT,
  schedule: [(value) => isText(value) && Object.hasOwn(FUEL_SCHEDULES, value as string), "the name of a fuel schedule"],
  outputBytes: AMOUNT,
  receipt: [(value) => typeof value === "boolean", "a boolean"],
  verify: [isRecord, "{ workers, agree }"],
  priority: [isCount(0, MAX_PRIORITY), `a whole number from 0 to ${MAX_PRIORITY}`],
  attempts: [isCount(1, 1000), "a whole number from 1 to 1000"],
};
const OF_PYTHON = ["inputs", "files", "outputs"] as const;
const OF_MODULES = ["invoke", "args", "env"] as const;

/** Job ids of BullMQ's may not be whole numbers, nor have a colon. */
function isId(value: unknown): boolean {
  return isText(value) && /^[\w.-]{1,100}$/.test(value as string) && !/^\d+$/.test(value as string);
}

/** @throws FarmError, kind usage */
function checkRun(run: FarmRun): void {
  const given: unknown = run;
  if (!isRecord(given)) throw usage("a run is an object, such as { code: 'print(1)' }");
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(CHECKS, name)) throw usage(`a run has no ${JSON.stringify(name)}; it may have ${NAMES}`);
    const [holds, expected] = CHECKS[name as keyof FarmRun];
    if (value !== undefined && !holds(value)) throw usage(`${name} is ${expected}, not ${described(value)}`);
  }
  if ((run.code === undefined) === (run.module === undefined))
    throw usage("a run has either code, a Python program, or module, a WebAssembly module");
  const others = run.code === undefined ? OF_PYTHON : OF_MODULES;
  const wrong = others.find((name) => run[name] !== undefined);
  if (wrong !== undefined)
    throw usage(`${wrong} is for ${run.code === undefined ? "Python programs" : "WebAssembly modules"}`);
  if (run.args !== undefined && run.invoke === undefined) throw usage("args are for the function that invoke names");
  if (run.verify !== undefined) checkVerification(run.verify, run.receipt);
}
const NAMES = Object.keys(CHECKS).join(", ");

function checkVerification({ workers, agree, ...rest }: Verification, receipt: boolean | undefined): void {
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) throw usage(`verify is { workers, agree }, and has no ${JSON.stringify(unknown)}`);
  if (!isCount(2, MAX_WORKERS)(workers))
    throw usage(`verify.workers is a whole number from 2 to ${MAX_WORKERS}, not ${described(workers)}`);
  if (agree !== undefined && !(isCount(2, workers)(agree) && agree > workers / 2))
    throw usage(`verify.agree is more than half of ${workers} workers, and at most all, not ${described(agree)}`);
  if (receipt === false) throw usage("verify compares receipts: leave receipt out");
}

function described(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  if (typeof value === "object") return value === null ? "null" : Array.isArray(value) ? "an array" : "an object";
  return String(value);
}

/**
 * The run as data for the queue.
 * @param put keeps bytes, and gives the name of their blob
 * @throws FarmError, kind usage
 */
export async function runData(run: FarmRun, put: (bytes: Uint8Array) => Promise<string>): Promise<RunData> {
  checkRun(run);
  const content = async (given: Uint8Array | string): Promise<Content> =>
    typeof given === "string" ? { text: given } : { blob: await put(given) };
  const { verify } = run;
  const common = {
    tenant: run.tenant ?? "",
    argv: run.argv ?? [],
    stdin: await content(run.stdin ?? ""),
    fuel: readAmount(run.fuel ?? (run.code === undefined ? DEFAULTS.moduleFuel : DEFAULTS.pythonFuel))!,
    memory: readAmount(run.memory ?? DEFAULTS.memory)!,
    timeout: readAmount(run.timeout ?? DEFAULTS.timeoutMs)!,
    seed: readAmount(run.seed ?? 0)!,
    schedule: run.schedule ?? DEFAULTS.schedule,
    outputBytes: readAmount(run.outputBytes ?? DEFAULTS.outputBytes)!,
    receipt: run.receipt ?? true,
    verify: verify ? { workers: verify.workers, agree: verify.agree ?? Math.floor(verify.workers / 2) + 1 } : null,
  };
  const data: RunData =
    run.code === undefined
      ? {
          ...{ kind: "module", ...common, module: await put(run.module!) },
          ...{ invoke: run.invoke ?? null, args: run.args ?? [], env: run.env ?? {} },
        }
      : {
          ...{ kind: "python", ...common, code: run.code, inputs: run.inputs ?? {}, outputs: run.outputs ?? [] },
          files: Object.fromEntries(
            await Promise.all(
              Object.entries(run.files ?? {}).map(async ([name, given]) => [name, await content(given)] as const),
            ),
          ),
        };
  let bytes: number;
  try {
    bytes = JSON.stringify(data).length;
  } catch (error) {
    throw usage(`inputs are JSON: ${(error as Error).message}`);
  }
  if (bytes > MAX_DATA_BYTES)
    throw usage(
      `the run has ${bytes} bytes of code, inputs and texts; ${MAX_DATA_BYTES} are allowed: give files as bytes`,
    );
  return data;
}

/** Whether what lies in a queue is a run: others may have put it there. */
export function isRunData(data: unknown): data is RunData {
  if (!isRecord(data)) return false;
  const counts = ["fuel", "memory", "timeout", "seed", "outputBytes"] as const;
  const whole = counts.every((name) => isCount(0, Number.MAX_SAFE_INTEGER)(data[name]));
  if (!whole || !isText(data["tenant"]) || !isTexts(data["argv"]) || !isBlobOrText(data["stdin"])) return false;
  if (typeof data["receipt"] !== "boolean" || !CHECKS.schedule[0](data["schedule"])) return false;
  const verify = data["verify"];
  if (verify !== null && !(isRecord(verify) && isCount(2, MAX_WORKERS)(verify["workers"]))) return false;
  if (data["kind"] === "python") {
    const files = isRecordOf(isBlobOrText)(data["files"]);
    return files && isText(data["code"]) && isRecord(data["inputs"]) && isTexts(data["outputs"]);
  }
  const invoke = data["invoke"] === null || isText(data["invoke"]);
  const given = isText(data["module"]) && isTexts(data["args"]) && isRecordOf(isText)(data["env"]);
  return data["kind"] === "module" && invoke && given;
}

function isBlobOrText(value: unknown): boolean {
  return isRecord(value) && (isText(value["text"]) || isText(value["blob"]));
}
