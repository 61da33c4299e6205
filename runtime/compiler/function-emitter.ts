// WebAssembly to JavaScript, one function at a time: its blocks, the way to a loop that is entered from outside, and the
// whole text. It stands on leaving-emitter.ts (fuel, and where the function leaves) and that on operand-emitter.ts
// (operands and variables). What each instruction becomes is in emit-*.ts, listed by rules.ts.
//
//   (func $f (param i32) (result i32)                       function func3(l0, z) {
//     (loop $l                                                var f = FU | 0, t = 0, u = 0, pc = 0, i0 = 0; l0 = l0 | 0;
//       (local.set 0 (i32.sub (local.get 0) …                 leave: {
//       (br_if $l (local.get 0)))                               if ((z - 65542 & -2147450880) !== 0 || f < 1) { pc = 0; break leave; }
//     (local.get 0))                                            f = f - 1 | 0;
//                                                               L1: for (;;) {
//                                                                 if (f < 5) { pc = 1; break leave; }
//                                                                 l0 = (l0 - 1 | 0); …
//                                                               }
//                                                               FU = f - 1 | 0; return l0;
//                                                             }
//                                                             return LV(3, pc, f, [l0]);
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
//   z         how deep calls may go from here, in frames and in slots (depth.ts)
import { OP, type ValType } from "../../decoder/index.js";
import { valuesCost } from "../fuel-schedule.js";
import type { ModuleContext } from "../lowering/module-context.js";
import { tooDeep } from "./depth.js";
import type { Control, EmitOptions, EmittedFunction } from "./emitted-function.js";
import { type Held, heldOf, isLocal, kindText, partNames, REF, slotName, zeroText } from "./held.js";
import type { CompiledFunction, LeaveSite, LiveOperand, Variable } from "./leave-site.js";
import { LeavingEmitter, type SiteDraft } from "./leaving-emitter.js";
import { OPENS } from "./loop-way.js";
import * as operand from "./operand.js";
import { asWords, type Operand, partsOf } from "./operand.js";
import { MOST_OUT, Region, type RegionVariable } from "./region.js";
import { slotInto } from "./register-text.js";
import { resolveSegments, type Segment } from "./source-buffer.js";
import { Unsupported } from "./unsupported.js";

/** What an instruction becomes. */
export type EmitRule = (e: FunctionEmitter) => void;

/** Height of the operand stack: much of what is done for an instruction looks at all of it. */
const MOST_OPERANDS = 1000;
const MOST_SITE_OPERANDS = 200_000;
/** Characters: at 0.57 to 0.65 bytes of bytecode for each (measured), less than the 61,440 up to which V8 optimises. */
const MOST_SOURCE = 90_000;
/** Bytes of a body that are emitted in a step. */
export const STEP_BYTES = 1024;
/** Characters of what a region leaves in the function, about. */
const REGION_CALL = 150;

/** All steps of a piece of work, at once. */
export function drained<T>(steps: Generator<void, T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
  }
}

export class FunctionEmitter extends LeavingEmitter {
  /** Defined functions that it names. */
  readonly callees = new Set<number>();
  /** Imported functions that it names. */
  readonly hosts = new Set<number>();
  /** Whether the module imports functions that host code may be behind. */
  readonly importsHost = this.module.imports.some(({ kind, name }) => kind === "func" && !name.startsWith("invoke_"));
  /** Price of the instruction that was read last. */
  price = 0;
  private labels = 0;
  private frameWords = 0;
  private readonly regions: Region[] = [];

  constructor(
    context: ModuleContext,
    index: number,
    options: EmitOptions,
    private readonly ruleOf: (opcode: number) => EmitRule | undefined,
  ) {
    super(context, index, options);
  }

  // ---- The whole function ----

  run(): EmittedFunction {
    return drained(this.steps());
  }

  /** Emits the function, some thousand bytes of its body in a step: what takes long is not done in one. */
  *steps(): Generator<void, EmittedFunction> {
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
        const words = this.wideWords(this.frameWords >> 1);
        const depth = tooDeep(this.frameWords >> 1) + (words > 0 ? ` || STK < ${words}` : "");
        return `if (${depth} || f < ${most}${this.randomly()}) ${this.leaveAt(site)}`;
      });
    }
    const price = schedule.entry + valuesCost(schedule, this.locals.length) + valuesCost(schedule, this.results.length);
    this.pay(price);
    this.controls.push(this.control("function", this.body.start, 0, [], this.results));
    const { reader } = this;
    let next = reader.offset + STEP_BYTES;
    while (reader.offset < this.body.end) {
      reader.next();
      if (this.dead && !this.skip()) continue;
      this.instruction();
      if (reader.offset < next) continue;
      next = reader.offset + STEP_BYTES;
      yield;
    }
    yield;
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
    const isOwn = this.regions.length === 0 ? () => true : this.ownVariables(known);
    const inside = [...variables.values()].filter(isOwn);
    const kinds = inside.flatMap(({ name, type }) => partNames(name, type).map(() => type));
    const all = inside.flatMap(({ name, type }) => partNames(name, type));
    const params = this.params.flatMap((_, i) => partNames(`l${i}`, this.held[i]!));
    const isParam = new Set(isLoop ? [] : params);
    const locals = all.filter(isLocal);
    const own = all.map((name, i) => `${name} = ${zeroText(kinds[i]!)}`).filter((_, i) => !isParam.has(all[i]!));
    const views = [...this.ownNames.views].map((view) => `${view.toLowerCase()} = ${view}`);
    const declared = [
      "f = FU | 0",
      "t = 0",
      "u = 0",
      "pc = 0",
      ...[...this.ownNames.temporaries].map((name) => `${name} = 0`),
      ...(isLoop ? ["osr = 1"] : this.way !== null ? ["osr = 0"] : []),
      ...views,
      ...own,
    ];
    const header = isLoop ? "R, D, S, X, b, z" : [...params, "z"].join(", ");
    const text = [
      `function ${options.name}(${header}) {`,
      `  var ${declared.join(", ")};`,
      ...(isLoop ? [] : this.paramKinds()),
      ...(isLoop ? this.loopPrologue() : this.way !== null ? this.loopEntry() : []),
      "  leave: {",
      body,
      "  }",
      `  return LV(${options.id}, pc, f, [${locals.join(", ")}]);`,
      "}",
    ].join("\n");
    const indices = [new Map(locals.map((name, i) => [name, i]))];
    const counts = [locals.length];
    // What a region has of locals stands behind the function's own, and is newer; behind both what its site has in XO.
    for (const region of this.regions) {
      const index = new Map(indices[0]);
      const own = region.locals(known);
      own.forEach(({ name }, i) => {
        index.set(name, locals.length + i);
      });
      indices.push(index);
      counts.push(locals.length + own.length);
    }
    const func: CompiledFunction = {
      index: this.index,
      sites: this.sites.map((draft) => siteOf(draft, indices[draft.site.region]!, counts[draft.site.region]!)),
      held: this.held,
      localSlots: this.localSlots,
      localVariables: indices.map((index) => this.locals.map((_, i) => index.get(`l${i}`)!)),
      most: isLoop ? this.way!.segment!.most : entry.most,
      positions: null,
      returnsTo: null,
    };
    const regions = this.regions.map((region) => region.functionText(known));
    const loopMost = this.way?.segment?.most ?? 0;
    return { source: text, func, callees: this.callees, hosts: this.hosts, regions, size: source.size, loopMost };
  }

  /**
   * Says of what kind the arguments are: V8 takes them for values of any kind, and so whatever variable it merges them
   * with where ways join.
   */
  private paramKinds(): string[] {
    const texts = this.params.flatMap((_, i) => {
      const held = this.held[i]!;
      return partNames(`l${i}`, held).map((name) => kindText(name, name, held));
    });
    const known = texts.filter((text) => text !== "");
    return known.length === 0 ? [] : [`  ${known.join(" ")}`];
  }

  private regionVariables(): readonly RegionVariable[] {
    if (this.regions.length === 0) return [];
    return [...this.variables.values()].flatMap(({ name: base, type }) =>
      partNames(base, type).map((name) => ({ name, base, isLocal: isLocal(base), zero: zeroText(type) })),
    );
  }

  /** Of functions with regions: whether a variable is named in the function itself. Locals are wherever it is left. */
  private ownVariables(known: readonly RegionVariable[]): (variable: Variable) => boolean {
    const passed = new Set(this.regions.flatMap((region) => region.passed(known)));
    const { named } = this.ownNames;
    return ({ name }) => isLocal(name) || named.has(name) || passed.has(name);
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

  // ---- Blocks that seldom run ----

  /** A block begins with the instruction that comes next; all that leads here has been emitted. */
  beginBlock(): void {
    const { heat } = this.options;
    if (heat === undefined || this.dead || this.isBeforeLoop || this.region?.depth === this.controls.length) return;
    const count = heat.countOf(this.reader.offset);
    if (count === 0 && heat.prune) {
      this.settle();
      this.source.line(this.leaveAt(this.site("before", this.reader.offset, this.acc)));
      this.stops();
    } else if (count < heat.inline && this.region === null) this.beginRegion();
  }

  private beginRegion(): void {
    const onStack = new Set(this.stack.flatMap(({ reads }) => reads));
    const number = this.regions.length + 1;
    const name = `${this.options.name}$${number}`;
    const { length } = this.source;
    this.region = new Region(name, number, this.controls.length, length, onStack);
    this.names = this.region.names;
    this.regions.push(this.region);
  }

  /** The block around has been emitted, but for what closes it. */
  endRegion({ height, results }: Control): void {
    const { region, source } = this;
    if (region === null || region.depth !== this.controls.length + 1) return;
    this.region = null;
    this.names = this.ownNames;
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
    start: number,
    height: number,
    params: readonly ValType[],
    results: readonly ValType[],
    tested: Segment | null = null,
    from: Segment[] = [],
    label = `L${++this.labels}`,
  ): Control {
    return { kind, start, label, height, params, results, from, tested };
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
    this.forgetVariables();
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
    this.forgetVariables();
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

/** A site, once it is known where variables are: of locals by `index`, of others from `first` on, in the order of XO. */
function siteOf(draft: SiteDraft, index: ReadonlyMap<string, number>, first: number): LeaveSite {
  const { site, operands, results, carried } = draft;
  const live = ([slot, value]: readonly [number, Operand]): LiveOperand => {
    const { type, lo, reads } = value;
    if (reads.length > 0)
      return { slot, held: type, variable: index.get(lo) ?? first + carried.get(lo)!, parts: NO_PARTS };
    return { slot, held: type, variable: -1, parts: type === REF ? [null] : partsOf(value).map(operand.numberOf) };
  };
  return { ...site, operands: operands.map(live), results: results.map(live) };
}
const NO_PARTS: readonly number[] = [];
