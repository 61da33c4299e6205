// Which proposals a module makes use of.

import { InstructionReader } from "./instructions.js";
import type { DecodedModule } from "./module.js";
import { type Feature, OP, OPCODE_ROWS } from "./opcodes.js";
import {
  type CompType,
  FUNCREF,
  HEAP_EXN,
  HEAP_EXTERN,
  HEAP_FUNC,
  HEAP_NOEXN,
  heapTypeOf,
  isNullable,
  isRef,
  refType,
  V128,
  type ValType,
} from "./types.js";

/** Arithmetic that the extended-const proposal allows in constant expressions. */
const EXTENDED_CONST: ReadonlySet<number> = new Set(
  (["i32.add", "i32.sub", "i32.mul", "i64.add", "i64.sub", "i64.mul"] as const).map((name) => OP[name]),
);

/** The features that a valid module uses; "mvp" is among them if it has any code. */
export function featuresOf(module: DecodedModule): ReadonlySet<Feature> {
  return new Set(featureUses(module).keys());
}

/** The features that a valid module uses, each with the offset of a first instruction, 0 for a declaration. */
export function featureUses(module: DecodedModule): ReadonlyMap<Feature, number> {
  const scan = new FeatureScan(module);
  scan.declarations();
  scan.code();
  return scan.uses;
}

class FeatureScan {
  readonly uses = new Map<Feature, number>();

  private readonly reader: InstructionReader;

  constructor(private readonly module: DecodedModule) {
    this.reader = new InstructionReader(module.bytes, module.types);
  }

  private note(feature: Feature, offset = 0): void {
    if (!this.uses.has(feature)) this.uses.set(feature, offset);
  }

  declarations(): void {
    const { module } = this;
    const { registry } = module;
    for (const id of module.types) {
      const { comp, final, supertype } = registry.get(id);
      if (!final || supertype >= 0 || registry.groupOf(id).count > 1) this.note("gc");
      this.comp(comp);
    }
    if (module.tables.length > 1) this.note("reference-types");
    for (const table of module.tables) {
      if (table.is64) this.note("memory64");
      if (table.element !== FUNCREF) this.valType(table.element);
    }
    if (module.tableInits.some((init) => init !== null)) this.note("typed-references");
    if (module.memories.length > 1) this.note("multi-memory");
    for (const memory of module.memories) {
      if (memory.is64) this.note("memory64");
      if (memory.shared) this.note("threads");
      if (memory.pageSizeLog2 !== 16) this.note("custom-page-sizes");
    }
    for (const global of module.globals) this.valType(global.type);
    if (module.tags.length > 0) this.note("exceptions");
    const movesMutable = (kind: string, globalidx: number): boolean =>
      kind === "global" && module.globals[globalidx]!.mutable;
    if (
      module.imports.some((entry) => entry.kind === "global" && entry.type.mutable) ||
      module.exports.some((entry) => movesMutable(entry.kind, entry.index))
    ) {
      this.note("mutable-globals");
    }
    for (const elem of module.elems) {
      if (elem.mode !== "active") this.note(elem.mode === "passive" ? "bulk-memory" : "reference-types");
      else if (elem.tableidx > 0) this.note("reference-types");
      if (elem.exprs !== null) this.note("bulk-memory");
    }
    if (module.datas.some((data) => data.mode === "passive")) this.note("bulk-memory");
  }

  private comp(comp: CompType): void {
    if (comp.kind === "func") {
      if (comp.results.length > 1) this.note("multi-value");
      for (const type of comp.params) this.valType(type);
      for (const type of comp.results) this.valType(type);
      return;
    }
    this.note("gc");
    if (comp.kind === "array") this.valType(comp.element.storage);
    else for (const field of comp.fields) this.valType(field.storage);
  }

  private valType(type: ValType, offset = 0): void {
    if (type === V128) this.note("simd", offset);
    if (!isRef(type)) return;
    const heap = heapTypeOf(type);
    if (heap >= 0 || !isNullable(type)) this.note("typed-references", offset);
    if (heap < 0) this.heapType(heap, offset);
  }

  private heapType(heap: number, offset: number): void {
    if (heap === HEAP_FUNC || heap === HEAP_EXTERN) this.note("reference-types", offset);
    else if (heap === HEAP_EXN || heap === HEAP_NOEXN) this.note("exceptions", offset);
    else this.note("gc", offset);
  }

  code(): void {
    const { module } = this;
    for (const body of module.bodies) {
      for (let i = 1; i < body.locals.length; i += 2) this.valType(body.locals[i]!);
      this.range(body, false);
    }
    for (const init of module.globalInits) this.range(init, true);
    for (const init of module.tableInits) this.range(init, true);
    for (const elem of module.elems) {
      this.range(elem.offset, true);
      for (const expr of elem.exprs ?? []) this.range(expr, true);
    }
    for (const data of module.datas) this.range(data.offset, true);
  }

  private range(range: { readonly start: number; readonly end: number } | null, constant: boolean): void {
    if (range === null) return;
    const { module, reader } = this;
    reader.begin(range);
    while (reader.offset < range.end) {
      reader.next();
      const { opcode, start } = reader;
      const { feature, immediate } = OPCODE_ROWS[opcode]!;
      this.note(feature, start);
      if (immediate === "block" || immediate === "try_table") {
        if (reader.blockTypeId >= 0) this.note("multi-value", start);
        else this.valType(reader.blockResult, start);
      } else if (immediate === "heap") this.valType(refType(reader.heapType, true), start);
      else if (immediate === "types") for (const type of reader.selectTypes) this.valType(type, start);
      if (constant && EXTENDED_CONST.has(opcode)) this.note("extended-const", start);
      else if (constant && opcode === OP["global.get"] && reader.index >= module.importedGlobalCount) {
        this.note("gc", start);
      }
    }
  }
}
