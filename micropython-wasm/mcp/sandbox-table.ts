/// <reference lib="esnext.disposable" preserve="true" />
// The sandboxes and snapshots that a server keeps, by id. At most so many sandboxes are awake; others are put to
// sleep, which leaves a snapshot of them, and wake when they are used; what is not used for long is closed.
//
// A sandbox belongs to its owner, who made it; for the others there is none under its id:
//   owner a   run("x = 1")                → sandbox-1
//   owner b   run("x", id: sandbox-1)     → There is no sandbox "sandbox-1".

import { randomBytes } from "node:crypto";
import { SandboxUsageError } from "../guest/errors.js";
import { resolveOptions } from "../session/checks.js";
import type { SandboxAnswer, SandboxResult, SandboxSession } from "../session/sandbox-types.js";
import { SnapshotShelf } from "./snapshot-shelf.js";
import {
  type Asking,
  type SandboxFactory,
  type SandboxInfo,
  SandboxRequestError,
  type SandboxTableOptions,
  type SnapshotInfo,
  TABLE_CHECKS,
  type TableRunOptions,
} from "./table-types.js";
import { WaitingLine } from "./waiting-line.js";

interface Entry {
  readonly id: string;
  readonly owner: string;
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
/** Runs that may wait for one sandbox, and requests that may wait for room to have a sandbox awake. */
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
  private readonly shelf: SnapshotShelf;
  /** Why sandboxes were closed, by id. */
  private readonly closed = new Map<string, { readonly owner: string; readonly reason: string }>();
  private readonly line: WaitingLine;
  private readonly secretIds: boolean;
  private nextSandbox = 1;
  private disposed = false;

  /** @throws SandboxUsageError if an option is wrong */
  constructor(
    private readonly factory: SandboxFactory,
    given: SandboxTableOptions = {},
  ) {
    const options = resolveOptions(given, TABLE_CHECKS);
    this.maxSandboxes = options.maxSandboxes ?? 8;
    this.maxAsleep = options.maxAsleep ?? 100;
    this.maxSnapshots = options.maxSnapshots ?? 32;
    this.maxSnapshotBytes = options.maxSnapshotBytes ?? 256 * 2 ** 20;
    this.idleMs = options.idleMs ?? 5 * 60_000;
    this.keepMs = options.keepMs ?? 24 * 3_600_000;
    this.timeoutMs = options.timeoutMs ?? 30_000;
    this.secretIds = options.secretIds ?? false;
    this.now = options.now ?? (() => performance.now());
    this.shelf = new SnapshotShelf(this.maxSnapshots, this.maxSnapshotBytes, (number) =>
      this.nameOf("snapshot", number),
    );
    this.line = new WaitingLine(
      MAX_PENDING,
      () =>
        new SandboxRequestError(
          `All ${this.maxSandboxes} sandboxes are running, and ${MAX_PENDING} requests wait for one. Wait until some are over.`,
        ),
    );
  }

  /**
   * Runs `code` in sandbox `id`, or in a new one if `id` is undefined; `reset` starts the sandbox afresh before. If as
   * many sandboxes run as may be awake, it waits in line.
   * @throws SandboxRequestError
   */
  async run(
    code: string,
    options: TableRunOptions = {},
  ): Promise<{ id: string; isNew: boolean; result: SandboxResult }> {
    const { id, reset = false, signal, repr, onProgress, onHostCall } = options;
    this.sweep();
    const entry = await (id === undefined
      ? this.open(options)
      : reset
        ? this.reopen(id, options)
        : this.hold(id, options));
    const run = { timeout: this.timeoutMs, signal, repr, onProgress, onHostCall };
    const result = await this.driven(entry, options, (session) => session.run(code, run));
    return { id: entry.id, isNew: id === undefined || reset, result };
  }

  /**
   * Goes on with the run of a sandbox that waits for host calls.
   * @param answers what one or several of the calls give
   * @throws SandboxRequestError if none waits
   */
  async resume(
    id: string,
    answers: readonly SandboxAnswer[],
    options: Omit<TableRunOptions, "id" | "reset" | "onHostCall"> = {},
  ): Promise<SandboxResult> {
    const { signal, repr, onProgress } = options;
    this.sweep();
    return this.driven(this.hold(id, options), options, (session) => {
      if (session.paused === undefined) throw new SandboxRequestError(`No run of ${id} is paused.`);
      return session.resume(session.paused, answers, { timeout: this.timeoutMs, signal, repr, onProgress });
    });
  }

  private async driven(
    entry: Entry,
    asking: Asking,
    drive: (session: SandboxSession) => Promise<SandboxResult>,
  ): Promise<SandboxResult> {
    const result = await this.using(entry, asking, async (session) => {
      try {
        return await drive(session);
      } catch (error) {
        if (error instanceof SandboxRequestError) throw error;
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
    return result;
  }

  /**
   * Does something else with a sandbox, which is woken for it.
   * @throws SandboxRequestError, and what `body` throws
   */
  async visit<T>(id: string, body: (session: SandboxSession) => T | Promise<T>, asking: Asking = {}): Promise<T> {
    this.sweep();
    return this.using(this.hold(id, asking), asking, async (session) => body(session));
  }

  /** @throws SandboxRequestError */
  snapshot(id: string, { owner = "" }: Asking = {}): SnapshotInfo {
    this.sweep();
    const entry = this.find(id, owner);
    if (entry.pending > 0) throw new SandboxRequestError(`${id} is running. Take the snapshot when the run is over.`);
    this.shelf.requireRoom(owner);
    const info = this.shelf.add(id, owner, this.bytesOf(entry));
    this.touch(entry);
    return info;
  }

  /**
   * A new sandbox in the state of a snapshot, which stays.
   * @throws SandboxRequestError
   */
  async restore(snapshotId: string, asking: Asking = {}): Promise<SandboxInfo> {
    this.sweep();
    const entry = await this.open(asking, this.shelf.find(snapshotId, asking.owner));
    await this.using(entry, asking, async () => {});
    return this.describe(entry);
  }

  /** @throws SandboxRequestError */
  close(id: string, { owner }: Asking = {}): void {
    this.sweep();
    const entry = this.find(id, owner);
    if (entry.pending > 0) throw new SandboxRequestError(`${id} is running. Cancel the run, or wait until it is over.`);
    this.drop(entry, "it was closed on request");
  }

  /** @throws SandboxRequestError */
  forgetSnapshot(id: string, { owner }: Asking = {}): void {
    this.shelf.forget(id, owner);
  }

  /** What an owner has. */
  list({ owner = "" }: Asking = {}): { sandboxes: SandboxInfo[]; snapshots: SnapshotInfo[] } {
    this.sweep();
    return {
      sandboxes: this.of(owner).map((entry) => this.describe(entry)),
      snapshots: this.shelf.of(owner),
    };
  }

  /** Closes everything that an owner has, who is gone; its runs end. */
  leave(owner: string): void {
    for (const entry of this.of(owner)) this.drop(entry, "its owner has left");
    for (const { id } of this.shelf.of(owner)) this.shelf.forget(id, owner);
    for (const [id, { owner: other }] of this.closed) if (other === owner) this.closed.delete(id);
  }

  /** Closes everything; runs that are under way end. */
  dispose(): void {
    this.disposed = true;
    for (const entry of [...this.sandboxes.values()]) this.drop(entry, "the server ended");
    this.shelf.clear();
    this.line.close(ended());
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

  /** A new sandbox, which is not there yet, and is held. */
  private open(asking: Asking, snapshot?: Uint8Array): Promise<Entry> {
    return this.line.take(
      () => (this.makeRoom() ? this.add(this.nameOf("sandbox", this.nextSandbox++), asking, snapshot) : undefined),
      asking,
    );
  }

  private add(id: string, { owner = "" }: Asking, snapshot?: Uint8Array): Entry {
    const entry: Entry = {
      id,
      owner,
      state: snapshot === undefined ? this.factory.create() : this.factory.restore(snapshot),
      session: undefined,
      pending: 1,
      runs: 0,
      usedAt: this.now(),
      memoryBytes: 0,
    };
    this.sandboxes.set(id, entry);
    return entry;
  }

  private async reopen(id: string, asking: Asking): Promise<Entry> {
    const { owner = "" } = asking;
    const old = this.sandboxes.get(id);
    if (old?.owner === owner && old.pending > 0) {
      throw new SandboxRequestError(`${id} is running. Reset it when the run is over.`);
    }
    // An id whose sandbox is gone can be started afresh as well: that is what reset asks for.
    if (old?.owner !== owner && this.closed.get(id)?.owner !== owner) throw this.unknown(id, owner);
    if (old !== undefined) this.drop(old, "it was reset");
    return this.line.take(() => {
      if (!this.makeRoom()) return undefined;
      // Somebody else may have started it meanwhile.
      const other = this.sandboxes.get(id);
      if (other !== undefined) this.drop(other, "it was reset");
      this.closed.delete(id);
      return this.add(id, asking);
    }, asking);
  }

  /** Nobody puts to sleep or closes what is held. @throws SandboxRequestError */
  private hold(id: string, { owner }: Asking): Entry {
    const entry = this.find(id, owner);
    if (entry.pending >= MAX_PENDING) {
      throw new SandboxRequestError(`${MAX_PENDING} runs wait for ${entry.id} already. Wait until some are over.`);
    }
    entry.pending++;
    return entry;
  }

  /** Hands the sandbox that is held, awake, to `body`, and lets it go then. */
  private async using<T>(entry: Entry, asking: Asking, body: (session: SandboxSession) => Promise<T>): Promise<T> {
    try {
      if (isAsleep(entry)) await this.line.take(() => this.wake(entry), asking);
      entry.session = await this.started(entry, entry.state as Promise<SandboxSession>);
      return await body(entry.session);
    } finally {
      entry.pending--;
      this.touch(entry);
      this.line.advance();
    }
  }

  /** Undefined if there is no room. */
  private wake(entry: Entry): true | undefined {
    // Another request may have done it.
    if (!isAsleep(entry)) return true;
    if (!this.makeRoom()) return undefined;
    const woken: Entry = entry;
    woken.state = this.factory.restore(entry.state);
    return true;
  }

  private nameOf(kind: string, number: number): string {
    return this.secretIds ? `${kind}-${number}-${randomBytes(9).toString("base64url")}` : `${kind}-${number}`;
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
      throw ended();
    }
    return session;
  }

  /** Puts the idle sandbox that was used longest ago to sleep if as many are awake as may be; false if all are in use. */
  private makeRoom(): boolean {
    if (this.disposed) throw ended();
    const awake = [...this.sandboxes.values()].filter((entry) => !isAsleep(entry));
    if (awake.length < this.maxSandboxes) return true;
    const idle = awake.filter(({ pending }) => pending === 0);
    if (idle.length === 0) return false;
    this.putToSleep(
      longestUnused(idle),
      `it was the one used longest ago when a new one was asked for, and ${this.maxSandboxes} is the most`,
    );
    return true;
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
      // Of the owner who has most of them: nobody can drive out what others have.
      const oldest = longestUnused(largestGroup(asleep));
      asleep.splice(asleep.indexOf(oldest), 1);
      size -= oldest.state.length;
      this.drop(oldest, "it was asleep, the one used longest ago, and no more sleeping sandboxes are kept");
    }
  }

  private drop(entry: Entry, reason: string): void {
    if (this.sandboxes.get(entry.id) !== entry) return;
    this.sandboxes.delete(entry.id);
    this.closed.set(entry.id, { owner: entry.owner, reason });
    if (this.closed.size > REMEMBERED) this.closed.delete(this.closed.keys().next().value!);
    entry.session?.close();
    this.line.advance();
  }

  private of(owner: string): Entry[] {
    return [...this.sandboxes.values()].filter((entry) => entry.owner === owner);
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

  private find(id: string, owner = ""): Entry {
    const entry = this.sandboxes.get(id);
    if (entry?.owner !== owner) throw this.unknown(id, owner);
    return entry;
  }

  private unknown(id: string, owner: string): SandboxRequestError {
    const closed = this.closed.get(id);
    if (closed?.owner === owner) {
      return new SandboxRequestError(
        `${id} is closed: ${closed.reason}. Its variables are gone. Run again without sandbox_id to get a new sandbox, or restore a snapshot.`,
      );
    }
    const ids = this.of(owner).map((entry) => entry.id);
    return new SandboxRequestError(
      `There is no sandbox ${JSON.stringify(id)}. ` +
        (ids.length === 0 ? "None is open" : `Open: ${ids.join(", ")}`) +
        ". Leave sandbox_id out to get a new one; its id is in the result.",
    );
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

/** Those of the owner who has most. */
function largestGroup<E extends Entry>(entries: readonly E[]): E[] {
  const groups = new Map<string, E[]>();
  for (const entry of entries) groups.set(entry.owner, [...(groups.get(entry.owner) ?? []), entry]);
  return [...groups.values()].reduce((most, group) => (group.length > most.length ? group : most));
}

function ended(): SandboxRequestError {
  return new SandboxRequestError("The server has ended.");
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function describeTime(ms: number): string {
  if (ms >= 2 * 3_600_000) return `${Math.round(ms / 3_600_000)} hours`;
  return ms >= 2 * 60_000 ? `${Math.round(ms / 60_000)} minutes` : `${Math.round(ms / 1000)} seconds`;
}
