// A line of requests for something of which there is only so much: each is served in its turn, as soon as there is room.

export interface Waiting {
  readonly signal?: AbortSignal | undefined;
  /** Is told how many are before it, each time that this changes; not called for those that need not wait. */
  readonly onWaiting?: ((before: number) => void) | undefined;
}

interface Waiter extends Waiting {
  /** Tries to be served; true if it was. */
  serve(): boolean;
  reject(error: unknown): void;
}

export class WaitingLine {
  private waiters: Waiter[] = [];

  /** @param full the error for those who come when so many wait already */
  constructor(
    private readonly most: number,
    private readonly full: () => Error,
  ) {}

  get length(): number {
    return this.waiters.length;
  }

  /**
   * @param attempt takes what is wanted, or says undefined if there is no room for it
   * @throws what `attempt` throws, or the signal's reason
   */
  take<T>(attempt: () => T | undefined, { signal, onWaiting }: Waiting = {}): Promise<T> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const leave = (): void => {
        this.waiters = this.waiters.filter((other) => other !== waiter);
        reject(signal?.reason);
        this.tellPlaces();
      };
      const waiter: Waiter = {
        onWaiting,
        serve: () => {
          let taken: T | undefined;
          try {
            taken = attempt();
          } catch (error) {
            waiter.reject(error);
            return true;
          }
          if (taken === undefined) return false;
          signal?.removeEventListener("abort", leave);
          resolve(taken);
          return true;
        },
        reject: (error) => {
          signal?.removeEventListener("abort", leave);
          reject(error);
        },
      };
      // Nobody is overtaken.
      if (this.waiters.length === 0 && waiter.serve()) return;
      if (this.waiters.length >= this.most) throw this.full();
      signal?.addEventListener("abort", leave);
      this.waiters.push(waiter);
      onWaiting?.(this.waiters.length - 1);
    });
  }

  /** Something has become free: serves as many as there is room for. */
  advance(): void {
    const before = this.waiters.length;
    while (this.waiters[0]?.serve() === true) this.waiters.shift();
    if (this.waiters.length < before) this.tellPlaces();
  }

  private tellPlaces(): void {
    for (const [ahead, { onWaiting }] of this.waiters.entries()) onWaiting?.(ahead);
  }

  /** Turns everybody away. */
  close(error: Error): void {
    const { waiters } = this;
    this.waiters = [];
    for (const waiter of waiters) waiter.reject(error);
  }
}
