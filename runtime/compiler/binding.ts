// What compiled code names of the running instance. Views of memory end where the interpreter's accesses do, whatever
// room for growth the buffer has, so that V8's own check of bounds is the check for traps.
import type { DirectHost, FuncInst } from "../store/func.js";
import type { MemoryInst } from "../store/memory.js";
import type { ModuleInstance } from "../store/module-instance.js";
import type { Ref } from "../store/refs.js";

/** Views of memory 0, and of the cells of globals. */
export interface Views {
  readonly i8: Int8Array;
  readonly u8: Uint8Array;
  readonly i16: Int16Array;
  readonly u16: Uint16Array;
  readonly i32: Int32Array;
  readonly f32: Float32Array;
  readonly f64: Float64Array;
  readonly data: DataView;
  readonly globals: Int32Array;
  readonly globals32: Float32Array;
  readonly globals64: Float64Array;
}

export interface Binding extends Views {
  /** The same, kept by itself: code may have it when the instance has gone. */
  readonly views: Views;
  readonly instance: ModuleInstance | null;
  readonly table: readonly Ref[];
  /** By imported function: what an `invoke_*` calls has this type; {@link LONGJMP} or −1 of others. */
  readonly invokes: readonly number[];
  /** By imported function: what compiled code may call of the host's (host-text.ts); null of others. */
  readonly hosts: readonly (FuncInst | null)[];
  /** Of those, functions that are called with their arguments. */
  readonly plainHosts: readonly (DirectHost | null)[];
  /** Index of what longjmp calls; −1 where there is none. */
  readonly setThrew: number;
  readonly pages: number;
  /** Of the memory, which compares faster than its pages. */
  readonly byteLength: number;
  readonly stackPointer: number;
  readonly bytes: number;
  readonly globalRefs: readonly Ref[];
}

/** In {@link Binding.invokes}: a call of it is a longjmp. */
export const LONGJMP = -2;

const NO_MEMORY = new ArrayBuffer(0);

function makeViews(globals: Int32Array, memory: MemoryInst | undefined): Views {
  const buffer = memory === undefined ? NO_MEMORY : (memory.u8.buffer as ArrayBuffer);
  const bytes = memory === undefined ? 0 : memory.reach;
  return {
    i8: new Int8Array(buffer, 0, bytes),
    u8: new Uint8Array(buffer, 0, bytes),
    i16: new Int16Array(buffer, 0, bytes >> 1),
    u16: new Uint16Array(buffer, 0, bytes >> 1),
    i32: new Int32Array(buffer, 0, bytes >> 2),
    f32: new Float32Array(buffer, 0, bytes >> 2),
    f64: new Float64Array(buffer, 0, bytes >> 3),
    data: new DataView(buffer, 0, bytes),
    globals,
    globals32: new Float32Array(globals.buffer),
    globals64: new Float64Array(globals.buffer),
  };
}

/** By the memory's own view: what is bound does not outlive the buffer, which a memory that hibernates lets go of. */
const made = new WeakMap<Uint8Array, Binding>();

/**
 * A binding of the instance as it is now: the one that was made before, while that holds. Making eleven views takes
 * longer than many a call.
 * @param known views that are those of the instance as it is now, if there are any
 */
export function bindingOf(instance: ModuleInstance, memory: MemoryInst | undefined, known?: Views): Binding {
  if (memory === undefined) return makeBinding(instance, memory, known);
  const before = made.get(memory.u8);
  if (before !== undefined && isCurrent(before, instance, memory) && (known === undefined || known === before.views))
    return before;
  const binding = makeBinding(instance, memory, known);
  made.set(memory.u8, binding);
  return binding;
}

function makeBinding(instance: ModuleInstance, memory: MemoryInst | undefined, known?: Views): Binding {
  const views = known ?? makeViews(instance.globalCells, memory);
  const { importedFuncs } = instance;
  const hosts = importedFuncs.map((func) => (isCallable(func) ? func : null));
  return {
    ...views,
    views,
    instance,
    hosts,
    plainHosts: hosts.map((func) => (func?.host?.direct?.plain ? func.host.direct : null)),
    table: instance.tables[0]?.elements ?? [],
    invokes: importedFuncs.map(({ host, invokeTypeId }) => (host?.isLongjmp ? LONGJMP : invokeTypeId)),
    setThrew: instance.setThrew?.index ?? -1,
    pages: memory === undefined ? 0 : memory.pages | 0,
    byteLength: memory?.byteLength ?? 0,
    stackPointer: instance.stackPointerWord,
    bytes: memory === undefined ? 0 : memory.reach,
    globalRefs: instance.globalRefs,
  };
}

/** Whether compiled code may call it: what has frames of its own in the place of a call is the interpreter's. */
function isCallable({ host }: FuncInst): boolean {
  return host !== null && (host.enter === null || host.direct != null);
}

const NO_VIEWS = makeViews(new Int32Array(0), undefined);
export const NOTHING: Binding = {
  ...NO_VIEWS,
  views: NO_VIEWS,
  instance: null,
  table: [],
  invokes: [],
  hosts: [],
  plainHosts: [],
  setThrew: -1,
  pages: 0,
  byteLength: 0,
  stackPointer: 0,
  bytes: 0,
  globalRefs: [],
};

/** Whether views are those of this memory, as it is now, and of these cells. */
export function showsMemory({ u8, globals }: Views, cells: Int32Array, memory: MemoryInst | undefined): boolean {
  if (globals !== cells) return false;
  return memory === undefined || (u8.buffer === memory.u8.buffer && u8.length === memory.reach);
}

/** Whether a binding is that of the instance, as it is now. */
export function isCurrent(binding: Binding, instance: ModuleInstance, memory: MemoryInst | undefined): boolean {
  if (binding.instance !== instance) return false;
  return (
    memory === undefined || (showsMemory(binding, binding.globals, memory) && binding.byteLength === memory.byteLength)
  );
}
