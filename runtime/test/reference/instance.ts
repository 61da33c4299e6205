// A module instantiated in the reference stepper (spec 4.7.2), and how to call it.

import type { ConstExpr, DecodedModule } from "../../../decoder/module.js";
import { OP } from "../../../decoder/opcodes.js";
import { isRef, type ValType } from "../../../decoder/types.js";
import { NUMERIC } from "../../../proof/check-step/numeric.js";
import { decodeCode, type Instruction } from "./code.js";
import { Frame, Machine, type Meter, type Stop } from "./machine.js";
import {
  ExceptionError,
  type ExnRef,
  type FuncRef,
  type Operand,
  OutOfFuelError,
  type Reference,
  ReferenceGlobal,
  type ReferenceHostFunction,
  ReferenceMemory,
  ReferenceTable,
  ReferenceTag,
  TrapError,
} from "./operands.js";
import type { Schedule } from "./price.js";

export type ImportValue =
  | ReferenceHostFunction
  | FuncRef
  | ReferenceMemory
  | ReferenceTable
  | ReferenceGlobal
  | ReferenceTag;
export type Imports = Readonly<Record<string, Readonly<Record<string, ImportValue>>>>;

export interface Options {
  readonly schedule?: Schedule;
  /** Frames before "call stack exhausted". */
  readonly maxFrames?: number;
  /** Cap on the bytes of each memory; growth past it gives -1. */
  readonly maxMemoryBytes?: number;
  /** Cap on the elements of each table; growth past it gives -1. */
  readonly maxTableElements?: number;
}
const DEFAULTS: Required<Options> = {
  schedule: "escapement-2",
  maxFrames: 10_000,
  maxMemoryBytes: 2 ** 30,
  maxTableElements: 10_000_000,
};

/** Where an instruction is: the function's index in its module, and the byte offset in the module. */
export interface Position {
  readonly funcidx: number;
  readonly offset: number;
}

interface Cost {
  /** Everything charged, function entries included. */
  readonly fuel: number;
  /** Instructions begun, free ones included. */
  readonly instructions: number;
}
/** `trace`: innermost frame first; the callers are at their calls. */
export type Outcome = Cost &
  (
    | { readonly kind: "results"; readonly results: readonly Operand[] }
    | {
        readonly kind: "trap";
        readonly trap: TrapError["trap"];
        readonly trace: readonly Position[];
      }
    | { readonly kind: "exception"; readonly exception: ExnRef }
    /** `trace[0]` is the instruction that could not be paid: it had no effect and cost nothing. */
    | { readonly kind: "out of fuel"; readonly trace: readonly Position[] }
  );

const CONSTANTS: ReadonlySet<number> = new Set([OP["i32.const"], OP["i64.const"], OP["f32.const"], OP["f64.const"]]);

export class ReferenceInstance {
  readonly funcs: FuncRef[] = [];
  readonly tables: ReferenceTable[] = [];
  readonly memories: ReferenceMemory[] = [];
  readonly globals: ReferenceGlobal[] = [];
  readonly tags: ReferenceTag[] = [];
  /** Segments; dropped ones are empty. */
  readonly elems: Reference[][] = [];
  readonly datas: Uint8Array[] = [];
  readonly exports = new Map<string, FuncRef | ReferenceTable | ReferenceMemory | ReferenceGlobal | ReferenceTag>();
  /** How the start function ended; undefined if there is none. */
  readonly started: Outcome | undefined;

  private readonly options: Required<Options>;
  private readonly meter: Meter = {
    stops: null,
    fuel: 0,
    instructions: 0,
    limit: Number.POSITIVE_INFINITY,
    frames: 0,
  };
  private readonly codes: (readonly Instruction[] | undefined)[] = [];

  /**
   * @param module a valid module
   * @throws TrapError if an active segment does not fit
   */
  constructor(
    readonly module: DecodedModule,
    imports: Imports = {},
    options: Options = {},
  ) {
    this.options = { ...DEFAULTS, ...options };
    this.resolveImports(imports);
    this.define();
    const byKind = {
      func: this.funcs,
      table: this.tables,
      memory: this.memories,
      global: this.globals,
      tag: this.tags,
    };
    for (const { name, kind, index } of module.exports) this.exports.set(name, byKind[kind][index]!);
    this.copySegments();
    this.started = module.start < 0 ? undefined : this.call(this.funcs[module.start]!, []);
  }

  /**
   * Calls an exported function with bits and references. A host function may call again; what
   * that costs counts in the outer call, whose limit holds for it.
   */
  invoke(name: string, args: readonly Operand[] = [], fuelLimit = Number.POSITIVE_INFINITY): Outcome {
    const func = this.exports.get(name);
    if (func === undefined || !("kind" in func)) throw new Error(`no exported function ${name}`);
    return this.call(func, args, fuelLimit);
  }

  /** As {@link invoke}, with every place where fuel can run out, in order. */
  invokeStopping(name: string, args: readonly Operand[], fuelLimit: number): { outcome: Outcome; stops: Stop[] } {
    const { meter } = this;
    const stops: Stop[] = [];
    const before = meter.fuel;
    meter.stops = stops;
    try {
      const outcome = this.invoke(name, args, fuelLimit);
      return { outcome, stops: stops.map((s) => ({ ...s, before: s.before - before, after: s.after - before })) };
    } finally {
      meter.stops = null;
    }
  }

  /** As {@link invoke}, for any function. */
  call(func: FuncRef, args: readonly Operand[], fuelLimit = Number.POSITIVE_INFINITY): Outcome {
    const { meter, options } = this;
    const before = { ...meter };
    meter.limit = Math.min(meter.limit, meter.fuel + fuelLimit);
    const machine = new Machine(meter, options.schedule, options.maxFrames);
    const cost = () => ({
      fuel: meter.fuel - before.fuel,
      instructions: meter.instructions - before.instructions,
    });
    try {
      const results = machine.run(func, args);
      return { kind: "results", results, ...cost() };
    } catch (error) {
      const trace = machine.trace();
      if (error instanceof TrapError) return { kind: "trap", trap: error.trap, trace, ...cost() };
      if (error instanceof OutOfFuelError) return { kind: "out of fuel", trace, ...cost() };
      if (error instanceof ExceptionError) return { kind: "exception", exception: error.exception, ...cost() };
      throw error;
    } finally {
      meter.limit = before.limit;
      meter.frames = before.frames;
    }
  }

  /** A frame for a defined function, its locals set. */
  frameOf(funcidx: number, args: readonly Operand[]): Frame {
    const { module } = this;
    const body = module.bodies.get(funcidx - module.importedFuncCount)!;
    this.codes[funcidx] ??= decodeCode(module, body.start, body.end);
    const locals: Operand[] = [...args];
    for (let i = 0; i < body.locals.length; i += 2) {
      for (let n = body.locals[i]!; n > 0; n--) locals.push(zero(body.locals[i + 1]!));
    }
    const { results } = module.registry.funcType(module.funcs[funcidx]!);
    return new Frame(this, funcidx, this.codes[funcidx]!, results.length, locals);
  }

  canGrowMemory(memidx: number, delta: bigint): boolean {
    const memory = this.memories[memidx]!;
    const pages = BigInt(memory.pages) + delta;
    const { is64, pageSizeLog2 } = this.module.memories[memidx]!;
    const declared = Math.min(memory.maxPages, is64 ? Number.POSITIVE_INFINITY : 2 ** (32 - pageSizeLog2));
    return pages <= declared && pages * 2n ** BigInt(pageSizeLog2) <= this.options.maxMemoryBytes;
  }

  canGrowTable(tableidx: number, delta: bigint): boolean {
    const table = this.tables[tableidx]!;
    const size = BigInt(table.elements.length) + delta;
    return size <= table.max && size <= this.options.maxTableElements;
  }

  private resolveImports(imports: Imports): void {
    for (const { module, name, ...entry } of this.module.imports) {
      const value = imports[module]?.[name];
      if (value === undefined) throw new Error(`missing import ${module}.${name}`);
      if (typeof value === "function") {
        if (entry.kind !== "func") throw new Error(`${module}.${name} is a ${entry.kind}, not a function`);
        this.funcs.push({ kind: "func", typeId: entry.typeId, body: { host: value } });
      } else if (value instanceof ReferenceTable) this.tables.push(value);
      else if (value instanceof ReferenceMemory) this.memories.push(value);
      else if (value instanceof ReferenceGlobal) this.globals.push(value);
      else if (value instanceof ReferenceTag) this.tags.push(value);
      else this.funcs.push(value);
    }
  }

  private define(): void {
    const { module } = this;
    for (let funcidx = module.importedFuncCount; funcidx < module.funcs.length; funcidx++) {
      this.funcs.push({ kind: "func", typeId: module.funcs[funcidx]!, body: { home: this, funcidx } });
    }
    for (const { limits, pageSizeLog2 } of module.memories.slice(module.importedMemoryCount)) {
      this.memories.push(new ReferenceMemory(limits.min, limits.max ?? Number.POSITIVE_INFINITY, pageSizeLog2));
    }
    for (const typeId of module.tags.slice(module.importedTagCount)) this.tags.push(new ReferenceTag(typeId));
    for (const init of module.globalInits) this.globals.push(new ReferenceGlobal(this.evaluate(init)));
    module.tables.slice(module.importedTableCount).forEach(({ limits }, i) => {
      const init = module.tableInits[i] ?? null;
      const element = init === null ? null : (this.evaluate(init) as Reference);
      this.tables.push(new ReferenceTable(limits.min, limits.max ?? Number.POSITIVE_INFINITY, element));
    });
    for (const { funcs, exprs } of module.elems) {
      this.elems.push(
        funcs === null
          ? exprs!.map((expr) => this.evaluate(expr) as Reference)
          : Array.from(funcs, (funcidx) => this.funcs[funcidx]!),
      );
    }
    for (const { start, end } of module.datas) this.datas.push(module.bytes.slice(start, end));
  }

  private copySegments(): void {
    this.module.elems.forEach(({ mode, offset, tableidx }, i) => {
      if (mode === "active") {
        const at = this.evaluate(offset!) as bigint;
        const { elements } = this.tables[tableidx]!;
        const items = this.elems[i]!;
        if (at + BigInt(items.length) > elements.length) throw new TrapError("out of bounds table access");
        items.forEach((item, j) => {
          elements[Number(at) + j] = item;
        });
      }
      if (mode !== "passive") this.elems[i] = [];
    });
    this.module.datas.forEach(({ mode, offset, memidx }, i) => {
      if (mode === "passive") return;
      const at = this.evaluate(offset!) as bigint;
      const { bytes } = this.memories[memidx]!;
      const data = this.datas[i]!;
      if (at + BigInt(data.length) > bytes.length) throw new TrapError("out of bounds memory access");
      bytes.set(data, Number(at));
      this.datas[i] = new Uint8Array(0);
    });
  }

  /** A constant expression (spec 3.4.13). */
  private evaluate({ start, end }: ConstExpr): Operand {
    const stack: Operand[] = [];
    for (const { opcode, index, immediate } of decodeCode(this.module, start, end)) {
      const numeric = NUMERIC.get(opcode);
      if (opcode === OP["end"]) break;
      if (opcode === OP["global.get"]) stack.push(this.globals[index]!.value);
      else if (opcode === OP["ref.func"]) stack.push(this.funcs[index]!);
      else if (opcode === OP["ref.null"]) stack.push(null);
      else if (numeric !== undefined) {
        const [b, c] = stack.splice(-2) as [bigint, bigint];
        stack.push(numeric(b, c));
      } else if (CONSTANTS.has(opcode)) stack.push(immediate);
      else throw new Error(`the reference stepper does not know opcode ${opcode} in a constant expression`);
    }
    return stack[0]!;
  }
}

function zero(type: ValType): Operand {
  return isRef(type) ? null : 0n;
}
