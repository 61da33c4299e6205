// Many runs on all cores: sandboxes in worker threads, with limits for each tenant.
import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { MessageChannel, type ResourceLimits } from "node:worker_threads";
import { Piscina } from "piscina";
import type { Amount } from "../../runtime/index.js";
import { SandboxUsageError } from "../guest/errors.js";
import {
  BYTES,
  type Checks,
  COUNT,
  check,
  FUNCTION,
  POSITIVE,
  RECORD,
  type Resolved,
  resolveOptions,
} from "../session/checks.js";
import type { SandboxAnswer } from "../session/sandbox-types.js";
import { whenAborted } from "./abort-group.js";
import {
  type PoolContinuation,
  type PoolReply,
  type PoolResult,
  type PoolSandboxOptions,
  type PoolTask,
  type PoolWorkerData,
  poolSandboxSettings,
  unpackResult,
} from "./task.js";
import { type TenantLimits, TenantQueue } from "./tenant-queue.js";

/** Limits of one tenant: on how much it runs at a time, and on each run. */
export interface PoolTenant extends TenantLimits {
  /** In place of the pool's. */
  readonly sandbox?: PoolSandboxOptions | undefined;
}

export interface SandboxPoolOptions {
  /** Worker threads; default: one per core. */
  readonly threads?: Amount | undefined;
  /** Options of every sandbox. `timeout` is 30 s if it is not given: a pool needs one. */
  readonly sandbox?: PoolSandboxOptions | undefined;
  /** Limits by tenant. Called when a tenant that has nothing to do asks for a run. */
  readonly tenant?: ((name: string) => PoolTenant) | undefined;
  /** Most runs that wait, of all tenants; default 10,000. */
  readonly maxQueue?: Amount | undefined;
  /**
   * A module, by its URL or absolute path, whose default export is a `PoolSetup`: called in the worker with the tenant's name before each run, it
   * gives the functions and modules of the sandbox, which cannot be sent to another thread.
   */
  readonly setup?: URL | string | undefined;
  /**
   * How long after its time limit, or after it was aborted, a run that has not ended takes its worker down;
   * default 5,000 ms.
   */
  readonly graceMs?: Amount | undefined;
  /** The artifact of every sandbox, if it is not the one that this package depends on; each worker compiles it once. */
  readonly artifact?: Uint8Array | undefined;
  /** Where pool-worker.js is, if a bundler has moved it. */
  readonly workerFile?: URL | string | undefined;
  /** Node's limits for each worker: JavaScript memory of the functions that the setup gives, mostly. */
  readonly resourceLimits?: ResourceLimits | undefined;
  /** Flags of Node's for the workers. */
  readonly execArgv?: readonly string[] | undefined;
}

export interface PoolRunOptions extends PoolSandboxOptions {
  /** Whose limits apply; default: the tenant with the empty name. */
  readonly tenant?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Files that come with the result, by paths that may be relative to /work; of a directory all that is below. */
  readonly outputs?: readonly string[] | undefined;
  /**
   * With "pause" the run pauses before each call of a host function: its result says which, and has a snapshot, which
   * {@link SandboxPool.resume} goes on with. No thread waits meanwhile. Default: "call".
   */
  readonly onHostCall?: "call" | "pause" | undefined;
}

/**
 * full: the queue has no room; worker: the thread died or did not answer, and took this run with it;
 * aborted: before the run had begun; closed: the pool is.
 */
export type PoolErrorKind = "full" | "worker" | "aborted" | "closed";

/** A run that has no result. */
export class PoolError extends Error {
  override readonly name = "PoolError";
  constructor(
    readonly kind: PoolErrorKind,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

interface Job {
  readonly task: Omit<PoolTask, "abort">;
  /** Milliseconds. */
  readonly timeout: number;
  readonly resolve: (result: PoolResult) => void;
  readonly reject: (error: unknown) => void;
  /** What aborting does now: it differs while the job waits and while it runs. */
  abort: () => void;
}

const DEFAULT_TIMEOUT_MS = 30_000;
const DEFAULT_GRACE_MS = 5_000;
const DEFAULT_MAX_QUEUE = 10_000;
const URL_OR_TEXT = check("a URL or text", (value) => typeof value === "string" || value instanceof URL);
const POOL_CHECKS: Checks<SandboxPoolOptions> = {
  threads: POSITIVE,
  sandbox: RECORD,
  tenant: FUNCTION,
  maxQueue: COUNT,
  setup: URL_OR_TEXT,
  graceMs: COUNT,
  artifact: BYTES,
  workerFile: URL_OR_TEXT,
  resourceLimits: RECORD,
  execArgv: check("an array of texts", Array.isArray),
};
/** How long a thread may take to load, boot Python and call the setup, before a run's own time begins. */
const START_MS = 60_000;
/** What a timer can wait for. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

export class SandboxPool {
  private readonly workers: Piscina<PoolTask, PoolReply>;
  private readonly queue: TenantQueue<Job>;
  private readonly running = new Set<Promise<void>>();
  private readonly graceMs: number;
  private readonly sandbox: PoolSandboxSettings;
  private closing: Promise<void> | undefined;

  /** @throws SandboxUsageError */
  constructor(private readonly options: SandboxPoolOptions = {}) {
    const resolved = resolveOptions(options, POOL_CHECKS);
    this.sandbox = poolSandboxSettings(options.sandbox);
    const { threads = availableParallelism(), maxQueue = DEFAULT_MAX_QUEUE, graceMs = DEFAULT_GRACE_MS } = resolved;
    const filename = fileOf(options.workerFile ?? new URL("./pool-worker.js", import.meta.url));
    if (!existsSync(filename)) throw new SandboxUsageError(`workerFile: there is no ${filename}`);
    this.graceMs = graceMs;
    this.workers = new Piscina<PoolTask, PoolReply>({
      filename,
      minThreads: 0,
      maxThreads: threads,
      // A worker has compiled the interpreter: it is worth keeping.
      idleTimeout: 60_000,
      workerData: { artifact: options.artifact } satisfies PoolWorkerData,
      ...(options.resourceLimits === undefined ? {} : { resourceLimits: options.resourceLimits }),
      ...(options.execArgv === undefined ? {} : { execArgv: [...options.execArgv] }),
    });
    // Of a thread that fails between runs, by what a function has left behind. It is replaced; nobody is to be told.
    this.workers.on("error", () => {});
    this.queue = new TenantQueue(
      threads,
      (tenant) => this.tenant(tenant),
      (job, over) => {
        const run = this.runNow(job).finally(() => {
          this.running.delete(run);
          over();
        });
        this.running.add(run);
      },
      maxQueue,
    );
  }

  /** Runs that wait for a thread. */
  get queueSize(): number {
    return this.queue.waiting;
  }

  private tenant(name: string): PoolTenant {
    const tenant = this.options.tenant?.(name) ?? {};
    // With none at a time, its runs would wait for ever.
    if (tenant.concurrency !== undefined) requireCount("concurrency", tenant.concurrency, 1);
    if (tenant.queue !== undefined) requireCount("queue", tenant.queue, 0);
    return tenant;
  }

  /**
   * Runs a program in a fresh sandbox on one of the threads. Limits of the tenant hold against those given here: the
   * smaller one counts.
   * @throws PoolError; SandboxUsageError for options that make no sense; BootLimitError
   */
  async run(code: string, options: PoolRunOptions = {}): Promise<PoolResult> {
    if (typeof code !== "string") throw new SandboxUsageError("the code is text");
    return this.queued(code, undefined, options);
  }

  /**
   * Goes on with a run that has paused at host calls, in this pool or another one, perhaps of another process.
   * @param snapshot that of its result
   * @param given what one or several of its calls give: `{ value }` or `{ error }`, with the call's `id` if there are several
   * @throws PoolError; SandboxUsageError if this is not what the run waits for; SnapshotError, by its name
   */
  async resume(
    snapshot: Uint8Array,
    given: SandboxAnswer | readonly SandboxAnswer[],
    options: Omit<PoolRunOptions, "onHostCall"> = {},
  ): Promise<PoolResult> {
    if (!(snapshot instanceof Uint8Array)) throw new SandboxUsageError("resume takes the snapshot of a paused result");
    const answers = (Array.isArray(given) ? given : [given]) as readonly SandboxAnswer[];
    return this.queued("", { snapshot, answers: answers.map(sendable) }, options);
  }

  private async queued(
    code: string,
    continuation: PoolContinuation | undefined,
    options: PoolRunOptions,
  ): Promise<PoolResult> {
    const { tenant = "", signal, outputs = [], onHostCall = "call", ...own } = options;
    if (onHostCall !== "call" && onHostCall !== "pause")
      throw new SandboxUsageError(`onHostCall is "call" or "pause", not ${String(onHostCall)}`);
    if (!Array.isArray(outputs) || outputs.some((path) => typeof path !== "string")) {
      throw new SandboxUsageError("outputs is a list of paths");
    }
    if (this.closing !== undefined) throw new PoolError("closed", "the pool is closed");
    if (signal?.aborted) throw notBegun();
    const limits = { ...this.sandbox, ...poolSandboxSettings(this.tenant(tenant).sandbox) };
    const allowed = within(poolSandboxSettings(own), limits);
    const { timeout = DEFAULT_TIMEOUT_MS } = allowed;
    const setup = this.options.setup === undefined ? undefined : String(this.options.setup);
    if (setup?.startsWith(".")) throw new SandboxUsageError(`setup is a URL or an absolute path, not ${setup}`);
    const sandbox = { ...allowed, timeout };
    const pausesAtCalls = onHostCall === "pause";
    const task = { code, tenant, options: sandbox, outputs, setup, pausesAtCalls, continuation };
    let abort = () => {};
    const leave = signal === undefined ? undefined : whenAborted(signal, () => abort());
    try {
      return await new Promise((resolve, reject) => {
        const job: Job = { task, timeout, resolve, reject, abort: () => this.takeBack(tenant, job) };
        abort = () => job.abort();
        const full = this.queue.add(tenant, job);
        if (full === undefined) return;
        const who = full === "tenant" ? `tenant ${JSON.stringify(tenant)}` : "the pool";
        reject(new PoolError("full", `${who} has no room for a run to wait; try again later`));
      });
    } finally {
      leave?.();
    }
  }

  private takeBack(tenant: string, job: Job): void {
    if (this.queue.remove(tenant, job)) job.reject(notBegun());
  }

  private async runNow(job: Job): Promise<void> {
    const { port1, port2 } = new MessageChannel();
    // The sandbox keeps its time limit itself; a function of the host's that never returns is stopped from here.
    const stuck = new AbortController();
    const stopAfter = (ms: number) => setTimeout(() => stuck.abort(), Math.min(ms, MAX_TIMEOUT_MS));
    let timer = stopAfter(START_MS);
    const begun = () => {
      clearTimeout(timer);
      timer = stopAfter(job.timeout + this.graceMs);
    };
    port1.once("message", begun);
    job.abort = () => {
      port1.off("message", begun);
      port1.postMessage(null);
      clearTimeout(timer);
      timer = stopAfter(this.graceMs);
    };
    try {
      const reply = await this.workers
        .run({ ...job.task, abort: port2 }, { transferList: [port2], signal: stuck.signal })
        .catch((error: unknown) => Promise.reject(deathOf(error, stuck.signal.aborted)));
      job.resolve(unpackResult(reply));
    } catch (error) {
      job.reject(error);
    } finally {
      clearTimeout(timer);
      port1.close();
    }
  }

  /** Rejects what waits, lets what runs end, and ends the threads. */
  close(): Promise<void> {
    this.closing ??= this.closeNow();
    return this.closing;
  }

  private async closeNow(): Promise<void> {
    for (const job of this.queue.clear()) job.reject(new PoolError("closed", "the pool was closed"));
    await Promise.all(this.running);
    await this.workers.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/** An error as its message, of which a copy keeps the class: the guest gets that. */
function sendable(answer: SandboxAnswer): SandboxAnswer {
  return answer instanceof Object && "error" in answer && answer.error instanceof Error
    ? { ...answer, error: answer.error.message }
    : answer;
}

function notBegun(): PoolError {
  return new PoolError("aborted", "aborted before it began");
}

function requireCount(name: string, count: number, least: number): void {
  if (Number.isSafeInteger(count) && count >= least) return;
  throw new SandboxUsageError(`${name} is a whole number from ${least}, not ${count}`);
}

type PoolSandboxSettings = Resolved<PoolSandboxOptions>;

/** `own`, where numbers that `limits` has too are at most those. */
function within(own: PoolSandboxSettings, limits: PoolSandboxSettings): PoolSandboxSettings {
  const given = Object.entries(own).filter(([, value]) => value !== undefined);
  const options: Record<string, unknown> = { ...limits, ...Object.fromEntries(given) };
  for (const name of BOUNDED) {
    const limit = limits[name];
    if (limit !== undefined) options[name] = Math.min(limit, own[name] ?? limit);
  }
  // Prices, and what stops a run, are not the caller's to choose.
  for (const name of ["schedule", "hostCallFuel", "outputFuel", "onOutputLimit"] as const) {
    if (limits[name] !== undefined) options[name] = limits[name];
  }
  return options;
}

const BOUNDED = [
  "fuel",
  "memory",
  "maxHostCalls",
  "maxValueBytes",
  "workBytes",
  "outputBytes",
  "timeout",
  "pythonStackBytes",
] as const;

function fileOf(file: URL | string): string {
  return file instanceof URL ? fileURLToPath(file) : file;
}

function deathOf(cause: unknown, stuck: boolean): Error {
  if (cause instanceof Error && cause.name === "DataCloneError") {
    return new SandboxUsageError(`the options cannot be sent to a worker: ${cause.message}`);
  }
  const why = stuck ? "did not answer in time" : `died (${cause instanceof Error ? cause.message : String(cause)})`;
  return new PoolError("worker", `the worker ${why}, and this run with it; others go on`, { cause });
}
