import type { DecodedModule } from "../../decoder/index.js";
import type { RegisterCode } from "../register-code/register-code.js";
import type { FuncInst } from "./func.js";
import type { GlobalInst } from "./global.js";
import type { RootSource, VisitRef } from "./heap-trace.js";
import type { MemoryInst } from "./memory.js";
import type { Ref } from "./refs.js";
import type { Store } from "./store.js";
import type { TableInst } from "./table.js";
import type { TagInst } from "./tag.js";

export type ExternInst = FuncInst | TableInst | MemoryInst | GlobalInst | TagInst;

/** A module instance, spec 4.2.5. Index spaces start with the imports. */
export class ModuleInstance implements RootSource {
  readonly funcs: FuncInst[] = [];
  readonly tables: TableInst[] = [];
  readonly memories: MemoryInst[] = [];
  readonly globals: GlobalInst[] = [];
  readonly tags: TagInst[] = [];
  /** Element segments as references; null once dropped. */
  readonly elems: (readonly Ref[] | null)[] = [];
  /** Data segments; null once dropped. */
  readonly datas: (Uint8Array | null)[] = [];
  readonly exports = new Map<string, ExternInst>();
  /** Cells of the *defined* globals, two words per slot, in index order (v128 takes two slots). */
  readonly globalCells: Int32Array;
  /** References of the defined globals, under the same slot numbers. */
  readonly globalRefs: Ref[];

  /** Word in `globalCells` of Emscripten's stack pointer; set where the instance has `invoke_*` imports. */
  stackPointerWord = 0;
  /** Emscripten's `setThrew`, for the same instances. */
  setThrew: FuncInst | null = null;

  constructor(
    readonly module: DecodedModule,
    readonly store: Store,
    readonly code: RegisterCode,
    globalSlots: number,
  ) {
    this.globalCells = new Int32Array(new ArrayBuffer(Math.max(globalSlots, 16) * 8));
    this.globalRefs = new Array<Ref>(globalSlots).fill(null);
  }

  /** Of its own globals and its element segments; its tables are roots by themselves. */
  visitRoots(visit: VisitRef): void {
    this.globalRefs.forEach(visit);
    for (const elem of this.elems) elem?.forEach(visit);
  }
}
