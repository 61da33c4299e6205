// Fair turns on one thread: runs are cut into slices, and between two slices of any run the
// event loop gets to serve everything else.

import type { Pacing } from "./interpreter.js";

/** What the host's event loop offers. */
export interface EventLoop {
  /** Milliseconds, from any start; never goes back. */
  now(): number;
  /** Calls back from a new macrotask, after timers and input that are due have been served. */
  macrotask(callback: () => void): void;
  /** Calls back after `ms`; returns what cancels that. */
  timer(callback: () => void, ms: number): () => void;
}

// Node makes some of these when they are first asked for, of modules that take longer to load than a program does.
interface HostGlobals {
  readonly performance?: { now(): number };
  readonly process?: { readonly hrtime?: (() => readonly [seconds: number, nanoseconds: number]) | undefined };
  readonly setImmediate?: (callback: () => void) => unknown;
  readonly setTimeout: (callback: () => void, ms: number) => unknown;
  readonly clearTimeout: (timer: unknown) => void;
  readonly MessageChannel?: new () => {
    readonly port1: { onmessage: (() => void) | null; unref?(): void };
    readonly port2: { postMessage(message: null): void };
  };
}

let found: EventLoop | undefined;

/** The event loop of the JavaScript host that this runs on, whichever it is. */
export function hostEventLoop(): EventLoop {
  found ??= makeHostEventLoop(globalThis as unknown as HostGlobals);
  return found;
}

function makeHostEventLoop(host: HostGlobals): EventLoop {
  const { setImmediate } = host;
  const timer = (callback: () => void, ms: number): (() => void) => {
    const handle = host.setTimeout(callback, ms);
    return () => host.clearTimeout(handle);
  };
  let macrotask: EventLoop["macrotask"];
  if (setImmediate !== undefined) macrotask = (callback) => void setImmediate(callback);
  else if (host.MessageChannel !== undefined) {
    // Timers would be slowed down to 4 ms after a few rounds.
    const { port1, port2 } = new host.MessageChannel();
    const waiting: (() => void)[] = [];
    port1.onmessage = () => waiting.shift()?.();
    macrotask = (callback) => {
      waiting.push(callback);
      port2.postMessage(null);
    };
  } else macrotask = (callback) => void timer(callback, 0);
  return { now: clockOf(host), macrotask, timer };
}

function clockOf(host: HostGlobals): EventLoop["now"] {
  const hrtime = host.process?.hrtime;
  if (hrtime !== undefined) {
    return () => {
      const [seconds, nanoseconds] = hrtime();
      return seconds * 1e3 + nanoseconds / 1e6;
    };
  }
  const { performance } = host;
  return performance === undefined ? () => Date.now() : () => performance.now();
}

/** A queue of runs that wait for their turn: one turn for each round of the event loop. */
export class Turns {
  /** Runs that have begun: how young the process is. */
  runs = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(private readonly loop: EventLoop) {}

  /** Resolves when everybody who asked before has had a turn. */
  next(): Promise<void> {
    return new Promise((resolve) => {
      this.waiting.push(resolve);
      if (this.waiting.length === 1) this.loop.macrotask(this.serve);
    });
  }

  private readonly serve = (): void => {
    this.waiting.shift()!();
    if (this.waiting.length > 0) this.loop.macrotask(this.serve);
  };
}

const turns = new WeakMap<EventLoop, Turns>();

/** The one queue of an event loop. */
export function turnsOf(loop: EventLoop): Turns {
  let queue = turns.get(loop);
  if (queue === undefined) {
    queue = new Turns(loop);
    turns.set(loop, queue);
  }
  return queue;
}

/** A turn for everybody else on this JavaScript host, in the midst of what takes long and cannot be cut otherwise. */
export function hostTurn(): Promise<void> {
  return turnsOf(hostEventLoop()).next();
}

/** How long a slice is meant to take. */
const SLICE_MS = 5;
/** In a fresh process nothing is compiled: this takes some 5 ms there. */
const FIRST_SLICE_FUEL = 50_000;
const MIN_SLICE_FUEL = 20_000;
const MAX_SLICE_FUEL = 20_000_000;

/** Runs of a process whose first slices are short: of what they run, V8 has compiled little yet. */
const YOUNG_RUNS = 10;

/** How much fuel a slice gets: measured, so that it takes about {@link SLICE_MS}. */
export class SlicePacing implements Pacing {
  stopped: string | undefined;
  /** Is told after each slice what the run has used. */
  onTurn: ((fuelUsed: number) => void) | undefined;
  private fuel = FIRST_SLICE_FUEL;
  private startedAt = 0;

  constructor(private readonly loop: EventLoop) {}

  /** A run begins, of another program perhaps: what slices of the one before took says little of it. */
  begin(): void {
    this.stopped = undefined;
    if (turnsOf(this.loop).runs++ < YOUNG_RUNS) this.fuel = Math.min(this.fuel, FIRST_SLICE_FUEL);
  }

  sliceFuel(): number {
    this.startedAt = this.loop.now();
    return this.fuel;
  }

  async turn(fuelUsed: number): Promise<void> {
    this.onTurn?.(fuelUsed);
    const took = Math.max(this.loop.now() - this.startedAt, 0.1);
    // Half way to what this slice suggests, at most double: one that was interrupted says little.
    const suggested = Math.min((this.fuel * SLICE_MS) / took, this.fuel * 3);
    const fuel = Math.round((this.fuel + suggested) / 2);
    this.fuel = Math.min(MAX_SLICE_FUEL, Math.max(MIN_SLICE_FUEL, fuel));
    await turnsOf(this.loop).next();
  }
}
