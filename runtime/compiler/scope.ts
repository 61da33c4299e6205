// The scope that a module's compiled functions live in, and what of the running instance they see. There is one of it
// for each module and fuel schedule, whatever instances there are: views, globals and table change when it is entered.
import { BULK_ARRAY_NEW, bytesPerUnit, extraCost } from "../fuel-schedule.js";
import { isOfType } from "../interpreter/heap-access.js";
import type { Thread } from "../interpreter/thread.js";
import type { ModuleContext } from "../lowering/module-context.js";
import * as numerics from "../numerics/scalar.js";
import * as vectors from "../numerics/simd.js";
import { ArrayInst, StructInst } from "../store/heap.js";
import type { ModuleInstance } from "../store/module-instance.js";
import type { Ref } from "../store/refs.js";
import { UNTAKEN } from "../store/table-origin.js";
import { type Binding, bindingOf, isCurrent, NOTHING, showsMemory, type Views } from "./binding.js";
import { HostCalls } from "./host-calls.js";
import { scopeText } from "./scope-text.js";

/** A compiled function: its arguments in parts (held.ts), then how deep it is. */
export type JsFunction = (...args: Ref[]) => Ref | undefined;

/** What the text of a scope (scope-text.ts) gives. */
export interface Scope {
  /** Of scopes that code is added to. */
  evaluate?(text: string): unknown;
  /** What evaluates texts in which the views and global cells of `binding` are constants. */
  around?(binding: Binding): (text: string) => unknown;
  bind(binding: Binding): void;
  run(adapter: AnyAdapter, func: JsFunction, depth: number, thread: Thread): number;
  release(): void;
  save(): unknown;
  restore(saved: unknown): void;
  fuel(): number;
}

/** Views are replaced that often before code is made that asks for them each time: a memory grows, or instances take turns. */
const MOST_REPLACED = 4;

let allowed: boolean | undefined;
/** Whether the host lets code be made of text. Asked once: a Content-Security-Policy may report each time. */
export function mayMakeCode(): boolean {
  if (allowed === undefined) {
    try {
      allowed = new Function("return 1")() === 1;
    } catch {
      allowed = false;
    }
  }
  return allowed;
}

/** A scope that code is added to. @param named defined functions that have a variable of their own */
export function growingScope(named: number): (parts: ScopeParts) => Scope {
  return new Function("S", scopeText(named)) as (parts: ScopeParts) => Scope;
}

/** What a scope's text finds in S. */
export interface ScopeParts {
  /** By imported function: what calls it; a hole where nobody has named it yet. */
  readonly hostFunctions: (JsFunction | undefined)[];
  readonly hosts: HostCalls;
  readonly functions: (JsFunction | undefined)[];
  readonly left: (number | readonly Ref[])[];
  readonly numerics: object;
  readonly vectors: object;
  readonly stress: () => boolean;
  /** Of bulk work in memories: see {@link bytesPerUnit}. */
  readonly bulkBytes: number;
  readonly arrayPrice: (length: number, width: number) => number;
  readonly StructInst: typeof StructInst;
  readonly ArrayInst: typeof ArrayInst;
  readonly isOfType: typeof isOfType;
  /** What stands in a table for a function that nobody has taken. */
  readonly untaken: Ref;
  /** Canonical ids of the module's types. */
  readonly types: readonly number[];
}

/** What calls it from the registers: adapters.ts. */
type AnyAdapter = (func: JsFunction, ...registers: never[]) => boolean;

interface SavedRun {
  readonly ran: Binding | null;
  readonly thread: Thread | null;
  readonly scope: unknown;
}

export class CodeScope {
  /** By defined function: what calls it, compiled or not; a hole where nobody has named it yet. */
  readonly functions: (JsFunction | undefined)[] = [];
  /** Triples, innermost first: number of the function, site, variables. */
  readonly left: (number | readonly Ref[])[] = [];
  readonly hostFunctions: (JsFunction | undefined)[] = [];
  readonly hosts = new HostCalls(this);
  private readonly scope: Scope;
  private bound: Binding | null = null;
  /**
   * Views that are constants of code that was made for them. They keep their memory: till another instance runs, it
   * hibernates, or the module goes.
   */
  private constants: { readonly views: Views; readonly evaluate: (text: string) => unknown } | null = null;
  /** How often such code has had to go since its views were replaced. Not because of sleep: they are the same again. */
  private replaced = 0;

  /**
   * @param make makes the scope of what it names of the runtime
   * @param stress says whether to leave, where leaving is possible anyway
   * @param whenStale no code that {@link evaluateBound} has made may run any more; none does
   */
  constructor(
    make: (parts: ScopeParts) => Scope,
    { schedule, module }: ModuleContext,
    stress: () => boolean,
    private readonly whenStale: () => void = () => {},
  ) {
    const arrayPrice = (n: number, width: number) => extraCost(schedule, BULK_ARRAY_NEW, n >>> 0, width);
    const heap = { arrayPrice, StructInst, ArrayInst, isOfType, untaken: UNTAKEN };
    const { functions, left, hostFunctions, hosts } = this;
    this.scope = make({
      ...heap,
      functions,
      left,
      hostFunctions,
      hosts,
      numerics,
      vectors,
      stress,
      bulkBytes: bytesPerUnit(schedule),
      types: module.types,
    });
  }

  evaluate(text: string): unknown {
    return this.scope.evaluate!(text);
  }

  /**
   * Evaluates code for the bound instance: views of memory and the cells of globals are constants in it, so that V8 has
   * their addresses and lengths in its instructions. Where they have been replaced often, they are variables as ever.
   * @returns whether the code is for these views alone, and goes when they do
   */
  evaluateBound(text: string): { readonly value: unknown; readonly isBound: boolean } {
    const { bound, scope } = this;
    if (bound === null || bound.instance === null || this.replaced >= MOST_REPLACED)
      return { value: this.evaluate(text), isBound: false };
    this.constants ??= { views: bound.views, evaluate: scope.around!(bound) };
    return { value: this.constants.evaluate(text), isBound: true };
  }

  /**
   * Runs the frame at the machine's `fp`, of the bound instance, for the fuel that the machine has.
   * @returns the fuel that is left where it has returned; RUN_LEFT; RUN_REFUSED where nothing has happened
   */
  run(adapter: AnyAdapter, func: JsFunction, depth: number, thread: Thread): number {
    this.ran = this.bound;
    this.hosts.thread = thread;
    return this.scope.run(adapter, func, depth, thread);
  }
  /** The binding of the run that is under way. */
  private ran: Binding | null = null;

  /** Of a run that waits for a host function, while another one runs. */
  save(): SavedRun {
    return { ran: this.ran, thread: this.hosts.thread, scope: this.scope.save() };
  }
  restore({ ran, thread, scope }: SavedRun): void {
    this.ran = ran;
    this.hosts.thread = thread;
    this.scope.restore(scope);
  }

  /**
   * Behind a call of the host by the run that is under way: whether its instance is what it was, bound anew if another
   * was meanwhile. If not, views of memory are old ones, and it has to leave.
   */
  keeps(): boolean {
    const { ran } = this;
    const { instance } = ran!;
    const memory = instance!.memories[0];
    if (!isCurrent(ran!, instance!, memory)) return false;
    if (this.bound !== ran) this.bind(instance!);
    // The host may have taken a picture of it.
    memory?.markAll();
    return true;
  }

  /** Fuel that was left when the last run left. */
  get fuelLeft(): number {
    return this.scope.fuel();
  }

  /** Lets go of the instance that was bound last, and of what has run unless it goes on. */
  forget(isRunning: boolean): void {
    if (!isRunning && this.ran !== null) {
      this.ran = null;
      this.hosts.thread = null;
      this.scope.release();
    }
    if (this.bound === null) return;
    this.bound = null;
    this.scope.bind(NOTHING);
  }

  /** Makes `instance` the running one, as it is now. */
  bind(instance: ModuleInstance): void {
    const memory = instance.memories[0];
    if (this.bound !== null && isCurrent(this.bound, instance, memory)) return;
    const constants = this.constants?.views;
    const isSame = constants !== undefined && showsMemory(constants, instance.globalCells, memory);
    this.bound = bindingOf(instance, memory, isSame ? constants : undefined);
    this.scope.bind(this.bound);
    if (constants === undefined || isSame) return;
    this.replaced++;
    this.letGo();
  }

  /** Lets go of the memory of the instance whose globals have these cells. */
  sleep(globalCells: Int32Array): void {
    if (this.constants?.views.globals === globalCells) this.letGo();
  }

  private letGo(): void {
    this.constants = null;
    this.whenStale();
  }
}
