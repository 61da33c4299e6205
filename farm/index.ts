// Runs on any number of hosts: a queue in Redis, workers, results with receipts. For Node.
export { type BlobStore, FolderBlobs, RedisBlobs } from "./blobs.js";
export type { Account, Rate } from "./books.js";
export { FarmError, type FarmErrorKind } from "./errors.js";
export { Farm, type FarmOptions, type WaitOptions } from "./farm.js";
export { metricsOf, serveMetrics } from "./metrics.js";
export type { Bill, Dissent, FarmResult, Outcome, OutcomeStatus, Progress, RunError } from "./outcome.js";
export type { FarmRun, Verification } from "./run.js";
export { FarmWorker, type FarmWorkerOptions, type WorkerEvents } from "./worker.js";
