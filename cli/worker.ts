// `escapement worker --redis URL`: takes runs out of a farm's queue until it is told to stop.
import { FarmError, FarmWorker, FolderBlobs, serveMetrics } from "../farm/index.js";
import { complain } from "./output.js";
import { asUsage, STATUS } from "./report.js";

export interface WorkerFlags {
  readonly redis: string;
  readonly queue: string;
  readonly concurrency: number;
  readonly name?: string;
  readonly checkpoint: number;
  readonly stalledAfter: number;
  readonly maxLosses: number;
  readonly maxFuel?: number;
  readonly maxMemory?: number;
  readonly blobs?: string;
  readonly metricsPort?: number;
  readonly metricsHost: string;
}

/** @returns the exit status, when a signal has stopped it. @throws UsageFailure if it cannot begin */
export async function worker(flags: WorkerFlags): Promise<number> {
  // From here on signals ask it to end its work, and do not end it.
  const stop = signalled();
  const connection = new ConnectionNews();
  const { redis, queue, concurrency, name, checkpoint, maxLosses, maxFuel, maxMemory, metricsPort, metricsHost } =
    flags;
  const farm = await asUsage(FarmError, () =>
    FarmWorker.start({
      ...{ redis, queue, concurrency, name, maxLosses, maxFuel, maxMemory, onError: connection.failed },
      ...{ checkpointFuel: checkpoint, stalledAfter: Math.round(flags.stalledAfter * 1000) },
      ...(flags.blobs === undefined ? {} : { blobs: new FolderBlobs(flags.blobs) }),
    }),
  );
  let settled = 0;
  let metrics: { readonly port: number; close(): Promise<void> } | undefined;
  farm.on("settled", () => settled++);
  farm.on("settled", connection.works);
  farm.on("failed", (id, reason) => complain(`worker ${farm.name}: an attempt at ${id} failed: ${reason}`));
  farm.on("restarted", (id, reason) => complain(`worker ${farm.name}: ${id} begins anew: ${reason}`));
  farm.on("stalled", (id) => complain(`worker ${farm.name}: ${id} had lost its worker, and waits again`));
  try {
    for (const warning of await farm.warnings()) complain(`worker ${farm.name}: ${warning}`);
    if (metricsPort !== undefined)
      metrics = await asUsage(FarmError, () => serveMetrics(farm, metricsPort, metricsHost));
    const shown = metrics === undefined ? "" : `, metrics on http://${metricsHost}:${metrics.port}/metrics`;
    complain(`worker ${farm.name}: ready, ${concurrency} at a time${shown}`);
    const signal = await stop;
    complain(`worker ${farm.name}: ${signal}: runs under way end or are handed over; once more to end at once`);
    process.once("SIGINT", () => process.exit(STATUS.interrupted));
    process.once("SIGTERM", () => process.exit(STATUS.interrupted));
  } finally {
    await farm.close();
    await metrics?.close();
  }
  complain(`worker ${farm.name}: stopped, ${settled} runs ended`);
  return STATUS.done;
}

/** The first signal that asks the process to stop. */
function signalled(): Promise<string> {
  process.removeAllListeners("SIGINT");
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve(signal));
  });
}

/** Tells once that Redis is lost: attempts to reach it fail several times a second. */
class ConnectionNews {
  private isLost = false;

  readonly failed = (error: Error): void => {
    if (!this.isLost) complain(`worker: Redis: ${error.message}; it goes on when Redis is back`);
    this.isLost = true;
  };

  readonly works = (): void => {
    this.isLost = false;
  };
}
