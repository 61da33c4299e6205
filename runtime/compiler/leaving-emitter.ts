// Fuel of a function that is compiled, and the sites where it leaves for the interpreter: what is due, where it is looked
// at, and which operands a site has. Example: `i32.div_s` with 3 units due of what comes before it is
//
//   if (i1 === 0) { pc = 4; break leave; }
//
// where site 4 says "before" that instruction, with 3 units charged that `f` does not know yet.
import { F32, F64, I32, I64, OP, OPCODES, V128, type ValType } from "../../decoder/index.js";
import type { ModuleContext } from "../lowering/module-context.js";
import type { Control, EmitOptions } from "./emitted-function.js";
import { heldOf, isLocal, partNames } from "./held.js";
import type { LeaveSite } from "./leave-site.js";
import { findLoop, type LoopWay, OPENS } from "./loop-way.js";
import type { Operand } from "./operand.js";
import * as operand from "./operand.js";
import { OperandEmitter } from "./operand-emitter.js";
import type { Region } from "./region.js";
import { Segment } from "./source-buffer.js";

/** A site, until it is known where variables are. */
export interface SiteDraft {
  readonly site: Omit<LeaveSite, "operands" | "results">;
  readonly operands: readonly (readonly [number, Operand])[];
  readonly results: readonly (readonly [number, Operand])[];
  /** Variables of those, in parts, that are no locals: where each value's first part is, and how many there are. */
  readonly carried: ReadonlyMap<string, number>;
  readonly carriedParts: readonly string[];
}

export class LeavingEmitter extends OperandEmitter {
  readonly controls: Control[] = [];
  readonly segments: Segment[] = [];
  segment: Segment;
  /** Fuel that is due and not taken yet. */
  acc = 0;
  /** What follows is not reached. */
  dead = false;
  /** Blocks that were opened in dead code. */
  protected deadDepth = 0;
  protected readonly sites: SiteDraft[] = [];
  /** Operands that all sites have. */
  protected siteOperands = 0;
  /** To the loop that is entered from outside. */
  protected readonly way: LoopWay | null;
  /** The region that is being emitted. */
  region: Region | null = null;

  constructor(context: ModuleContext, index: number, options: EmitOptions) {
    super(context, index, options);
    this.way = options.loopOffset < 0 ? null : findLoop(this.module, this.body, options.loopOffset);
    this.segment = this.newSegment(true);
  }

  /** Whether the code here is only reached from a loop around, not by who enters the loop in the middle. */
  get isBeforeLoop(): boolean {
    return this.way !== null && this.way.depth < this.way.path.length;
  }

  // ---- Fuel ----

  newSegment(isCheck: boolean): Segment {
    const segment = new Segment(isCheck);
    this.segments.push(segment);
    return segment;
  }

  pay(price: number): void {
    this.acc += price;
    this.segment.cost += price;
  }

  /** Takes what is due. */
  payNow(): void {
    if (this.acc > 0) this.source.line(`f = f - ${this.acc} | 0;`);
    this.acc = 0;
  }

  /** Goes on in a segment that control comes to from `from`. */
  join(from: readonly Segment[], isCheck: boolean): Segment {
    const segment = this.newSegment(isCheck);
    for (const before of from) before.next.push(segment);
    this.segment = segment;
    return segment;
  }

  /** Looks at the fuel here, before the instruction that comes next; nothing is due. */
  check(): void {
    const site = this.site("check", this.reader.offset, 0);
    this.source.later(this.join([this.segment], true), (most) =>
      most > 0 || this.options.stress ? `if (f < ${most}${this.randomly()}) ${this.leaveAt(site)}` : "",
    );
  }

  randomly(): string {
    return this.options.stress ? " || STRESS()" : "";
  }

  // ---- Leaving ----

  /** Number of a site where all operands are atoms. */
  site(
    kind: LeaveSite["kind"],
    offset: number,
    charged: number,
    call: { readonly callOffset: number; readonly base: number } = { callOffset: 0, base: 0 },
    results: readonly Operand[] = [],
  ): number {
    const { stack } = this;
    this.names.leaves = true;
    const operands = this.placed(stack, this.operandSlot);
    this.siteOperands += stack.length;
    const region = this.region === null ? 0 : this.region.number;
    const site = { kind, offset, charged, region, ...call };
    const carried = new Map<string, number>();
    const carriedParts: string[] = [];
    for (const { type, lo, reads } of [...stack, ...results]) {
      if (reads.length === 0 || isLocal(lo) || carried.has(lo)) continue;
      carried.set(lo, carriedParts.length);
      carriedParts.push(...partNames(lo, type));
    }
    this.sites.push({ site, operands, results: this.placed(results, call.base), carried, carriedParts });
    return this.sites.length - 1;
  }

  /**
   * Text that leaves at a site. Operands go along in XO from there: V8 takes what is named behind the block for needed
   * wherever it may be left, in each round of its loops.
   */
  leaveAt(site: number): string {
    const { carriedParts } = this.sites[site]!;
    const along = carriedParts.length === 0 ? "" : `XO = [${carriedParts.join(", ")}]; `;
    return `{ ${along}pc = ${site}; break leave; }`;
  }

  /** Text that leaves before the instruction that was read last, whose price is not due yet. All operands are atoms from here on. */
  leaving(): string {
    this.settle();
    return this.leaveAt(this.site("before", this.reader.start, this.acc));
  }

  /** The interpreter does the instruction that was read last, and what follows. */
  leaveBefore(): void {
    const { opcode } = this.reader;
    valueTypes ??= readValueTypes();
    const type = valueTypes[opcode];
    const isSize = opcode === OP["memory.size"] || opcode === OP["memory.grow"];
    if (isSize && this.module.memories[this.reader.index]!.is64) this.leaveInstruction(type!.params, [I64]);
    else if (type !== undefined) this.leaveInstruction(type.params, type.results);
    else {
      this.source.line(this.leaving());
      this.stops();
      if (OPENS.has(opcode)) this.deadDepth = 1;
    }
  }

  /**
   * As {@link leaveBefore}, for an instruction of this type. Before a loop that is entered from outside, the operands
   * of what follows have to be known.
   */
  leaveInstruction(params: readonly ValType[], results: readonly ValType[]): void {
    this.source.line(this.leaving());
    if (!this.isBeforeLoop) {
      this.stops();
      return;
    }
    this.stack.length -= params.length;
    this.pushVariables(results);
  }

  /** Operands of these types, which are in their variables. */
  pushVariables(types: readonly ValType[]): void {
    const { stack } = this;
    for (const type of types) stack.push(operand.variable(heldOf(type), this.slot(stack.length, heldOf(type))));
  }

  /** What follows is not reached. */
  stops(): void {
    this.dead = true;
    this.deadDepth = 0;
    this.acc = 0;
  }
}

type ValueTypes = readonly (
  | { readonly params: readonly ValType[]; readonly results: readonly ValType[] }
  | undefined
)[];

/** By opcode: types of the instructions that have one. */
function readValueTypes(): ValueTypes {
  const letters: Readonly<Record<string, ValType>> = { i: I32, l: I64, f: F32, d: F64, v: V128, a: I32 };
  const types = [];
  for (const { opcode, type } of OPCODES) {
    if (type === undefined || !/^[ilfdva]*:[ilfdva]*$/.test(type)) continue;
    const [params, results] = type.split(":").map((list) => [...list].map((letter) => letters[letter]!));
    types[opcode] = { params: params!, results: results! };
  }
  return types;
}

let valueTypes: ValueTypes | undefined;
