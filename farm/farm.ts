// The farm as those see it who have something to run: they ask for runs, and get results.
import { randomUUID } from "node:crypto";
import type { Queue, QueueEvents } from "bullmq";
import type { Redis } from "ioredis";
import { nodeSha256 } from "../cli/wasi/index.js";
import { hashOfData } from "../proof/index.js";
import type { BlobStore } from "./blobs.js";
import type { Account, Books, Rate } from "./books.js";
import { FarmError, usage } from "./errors.js";
import type { Bill, FarmResult, Progress } from "./outcome.js";
import { blobsOf, booksOf, checkQueue, contentName, DEFAULT_QUEUE, jobId, PREFIX, runOfJob } from "./queue.js";
import { again, connect, load } from "./redis.js";
import { DEFAULTS, type FarmRun, runData } from "./run.js";

export interface FarmOptions {
  /** `redis://HOST:PORT`, `rediss://…`, or the path of a socket. */
  readonly redis: string;
  /** Default "runs". */
  readonly queue?: string | undefined;
  /** Where bytes are kept; default: in Redis. Workers have the same. */
  readonly blobs?: BlobStore | undefined;
  /** Is told when Redis is lost; commands wait until it is back. */
  readonly onError?: ((error: Error) => void) | undefined;
}

export interface WaitOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

/** Events come at once; a result whose event was lost with a connection is found so. */
const LOOK_AGAIN_MS = 5_000;
/** Jobs that have failed are kept for those who ask why. */
const KEEP_FAILED = { age: 7 * 86_400, count: 10_000 };
const BACKOFF = { type: "exponential", delay: 1_000 } as const;

interface Waiter {
  look(): void;
  progress(progress: Progress): void;
}

export class Farm {
  private events: Promise<QueueEvents> | undefined;
  private readonly waiters = new Map<string, Set<Waiter>>();
  private readonly onClose = new Set<() => void>();
  private closing: Promise<void> | undefined;

  private constructor(
    private readonly redis: Redis,
    private readonly queue: Queue,
    private readonly books: Books,
    private readonly blobs: BlobStore,
    private readonly options: FarmOptions,
  ) {}

  /** @throws FarmError if Redis cannot be reached, or a package is missing */
  static async connect(options: FarmOptions): Promise<Farm> {
    const { redis: url, queue = DEFAULT_QUEUE, onError = () => {} } = options;
    checkQueue(queue);
    const redis = await connect(url, onError);
    const { Queue } = await load(() => import("bullmq"), "bullmq");
    const jobs = new Queue(queue, { connection: redis, prefix: PREFIX, skipVersionCheck: true });
    jobs.on("error", onError);
    return new Farm(redis, jobs, booksOf(redis, queue), options.blobs ?? blobsOf(redis, queue), options);
  }

  /**
   * Asks for a run. When it resolves, Redis has the run, and it will have one result and one bill.
   * @returns its id
   * @throws FarmError, kind usage
   */
  async submit(run: FarmRun): Promise<string> {
    this.requireOpen();
    const data = await runData(run, async (bytes) => {
      const name = contentName(bytes);
      await this.blobs.put(name, bytes);
      return name;
    });
    const id = run.id ?? `run-${randomUUID()}`;
    const digest = hashOfData(data, nodeSha256);
    if (!(await this.books.begin(id, digest, data.verify?.workers ?? 0)))
      throw usage(`the id ${id} names another run, which was asked for before`);
    if (run.id !== undefined && (await this.books.result(id)) !== undefined) return id;
    const { priority = 0, attempts = DEFAULTS.attempts } = run;
    const options = { attempts, backoff: BACKOFF, removeOnComplete: true, removeOnFail: KEEP_FAILED };
    const job = (part?: number) => ({
      ...{ name: data.kind, data },
      // BullMQ's 0 is before all others, and needs no sorting.
      opts: { ...options, ...(priority === 0 ? {} : { priority }), jobId: jobId(id, part) },
    });
    if (data.verify === null) {
      const { name, opts } = job();
      await again(() => this.queue.add(name, data, opts));
    } else {
      const jobs = Array.from({ length: data.verify.workers }, (_, part) => job(part));
      await again(() => this.queue.addBulk(jobs));
    }
    return id;
  }

  /** Asks for a run, and waits for its result. @throws FarmError; the signal's reason */
  async run(run: FarmRun, options: WaitOptions = {}): Promise<FarmResult> {
    return this.wait(await this.submit(run), options);
  }

  /** A run's result; undefined if it has none yet. @throws FarmError if there is no such run */
  async result(id: string): Promise<FarmResult | undefined> {
    this.requireOpen();
    return (await this.books.result(id)) ?? (await this.failed(id));
  }

  /**
   * Waits for a run's result.
   * @throws FarmError if there is no such run, or the farm is closed; the signal's reason when it is aborted: the run
   *   goes on
   */
  async wait(id: string, { signal, onProgress = () => {} }: WaitOptions = {}): Promise<FarmResult> {
    this.requireOpen();
    signal?.throwIfAborted();
    let look = () => {};
    let stop = (_reason: unknown) => {};
    const waiter: Waiter = { look: () => look(), progress: onProgress };
    const stopped = new Promise<never>((_, reject) => {
      stop = reject;
    });
    stopped.catch(() => {});
    const aborted = () => stop(signal!.reason);
    const closed = () => stop(new FarmError("closed", "the farm was closed"));
    signal?.addEventListener("abort", aborted);
    this.onClose.add(closed);
    const others = this.waiters.get(id) ?? new Set();
    this.waiters.set(id, others.add(waiter));
    try {
      await Promise.race([this.listen(), stopped]);
      for (;;) {
        const changed = new Promise<void>((resolve) => {
          look = resolve;
        });
        const result = await Promise.race([this.result(id), stopped]);
        if (result !== undefined) return result;
        const timer = setTimeout(() => look(), LOOK_AGAIN_MS);
        await Promise.race([changed, stopped]).finally(() => clearTimeout(timer));
      }
    } finally {
      signal?.removeEventListener("abort", aborted);
      this.onClose.delete(closed);
      others.delete(waiter);
      if (others.size === 0) this.waiters.delete(id);
    }
  }

  /** Hears of jobs that are over, from now on. */
  private async listen(): Promise<void> {
    this.events ??= load(() => import("bullmq"), "bullmq").then(async ({ QueueEvents }) => {
      const events = new QueueEvents(this.queue.name, {
        connection: this.redis,
        prefix: PREFIX,
        skipVersionCheck: true,
      });
      const over = ({ jobId }: { readonly jobId: string }) => {
        for (const waiter of this.waiters.get(runOfJob(jobId).run) ?? []) waiter.look();
      };
      events.on("error", this.options.onError ?? (() => {}));
      events.on("completed", over);
      events.on("failed", over);
      events.on("progress", ({ jobId, data }) => {
        for (const waiter of this.waiters.get(runOfJob(jobId).run) ?? []) waiter.progress(data as Progress);
      });
      await events.waitUntilReady();
      return events;
    });
    const { events } = this;
    // Whoever waits next tries anew.
    events.catch(() => {
      if (this.events === events) this.events = undefined;
    });
    await events;
  }

  /** A run of which a job has failed for good: it has a result from then on, and costs nothing. */
  private async failed(id: string): Promise<FarmResult | undefined> {
    const parts = await this.books.parts(id);
    if (parts === undefined) throw usage(`there is no run ${id}, or it was asked for more than a week ago`);
    for (const part of parts === 0 ? [undefined] : Array.from({ length: parts }, (_, number) => number)) {
      const name = jobId(id, part);
      if ((await again(() => this.queue.getJobState(name))) !== "failed") continue;
      // Read when it has failed: before, it has no reason.
      const job = await again(() => this.queue.getJob(name));
      if (job === undefined) continue;
      const { tenant } = job.data as { tenant?: unknown };
      const result = { state: "failed", id, reason: job.failedReason } as const;
      await this.books.settle(result, { id, tenant: String(tenant ?? ""), fuel: 0, times: 0 });
      return this.books.result(id);
    }
    return undefined;
  }

  /** What the run was charged; undefined if it has no result yet. */
  async bill(id: string): Promise<Bill | undefined> {
    this.requireOpen();
    return this.books.bill(id);
  }

  /** What a tenant was charged in all. */
  async account(tenant: string): Promise<Account> {
    this.requireOpen();
    return this.books.account(tenant);
  }

  /** How many runs a tenant may begin in how much time; null: no limit. @throws FarmError, kind usage */
  async setRate(tenant: string, rate: Rate | null): Promise<void> {
    this.requireOpen();
    await this.books.setRate(tenant, rate);
  }

  /** How many runs wait for a worker, are under way, wait for their time, and have failed. */
  async counts(): Promise<{ waiting: number; active: number; delayed: number; failed: number }> {
    this.requireOpen();
    const { waiting = 0, prioritized = 0, active = 0, delayed = 0, failed = 0 } = await this.queue.getJobCounts();
    return { waiting: waiting + prioritized, active, delayed, failed };
  }

  private requireOpen(): void {
    if (this.closing !== undefined) throw new FarmError("closed", "the farm is closed");
  }

  /** Ends the connection. Runs go on; those who wait for one are told that they wait no more. */
  close(): Promise<void> {
    this.closing ??= this.closeNow();
    return this.closing;
  }

  private async closeNow(): Promise<void> {
    for (const closed of this.onClose) closed();
    await (await this.events?.catch(() => undefined))?.close();
    await this.queue.close();
    this.redis.disconnect();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
