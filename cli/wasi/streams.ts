// The process's standard streams as those of a WASI guest.

import type { Readable, Writable } from "node:stream";
import type { Stream } from "../../runtime/wasi/index.js";

/** What an input is read from: a readable stream, such as process.stdin. */
type Source = Readable & { readonly isTTY?: boolean };

/** Reads what has come, and waits while nothing has; nothing is read before the guest asks. */
export class InputStream implements Stream {
  private source: Source | undefined;
  private chunk: Uint8Array = new Uint8Array(0);
  private ended = false;
  private waiting: Promise<void> | undefined;
  private take: (() => void) | undefined;

  /** @param open gives the stream when the guest first reads: opening process.stdin has effects */
  constructor(
    private readonly open: () => Source,
    readonly terminal = false,
  ) {}

  ready(): Promise<void> | undefined {
    if (this.chunk.length > 0 || this.ended) return undefined;
    this.waiting ??= this.arrival(this.start()).then(() => {
      this.waiting = undefined;
    });
    return this.waiting;
  }

  read(target: Uint8Array): number {
    const count = Math.min(target.length, this.chunk.length);
    target.set(this.chunk.subarray(0, count));
    this.chunk = this.chunk.subarray(count);
    return count;
  }

  /** Lets go of the stream: one that is read keeps the process. */
  dispose(): void {
    this.source?.destroy();
  }

  private start(): Source {
    if (this.source !== undefined) return this.source;
    const source = this.open();
    const end = (): void => {
      this.ended = true;
      this.take?.();
    };
    // What cannot be read is at its end.
    for (const event of ["end", "error", "close"]) source.on(event, end);
    this.source = source;
    return source;
  }

  private arrival(source: Source): Promise<void> {
    return new Promise((resolve) => {
      const take = (): void => {
        const chunk = source.read() as Uint8Array | null;
        if (chunk === null && !this.ended) return;
        this.chunk = chunk ?? new Uint8Array(0);
        this.take = undefined;
        source.off("readable", take);
        resolve();
      };
      this.take = take;
      source.on("readable", take);
      take();
    });
  }
}

/** Hands on what the guest writes; a slow reader makes the guest wait. */
export class OutputStream implements Stream {
  readonly terminal: boolean;
  constructor(private readonly target: Writable & { readonly isTTY?: boolean }) {
    this.terminal = target.isTTY === true;
  }

  write(source: Uint8Array): void {
    // A copy: the guest's memory changes before it is written.
    this.target.write(source.slice());
  }

  written(): Promise<void> | undefined {
    if (!this.target.writableNeedDrain) return undefined;
    return new Promise((resolve) => this.target.once("drain", resolve));
  }
}
