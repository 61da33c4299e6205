// What crosses between a worker and its threads.
import type { MessagePort } from "node:worker_threads";
import type { Answer, Question } from "./asks.js";
import type { Dissent, Outcome } from "./outcome.js";
import type { RunData } from "./run.js";

/** Bytes that a run needs, by the names of their blobs. */
export type Blobs = ReadonlyMap<string, Uint8Array>;

export interface RunTask {
  readonly kind: "run";
  readonly run: RunData;
  readonly blobs: Blobs;
  /** What was kept of it at its last checkpoint. */
  readonly kept: Uint8Array | undefined;
  /** Least fuel between two checkpoints. */
  readonly checkpointFuel: number;
  readonly port: MessagePort;
}

/** Finds where the receipt of one who says otherwise parts from that of those who agree. */
export interface JudgeTask {
  readonly kind: "judge";
  readonly run: RunData;
  readonly blobs: Blobs;
  readonly agreed: Outcome;
  readonly other: Outcome;
  readonly worker: string;
  readonly port: MessagePort;
}

/** Answers one who judges: makes a run again. */
export interface AnswerTask {
  readonly kind: "answer";
  readonly question: Question;
  readonly blobs: Blobs;
  readonly port: MessagePort;
}

export type ThreadTask = RunTask | JudgeTask | AnswerTask;

/** From the thread, on the task's port. */
export type ThreadMessage =
  | { readonly kind: "begun"; readonly from: number }
  | { readonly kind: "progress"; readonly fuelUsed: number }
  /** The run waits for "kept". */
  | { readonly kind: "checkpoint"; readonly fuelUsed: number; readonly bytes: Uint8Array }
  /** Who judges waits for {@link AnswerMessage}. */
  | { readonly kind: "ask"; readonly question: Question };

/** To a thread that judges. */
export interface AnswerMessage {
  readonly answer: Answer | undefined;
}

/** To the thread: the checkpoint is safe; or the run is to end at the next one, which somebody else goes on from. */
export type WorkerMessage = "kept" | "hand over";

export type ThreadReply =
  | { readonly kind: "outcome"; readonly outcome: Outcome }
  | { readonly kind: "handed over" }
  | { readonly kind: "dissent"; readonly dissent: Dissent }
  | { readonly kind: "answer"; readonly answer: Answer }
  /** The run makes no sense: no attempt will. */
  | { readonly kind: "refused"; readonly message: string }
  /** What was kept is no state of this run here: it begins anew. */
  | { readonly kind: "not taken up"; readonly message: string };
