// A worker: takes runs out of the queue, and runs them in threads. It may be killed at any time: what it ran is taken up
// by another one, from the last state that was kept.
import { EventEmitter } from "node:events";
import { hostname } from "node:os";
import type { Job, Queue, Worker } from "bullmq";
import type { Redis } from "ioredis";
import { type Answer, type Ask, Asks, type Question } from "./asks.js";
import type { BlobStore } from "./blobs.js";
import type { Books, PartReport } from "./books.js";
import { usage } from "./errors.js";
import type { FarmResult, Outcome, Progress } from "./outcome.js";
import { blobsOf, booksOf, checkQueue, DEFAULT_QUEUE, fetchBlobs, PREFIX, runOfJob } from "./queue.js";
import { connect, load, warnings } from "./redis.js";
import { isRunData, type RunData } from "./run.js";
import { RunThreads } from "./threads.js";
import { type Verdict, verdictOf } from "./verdict.js";

export interface FarmWorkerOptions {
  readonly redis: string;
  /** Default "runs". */
  readonly queue?: string | undefined;
  /** Runs at a time, each in a thread of its own; default 1. */
  readonly concurrency?: number | undefined;
  /** Who this is, in results and where several verify a run: no two have the same. Default: host and process. */
  readonly name?: string | undefined;
  /** As the farm's. */
  readonly blobs?: BlobStore | undefined;
  /** Least fuel between two states that are kept of a run; default 100,000,000, a second or two of running. */
  readonly checkpointFuel?: number | undefined;
  /** Milliseconds until a worker that is not heard of has lost its runs; default 30,000. */
  readonly stalledAfter?: number | undefined;
  /** How often a run may be lost with its worker; default 10. It may be what ends them. */
  readonly maxLosses?: number | undefined;
  /** Runs that ask for more are refused. Default: no bound of the worker's own. */
  readonly maxFuel?: number | undefined;
  readonly maxMemory?: number | undefined;
  /** Where farm-thread.js is, if a bundler has moved it. */
  readonly threadFile?: URL | string | undefined;
  readonly onError?: ((error: Error) => void) | undefined;
}

/** What a worker tells of. */
export interface WorkerEvents {
  /** A run begins, at this fuel: 0 unless it was taken up. */
  begun: [id: string, from: number];
  kept: [id: string, bytes: number];
  /** What was kept is no state of the run here, and it begins anew. */
  restarted: [id: string, reason: string];
  settled: [result: FarmResult, seconds: number];
  handedOver: [id: string];
  failed: [id: string, reason: string];
  stalled: [id: string];
  /** A part that another worker has to run, or to judge. */
  left: [job: string];
}

const DEFAULT_CHECKPOINT_FUEL = 100_000_000;
const DEFAULT_STALLED_AFTER_MS = 30_000;
const DEFAULT_MAX_LOSSES = 10;
/** How long a worker takes nothing that has put back what it may not run. */
const OTHER_WORKER_MS = 200;
const PROGRESS_MS = 500;
const JUDGE_MS = 3_600_000;
const ANSWER_MS = 60_000;

export class FarmWorker extends EventEmitter<WorkerEvents> {
  private readonly leaving = new AbortController();
  private closing: Promise<void> | undefined;
  private worker!: Worker;
  private asks!: Asks;
  private signals!: typeof import("bullmq");

  private constructor(
    readonly name: string,
    private readonly redis: Redis,
    private readonly queue: Queue,
    private readonly books: Books,
    private readonly blobs: BlobStore,
    private readonly threads: RunThreads,
    private readonly options: FarmWorkerOptions,
  ) {
    super();
  }

  /** A worker that is at work. @throws FarmError */
  static async start(options: FarmWorkerOptions): Promise<FarmWorker> {
    const { queue = DEFAULT_QUEUE, concurrency = 1, name = `${hostname()}-${process.pid}` } = options;
    checkQueue(queue);
    requireOptions({ ...options, concurrency, name });
    const { onError = () => {}, threadFile } = options;
    const threads = await RunThreads.start(concurrency, onError, threadFile);
    const redis = await connect(options.redis, onError);
    const bullmq = await load(() => import("bullmq"), "bullmq");
    const jobs = new bullmq.Queue(queue, { connection: redis, prefix: PREFIX, skipVersionCheck: true });
    jobs.on("error", onError);
    const blobs = options.blobs ?? blobsOf(redis, queue);
    const farm = new FarmWorker(name, redis, jobs, booksOf(redis, queue), blobs, threads, options);
    await farm.work(bullmq, queue, concurrency, onError);
    return farm;
  }

  private async work(
    bullmq: typeof import("bullmq"),
    queue: string,
    concurrency: number,
    onError: (error: Error) => void,
  ): Promise<void> {
    const { stalledAfter = DEFAULT_STALLED_AFTER_MS, maxLosses = DEFAULT_MAX_LOSSES } = this.options;
    this.signals = bullmq;
    const worker = new bullmq.Worker(queue, (job: Job, token?: string) => this.process(job, token), {
      ...{ connection: this.redis, prefix: PREFIX, skipVersionCheck: true, name: this.name, concurrency },
      ...{ lockDuration: stalledAfter, stalledInterval: stalledAfter, maxStalledCount: maxLosses },
    });
    this.worker = worker;
    const answer: Ask = (question) => this.answer(question);
    this.asks = new Asks(bullmq, this.redis, queue, this.blobs, this.name, answer, onError);
    worker.on("error", onError);
    worker.on("stalled", (id) => this.emit("stalled", id));
    worker.on("failed", (job, error) => this.emit("failed", job?.id ?? "unknown", error.message));
    await worker.waitUntilReady();
  }

  private async process(job: Job, token: string | undefined): Promise<void> {
    const { DelayedError, UnrecoverableError, WaitingError } = this.signals;
    const { run: id, part } = runOfJob(job.id!);
    const data: unknown = job.data;
    if (!isRunData(data)) throw new UnrecoverableError("what lies in the queue is no run, or one of another version");
    this.requireWithin(data);
    const wait = await this.books.start(data.tenant, id);
    if (wait === undefined) return;
    const said = part === undefined ? undefined : await this.books.reported(id, part);
    if (said !== undefined) return this.conclude(job, token, data, said, performance.now());
    const isFree = part === undefined || (await this.books.claim(id, part, this.name));
    if (!isFree) return this.leaveToOthers(job, token);
    if (wait > 0) {
      await job.moveToDelayed(Date.now() + wait, token);
      throw new DelayedError();
    }
    const started = performance.now();
    const outcome = await this.outcomeOf(job, data, part);
    if (outcome === "handed over") {
      await job.moveToWait(token);
      this.emit("handedOver", id);
      throw new WaitingError();
    }
    await this.blobs.delete(this.keptName(job.id!, part));
    if (part !== undefined) {
      const reports = await this.books.report(id, part, { worker: this.name, outcome });
      return this.conclude(job, token, data, reports, started);
    }
    await this.settle(data, { state: "done", id, workers: [this.name], dissent: [], ...outcome }, 1, started);
  }

  /** @throws UnrecoverableError: no attempt on this worker will do */
  private requireWithin({ fuel, memory }: RunData): void {
    const { maxFuel = Number.POSITIVE_INFINITY, maxMemory = Number.POSITIVE_INFINITY } = this.options;
    const { UnrecoverableError } = this.signals;
    if (fuel > maxFuel)
      throw new UnrecoverableError(`the run asks for ${fuel} fuel; worker ${this.name} allows ${maxFuel}`);
    if (memory > maxMemory)
      throw new UnrecoverableError(
        `the run asks for ${memory} bytes of memory; worker ${this.name} allows ${maxMemory}`,
      );
  }

  /** States of a run that several verify are a worker's own: what it says is not to rest on another's. */
  private keptName(job: string, part: number | undefined): string {
    const name = `kept-${job.replace("~", "-part-")}`;
    return part === undefined ? name : `${name}-${this.name.replaceAll(/[^\w.-]/g, "_")}`;
  }

  private async outcomeOf(job: Job, run: RunData, part: number | undefined): Promise<Outcome | "handed over"> {
    const { UnrecoverableError } = this.signals;
    const keptName = this.keptName(job.id!, part);
    const blobs = await fetchBlobs(run, this.blobs);
    // A run that begins for the first time has nothing that was kept.
    let kept = job.attemptsStarted > 1 ? await this.blobs.get(keptName) : undefined;
    for (;;) {
      const reply = await this.threads.run(
        { kind: "run", run, blobs, kept, checkpointFuel: this.options.checkpointFuel ?? DEFAULT_CHECKPOINT_FUEL },
        run.timeout,
        this.hooksOf(job, run, keptName),
      );
      switch (reply.kind) {
        case "outcome":
          return reply.outcome;
        case "handed over":
          return reply.kind;
        case "refused":
          throw new UnrecoverableError(reply.message);
        case "not taken up":
          this.emit("restarted", job.id!, reply.message);
          kept = undefined;
          break;
        default:
          throw new Error(`a thread answered ${reply.kind} to a run`);
      }
    }
  }

  private hooksOf(job: Job, { fuel }: RunData, keptName: string) {
    let checkpoint = 0;
    let told = performance.now();
    const tell = (fuelUsed: number): void => {
      const now = performance.now();
      if (now - told < PROGRESS_MS) return;
      told = now;
      const progress: Progress = { fuelUsed, fuelLimit: fuel, checkpoint, worker: this.name };
      // It is news, and no more: what fails to be told is told the next time.
      job.updateProgress({ ...progress }).catch(() => {});
    };
    return {
      handOver: this.leaving.signal,
      onBegun: (from: number) => {
        checkpoint = from;
        this.emit("begun", job.id!, from);
      },
      onProgress: tell,
      onCheckpoint: async (fuelUsed: number, bytes: Uint8Array) => {
        await this.blobs.put(keptName, bytes);
        checkpoint = fuelUsed;
        this.emit("kept", job.id!, bytes.length);
        tell(fuelUsed);
      },
    };
  }

  private async settle(run: RunData, result: FarmResult, times: number, started: number): Promise<void> {
    const fuel = result.state === "done" ? result.fuel.used : 0;
    await this.books.settle(result, { id: result.id, tenant: run.tenant, fuel, times });
    this.emit("settled", result, (performance.now() - started) / 1000);
  }

  /** Puts a job back at once, and takes no other for a while: so whoever else is free gets it. */
  private async leaveToOthers(job: Job, token: string | undefined): Promise<never> {
    await job.moveToWait(token);
    this.emit("left", job.id!);
    await new Promise((resolve) => setTimeout(resolve, OTHER_WORKER_MS));
    throw new this.signals.WaitingError();
  }

  /** Judges, if all has been said: who says otherwise does not, but leaves it to another worker. */
  private async conclude(
    job: Job,
    token: string | undefined,
    run: RunData,
    reports: readonly PartReport[],
    started: number,
  ): Promise<void> {
    const id = runOfJob(job.id!).run;
    const { workers, agree } = run.verify!;
    if (reports.length < workers) return;
    const verdict: Verdict = verdictOf(reports, agree);
    if (verdict.others.some(({ worker }) => worker === this.name)) return this.leaveToOthers(job, token);
    const dissent = [];
    if (verdict.agreed !== undefined) {
      const blobs = verdict.others.length === 0 ? new Map<string, Uint8Array>() : await fetchBlobs(run, this.blobs);
      for (const { worker, outcome: other } of verdict.others) {
        const task = { kind: "judge", run, blobs, agreed: verdict.agreed, other, worker } as const;
        const asker = this.asks.asker(worker);
        const reply = await this.threads.run(task, JUDGE_MS, asker).finally(() => asker.close());
        if (reply.kind === "dissent") dissent.push(reply.dissent);
        else if (reply.kind === "refused") throw new Error(reply.message);
      }
    }
    const names = verdict.workers;
    const result: FarmResult =
      verdict.agreed === undefined
        ? { state: "disputed", id, reason: verdict.reason, workers: names, dissent }
        : { state: "done", id, workers: names, dissent, ...verdict.agreed };
    await this.settle(run, result, verdict.agreed === undefined ? 0 : workers, started);
  }

  /** Makes a run again for one who judges what this worker has said of it. */
  private async answer(question: Question): Promise<Answer | undefined> {
    this.requireWithin(question.run);
    const blobs = await fetchBlobs(question.run, this.blobs);
    const reply = await this.threads.run({ kind: "answer", question, blobs }, ANSWER_MS);
    if (reply.kind === "answer") return reply.answer;
    const why = reply.kind === "refused" ? reply.message : `a thread answered ${reply.kind}`;
    throw new Error(`a run that worker ${this.name} was asked about could not be made again: ${why}`);
  }

  /** What of Redis' settings would lose what was acknowledged. */
  warnings(): Promise<string[]> {
    return warnings(this.redis);
  }

  /** How many jobs wait, and so on, in the whole queue. */
  counts(): Promise<Record<string, number>> {
    return this.queue.getJobCounts();
  }

  /**
   * Takes no more runs. Those under way end, or are handed over to other workers at the next state that is kept of them.
   */
  close(): Promise<void> {
    this.closing ??= this.closeNow();
    return this.closing;
  }

  private async closeNow(): Promise<void> {
    this.leaving.abort();
    await Promise.all([this.worker.close(), this.asks.close()]);
    await this.threads.close();
    await this.queue.close();
    this.redis.disconnect();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/** @throws FarmError, kind usage */
function requireOptions(options: FarmWorkerOptions): void {
  const counts = ["concurrency", "checkpointFuel", "stalledAfter", "maxLosses", "maxFuel", "maxMemory"] as const;
  for (const name of counts) {
    const value = options[name];
    if (value !== undefined && !(Number.isSafeInteger(value) && value >= 1))
      throw usage(`${name} is a whole number from 1, not ${String(value)}`);
  }
  if (typeof options.name !== "string" || options.name.length === 0 || options.name.length > 100)
    throw usage("the name of a worker is text of 1 to 100 characters");
}
