// What a thread of a worker does: one run at a time, from its beginning or from what was kept of it.
import { once } from "node:events";
import type { MessagePort } from "node:worker_threads";
import { ArgumentError } from "../cli/wasi/index.js";
import { BootLimitError, SandboxUsageError, SnapshotError } from "../micropython-wasm/index.js";
import { EscapementError } from "../runtime/index.js";
import type { Ask } from "./asks.js";
import { judge } from "./judge.js";
import { answer } from "./party.js";
import { runModule } from "./run-module.js";
import { runPython } from "./run-python.js";
import type { AnswerMessage, RunTask, ThreadMessage, ThreadReply, ThreadTask, WorkerMessage } from "./tasks.js";

/** Progress is told at most so often. */
const PROGRESS_MS = 200;

/** What a run under way tells its worker. */
export class RunPort {
  /** The run is to end at its next checkpoint. */
  handsOver = false;
  private kept: (() => void) | undefined;
  private told = 0;

  constructor(private readonly port: MessagePort) {
    port.on("message", (message: WorkerMessage) => {
      if (message === "hand over") this.handsOver = true;
      else this.kept?.();
    });
  }

  begun(from: number): void {
    this.send({ kind: "begun", from });
  }

  progress(fuelUsed: number): void {
    const now = performance.now();
    if (now - this.told < PROGRESS_MS) return;
    this.told = now;
    this.send({ kind: "progress", fuelUsed });
  }

  /** Resolves when the worker has the bytes where they are safe. */
  async checkpoint(fuelUsed: number, bytes: Uint8Array): Promise<void> {
    const kept = new Promise<void>((resolve) => {
      this.kept = resolve;
    });
    this.send({ kind: "checkpoint", fuelUsed, bytes });
    await kept;
  }

  private send(message: ThreadMessage): void {
    this.port.postMessage(message);
  }
}

export default async function runTask(task: ThreadTask): Promise<ThreadReply> {
  try {
    if (task.kind === "judge") return { kind: "dissent", dissent: await judge(task, askOn(task.port)) };
    if (task.kind === "answer") return { kind: "answer", answer: await answer(task.question, task.blobs) };
    return await run(task);
  } catch (error) {
    const refused = [SandboxUsageError, BootLimitError, ArgumentError, EscapementError];
    if (task.kind === "run" && task.kept !== undefined && isNotTakenUp(error))
      return { kind: "not taken up", message: (error as Error).message };
    if (refused.some((kind) => error instanceof kind)) return { kind: "refused", message: (error as Error).message };
    throw error;
  } finally {
    task.port.close();
  }
}

/** The worker asks for the thread; one question at a time. */
function askOn(port: MessagePort): Ask {
  return async (question) => {
    const answered = once(port, "message") as Promise<[AnswerMessage]>;
    port.postMessage({ kind: "ask", question } satisfies ThreadMessage);
    return (await answered)[0].answer;
  };
}

function isNotTakenUp(error: unknown): boolean {
  return error instanceof SnapshotError || error instanceof EscapementError;
}

async function run(task: RunTask): Promise<ThreadReply> {
  const port = new RunPort(task.port);
  const outcome =
    task.run.kind === "python" ? await runPython(task.run, task, port) : await runModule(task.run, task, port);
  return outcome === "handed over" ? { kind: outcome } : { kind: "outcome", outcome };
}
