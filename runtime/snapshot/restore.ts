// Puts a picture into a store.
import { isRef } from "../../decoder/index.js";
import { UsageError } from "../errors.js";
import { Execution } from "../interpreter/execution.js";
import { hashOf } from "../module-hash.js";
import type { GlobalInst } from "../store/global.js";
import type { MemoryInst } from "../store/memory.js";
import type { MemoryPicture } from "../store/memory-picture.js";
import type { ModuleInstance } from "../store/module-instance.js";
import type { Ref } from "../store/refs.js";
import type { TableInst } from "../store/table.js";
import { slotsOf } from "../values.js";
import { type HostRefCodec, RefReader } from "./graph.js";
import { Inventory, type SnapshotSubject } from "./inventory.js";
import {
  type GlobalPicture,
  type InstancePicture,
  type RefCode,
  requirePicture,
  type StorePicture,
} from "./picture.js";
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
 * Makes a store what a picture shows. The store has instances of the same modules, linked with each
 * other in the same way; what they hold, and whether their start functions have run, does not
 * matter. It may be the very store that the picture was taken of. Paused executions of the store are
 * abandoned, and arrays and views of its memories are stale. What the host holds (Store.hold) stays
 * held, and the store's clock goes on: both are the host's.
 * @returns the paused execution of the picture, if there is one: its run() goes on
 * @throws SnapshotError if the picture does not fit the store, or is not one that a capture makes; then
 *   nothing has changed
 * @throws UsageError if an execution of the store is running
 */
export function restoreStore(
  picture: StorePicture,
  subject: SnapshotSubject,
  options: RestoreOptions = {},
): Execution | null {
  const inventory = new Inventory(subject);
  requirePicture(picture);
  const { store } = subject;
  checkShape(picture, inventory, options.checkModules ?? true);
  const refs = new RefReader(inventory, picture.refs, options.hostRefs ?? null);
  // Everything is checked, and a step is made of it, before the first step is taken.
  const steps: (() => void)[] = [];
  let memoryBytes = 0;
  inventory.memories.forEach((memory, i) => {
    const content = picture.memories[i]!;
    checkMemory(memory, content);
    memoryBytes += content.byteLength;
    steps.push(() => memory.become(content));
  });
  let tableElements = 0;
  inventory.tables.forEach((table, i) => {
    tableElements += picture.tables[i]!.length;
    steps.push(restoreTable(table, picture.tables[i]!, refs));
  });
  inventory.globals.forEach((global, i) => {
    steps.push(restoreGlobal(global, picture.globals[i]!, refs));
  });
  inventory.instances.forEach((instance, i) => {
    steps.push(restoreSegments(instance, picture.instances[i]!, refs));
  });
  const { accounts } = picture;
  if (accounts.memoryBytes !== memoryBytes || accounts.tableElements !== tableElements) damaged("sums that are wrong");
  if (accounts.peakMemoryBytes < memoryBytes || accounts.gcHeapBytes < Math.max(refs.heapBytes, accounts.gcLiveBytes))
    damaged("sums that are wrong");
  requireFits("linear memory", accounts.memoryBytes, store.limits.memoryBytes);
  requireFits("table elements", accounts.tableElements, store.limits.tableElements);
  requireFits("GC heap", accounts.gcHeapBytes, store.limits.gcHeapBytes);
  const makeExecution = picture.execution === null ? null : restoreExecution(picture.execution, inventory, refs);
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

/** The modules, and how they are linked, are those of the picture. */
function checkShape(picture: StorePicture, inventory: Inventory, checkModules: boolean): void {
  const { store, instances, memories, tables, globals } = inventory;
  const schedule = store.engine.schedule.name;
  if (picture.schedule !== schedule)
    mismatch(`the snapshot's fuel schedule is ${picture.schedule}, the engine's is ${schedule}`);
  if (picture.instances.length !== instances.length) {
    mismatch(`the snapshot has ${picture.instances.length} instances, the store has ${instances.length}`);
  }
  picture.instances.forEach((saved, i) => {
    const { module } = instances[i]!;
    if (saved.module === module || !checkModules) return;
    const hash = hashOf(saved.module);
    if (hashOf(module).some((byte, at) => byte !== hash[at])) mismatch(`instance ${i} is of another module`);
  });
  if (!sameList(picture.names, inventory.names)) mismatch("the snapshot was made with other names in `externs`");
  if (!sameList(picture.shape, inventory.shape)) mismatch("the snapshot's instances are linked in another way");
  const counts = [picture.memories.length, picture.tables.length, picture.globals.length];
  if (!sameList(counts, [memories.length, tables.length, globals.length])) damaged("objects that no instance has");
  if (store.instanceCount !== instances.length) mismatch("the store has other instances");
}

function sameList<T>(a: readonly T[], b: readonly T[]): boolean {
  return a.length === b.length && a.every((item, i) => item === b[i]);
}

function checkMemory(memory: MemoryInst, { byteLength }: MemoryPicture): void {
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
  const origin = refs.origin(codes, element);
  if (origin !== null) return () => table.goBackTo(origin);
  const elements = codes.map((code) => refs.ref(code, element));
  return () => {
    table.origin = null;
    // The array stays the same, see TableInst.
    table.elements.length = elements.length;
    for (let i = 0; i < elements.length; i++) table.elements[i] = elements[i]!;
  };
}

function restoreGlobal(global: GlobalInst, { words, ref }: GlobalPicture, refs: RefReader): () => void {
  const { type, cells, slot } = global;
  const reference = isRef(type.type);
  if (words.length !== (reference ? 0 : slotsOf(type.type) * 2)) damaged("a global of a wrong size");
  const restored: Ref = reference ? refs.ref(ref, type.type) : null;
  return () => {
    cells.set(words, slot * 2);
    if (reference) global.refs[slot] = restored;
  };
}

function restoreSegments(instance: ModuleInstance, picture: InstancePicture, refs: RefReader): () => void {
  const { module } = instance;
  if (picture.elems.length !== module.elems.length || picture.datas.length !== module.dataCount)
    damaged("other segments");
  const elems = picture.elems.map((codes, i) => {
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
    picture.datas.forEach((kept, i) => {
      instance.droppedDatas[i] = kept ? 0 : 1;
    });
  };
}
