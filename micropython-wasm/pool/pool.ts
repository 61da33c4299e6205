// Many runs on all cores: sandboxes in worker threads, with limits for each tenant.
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { MessageChannel } from "node:worker_threads";
import { Piscina } from "piscina";
import { SandboxUsageError } from "../errors.js";
import type { SandboxResult } from "../sandbox-types.js";
import { type PoolReply, type PoolSandboxOptions, type PoolTask, unpackResult } from "./task.js";
import { type TenantLimits, TenantQueue } from "./tenant-queue.js";

/** Limits of one tenant: on how much it runs at a time, and on each run. */
export interface PoolTenant extends TenantLimits {
  /** In place of the pool's. */
  readonly sandbox?: PoolSandboxOptions | undefined;
}

export interface SandboxPoolOptions {
  /** Worker threads; default: one per core. */
  readonly threads?: number | undefined;
  /** Options of every sandbox. `timeout` is 30 s if it is not given: a pool needs one. */
  readonly sandbox?: PoolSandboxOptions | undefined;
  /** Limits by tenant. Called when a tenant that has nothing to do asks for a run. */
  readonly tenant?: ((name: string) => PoolTenant) | undefined;
  /** Most runs that wait, of all tenants; default 10,000. */
  readonly maxQueue?: number | undefined;
  /**
   * A module whose default export is a `PoolSetup`: called in the worker with the tenant's name before each run, it
   * gives the functions and modules of the sandbox, which cannot be sent to another thread.
   */
  readonly setup?: URL | string | undefined;
  /** How long after its time limit a run that has not ended takes its worker down; default 5,000 ms. */
  readonly graceMs?: number | undefined;
  /** Where pool-worker.js is, if a bundler has moved it. */
  readonly workerFile?: URL | string | undefined;
  /** Flags of Node's for the workers. */
  readonly execArgv?: readonly string[] | undefined;
}

export interface PoolRunOptions extends PoolSandboxOptions {
  /** Whose limits apply; default: the tenant with the empty name. */
  readonly tenant?: string | undefined;
  readonly signal?: AbortSignal | undefined;
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
  readonly code: string;
  readonly tenant: string;
  readonly options: PoolSandboxOptions;
  readonly signal: AbortSignal | undefined;
  readonly resolve: (result: SandboxResult) => void;
  readonly reject: (error: unknown) => void;
}

const DEFAULT_TIMEOUT_MS = 30_000;
const DEFAULT_GRACE_MS = 5_000;
const DEFAULT_MAX_QUEUE = 10_000;
/** What a timer can wait for. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

export class SandboxPool {
  private readonly workers: Piscina<PoolTask, PoolReply>;
  private readonly queue: TenantQueue<Job>;
  private readonly running = new Set<Promise<void>>();
  private closed = false;

  constructor(private readonly options: SandboxPoolOptions = {}) {
    const threads = options.threads ?? availableParallelism();
    if (!Number.isSafeInteger(threads) || threads < 1) throw new SandboxUsageError(`threads is at least 1: ${threads}`);
    this.workers = new Piscina<PoolTask, PoolReply>({
      filename: fileOf(options.workerFile ?? new URL("./pool-worker.js", import.meta.url)),
      minThreads: 0,
      maxThreads: threads,
      // A worker has compiled the interpreter: it is worth keeping.
      idleTimeout: 60_000,
      ...(options.execArgv === undefined ? {} : { execArgv: [...options.execArgv] }),
    });
    this.queue = new TenantQueue(
      threads,
      (tenant) => options.tenant?.(tenant) ?? {},
      (job, over) => {
        const run = this.runNow(job).finally(() => {
          this.running.delete(run);
          over();
        });
        this.running.add(run);
      },
    );
  }

  /** Runs that wait for a thread. */
  get queueSize(): number {
    return this.queue.waiting;
  }

  /**
   * Runs a program in a fresh sandbox on one of the threads. Limits of the tenant hold against those given here: the
   * smaller one counts.
   * @throws PoolError; SandboxUsageError for options that make no sense; BootLimitError
   */
  run(code: string, options: PoolRunOptions = {}): Promise<SandboxResult> {
    const { tenant = "", signal, ...own } = options;
    return new Promise((resolve, reject) => {
      if (this.closed) throw new PoolError("closed", "the pool is closed");
      if (signal?.aborted) throw new PoolError("aborted", "aborted before it began");
      const limits = { ...this.options.sandbox, ...this.options.tenant?.(tenant)?.sandbox };
      const job: Job = { code, tenant, options: within(own, limits), signal, resolve, reject };
      const full =
        this.queue.waiting >= (this.options.maxQueue ?? DEFAULT_MAX_QUEUE) ? "the pool has" : this.enqueue(job);
      if (full !== undefined) throw new PoolError("full", `${full} no room for a run to wait; try again later`);
    });
  }

  /** @returns who has no room, if that is so */
  private enqueue(job: Job): string | undefined {
    if (!this.queue.add(job.tenant, job)) return `tenant ${JSON.stringify(job.tenant)} has`;
    const { signal } = job;
    signal?.addEventListener(
      "abort",
      () => {
        if (this.queue.remove(job.tenant, job)) job.reject(new PoolError("aborted", "aborted before it began"));
      },
      { once: true },
    );
    return undefined;
  }

  private async runNow({ code, tenant, options, signal, resolve, reject }: Job): Promise<void> {
    const { port1, port2 } = new MessageChannel();
    const abort = () => port1.postMessage(null);
    signal?.addEventListener("abort", abort, { once: true });
    // The sandbox keeps its time limit itself; a function of the host's that never returns is stopped from here.
    const stuck = new AbortController();
    const { timeout = DEFAULT_TIMEOUT_MS } = options;
    const deadline = Math.min(timeout + (this.options.graceMs ?? DEFAULT_GRACE_MS), MAX_TIMEOUT_MS);
    const timer = setTimeout(() => stuck.abort(), deadline);
    try {
      const setup = this.options.setup === undefined ? undefined : String(this.options.setup);
      const task: PoolTask = { code, tenant, options: { ...options, timeout }, setup, abort: port2 };
      const reply = await this.workers
        .run(task, { transferList: [port2], signal: stuck.signal })
        .catch((error: unknown) => Promise.reject(deathOf(error, stuck.signal.aborted)));
      resolve(unpackResult(reply));
    } catch (error) {
      reject(error);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
      port1.close();
    }
  }

  /** Rejects what waits, lets what runs end, and ends the threads. */
  async close(): Promise<void> {
    this.closed = true;
    for (const job of this.queue.clear()) job.reject(new PoolError("closed", "the pool was closed"));
    await Promise.all(this.running);
    await this.workers.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/** `own`, where numbers that `limits` has too are at most those. */
function within(own: PoolSandboxOptions, limits: PoolSandboxOptions): PoolSandboxOptions {
  const options: Record<string, unknown> = { ...limits, ...own };
  for (const name of ["fuel", "maxHostCalls", "maxValueBytes", "workBytes", "outputBytes", "timeout"] as const) {
    const limit = limits[name];
    if (limit !== undefined) options[name] = Math.min(limit, own[name] ?? limit);
  }
  // Sizes may be text; prices, and what stops a run, are not the caller's to lower.
  for (const name of ["memory", "schedule", "hostCallFuel", "outputFuel", "onOutputLimit"] as const) {
    if (limits[name] !== undefined) options[name] = limits[name];
  }
  return options;
}

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
