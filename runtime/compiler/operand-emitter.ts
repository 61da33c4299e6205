// The operand stack of a function that is compiled, and the variables that its values go to: what is still an
// expression, and when it has to be evaluated.
//
//   local.get 0           l0                an expression, not evaluated
//   i32.const 1           l0, 1
//   i32.add               (l0 + 1 | 0)      still an expression
//   local.set 0           l0 = l0 + 1 | 0;  what else on the stack reads l0 is evaluated first: changes("l0")
//
// Names of variables: see function-emitter.ts.
import { type DecodedModule, type FuncBody, I64, InstructionReader, type ValType } from "../../decoder/index.js";
import type { ModuleContext } from "../lowering/module-context.js";
import { AssignedLocals } from "./assigned-locals.js";
import type { EmitOptions } from "./emitted-function.js";
import { type Held, isLocal, MOST_RESULTS, partCount, partNames, slotName, slotsOfHeld } from "./held.js";
import { Consumers, heldLocals } from "./held-locals.js";
import type { Variable } from "./leave-site.js";
import { NamedVariables } from "./named-variables.js";
import * as operand from "./operand.js";
import { asWords, bare, isVariable, type Operand, partsOf } from "./operand.js";
import { SourceBuffer } from "./source-buffer.js";
import { Unsupported } from "./unsupported.js";

/** Variables of a function, about: V8 takes long for more, and has a limit on arguments and registers. */
const MOST_VARIABLES = 2000;
/** So that compiling takes no longer than a turn of the event loop may, and room in proportion to the body. */
const MOST_BODY_BYTES = 1 << 16;
/** Words of variables that a call may have beside what its frame has in registers: depth.ts counts those. */
const SPARE_WORDS = 24;
/** Characters of an expression that is not evaluated yet. */
const MOST_TEXT = 400;

export class OperandEmitter {
  readonly module: DecodedModule;
  readonly body: FuncBody;
  readonly reader: InstructionReader;
  readonly source = new SourceBuffer();
  readonly stack: Operand[] = [];
  readonly locals: ValType[] = [];
  /** How locals are held, and in which slots of the frame they lie. */
  readonly held: readonly Held[];
  readonly localSlots: readonly number[];
  /** First slot above the locals. */
  readonly operandSlot: number;
  readonly params: readonly ValType[];
  readonly results: readonly ValType[];
  /** What the function names outside of its regions. */
  protected readonly ownNames = new NamedVariables();
  /** What is named where code is emitted now: of the function, or of a region. */
  protected names = this.ownNames;
  protected readonly variables = new Map<string, Variable>();

  constructor(
    readonly context: ModuleContext,
    readonly index: number,
    readonly options: EmitOptions,
  ) {
    const { module } = context;
    this.module = module;
    this.body = module.bodies.get(index)!;
    const type = module.registry.funcType(module.funcs[module.importedFuncCount + index]!);
    this.params = type.params;
    this.results = type.results;
    this.locals.push(...type.params);
    const { locals } = this.body;
    for (let i = 0; i < locals.length; i += 2) {
      if (this.locals.length + locals[i]! > MOST_VARIABLES) throw new Unsupported("variables");
      for (let n = locals[i]!; n > 0; n--) this.locals.push(locals[i + 1]!);
    }
    if (this.body.end - this.body.start > MOST_BODY_BYTES) throw new Unsupported("size");
    if (this.results.length > MOST_RESULTS) throw new Unsupported("results");
    this.reader = new InstructionReader(module.content.array, module.types).begin(this.body);
    this.held = heldLocals(this.module, this.body, this.locals, this.params.length);
    const slots: number[] = [];
    let slot = 0;
    for (const held of this.held) {
      slots.push(slot);
      slot += slotsOfHeld(held);
    }
    this.localSlots = slots;
    this.operandSlot = slot;
  }

  // ---- Variables ----

  /** Highest stack position in use. */
  private highest = 0;

  /** Words of all variables. */
  private variableWords = 0;

  temporary(name: string): string {
    this.names.temporaries.add(name);
    return name;
  }

  declare(name: string, type: Held): string {
    this.names.named.add(name);
    if (!this.variables.has(name)) {
      this.variables.set(name, { name, type });
      this.variableWords += 2 * partCount(type);
      if (this.variables.size > MOST_VARIABLES) throw new Unsupported("variables");
    }
    return name;
  }

  /** The variable of stack position `position`. */
  slot(position: number, type: Held): string {
    if (position >= this.highest) this.highest = position + 1;
    return this.declare(slotName(position, type), type);
  }

  /** First slot of the frame above the lowest `count` operands. */
  slotAbove(count: number): number {
    let slot = this.operandSlot;
    for (let k = 0; k < count; k++) slot += slotsOfHeld(this.stack[k]!.type);
    return slot;
  }

  /** Values that lie from slot `slot` on, each with its slot. */
  protected placed(values: readonly Operand[], slot: number): (readonly [number, Operand])[] {
    return values.map((value) => {
      const at = slot;
      slot += slotsOfHeld(value.type);
      return [at, value] as const;
    });
  }

  /** Words of the host's stack that a call from here takes, about, where the `slots` of the frame below it do not say so. */
  wideWords(slots: number): number {
    return this.variableWords > 2 * slots + SPARE_WORDS ? this.variableWords : 0;
  }

  private consumers: Consumers | null = null;
  /** How the vector that the instruction read last makes is taken; 0 if that cannot be seen. */
  consumerAhead(): Held {
    return this.ahead().of(this.reader.offset, this.held);
  }
  /** The instruction behind the one that was read last; −1 at the end. */
  nextOpcode(): number {
    return this.ahead().opcodeAt(this.reader.offset);
  }
  private ahead(): Consumers {
    this.consumers ??= new Consumers(this.module, this.body.end);
    return this.consumers;
  }

  /** Text of a defined type's canonical id, or of an abstract heap type. */
  typeText(heapType: number): string {
    const { typeText } = this.options;
    return heapType < 0 || typeText === undefined ? String(heapType) : typeText(heapType);
  }

  useView(name: string): string {
    this.names.views.add(name);
    return name.toLowerCase();
  }

  // ---- Operands ----

  push(value: Operand): void {
    if (value.lo.length + value.hi.length > MOST_TEXT || value.more.join("").length > MOST_TEXT) {
      this.stack.push(value);
      this.intoSlot(this.stack.length - 1);
    } else this.stack.push(value);
  }
  pop(): Operand {
    return this.stack.pop()!;
  }
  top(depth = 0): Operand {
    return this.stack[this.stack.length - 1 - depth]!;
  }

  /** Of i32 variables, on the way from where ways joined last: how many of their lowest bits are 0, where that is known. */
  private lowZeros = new Map<string, number>();

  /** A local, or another variable, as an operand. */
  variable(type: Held, name: string): Operand {
    this.names.named.add(name);
    return operand.variable(type, name, this.lowZeros.get(name));
  }

  /**
   * Ways join here: what was known of variables holds on one of them.
   * @param block byte offset of the instruction that opens the block which they have come through, or go round: locals that
   * it does not assign are as they were
   */
  forgetVariables(block = -1): void {
    const { lowZeros } = this;
    if (block < 0) lowZeros.clear();
    if (lowZeros.size === 0) return;
    this.assigned ??= new AssignedLocals(this.module, this.body);
    for (const name of lowZeros.keys())
      if (!isLocal(name) || this.assigned.isAssigned(Number(name.slice(1)), block)) lowZeros.delete(name);
  }
  private assigned: AssignedLocals | null = null;

  /** Emits what control may pass by: what is known of variables afterwards is what was known before. */
  passedBy<T>(emit: () => T): T {
    const known = this.lowZeros;
    this.lowZeros = new Map(known);
    const emitted = emit();
    this.lowZeros = known;
    return emitted;
  }

  /** Evaluates what depends on a variable that is about to change. */
  changes(name: string, except = -1): void {
    this.lowZeros.delete(name);
    this.names.assigns(name);
    const { stack } = this;
    for (let k = 0; k < stack.length; k++) {
      if (k === except) continue;
      const value = stack[k]!;
      if (value.reads.includes(name) && !isVariable(value, slotName(k, value.type))) this.intoSlot(k);
    }
  }

  /** Evaluates operand `k` into its variable. */
  intoSlot(k: number): void {
    const value = this.stack[k]!;
    const name = this.slot(k, value.type);
    if (isVariable(value, name)) return;
    this.changes(name, k);
    this.assign(name, value);
    this.stack[k] = operand.variable(value.type, name, value.zeros);
  }

  /** Emits an assignment to a variable, whose old value nothing needs any more. */
  assign(name: string, value: Operand): void {
    const { source } = this;
    const { type, lo, hi, reads } = value;
    if (isVariable(value, name)) return;
    this.names.assigns(name);
    if (value.zeros > 0) this.lowZeros.set(name, value.zeros);
    else this.lowZeros.delete(name);
    if (hi === "") source.line(`${name} = ${value.isCondition ? `${lo} ? 1 : 0` : bare(lo)};`);
    else if (type !== I64) this.assignParts(name, value);
    else if (reads.includes(name)) source.line(`t = ${bare(lo)}; ${name}h = ${bare(hi)}; ${name} = t;`);
    else source.line(`${name} = ${bare(lo)}; ${name}h = ${bare(hi)};`);
  }

  private assignParts(name: string, value: Operand): void {
    const names = partNames(name, value.type);
    const parts = partsOf(value);
    // A part may be made of what another one has replaced before.
    const isClear = parts.every((text, i) => names.slice(0, i).every((part) => !mentions(text, part)));
    const targets = isClear ? names : names.map((_, i) => this.temporary(`${slotName(0, value.type)[0]}t${i}`));
    this.source.line(parts.map((text, i) => `${targets[i]} = ${bare(text)};`).join(" "));
    if (!isClear) this.source.line(names.map((part, i) => `${part} = ${targets[i]};`).join(" "));
  }

  /** Brings the top `count` operands, or all, to where they may be named more than once. */
  settle(count = this.stack.length): void {
    const { stack } = this;
    for (let k = stack.length - count; k < stack.length; k++) if (!stack[k]!.isAtom) this.intoSlot(k);
  }

  /**
   * Brings operands into their variables, since control may come here by several ways; constants stay what they are.
   * @param params of a block that begins: those on top are in their variables in any case
   * @param kept operands above those that stay as they are
   */
  spill(params: number, kept = 0): void {
    const { stack } = this;
    const end = stack.length - kept;
    for (let k = 0; k < end; k++) {
      if (k >= end - params) stack[k] = asWords(stack[k]!);
      if (!stack[k]!.isAtom || stack[k]!.reads.length > 0 || k >= end - params) this.intoSlot(k);
    }
  }

  /** Pushes a result that `text` computes into the variable of its position. */
  compute(type: Held, text: (name: string) => string): void {
    const name = this.slot(this.stack.length, type);
    this.changes(name);
    this.source.line(text(name));
    this.stack.push(operand.variable(type, name));
  }
}

/** Whether a variable is named in an expression. */
function mentions(text: string, name: string): boolean {
  return new RegExp(`\\b${name}\\b`).test(text);
}
