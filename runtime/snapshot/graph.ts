// References to plain data and back: a graph of exceptions, structs and arrays, in which functions
// and values of the host's are leaves.
import {
  type ArrayType,
  type DecodedModule,
  I8,
  I16,
  isRef,
  type StructType,
  type ValType,
} from "../../decoder/index.js";
import { refMatches } from "../store/convert.js";
import { FuncInst } from "../store/func.js";
import {
  ArrayInst,
  bytesOf,
  cellsOf,
  elementStorage,
  exceptionBytes,
  newElements,
  StructInst,
  storageBytes,
  structLayout,
} from "../store/heap.js";
import { ExnInst, type HeapObject, HostRef, type Ref } from "../store/refs.js";
import { TableOrigin } from "../store/table-origin.js";
import { canonicalWords, slotsOf, slotsOfAll } from "../values.js";
import type { Inventory } from "./inventory.js";
import {
  codeOfEntry,
  codeOfI31,
  entryOf,
  i31Of,
  type NumberElements,
  type RefCode,
  type RefEntry,
  type TypePlace,
} from "./picture.js";
import { damaged, SnapshotError } from "./snapshot-error.js";
import { funcidxsOf, type KnownRefs } from "./table-codes.js";

/** How an embedder writes the values behind externrefs. Each may throw. */
export interface HostRefCodec {
  encode(value: unknown): Uint8Array;
  decode(bytes: Uint8Array): unknown;
}

type GraphObject = ExnInst | HeapObject;

const NO_REFS: KnownRefs = { entries: [], numbers: new Map() };

/** Gives references their codes, and collects what they refer to. */
export class RefWriter {
  /** Those behind the known ones. */
  private readonly entries: RefEntry[] = [];
  private readonly numbers = new Map<Exclude<Ref, number | null>, number>();
  /** Objects that have a number, and whose own references have not been looked at. */
  private readonly waiting: { readonly object: GraphObject; readonly number: number }[] = [];
  private typePlaces: Map<number, TypePlace> | null = null;

  constructor(
    private readonly inventory: Inventory,
    private readonly known: KnownRefs = NO_REFS,
  ) {}

  /** @throws SnapshotError if it refers to something that is not part of the snapshot */
  code(ref: Ref): RefCode {
    if (ref === null) return 0;
    if (typeof ref === "number") return codeOfI31(ref);
    return codeOfEntry(this.numbers.get(ref) ?? this.knownNumber(ref) ?? this.add(ref));
  }

  private knownNumber(ref: Exclude<Ref, number | null>): number | undefined {
    if (this.known === NO_REFS || !(ref instanceof FuncInst)) return undefined;
    const place = this.inventory.placeOf(ref);
    return typeof place === "object" && place.instance === 0 ? this.known.numbers.get(place.funcidx) : undefined;
  }

  /** Per code: the funcidx of a function of the first instance, −1 for null; null if one is anything else. */
  funcidxs(codes: readonly RefCode[]): Int32Array | null {
    const funcidxs = new Int32Array(codes.length).fill(-1);
    for (const [i, code] of codes.entries()) {
      if (code === 0) continue;
      const entry = this.entries[entryOf(code)];
      if (entry?.kind !== "func" || typeof entry.place !== "object" || entry.place.instance !== 0) return null;
      funcidxs[i] = entry.place.funcidx;
    }
    return funcidxs;
  }

  codes(refs: readonly Ref[]): RefCode[] {
    return refs.map((ref) => this.code(ref));
  }

  private add(ref: Exclude<Ref, number | null>): number {
    const number = this.known.entries.length + this.entries.length;
    this.numbers.set(ref, number);
    if (ref instanceof FuncInst) this.entries.push({ kind: "func", place: this.inventory.placeOf(ref) });
    else {
      // Kept free for the objects, which finish() looks at.
      this.entries.push({ kind: "host", value: NO_BYTES });
      if (ref instanceof HostRef) this.entries[this.entries.length - 1] = { kind: "host", value: ref };
      else this.waiting.push({ object: ref, number });
    }
    return number;
  }

  /** Everything that was referred to, directly or through other objects. */
  finish(): readonly RefEntry[] {
    for (let next = this.waiting.pop(); next !== undefined; next = this.waiting.pop()) {
      this.entries[next.number - this.known.entries.length] = this.describe(next.object);
    }
    return this.known.entries.length === 0 ? this.entries : appended(this.known.entries, this.entries);
  }

  private describe(object: GraphObject): RefEntry {
    if (object instanceof ExnInst) return this.describeException(object);
    const type = this.placeOfType(object.typeId);
    const { registry } = this.inventory.store;
    if (object instanceof StructInst) {
      const cells = object.cells.slice() as number[];
      const layout = structLayout(registry, object.typeId);
      layout.type.fields.forEach(({ storage }, i) => {
        const cell = layout.cells[i]!;
        if (isRef(storage)) cells[cell] = this.code(object.cells[cell]!);
      });
      return { kind: "struct", type, cells };
    }
    const { data } = object as ArrayInst;
    return { kind: "array", type, elements: Array.isArray(data) ? this.codes(data) : data.slice() };
  }

  private describeException({ tag, words, refs }: ExnInst): RefEntry {
    const number = this.inventory.tags.indexOf(tag);
    if (number < 0) throw new SnapshotError("unsupported", "the state holds an exception whose tag no instance has");
    const codes = new Array<RefCode>(refs.length).fill(0);
    eachSlot(tag.type.params, (type, slot) => {
      if (isRef(type)) codes[slot] = this.code(refs[slot]!);
    });
    return { kind: "exception", tag: number, words: canonicalWords(words, tag.type.params), refs: codes };
  }

  private placeOfType(typeId: number): TypePlace {
    if (this.typePlaces === null) {
      this.typePlaces = new Map();
      for (const [instance, { module }] of this.inventory.instances.entries()) {
        for (const [typeidx, id] of module.types.entries()) {
          if (!this.typePlaces.has(id)) this.typePlaces.set(id, { instance, typeidx });
        }
      }
    }
    const place = this.typePlaces.get(typeId);
    if (place !== undefined) return place;
    throw new SnapshotError("unsupported", "the state holds an object whose type no module has");
  }
}

const NO_BYTES = new Uint8Array(0);

/** The list that was made last of known entries, and the functions behind them: most pictures have the same. */
const appendedLast = new WeakMap<
  readonly RefEntry[],
  { readonly key: string; readonly entries: readonly RefEntry[] }
>();

function appended(known: readonly RefEntry[], own: readonly RefEntry[]): readonly RefEntry[] {
  if (own.length === 0) return known;
  if (!own.every((entry) => entry.kind === "func")) return [...known, ...own];
  const key = JSON.stringify(own);
  const last = appendedLast.get(known);
  if (last?.key === key) return last.entries;
  const entries = [...known, ...own];
  appendedLast.set(known, { key, entries });
  return entries;
}

function eachSlot(types: readonly ValType[], visit: (type: ValType, slot: number) => void): void {
  let slot = 0;
  for (const type of types) {
    visit(type, slot);
    slot += slotsOf(type);
  }
}

/** Makes references again. Everything is checked: entries may have been made up. */
export class RefReader {
  /** By number of the entry. Functions are made when they are asked for: large tables name thousands. */
  private readonly made = new Map<number, Ref>();
  /** What the store accounts the objects with. */
  heapBytes = 0;

  /** @throws SnapshotError */
  constructor(
    private readonly inventory: Inventory,
    private readonly entries: readonly RefEntry[],
    private readonly codec: HostRefCodec | null,
  ) {
    const objects = objectsAmong(entries, inventory);
    // First the objects, then what they refer to: they may refer to each other in circles.
    for (const i of objects) this.made.set(i, this.make(entries[i]!));
    for (const i of objects) this.fill(entries[i]!, this.made.get(i)!);
  }

  private madeAt(number: number): Ref | undefined {
    let ref = this.made.get(number);
    const entry = this.entries[number];
    if (ref === undefined && entry?.kind === "func") {
      ref = this.make(entry);
      this.made.set(number, ref);
    }
    return ref;
  }

  /** What a table of this type began with, if that is what its codes say: then nothing of it need be made. @throws SnapshotError */
  origin(codes: readonly RefCode[], type: ValType): TableOrigin | null {
    const instance = this.inventory.instances[0];
    const funcidxs = instance && funcidxsOf(codes, this.entries, instance.module, type);
    return funcidxs == null ? null : TableOrigin.of(instance!, funcidxs);
  }

  /** The reference, if it is one of `type`. @throws SnapshotError */
  ref(code: RefCode, type: ValType): Ref {
    const entry = entryOf(code);
    const ref = code === 0 ? null : entry >= 0 ? this.madeAt(entry) : i31Of(code);
    if (ref === undefined || !refMatches(this.inventory.store.registry, ref, type))
      damaged("a reference of a wrong type");
    return ref;
  }

  /** The function that a code refers to; undefined if it is anything else. */
  func(code: RefCode): FuncInst | undefined {
    const ref = this.madeAt(entryOf(code));
    return ref instanceof FuncInst ? ref : undefined;
  }

  private make(entry: RefEntry): Ref {
    switch (entry.kind) {
      case "func":
        return this.inventory.funcAt(entry.place) ?? damaged("a function that is not there");
      case "host":
        return this.makeHostRef(entry.value);
      case "exception":
        return this.makeException(entry.tag, entry.words, entry.refs);
      case "struct":
        return this.makeStruct(this.typeIdOf(entry.type, "struct"), entry.cells);
      case "array":
        return this.makeArray(this.typeIdOf(entry.type, "array"), entry.elements);
    }
  }

  private makeHostRef(value: HostRef | Uint8Array): HostRef {
    if (value instanceof HostRef) return value;
    if (this.codec === null)
      throw new SnapshotError("unsupported", "the snapshot holds a value of the host's: give hostRefs");
    return new HostRef(this.codec.decode(value));
  }

  private makeException(number: number, words: Int32Array, refs: readonly RefCode[]): ExnInst {
    const tag = this.inventory.tags[number] ?? damaged("an exception without a tag");
    const slots = slotsOfAll(tag.type.params);
    if (words.length !== slots * 2 || refs.length !== slots) damaged("an exception of a wrong size");
    this.heapBytes += exceptionBytes(slots);
    return new ExnInst(tag, words.slice(), new Array<Ref>(slots).fill(null));
  }

  private typeIdOf({ instance, typeidx }: TypePlace, kind: "struct" | "array"): number {
    const typeId = this.inventory.instances[instance]?.module.types[typeidx];
    if (typeId === undefined || this.inventory.store.registry.get(typeId).comp.kind !== kind)
      damaged("an object of a wrong type");
    return typeId;
  }

  private makeStruct(typeId: number, cells: readonly number[]): StructInst {
    const { registry } = this.inventory.store;
    const layout = structLayout(registry, typeId);
    if (cells.length !== layout.defaults.length) damaged("a struct of a wrong size");
    const made = layout.defaults.slice();
    layout.type.fields.forEach(({ storage }, i) => {
      if (isRef(storage)) return;
      const first = layout.cells[i]!;
      for (let cell = first; cell < first + cellsOf(storage); cell++) made[cell] = wordOf(storage, cells[cell]!);
    });
    return this.account(new StructInst(typeId, made));
  }

  private makeArray(typeId: number, elements: NumberElements | readonly RefCode[]): ArrayInst {
    const storage = elementStorage(this.inventory.store.registry, typeId);
    const fits = isRef(storage) ? Array.isArray(elements) : elements instanceof elementsClass(storage);
    const perElement = isRef(storage) ? 1 : Math.ceil(storageBytes(storage) / 4);
    if (!fits || elements.length % perElement !== 0) damaged("an array of a wrong kind");
    const length = elements.length / perElement;
    const data = newElements(storage, length);
    if (!isRef(storage)) (data as Int32Array).set(elements as Int32Array);
    return this.account(new ArrayInst(typeId, length, data));
  }

  private account<T extends HeapObject>(object: T): T {
    this.heapBytes += bytesOf(this.inventory.store.registry, object);
    return object;
  }

  private fill(entry: RefEntry, made: Ref): void {
    const { registry } = this.inventory.store;
    if (entry.kind === "exception") {
      const { tag, refs } = made as ExnInst;
      eachSlot(tag.type.params, (type, slot) => {
        if (isRef(type)) (refs as Ref[])[slot] = this.ref(entry.refs[slot]!, type);
      });
    } else if (entry.kind === "struct") {
      const struct = made as StructInst;
      const layout = structLayout(registry, struct.typeId);
      (layout.type as StructType).fields.forEach(({ storage }, i) => {
        const cell = layout.cells[i]!;
        if (isRef(storage)) struct.cells[cell] = this.ref(entry.cells[cell]!, storage);
      });
    } else if (entry.kind === "array") {
      const { typeId, data, length } = made as ArrayInst;
      const { storage } = (registry.get(typeId).comp as ArrayType).element;
      if (!isRef(storage)) return;
      for (let i = 0; i < length; i++) data[i] = this.ref((entry.elements as readonly RefCode[])[i]!, storage) as never;
    }
  }
}

/** Numbers of the entries that are no functions; the same arrays come again and again. @throws SnapshotError if a function is not there */
function objectsAmong(entries: readonly RefEntry[], inventory: Inventory): readonly number[] {
  const { instances } = inventory;
  const before = checked.get(entries);
  if (before !== undefined && before.modules.length === instances.length) {
    if (before.modules.every((module, i) => module === instances[i]!.module)) return before.objects;
  }
  const objects: number[] = [];
  let named = false;
  for (const [i, entry] of entries.entries()) {
    if (entry.kind !== "func") objects.push(i);
    else if (!inventory.hasFunc(entry.place)) damaged("a function that is not there");
    else named ||= typeof entry.place === "string";
  }
  // What names stand for is not the modules' to say.
  if (!named) checked.set(entries, { modules: instances.map(({ module }) => module), objects });
  return objects;
}
const checked = new WeakMap<readonly RefEntry[], { modules: readonly DecodedModule[]; objects: readonly number[] }>();

/** A word of a field of this type. */
function wordOf(storage: ValType, word: number): number {
  if (storage === I8 || storage === I16) {
    if (word < 0 || word >= 2 ** (8 * storageBytes(storage))) damaged("a packed field that is too large");
  }
  return word | 0;
}

function elementsClass(storage: ValType): new (length: number) => NumberElements {
  return storage === I8 ? Uint8Array : storage === I16 ? Uint16Array : Int32Array;
}
