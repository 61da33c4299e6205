// A state as bytes in places that depend on nothing but what they hold, so that an instruction changes the bytes of what
// it writes and no others: a step can be proved by the blocks that it touches. All numbers are little-endian.
//
//   context     JSON that is the same in all states of a run: fuel schedule, limits, what the instances share
//   accounts    five u64: bytes of memories, their peak, elements of tables, bytes of the GC heap, live ones of it
//   globals     32 bytes each: a slot, and for v128 a second one
//   table N     8 bytes for each element: a reference
//   segments    a byte for each element segment of each instance (0 dropped, 1 the functions that the module lists,
//               2 in `elements`), then one for each data segment (0 dropped, 1 there)
//   elements    the references of the segments marked 2, 8 bytes each
//   heap        exceptions, structs, arrays, values of the host's, one behind the other: see below
//   execution   nothing where none is under way; else 64 bytes of where it stands (THREAD below), then 32 bytes for each
//               frame, outermost first: kind, base in slots, instance, defined function, offset of the call
//   stack       16 bytes for each slot: 8 of a number, 8 of a reference
//
// A reference is two u32: 0 0 null; 1 + 256 · instance, funcidx a function; 2 n the host function named n-th in the
// context; 3 n an i31; 4 n the n-th object of the heap. Objects are numbered in the order in which they are found: from
// the globals, the tables in order, the elements, the stack from its bottom, then from the objects themselves, in order.
//
// An object of the heap: u32 kind, u32 number of its tag or of the instance that has its type, u32 typeidx, u32 count; then
//   0 exception   count slots of 16 bytes
//   1 struct      count slots of 16 bytes, two for a v128
//   2 array       count elements of their own width, 8 bytes for references
//   3 host value  count bytes
// with zeros up to a multiple of 8. The type is named by the first instance, and its first typeidx, that have it.
import { encodeUtf8 } from "../decoder/index.js";
import type { DecodedModule } from "../decoder/module.js";
import type { ArrayType, StructType } from "../decoder/types.js";
import { isRef, V128 } from "../decoder/types.js";
import { UsageError } from "../runtime/errors.js";
import type { HostRefCodec } from "../runtime/snapshot/graph.js";
import {
  entryOf,
  type FramePicture,
  i31Of,
  type NumberElements,
  type RefCode,
  type RefEntry,
  type StoreBounds,
  type StorePicture,
  type TypePlace,
} from "../runtime/snapshot/picture.js";
import { SnapshotError } from "../runtime/snapshot/snapshot-error.js";
import { cellsOf, storageBytes, structLayout } from "../runtime/store/heap.js";

const SLOT_BYTES = 16;
const REF_BYTES = 8;
const GLOBAL_BYTES = 32;
const FRAME_BYTES = 32;
const HEADER_BYTES = 16;

const REF = { func: 1, named: 2, i31: 3, object: 4 } as const;
const OBJECT = { exception: 0, struct: 1, array: 2, host: 3 } as const;
const FRAME = { exit: 1, call: 2, leave: 3, invoke: 4, setThrew: 5 } as const;
const TOP = { start: 1, entry: 2, instruction: 3, host: 4 } as const;
const CALLER = { embedder: 0, tail: 1, invoke: 2, call: 3 } as const;
/** Indices of the thread's u32 words; 64-bit numbers and references take two. */
const THREAD = {
  ...{ top: 0, instance: 1, func: 2, offset: 3, fp: 4, fuel: 5, started: 7, hostFunc: 9, base: 11, caller: 12 },
  bytes: 64,
} as const;

/** A part that is plain bytes; memories and what the host holds are added by StateHasher. */
export interface PlainPart {
  readonly name: string;
  readonly byteLength: number;
  /** Of states of one store whose parts are of the same object, the bytes are the same. */
  readonly of: object | null;
  bytes(): Uint8Array;
}

/** The parts of a picture but its memories, in order. @throws SnapshotError if a value of the host's has no codec */
export function layOut(picture: StorePicture, codec: HostRefCodec | null): PlainPart[] {
  return new Layout(picture, codec).parts();
}

function plain(name: string, bytes: Uint8Array): PlainPart {
  return { name, byteLength: bytes.length, of: null, bytes: () => bytes };
}

/** By bounds, which are the same object in one picture of a store after the other. */
const contexts = new WeakMap<StoreBounds, { readonly limits: StorePicture["limits"]; readonly bytes: Uint8Array }>();

/** Lists of references all of which are functions; most are the same list in one picture after the other. */
const onlyFunctions = new WeakSet<object>();

function hasObjects(refs: StorePicture["refs"]): boolean {
  if (onlyFunctions.has(refs)) return false;
  for (const { kind } of refs) if (kind !== "func") return true;
  onlyFunctions.add(refs);
  return false;
}

/** Bytes that are written at places. */
class Cells {
  readonly bytes: Uint8Array;
  private readonly view: DataView;
  constructor(length: number) {
    this.bytes = new Uint8Array(length);
    this.view = new DataView(this.bytes.buffer);
  }
  u32(at: number, value: number): void {
    this.view.setUint32(at, value, true);
  }
  u64(at: number, value: number): void {
    this.view.setUint32(at, value % 2 ** 32, true);
    this.view.setUint32(at + 4, Math.floor(value / 2 ** 32), true);
  }
}

class Layout {
  /** Entry of the picture → number of the object; −1 for functions. */
  private readonly numbers: Int32Array;
  /** Entries by number of the object. */
  private readonly objects: number[] = [];
  private readonly modules: readonly DecodedModule[];

  constructor(
    private readonly picture: StorePicture,
    private readonly codec: HostRefCodec | null,
  ) {
    this.modules = picture.instances.map(({ module }) => {
      if (module instanceof Uint8Array) throw new UsageError("a state hash is of a picture that was taken of a store");
      return module;
    });
    this.numbers = new Int32Array(picture.refs.length).fill(-1);
    if (hasObjects(picture.refs)) this.numberObjects();
  }

  parts(): PlainPart[] {
    const { picture } = this;
    return [
      this.context(),
      plain("accounts", this.accounts()),
      plain("globals", this.globals()),
      // Large tables that have not changed are the same list of codes in one picture after the other.
      ...picture.tables.map((codes, i) => ({
        ...{ name: `table ${i}`, byteLength: codes.length * REF_BYTES, of: codes },
        bytes: () => this.references(codes),
      })),
      plain("segments", this.segments()),
      plain("elements", this.references(this.listedElements())),
      plain("heap", this.heap()),
      plain("execution", this.execution()),
      plain("stack", this.stack()),
    ];
  }

  private context(): PlainPart {
    const { limits, bounds } = this.picture;
    if (bounds === undefined) throw new UsageError("a state hash is of a picture that was taken of a store");
    const known = contexts.get(bounds);
    const bytes = known?.limits === limits ? known.bytes : encodeUtf8(this.contextText(bounds));
    contexts.set(bounds, { limits, bytes });
    return { ...plain("context", bytes), of: bytes };
  }

  private contextText(bounds: StoreBounds): string {
    const { schedule, limits, names, shape } = this.picture;
    const places = bounds.imports.map((funcs) =>
      funcs.map((place) => (typeof place === "string" ? [-1, names.indexOf(place)] : [place.instance, place.funcidx])),
    );
    const { memories, tables } = bounds;
    return JSON.stringify({
      schedule,
      limits: Object.entries(limits).sort(),
      shape,
      memories,
      tables,
      imports: places,
    });
  }

  private accounts(): Uint8Array {
    const { memoryBytes, peakMemoryBytes, tableElements, gcHeapBytes, gcLiveBytes } = this.picture.accounts;
    const cells = new Cells(40);
    [memoryBytes, peakMemoryBytes, tableElements, gcHeapBytes, gcLiveBytes].forEach((number, i) => {
      cells.u64(8 * i, number);
    });
    return cells.bytes;
  }

  private globals(): Uint8Array {
    const { globals } = this.picture;
    const cells = new Cells(globals.length * GLOBAL_BYTES);
    globals.forEach(({ words, ref }, i) => {
      const at = i * GLOBAL_BYTES;
      words.forEach((word, j) => {
        cells.u32(at + (j >> 1) * SLOT_BYTES + (j & 1) * 4, word);
      });
      this.ref(cells, at + 8, ref);
    });
    return cells.bytes;
  }

  private references(codes: readonly RefCode[]): Uint8Array {
    const cells = new Cells(codes.length * REF_BYTES);
    for (let i = 0; i < codes.length; i++) this.ref(cells, i * REF_BYTES, codes[i]!);
    return cells.bytes;
  }

  private segments(): Uint8Array {
    return Uint8Array.from(
      this.picture.instances.flatMap(({ elems, datas }) => [
        ...elems.map((elements) => (elements === null ? 0 : elements === "module" ? 1 : 2)),
        ...datas.map((there) => (there ? 1 : 0)),
      ]),
    );
  }

  private listedElements(): RefCode[] {
    return this.picture.instances.flatMap(({ elems }) =>
      elems.flatMap((elements) => (elements === null || elements === "module" ? [] : elements)),
    );
  }

  // ---- References and objects ----

  private ref(cells: Cells, at: number, code: RefCode): void {
    if (code === 0) return;
    const entry = entryOf(code);
    if (entry < 0) {
      cells.u32(at, REF.i31);
      cells.u32(at + 4, i31Of(code));
      return;
    }
    const found = this.picture.refs[entry]!;
    if (found.kind !== "func") {
      cells.u32(at, REF.object);
      cells.u32(at + 4, this.numbers[entry]!);
    } else if (typeof found.place === "string") {
      cells.u32(at, REF.named);
      cells.u32(at + 4, this.picture.names.indexOf(found.place));
    } else {
      cells.u32(at, REF.func + 256 * found.place.instance);
      cells.u32(at + 4, found.place.funcidx);
    }
  }

  private numberObjects(): void {
    const { picture, objects } = this;
    const find = (code: RefCode) => {
      const entry = entryOf(code);
      if (entry < 0 || picture.refs[entry]!.kind === "func" || this.numbers[entry]! >= 0) return;
      this.numbers[entry] = objects.push(entry) - 1;
    };
    for (const { ref } of picture.globals) find(ref);
    for (const table of picture.tables) table.forEach(find);
    this.listedElements().forEach(find);
    for (const code of stackReferences(picture).values()) find(code);
    // Those found meanwhile are looked at in turn.
    for (let i = 0; i < objects.length; i++) this.codesIn(picture.refs[objects[i]!]!).forEach(find);
  }

  private codesIn(entry: RefEntry): readonly RefCode[] {
    if (entry.kind === "exception") return entry.refs;
    if (entry.kind === "struct") {
      const { layout, fields } = this.structOf(entry.type);
      return fields.flatMap(({ storage }, i) => (isRef(storage) ? [entry.cells[layout.cells[i]!]!] : []));
    }
    return entry.kind === "array" && Array.isArray(entry.elements) ? entry.elements : [];
  }

  private structOf({ instance, typeidx }: TypePlace) {
    const module = this.modules[instance]!;
    const id = module.types[typeidx]!;
    const { fields } = module.registry.get(id).comp as StructType;
    return { layout: structLayout(module.registry, id), fields };
  }

  private heap(): Uint8Array {
    const pieces = this.objects.map((entry) => this.object(this.picture.refs[entry]!));
    const bytes = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const piece of pieces) {
      bytes.set(piece, at);
      at += piece.length;
    }
    return bytes;
  }

  private object(entry: RefEntry): Uint8Array {
    if (entry.kind === "exception") return this.exception(entry);
    if (entry.kind === "struct") return this.struct(entry);
    if (entry.kind === "array") return this.array(entry);
    if (entry.kind !== "host") throw new UsageError("a function is no object");
    const bytes = this.hostBytes(entry.value);
    const cells = object(OBJECT.host, 0, 0, bytes.length, bytes.length);
    cells.bytes.set(bytes, HEADER_BYTES);
    return cells.bytes;
  }

  private hostBytes(value: (RefEntry & { kind: "host" })["value"]): Uint8Array {
    if (value instanceof Uint8Array) return value;
    if (this.codec !== null) return this.codec.encode(value.value);
    throw new SnapshotError("unsupported", "the state holds a value of the host's (an externref): give hostRefs");
  }

  private exception({ tag, words, refs }: RefEntry & { kind: "exception" }): Uint8Array {
    const cells = object(OBJECT.exception, tag, 0, refs.length, refs.length * SLOT_BYTES);
    refs.forEach((code, i) => {
      const at = HEADER_BYTES + i * SLOT_BYTES;
      cells.u32(at, words[2 * i]!);
      cells.u32(at + 4, words[2 * i + 1]!);
      this.ref(cells, at + 8, code);
    });
    return cells.bytes;
  }

  private struct({ type, cells: fieldCells }: RefEntry & { kind: "struct" }): Uint8Array {
    const { layout, fields } = this.structOf(type);
    const count = fields.reduce((sum, { storage }) => sum + (storage === V128 ? 2 : 1), 0);
    const cells = object(OBJECT.struct, type.instance, type.typeidx, count, count * SLOT_BYTES);
    let at = HEADER_BYTES;
    fields.forEach(({ storage }, i) => {
      const first = layout.cells[i]!;
      if (isRef(storage)) this.ref(cells, at + 8, fieldCells[first]!);
      else
        for (let cell = 0; cell < cellsOf(storage); cell++)
          cells.u32(at + (cell >> 1) * SLOT_BYTES + (cell & 1) * 4, fieldCells[first + cell]!);
      at += storage === V128 ? 2 * SLOT_BYTES : SLOT_BYTES;
    });
    return cells.bytes;
  }

  private array({ type, elements }: RefEntry & { kind: "array" }): Uint8Array {
    const module = this.modules[type.instance]!;
    const { storage } = (module.registry.get(module.types[type.typeidx]!).comp as ArrayType).element;
    const width = storageBytes(storage);
    const length = elements.length / (isRef(storage) ? 1 : Math.ceil(width / 4));
    const cells = object(OBJECT.array, type.instance, type.typeidx, length, length * width);
    if (isRef(storage))
      (elements as readonly RefCode[]).forEach((code, i) => {
        this.ref(cells, HEADER_BYTES + i * REF_BYTES, code);
      });
    else writeNumbers(cells, elements as NumberElements);
    return cells.bytes;
  }

  // ---- The execution ----

  private execution(): Uint8Array {
    const { execution } = this.picture;
    if (execution === null) return new Uint8Array(0);
    const { top, func, fuelGranted, fuelLeft, frames } = execution;
    const cells = new Cells(THREAD.bytes + frames.length * FRAME_BYTES);
    const word = (index: number, value: number) => cells.u32(4 * index, value);
    word(THREAD.top, TOP[top.kind]);
    // How fuel was granted is not part of the state: 100 granted and 30 left are 70 used.
    cells.u64(4 * THREAD.fuel, fuelGranted - fuelLeft);
    this.ref(cells, 4 * THREAD.started, func);
    const place = { instance: 0, func: 0, offset: 0 };
    if (top.kind !== "start") word(THREAD.fp, top.fp / 2);
    if (top.kind === "entry") Object.assign(place, { instance: top.instance, func: top.func });
    else if (top.kind === "instruction") Object.assign(place, top.at);
    else if (top.kind === "host") {
      this.ref(cells, 4 * THREAD.hostFunc, top.func);
      word(THREAD.base, top.base / 2);
      word(THREAD.caller, CALLER[top.caller.kind]);
      if (top.caller.kind === "call") Object.assign(place, top.caller.at);
      else if (top.caller.kind !== "embedder") place.instance = top.caller.instance;
    }
    word(THREAD.instance, place.instance);
    word(THREAD.func, place.func);
    word(THREAD.offset, place.offset);
    this.frames(cells, frames);
    return cells.bytes;
  }

  private frames(cells: Cells, frames: readonly FramePicture[]): void {
    frames.forEach((frame, i) => {
      const words = [FRAME[frame.kind], frame.kind === "exit" ? 0 : frame.fp / 2];
      if (frame.kind === "leave") words.push(frame.instance);
      else if (frame.kind === "call") words.push(frame.at.instance, frame.at.func, frame.at.offset);
      words.forEach((value, j) => {
        cells.u32(THREAD.bytes + i * FRAME_BYTES + 4 * j, value);
      });
    });
  }

  private stack(): Uint8Array {
    const words = this.picture.execution?.words ?? NO_WORDS;
    const cells = new Cells((words.length / 2) * SLOT_BYTES);
    for (let i = 0; i < words.length; i++) cells.u32((i >> 1) * SLOT_BYTES + (i & 1) * 4, words[i]!);
    for (const [slot, code] of stackReferences(this.picture)) this.ref(cells, slot * SLOT_BYTES + 8, code);
    return cells.bytes;
  }
}

const NO_WORDS = new Int32Array(0);

/** Slot → code of the references on the stack, from its bottom. */
function stackReferences({ execution }: StorePicture): Map<number, RefCode> {
  const pairs: [number, RefCode][] = [];
  const { refs = [] } = execution ?? {};
  for (let i = 0; i < refs.length; i += 2) pairs.push([refs[i]!, refs[i + 1]!]);
  return new Map(pairs.sort(([a], [b]) => a - b));
}

function object(kind: number, place: number, typeidx: number, count: number, bytes: number): Cells {
  const cells = new Cells(HEADER_BYTES + Math.ceil(bytes / 8) * 8);
  cells.u32(0, kind);
  cells.u32(4, place);
  cells.u32(8, typeidx);
  cells.u32(12, count);
  return cells;
}

function writeNumbers(cells: Cells, elements: NumberElements): void {
  const width = elements.BYTES_PER_ELEMENT;
  for (let i = 0; i < elements.length; i++) {
    const at = HEADER_BYTES + i * width;
    if (width === 4) cells.u32(at, elements[i]!);
    else for (let j = 0; j < width; j++) cells.bytes[at + j] = elements[i]! >> (8 * j);
  }
}
