// Takes a picture of a store.
import { isRef } from "../../decoder/index.js";
import type { Execution } from "../interpreter/execution.js";
import type { GlobalInst } from "../store/global.js";
import type { ModuleInstance } from "../store/module-instance.js";
import type { Ref } from "../store/refs.js";
import type { TableInst } from "../store/table.js";
import { canonicalWords, slotsOf } from "../values.js";
import type { SnapshotBase } from "./base.js";
import { captureExecution } from "./capture-execution.js";
import { type KnownRefs, RefWriter } from "./graph.js";
import { Inventory, type SnapshotSubject } from "./inventory.js";
import type { GlobalPicture, InstancePicture, RefCode, StoreBounds, StorePicture } from "./picture.js";
import { SnapshotError } from "./snapshot-error.js";

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
  /** Whether the picture is likely not to be looked at: it is made faster then, and keeps copies of memories till it is. */
  readonly deferred?: boolean;
}

/**
 * Takes a picture of the whole state of a store. It is plain data that shares nothing that changes
 * with the store; {@link encodeSnapshot} makes bytes of it, {@link restoreStore} puts it into this
 * store or another one.
 * @throws SnapshotError if the state refers to what is not part of the subject, or has no form as data
 */
export function captureStore(subject: SnapshotSubject, options: CaptureOptions = {}): StorePicture {
  const { execution = null, base = null, repeatHostCall = false, deferred = false } = options;
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
    memories: inventory.memories.map((memory, i) => memory.picture(base?.memories[i] ?? null, deferred)),
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

function boundsOf(inventory: Inventory): StoreBounds {
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

/** A table as data. Stores whose tables are alike share one. */
interface TableCodes extends KnownRefs {
  readonly codes: readonly RefCode[];
}

/** A store's first table as it was captured last: large modules have tables of thousands, which hardly ever change. */
interface TableCapture {
  readonly instances: readonly ModuleInstance[];
  readonly elements: readonly Ref[];
  readonly table: TableCodes;
}

const captured = new WeakMap<TableInst, TableCapture>();
/** The codes of a module's table that were made first. */
const shared = new WeakMap<object, TableCodes>();
/** Tables with fewer elements are encoded in no time. */
const LARGE_TABLE = 256;

function captureTables(inventory: Inventory): { refs: RefWriter; tables: (readonly RefCode[])[] } {
  const [first, ...others] = inventory.tables;
  const { instances } = inventory;
  if (first === undefined || first.elements.length < LARGE_TABLE) {
    const refs = new RefWriter(inventory);
    return { refs, tables: inventory.tables.map(({ elements }) => refs.codes(elements)) };
  }
  const { elements } = first;
  const before = captured.get(first);
  if (before !== undefined && isAlike(before.elements, elements) && isAlike(before.instances, instances)) {
    const refs = new RefWriter(inventory, before.table);
    return { refs, tables: [before.table.codes, ...others.map((table) => refs.codes(table.elements))] };
  }
  const refs = new RefWriter(inventory);
  const codes = refs.codes(elements);
  const functions = refs.functions();
  if (functions !== null) {
    const table = sharedCodes(instances[0]!.module, { ...functions, codes });
    captured.set(first, { instances, elements: elements.slice(), table });
  }
  return { refs, tables: [codes, ...others.map((table) => refs.codes(table.elements))] };
}

function isAlike<T>(a: readonly T[], b: readonly T[]): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}

function sharedCodes(module: object, table: TableCodes): TableCodes {
  const known = shared.get(module);
  if (known === undefined) {
    shared.set(module, table);
    return table;
  }
  const alike =
    isAlike(known.codes, table.codes) &&
    known.entries.length === table.entries.length &&
    [...table.numbers].every(([funcidx, number]) => known.numbers.get(funcidx) === number);
  return alike ? known : table;
}

function captureGlobal({ type, cells, refs, slot }: GlobalInst, writer: RefWriter): GlobalPicture {
  const reference = isRef(type.type);
  const own = cells.subarray(slot * 2, (slot + slotsOf(type.type)) * 2);
  const words = reference ? NO_WORDS : canonicalWords(own, [type.type]);
  return { words, ref: reference ? writer.code(refs[slot]!) : 0 };
}
const NO_WORDS = new Int32Array(0);

function captureInstance({ module, elems, datas }: ModuleInstance, writer: RefWriter): InstancePicture {
  return {
    module,
    elems: elems.map((elements) => (elements === null || elements === "module" ? elements : writer.codes(elements))),
    datas: datas.map((bytes) => bytes !== null),
  };
}
