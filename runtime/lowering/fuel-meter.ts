// Exact fuel by functions and by the calls that led to them.
//
// Functions of a metered engine run in stepping form alone: each instruction is charged by itself, and behind the charge
// an operation tells the meter. What has been used since it was last told is that function's: the price of this
// instruction, what the one before it has paid beyond its base price, and on entry what entering costs.
//
//   main calls f, which pays 5      main 3 · f 5           a tree of calls: each node one function, called from its parent
//   and main then pays 1            main 4 · f 5           the sum is the bill
import type { DecodedModule } from "../../decoder/module.js";
import type { MemoryInst } from "../store/memory.js";

/** What runs, as far as a listener may look into it. */
export interface ChargedThread {
  readonly machine: {
    /** Two words for each slot of the frames. To be taken anew each time. */
    readonly R: Int32Array;
    /** Word of the innermost frame's local 0. */
    readonly fp: number;
    readonly instance: { readonly memories: readonly MemoryInst[] };
  };
}

/** Is told of each charge of a metered engine's functions. */
export interface ChargeListener {
  /** A thread begins or goes on, having used so much. */
  begin(thread: ChargedThread, used: number): void;
  /**
   * The instruction at byte `offset` of the module has been charged, and comes next; at its function's entry the offset
   * is that of the body.
   * @param sp where the frame is: larger for callees
   * @param used by the thread, this charge included
   */
  charged(module: DecodedModule, offset: number, sp: number, used: number): void;
  /** The thread has paused, or is over. */
  end(used: number): void;
}

/** A function, as it was called from its parent node's. */
export interface MeterNode {
  /** Null of the root, which is nobody's. */
  readonly module: DecodedModule | null;
  /** Index among the functions that the module defines. */
  readonly func: number;
  /** Its body's bytes in the module. */
  readonly start: number;
  readonly end: number;
  /** Fuel of this function itself. */
  fuel: number;
  /** By module and function, in the order of first calls. */
  readonly children: MeterNode[];
}

export class FuelMeter implements ChargeListener {
  readonly root: MeterNode = { module: null, func: -1, start: 0, end: 0, fuel: 0, children: [] };
  /** Whether what is used counts now: what begins before, and goes on then, has no caller. */
  isOn = true;
  /** Nodes under way, and where their frames are. */
  private readonly nodes: MeterNode[] = [];
  private readonly frames: number[] = [];
  /** How many of them there are. */
  private depth = 0;
  private thread: object | null = null;
  /** What the thread had used when the meter was last told. */
  private used = 0;

  begin(thread: ChargedThread, used: number): void {
    if (thread !== this.thread) this.depth = 0;
    this.thread = thread;
    this.used = used;
  }

  end(used: number): void {
    this.take(this.depth === 0 ? this.root : this.nodes[this.depth - 1]!, used);
  }

  charged(module: DecodedModule, offset: number, sp: number, used: number): void {
    // What does not count leaves no node, or the order of nodes would tell how an interpreter was booted.
    if (!this.isOn) {
      this.depth = 0;
      this.used = used;
      return;
    }
    const { nodes, frames } = this;
    let { depth } = this;
    while (depth > 0 && frames[depth - 1]! > sp) depth--;
    const top = depth === 0 ? this.root : nodes[depth - 1]!;
    const isSame = offset >= top.start && offset < top.end && top.module === module;
    if (depth > 0 && frames[depth - 1] === sp && isSame) {
      this.depth = depth;
      this.take(top, used);
      return;
    }
    // A tail call has taken over its caller's frame.
    if (depth > 0 && frames[depth - 1] === sp) depth--;
    const current = this.child(depth === 0 ? this.root : nodes[depth - 1]!, module, offset);
    nodes[depth] = current;
    frames[depth] = sp;
    this.depth = depth + 1;
    this.take(current, used);
  }

  private child(parent: MeterNode, module: DecodedModule, offset: number): MeterNode {
    for (const child of parent.children)
      if (offset >= child.start && offset < child.end && child.module === module) return child;
    const func = bodyAt(module, offset);
    const { start, end } = module.bodies.get(func)!;
    const child = { module, func, start, end, fuel: 0, children: [] };
    parent.children.push(child);
    return child;
  }

  private take(to: MeterNode, used: number): void {
    if (this.isOn) to.fuel += used - this.used;
    this.used = used;
  }
}

/** Index of the defined function whose body has a byte of the module. */
export function bodyAt({ bodies }: DecodedModule, offset: number): number {
  let low = 0;
  let high = bodies.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (bodies.get(middle)!.start <= offset) low = middle;
    else high = middle;
  }
  return low;
}
