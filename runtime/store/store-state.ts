// The store, spec 4.2.4, with hard caps on what its objects may take. What it answers never
// depends on the host's free memory below the caps.
import type { TypeRegistry } from "../../decoder/index.js";
import { type SleepClock, VirtualClock } from "../deterministic.js";
import { MemoryLimitExceeded, UsageError } from "../errors.js";
import type { StoreLimits } from "../limits.js";
import { HeapBudget, HeapTrace, type RootSource } from "./heap-trace.js";
import type { Ref } from "./refs.js";

/** What a store is charged, see {@link StoreState.charges}. */
export interface StoreCharges {
  readonly counts: Pick<
    StoreState,
    "memoryBytes" | "peakMemoryBytes" | "tableElements" | "instanceCount" | "memoryCount" | "tableCount"
  >;
  readonly heapBytes: number;
  readonly roots: number;
}

/** A reference of the host's that does not keep its object, as ECMAScript's WeakRef is. */
export interface WeakReference<T> {
  deref(): T | undefined;
}
export type MakeWeak = <T extends object>(object: T) => WeakReference<T>;

export class StoreState {
  /** Bytes of all linear memories now, and the most there ever were. */
  memoryBytes = 0;
  peakMemoryBytes = 0;
  tableElements = 0;
  instanceCount = 0;
  memoryCount = 0;
  tableCount = 0;
  readonly heap: HeapBudget;
  /** What keeps objects alive; {@link held} counts beside it. */
  readonly roots = new Set<RootSource>();
  /** In their place, see {@link forgetUnused}. */
  private readonly weakRoots = new Set<WeakReference<RootSource>>();
  private makeWeak: MakeWeak | null = null;
  private readonly held = new Map<Ref, number>();
  /** A trace that was begun before it was paid whole, by whom. */
  private ahead: { readonly trace: HeapTrace; readonly payer: object } | null = null;
  /** The guest that runs, the innermost if a host function runs another in its call. */
  private driven: object | null = null;

  constructor(
    readonly registry: TypeRegistry,
    readonly limits: StoreLimits,
    /** On which memory.atomic.wait spends its timeouts. */
    readonly clock: SleepClock = new VirtualClock(),
  ) {
    this.heap = new HeapBudget(limits.gcHeapBytes);
  }

  /**
   * Bytes of structs, arrays and exceptions, as heap.ts accounts for them: what was live at the
   * last trace, and everything made since.
   */
  get gcHeapBytes(): number {
    return this.heap.used;
  }
  set gcHeapBytes(bytes: number) {
    this.heap.used = bytes;
  }
  /** What was live at the last trace. */
  get gcLiveBytes(): number {
    return this.heap.live;
  }
  set gcLiveBytes(bytes: number) {
    this.heap.live = bytes;
  }

  // admit… answers whether something new fits, before anything is allocated; mayGrow… the
  // same for growth, where the store may be set to answer false instead; charge… accounts for it.

  /** @throws MemoryLimitExceeded */
  admitInstance(): void {
    if (this.instanceCount >= this.limits.instances) {
      throw new MemoryLimitExceeded("instances", this.instanceCount + 1, this.limits.instances);
    }
  }

  /** `count` memories of `bytes` in total. @throws MemoryLimitExceeded */
  admitMemory(bytes: number, count = 1): void {
    if (this.memoryCount + count > this.limits.memories) {
      throw new MemoryLimitExceeded("memories", this.memoryCount + count, this.limits.memories);
    }
    const total = this.memoryBytes + bytes;
    if (total > this.limits.memoryBytes) {
      throw new MemoryLimitExceeded("linear memory", total, this.limits.memoryBytes);
    }
  }

  /** `count` tables of `elements` in total. @throws MemoryLimitExceeded */
  admitTable(elements: number, count = 1): void {
    if (this.tableCount + count > this.limits.tables) {
      throw new MemoryLimitExceeded("tables", this.tableCount + count, this.limits.tables);
    }
    const total = this.tableElements + elements;
    if (total > this.limits.tableElements) {
      throw new MemoryLimitExceeded("table elements", total, this.limits.tableElements);
    }
  }

  /** @throws MemoryLimitExceeded if the store traps on growth past its cap */
  mayGrowMemory(bytes: number): boolean {
    if (this.memoryBytes + bytes > this.limits.memoryBytes && this.limits.onGrowthFailure !== "trap") return false;
    this.admitMemory(bytes, 0);
    return true;
  }

  /** @throws MemoryLimitExceeded if the store traps on growth past its cap */
  mayGrowTable(elements: number): boolean {
    if (this.tableElements + elements > this.limits.tableElements && this.limits.onGrowthFailure !== "trap")
      return false;
    this.admitTable(elements, 0);
    return true;
  }

  chargeMemory(bytes: number): void {
    this.memoryBytes += bytes;
    if (this.memoryBytes > this.peakMemoryBytes) this.peakMemoryBytes = this.memoryBytes;
  }

  chargeTable(elements: number): void {
    this.tableElements += elements;
  }

  /** An object of `bytes` is not larger than the heap may ever be. @throws MemoryLimitExceeded */
  admitHeap(bytes: number): void {
    if (bytes > this.limits.gcHeapBytes) throw new MemoryLimitExceeded("GC heap", bytes, this.limits.gcHeapBytes);
  }

  /** Whether room for `bytes` more takes a trace. */
  needsTrace(bytes: number): boolean {
    const { used, live, limit } = this.heap;
    return used + bytes > limit && used - live >= limit / 8;
  }

  /**
   * The heap has room for `bytes` more, after a trace if need be. Not every schedule has a price for a trace:
   * there is at most one for each eighth of the limit that is allocated. So a guest that
   * uses more than seven eighths may be refused while some of what it uses is dead.
   * @throws MemoryLimitExceeded
   */
  makeRoom(bytes: number): void {
    const { heap } = this;
    const { limit } = heap;
    if (heap.used + bytes <= limit) return;
    if (this.needsTrace(bytes)) this.traceHeap();
    const total = heap.used + bytes;
    if (total > limit) throw new MemoryLimitExceeded("GC heap", total, limit);
  }

  /**
   * Counts the live objects (heap-trace.ts), to which `gcHeapBytes` is set. Executions do so on
   * their own; a host may, before it looks at `gcHeapBytes`.
   */
  traceHeap(): number {
    const { heap } = this;
    const trace = this.takeTrace();
    heap.live = trace.advance()!;
    heap.used = heap.live;
    return heap.live;
  }

  /**
   * Does a part of the next trace, of about `bytes`, ahead of it, for the guest that runs and is about to wait for the
   * rest of its price. Nothing that can be observed changes, and nothing may until the trace is done: whatever changes
   * objects or roots forgets what was found.
   */
  traceAhead(payer: object, bytes: number): void {
    // Others are not known to come back to their allocation first.
    if (payer !== this.driven) return;
    const trace = this.takeTrace();
    trace.advance(bytes);
    trace.wait();
    this.ahead = { trace, payer };
  }

  /** The trace that the guest that runs has begun, or a new one. */
  private takeTrace(): HeapTrace {
    const { ahead } = this;
    if (ahead !== null && ahead.payer === this.driven) {
      this.ahead = null;
      if (ahead.trace.goOn()) return ahead.trace;
    }
    this.forgetTrace();
    const holding: RootSource = { visitRoots: (visit) => [...this.held.keys()].forEach(visit) };
    return new HeapTrace(this.registry, [...this.roots, ...this.usedRoots(), holding]);
  }

  /** Before anything changes that a trace may have seen. */
  forgetTrace(): void {
    if (this.ahead === null) return;
    this.ahead.trace.goOn();
    this.ahead = null;
  }

  /** `guest` begins to run, or goes on. @returns what {@link leaveGuest} takes */
  enterGuest(guest: object): object | null {
    const outer = this.driven;
    if (this.ahead?.payer !== guest) this.forgetTrace();
    this.driven = guest;
    return outer;
  }

  leaveGuest(outer: object | null): void {
    this.driven = outer;
    // The guest whose host function ran this one goes on.
    if (outer !== null) this.forgetTrace();
  }

  /** Adds an instance, table or global, which keeps objects alive for as long as the store exists. */
  addRoot(root: RootSource): void {
    if (this.makeWeak === null) {
      this.keepRoot(root);
      return;
    }
    this.forgetTrace();
    this.weakRoots.add(this.makeWeak(root));
  }

  /** Adds what keeps objects alive until it is deleted. */
  keepRoot(root: RootSource): void {
    this.forgetTrace();
    this.roots.add(root);
  }

  deleteRoot(root: RootSource): void {
    this.forgetTrace();
    this.roots.delete(root);
  }

  /**
   * Instances, tables and globals that are made from now on keep objects alive only as long as somebody has them: for
   * programs that do not say when they need them no longer. What is live then depends on the host's collector.
   */
  forgetUnused(makeWeak: MakeWeak): void {
    this.makeWeak = makeWeak;
  }

  private *usedRoots(): Generator<RootSource> {
    for (const weak of this.weakRoots) {
      const root = weak.deref();
      if (root === undefined) this.weakRoots.delete(weak);
      else yield root;
    }
  }

  /**
   * Counts an object, and what it refers to, as live until it is released as often as it was held.
   * A reference that the host has is good without; then it counts no longer than the guest has it too.
   */
  hold(ref: Ref): void {
    this.forgetTrace();
    this.held.set(ref, (this.held.get(ref) ?? 0) + 1);
  }

  /** Undoes one {@link hold}. @throws UsageError if the object is not held */
  release(ref: Ref): void {
    const count = this.held.get(ref);
    if (count === undefined) throw new UsageError("release: the reference is not held");
    this.forgetTrace();
    if (count === 1) this.held.delete(ref);
    else this.held.set(ref, count - 1);
  }

  /** Before anything is allocated. @throws MemoryLimitExceeded */
  chargeHeap(bytes: number): void {
    this.makeRoom(bytes);
    this.heap.used += bytes;
  }

  /** All that is charged now, for {@link takeBack}. */
  charges(): StoreCharges {
    const { memoryBytes, peakMemoryBytes, tableElements, instanceCount, memoryCount, tableCount, heap, roots } = this;
    return {
      counts: { memoryBytes, peakMemoryBytes, tableElements, instanceCount, memoryCount, tableCount },
      heapBytes: heap.used,
      roots: roots.size,
    };
  }

  /** Charges nothing for what was made since `charges`, and never will be used: parts of an instance that failed. */
  takeBack({ counts, heapBytes, roots }: StoreCharges): void {
    this.forgetTrace();
    Object.assign(this, counts);
    for (const root of [...this.roots].slice(roots)) this.roots.delete(root);
    // Less is used by now if the heap was traced meanwhile.
    this.heap.used = Math.min(this.heap.used, heapBytes);
    this.heap.live = Math.min(this.heap.live, this.heap.used);
  }

  /**
   * A zeroed buffer of at least `bytes`, rounded up so that every view fits; of `wanted` if the host has that much.
   * @throws MemoryLimitExceeded if the host cannot allocate what the cap allows
   */
  allocateBuffer(bytes: number, wanted = bytes, what: "linear memory" | "GC heap" = "linear memory"): ArrayBuffer {
    // The one in the middle, so that who asks for little more each time does not copy all of it each time.
    for (const size of [wanted, Math.min(wanted, bytes * 1.125), bytes]) {
      try {
        const buffer = new ArrayBuffer(Math.ceil(Math.max(size, 128) / 8) * 8);
        // A host may have larger buffers than views.
        new Uint8Array(buffer);
        return buffer;
      } catch {
        // RangeError: the host has no such buffer; try the smaller one.
      }
    }
    throw new MemoryLimitExceeded(what, bytes, bytes);
  }
}
