// The scope that a module's compiled functions live in, and what of the running instance they see. There is one of it
// for each module and fuel schedule, whatever instances there are: views, globals and table change when it is entered.
import { BULK_ARRAY_NEW, bytesPerUnit, extraCost } from "../fuel-schedule.js";
import { isOfType } from "../interpreter/heap-access.js";
import type { ModuleContext } from "../lowering/module-context.js";
import * as numerics from "../numerics/scalar.js";
import * as vectors from "../numerics/simd.js";
import { ArrayInst, StructInst } from "../store/heap.js";
import type { ModuleInstance } from "../store/module-instance.js";
import type { Ref } from "../store/refs.js";
import { UNTAKEN } from "../store/table-origin.js";
import { type Binding, bindingOf, isCurrent, NOTHING, showsMemory, type Views } from "./binding.js";
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
  begin(fuel: number, depth: number): void;
  fuel(): number;
  hasLeft(): boolean;
  hasRefused(): boolean;
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

export class CodeScope {
  /** By defined function: what calls it, compiled or not; a hole where nobody has named it yet. */
  readonly functions: (JsFunction | undefined)[] = [];
  /** Triples, innermost first: number of the function, site, variables. */
  readonly left: (number | readonly Ref[])[] = [];
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
    const { functions, left } = this;
    this.scope = make({
      ...heap,
      functions,
      left,
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

  begin(fuel: number, depth: number): void {
    this.scope.begin(fuel, depth);
  }
  /** What is left of the fuel. */
  get fuel(): number {
    return this.scope.fuel();
  }
  get hasLeft(): boolean {
    return this.scope.hasLeft();
  }
  /** Whether a loop could not be entered, and nothing has happened. */
  get hasRefused(): boolean {
    return this.scope.hasRefused();
  }

  /** Lets go of the instance that was bound last. */
  forget(): void {
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
