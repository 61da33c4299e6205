// Takes a picture of a store.
import { type DecodedModule, isRef } from "../../decoder/index.js";
import type { Execution } from "../interpreter/execution.js";
import type { GlobalInst } from "../store/global.js";
import type { PictureManner } from "../store/memory-picture.js";
import type { ModuleInstance } from "../store/module-instance.js";
import type { Ref } from "../store/refs.js";
import type { TableInst } from "../store/table.js";
import { TableOrigin } from "../store/table-origin.js";
import { canonicalWords, slotsOf } from "../values.js";
import type { SnapshotBase } from "./base.js";
import { captureExecution } from "./capture-execution.js";
import { RefWriter } from "./graph.js";
import { Inventory, type SnapshotSubject } from "./inventory.js";
import type { GlobalPicture, InstancePicture, RefCode, StoreBounds, StorePicture } from "./picture.js";
import { SnapshotError } from "./snapshot-error.js";
import { codesOfOrigin, LARGE_TABLE } from "./table-codes.js";

export interface CaptureOptions {
  /** A paused execution of the store, to go on with after restoring. */
  readonly execution?: Execution | null;
  /** Memories to share what has not changed with. */
  readonly base?: SnapshotBase | null;
  /**
   * Whether an execution whose host function has returned a promise may be captured: restored, it
   * calls the host function anew.
   */
  readonly repeatHostCall?: boolean;
  /**
   * How memories are pictured. `deferred`: the picture is likely not to be looked at; it is made faster then, and keeps
   * copies till it is. `passing`: it is looked at before the store goes on, and not any more afterwards; it is made
   * faster still, of the memories themselves.
   */
  readonly manner?: PictureManner | undefined;
}

/**
 * Takes a picture of the whole state of a store. It is plain data that shares nothing that changes
 * with the store; {@link encodeSnapshot} makes bytes of it, {@link restoreStore} puts it into this
 * store or another one.
 * @throws SnapshotError if the state refers to what is not part of the subject, or has no form as data
 */
export function captureStore(subject: SnapshotSubject, options: CaptureOptions = {}): StorePicture {
  const { execution = null, base = null, repeatHostCall = false, manner } = options;
  const inventory = new Inventory(subject);
  const { store } = subject;
  if (execution !== null && execution.store !== store) {
    throw new SnapshotError("mismatch", "the execution belongs to another store");
  }
  if (base !== null && base.memories.length !== inventory.memories.length) {
    throw new SnapshotError("mismatch", "the base is of a store with another number of memories");
  }
  const { refs, tables } = captureTables(inventory);
  const globals = inventory.globals.map((global) => captureGlobal(global, refs));
  const instances = inventory.instances.map((instance) => captureInstance(instance, refs));
  const executionPicture = execution === null ? null : captureExecution(execution, inventory, refs, repeatHostCall);
  const { memoryBytes, peakMemoryBytes, tableElements, gcHeapBytes, gcLiveBytes } = store;
  return {
    schedule: store.engine.schedule.name,
    limits: store.limits,
    names: inventory.names,
    shape: inventory.shape,
    accounts: { memoryBytes, peakMemoryBytes, tableElements, gcHeapBytes, gcLiveBytes },
    instances,
    bounds: boundsOf(inventory),
    memories: inventory.memories.map((memory, i) => memory.picture(base?.memories[i] ?? null, manner)),
    tables,
    globals,
    refs: refs.finish(),
    execution: executionPicture,
  };
}

/** Takes the room of a deferred picture of the subject that nobody is going to look at any more. */
export function giveBackPicture({ memories }: StorePicture, subject: SnapshotSubject): void {
  new Inventory(subject).memories.forEach((memory, i) => {
    if (memories[i] !== undefined) memory.giveBack(memories[i]);
  });
}

/** By the first instance: what stays as it is while a store has the same instances, and nothing else of the host's. */
const knownBounds = new WeakMap<
  ModuleInstance,
  { readonly instances: readonly ModuleInstance[]; readonly bounds: StoreBounds }
>();

function boundsOf(inventory: Inventory): StoreBounds {
  const { instances, names } = inventory;
  const [first] = instances;
  if (first === undefined || names.length > 0) return makeBounds(inventory);
  const last = knownBounds.get(first);
  if (last?.instances.length === instances.length && instances.every((instance, i) => instance === last.instances[i]))
    return last.bounds;
  const bounds = makeBounds(inventory);
  knownBounds.set(first, { instances: [...instances], bounds });
  return bounds;
}

function makeBounds(inventory: Inventory): StoreBounds {
  return {
    memories: inventory.memories.map(({ maxPages, type: { pageSizeLog2, is64, shared } }) => [
      maxPages,
      pageSizeLog2,
      is64,
      shared,
    ]),
    tables: inventory.tables.map(({ type: { limits, is64 } }) => [limits.max ?? null, is64]),
    imports: inventory.instances.map(({ importedFuncs }) => importedFuncs.map((func) => inventory.placeOf(func))),
  };
}

function captureTables(inventory: Inventory): { refs: RefWriter; tables: (readonly RefCode[])[] } {
  const [first, ...others] = inventory.tables;
  const { table, refs } = captureFirst(first, inventory);
  return { refs, tables: [...table, ...others.map((other) => refs.codes(elementsOf(other)))] };
}

/** Large modules have a table of thousands, which hardly ever changes: what it began with is encoded once for all stores. */
function captureFirst(first: TableInst | undefined, inventory: Inventory) {
  if (first === undefined) return { table: [], refs: new RefWriter(inventory) };
  const instance = inventory.instances[0]!;
  const { origin } = first;
  if (origin?.instance === instance && origin.isIn(first.elements)) {
    const known = codesOfOrigin(origin.funcidxs);
    return { table: [known.codes], refs: new RefWriter(inventory, known) };
  }
  const refs = new RefWriter(inventory);
  const codes = refs.codes(elementsOf(first));
  const funcidxs = codes.length < LARGE_TABLE ? null : refs.funcidxs(codes);
  if (funcidxs !== null) first.origin = TableOrigin.of(instance, funcidxs);
  return { table: [codes], refs };
}

function elementsOf(table: TableInst): readonly Ref[] {
  table.take(0, table.length);
  return table.elements;
}

function captureGlobal({ type, cells, refs, slot }: GlobalInst, writer: RefWriter): GlobalPicture {
  const reference = isRef(type.type);
  const own = cells.subarray(slot * 2, (slot + slotsOf(type.type)) * 2);
  const words = reference ? NO_WORDS : canonicalWords(own, [type.type]);
  return { words, ref: reference ? writer.code(refs[slot]!) : 0 };
}
const NO_WORDS = new Int32Array(0);

function captureInstance({ module, elems, droppedDatas }: ModuleInstance, writer: RefWriter): InstancePicture {
  return {
    module,
    elems: elems.map((elements) => (elements === null || elements === "module" ? elements : writer.codes(elements))),
    datas: keptDatas(module, droppedDatas),
  };
}

/** Which data segments a module's instance had when it was captured first: there may be thousands, and they hardly change. */
const known = new WeakMap<DecodedModule, readonly boolean[]>();

function keptDatas(module: DecodedModule, dropped: Uint8Array): readonly boolean[] {
  const before = known.get(module);
  if (before?.every((kept, i) => kept === (dropped[i] === 0)) === true) return before;
  const datas = Array.from(dropped, (flag) => flag === 0);
  if (before === undefined) known.set(module, datas);
  return datas;
}
