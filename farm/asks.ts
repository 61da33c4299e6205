// Questions to one worker: where somebody says otherwise, whoever judges asks for states of their run, which they make
// again. Each worker has a queue of its own for them; an answer lies in Redis for a minute, a state among the blobs.
import { createHash, randomUUID } from "node:crypto";
import type { Redis } from "ioredis";
import type { Hash, Receipt } from "../proof/index.js";
import type { BlobStore } from "./blobs.js";
import { PREFIX } from "./queue.js";
import { isRunData, type RunData } from "./run.js";

/** Asks for the state of a run at a fuel: its hash, or all of it. */
export interface Question {
  readonly run: RunData;
  /** What the asked one has said of its run, without its checkpoints; of a Python program it is made again from that. */
  readonly receipt: Receipt;
  readonly fuel: number;
  readonly whole: boolean;
}

/** The hash, or the state as a snapshot's bytes. */
export interface Answer {
  readonly state: Hash | null;
  readonly snapshot: Uint8Array | null;
}

/** Asks a worker; undefined if it does not answer, or cannot. */
export type Ask = (question: Question) => Promise<Answer | undefined>;

const ANSWER_SECONDS = 60;
const LOOK_MS = 10;
/** How long an answer may take: the asked one may have to run what a checkpoint's distance is, and be busy. */
const WAIT_MS = 60_000;

interface AskData extends Question {
  readonly answerTo: string;
}

function isAskData(value: unknown): value is AskData {
  if (typeof value !== "object" || value === null) return false;
  const { run, receipt, fuel, whole, answerTo } = value as Partial<AskData>;
  const isAsked = Number.isSafeInteger(fuel) && (fuel as number) >= 0 && typeof whole === "boolean";
  return isAsked && isRunData(run) && typeof receipt === "object" && /^[\w-]{1,50}$/.test(String(answerTo));
}

/** The queue of a worker's questions: names of workers are any text. */
const queueOf = (queue: string, worker: string): string =>
  `${queue}-asks-${createHash("sha256").update(worker).digest("hex").slice(0, 32)}`;

export class Asks {
  private readonly answering: import("bullmq").Worker;

  /** @param answer makes the run again, up to the state that is asked for */
  constructor(
    private readonly bullmq: typeof import("bullmq"),
    private readonly redis: Redis,
    private readonly queue: string,
    private readonly blobs: BlobStore,
    worker: string,
    answer: Ask,
    private readonly onError: (error: Error) => void,
  ) {
    this.answering = new bullmq.Worker(queueOf(queue, worker), (job) => this.answer(job.data, answer), {
      ...{ connection: redis, prefix: PREFIX, skipVersionCheck: true, concurrency: 1 },
      ...{ removeOnComplete: { count: 0 }, removeOnFail: { count: 0 } },
    });
    this.answering.on("error", onError);
  }

  private key(name: string): string {
    return `${PREFIX}:farm:${this.queue}:answer:${name}`;
  }

  private async answer(data: unknown, answer: Ask): Promise<void> {
    if (!isAskData(data)) return;
    const { answerTo, ...question } = data;
    // Who asked hears that there is no answer; why, whoever runs this worker.
    const answered = await answer(question).catch((error: Error) => this.onError(error));
    const { state = null, snapshot = null } = answered ?? {};
    if (snapshot !== null) await this.blobs.put(`answer-${answerTo}`, snapshot);
    const text = JSON.stringify({ answered: answered !== undefined, state });
    await this.redis.set(this.key(answerTo), text, "EX", ANSWER_SECONDS);
  }

  /** What asks another worker. `close` it when nothing more is asked. */
  asker(worker: string): { readonly ask: Ask; close(): Promise<void> } {
    const asks = new this.bullmq.Queue(queueOf(this.queue, worker), {
      connection: this.redis,
      prefix: PREFIX,
      skipVersionCheck: true,
    });
    asks.on("error", this.onError);
    let silent = false;
    const ask: Ask = async (question) => {
      // Who has not answered once is not waited for again.
      if (silent) return undefined;
      const answerTo = randomUUID();
      const job = await asks.add("ask", { ...question, answerTo }, { removeOnComplete: true, removeOnFail: true });
      for (const end = performance.now() + WAIT_MS; performance.now() < end; ) {
        const text = await this.redis.get(this.key(answerTo));
        if (text !== null) return this.read(answerTo, text);
        await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      }
      silent = true;
      // Under way it cannot be removed: then it is answered to nobody.
      await job.remove().catch(this.onError);
      return undefined;
    };
    return { ask, close: () => asks.close() };
  }

  private async read(answerTo: string, text: string): Promise<Answer | undefined> {
    await this.redis.del(this.key(answerTo));
    const { answered, state } = JSON.parse(text) as { readonly answered: boolean; readonly state: Hash | null };
    const name = `answer-${answerTo}`;
    const snapshot = state === null && answered ? await this.blobs.get(name) : undefined;
    if (snapshot !== undefined) await this.blobs.delete(name);
    return answered ? { state, snapshot: snapshot ?? null } : undefined;
  }

  close(): Promise<void> {
    return this.answering.close();
  }
}
