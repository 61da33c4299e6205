// The compiler tier of a module: when functions are compiled, and how the interpreter and they call each other.
//
// Every function that is lowered gets a header of its own (`enter_tier`) in front of it, which asks here. Calls are
// counted there; loops by the slices of fuel that end in them. Nothing of it is visible to a guest: both tiers charge
// the same for the same, and whatever compiled code does not do, the interpreter does, from the same state.
import { returnFrame, settleFuel } from "../interpreter/flow.js";
import { materialise } from "../interpreter/positions.js";
import type { Thread } from "../interpreter/thread.js";
import type { ThreadTier } from "../interpreter/tier.js";
import { mapOf } from "../lowering/code-map.js";
import { fastRegion } from "../lowering/lower.js";
import { HEADER_WORDS, type ModuleContext } from "../lowering/module-context.js";
import { PC_EXIT } from "../register-code/register-code.js";
import { Adapters } from "./adapters.js";
import type { AheadFunctions } from "./ahead-functions.js";
import { bytesOf, type Code, CodeBudget, DEFAULT_CODE_BYTES } from "./code-budget.js";
import { CompileCredit } from "./compile-credit.js";
import { depthOf, isTooDeep, WHOLE_DEPTH } from "./depth.js";
import { functionName, MOST_NAMED } from "./emit-calls.js";
import { type Entry, sliceFor } from "./entry.js";
import { FunctionHeaders } from "./function-headers.js";
import { FunctionLoops } from "./function-loops.js";
import { isLarge } from "./function-text.js";
import { HOST_IDS_END, hostText } from "./host-text.js";
import { type Stand, takeFrames } from "./leave.js";
import type { CompiledFunction } from "./leave-site.js";
import { SampledHeat } from "./sampled-heat.js";
import { CodeScope, growingScope, type JsFunction } from "./scope.js";
import { RUN_REFUSED } from "./scope-text.js";
import type { CompilerSettings } from "./settings.js";
import { LATER, STEP_CREDIT, TextWorks } from "./text-works.js";

/** While a loop is looked for to enter. */
const SEEK_SLICE = 64;
const MOST_SEEKS = 200;
/** What there is of each frame that has left: number, site, variables. */
const LEFT_PARTS = 3;
/** What a slice that ends in a function counts, in calls. */
const SLICE_CALLS = 50;
/** What a call of a function that is not compiled counts, by one that is: all its callers have left. */
const LEFT_CALLS = 10;
/** A function, or a loop of one, that has had to go that often is not compiled again. */
const MOST_COMPILATIONS = 8;
/** Loops of one function that are entered in the middle: each is a copy of the function. */
const MOST_LOOPS = 8;
/** How a frame was run: not at all; till it has returned; till it has left for the interpreter. */
const REFUSED = 0;
const RETURNED = 1;
const LEFT = 2;
type How = typeof REFUSED | typeof RETURNED | typeof LEFT;
/** Less is not worth entering compiled code with. */
const LEAST_SLICE = 4096;
/** Frames that are left over: the interpreter has room for those that two calls push. */
const SPARE_FRAMES = 4;

/** The tier whose code runs, or waits for a host function: others that run meanwhile stand on the same host stack. */
let innermost: CompilerTier | null = null;

export class CompilerTier implements ThreadTier {
  /** Per defined function: calls from the interpreter, and what counts as such. */
  private readonly counts: Uint16Array;
  private readonly headers: FunctionHeaders;
  private readonly entries = new Map<number, Entry>();
  /** Defined functions that stay with the interpreter. */
  private readonly interpreted = new Set<number>();
  private readonly loops: FunctionLoops;
  /** By number; null where the code has gone. */
  private readonly functions: (CompiledFunction | null)[] = [];
  readonly budget: CodeBudget;
  private readonly credit: CompileCredit;
  private readonly samples: SampledHeat;
  private readonly texts: TextWorks;
  /** Functions that can be entered at their beginning. */
  get compiledFunctions(): number {
    return this.entries.size;
  }
  /** By function and loop: how often it has been compiled. */
  private readonly compilations = new Map<string, number>();
  private scope: CodeScope | null = null;
  private adapters: Adapters | null = null;
  private seeks = 0;

  /** @param ahead code that was compiled ahead of time: then nothing else is compiled */
  constructor(
    private readonly context: ModuleContext,
    private readonly settings: CompilerSettings,
    private readonly ahead: AheadFunctions | null = null,
  ) {
    const { length } = context.module.bodies;
    this.counts = new Uint16Array(length);
    this.headers = new FunctionHeaders(context);
    this.loops = new FunctionLoops(context.module);
    this.credit = new CompileCredit(settings.runBytes);
    this.samples = new SampledHeat(context.module);
    this.texts = new TextWorks(context, settings, this.credit, this.samples, this.functions);
    this.budget = new CodeBudget(settings.codeBytes ?? DEFAULT_CODE_BYTES);
    if (ahead !== null) {
      this.scope = ahead.scope;
      this.functions.push(...ahead.functions);
      this.headers.ahead(ahead.functions);
    }
  }

  // ---- What the interpreter asks ----

  lowered(index: number): void {
    this.headers.lowered(index, this.ahead === null || !this.interpreted.has(index));
  }

  enterLoop(thread: Thread, offset: number, cost: number): boolean {
    const { machine: m } = thread;
    const entry = this.loopEntry(thread, this.context.code.regionAt(m.pc)!.index, offset);
    if (entry === null) return false;
    m.fuel += cost;
    if (!this.run(thread, entry)) {
      m.fuel -= cost;
      return false;
    }
    this.goOn(thread);
    if (this.host === null && m.fuel < 0) settleFuel(thread);
    this.callHost(thread);
    return true;
  }

  forget(): void {
    this.scope?.forget(this.isRunning);
  }

  sleep(globalCells: Int32Array): void {
    this.scope?.sleep(globalCells);
  }

  slice(): number {
    if (this.ahead !== null) return this.settings.slice;
    return this.samples.slice() ?? (this.seeks > 0 ? SEEK_SLICE : this.settings.slice);
  }

  enter(thread: Thread, index: number): void {
    const entry = this.entries.get(index) ?? this.count(thread, index, 1);
    if (entry === undefined || !this.run(thread, entry)) this.interpret(thread, index);
    else this.goOnLeft(thread);
  }

  /** What has run is to go on, unless it has returned. */
  private goOnLeft(thread: Thread): void {
    if (this.goOn(thread) && thread.machine.fuel < 0) settleFuel(thread);
    this.callHost(thread);
  }

  call(thread: Thread, index: number): "returned" | "left" | "absent" {
    const entry = this.entries.get(index);
    if (entry === undefined) return "absent";
    const { machine: m } = thread;
    // Mostly it returns at once, and the slice that the interpreter has is enough.
    if (entry.isNested) thread.refill(sliceFor(entry));
    else if (m.fuel < LEAST_SLICE) thread.refill(this.settings.slice);
    const before = thread.fuelUsed;
    const how = this.enterCode(thread, entry);
    if (how === REFUSED) return "absent";
    thread.fuelCounted += thread.fuelUsed - before;
    if (how === RETURNED) return "returned";
    thread.shorten(this.samples.slice() ?? this.settings.slice);
    this.goOnLeft(thread);
    return "left";
  }

  sliceEnded(thread: Thread): void {
    // Code that was compiled ahead of time is asked for at the heads of its loops.
    if (this.ahead !== null) return;
    const { machine: m } = thread;
    const { code } = this.context;
    const region = code.regionAt(m.pc);
    if (region === undefined || region.stepping) return;
    const { index } = region;
    if (this.samples.add(index, () => mapOf(this.context, region).point(m.pc)?.offset)) {
      m.bind(m.instance);
      return;
    }
    this.seeks = Math.max(0, this.seeks - 1);
    if (!this.entries.has(index) && this.count(thread, index, SLICE_CALLS) === undefined) {
      this.seeks = 0;
      return;
    }
    const loops = this.loops.of(index);
    if (loops.size === 0) return;
    const map = mapOf(this.context, region);
    const point = map.point(m.pc);
    if (point === undefined || point.isEntry) return;
    const { offset, cost } = point;
    const entry = loops.has(offset) ? this.loopEntry(thread, index, offset) : null;
    m.bind(m.instance);
    if (entry === null) {
      // Not at the head of a loop: at the next one, which is not far.
      if (this.seeks === 0) this.seeks = MOST_SEEKS;
      thread.shorten(SEEK_SLICE);
      return;
    }
    this.seeks = 0;
    m.fuel += cost;
    materialise(m.R, m.refs, m.fp, map.promisesAt(m.pc));
    if (this.run(thread, entry)) this.goOn(thread);
    else m.fuel -= cost;
    if (this.host === null && m.fuel < 0) settleFuel(thread);
    this.callHost(thread);
  }

  // ---- Running ----

  /** Runs the frame at `fp`; false, with nothing done but fuel refilled, if that has to be by the interpreter. */
  private run(thread: Thread, entry: Entry): boolean {
    const usedBefore = thread.fuelUsed;
    thread.refill(sliceFor(entry));
    const how = this.enterCode(thread, entry);
    if (how === RETURNED) returnFrame(thread);
    // The interpreter's loop is not what has used it: nothing of that is for its warm-up.
    if (how !== REFUSED) thread.fuelCounted += thread.fuelUsed - usedBefore;
    thread.shorten(this.samples.slice() ?? this.settings.slice);
    return how !== REFUSED;
  }

  /** Code runs, or waits for a host function. */
  private isRunning = false;

  /** How deep may go what runs while this waits for a host function. */
  private get depthLeft(): number {
    return this.scope!.hosts.depth;
  }

  /** Runs the frame at `fp` for the fuel that the machine has. The frame below waits for it still where it has returned. */
  private enterCode(thread: Thread, entry: Entry): How {
    if (!this.isRunning) return this.enterOuter(thread, entry);
    // A host function that compiled code waits for has called the guest again.
    const saved = this.scope!.save();
    this.isRunning = false;
    try {
      return this.enterOuter(thread, entry);
    } finally {
      this.scope!.restore(saved);
      this.isRunning = true;
    }
  }

  private enterOuter(thread: Thread, entry: Entry): How {
    const { func, call, adapter, code } = entry;
    if (code !== null) this.budget.use(code);
    const { machine: m } = thread;
    const scope = this.scope!;
    this.leftAt = null;
    this.owed = 0;
    scope.bind(m.instance);
    // It was made for memory that has been replaced: the next one who asks compiles it anew.
    if (entry.isGone) return REFUSED;
    const { stackSlots, frames } = thread.store.limits;
    const around = innermost;
    const within = around === null ? WHOLE_DEPTH : around.depthLeft;
    const depth = depthOf(frames - (m.sp >> 1) - SPARE_FRAMES, stackSlots - (m.fp >> 1), within);
    if (m.fuel < func.most || isTooDeep(depth, entry.words >> 1)) return REFUSED;
    // Compiled code does not say where it writes.
    m.instance.memories[0]?.markAll();
    // Where it stands is not known while it runs.
    const { pc } = m;
    m.pc = PC_EXIT;
    innermost = this;
    this.isRunning = true;
    let fuel: number;
    try {
      fuel = scope.run(adapter, call, depth, thread);
    } finally {
      innermost = around;
      this.isRunning = false;
    }
    if (fuel >= 0) {
      m.fuel = fuel;
      // What has run meanwhile may have left a loop.
      this.leftAt = null;
      this.owed = 0;
      if (this.dropped.length > 0 && around === null) this.forgetDropped();
      return RETURNED;
    }
    if (fuel === RUN_REFUSED) {
      m.pc = pc;
      return REFUSED;
    }
    const { left } = scope;
    this.countLeft(left);
    this.leftAt = this.loopLeft(left);
    if (this.leftAt !== null && left.length > LEFT_PARTS) entry.isNested = true;
    const stand = takeFrames(thread, this.functions, left, scope.fuelLeft);
    this.owed = stand.owed;
    this.host = stand.host;
    // Somewhere below is compiled code that could go on.
    this.seeks = MOST_SEEKS;
    if (this.dropped.length > 0 && around === null) this.forgetDropped();
    return LEFT;
  }

  private forgetDropped(): void {
    for (const id of this.dropped) this.functions[id] = null;
    this.dropped.length = 0;
  }

  /** What the frame that has left last waits for. */
  private host: Stand["host"] = null;

  private callHost(thread: Thread): void {
    const { host } = this;
    if (host === null) return;
    this.host = null;
    this.scope!.hosts.goOn(thread, host.func, host.base);
  }

  /** Where the last run has left a loop at its head. */
  private leftAt: { readonly index: number; readonly offset: number } | null = null;

  private loopLeft(left: readonly unknown[]): { readonly index: number; readonly offset: number } | null {
    const id = left[0] as number;
    if (id < 0 || this.settings.stress !== null) return null;
    const { index, sites } = this.functions[id]!;
    const { kind, offset } = sites[left[1] as number]!;
    if (kind !== "check") return null;
    const { askedLoops } = this.context.code;
    return (this.ahead === null ? this.loops.of(index) : askedLoops).has(offset) ? { index, offset } : null;
  }

  /** What the frame that has left last has to pay where it stands: compiled code that goes on there pays itself. */
  private owed = 0;

  /** @returns whether there was anything to pay */
  private pay({ machine: m }: Thread): boolean {
    const { owed } = this;
    m.fuel -= owed;
    this.owed = 0;
    return owed > 0;
  }

  /** Enters a loop again that was left for its slice alone. @returns whether the interpreter has paid to go on */
  private goOn(thread: Thread): boolean {
    while (this.leftAt !== null) {
      const { owed } = this;
      const entry = this.loopEntry(thread, this.leftAt.index, this.leftAt.offset);
      if (entry === null || !this.run(thread, entry)) {
        this.owed = owed;
        break;
      }
    }
    return this.pay(thread);
  }

  /** What enters the loop at byte `offset`; null if it cannot be entered. */
  private loopEntry(thread: Thread, index: number, offset: number): Entry | null {
    const loops = this.loops.of(index);
    let entry = loops.get(offset);
    if (entry === undefined) {
      if (!this.mayCompile(thread, index)) return null;
      const compiled = this.compile(thread, index, offset);
      if (compiled === LATER) return null;
      entry = compiled ?? null;
      loops.set(offset, entry);
    }
    return entry;
  }

  private countLeft(left: readonly unknown[]): void {
    const id = left[0] as number;
    if (id < 0 && id >= HOST_IDS_END) this.counts[-1 - id] = Math.min(0xffff, this.counts[-1 - id]! + LEFT_CALLS);
  }

  /** Begins a function's fast form: its frame is in place. */
  private interpret(thread: Thread, index: number): void {
    const { machine: m } = thread;
    const header = fastRegion(this.context, index).start;
    m.bind(m.instance);
    const from = m.fp + m.code[header + 2]!;
    m.R.fill(0, from, from + m.code[header + 1]!);
    m.pc = header + HEADER_WORDS;
    m.fuel -= this.headers.costOf(index);
    if (m.fuel < 0) settleFuel(thread);
  }

  // ---- Compiling ----

  /** Counts `calls` more of a function; compiles it when they are enough. */
  private count(thread: Thread, index: number, calls: number): Entry | undefined {
    if (this.interpreted.has(index)) return undefined;
    const count = Math.min(0xffff, this.counts[index]! + calls);
    this.counts[index] = count;
    if (count <= this.settings.threshold || this.isSampled(index) || !this.mayCompile(thread, index)) return undefined;
    const entry = this.compile(thread, index, -1);
    if (entry === LATER) return undefined;
    if (entry === undefined) {
      // Compiled in parts, once it is known which of them often run.
      if (this.tooLarge.has(index) && this.samples.wants(index)) return undefined;
      this.interpreted.add(index);
      this.headers.unlink(index);
    } else this.entries.set(index, entry);
    thread.machine.bind(thread.machine.instance);
    return entry;
  }

  /** Defined functions that V8 would not optimise as they are. */
  private readonly tooLarge = new Set<number>();

  /** Whether it is not known yet what of a large function often runs. */
  private isSampled(index: number): boolean {
    if (this.ahead !== null) return false;
    if (isLarge(this.context.module.bodies.get(index)!)) this.tooLarge.add(index);
    return this.tooLarge.has(index) && this.samples.wants(index);
  }

  private mayCompile(thread: Thread, index: number): boolean {
    const { start, end } = this.context.module.bodies.get(index)!;
    return this.ahead !== null || this.credit.admits(thread, Math.min(end - start, STEP_CREDIT));
  }

  /** @param loopOffset of a loop to be entered, −1 for the function */
  private compile(thread: Thread, index: number, loopOffset: number): Entry | undefined | typeof LATER {
    if (this.ahead !== null) {
      const found = this.ahead.find(index, loopOffset);
      return found && { ...found, entered: 0, isNested: false, code: null, isGone: false };
    }
    const key = `${index} ${loopOffset}`;
    const compilations = this.compilations.get(key) ?? 0;
    if (compilations >= MOST_COMPILATIONS) return undefined;
    if (loopOffset >= 0 && this.loops.entered(index) >= MOST_LOOPS) return undefined;
    const { module } = this.context;
    const scope = this.makeScope();
    scope.bind(thread.machine.instance);
    const text = this.texts.of(thread, key, index, loopOffset);
    if (text === LATER) return LATER;
    const { id, made } = text;
    if (made === "size") this.tooLarge.add(index);
    if (made === undefined || made === "size") return undefined;
    const { emitted } = made;
    for (const index of emitted.hosts) {
      if (scope.hostFunctions[index] !== undefined) continue;
      const { params, results } = module.registry.funcType(module.funcs[index]!);
      scope.evaluate(hostText(index, params, results, this.settings.stress !== null));
    }
    for (const callee of emitted.callees) {
      if (scope.functions[callee] !== undefined) continue;
      scope.evaluate(`${functionName(module, callee)} = FS[${callee}] = ABSENT(${callee});`);
    }
    const source = loopOffset < 0 ? `${functionName(module, index)} = FS[${index}] = ${made.text};` : made.text;
    const bytes = bytesOf(emitted, source);
    if (!this.budget.admits(bytes)) return undefined;
    // What takes long to make does not go with its memory.
    const { value, isBound } = this.tooLarge.has(index)
      ? { value: scope.evaluate(source), isBound: false }
      : scope.evaluateBound(source);
    const call = value as JsFunction;
    this.functions[id] = emitted.func;
    this.compilations.set(key, compilations + 1);
    const code = this.keep(index, loopOffset, id, call, bytes);
    if (isBound) this.boundCode.set(code, { index, key });
    const { params, results } = module.registry.funcType(module.funcs[module.importedFuncCount + index]!);
    const adapter = this.adapters!.of(params, results, loopOffset >= 0);
    const words = this.context.code.code[this.context.code.fast.get(index)!.start]!;
    return { func: emitted.func, call, words, entered: 0, isNested: false, adapter, code, isGone: false };
  }

  /** Code of which the running instance's memory is a part, and whose it is. */
  private readonly boundCode = new Map<Code, { readonly index: number; readonly key: string }>();

  /** That memory has been replaced, or has gone: so does the code, and what is called again is compiled anew at once. */
  private dropBound(): void {
    for (const [code, { index, key }] of this.boundCode) {
      this.budget.discard(code);
      code.drop();
      this.compilations.set(key, this.compilations.get(key)! - 1);
      this.counts[index] = Math.min(0xffff, this.settings.threshold);
    }
    this.boundCode.clear();
  }

  /** Counts what has been compiled, and lets others go for it. */
  private keep(index: number, loopOffset: number, id: number, call: JsFunction, bytes: number): Code {
    const isLoop = loopOffset >= 0;
    const code: Code = {
      bytes,
      used: 0,
      drop: () => {
        // Frames of it may wait for a host function.
        if (innermost === null) this.functions[id] = null;
        else this.dropped.push(id);
        this.boundCode.delete(code);
        const entry = isLoop ? this.loops.of(index).get(loopOffset) : this.entries.get(index);
        if (entry) entry.isGone = true;
        if (isLoop) {
          this.loops.of(index).set(loopOffset, undefined);
          return;
        }
        this.entries.delete(index);
        this.counts[index] = 0;
        this.scope!.evaluate(`${functionName(this.context.module, index)} = FS[${index}] = ABSENT(${index});`);
      },
      ask: () => {
        if (isLoop) return;
        const calledAs = (func: JsFunction) => {
          this.scope!.functions[index] = func;
          this.scope!.evaluate(`${functionName(this.context.module, index)} = FS[${index}];`);
        };
        calledAs((...args) => {
          calledAs(call);
          this.budget.use(code);
          return call(...args);
        });
      },
    };
    this.budget.keep(code);
    return code;
  }

  /** Numbers of functions that have gone while code ran. */
  private dropped: number[] = [];

  private makeScope(): CodeScope {
    if (this.scope === null) {
      const { length } = this.context.module.bodies;
      this.scope = new CodeScope(
        growingScope(length <= MOST_NAMED ? length : 0),
        this.context,
        this.settings.stress ?? (() => false),
        () => this.dropBound(),
      );
      this.adapters = new Adapters(this.scope);
    }
    return this.scope;
  }
}
