// Exact fuel by functions and by the calls that led to them.
//
// Functions of a metered engine run in stepping form alone: each instruction is charged by itself, and behind the charge
// an operation tells the meter. What has been used since it was last told is that function's: the price of this
// instruction, what the one before it has paid beyond its base price, and on entry what entering costs.
//
//   main calls f, which pays 5      main 3 · f 5           a tree of calls: each node one function, called from its parent
//   and main then pays 1            main 4 · f 5           the sum is the bill
import type { DecodedModule } from "../../decoder/module.js";

/** A function, as it was called from its parent node's. */
export interface MeterNode {
  /** Null of the root, which is nobody's. */
  readonly module: DecodedModule | null;
  /** Index among the functions that the module defines. */
  readonly func: number;
  /** Fuel of this function itself. */
  fuel: number;
  /** By module and function, in the order of first calls. */
  readonly children: MeterNode[];
}

const node = (module: DecodedModule | null, func: number): MeterNode => ({ module, func, fuel: 0, children: [] });

export class FuelMeter {
  readonly root = node(null, -1);
  /** Whether what is used counts now. */
  isOn = true;
  /** Nodes under way, and where their frames are. */
  private readonly nodes: MeterNode[] = [];
  private readonly frames: number[] = [];
  /** How many of them there are. */
  private depth = 0;
  private thread: object | null = null;
  /** What the thread had used when the meter was last told. */
  private used = 0;

  /** A thread begins or goes on, having used so much. */
  begin(thread: object, used: number): void {
    if (thread !== this.thread) this.depth = 0;
    this.thread = thread;
    this.used = used;
  }

  /** It has paused, or is over. */
  end(used: number): void {
    this.take(this.depth === 0 ? this.root : this.nodes[this.depth - 1]!, used);
  }

  /** The function that runs in the frame at `sp` has been charged. */
  told(module: DecodedModule, func: number, sp: number, used: number): void {
    const { nodes, frames } = this;
    let { depth } = this;
    while (depth > 0 && frames[depth - 1]! > sp) depth--;
    const top = depth === 0 ? this.root : nodes[depth - 1]!;
    if (depth > 0 && frames[depth - 1] === sp && top.func === func && top.module === module) {
      this.depth = depth;
      this.take(top, used);
      return;
    }
    // A tail call has taken over its caller's frame.
    if (depth > 0 && frames[depth - 1] === sp) depth--;
    const current = this.child(depth === 0 ? this.root : nodes[depth - 1]!, module, func);
    nodes[depth] = current;
    frames[depth] = sp;
    this.depth = depth + 1;
    this.take(current, used);
  }

  private child(parent: MeterNode, module: DecodedModule, func: number): MeterNode {
    for (const child of parent.children) if (child.func === func && child.module === module) return child;
    const child = node(module, func);
    parent.children.push(child);
    return child;
  }

  private take(to: MeterNode, used: number): void {
    if (this.isOn) to.fuel += used - this.used;
    this.used = used;
  }
}
