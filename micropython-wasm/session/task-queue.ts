// What is asked of a session, one after the other: runs, forks, changes of its functions. When nobody asks for more, the
// session sleeps (its interpreter hibernates).
import type { CallContext } from "../guest/call-context.js";
import { SandboxUsageError } from "../guest/errors.js";
import type { PythonInterpreter } from "../interpreter/interpreter.js";
import type { EventLoop } from "../interpreter/turns.js";

const INSIDE = "a host function cannot use the session that is waiting for it";
/** To make a buffer of so much anew takes longer than a short run does. */
const LARGE_MEMORY_BYTES = 32 * 1024 * 1024;
/** How long a session with as much stays awake between runs. */
const LARGE_IDLE_MS = 20;
/** How long a host function may make other tasks wait, where it may be waiting for one of them. */
const STUCK_MS = 10_000;

export class TaskQueue {
  isClosed = false;
  /** Ends when everything that was asked for so far is over. */
  private last: Promise<unknown> = Promise.resolve();
  /** Tasks that were asked for and are not over. */
  private tasks = 0;
  /** Calls off the sleep that the session is about to fall into. */
  private stayAwake: (() => void) | undefined;

  constructor(
    private readonly loop: EventLoop,
    private readonly context: CallContext,
    private readonly python: PythonInterpreter,
  ) {}

  get isBusy(): boolean {
    return this.tasks > 0;
  }

  /** @throws SandboxUsageError */
  requireOpen(): void {
    if (this.isClosed) throw new SandboxUsageError("the session is closed");
  }

  /** @param what is done between runs @throws SandboxUsageError if it is closed, or something was asked for and is not over */
  requireIdle(what: string): void {
    this.requireOpen();
    if (this.isBusy) throw new SandboxUsageError(`a run is under way: ${what} between runs`);
  }

  /**
   * Does a task after those that were asked for before.
   * @throws SandboxUsageError inside a host function of the session, which the task would wait for, and if it is closed
   */
  enqueue<T>(task: () => Promise<T>): Promise<T> {
    if (this.context.isInside) throw new SandboxUsageError(INSIDE);
    this.requireOpen();
    this.tasks++;
    this.stayAwake?.();
    this.stayAwake = undefined;
    let waiting = true;
    const turn = this.last.then(() => {
      waiting = false;
    });
    const stuck = this.whenStuck(() => waiting);
    const done = (stuck === undefined ? turn : Promise.race([turn, stuck])).then(() => {
      this.requireOpen();
      return task();
    });
    const over = (): void => {
      this.tasks--;
      if (this.tasks === 0) this.rest();
    };
    const ended = done.then(over, over);
    // What was refused before its turn has one all the same.
    this.last = stuck === undefined ? ended : Promise.allSettled([turn, ended]);
    return done;
  }

  /** Calls back when what was asked for so far is over, closed or not. */
  afterwards(callback: () => void): void {
    void this.last.then(callback);
  }

  /** Sleeps when nobody has another task at once, or after a while where waking takes long. */
  private rest(): void {
    const sleep = (): void => {
      if (this.tasks === 0 && !this.isClosed) this.hibernate();
    };
    if (this.python.memoryBytes < LARGE_MEMORY_BYTES) this.loop.macrotask(sleep);
    else this.stayAwake = this.loop.timer(sleep, LARGE_IDLE_MS);
  }

  /** Whoever snapshots, forks or runs next finds the picture of the memory made. */
  private hibernate(): void {
    try {
      this.python.hibernate();
    } catch {
      // Nobody waits in this macrotask: what is thrown here would end the host's process. Of no room for the picture, and
      // of a fault of ours, the interpreter stays awake as it is, and the queue goes on. Whoever takes the next picture (a
      // run, fork or snapshot) makes it of the same memory in the same way, and is told the same error, if it still holds.
    }
  }

  /**
   * Rejects when a task that was asked for while a host function waits may be what that function
   * waits for: neither would ever go on. Undefined where {@link enqueue} knows at once.
   */
  private whenStuck(waiting: () => boolean): Promise<never> | undefined {
    const { hostCalls } = this.python.environment;
    if (this.context.followsPromises || !hostCalls.isCalling) return undefined;
    return new Promise((_resolve, reject) => {
      const watch = (): void => {
        const { callCount } = hostCalls;
        this.loop.timer(() => {
          if (!waiting() || !hostCalls.isCalling) return;
          if (hostCalls.callCount !== callCount) watch();
          else reject(new SandboxUsageError(`${INSIDE}, which it has done for ${STUCK_MS / 1000} s now`));
        }, STUCK_MS);
      };
      watch();
    });
  }
}
