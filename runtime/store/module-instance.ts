import type { DecodedModule } from "../../decoder/index.js";
import type { RegisterCode } from "../register-code/register-code.js";
import { ExportMap } from "./export-map.js";
import { FuncInst } from "./func.js";
import type { GlobalInst } from "./global.js";
import type { RootSource, VisitRef, VisitRefs } from "./heap-trace.js";
import type { MemoryInst } from "./memory.js";
import type { Ref } from "./refs.js";
import type { StoreState } from "./store-state.js";
import type { TableInst } from "./table.js";
import type { TagInst } from "./tag.js";

export type ExternInst = FuncInst | TableInst | MemoryInst | GlobalInst | TagInst;

/** A module instance, spec 4.2.5. Index spaces start with the imports. */
export class ModuleInstance implements RootSource {
  /** Imported functions; the others are made when they are taken: see {@link func}. */
  readonly importedFuncs: FuncInst[] = [];
  /** funcidx → the defined functions that were taken: a module has a million of them, and a program takes few. */
  private readonly takenFuncs = new Map<number, FuncInst>();
  readonly tables: TableInst[] = [];
  readonly memories: MemoryInst[] = [];
  readonly globals: GlobalInst[] = [];
  readonly tags: TagInst[] = [];
  /** Element segments as references, or "module": functions, as the module's segment lists them; null once dropped. */
  readonly elems: (readonly Ref[] | "module" | null)[] = [];
  /** Per data segment: 1 once dropped. A byte each: large modules have thousands. */
  readonly droppedDatas: Uint8Array;
  readonly exports: ReadonlyMap<string, ExternInst>;
  /** Cells of the *defined* globals, two words per slot, in index order (v128 takes two slots). */
  readonly globalCells: Int32Array;
  /** References of the defined globals, under the same slot numbers. */
  readonly globalRefs: Ref[];

  /** Word in `globalCells` of Emscripten's stack pointer; set where the instance has `invoke_*` imports. */
  stackPointerWord = 0;
  /** What longjmp calls in the place of the `invoke_*` that it ends: the export `setThrew`, where there are any. */
  setThrew: FuncInst | null = null;

  constructor(
    readonly module: DecodedModule,
    readonly store: StoreState,
    readonly code: RegisterCode,
    globalSlots: number,
  ) {
    this.droppedDatas = new Uint8Array(module.dataCount);
    this.globalCells = new Int32Array(new ArrayBuffer(Math.max(globalSlots, 16) * 8));
    this.globalRefs = new Array<Ref>(globalSlots).fill(null);
    this.exports = new ExportMap(this);
  }

  /** The function instance of a funcidx of the module, always the same one. */
  func(funcidx: number): FuncInst {
    const { importedFuncCount, funcs, registry } = this.module;
    if (funcidx < importedFuncCount) return this.importedFuncs[funcidx]!;
    let func = this.takenFuncs.get(funcidx);
    if (func === undefined) {
      const typeId = funcs[funcidx]!;
      func = new FuncInst(registry.funcType(typeId), typeId, this, funcidx - importedFuncCount, null);
      this.takenFuncs.set(funcidx, func);
    }
    return func;
  }

  /** How many defined functions were taken. */
  get takenFuncCount(): number {
    return this.takenFuncs.size;
  }

  /** Length of an element segment; 0 once dropped. */
  elemLength(elemidx: number): number {
    const elem = this.elems[elemidx]!;
    return elem === "module" ? this.module.elems[elemidx]!.funcs!.length : (elem?.length ?? 0);
  }

  /** Element segments of the module's that instructions took whole. */
  private readonly wholeElems = new Map<number, readonly Ref[]>();

  /** The elements `[from, from + n)` of an element segment, which it has. */
  elemRefs(elemidx: number, from: number, n: number): readonly Ref[] {
    const elem = this.elems[elemidx]!;
    if (elem !== "module") return elem?.slice(from, from + n) ?? [];
    const { funcs } = this.module.elems[elemidx]!;
    const refs: Ref[] = [];
    for (let i = from; i < from + n; i++) refs.push(this.func(funcs![i]!));
    return refs;
  }

  /** As {@link elemRefs}, for instructions, which may ask again: looking each function up takes 10 ns. */
  elemRefsAgain(elemidx: number, from: number, n: number): readonly Ref[] {
    if (this.elems[elemidx] !== "module") return this.elemRefs(elemidx, from, n);
    const whole = this.wholeElems.get(elemidx);
    if (whole !== undefined) return n === whole.length ? whole : whole.slice(from, from + n);
    const refs = this.elemRefs(elemidx, from, n);
    if (n === this.elemLength(elemidx)) this.wholeElems.set(elemidx, refs);
    return refs;
  }

  /** The bytes of a data segment, not a copy; none once dropped. */
  dataBytes(dataidx: number): Uint8Array {
    if (this.droppedDatas[dataidx] !== 0) return NO_BYTES;
    const { start, end } = this.module.datas[dataidx]!;
    return this.module.content.range(start, end);
  }

  /** Of its own globals and its element segments; its tables are roots by themselves. */
  visitRoots(_: VisitRef, visitAll: VisitRefs): void {
    visitAll(this.globalRefs);
    for (const elem of this.elems) if (elem !== "module" && elem !== null) visitAll(elem);
  }
}

const NO_BYTES = new Uint8Array(0);
