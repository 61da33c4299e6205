// WebAssembly to JavaScript, one function at a time: the state, and what instructions share. What each instruction
// becomes is in emit-*.ts, listed by rules.ts.
//
//   (func $f (param i32) (result i32)                       function func3(l0, z) {
//     (loop $l                                                var f = FU, t = 0, u = 0, pc = 0, i0 = 0;
//       (local.set 0 (i32.sub (local.get 0) …                 leave: {
//       (br_if $l (local.get 0)))                               if (z > ZL || f < 1) { pc = 0; break leave; }
//     (local.get 0))                                            f = f - 1 | 0;
//                                                               L1: for (;;) {
//                                                                 if (f < 5) { pc = 1; break leave; }
//                                                                 l0 = (l0 - 1 | 0); …
//                                                               }
//                                                               FU = f - 1 | 0; return l0;
//                                                             }
//                                                             return LV(3, pc, f, [l0, i0]);
//                                                           }
//
// Anything rare leaves: `pc` says where, LV takes the variables along, and the interpreter goes on there. Fuel is
// looked at where control may come round again (entries, heads of loops, behind calls), against what the way to the
// next such place takes at the most; so it never runs out between two of them, and who has less goes on by interpreter.
//
// Conventions
//   l3, l3h   local 3; its high word, if it is an i64
//   i3 j3 q3 d3   operand at stack position 3, as i32, i64 (j3h its high word), f32, f64; more in held.ts
//   f, acc    fuel; what is due of it, and not taken yet: known when the code is emitted
//   z         how deep the calls are, in about the words that the host's stack and the registers take
import {
  type DecodedModule,
  F32,
  F64,
  type FuncBody,
  I32,
  I64,
  InstructionReader,
  OP,
  OPCODES,
  V128,
  type ValType,
} from "../../decoder/index.js";
import { valuesCost } from "../fuel-schedule.js";
import type { ModuleContext } from "../lowering/module-context.js";
import { type Held, heldOf, MOST_RESULTS, partCount, partNames, REF, slotName, slotsOfHeld, zeroText } from "./held.js";
import { Consumers, heldLocals } from "./held-locals.js";
import type { CompiledFunction, LeaveSite, LiveOperand, Variable } from "./leave-site.js";
import { findLoop, type LoopWay, OPENS } from "./loop-way.js";
import * as operand from "./operand.js";
import { asWords, bare, isVariable, type Operand, partsOf } from "./operand.js";
import { type Heat, MOST_OUT, Region, type RegionVariable } from "./region.js";
import { slotInto } from "./register-text.js";
import { resolveSegments, Segment, SourceBuffer } from "./source-buffer.js";
import { Unsupported } from "./unsupported.js";

export interface Control {
  readonly kind: "function" | "block" | "loop" | "if" | "else";
  readonly label: string;
  /** Operands below the block's parameters. */
  readonly height: number;
  readonly params: readonly ValType[];
  readonly results: readonly ValType[];
  /** Segments from which control comes to the label. */
  readonly from: Segment[];
  /** `if`: where the condition was tested. */
  readonly tested: Segment | null;
  /** `if`: nobody comes to its `else`. */
  elseIsDead?: true;
}

/** How a function is to be compiled. */
export interface EmitOptions {
  /** Name of the function, for who debugs it. */
  readonly name: string;
  /** Number by which the function says what has been left. */
  readonly id: number;
  /** Byte offset of the first instruction in a loop that is entered from outside; −1 to enter at the beginning. */
  readonly loopOffset: number;
  /** Leaves at random, where fuel is looked at. */
  readonly stress: boolean;
  /** How often its blocks ran, if that is known. */
  readonly heat?: Heat;
  /** The loop is entered as well as the beginning, by one function: see {@link enteredInLoop}. */
  readonly bothWays?: boolean;
  /** Names of the variables that defined functions are in; F0, F1, … by default. */
  readonly nameOf?: (index: number) => string;
  /** What stands for the canonical id of a type, which is another one in each process; the id itself by default. */
  readonly typeText?: (typeId: number) => string;
}

export interface EmittedFunction {
  readonly source: string;
  readonly func: CompiledFunction;
  /** Defined functions that it names. */
  readonly callees: ReadonlySet<number>;
  /** Functions that its regions become. */
  readonly regions: readonly string[];
  /** Characters of it alone, but for indentation. */
  readonly size: number;
  /** Fuel from the loop that it may be entered in to the next check, at the most. */
  readonly loopMost: number;
}

/** What an instruction becomes. */
export type EmitRule = (e: FunctionEmitter) => void;

/** Variables of a function, about: V8 takes long for more, and has a limit on arguments and registers. */
const MOST_VARIABLES = 2000;
/** Height of the operand stack: much of what is done for an instruction looks at all of it. */
const MOST_OPERANDS = 1000;
/** So that compiling takes no longer than a turn of the event loop may, and room in proportion to the body. */
const MOST_BODY_BYTES = 1 << 16;
const MOST_SITE_OPERANDS = 200_000;
/** Characters: at 0.57 to 0.65 bytes of bytecode for each (measured), less than the 61,440 up to which V8 optimises. */
const MOST_SOURCE = 90_000;
/** Characters of what a region leaves in the function, about. */
const REGION_CALL = 150;
/** Words of the host's stack for a call, beside its variables. */
const CALL_WORDS = 24;

export class FunctionEmitter {
  readonly module: DecodedModule;
  readonly body: FuncBody;
  readonly reader: InstructionReader;
  readonly source = new SourceBuffer();
  readonly stack: Operand[] = [];
  readonly controls: Control[] = [];
  readonly locals: ValType[] = [];
  /** How locals are held, and in which slots of the frame they lie. */
  readonly held: readonly Held[];
  readonly localSlots: readonly number[];
  /** First slot above the locals. */
  readonly operandSlot: number;
  readonly params: readonly ValType[];
  readonly results: readonly ValType[];
  readonly callees = new Set<number>();
  /** Views of memory that the function names. */
  readonly views = new Set<string>();
  readonly segments: Segment[] = [];
  segment: Segment;
  acc = 0;
  /** What follows is not reached. */
  dead = false;
  /** Price of the instruction that was read last. */
  price = 0;
  private readonly variables = new Map<string, Variable>();
  private readonly sites: SiteDraft[] = [];
  private labels = 0;
  /** Operands that all sites have. */
  private siteOperands = 0;
  private frameWords = 0;
  private readonly way: LoopWay | null;
  private readonly regions: Region[] = [];
  /** The region that is being emitted. */
  region: Region | null = null;

  constructor(
    readonly context: ModuleContext,
    readonly index: number,
    readonly options: EmitOptions,
    private readonly ruleOf: (opcode: number) => EmitRule | undefined,
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
    this.reader = new InstructionReader(module.bytes, module.types);
    this.held = heldLocals(this.module, this.body, this.locals, this.params.length);
    const slots: number[] = [];
    let slot = 0;
    for (const held of this.held) {
      slots.push(slot);
      slot += slotsOfHeld(held);
    }
    this.localSlots = slots;
    this.operandSlot = slot;
    this.way = options.loopOffset < 0 ? null : findLoop(module, this.body, options.loopOffset);
    this.rewind();
    this.segment = this.newSegment(true);
  }

  private rewind(): void {
    this.reader.offset = this.body.start;
    this.reader.end = this.body.end;
  }

  // ---- The whole function ----

  run(): EmittedFunction {
    const { schedule } = this.context;
    this.held.forEach((held, i) => {
      this.declare(`l${i}`, held);
    });
    const entry = this.segment;
    const site = this.site("entry", this.body.start, 0);
    const { bothWays = false } = this.options;
    if (this.way !== null && bothWays) {
      this.source.open("if (osr === 0) {");
      this.way.loops = 1;
    }
    if (this.way === null || bothWays) {
      this.source.later(entry, (most) => {
        const depth = `z > ZL - ${this.frameWords}`;
        return `if (${depth} || f < ${most}${this.randomly()}) ${leaveAt(site)}`;
      });
    }
    const price = schedule.entry + valuesCost(schedule, this.locals.length) + valuesCost(schedule, this.results.length);
    this.pay(price);
    this.controls.push(this.control("function", 0, [], this.results));
    const { reader } = this;
    while (reader.offset < this.body.end) {
      reader.next();
      if (this.dead && !this.skip()) continue;
      this.instruction();
    }
    return this.finish(entry);
  }

  private instruction(): void {
    const { reader, context } = this;
    this.price = context.schedule.costs[reader.opcode]!;
    if (this.source.size > MOST_SOURCE || this.siteOperands > MOST_SITE_OPERANDS) throw new Unsupported("size");
    if (this.stack.length > MOST_OPERANDS) throw new Unsupported("variables");
    const rule = this.ruleOf(reader.opcode);
    if (rule === undefined) this.leaveBefore();
    else rule(this);
  }

  /** In dead code: whether the instruction is the `else` or `end` that ends it. */
  private skip(): boolean {
    const { opcode } = this.reader;
    if (opcode === OP.else || opcode === OP.end) {
      if (this.deadDepth === 0) return true;
      if (opcode === OP.end) this.deadDepth--;
    } else if (opcode === OP.delegate) this.deadDepth--;
    else if (OPENS.has(opcode)) this.deadDepth++;
    return false;
  }
  private deadDepth = 0;

  private finish(entry: Segment): EmittedFunction {
    const { options, source, variables } = this;
    const { code } = this.context;
    this.frameWords = code.code[code.fast.get(this.index)!.start]!;
    resolveSegments(this.segments);
    for (const region of this.regions) region.resolve((lines) => source.toString(lines));
    const isLoop = this.way !== null && options.bothWays !== true;
    if (this.way !== null && this.way.depth < this.way.path.length) throw new Unsupported("loop not reached");
    const known = this.regionVariables();
    if (this.regions.some((region) => region.backCount(known) > MOST_OUT)) throw new Unsupported("variables");
    const body = source.toString();
    // What regions alone name is no variable here.
    const isOwn = this.regions.length === 0 ? () => true : this.ownVariables(body);
    const inside = [...variables.values()].filter(isOwn);
    const kinds = inside.flatMap(({ name, type }) => partNames(name, type).map(() => type));
    const all = inside.flatMap(({ name, type }) => partNames(name, type));
    const params = this.params.flatMap((_, i) => partNames(`l${i}`, this.held[i]!));
    const isParam = new Set(isLoop ? [] : params);
    const own = all.map((name, i) => `${name} = ${zeroText(kinds[i]!)}`).filter((_, i) => !isParam.has(all[i]!));
    const views = [...this.views].map((view) => `${view.toLowerCase()} = ${view}`);
    const declared = [
      "f = FU",
      "t = 0",
      "u = 0",
      "pc = 0",
      ...[...this.temporaries].map((name) => `${name} = 0`),
      ...(isLoop ? ["osr = 1"] : this.way !== null ? ["osr = 0"] : []),
      ...views,
      ...own,
    ];
    const header = isLoop ? "R, D, S, X, b, z" : [...params, "z"].join(", ");
    const text = [
      `function ${options.name}(${header}) {`,
      `  var ${declared.join(", ")};`,
      ...(isLoop ? this.loopPrologue() : this.way !== null ? this.loopEntry() : []),
      "  leave: {",
      body,
      "  }",
      `  return LV(${options.id}, pc, f, [${all.join(", ")}]);`,
      "}",
    ].join("\n");
    const indices = [new Map(all.map((name, i) => [name, i]))];
    // What a region has stands behind the function's own, and is newer.
    for (const region of this.regions) {
      const index = new Map(indices[0]);
      region.variables(known).forEach(({ name }, i) => {
        index.set(name, all.length + i);
      });
      indices.push(index);
    }
    const func: CompiledFunction = {
      index: this.index,
      sites: this.sites.map(({ site, operands, results }) => ({
        ...site,
        operands: operands.map((o) => liveOperand(o, indices[site.region]!)),
        results: results.map((o) => liveOperand(o, indices[site.region]!)),
      })),
      held: this.held,
      localSlots: this.localSlots,
      localVariables: indices.map((index) => this.locals.map((_, i) => index.get(`l${i}`)!)),
      most: isLoop ? this.way!.segment!.most : entry.most,
      positions: null,
      returnsTo: null,
    };
    const regions = this.regions.map((region) => region.functionText(known, this.views, this.temporaries));
    const loopMost = this.way?.segment?.most ?? 0;
    return { source: text, func, callees: this.callees, regions, size: source.size, loopMost };
  }

  private regionVariables(): readonly RegionVariable[] {
    if (this.regions.length === 0) return [];
    return [...this.variables.values()].flatMap(({ name: base, type }) =>
      partNames(base, type).map((name) => ({ name, base, isLocal: base[0] === "l", zero: zeroText(type) })),
    );
  }

  /** Of functions with regions: whether a variable is named in the function itself. Locals are wherever it is left. */
  private ownVariables(body: string): (variable: Variable) => boolean {
    const named = new Set(body.match(/[A-Za-z_]\w*/g));
    const live = new Set(
      this.sites
        .filter(({ site }) => site.region === 0)
        .flatMap(({ operands, results }) => [...operands, ...results].flatMap(([, { reads }]) => reads)),
    );
    return ({ name, type }) =>
      name[0] === "l" || live.has(name) || partNames(name, type).some((part) => named.has(part));
  }

  /** Of a function that is entered in a loop as well: OB is then the frame's base, otherwise negative. */
  private loopEntry(): string[] {
    const lines = this.loopPrologue();
    return ["  if (OB >= 0) {", "    var R = OR, D = OD, S = OS, X = OX, b = OB; OB = -1; osr = 1;", ...lines, "  }"];
  }

  /** Takes locals and operands from registers. */
  private loopPrologue(): string[] {
    const lines: string[] = [];
    const load = (name: string, held: Held, slot: number) => {
      for (const statement of slotInto(name, held, slot, "return REFUSE();")) lines.push(`  ${statement}`);
    };
    this.held.forEach((held, i) => {
      load(`l${i}`, held, this.localSlots[i]!);
    });
    for (const [slot, { type, reads }] of this.placed(this.way!.operands!, this.operandSlot))
      if (reads.length > 0) load(reads[0]!, type, slot);
    return lines;
  }

  // ---- Variables ----

  /** Highest stack position in use. */
  private highest = 0;

  /** Words of all variables. */
  private variableWords = 0;
  /** Names of variables that hold nothing where the function is left. */
  private readonly temporaries = new Set<string>();

  temporary(name: string): string {
    this.temporaries.add(name);
    return name;
  }

  declare(name: string, type: Held): string {
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
  private placed(values: readonly Operand[], slot: number): (readonly [number, Operand])[] {
    return values.map((value) => {
      const at = slot;
      slot += slotsOfHeld(value.type);
      return [at, value] as const;
    });
  }

  /** Words of the host's stack that a call from here takes, about; not fewer than those of the frame. */
  get callWords(): number {
    return CALL_WORDS + Math.max(this.variableWords, 2 * this.slotAbove(this.stack.length));
  }

  private consumers: Consumers | null = null;
  /** How the vector that the instruction read last makes is taken; 0 if that cannot be seen. */
  consumerAhead(): Held {
    this.consumers ??= new Consumers(this.module, this.body.end);
    return this.consumers.of(this.reader.offset, this.held);
  }

  /** Text of a defined type's canonical id, or of an abstract heap type. */
  typeText(heapType: number): string {
    const { typeText } = this.options;
    return heapType < 0 || typeText === undefined ? String(heapType) : typeText(heapType);
  }

  useView(name: string): string {
    this.views.add(name);
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

  /** Evaluates what depends on a variable that is about to change. */
  changes(name: string, except = -1): void {
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
    this.stack[k] = operand.variable(value.type, name);
  }

  /** Emits an assignment to a variable, whose old value nothing needs any more. */
  assign(name: string, value: Operand): void {
    const { source } = this;
    const { type, lo, hi, reads } = value;
    if (isVariable(value, name)) return;
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
      most > 0 || this.options.stress ? `if (f < ${most}${this.randomly()}) ${leaveAt(site)}` : "",
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
    const operands = this.placed(stack, this.operandSlot);
    this.siteOperands += stack.length;
    const region = this.region === null ? 0 : this.region.number;
    const site = { kind, offset, charged, region, ...call };
    this.sites.push({ site, operands, results: this.placed(results, call.base) });
    return this.sites.length - 1;
  }

  /** Text that leaves before the instruction that was read last, whose price is not due yet. All operands are atoms from here on. */
  leaving(): string {
    this.settle();
    return leaveAt(this.site("before", this.reader.start, this.acc));
  }

  /** The interpreter does the instruction that was read last, and what follows. */
  leaveBefore(): void {
    const { opcode } = this.reader;
    const type = VALUE_TYPES[opcode];
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

  // ---- Blocks that seldom run ----

  /** A block begins with the instruction that comes next; all that leads here has been emitted. */
  beginBlock(): void {
    const { heat } = this.options;
    if (heat === undefined || this.dead || this.isBeforeLoop || this.region?.depth === this.controls.length) return;
    const count = heat.countOf(this.reader.offset);
    if (count === 0 && heat.prune) {
      this.settle();
      this.source.line(leaveAt(this.site("before", this.reader.offset, this.acc)));
      this.stops();
    } else if (count < heat.inline && this.region === null) this.beginRegion();
  }

  private beginRegion(): void {
    const onStack = new Set(this.stack.flatMap(({ reads }) => reads));
    const number = this.regions.length + 1;
    const name = `${this.options.name}$${number}`;
    const { length } = this.source;
    this.region = new Region(name, number, this.controls.length, length, onStack, this.callWords);
    this.regions.push(this.region);
  }

  /** The block around has been emitted, but for what closes it. */
  endRegion({ height, results }: Control): void {
    const { region, source } = this;
    if (region === null || region.depth !== this.controls.length + 1) return;
    this.region = null;
    const lines = source.take(region.start);
    const values = results.map((type, i) => slotName(height + i, heldOf(type)));
    region.end(lines, !this.dead, values);
    source.size += REGION_CALL;
    source.later(this.segment, () => region.callText(this.regionVariables(), this.results.length > 0));
  }

  /** Whether the label `depth` blocks out is that of a block around the region. */
  leadsOut(depth: number): boolean {
    return this.region !== null && this.controls.length - depth <= this.region.depth;
  }

  // ---- Control ----

  control(
    kind: Control["kind"],
    height: number,
    params: readonly ValType[],
    results: readonly ValType[],
    tested: Segment | null = null,
    from: Segment[] = [],
    label = `L${++this.labels}`,
  ): Control {
    return { kind, label, height, params, results, from, tested };
  }

  target(depth: number): Control {
    return this.controls[this.controls.length - 1 - depth]!;
  }

  /** Moves the results of a block that control only falls out of. */
  moveResults({ height, results }: Control): void {
    this.moveTo(height, results);
  }

  /** Moves the top operands to the variables of stack positions from `to` on. */
  moveTo(to: number, types: readonly ValType[]): void {
    const { stack } = this;
    const from = stack.length - types.length;
    types.forEach((type, i) => {
      const name = this.slot(to + i, heldOf(type));
      this.assign(name, asWords(stack[from + i]!));
    });
  }

  // ---- The way to a loop that is entered from outside ----

  /** Whether the code here is only reached from a loop around, not by who enters the loop in the middle. */
  get isBeforeLoop(): boolean {
    return this.way !== null && this.way.depth < this.way.path.length;
  }

  /** Whether the block that begins with the instruction that was read last is on the way to that loop. */
  get opensWay(): boolean {
    return this.isBeforeLoop && this.way!.path[this.way!.depth]!.start === this.reader.start;
  }

  /** The way goes into the `else` of the `if` that was read last. */
  get wayIsElse(): boolean {
    return this.way!.path[this.way!.depth]!.inElse;
  }

  /** Whether that block is the loop itself. */
  get isLastOnWay(): boolean {
    return this.way!.depth === this.way!.path.length - 1;
  }

  /** At an `else`: whether the way goes into it. */
  get isElseOfWay(): boolean {
    const { way, controls } = this;
    return this.isBeforeLoop && way!.path[way!.depth]!.inElse && way!.ifHeight === controls.length;
  }

  /** The `if` whose `else` is on the way has begun. */
  waitForElse(): void {
    this.way!.ifHeight = this.controls.length;
    this.way!.mark = this.source.length;
  }

  /** Before a block on the way begins: what was emitted since the last one is for who comes round a loop, or for nobody. */
  endBefore(): void {
    const way = this.way!;
    if (way.loops > 0) {
      this.payNow();
      this.source.close();
    } else {
      this.source.truncate(way.mark);
      this.acc = 0;
    }
  }

  /** A block on the way has begun. */
  beginWay(isLoop: boolean): void {
    const way = this.way!;
    way.depth++;
    if (!this.isBeforeLoop) {
      way.operands = [...this.stack];
      way.segment = this.segment;
      return;
    }
    if (isLoop) way.loops++;
    way.mark = this.source.length;
    if (way.loops > 0) this.source.open("if (osr === 0) {");
  }
  get loopsOnWay(): number {
    return this.way!.loops;
  }
}

/** By opcode: types of the instructions that have one. */
const VALUE_TYPES: readonly (
  | { readonly params: readonly ValType[]; readonly results: readonly ValType[] }
  | undefined
)[] = (() => {
  const letters: Readonly<Record<string, ValType>> = { i: I32, l: I64, f: F32, d: F64, v: V128, a: I32 };
  const types = [];
  for (const { opcode, type } of OPCODES) {
    if (type === undefined || !/^[ilfdva]*:[ilfdva]*$/.test(type)) continue;
    const [params, results] = type.split(":").map((list) => [...list].map((letter) => letters[letter]!));
    types[opcode] = { params: params!, results: results! };
  }
  return types;
})();

/** Characters of an expression that is not evaluated yet. */
const MOST_TEXT = 400;

export function leaveAt(site: number): string {
  return `{ pc = ${site}; break leave; }`;
}

function liveOperand([slot, value]: readonly [number, Operand], index: ReadonlyMap<string, number>): LiveOperand {
  const { type, lo, reads } = value;
  if (reads.length > 0) return { slot, held: type, variable: index.get(lo)!, parts: NO_PARTS };
  return { slot, held: type, variable: -1, parts: type === REF ? [null] : partsOf(value).map(operand.numberOf) };
}
const NO_PARTS: readonly number[] = [];

/** A site, until it is known where variables are. */
interface SiteDraft {
  readonly site: Omit<LeaveSite, "operands" | "results">;
  readonly operands: readonly (readonly [number, Operand])[];
  readonly results: readonly (readonly [number, Operand])[];
}

/** Whether a variable is named in an expression. */
function mentions(text: string, name: string): boolean {
  return new RegExp(`\\b${name}\\b`).test(text);
}
