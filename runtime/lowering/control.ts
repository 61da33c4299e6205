// Labels, and what the segments of code between them cost.
//
// A segment runs from a label (or a function's entry, or the return point of a call) to the next
// unconditional transfer or call. It is paid whole where it is entered. A taken branch pays the
// target's cost less what is left of its own segment: `cost(target) − rest`.
//
//   (loop $l                                            cost
//     (local.set 0 (i32.sub (local.get 0) (i32.const 1)))  4   segment A: from $l to the call
//     (br_if $l (local.get 0))                             2   taken: pays A again, less A's rest
//     (call $f)                                            1   ends A: cost(A) = 4 + 2 + 1 = 7
//     (local.get 0) …)                                         segment B, paid when $f returns
//
// At `br_if`, 6 of A's 7 are used and the rest is 1: the branch's word is cost(A) − rest = 7 − 1.
// None of this is known when the branch is emitted: its word collects −1 when A ends (`conditional`),
// and +7 when $l's cost is known (`refer`).

import { registerOp } from "../register-code/register-op-table.js";
import type { Emitter } from "./emitter.js";
import type { Recording } from "./recording.js";

const NOP = registerOp("nop");

/** Lists of labels: a body may have a label for every three bytes, and most lists stay empty or get one element. */
const NONE: number[] = [];
export function added(list: number[], value: number): number[] {
  if (list === NONE) return [value];
  list.push(value);
  return list;
}

export class Label {
  /** Position in the code, −1 until bound. */
  at = -1;
  /** Price of the segment from here on, −1 until its segment ends. */
  cost = -1;
  /** What the segment had cost up to here when the label was bound. */
  paidBefore = 0;
  /** Number of its charge point, where that is recorded. */
  point = -1;
  /** Anything may arrive here other than by falling through. */
  used = false;
  /** Words to patch with the position, and words to add the cost to. */
  positions = NONE;
  costs = NONE;
  /** Positions of unconditional jumps forward to here. */
  jumps = NONE;
}

export class Segments {
  /** Cost of the instructions of this segment so far. */
  paid = 0;
  private started: Label[] = [];
  /** Words of conditional branches (to be reduced by the rest), and `paid` at each. */
  private branches: number[] = [];

  /** Where the last label was bound, and `paid` there. */
  private boundAt = -1;
  private boundPaid = 0;

  constructor(
    private readonly emitter: Emitter,
    private readonly recording: Recording | null,
  ) {}

  /** A position means one cost, that of the segment from there on: makes sure that it is what `paid` says. */
  separate(paid: number): void {
    const { emitter } = this;
    if (emitter.at === this.boundAt && paid !== this.boundPaid) emitter.emit(NOP);
  }

  bind(label: Label): void {
    const { emitter } = this;
    this.separate(this.paid);
    emitter.barrier();
    this.boundAt = emitter.at;
    this.boundPaid = this.paid;
    label.at = emitter.at;
    label.paidBefore = this.paid;
    const { positions } = label;
    for (let i = 0; i < positions.length; i++) emitter.code[positions[i]!] = emitter.at;
    this.started.push(label);
  }

  /** `label` stands at a position where `paid` had been paid; its cost is known at the segment's end. */
  start(label: Label, paid: number): void {
    label.at = this.emitter.at;
    label.paidBefore = paid;
    this.started.push(label);
  }

  /** Control may enter here in the middle of a segment: no label may share the position. */
  reserve(): void {
    this.boundAt = this.emitter.at;
    this.boundPaid = -1;
  }

  /** Makes words `at` and `at + 1` the target and the fuel of a transfer to `label`. */
  refer(label: Label, at: number): void {
    label.used = true;
    const { code } = this.emitter;
    if (label.at >= 0) code[at] = label.at;
    else label.positions = added(label.positions, at);
    this.referCost(label, at + 1);
  }

  referCost(label: Label, at: number): void {
    const { code } = this.emitter;
    if (label.cost >= 0) code[at] = code[at]! + label.cost;
    else label.costs = added(label.costs, at);
  }

  /** The branch whose fuel word is `at` falls through into the rest of this segment. */
  conditional(at: number): void {
    this.branches.push(at, this.paid);
  }

  /** Jumps that lead to nothing but the return at `at`, one word, become that return. */
  shortenJumps(at: number): void {
    const { code } = this.emitter;
    for (const label of this.started) {
      // Instructions without an operation of their own may have been paid since.
      if (label.at !== at || label.paidBefore !== this.paid) continue;
      for (const jump of label.jumps) code[jump] = code[at]!;
    }
  }

  /** An unconditional transfer or a call was emitted: prices up to here are known. */
  end(): void {
    const { recording } = this;
    const { code } = this.emitter;
    recording?.end(this.emitter.at, this.paid);
    for (const label of this.started) {
      label.cost = this.paid - label.paidBefore;
      if (label.point >= 0) recording!.pointCost.set(label.point, label.cost);
      // Not `for of`: there may be a label for every three bytes, and iterators are half of what they take.
      const { costs } = label;
      for (let i = 0; i < costs.length; i++) code[costs[i]!] = code[costs[i]!]! + label.cost;
    }
    this.started = [];
    const { branches } = this;
    for (let i = 0; i < branches.length; i += 2) {
      const word = branches[i]!;
      code[word] = code[word]! - (this.paid - branches[i + 1]!);
    }
    branches.length = 0;
  }
}
