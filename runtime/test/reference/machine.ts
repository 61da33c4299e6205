// Frames, labels, branches, calls and unwinding of the reference stepper: spec 4.4, with the
// frames on a stack of ours. The instructions themselves are in instructions.ts and bulk.ts.

import { CATCH, CATCH_ALL, CATCH_ALL_REF, CATCH_REF } from "../../../decoder/instructions.js";
import { OP } from "../../../decoder/opcodes.js";
import { BULK_PRICES } from "./bulk.js";
import type { Catch, Instruction, LegacyHandler } from "./code.js";
import type { Position, ReferenceInstance } from "./instance.js";
import { INSTRUCTIONS } from "./instructions.js";
import {
  ExceptionError,
  type ExnRef,
  type FuncRef,
  type Operand,
  OutOfFuelError,
  type Reference,
  TrapError,
} from "./operands.js";
import { basePrice, entryPrice, manyPrice, type Schedule } from "./price.js";

export interface Label {
  /** Position to go on at when branched to. */
  readonly target: number;
  /** Operands that a branch takes along. */
  readonly arity: number;
  /** Number of operands below the block's own. */
  readonly height: number;
  readonly catches: readonly Catch[];
  /** Of a legacy `try` that has caught nothing yet. */
  readonly handlers: readonly LegacyHandler[];
  readonly delegate: number;
  /** Of a legacy `try` whose handler runs. */
  readonly caught: ExnRef | undefined;
}

const NO_HANDLERS = { catches: [], handlers: [], delegate: -1, caught: undefined };

export class Frame {
  readonly operands: Operand[] = [];
  /** Innermost last; the first one is the function's own. */
  readonly labels: Label[];
  /** Position of the instruction being executed, and of the next one. */
  current = 0;
  next = 0;

  constructor(
    readonly instance: ReferenceInstance,
    readonly funcidx: number,
    readonly code: readonly Instruction[],
    readonly arity: number,
    readonly locals: Operand[],
  ) {
    this.labels = [{ ...NO_HANDLERS, target: code.length, arity, height: 0 }];
  }

  push(...operands: readonly Operand[]): void {
    this.operands.push(...operands);
  }
  pop(): bigint {
    return this.operands.pop() as bigint;
  }
  popReference(): Reference {
    return this.operands.pop() as Reference;
  }
  popMany(count: number): Operand[] {
    return this.operands.splice(this.operands.length - count, count);
  }
  /** The operand so many below the top. */
  peek(below: number): bigint {
    return this.operands[this.operands.length - 1 - below] as bigint;
  }

  enterBlock(params: number, arity: number, target: number, catches: readonly Catch[] = []): void {
    this.labels.push({ ...NO_HANDLERS, target, arity, height: this.operands.length - params, catches });
  }
  /** Of a legacy `try`, behind whose `end` or `delegate` it goes on. */
  enterTry({ params, results, end, handlers, delegate }: Instruction): void {
    const height = this.operands.length - params;
    this.labels.push({ ...NO_HANDLERS, target: end + 1, arity: results, height, handlers, delegate });
  }
  branch(label: number): void {
    const { target, arity, height } = this.labels[this.labels.length - 1 - label]!;
    const taken = this.popMany(arity);
    this.operands.length = height;
    this.push(...taken);
    this.labels.length -= label + 1;
    this.next = target;
  }
}

/** A place where fuel can run out: it does with a budget from `before` to `after` less one. */
export interface Stop {
  readonly before: number;
  readonly after: number;
  /** Innermost frame first; the callers are at their calls. */
  readonly trace: readonly Position[];
}

/** Fuel and instruction counts, shared by an invocation and those that its host functions make. */
export interface Meter {
  /** Where fuel can run out, in order, if somebody asks. */
  stops: Stop[] | null;
  fuel: number;
  instructions: number;
  limit: number;
  frames: number;
}

export class Machine {
  readonly frames: Frame[] = [];

  constructor(
    readonly meter: Meter,
    readonly schedule: Schedule,
    readonly maxFrames: number,
  ) {}

  /** @throws TrapError, ExceptionError, OutOfFuelError; the frames then are as they were */
  run(func: FuncRef, args: readonly Operand[]): readonly Operand[] {
    if ("host" in func.body) return func.body.host(args) ?? [];
    this.enter(func, args);
    for (;;) {
      try {
        return this.finish();
      } catch (error) {
        if (!(error instanceof ExceptionError)) throw error;
        this.unwind(error);
      }
    }
  }

  /** Goes on until the outermost frame returns. */
  private finish(): readonly Operand[] {
    for (;;) {
      const frame = this.frames[this.frames.length - 1]!;
      if (frame.next < frame.code.length) this.step(frame);
      else {
        const results = frame.popMany(frame.arity);
        this.leave();
        const caller = this.frames[this.frames.length - 1];
        if (caller === undefined) return results;
        caller.push(...results);
      }
    }
  }

  private step(frame: Frame): void {
    frame.current = frame.next;
    const instruction = frame.code[frame.current]!;
    const bulk = BULK_PRICES.get(instruction.opcode)?.(frame, instruction, this.schedule) ?? 0;
    const many = manyPrice(this.schedule, handledAtOnce(frame, instruction));
    this.charge(basePrice(instruction.opcode) + bulk + many);
    this.meter.instructions++;
    frame.next++;
    const execute = INSTRUCTIONS.get(instruction.opcode);
    if (execute === undefined) throw new Error(`the reference stepper does not know opcode ${instruction.opcode}`);
    execute(frame, instruction, this);
  }

  /** Where the frames are: innermost first. */
  trace(): Position[] {
    return this.frames.map(({ funcidx, code, current }) => ({ funcidx, offset: code[current]!.offset })).reverse();
  }

  private charge(price: number): void {
    const { stops, fuel } = this.meter;
    if (stops !== null && price > 0) stops.push({ before: fuel, after: fuel + price, trace: this.trace() });
    if (this.meter.fuel + price > this.meter.limit) throw new OutOfFuelError();
    this.meter.fuel += price;
  }

  /** A call: the arguments are off the caller's stack. */
  call(func: FuncRef, args: readonly Operand[]): void {
    if ("host" in func.body) this.frames.at(-1)!.push(...(func.body.host(args) ?? []));
    else this.enter(func, args);
  }

  /** A tail call: as if the callee had been called by the caller's caller. */
  tailCall(func: FuncRef, args: readonly Operand[]): void {
    if ("host" in func.body) {
      const frame = this.frames.at(-1)!;
      frame.push(...(func.body.host(args) ?? []));
      frame.next = frame.code.length;
    } else {
      this.leave();
      this.enter(func, args);
    }
  }

  private enter(func: FuncRef, args: readonly Operand[]): void {
    if ("host" in func.body) return;
    if (this.meter.frames >= this.maxFrames) throw new TrapError("call stack exhausted");
    this.meter.frames++;
    const frame = func.body.home.frameOf(func.body.funcidx, args);
    this.frames.push(frame);
    // The frame is there already: out of fuel here means at the callee's first instruction.
    this.charge(entryPrice(this.schedule, frame.locals.length, frame.arity));
  }

  private leave(): void {
    this.frames.pop();
    this.meter.frames--;
  }

  /** Finds the handler, dropping frames on the way (spec 4.4.9, throw_ref). */
  private unwind(error: ExceptionError): void {
    for (; this.frames.length > 0; this.leave()) {
      const frame = this.frames.at(-1)!;
      for (; frame.labels.length > 0; frame.labels.pop()) {
        const { catches, height, delegate } = frame.labels.at(-1)!;
        if (this.handle(frame, error.exception)) return;
        if (delegate >= 0) {
          // Counted from outside; the loop takes the try itself off, and looks at that label next.
          frame.labels.length -= delegate;
          continue;
        }
        const clause = catches.find((clause) => matches(clause, frame.instance, error.exception));
        if (clause === undefined) continue;
        frame.operands.length = height;
        // The clauses' labels count from outside the try_table.
        frame.labels.pop();
        if (clause.kind === CATCH || clause.kind === CATCH_REF) frame.push(...error.exception.values);
        if (clause.kind === CATCH_REF || clause.kind === CATCH_ALL_REF) frame.push(error.exception);
        frame.branch(clause.label);
        return;
      }
    }
    throw error;
  }

  /** Goes on in a handler of the innermost block, if it is a legacy `try` that has one. */
  private handle(frame: Frame, exception: ExnRef): boolean {
    const label = frame.labels.at(-1)!;
    const handler = label.handlers.find(({ tagidx }) => tagidx < 0 || frame.instance.tags[tagidx] === exception.tag);
    if (handler === undefined) return false;
    frame.operands.length = label.height;
    frame.labels[frame.labels.length - 1] = { ...label, handlers: [], caught: exception };
    if (handler.tagidx >= 0) frame.push(...exception.values);
    frame.next = handler.position + 1;
    return true;
  }
}

/** How many values an instruction moves, or clauses an exception in its block may have to be compared with. */
function handledAtOnce(frame: Frame, { opcode, index, labels, catches, handlers }: Instruction): number {
  const arity = (label: number) => frame.labels.at(-1 - label)!.arity;
  switch (opcode) {
    case OP.br:
    case OP.br_if:
    case OP.br_on_null:
    case OP.br_on_non_null:
      return arity(index);
    case OP.br_table:
      return arity(labels[0]!);
    case OP.throw: {
      const { module } = frame.instance;
      return module.registry.funcType(module.tags[index]!).params.length;
    }
    case OP.throw_ref:
      return (frame.operands.at(-1) as ExnRef | null)?.values.length ?? 0;
    case OP.rethrow:
      return frame.labels.at(-1 - index)!.caught!.values.length;
    case OP.try_table:
      return catches.length;
    case OP.try:
      return handlers.length;
    default:
      return 0;
  }
}

function matches(clause: Catch, instance: ReferenceInstance, exception: ExnRef): boolean {
  if (clause.kind === CATCH_ALL || clause.kind === CATCH_ALL_REF) return true;
  return instance.tags[clause.tagidx] === exception.tag;
}
