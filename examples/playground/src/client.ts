// The page's side of the worker: each request is a promise.
import type { RequestName, Requests, WorkerMessage } from "./protocol.js";

export class Client {
  private readonly worker = new Worker(new URL("./worker/worker.ts", import.meta.url), { type: "module" });
  private readonly waiting = new Map<number, { resolve(value: never): void; reject(error: Error): void }>();
  private next = 0;

  constructor(onProgress: (message: WorkerMessage & { kind: "progress" }) => void) {
    this.worker.addEventListener("message", ({ data }: MessageEvent<WorkerMessage>) => {
      if (data.kind === "progress") return onProgress(data);
      const request = this.waiting.get(data.id)!;
      this.waiting.delete(data.id);
      if (data.kind === "answer") request.resolve(data.value as never);
      else request.reject(new Error(data.message));
    });
  }

  /** @param transfer buffers that are given away: a copy of a snapshot takes longer than making it */
  ask<Name extends RequestName>(
    name: Name,
    params: Requests[Name][0],
    transfer: Transferable[] = [],
  ): Promise<Requests[Name][1]> {
    const id = this.next++;
    this.worker.postMessage({ id, name, params }, transfer);
    return new Promise((resolve, reject) => this.waiting.set(id, { resolve, reject }));
  }
}
