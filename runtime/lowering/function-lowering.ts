// Lowers one function's stack code to register code: the state, and what instructions share.
// The rules per instruction are in lower-control.ts (with branch.ts), lower-calls.ts and lower-values.ts.
//
// Two forms. The fast form fuses and defers; segments are paid whole. The stepping form has one
// operation per instruction behind a charge of its own, so that execution can stop anywhere; at
// every charge point of the fast form it offers to go over to that.
//
// The fast form keeps a virtual operand stack (operands.ts): copies of locals and constants cost no
// code until somebody needs them in their slots.
//
//   (local.set 1 (i32.add (local.get 0) (i32.const 5)))    operands          emitted
//     local.get 0                                          [LOCAL 0]
//     i32.const 5                                          [LOCAL 0, CONST 5]
//     i32.add                                              [IN_SLOT 2]       i32.add_k R2 = R0 + 5
//     local.set 1                                          []                … retargeted: R1 = R0 + 5
//   stepping form: charge 1, R2 = R0; charge 1, R3 = 5; charge 1, R2 = R2 + R3; charge 1, R1 = R2
//
// Conventions
//   local i is at localSlot[i]; operands follow, in their order (v128 takes two slots)
//   a function's header is three words: frame size, words to zero, first word to zero
import { type DecodedModule, type FuncBody, InstructionReader, OP } from "../../decoder/index.js";
import { registerOp } from "../register-code/register-op-table.js";
import { Label, Segments } from "./control.js";
import type { Clause, Control } from "./control-stack.js";
import { type Emitter, WRITES_A } from "./emitter.js";
import { HEADER_WORDS, type ModuleContext, type Signature } from "./module-context.js";
import {
  CONST_32,
  CONST_64,
  IN_SLOT,
  LOCAL,
  Operands,
  PROMISE_LIMIT,
  slotsOfWidths,
  WIDTH_32,
  WIDTH_64,
  WIDTH_128,
  WIDTH_REF,
  widthOf,
} from "./operands.js";
import { POINT_ENTRY, POINT_PROMISES, type Recording, sameCostAs } from "./recording.js";

const MOVE = [registerOp("move_32"), registerOp("move_64"), registerOp("move_128"), registerOp("move_ref")];
const MOVE_WORDS = registerOp("move_words");
const MOVE_SLOTS = registerOp("move_slots");
const MOVE_RUN = registerOp("move_run");
const CONST_OP_32 = registerOp("const_32");
const CONST_OP_64 = registerOp("const_64");
const CONST_RUN = registerOp("const_run");
const FILL_RUN = registerOp("fill_run");
const NULL_REFS = registerOp("null_refs");
const CHARGE = registerOp("charge");
const RESUME_FAST = registerOp("resume_fast");
const COUNT = registerOp("count");
/** Behind these a block begins, wherever they go. */
const FORKS: ReadonlySet<number> = new Set([
  OP.if,
  OP.br_if,
  OP.br_on_null,
  OP.br_on_non_null,
  OP.br_on_cast,
  OP.br_on_cast_fail,
]);
const RUN_LIMIT = 250;
const NONE: readonly number[] = [];
/** Of the blocks that have none: most. */
const NO_CLAUSES: Clause[] = [];

/** Where the fast form can be entered, and for how much. */
export interface EntryPoints {
  /** Number of the entry before the instruction at byte `offset`; −1 if there is none. */
  find(offset: number): number;
  at(entry: number): number;
  cost(entry: number): number;
}

/** What the instructions mean and cost; the files that say so stand above this one. */
export interface LoweringRules {
  ruleOf(opcode: number): (lowering: FunctionLowering) => void;
  /** Of entering the function. */
  entryPrice(lowering: FunctionLowering): number;
  /** Of the instruction just read, before it is lowered. */
  instructionPrice(lowering: FunctionLowering): number;
}

export class FunctionLowering {
  readonly reader: InstructionReader;
  readonly module: DecodedModule;
  readonly body: FuncBody;
  readonly operands: Operands;
  readonly segments: Segments;
  readonly controls: Control[] = [];
  readonly clauses: Clause[] = [];
  /** Of loops at whose heads a tier is asked: byte offset of the first instruction, position of the operation. */
  readonly loopHeads: (readonly [offset: number, at: number])[] = [];
  readonly localSlot: number[] = [];
  readonly localWidth: number[] = [];
  readonly stepping: boolean;
  readonly signature: Signature;
  /** The constant that was read last, as an unsigned number, and where its instruction ends. */
  literal = Number.NaN;
  literalEnd = 0;
  /** Of the instruction that was read last, all that its segment pays for it. */
  price = 0;
  /** By byte offset of a legacy `try`; made by the first one that has a price for them. */
  handlerCounts: ReadonlyMap<number, number> | null = null;

  constructor(
    readonly context: ModuleContext,
    readonly index: number,
    readonly emitter: Emitter,
    /** Set for the stepping form. */
    private readonly entryPoints: EntryPoints | null,
  ) {
    const { module } = context;
    this.module = module;
    this.stepping = entryPoints !== null;
    this.body = module.bodies.get(index)!;
    this.reader = new InstructionReader(module.content.array, module.types).begin(this.body);
    this.signature = this.signatureOf(module.funcs[module.importedFuncCount + index]!);
    let slot = 0;
    const addLocal = (width: number) => {
      this.localSlot.push(slot);
      this.localWidth.push(width);
      slot += width === WIDTH_128 ? 2 : 1;
    };
    for (const width of this.signature.params) addLocal(width);
    const { locals } = this.body;
    for (let i = 0; i < locals.length; i += 2) {
      const width = widthOf(locals[i + 1]!);
      for (let n = locals[i]!; n > 0; n--) addLocal(width);
    }
    this.operands = new Operands(slot);
    this.operands.maxSlots = Math.max(slot, slotsOfWidths(this.signature.results)) + 2;
    this.segments = new Segments(emitter, emitter.recording);
  }

  /** Widths of a function type, by canonical id. */
  signatureOf(typeId: number): Signature {
    let signature = this.context.signatures.get(typeId);
    if (signature === undefined) {
      const type = this.module.registry.funcType(typeId);
      signature = { params: type.params.map(widthOf), results: type.results.map(widthOf) };
      this.context.signatures.set(typeId, signature);
    }
    return signature;
  }

  /** Parameters and results of the block type that the reader just read. */
  blockSignature(): Signature {
    const { reader } = this;
    if (reader.blockTypeId >= 0) return this.signatureOf(reader.blockTypeId);
    return reader.blockResult === 0 ? NO_RESULT : ONE_RESULT[widthOf(reader.blockResult)]!;
  }

  /** Lowers the whole body. Returns the label of its entry. */
  run({ ruleOf, entryPrice, instructionPrice }: LoweringRules): Label {
    const { emitter, segments, reader, operands } = this;
    const entry = entryPrice(this);
    const { recording } = emitter;
    const header = emitter.at;
    emitter.offset = reader.offset;
    for (let i = 0; i < HEADER_WORDS; i++) emitter.word(0);
    const entryLabel = new Label();
    this.bind(entryLabel, reader.offset, true);
    this.nullReferences();
    if (this.stepping) this.charge(entry);
    else segments.paid = entry;
    this.tellMeter(this.body.start);
    const end = new Label();
    this.controls.push(this.control("function", 0, NONE, this.signature.results, end));
    // What does not fit the narrow form is lowered anew.
    while (reader.offset < this.body.end && !emitter.overflow) {
      reader.next();
      const price = instructionPrice(this);
      this.price = price;
      emitter.offset = reader.start;
      recording?.instruction(reader.start, this);
      if (this.stepping) this.charge(price);
      else segments.paid += price;
      emitter.paid = segments.paid;
      const { opcode } = reader;
      // Free ones, too: what the instruction before has paid beyond its base price is not the caller's.
      this.tellMeter(reader.start);
      if (this.beginsBlock) this.countBlock();
      ruleOf(opcode)(this);
      if (FORKS.has(opcode)) this.beginsBlock = true;
    }
    segments.end();
    const params = slotsOfWidths(this.signature.params);
    const localSlots = operands.slotAt(0);
    emitter.code[header] = (operands.maxSlots + 1) * 2;
    emitter.code[header + 1] = (localSlots - params) * 2;
    emitter.code[header + 2] = params * 2;
    return entryLabel;
  }

  /** The header zeroes words; declared locals of reference type start as null. */
  private nullReferences(): void {
    const first = this.signature.params.length;
    for (let i = first; i < this.localWidth.length; ) {
      if (this.localWidth[i] !== WIDTH_REF) {
        i++;
        continue;
      }
      let n = 1;
      while (this.localWidth[i + n] === WIDTH_REF) n++;
      this.emitter.emit(NULL_REFS, 0, 0, 0, this.localSlot[i]!, n);
      i += n;
    }
  }

  /** Control may come to the instruction that is read next from elsewhere, or go elsewhere before it. */
  private beginsBlock = true;

  private countBlock(): void {
    this.beginsBlock = false;
    if (this.context.blockCounts !== null) this.emitter.emit(COUNT, 0, 0, 0, this.reader.start);
  }

  /** What has just been charged is this function's. Never in the layout of a form that is not run. */
  private tellMeter(offset: number): void {
    if (this.stepping && this.context.meter !== null) this.emitter.emit(COUNT, 0, 0, 0, offset);
  }

  private charge(price: number): void {
    if (price > 0) this.emitter.emit(CHARGE, 0, 0, 0, price);
  }

  control(
    kind: Control["kind"],
    height: number,
    params: readonly number[],
    results: readonly number[],
    label: Label,
  ): Control {
    const { at } = this.emitter;
    return {
      kind,
      height,
      params,
      results,
      label,
      elseLabel: null,
      rotation: null,
      dead: false,
      clauses: NO_CLAUSES,
      from: at,
      to: at,
      firstHandler: 0,
    };
  }

  // ---- Labels ----

  /**
   * Binds `label` here. `offset` names the place for the map: the next instruction.
   * `entry`: the other form may go over to this one here.
   */
  bind(label: Label, offset: number, entry: boolean): void {
    this.segments.bind(label);
    this.beginsBlock = true;
    const { entryPoints, emitter } = this;
    if (emitter.recording !== null) label.point = this.recordPoint(emitter.recording, label.at, offset, -1, entry);
    if (entryPoints !== null && entry && this.reader.offset > this.body.start) {
      const fast = entryPoints.find(offset);
      if (fast >= 0) {
        emitter.emit(RESUME_FAST, 0, 0, 0, entryPoints.at(fast), entryPoints.cost(fast));
        emitter.barrier();
      }
    }
  }

  private recordPoint(recording: Recording, at: number, offset: number, cost: number, entry: boolean): number {
    const { operands } = this;
    recording.promisesAt(at, operands);
    const flags = (entry ? POINT_ENTRY : 0) | (operands.hasPending() ? POINT_PROMISES : 0);
    return recording.point(at, offset, cost, flags);
  }

  /**
   * Behind the test that a loop begins with: a branch back may come here, with the loop's whole
   * segment paid. In stepping form it begins at the loop's head: the test has no effect.
   */
  markMiddleOfLoop(loop: Label): void {
    this.segments.reserve();
    this.markHeadOfLoop(loop, sameCostAs(loop.point));
  }

  /** Where a branch back leaves the loop, once the test alone is paid: `cost`. Stepping begins at the loop's head, too. */
  markTestOfLoop(loop: Label, cost: number): void {
    this.markHeadOfLoop(loop, cost);
  }

  /** What arrives here has paid `cost`, and stands before the first instruction of `loop`. */
  private markHeadOfLoop(loop: Label, cost: number): void {
    const { recording, at } = this.emitter;
    recording?.point(at, recording.pointOffset.at(loop.point), cost, 0);
  }

  /** The place behind a call: control comes back here, and the call's last word pays for what follows. */
  bindReturnPoint(fuelWord: number): void {
    const label = new Label();
    this.bind(label, this.reader.offset, true);
    // What follows a call runs as often as what is before it.
    this.beginsBlock = false;
    this.segments.referCost(label, fuelWord);
  }

  /** The operation emitted next may have to wait for more fuel: it can be begun anew in stepping form. */
  markRepeatable(): void {
    const { price, segments } = this;
    segments.separate(segments.paid - price);
    const { recording, at } = this.emitter;
    if (recording === null) return;
    // Other instructions may follow in the segment: what there is to take back is known at its end.
    const label = new Label();
    label.point = this.recordPoint(recording, at, this.reader.start, -1, false);
    segments.start(label, segments.paid - price);
  }

  /** The operation emitted next allocates on the heap; `height` operands are live while it does. */
  markAllocation(height: number): void {
    this.emitter.recording?.refsAt(this.emitter.at, this.operands, height);
  }

  /** As {@link markAllocation}, where the schedule has a price for the trace that the allocation may take. */
  markPricedAllocation(height: number): void {
    if (this.context.schedule.traceBytes !== Number.POSITIVE_INFINITY) this.markRepeatable();
    this.markAllocation(height);
  }

  /** The call emitted last returns to here; the operands that are left are live meanwhile. */
  markCall(): void {
    this.emitter.recording?.refsAt(this.emitter.at, this.operands, this.operands.height);
  }

  target(depth: number): Control {
    return this.controls[this.controls.length - 1 - depth]!;
  }

  /** After an unconditional transfer: skips to the `else` or `end` of this block. */
  skipDead(skipTo: (reader: InstructionReader) => void): void {
    const control = this.target(0);
    control.dead = true;
    this.operands.height = control.height;
    skipTo(this.reader);
  }

  // ---- Operands ----

  /** Brings operand `i` into its slot. */
  materialise(i: number): void {
    const { operands } = this;
    const kind = operands.kind[i];
    if (kind === IN_SLOT) return;
    const slot = operands.slot[i]!;
    if (kind === LOCAL) this.move(operands.width[i]!, slot, operands.value[i]!);
    else if (kind === CONST_32) this.constant(slot, operands.value[i]!);
    else this.emitter.emit(CONST_OP_64, slot, 0, 0, operands.value[i], operands.high[i]);
    operands.kind[i] = IN_SLOT;
  }

  materialiseFrom(from: number): void {
    const { operands } = this;
    const { promised, promisedCount, height } = operands;
    let first = promisedCount;
    while (first > 0 && promised[first - 1]! >= from) first--;
    for (let n = first; n < promisedCount; n++) if (promised[n]! < height) this.materialise(promised[n]!);
    operands.promisedCount = first;
  }

  /** Pushes an operand that is not in its slot. */
  private promise(kind: number, width: number, value: number, high: number): void {
    const { operands } = this;
    if (operands.promisedCount === PROMISE_LIMIT) this.materialiseFrom(0);
    operands.push(kind, width, value, high);
    if (this.stepping) this.materialise(operands.height - 1);
  }

  /** The slot that holds operand `i` now: its own, or the local's that it is a copy of. */
  slotOf(i: number): number {
    const { operands } = this;
    if (operands.kind[i] === LOCAL) return operands.value[i]!;
    this.materialise(i);
    return operands.slot[i]!;
  }

  pushAll(widths: readonly number[]): void {
    for (const width of widths) this.operands.push(IN_SLOT, width);
  }

  pushLocal(width: number, slot: number): void {
    this.promise(LOCAL, width, slot, 0);
  }
  pushConst32(value: number): void {
    this.literal = value >>> 0;
    this.literalEnd = this.reader.offset;
    this.promise(CONST_32, WIDTH_32, value, 0);
  }
  pushConst64(low: number, high: number): void {
    this.literal = (high >>> 0) * 2 ** 32 + (low >>> 0);
    this.literalEnd = this.reader.offset;
    this.promise(CONST_64, WIDTH_64, low, high);
  }

  /** Whether operand `i` was made by the operation emitted last, into its own slot. */
  isLastResult(i: number): boolean {
    const { operands, emitter } = this;
    return (
      !this.stepping &&
      operands.kind[i] === IN_SLOT &&
      emitter.lastAt >= 0 &&
      WRITES_A[emitter.lastOp] === 1 &&
      emitter.fieldA(emitter.lastAt) === operands.slot[i]
    );
  }

  // ---- Moves and constants ----

  move(width: number, to: number, from: number): void {
    const { emitter } = this;
    if (width === WIDTH_32 && !this.stepping && !emitter.wide && (to | from) <= 255) {
      if (emitter.lastOp === MOVE_RUN && emitter.code[emitter.lastAt]! >>> 8 < RUN_LIMIT) {
        emitter.word(to | (from << 8));
        emitter.code[emitter.lastAt]! += 256;
        return;
      }
      if (emitter.lastOp === MOVE[WIDTH_32]) {
        const at = emitter.lastAt;
        const first = emitter.fieldA(at) | (emitter.fieldB(at) << 8);
        emitter.unemit();
        emitter.emit(MOVE_RUN, 2);
        emitter.word(first);
        emitter.word(to | (from << 8));
        return;
      }
    }
    emitter.emit(MOVE[width]!, to, from);
  }

  constant(to: number, value: number): void {
    const { emitter } = this;
    if (!this.stepping && !emitter.wide && to <= 255 && (value << 8) >> 8 === value) {
      const { code, lastAt } = emitter;
      if (emitter.lastOp === CONST_RUN && code[lastAt]! >>> 8 < RUN_LIMIT) {
        emitter.word(to | (value << 8));
        code[lastAt]! += 256;
        return;
      }
      if (emitter.lastOp === FILL_RUN && code[lastAt + 1] === value) {
        const first = emitter.fieldA(lastAt);
        const count = emitter.fieldB(lastAt);
        if (to === first + count && count < RUN_LIMIT) {
          code[lastAt]! += 1 << 16;
          return;
        }
      }
      if (emitter.lastOp === CONST_OP_32 && !emitter.wide) {
        const slot = emitter.fieldA(lastAt);
        const other = code[lastAt + 1]!;
        if (other === value && to === slot + 1) {
          emitter.unemit();
          emitter.emit(FILL_RUN, slot, 2, 0, value);
          return;
        }
        if ((other << 8) >> 8 === other) {
          emitter.unemit();
          emitter.emit(CONST_RUN, 2);
          emitter.word(slot | (other << 8));
          emitter.word(to | (value << 8));
          return;
        }
      }
    }
    emitter.emit(CONST_OP_32, to, 0, 0, value);
  }

  /** Copies `widths.length` values that lie together, from slot to a lower (or the same) slot. */
  moveValues(to: number, from: number, widths: readonly number[]): void {
    if (to === from || widths.length === 0) return;
    const slots = slotsOfWidths(widths);
    if (widths.includes(WIDTH_REF)) this.emitter.emit(MOVE_SLOTS, 0, 0, 0, to, from, slots);
    else this.emitter.emit(MOVE_WORDS, 0, 0, 0, to, from, slots * 2);
  }
}

const NO_RESULT: Signature = { params: NONE, results: NONE };
const ONE_RESULT: readonly Signature[] = [WIDTH_32, WIDTH_64, WIDTH_128, WIDTH_REF].map((width) => ({
  params: NONE,
  results: [width],
}));
