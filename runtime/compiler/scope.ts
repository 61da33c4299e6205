// The scope that a module's compiled functions live in, and what of the running instance they see. There is one of it
// for each module and fuel schedule, whatever instances there are: views, globals and table change when it is entered.
import { BULK_ARRAY_NEW, BULK_MEMORY, extraCost } from "../fuel-schedule.js";
import { isOfType } from "../interpreter/heap-access.js";
import type { ModuleContext } from "../lowering/module-context.js";
import * as numerics from "../numerics/scalar.js";
import * as vectors from "../numerics/simd.js";
import { ArrayInst, StructInst } from "../store/heap.js";
import type { MemoryInst } from "../store/memory.js";
import type { ModuleInstance } from "../store/module-instance.js";
import type { Ref } from "../store/refs.js";
import { scopeText } from "./scope-text.js";

/** A compiled function: its arguments in parts (held.ts), then how deep it is. */
export type JsFunction = (...args: Ref[]) => Ref | undefined;

/** What compiled code names of an instance. */
interface Binding {
  readonly instance: ModuleInstance | null;
  readonly table: readonly Ref[];
  readonly invokes: readonly number[];
  readonly pages: number;
  readonly stackPointer: number;
  readonly i8: Int8Array;
  readonly u8: Uint8Array;
  readonly i16: Int16Array;
  readonly u16: Uint16Array;
  readonly i32: Int32Array;
  readonly f32: Float32Array;
  readonly f64: Float64Array;
  readonly data: DataView;
  readonly bytes: number;
  readonly globalRefs: readonly Ref[];
  readonly globals: Int32Array;
  readonly globals32: Float32Array;
  readonly globals64: Float64Array;
}

/** What the text of a scope (scope-text.ts) gives. */
export interface Scope {
  /** Of scopes that code is added to. */
  evaluate?(text: string): unknown;
  bind(binding: Binding): void;
  begin(fuel: number, depth: number): void;
  fuel(): number;
  hasLeft(): boolean;
  hasRefused(): boolean;
}

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
  readonly bulkPrice: (bytes: number) => number;
  readonly arrayPrice: (length: number, width: number) => number;
  readonly StructInst: typeof StructInst;
  readonly ArrayInst: typeof ArrayInst;
  readonly isOfType: typeof isOfType;
  /** Canonical ids of the module's types. */
  readonly types: readonly number[];
}

const NO_MEMORY = new ArrayBuffer(0);

export class CodeScope {
  /** By defined function: what calls it, compiled or not; a hole where nobody has named it yet. */
  readonly functions: (JsFunction | undefined)[] = [];
  /** Triples, innermost first: number of the function, site, variables. */
  readonly left: (number | readonly Ref[])[] = [];
  private readonly scope: Scope;
  private bound: Binding | null = null;

  /**
   * @param make makes the scope of what it names of the runtime
   * @param stress says whether to leave, where leaving is possible anyway
   */
  constructor(make: (parts: ScopeParts) => Scope, { schedule, module }: ModuleContext, stress: () => boolean) {
    const bulkPrice = (n: number) => extraCost(schedule, BULK_MEMORY, n, 1);
    const arrayPrice = (n: number, width: number) => extraCost(schedule, BULK_ARRAY_NEW, n >>> 0, width);
    const heap = { arrayPrice, StructInst, ArrayInst, isOfType };
    const { functions, left } = this;
    this.scope = make({ ...heap, functions, left, numerics, vectors, stress, bulkPrice, types: module.types });
  }

  evaluate(text: string): unknown {
    return this.scope.evaluate!(text);
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
    if (this.bound !== null && this.bound.instance === instance && isCurrent(this.bound, memory)) return;
    this.bound = makeBinding(instance, memory);
    this.scope.bind(this.bound);
  }
}

function isCurrent({ u8, pages }: Binding, memory: MemoryInst | undefined): boolean {
  if (memory === undefined) return true;
  return u8.buffer === memory.u8.buffer && u8.length === memory.reach && pages === (memory.pages | 0);
}

const NO_CELLS = new Int32Array(0);
const NOTHING = bindingOf(NO_MEMORY, 0, NO_CELLS, {
  instance: null,
  globalRefs: [],
  table: [],
  invokes: [],
  pages: 0,
  stackPointer: 0,
});

function makeBinding(instance: ModuleInstance, memory: MemoryInst | undefined): Binding {
  const buffer = memory === undefined ? NO_MEMORY : (memory.u8.buffer as ArrayBuffer);
  const bytes = memory === undefined ? 0 : memory.reach;
  return bindingOf(buffer, bytes, instance.globalCells, {
    instance,
    globalRefs: instance.globalRefs,
    table: instance.tables[0]?.elements ?? [],
    invokes: instance.importedFuncs.map(({ invokeTypeId }) => invokeTypeId),
    pages: memory === undefined ? 0 : memory.pages | 0,
    stackPointer: instance.stackPointerWord,
  });
}

type Plain = Pick<Binding, "instance" | "table" | "globalRefs" | "invokes" | "pages" | "stackPointer">;

function bindingOf(buffer: ArrayBuffer, bytes: number, globalCells: Int32Array, plain: Plain): Binding {
  return {
    ...plain,
    // They end where the interpreter's accesses do, whatever room for growth the buffer has.
    i8: new Int8Array(buffer, 0, bytes),
    u8: new Uint8Array(buffer, 0, bytes),
    i16: new Int16Array(buffer, 0, bytes >> 1),
    u16: new Uint16Array(buffer, 0, bytes >> 1),
    i32: new Int32Array(buffer, 0, bytes >> 2),
    f32: new Float32Array(buffer, 0, bytes >> 2),
    f64: new Float64Array(buffer, 0, bytes >> 3),
    data: new DataView(buffer, 0, bytes),
    bytes,
    globals: globalCells,
    globals32: new Float32Array(globalCells.buffer),
    globals64: new Float64Array(globalCells.buffer),
  };
}
