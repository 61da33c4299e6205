// What a lowering tells about the positions that it writes, for the code map. Linear in the body:
// one row per operation, per instruction and per charge point, and of the operands at a site (which
// may be thousands, at thousands of sites) only as many as SITE_WORK allows. The rest is asked for
// by another lowering that is told which sites are wanted.
//
//   (i32.add (local.get 0) (call $f))     the site is where the call returns; `local.get 0` has cost
//                                         no code yet: a promise, [slot 1, LOCAL, 0, 0]

import { type FrameLayout, layoutOf } from "./frame-layout.js";
import type { FunctionLowering } from "./function-lowering.js";
import { IntList } from "./int-list.js";
import { IN_SLOT, type Operands, WIDTH_REF } from "./operands.js";

/** Operands that may be looked at before sites are left out: for each byte of the body, and at the most. */
const SITE_WORK = 1;
const MOST_SITE_WORK = 1 << 17;

/** An entry of a Map, and its array without elements. */
const SITE_BYTES = 64;

/** Flags of a charge point. */
export const POINT_ENTRY = 1;
export const POINT_PROMISES = 2;

/** What a recording has in any case. */
export interface Wanted {
  /** Positions of sites. */
  readonly sites: ReadonlySet<number>;
  /** Byte offsets of instructions whose frames' layouts are asked for. */
  readonly offsets: ReadonlySet<number>;
  /** Slots that those layouts together may have; those beyond are left out. */
  readonly room: number;
}

/** What is told of each instruction before anything of it has been lowered. */
export interface InstructionTable {
  add(offset: number, lowering: FunctionLowering): void;
}

/** A cost that is that of point `index`, whatever it turns out to be. */
export function sameCostAs(index: number): number {
  return -2 - index;
}

export class Recording {
  /** Per operation: position, byte offset of its instruction, what its segment has paid up to and including it. */
  readonly at = new IntList();
  readonly offset = new IntList();
  readonly paid = new IntList();
  /** Per segment: where it ends, and what it costs. */
  readonly endAt = new IntList();
  readonly endPaid = new IntList();
  /** Per instruction, in stepping form: byte offset, and position of its first operation. */
  readonly instructionOffset = new IntList();
  readonly instructionAt = new IntList();
  /** Per charge point: position, byte offset of what comes next, cost, flags. */
  readonly pointAt = new IntList();
  readonly pointOffset = new IntList();
  readonly pointCost = new IntList();
  readonly pointFlags = new IntList();

  // By position of a site.
  /** Operands that are not in their slots: quadruples of slot, kind and width, value, high. */
  readonly promises = new Map<number, readonly number[]>();
  /**
   * Slots of operands that are references, where a call returns (below its arguments) and where an
   * operation allocates. Copies of locals that are only promised are not among them: the locals have those.
   */
  readonly refs = new Map<number, readonly number[]>();
  /** By byte offset of a wanted instruction. */
  readonly layouts = new Map<number, FrameLayout>();
  /** Some sites were left out. */
  incomplete = false;
  /** Operands that may still be looked at. */
  private work: number;
  /** Slots that layouts may still have. */
  private room: number;

  /**
   * @param bodyBytes of the body; 0 to record what is wanted and no other sites
   * @param operations whether operations have rows: not those of the stepping form, whose instructions have
   */
  constructor(
    private readonly wanted: Wanted,
    bodyBytes: number,
    readonly operations: boolean,
    /** Takes the layouts of all instructions. */
    private readonly table: InstructionTable | null = null,
  ) {
    this.work = Math.min(bodyBytes * SITE_WORK, MOST_SITE_WORK);
    this.room = wanted.room;
  }

  operation(at: number, offset: number, paid: number): void {
    // An operation that was taken back has left its row.
    while (this.at.length > 0 && this.at.last() >= at) {
      this.at.length--;
      this.offset.length--;
      this.paid.length--;
    }
    this.at.push(at);
    this.offset.push(offset);
    this.paid.push(paid);
  }

  /** The instruction at byte `offset` has been read, and nothing of it been lowered. */
  instruction(offset: number, lowering: FunctionLowering): void {
    if (this.wanted.offsets.has(offset)) this.layout(offset, lowering);
    this.table?.add(offset, lowering);
    if (!lowering.stepping) return;
    this.instructionOffset.push(offset);
    this.instructionAt.push(lowering.emitter.at);
  }

  private layout(offset: number, lowering: FunctionLowering): void {
    const { operands } = lowering;
    this.room -= operands.slotAt(operands.height);
    if (this.room >= 0) this.layouts.set(offset, layoutOf(lowering));
  }

  end(at: number, paid: number): void {
    this.endAt.push(at);
    this.endPaid.push(paid);
  }

  /** Returns the point's number. `cost` may be set later. */
  point(at: number, offset: number, cost: number, flags: number): number {
    this.pointAt.push(at);
    this.pointOffset.push(offset);
    this.pointCost.push(cost);
    this.pointFlags.push(flags);
    return this.pointAt.length - 1;
  }

  /** The points' costs, all of which are known when the function has been lowered. */
  costs(): Int32Array {
    const costs = this.pointCost.toArray();
    for (let i = 0; i < costs.length; i++) if (costs[i]! < -1) costs[i] = costs[-2 - costs[i]!]!;
    return costs;
  }

  /** Per operation: what its segment costs behind it. */
  rests(): Int32Array {
    const rests = this.paid.toArray();
    let segment = 0;
    for (let i = 0; i < rests.length; i++) {
      while (this.endAt.at(segment) <= this.at.at(i)) segment++;
      rests[i] = this.endPaid.at(segment) - rests[i]!;
    }
    return rests;
  }

  /** What the sites take, about. */
  siteBytes(): number {
    let bytes = 0;
    for (const sites of [this.promises, this.refs])
      for (const values of sites.values()) bytes += SITE_BYTES + 8 * values.length;
    return bytes;
  }

  /** Whether the site at `at` is recorded, for which `count` operands have to be looked at. */
  private takes(at: number, count: number): boolean {
    if (this.wanted.sites.has(at)) return true;
    if (this.work >= count) {
      this.work -= count;
      return true;
    }
    this.incomplete = true;
    return false;
  }

  promisesAt(at: number, operands: Operands): void {
    if (operands.promisedCount === 0) {
      if (this.promises.size > 0) this.promises.delete(at);
      return;
    }
    if (!this.takes(at, operands.promisedCount)) return;
    const pending = operands.pending();
    // A later point at the same position knows better.
    if (pending.length > 0) this.promises.set(at, pending);
    else this.promises.delete(at);
  }

  /** The references among the lowest `height` operands. */
  refsAt(at: number, operands: Operands, height: number): void {
    if (height === 0) return;
    if (!this.takes(at, height)) return;
    const { kind, width, slot } = operands;
    const slots: number[] = [];
    for (let i = 0; i < height; i++) if (width[i] === WIDTH_REF && kind[i] === IN_SLOT) slots.push(slot[i]!);
    if (slots.length > 0) this.refs.set(at, slots);
    else this.refs.delete(at);
  }
}
