// The threads of a worker, each of which runs one thing at a time. One that does not answer is ended, and what it ran with it.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { MessageChannel } from "node:worker_threads";
import type { Piscina } from "piscina";
import type { Ask } from "./asks.js";
import { usage } from "./errors.js";
import { load } from "./redis.js";
import type {
  AnswerMessage,
  AnswerTask,
  JudgeTask,
  RunTask,
  ThreadMessage,
  ThreadReply,
  ThreadTask,
  WorkerMessage,
} from "./tasks.js";

/** How long a thread may take to load, boot Python and take up a state, before a run's own time begins. */
const START_MS = 120_000;
/** How long past its time limit a run may take to end. */
const GRACE_MS = 10_000;
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

interface ThreadHooks {
  onBegun?(from: number): void;
  onProgress?(fuelUsed: number): void;
  /** Resolves when the bytes are safe. */
  onCheckpoint?(fuelUsed: number, bytes: Uint8Array): Promise<void>;
  /** Who says otherwise is asked. */
  readonly ask?: Ask;
  /** Aborted when the run is to be handed over. */
  readonly handOver?: AbortSignal;
}

export class RunThreads {
  private constructor(
    private readonly threads: Piscina<ThreadTask, ThreadReply>,
    private readonly onError: (error: Error) => void,
  ) {}

  /**
   * @param onError is told of what fails and ends no run
   * @param file where run-thread.js is, if a bundler has moved it
   */
  static async start(
    count: number,
    onError: (error: Error) => void,
    file: URL | string = new URL("./farm-thread.js", import.meta.url),
  ): Promise<RunThreads> {
    const filename = file instanceof URL ? fileURLToPath(file) : file;
    if (!existsSync(filename)) throw usage(`threadFile: there is no ${filename}`);
    const { Piscina } = await load(() => import("piscina"), "piscina");
    const threads = new Piscina<ThreadTask, ThreadReply>({
      filename,
      minThreads: 0,
      // One more for answers: those who judge each other's runs at once would wait for each other.
      maxThreads: count + 1,
      // A thread has compiled the interpreter: it is worth keeping.
      idleTimeout: 60_000,
    });
    // Of a thread that fails between runs: it is replaced.
    threads.on("error", onError);
    return new RunThreads(threads, onError);
  }

  /**
   * @param timeout milliseconds that the run may take by its own limit
   * @throws if the thread dies or does not answer
   */
  async run(
    task: Omit<RunTask, "port"> | Omit<JudgeTask, "port"> | Omit<AnswerTask, "port">,
    timeout: number,
    hooks: ThreadHooks = {},
  ): Promise<ThreadReply> {
    const { port1, port2 } = new MessageChannel();
    const stuck = new AbortController();
    const stopAfter = (ms: number) => setTimeout(() => stuck.abort(), Math.min(ms, MAX_TIMEOUT_MS));
    let timer = stopAfter(task.kind === "run" ? START_MS : timeout + START_MS);
    const send = (message: WorkerMessage) => port1.postMessage(message);
    const handOver = () => send("hand over");
    port1.on("message", (message: ThreadMessage) => {
      if (message.kind === "begun") {
        clearTimeout(timer);
        timer = stopAfter(timeout + GRACE_MS);
        hooks.onBegun?.(message.from);
      } else if (message.kind === "progress") hooks.onProgress?.(message.fuelUsed);
      else if (message.kind === "ask") {
        const reply = (answer: AnswerMessage["answer"]) => port1.postMessage({ answer } satisfies AnswerMessage);
        (hooks.ask?.(message.question) ?? Promise.resolve(undefined)).then(reply, (error: Error) => {
          this.onError(error);
          reply(undefined);
        });
      } else {
        const kept = hooks.onCheckpoint?.(message.fuelUsed, message.bytes) ?? Promise.resolve();
        // What could not be kept is no reason to stop: the one before is still there.
        kept.then(
          () => send("kept"),
          (error: Error) => {
            this.onError(error);
            send("kept");
          },
        );
      }
    });
    hooks.handOver?.addEventListener("abort", handOver);
    if (hooks.handOver?.aborted) handOver();
    try {
      return await this.threads.run({ ...task, port: port2 }, { transferList: [port2], signal: stuck.signal });
    } catch (error) {
      const why = stuck.signal.aborted ? "did not answer in time" : `died: ${(error as Error).message}`;
      throw new Error(`the thread of the run ${why}`, { cause: error });
    } finally {
      clearTimeout(timer);
      hooks.handOver?.removeEventListener("abort", handOver);
      port1.close();
    }
  }

  async close(): Promise<void> {
    await this.threads.destroy();
  }
}
