// The operand stack and control stack of the validation algorithm (spec, appendix
// "Validation Algorithm"). Control frames are columns of parallel arrays.
//
// Conventions
//   stack[0, sp)         operand types; BOT where unreachable code left them open
//   height, unreachable  of the innermost frame: its operands start at `height`
//   REF_BOT              the type of a reference popped where unreachable code left it open

import { InvalidError } from "./errors.js";
import type { InstructionReader } from "./instructions.js";
import { checkLimit } from "./limits.js";
import { matchesVal } from "./matching.js";
import type { ModuleDraft } from "./module-draft.js";
import { OP, OPCODE_ROWS } from "./opcodes.js";
import type { TypeRegistry } from "./type-registry.js";
import { BOT, HEAP_BOT, I32, I64, isRef, refType, type StructType, type ValType } from "./types.js";

export const REF_BOT: ValType = refType(HEAP_BOT, false);
/** The type of an address or size of a memory or table. */
export function addressType(type: { readonly is64: boolean }): ValType {
  return type.is64 ? I64 : I32;
}

export const NO_TYPES: readonly ValType[] = [];

const LOOP = OP.loop;

export class ValidationStack {
  stack: Int32Array;
  sp = 0;
  height = 0;
  unreachable = false;

  /** Number of control frames. */
  frames = 0;
  readonly frameOpcodes: number[] = [];
  readonly frameParams: (readonly ValType[])[] = [];
  readonly frameResults: (readonly ValType[])[] = [];
  private readonly frameHeights: number[] = [];
  private readonly frameUnreachable: boolean[] = [];
  private readonly frameInits: number[] = [];

  /** Locals set so far that had no default value, in order (spec 3.1, "Local Types"). */
  private readonly inits: number[] = [];
  private readonly isInit: boolean[] = [];

  /** Structure types all of whose fields have been found to have default values. */
  readonly defaultableStructs = new Set<StructType>();
  private readonly singles = new Map<ValType, readonly ValType[]>();
  readonly registry: TypeRegistry;
  /** The function being validated, -1 in a constant expression. */
  funcidx = -1;

  constructor(
    readonly draft: ModuleDraft,
    readonly reader: InstructionReader,
  ) {
    this.registry = draft.registry;
    this.stack = new Int32Array(Math.min(256, draft.limits.operandStackHeight));
  }

  /** Throws InvalidError at the current instruction. */
  fail(reason: string): never {
    throw new InvalidError(reason, this.reader.start, this.funcidx);
  }

  mismatch(detail: string): never {
    this.fail(`type mismatch: ${OPCODE_ROWS[this.reader.opcode]?.name}: ${detail}`);
  }

  // Operands

  push(type: ValType): void {
    const sp = this.sp;
    if (sp === this.stack.length) this.grow();
    this.stack[sp] = type;
    this.sp = sp + 1;
  }

  grow(): void {
    const limit = this.draft.limits.operandStackHeight;
    checkLimit("height of the operand stack", this.sp + 1, limit, this.reader.start, this.funcidx);
    const stack = new Int32Array(Math.min(this.sp * 4 + 1, limit));
    stack.set(this.stack);
    this.stack = stack;
  }

  pushAll(types: readonly ValType[]): void {
    for (let i = 0; i < types.length; i++) this.push(types[i]!);
  }

  /** Pops an operand that matches `expected`; gives its own type. */
  pop(expected: ValType): ValType {
    const sp = this.sp - 1;
    if (sp >= this.height && this.stack[sp] === expected) {
      this.sp = sp;
      return expected;
    }
    return this.popOther(expected);
  }

  private popOther(expected: ValType): ValType {
    if (this.sp === this.height) {
      if (this.unreachable) return BOT;
      this.mismatch(`expected ${this.registry.describe(expected)}, found nothing`);
    }
    const found = this.stack[--this.sp]!;
    if (!matchesVal(this.registry, found, expected)) {
      this.mismatch(`expected ${this.registry.describe(expected)}, found ${this.registry.describe(found)}`);
    }
    return found;
  }

  /** Pops an operand of any type. */
  popAny(): ValType {
    if (this.sp > this.height) return this.stack[--this.sp]!;
    if (!this.unreachable) this.mismatch("expected a value, found nothing");
    return BOT;
  }

  /** Pops a reference of any type; REF_BOT if it is open. */
  popRef(): ValType {
    const found = this.popAny();
    if (found === BOT) return REF_BOT;
    if (!isRef(found)) this.mismatch(`expected a reference, found ${this.registry.describe(found)}`);
    return found;
  }

  popAll(types: readonly ValType[]): void {
    for (let i = types.length - 1; i >= 0 && !this.isOpen(); i--) this.pop(types[i]!);
  }

  /**
   * Whether any number of operands of any type can be popped: unreachable code has used up those
   * that it has. Long pops stop here, or a few bytes could ask for thousands of them again and again.
   */
  isOpen(): boolean {
    return this.unreachable && this.sp === this.height;
  }

  /** Whether the topmost operands match `types`, leaving them where they are. */
  peekAll(types: readonly ValType[]): void {
    for (let i = types.length - 1, at = this.sp - 1; i >= 0; i--, at--) {
      const expected = types[i]!;
      if (at < this.height) {
        if (this.unreachable) return;
        this.mismatch(`expected ${this.registry.describe(expected)}, found nothing`);
      }
      const found = this.stack[at]!;
      if (found !== expected && !matchesVal(this.registry, found, expected)) {
        this.mismatch(`expected ${this.registry.describe(expected)}, found ${this.registry.describe(found)}`);
      }
    }
  }

  /** Requires `a` to match `b`, both given by the instruction itself. */
  requireMatch(a: ValType, b: ValType): void {
    if (matchesVal(this.registry, a, b)) return;
    this.mismatch(`expected ${this.registry.describe(b)}, found ${this.registry.describe(a)}`);
  }

  // Control

  pushFrame(opcode: number, params: readonly ValType[], results: readonly ValType[]): void {
    const frames = this.frames++;
    this.frameOpcodes[frames] = opcode;
    this.frameParams[frames] = params;
    this.frameResults[frames] = results;
    this.frameHeights[frames] = this.height = this.sp;
    this.frameUnreachable[frames] = this.unreachable = false;
    this.frameInits[frames] = this.inits.length;
    this.pushAll(params);
  }

  /** Ends the innermost frame: its results must be all that it leaves. Does not push them. */
  popFrame(): void {
    const frame = this.frames - 1;
    const results = this.frameResults[frame]!;
    this.popAll(results);
    if (this.sp !== this.height) {
      const extra = this.sp - this.height;
      const top = this.registry.describe(this.stack[this.sp - 1]!);
      this.mismatch(`expected ${results.length} values at the end of the block, found ${extra} more (${top})`);
    }
    this.resetInits(this.frameInits[frame]!);
    this.frames = frame;
    if (frame > 0) {
      this.height = this.frameHeights[frame - 1]!;
      this.unreachable = this.frameUnreachable[frame - 1]!;
    }
  }

  /** The rest of the innermost frame cannot be reached. */
  setUnreachable(): void {
    this.sp = this.height;
    this.unreachable = true;
    this.frameUnreachable[this.frames - 1] = true;
  }

  /** The types that a branch to a label takes. */
  labelTypes(label: number): readonly ValType[] {
    if (label >= this.frames) this.fail(`unknown label ${label} (there are ${this.frames})`);
    const frame = this.frames - 1 - label;
    return this.frameOpcodes[frame] === LOOP ? this.frameParams[frame]! : this.frameResults[frame]!;
  }

  /** Enters a block of the type that the instruction names (spec 3.4, "Blocks"). */
  enter(): void {
    const { blockTypeId, blockResult, opcode } = this.reader;
    if (blockTypeId < 0) {
      this.pushFrame(opcode, NO_TYPES, blockResult === BOT ? NO_TYPES : this.single(blockResult));
      return;
    }
    const { comp } = this.registry.get(blockTypeId);
    if (comp.kind !== "func") this.mismatch(`a block type must be a function type, found ${comp.kind}`);
    this.popAll(comp.params);
    this.pushFrame(opcode, comp.params, comp.results);
  }

  /** `[type]`, the same array for the same type. */
  single(type: ValType): readonly ValType[] {
    let types = this.singles.get(type);
    if (types === undefined) {
      types = [type];
      this.singles.set(type, types);
    }
    return types;
  }

  // Initialisation of locals

  isInitialized(local: number): boolean {
    return this.isInit[local] === true;
  }

  initialize(local: number): void {
    if (this.isInit[local] === true) return;
    this.isInit[local] = true;
    this.inits.push(local);
  }

  private resetInits(count: number): void {
    while (this.inits.length > count) this.isInit[this.inits.pop()!] = false;
  }

  /** Forgets everything, also what a failed validation left behind. */
  reset(): void {
    this.resetInits(0);
    this.sp = 0;
    this.height = 0;
    this.unreachable = false;
    this.frames = 0;
  }
}
