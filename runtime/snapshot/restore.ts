// Puts an image into a store.
import { isRef } from "../../decoder/index.js";
import { UsageError } from "../errors.js";
import { Execution } from "../interpreter/execution.js";
import { hashOf } from "../module-hash.js";
import type { GlobalInst } from "../store/global.js";
import type { MemoryInst } from "../store/memory.js";
import type { MemoryImage } from "../store/memory-image.js";
import type { ModuleInstance } from "../store/module-instance.js";
import type { Ref } from "../store/refs.js";
import type { TableInst } from "../store/table.js";
import { slotsOf } from "../values.js";
import { type HostRefCodec, RefReader } from "./graph.js";
import type { GlobalImage, InstanceImage, RefCode, StoreImage } from "./image.js";
import { Inventory, type SnapshotSubject } from "./inventory.js";
import { restoreExecution } from "./restore-execution.js";
import { damaged, SnapshotError } from "./snapshot-error.js";

export interface RestoreOptions {
  /** Needed if values of the host's (externrefs) are in a snapshot that was read from bytes. */
  readonly hostRefs?: HostRefCodec | null;
  /**
   * Whether the modules of the store are compared with those of the snapshot, by their hashes; true
   * by default. An embedder who knows that they are the same, because it ships them together, saves
   * the time that hashing takes.
   */
  readonly checkModules?: boolean;
}

/**
 * Makes a store what an image shows. The store has instances of the same modules, linked with each
 * other in the same way; what they hold, and whether their start functions have run, does not
 * matter. It may be the very store that the image was taken of. Paused executions of the store are
 * abandoned, and arrays and views of its memories are stale. What the host holds (Store.hold) stays
 * held, and the store's clock goes on: both are the host's.
 * @returns the paused execution of the image, if there is one: its run() goes on
 * @throws SnapshotError if the image does not fit the store, or is not one that a capture makes; then
 *   nothing has changed
 * @throws UsageError if an execution of the store is running
 */
export function restoreStore(
  image: StoreImage,
  subject: SnapshotSubject,
  options: RestoreOptions = {},
): Execution | null {
  const { store } = subject;
  const inventory = new Inventory(subject);
  checkShape(image, inventory, options.checkModules ?? true);
  const refs = new RefReader(inventory, image.refs, options.hostRefs ?? null);
  // Everything is checked, and a step is made of it, before the first step is taken.
  const steps: (() => void)[] = [];
  let memoryBytes = 0;
  inventory.memories.forEach((memory, i) => {
    const picture = image.memories[i]!;
    checkMemory(memory, picture);
    memoryBytes += picture.byteLength;
    steps.push(() => memory.become(picture));
  });
  let tableElements = 0;
  inventory.tables.forEach((table, i) => {
    tableElements += image.tables[i]!.length;
    steps.push(restoreTable(table, image.tables[i]!, refs));
  });
  inventory.globals.forEach((global, i) => {
    steps.push(restoreGlobal(global, image.globals[i]!, refs));
  });
  inventory.instances.forEach((instance, i) => {
    steps.push(restoreSegments(instance, image.instances[i]!, refs));
  });
  const { accounts } = image;
  if (accounts.memoryBytes !== memoryBytes || accounts.tableElements !== tableElements) damaged("sums that are wrong");
  if (accounts.peakMemoryBytes < memoryBytes || accounts.gcHeapBytes < Math.max(refs.heapBytes, accounts.gcLiveBytes))
    damaged("sums that are wrong");
  requireFits("linear memory", accounts.memoryBytes, store.limits.memoryBytes);
  requireFits("table elements", accounts.tableElements, store.limits.tableElements);
  requireFits("GC heap", accounts.gcHeapBytes, store.limits.gcHeapBytes);
  const makeExecution = image.execution === null ? null : restoreExecution(image.execution, inventory, refs);
  const others = [...store.roots].filter((root) => root instanceof Execution);
  if (others.some((other) => other.isRunning)) throw new UsageError("an execution of the store is running");
  for (const other of others) other.abandon();
  const execution = makeExecution === null ? null : makeExecution();
  for (const step of steps) step();
  Object.assign(store, accounts);
  return execution;
}

function mismatch(message: string): never {
  throw new SnapshotError("mismatch", message);
}

function requireFits(what: string, needed: number, limit: number): void {
  if (needed > limit)
    throw new SnapshotError("limit", `${what}: the snapshot needs ${needed}, the store allows ${limit}`);
}

/** The modules, and how they are linked, are those of the image. */
function checkShape(image: StoreImage, inventory: Inventory, checkModules: boolean): void {
  const { store, instances, memories, tables, globals } = inventory;
  const schedule = store.engine.schedule.name;
  if (image.schedule !== schedule)
    mismatch(`the snapshot's fuel schedule is ${image.schedule}, the engine's is ${schedule}`);
  if (image.instances.length !== instances.length) {
    mismatch(`the snapshot has ${image.instances.length} instances, the store has ${instances.length}`);
  }
  image.instances.forEach((saved, i) => {
    const { module } = instances[i]!;
    if (saved.module === module || !checkModules) return;
    const hash = hashOf(saved.module);
    if (hashOf(module).some((byte, at) => byte !== hash[at])) mismatch(`instance ${i} is of another module`);
  });
  if (!sameList(image.names, inventory.names)) mismatch("the snapshot was made with other names in `externs`");
  if (!sameList(image.shape, inventory.shape)) mismatch("the snapshot's instances are linked in another way");
  const counts = [image.memories.length, image.tables.length, image.globals.length];
  if (!sameList(counts, [memories.length, tables.length, globals.length])) damaged("objects that no instance has");
  if (store.instanceCount !== instances.length) mismatch("the store has other instances");
}

function sameList<T>(a: readonly T[], b: readonly T[]): boolean {
  return a.length === b.length && a.every((item, i) => item === b[i]);
}

function checkMemory(memory: MemoryInst, { byteLength }: MemoryImage): void {
  const pages = byteLength / 2 ** memory.type.pageSizeLog2;
  if (!Number.isSafeInteger(pages) || pages < memory.type.limits.min || pages > memory.maxPages) {
    damaged("a memory of a size that it cannot have");
  }
}

function restoreTable(table: TableInst, codes: readonly RefCode[], refs: RefReader): () => void {
  const { limits, element } = table.type;
  if (codes.length < limits.min || codes.length > (limits.max ?? Number.POSITIVE_INFINITY)) {
    damaged("a table of a size that it cannot have");
  }
  const elements = codes.map((code) => refs.ref(code, element));
  return () => {
    // The array stays the same, see TableInst.
    table.elements.length = elements.length;
    for (let i = 0; i < elements.length; i++) table.elements[i] = elements[i]!;
  };
}

function restoreGlobal(global: GlobalInst, { words, ref }: GlobalImage, refs: RefReader): () => void {
  const { type, cells, slot } = global;
  const reference = isRef(type.type);
  if (words.length !== (reference ? 0 : slotsOf(type.type) * 2)) damaged("a global of a wrong size");
  const restored: Ref = reference ? refs.ref(ref, type.type) : null;
  return () => {
    cells.set(words, slot * 2);
    if (reference) global.refs[slot] = restored;
  };
}

function restoreSegments(instance: ModuleInstance, image: InstanceImage, refs: RefReader): () => void {
  const { module } = instance;
  if (image.elems.length !== module.elems.length || image.datas.length !== module.datas.length)
    damaged("other segments");
  const elems = image.elems.map((codes, i) => {
    const segment = module.elems[i]!;
    if (codes === null) return null;
    if (codes === "module") return segment.funcs === null ? damaged("a segment without elements") : codes;
    if (codes.length !== segment.exprs?.length) damaged("a segment of a wrong length");
    return codes.map((code) => refs.ref(code, segment.type));
  });
  return () => {
    elems.forEach((elements, i) => {
      instance.elems[i] = elements;
    });
    image.datas.forEach((kept, i) => {
      const { start, end } = module.datas[i]!;
      instance.datas[i] = kept ? module.bytes.subarray(start, end) : null;
    });
  };
}
