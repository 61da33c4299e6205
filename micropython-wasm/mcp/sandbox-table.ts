/// <reference lib="esnext.disposable" preserve="true" />
// The sandboxes and snapshots that a server keeps, by id. At most so many sandboxes are awake; others are put to
// sleep, which leaves a snapshot of them, and wake when they are used; what is not used for long is closed.
import { SandboxUsageError } from "../guest/errors.js";
import { type Checks, FUNCTION, NUMBER, resolveOptions } from "../session/checks.js";
import type { SandboxResult, SandboxRunOptions, SandboxSession } from "../session/sandbox-types.js";

/** Makes sandboxes; limits, functions and files are the operator's choice in here. */
export interface SandboxFactory {
  create(): Promise<SandboxSession>;
  restore(snapshot: Uint8Array): Promise<SandboxSession>;
}

export interface SandboxTableOptions {
  /** Most sandboxes awake at a time; the idle one that was used longest ago makes room. Default 8. */
  readonly maxSandboxes?: number | undefined;
  /** Most sandboxes asleep; beyond, the one used longest ago is closed. Default 100; with 0 none sleeps. */
  readonly maxAsleep?: number | undefined;
  /** Most snapshots kept; default 32. */
  readonly maxSnapshots?: number | undefined;
  /** Most bytes of all snapshots, and of all sandboxes asleep; default 256 MiB each. */
  readonly maxSnapshotBytes?: number | undefined;
  /** A sandbox that has been idle for this long is put to sleep. Default 5 minutes, in milliseconds. */
  readonly idleMs?: number | undefined;
  /** A sandbox that has not been used for this long is closed. Default 24 hours, in milliseconds. */
  readonly keepMs?: number | undefined;
  /** Wall-clock limit of each run in milliseconds; default 30,000. */
  readonly timeoutMs?: number | undefined;
  /** Milliseconds since some start; default `performance.now`. */
  readonly now?: (() => number) | undefined;
}

const CHECKS: Checks<SandboxTableOptions> = {
  maxSandboxes: NUMBER,
  maxAsleep: NUMBER,
  maxSnapshots: NUMBER,
  maxSnapshotBytes: NUMBER,
  idleMs: NUMBER,
  keepMs: NUMBER,
  timeoutMs: NUMBER,
  now: FUNCTION,
};

export interface SandboxInfo {
  readonly id: string;
  readonly busy: boolean;
  readonly asleep: boolean;
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
  /** The sandbox awake or about to be; or the snapshot it sleeps as. */
  state: Promise<SandboxSession> | Uint8Array;
  /** The sandbox, once it is there. */
  session: SandboxSession | undefined;
  /** Runs under way and waiting, and requests that wait for it to wake. */
  pending: number;
  runs: number;
  usedAt: number;
  memoryBytes: number;
}

/** How many closed sandboxes are remembered, so that their ids are answered with what became of them. */
const REMEMBERED = 1000;
/** Runs that may wait for one sandbox. */
const MAX_PENDING = 100;

export class SandboxTable {
  readonly maxSandboxes: number;
  readonly maxAsleep: number;
  readonly maxSnapshots: number;
  readonly maxSnapshotBytes: number;
  readonly idleMs: number;
  readonly keepMs: number;
  readonly timeoutMs: number;
  private readonly now: () => number;
  private readonly sandboxes = new Map<string, Entry>();
  private readonly snapshots = new Map<string, { readonly info: SnapshotInfo; readonly bytes: Uint8Array }>();
  /** Why sandboxes were closed, by id. */
  private readonly closed = new Map<string, string>();
  private snapshotBytes = 0;
  private nextSandbox = 1;
  private nextSnapshot = 1;
  private disposed = false;

  /** @throws SandboxUsageError if an option is wrong */
  constructor(
    private readonly factory: SandboxFactory,
    given: SandboxTableOptions = {},
  ) {
    const options = resolveOptions(given, CHECKS);
    this.maxSandboxes = options.maxSandboxes ?? 8;
    this.maxAsleep = options.maxAsleep ?? 100;
    this.maxSnapshots = options.maxSnapshots ?? 32;
    this.maxSnapshotBytes = options.maxSnapshotBytes ?? 256 * 2 ** 20;
    this.idleMs = options.idleMs ?? 5 * 60_000;
    this.keepMs = options.keepMs ?? 24 * 3_600_000;
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
    this.sweep();
    const entry = id === undefined ? this.open() : reset ? this.reopen(id) : this.find(id);
    const options: SandboxRunOptions = { timeout: this.timeoutMs, ...(signal === undefined ? {} : { signal }) };
    const result = await this.using(entry, async (session) => {
      try {
        return await session.run(code, options);
      } catch (error) {
        const message = messageOf(error);
        if (error instanceof SandboxUsageError) {
          throw new SandboxRequestError(`${message}. Change the code, or start ${entry.id} afresh with reset: true.`);
        }
        this.drop(entry, `it broke (${message})`);
        throw new SandboxRequestError(
          `${entry.id} broke and was closed: ${message}. Run again without sandbox_id to get a new sandbox.`,
        );
      }
    });
    entry.runs++;
    entry.memoryBytes = result.memory.bytes;
    return { id: entry.id, isNew: id === undefined || reset, result };
  }

  /** @throws SandboxRequestError */
  snapshot(id: string): SnapshotInfo {
    this.sweep();
    const entry = this.find(id);
    if (entry.pending > 0) throw new SandboxRequestError(`${id} is running. Take the snapshot when the run is over.`);
    if (this.snapshots.size >= this.maxSnapshots) throw this.snapshotsFull(`${this.maxSnapshots} snapshots`);
    const bytes = this.bytesOf(entry);
    if (this.snapshotBytes + bytes.length > this.maxSnapshotBytes) {
      throw this.snapshotsFull(`${this.maxSnapshotBytes} bytes of snapshots`);
    }
    const info: SnapshotInfo = { id: `snapshot-${this.nextSnapshot++}`, of: id, bytes: bytes.length };
    this.snapshots.set(info.id, { info, bytes });
    this.snapshotBytes += bytes.length;
    this.touch(entry);
    return info;
  }

  /**
   * A new sandbox in the state of a snapshot, which stays.
   * @throws SandboxRequestError
   */
  async restore(snapshotId: string): Promise<SandboxInfo> {
    this.sweep();
    const { bytes } = this.findSnapshot(snapshotId);
    const entry = this.open(bytes);
    await this.using(entry, async () => {});
    return this.describe(entry);
  }

  /** @throws SandboxRequestError */
  close(id: string): void {
    this.sweep();
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
    this.sweep();
    return {
      sandboxes: [...this.sandboxes.values()].map((entry) => this.describe(entry)),
      snapshots: [...this.snapshots.values()].map(({ info }) => info),
    };
  }

  /** Closes everything; runs that are under way end. */
  dispose(): void {
    this.disposed = true;
    for (const entry of [...this.sandboxes.values()]) this.drop(entry, "the server ended");
    this.snapshots.clear();
    this.snapshotBytes = 0;
  }

  /** Does what time asks for: puts to sleep and closes. Every request does this first, and servers do it by a timer. */
  sweep(): void {
    for (const entry of [...this.sandboxes.values()]) {
      const idle = entry.pending > 0 ? 0 : this.now() - entry.usedAt;
      if (idle >= this.keepMs) this.drop(entry, `it had not been used for ${describeTime(this.keepMs)}`);
      else if (idle >= this.idleMs) this.putToSleep(entry, `it had been idle for ${describeTime(this.idleMs)}`);
    }
  }

  // ---- sandboxes come and go ----

  /** A new sandbox, which is not there yet. */
  private open(snapshot?: Uint8Array): Entry {
    this.makeRoom();
    return this.add(`sandbox-${this.nextSandbox++}`, snapshot);
  }

  private add(id: string, snapshot?: Uint8Array): Entry {
    const entry: Entry = {
      id,
      state: snapshot ?? this.factory.create(),
      session: undefined,
      pending: 0,
      runs: 0,
      usedAt: this.now(),
      memoryBytes: 0,
    };
    this.sandboxes.set(id, entry);
    return entry;
  }

  private reopen(id: string): Entry {
    const old = this.sandboxes.get(id);
    if (old !== undefined && old.pending > 0) {
      throw new SandboxRequestError(`${id} is running. Reset it when the run is over.`);
    }
    // An id whose sandbox is gone can be started afresh as well: that is what reset asks for.
    if (old === undefined && !this.closed.has(id)) throw this.unknown(id);
    if (old !== undefined) this.drop(old, "it was reset");
    this.makeRoom();
    this.closed.delete(id);
    return this.add(id);
  }

  /** Hands the sandbox, awake, to `body`; nobody puts it to sleep or closes it meanwhile. */
  private async using<T>(entry: Entry, body: (session: SandboxSession) => Promise<T>): Promise<T> {
    if (entry.pending >= MAX_PENDING) {
      throw new SandboxRequestError(`${MAX_PENDING} runs wait for ${entry.id} already. Wait until some are over.`);
    }
    entry.pending++;
    try {
      if (entry.state instanceof Uint8Array) {
        this.makeRoom();
        entry.state = this.factory.restore(entry.state);
      }
      entry.session = await this.started(entry, entry.state);
      return await body(entry.session);
    } finally {
      entry.pending--;
      this.touch(entry);
    }
  }

  private async started(entry: Entry, starting: Promise<SandboxSession>): Promise<SandboxSession> {
    let session: SandboxSession;
    try {
      session = await starting;
    } catch (error) {
      this.drop(entry, "it could not be started");
      throw new SandboxRequestError(`The sandbox could not be started: ${messageOf(error)}`);
    }
    if (this.disposed) {
      session.close();
      throw new SandboxRequestError("The server has ended.");
    }
    return session;
  }

  /** Puts the idle sandbox that was used longest ago to sleep if as many are awake as may be. */
  private makeRoom(): void {
    const awake = [...this.sandboxes.values()].filter((entry) => !isAsleep(entry));
    if (awake.length < this.maxSandboxes) return;
    const idle = awake.filter(({ pending }) => pending === 0);
    if (idle.length === 0) {
      throw new SandboxRequestError(
        `All ${this.maxSandboxes} sandboxes are running. Wait for one to finish, or pass its sandbox_id to queue the code there.`,
      );
    }
    this.putToSleep(
      longestUnused(idle),
      `it was the one used longest ago when a new one was asked for, and ${this.maxSandboxes} is the most`,
    );
  }

  /** @param reason why it is closed, should it not be able to sleep */
  private putToSleep(entry: Entry, reason: string): void {
    const { session } = entry;
    if (session === undefined) return;
    const bytes = this.maxAsleep === 0 ? undefined : this.sleepingForm(entry);
    if (bytes === undefined) {
      this.drop(entry, reason);
      return;
    }
    entry.state = bytes;
    entry.session = undefined;
    session.close();
    this.limitAsleep();
  }

  private sleepingForm(entry: Entry): Uint8Array | undefined {
    try {
      const bytes = this.bytesOf(entry);
      return bytes.length > this.maxSnapshotBytes ? undefined : bytes;
    } catch {
      return undefined;
    }
  }

  private limitAsleep(): void {
    // Not one that is being woken.
    const asleep = [...this.sandboxes.values()].filter(isAsleep).filter(({ pending }) => pending === 0);
    let size = asleep.reduce((sum, { state }) => sum + state.length, 0);
    while (asleep.length > this.maxAsleep || size > this.maxSnapshotBytes) {
      const oldest = longestUnused(asleep);
      asleep.splice(asleep.indexOf(oldest), 1);
      size -= oldest.state.length;
      this.drop(oldest, "it was asleep, the one used longest ago, and no more sleeping sandboxes are kept");
    }
  }

  private drop(entry: Entry, reason: string): void {
    if (this.sandboxes.get(entry.id) !== entry) return;
    this.sandboxes.delete(entry.id);
    this.closed.set(entry.id, reason);
    if (this.closed.size > REMEMBERED) this.closed.delete(this.closed.keys().next().value!);
    entry.session?.close();
  }

  private touch(entry: Entry): void {
    entry.usedAt = this.now();
  }

  private bytesOf({ id, state, session }: Entry): Uint8Array {
    if (state instanceof Uint8Array) return state;
    try {
      return session!.snapshot();
    } catch (error) {
      throw new SandboxRequestError(`No snapshot of ${id} can be taken now: ${messageOf(error)}`);
    }
  }

  // ---- answers ----

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
    const ids = [...this.snapshots.keys()];
    const advice =
      ids.length === 0 ? "None can be taken of this sandbox." : `Drop one with close(snapshot_id): ${ids.join(", ")}.`;
    return new SandboxRequestError(`The server keeps ${limit} at most. ${advice}`);
  }

  private describe(entry: Entry): SandboxInfo {
    return {
      id: entry.id,
      busy: entry.pending > 0,
      asleep: isAsleep(entry),
      runs: entry.runs,
      idleMs: entry.pending > 0 ? 0 : Math.round(this.now() - entry.usedAt),
      memoryBytes: entry.memoryBytes,
    };
  }
}

function isAsleep(entry: Entry): entry is Entry & { state: Uint8Array } {
  return entry.state instanceof Uint8Array;
}

function longestUnused<E extends Entry>(entries: readonly E[]): E {
  return entries.reduce((oldest, entry) => (entry.usedAt < oldest.usedAt ? entry : oldest));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function describeTime(ms: number): string {
  if (ms >= 2 * 3_600_000) return `${Math.round(ms / 3_600_000)} hours`;
  return ms >= 2 * 60_000 ? `${Math.round(ms / 60_000)} minutes` : `${Math.round(ms / 1000)} seconds`;
}
