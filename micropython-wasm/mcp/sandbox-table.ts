// The sandboxes and snapshots that a server keeps: by id, capped, closed when they have been idle for long.
import { SandboxUsageError } from "../errors.js";
import type { SandboxResult, SandboxRunOptions, SandboxSession } from "../sandbox-types.js";

/** Makes sandboxes; limits, functions and files are the operator's choice in here. */
export interface SandboxFactory {
  create(): Promise<SandboxSession>;
  restore(snapshot: Uint8Array): Promise<SandboxSession>;
}

export interface SandboxTableOptions {
  /** Most sandboxes at a time; the idle one that was used longest ago makes room. Default 8. */
  readonly maxSandboxes?: number;
  /** Most snapshots kept; default 32. */
  readonly maxSnapshots?: number;
  /** Most bytes of all snapshots; default 256 MiB. */
  readonly maxSnapshotBytes?: number;
  /** A sandbox that has been idle for this long is closed. Default 30 minutes, in milliseconds. */
  readonly idleMs?: number;
  /** Wall-clock limit of each run in milliseconds; default 30,000. */
  readonly timeoutMs?: number;
  /** Milliseconds since some start; default `performance.now`. */
  readonly now?: () => number;
}

export interface SandboxInfo {
  readonly id: string;
  readonly busy: boolean;
  readonly runs: number;
  readonly idleMs: number;
  /** Bytes of linear memory after the last run; 0 before the first. */
  readonly memoryBytes: number;
}

export interface SnapshotInfo {
  readonly id: string;
  /** The sandbox it was taken of. */
  readonly of: string;
  readonly bytes: number;
}

/** A request that cannot be served. The message says why, and what to do instead: agents read it. */
export class SandboxRequestError extends Error {
  override readonly name = "SandboxRequestError";
}

interface Entry {
  readonly id: string;
  readonly session: SandboxSession;
  /** Runs under way and waiting. */
  pending: number;
  runs: number;
  usedAt: number;
  memoryBytes: number;
}

/** How many closed sandboxes are remembered, so that their ids are answered with what became of them. */
const REMEMBERED = 1000;

export class SandboxTable {
  readonly maxSandboxes: number;
  readonly maxSnapshots: number;
  readonly maxSnapshotBytes: number;
  readonly idleMs: number;
  readonly timeoutMs: number;
  private readonly now: () => number;
  private readonly sandboxes = new Map<string, Entry>();
  private readonly snapshots = new Map<string, { readonly info: SnapshotInfo; readonly bytes: Uint8Array }>();
  private readonly closed = new Map<string, string>();
  /** Sandboxes that are being made: they count, so that requests at the same time do not pass the cap. */
  private starting = 0;
  private snapshotBytes = 0;
  private nextSandbox = 1;
  private nextSnapshot = 1;

  constructor(
    private readonly factory: SandboxFactory,
    options: SandboxTableOptions = {},
  ) {
    this.maxSandboxes = options.maxSandboxes ?? 8;
    this.maxSnapshots = options.maxSnapshots ?? 32;
    this.maxSnapshotBytes = options.maxSnapshotBytes ?? 256 * 2 ** 20;
    this.idleMs = options.idleMs ?? 30 * 60_000;
    this.timeoutMs = options.timeoutMs ?? 30_000;
    this.now = options.now ?? (() => performance.now());
  }

  /**
   * Runs `code` in sandbox `id`, or in a new one if `id` is undefined; `reset` starts the sandbox afresh before.
   * @throws SandboxRequestError
   */
  async run(
    code: string,
    { id, reset = false, signal }: { id?: string | undefined; reset?: boolean | undefined; signal?: AbortSignal } = {},
  ): Promise<{ id: string; isNew: boolean; result: SandboxResult }> {
    this.closeIdle();
    const entry = id === undefined ? await this.open() : reset ? await this.reopen(id) : this.find(id);
    const options: SandboxRunOptions = { timeout: this.timeoutMs, ...(signal === undefined ? {} : { signal }) };
    entry.pending++;
    try {
      const result = await entry.session.run(code, options);
      entry.runs++;
      entry.memoryBytes = result.memory.bytes;
      return { id: entry.id, isNew: id === undefined || reset, result };
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      if (error instanceof SandboxUsageError) {
        throw new SandboxRequestError(`${message}. Change the code, or start ${entry.id} afresh with reset: true.`);
      }
      if (this.sandboxes.get(entry.id) === entry) this.drop(entry, `it broke (${message})`);
      throw new SandboxRequestError(
        `${entry.id} broke and was closed: ${message}. Run again without sandbox_id to get a new sandbox.`,
      );
    } finally {
      entry.pending--;
      entry.usedAt = this.now();
    }
  }

  /** @throws SandboxRequestError */
  snapshot(id: string): SnapshotInfo {
    this.closeIdle();
    const entry = this.find(id);
    if (entry.pending > 0) throw new SandboxRequestError(`${id} is running. Take the snapshot when the run is over.`);
    if (this.snapshots.size >= this.maxSnapshots) throw this.snapshotsFull(`${this.maxSnapshots} snapshots`);
    const bytes = entry.session.snapshot();
    if (this.snapshotBytes + bytes.length > this.maxSnapshotBytes) {
      throw this.snapshotsFull(`${this.maxSnapshotBytes} bytes of snapshots`);
    }
    const info: SnapshotInfo = { id: `snapshot-${this.nextSnapshot++}`, of: id, bytes: bytes.length };
    this.snapshots.set(info.id, { info, bytes });
    this.snapshotBytes += bytes.length;
    entry.usedAt = this.now();
    return info;
  }

  /**
   * A new sandbox in the state of a snapshot, which stays.
   * @throws SandboxRequestError
   */
  async restore(snapshotId: string): Promise<SandboxInfo> {
    this.closeIdle();
    const { bytes } = this.findSnapshot(snapshotId);
    return this.describe(await this.open(bytes));
  }

  /** @throws SandboxRequestError */
  close(id: string): void {
    this.closeIdle();
    const entry = this.find(id);
    if (entry.pending > 0) throw new SandboxRequestError(`${id} is running. Cancel the run, or wait until it is over.`);
    this.drop(entry, "it was closed on request");
  }

  /** @throws SandboxRequestError */
  forgetSnapshot(id: string): void {
    const { info } = this.findSnapshot(id);
    this.snapshots.delete(id);
    this.snapshotBytes -= info.bytes;
  }

  list(): { sandboxes: SandboxInfo[]; snapshots: SnapshotInfo[] } {
    this.closeIdle();
    return {
      sandboxes: [...this.sandboxes.values()].map((entry) => this.describe(entry)),
      snapshots: [...this.snapshots.values()].map(({ info }) => info),
    };
  }

  /** Closes everything. */
  dispose(): void {
    for (const entry of [...this.sandboxes.values()]) this.drop(entry, "the server ended");
    this.snapshots.clear();
    this.snapshotBytes = 0;
  }

  /** Closes what has been idle for too long; every request does this first, and servers do it by a timer. */
  closeIdle(): void {
    const reason = `it had been idle for ${describeTime(this.idleMs)}`;
    for (const entry of [...this.sandboxes.values()]) {
      if (entry.pending === 0 && this.now() - entry.usedAt >= this.idleMs) this.drop(entry, reason);
    }
  }

  private async open(snapshot?: Uint8Array): Promise<Entry> {
    this.makeRoom();
    return this.start(`sandbox-${this.nextSandbox++}`, snapshot);
  }

  private async start(id: string, snapshot?: Uint8Array): Promise<Entry> {
    this.starting++;
    try {
      const session = await (snapshot === undefined ? this.factory.create() : this.factory.restore(snapshot));
      const entry: Entry = { id, session, pending: 0, runs: 0, usedAt: this.now(), memoryBytes: 0 };
      this.sandboxes.set(id, entry);
      return entry;
    } catch (error) {
      throw new SandboxRequestError(
        `The sandbox could not be started: ${error instanceof Error ? error.message : String(error)}`,
      );
    } finally {
      this.starting--;
    }
  }

  private async reopen(id: string): Promise<Entry> {
    const old = this.sandboxes.get(id);
    if (old !== undefined && old.pending > 0) {
      throw new SandboxRequestError(`${id} is running. Reset it when the run is over.`);
    }
    // An id whose sandbox is gone can be started afresh as well: that is what reset asks for.
    if (old === undefined && !this.closed.has(id)) throw this.unknown(id);
    if (old === undefined) this.makeRoom();
    else this.drop(old, "it was reset");
    this.closed.delete(id);
    return this.start(id);
  }

  /** Closes the idle sandbox that was used longest ago if there are as many as allowed. */
  private makeRoom(): void {
    if (this.sandboxes.size + this.starting < this.maxSandboxes) return;
    let oldest: Entry | undefined;
    for (const entry of this.sandboxes.values()) {
      if (entry.pending === 0 && (oldest === undefined || entry.usedAt < oldest.usedAt)) oldest = entry;
    }
    if (oldest === undefined) {
      throw new SandboxRequestError(
        `All ${this.maxSandboxes} sandboxes are running. Wait for one to finish, or pass its sandbox_id to queue the code there.`,
      );
    }
    this.drop(
      oldest,
      `it was the one used longest ago when a new one was asked for, and ${this.maxSandboxes} is the most`,
    );
  }

  private drop(entry: Entry, reason: string): void {
    this.sandboxes.delete(entry.id);
    this.closed.set(entry.id, reason);
    for (const id of this.closed.keys()) {
      if (this.closed.size <= REMEMBERED) break;
      this.closed.delete(id);
    }
    entry.session.close();
  }

  private find(id: string): Entry {
    const entry = this.sandboxes.get(id);
    if (entry === undefined) throw this.unknown(id);
    return entry;
  }

  private findSnapshot(id: string): { readonly info: SnapshotInfo; readonly bytes: Uint8Array } {
    const snapshot = this.snapshots.get(id);
    if (snapshot !== undefined) return snapshot;
    const ids = [...this.snapshots.keys()];
    throw new SandboxRequestError(
      `There is no snapshot ${JSON.stringify(id)}. ` +
        (ids.length === 0 ? "None has been taken: use snapshot first." : `There are: ${ids.join(", ")}.`),
    );
  }

  private unknown(id: string): SandboxRequestError {
    const reason = this.closed.get(id);
    if (reason !== undefined) {
      return new SandboxRequestError(
        `${id} is closed: ${reason}. Its variables are gone. Run again without sandbox_id to get a new sandbox, or restore a snapshot.`,
      );
    }
    const ids = [...this.sandboxes.keys()];
    return new SandboxRequestError(
      `There is no sandbox ${JSON.stringify(id)}. ` +
        (ids.length === 0 ? "None is open" : `Open: ${ids.join(", ")}`) +
        ". Leave sandbox_id out to get a new one; its id is in the result.",
    );
  }

  private snapshotsFull(limit: string): SandboxRequestError {
    return new SandboxRequestError(
      `The server keeps ${limit} at most. Drop one with close(snapshot_id): ${[...this.snapshots.keys()].join(", ")}.`,
    );
  }

  private describe(entry: Entry): SandboxInfo {
    return {
      id: entry.id,
      busy: entry.pending > 0,
      runs: entry.runs,
      idleMs: entry.pending > 0 ? 0 : Math.round(this.now() - entry.usedAt),
      memoryBytes: entry.memoryBytes,
    };
  }
}

function describeTime(ms: number): string {
  return ms >= 60_000 ? `${Math.round(ms / 60_000)} minutes` : `${Math.round(ms / 1000)} seconds`;
}
