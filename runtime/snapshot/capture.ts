// Takes a picture of a store.
import { isRef } from "../../decoder/index.js";
import type { Execution } from "../interpreter/execution.js";
import type { GlobalInst } from "../store/global.js";
import type { ModuleInstance } from "../store/module-instance.js";
import { canonicalWords, slotsOf } from "../values.js";
import type { SnapshotBase } from "./base.js";
import { captureExecution } from "./capture-execution.js";
import { RefWriter } from "./graph.js";
import { Inventory, type SnapshotSubject } from "./inventory.js";
import type { GlobalPicture, InstancePicture, StorePicture } from "./picture.js";
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
}

/**
 * Takes a picture of the whole state of a store. It is plain data that shares nothing that changes
 * with the store; {@link encodeSnapshot} makes bytes of it, {@link restoreStore} puts it into this
 * store or another one.
 * @throws SnapshotError if the state refers to what is not part of the subject, or has no form as data
 */
export function captureStore(subject: SnapshotSubject, options: CaptureOptions = {}): StorePicture {
  const { execution = null, base = null, repeatHostCall = false } = options;
  const inventory = new Inventory(subject);
  const { store } = subject;
  if (execution !== null && execution.store !== store) {
    throw new SnapshotError("mismatch", "the execution belongs to another store");
  }
  if (base !== null && base.memories.length !== inventory.memories.length) {
    throw new SnapshotError("mismatch", "the base is of a store with another number of memories");
  }
  const refs = new RefWriter(inventory);
  const tables = inventory.tables.map((table) => refs.codes(table.elements));
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
    memories: inventory.memories.map((memory, i) => memory.picture(base?.memories[i] ?? null)),
    tables,
    globals,
    refs: refs.finish(),
    execution: executionPicture,
  };
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
