// Allocation and initialisation of an instance: spec 4.5.3 and 4.5.4.
import type { DecodedModule, ElemSegment } from "../../decoder/index.js";
import { Crash, LinkError, Trap } from "../errors.js";
import { writeRaw } from "../store/convert.js";
import { FuncInst } from "../store/func.js";
import { GlobalInst } from "../store/global.js";
import { holdsHeapObjects } from "../store/heap-trace.js";
import { MemoryInst } from "../store/memory.js";
import type { ExternInst, ModuleInstance } from "../store/module-instance.js";
import type { RawValue, Ref } from "../store/refs.js";
import { TableInst } from "../store/table.js";
import { TagInst } from "../store/tag.js";
import { slotsOf } from "../values.js";
import { ConstEvaluator } from "./const-expr.js";
import { checkImport } from "./imports.js";
import { Instance } from "./instance.js";
import type { ExprMeter } from "./instantiation-price.js";
import type { Module } from "./module.js";
import type { Store } from "./store.js";

/**
 * Allocates an instance, without running its segments and its start function. Nothing is
 * charged to the store unless all of it fits.
 * @param imports one for each import of the module, in order
 * @param meter is told of what initialisers do
 * @throws LinkError if an import does not match; MemoryLimitExceeded
 */
export function allocateInstance(
  store: Store,
  module: Module,
  imports: readonly ExternInst[],
  meter: ExprMeter | null,
): Instance {
  const { decoded } = module;
  if (imports.length !== decoded.imports.length) {
    throw new LinkError(`found ${imports.length} imports, expected ${decoded.imports.length}`);
  }
  decoded.imports.forEach((entry, i) => {
    checkImport(store, entry, imports[i]!);
  });
  admit(store, decoded);
  const instance = new Instance(decoded, store, module.code, definedGlobalSlots(decoded));
  for (const extern of imports) addImport(instance, extern);
  // Before the memories, so that an initial value that fails leaves nothing allocated.
  const tableInits = evaluateInits(instance, decoded, meter);
  decoded.memories.slice(decoded.importedMemoryCount).forEach((type) => {
    instance.memories.push(new MemoryInst(type, store));
  });
  decoded.tables.slice(decoded.importedTableCount).forEach((type, i) => {
    instance.tables.push(new TableInst(type, store, tableInits[i]!));
  });
  for (const typeId of decoded.tags.slice(decoded.importedTagCount)) {
    instance.tags.push(new TagInst(typeId, store.registry.funcType(typeId)));
  }
  store.instanceCount++;
  if (holdsObjects(decoded)) store.addRoot(instance);
  return instance;
}

/** Gives globals and element segments their values; returns those of the tables. */
function evaluateInits(instance: Instance, decoded: DecodedModule, meter: ExprMeter | null): Ref[] {
  const { store } = instance;
  const evaluator = new ConstEvaluator(instance, meter);
  store.keepRoot(evaluator);
  try {
    addGlobals(instance, decoded, evaluator);
    const { kept } = evaluator;
    for (const init of decoded.tableInits) kept.push(init === null ? null : (evaluator.evaluate(init) as Ref));
    for (const segment of decoded.elems) addElements(instance, segment, evaluator);
    return kept;
  } finally {
    store.deleteRoot(evaluator);
  }
}

/** Whether an instance itself can keep objects of the heap alive. */
function holdsObjects({ registry, globals, importedGlobalCount, elems }: DecodedModule): boolean {
  return (
    globals.slice(importedGlobalCount).some(({ type }) => holdsHeapObjects(registry, type)) ||
    elems.some(({ type }) => holdsHeapObjects(registry, type))
  );
}

function admit(store: Store, module: DecodedModule): void {
  store.admitInstance();
  const memories = module.memories.slice(module.importedMemoryCount);
  const tables = module.tables.slice(module.importedTableCount);
  let bytes = 0;
  for (const { limits, pageSizeLog2 } of memories) bytes += limits.min * 2 ** pageSizeLog2;
  let elements = 0;
  for (const { limits } of tables) elements += limits.min;
  store.admitMemory(bytes, memories.length);
  store.admitTable(elements, tables.length);
}

function definedGlobalSlots(module: DecodedModule): number {
  let slots = 0;
  for (let i = module.importedGlobalCount; i < module.globals.length; i++) slots += slotsOf(module.globals[i]!.type);
  return slots;
}

function addImport(instance: ModuleInstance, extern: ExternInst): void {
  if (extern instanceof FuncInst) instance.importedFuncs.push(extern);
  else if (extern instanceof TableInst) instance.tables.push(extern);
  else if (extern instanceof MemoryInst) instance.memories.push(extern);
  else if (extern instanceof GlobalInst) instance.globals.push(extern);
  else instance.tags.push(extern);
}

function addGlobals(instance: Instance, module: DecodedModule, evaluator: ConstEvaluator): void {
  const { globalCells, globalRefs, store } = instance;
  let slot = 0;
  for (let i = module.importedGlobalCount; i < module.globals.length; i++) {
    const type = module.globals[i]!;
    const value: RawValue = evaluator.evaluate(module.globalInits[i - module.importedGlobalCount]!);
    writeRaw(globalCells, globalRefs, slot, type.type, value, store);
    instance.globals.push(new GlobalInst(type, store, globalCells, globalRefs, slot));
    slot += slotsOf(type.type);
  }
}

function addElements(instance: ModuleInstance, segment: ElemSegment, evaluator: ConstEvaluator): void {
  if (segment.funcs !== null) {
    instance.elems.push("module");
    return;
  }
  const elements: Ref[] = [];
  // In its place before it is complete: a trace of the heap must find what is there already.
  instance.elems.push(elements);
  if (segment.exprs === null) throw new Crash("an element segment without elements");
  for (const expr of segment.exprs) elements.push(evaluator.evaluate(expr) as Ref);
}

/**
 * Copies the active segments in order, element segments first, and drops them with the
 * declarative ones. A segment that does not fit writes nothing; those before it stay written.
 * @throws Trap
 */
export function runActiveSegments(instance: Instance): void {
  const { elems, datas } = instance.module;
  const evaluator = new ConstEvaluator(instance);
  elems.forEach(({ mode, tableidx, offset }, i) => {
    if (offset !== null) copyElements(instance, tableidx, evaluator.evaluateAddress(offset), i);
    if (mode !== "passive") instance.elems[i] = null;
  });
  datas.forEach(({ mode, memidx, offset }, i) => {
    if (offset !== null) copyData(instance, memidx, evaluator.evaluateAddress(offset), instance.dataBytes(i));
    if (mode !== "passive") instance.droppedDatas[i] = 1;
  });
}

function copyElements(instance: ModuleInstance, tableidx: number, offset: number, elemidx: number): void {
  const table = instance.tables[tableidx]!;
  const length = instance.elemLength(elemidx);
  if (offset + length > table.length) throw new Trap("out of bounds table access");
  const { funcs } = instance.module.elems[elemidx]!;
  if (instance.elems[elemidx] === "module" && table.beginWith(instance, offset, funcs!)) return;
  const elements = instance.elemRefs(elemidx, 0, length);
  for (let i = 0; i < elements.length; i++) table.elements[offset + i] = elements[i]!;
}

function copyData(instance: ModuleInstance, memidx: number, offset: number, bytes: Uint8Array): void {
  const memory = instance.memories[memidx]!;
  if (offset + bytes.length > memory.byteLength) throw new Trap("out of bounds memory access");
  memory.write(offset, bytes);
}
