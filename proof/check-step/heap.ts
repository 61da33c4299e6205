// Exceptions, structs, arrays and values of the host's. They are shown as a whole, with every reference to them: objects
// have no addresses, and are numbered in the order in which they are found.
import { read, write } from "./bytes.js";
import { refuse, TrapError } from "./errors.js";
import type { Part } from "./part.js";
import { storageBytes } from "./program.js";
import { EMPTY, isObject, objectRef, payloadOf, type Ref, type Slot, type State } from "./state.js";

export const EXCEPTION = 0;
export const STRUCT = 1;
export const ARRAY = 2;
export const HOST = 3;

export interface HeapObject {
  readonly kind: number;
  /** Number of an exception's tag; else of the first instance that has the type, whose first typeidx is the other one. */
  readonly place: number;
  readonly typeidx: number;
  /** Slots of an exception or struct. */
  readonly slots: Slot[];
  /** Elements of an array of references. */
  readonly refs: Ref[];
  /** Elements of an array of numbers, and how wide each is; what the host's value is. */
  readonly bytes: Uint8Array;
  readonly width: number;
  readonly length: number;
}

const HEADER_BYTES = 16;
/** What objects are accounted with: any, an array of numbers or an exception, and each cell. */
const OBJECT_BYTES = 96;
const TYPED_BYTES = 256;
const MAX_REFERENCES = 2 ** 25;
/** Bytes of an array that a step may make. */
const MOST_BYTES = 2 ** 26;
export const exceptionBytes = (slots: number) => TYPED_BYTES + 16 * slots;
/** A struct's cells are references and words of 32 bits. */
export function structBytes(values: readonly string[]): number {
  const cells = values.map((value) => (value === "ref" ? 1 : Math.ceil(storageBytes(value) / 4)));
  return OBJECT_BYTES + 8 * cells.reduce((sum, count) => sum + count, 0);
}
export function arrayBytes(value: string, length: number): number {
  if (value !== "ref") return TYPED_BYTES + Math.ceil((length * storageBytes(value)) / 8) * 8;
  if (length > MAX_REFERENCES) throw new TrapError("memory limit exceeded");
  return OBJECT_BYTES + 8 * length;
}

export class Heap {
  private decoded: HeapObject[] | null = null;

  constructor(private readonly state: State) {}

  private get objects(): HeapObject[] {
    this.decoded ??= this.decode();
    return this.decoded;
  }

  get(ref: Ref): HeapObject {
    return this.objects[payloadOf(ref)]!;
  }
  /** Its bytes are the caller's to account for. */
  add(object: HeapObject): Ref {
    this.state.heapChanged();
    return objectRef(this.objects.push(object) - 1);
  }
  /** Something in an object was written. */
  changed(): void {
    this.state.heapChanged();
  }

  /** The outline's type of a struct or array. */
  typeOf({ place, typeidx }: HeapObject) {
    return this.state.program(place).outline.types[typeidx]!;
  }

  /** The first place that has a type. */
  placeOf(instance: number, typeidx: number): { readonly place: number; readonly typeidx: number } {
    const { key } = this.state.program(instance).outline.types[typeidx]!;
    for (let place = 0; ; place++) {
      const found = this.state.program(place).outline.types.findIndex((type) => type.key === key);
      if (found >= 0) return { place, typeidx: found };
    }
  }

  // ---- Room ----

  /** Counts an object that is to be made; `pay` is charged for a trace. */
  allocate(bytes: number, pay: (used: number) => void): void {
    const { state } = this;
    const limit = state.limit("gcHeapBytes");
    let used = state.account("heapUsed");
    if (used + bytes > limit) {
      if (used - state.account("heapLive") >= limit / 8) {
        pay(used);
        used = this.liveBytes();
        state.setAccount("heapLive", used);
      }
      if (used + bytes > limit) {
        state.setAccount("heapUsed", used);
        throw new TrapError("memory limit exceeded");
      }
    }
    state.setAccount("heapUsed", used + bytes);
  }

  private liveBytes(): number {
    return this.found().reduce((sum, number) => sum + this.bytesOf(this.objects[number]!), 0);
  }
  private bytesOf(object: HeapObject): number {
    if (object.kind === EXCEPTION) return exceptionBytes(object.slots.length);
    if (object.kind === HOST) return 0;
    const { values } = this.typeOf(object);
    return object.kind === STRUCT ? structBytes(values) : arrayBytes(values[0]!, object.length);
  }

  // ---- The part of the state ----

  private decode(): HeapObject[] {
    const part = this.state.part("heap");
    const objects: HeapObject[] = [];
    for (let at = 0; at < part.byteLength; ) {
      const [kind, place, typeidx, count] = [0, 4, 8, 12].map((word) => part.u32(at + word)) as [
        number,
        number,
        number,
        number,
      ];
      at += HEADER_BYTES;
      const object: HeapObject = { ...empty(kind, place, typeidx), length: count };
      if (kind === EXCEPTION || kind === STRUCT) {
        for (let i = 0; i < count; i++) object.slots.push(this.state.readSlot(part, at + 16 * i));
        at += 16 * count;
        objects.push(object);
        continue;
      }
      const value = kind === ARRAY ? this.typeOf(object).values[0]! : "i8";
      const width = storageBytes(value);
      if (value === "ref") {
        for (let i = 0; i < count; i++) object.refs.push(this.state.readRef(part, at + 8 * i));
        objects.push(object);
      } else objects.push({ ...object, bytes: part.bytes(at, count * width), width });
      at += Math.ceil((count * width) / 8) * 8;
    }
    return objects;
  }

  private encode(numbers: readonly number[], renumbered: (ref: Ref) => Ref): Uint8Array {
    const pieces = numbers.map((number) => encodeObject(this.objects[number]!, renumbered));
    const bytes = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const piece of pieces) {
      bytes.set(piece, at);
      at += piece.length;
    }
    return bytes;
  }

  /** Every place outside of the heap that has a reference: where a part's cells are, in the order of the numbering. */
  private *cells(): Generator<{ readonly part: Part; readonly at: number }> {
    const { state } = this;
    const all = function* (part: Part, from: number, step: number) {
      for (let at = from; at < part.byteLength; at += step) yield { part, at };
    };
    yield* all(state.part("globals"), 8, 16);
    for (let i = 0; i < state.context.tables.length; i++) yield* all(state.part(`table ${i}`), 0, 8);
    yield* all(state.part("elements"), 0, 8);
    yield* all(state.part("stack"), 8, 16);
  }

  /** Numbers of the objects that are reachable, in the order in which they are found. */
  private found(): number[] {
    const order: number[] = [];
    const seen = new Set<number>();
    const find = (ref: Ref) => {
      if (!isObject(ref) || seen.has(payloadOf(ref))) return;
      seen.add(payloadOf(ref));
      order.push(payloadOf(ref));
    };
    for (const { part, at } of this.cells()) find(part.number(at, 8));
    for (let i = 0; i < order.length; i++) {
      const { slots, refs } = this.objects[order[i]!]!;
      for (const { ref } of slots) find(ref);
      refs.forEach(find);
    }
    return order;
  }

  /** Numbers objects anew; those that nothing leads to are gone. */
  renumber(): void {
    const order = this.found();
    const numbers = new Map(order.map((old, number) => [old, number]));
    const renumbered = (ref: Ref) => (isObject(ref) ? objectRef(numbers.get(payloadOf(ref))!) : ref);
    const bytes = this.encode(order, renumbered);
    for (const { part, at } of this.cells()) {
      const ref = part.number(at, 8);
      if (isObject(ref) && renumbered(ref) !== ref) part.setNumber(at, 8, renumbered(ref));
    }
    this.state.part("heap").replace(bytes);
  }
}

function empty(kind: number, place: number, typeidx: number): HeapObject {
  return { kind, place, typeidx, slots: [], refs: [], bytes: new Uint8Array(0), width: 1, length: 0 };
}

export function exception(tag: number, slots: readonly Slot[]): HeapObject {
  return { ...empty(EXCEPTION, tag, 0), slots: [...slots], length: slots.length };
}
export function struct(type: { readonly place: number; readonly typeidx: number }, slots: readonly Slot[]): HeapObject {
  return { ...empty(STRUCT, type.place, type.typeidx), slots: [...slots], length: slots.length };
}
/** An array of zeros or nulls. */
export function array(
  type: { readonly place: number; readonly typeidx: number },
  value: string,
  length: number,
): HeapObject {
  if (length * storageBytes(value) > MOST_BYTES) refuse(`an array of more than ${MOST_BYTES} bytes has no proof`);
  const object = { ...empty(ARRAY, type.place, type.typeidx), length };
  if (value === "ref") return { ...object, refs: new Array<Ref>(length).fill(EMPTY.ref) };
  const width = storageBytes(value);
  return { ...object, bytes: new Uint8Array(length * width), width };
}

function encodeObject(object: HeapObject, renumbered: (ref: Ref) => Ref): Uint8Array {
  const { kind, place, typeidx, slots, refs, bytes: content, length } = object;
  const size = 16 * slots.length + 8 * refs.length + content.length;
  const bytes = new Uint8Array(HEADER_BYTES + Math.ceil(size / 8) * 8);
  [kind, place, typeidx, length].forEach((word, i) => {
    write(bytes, 4 * i, 4, BigInt(word));
  });
  slots.forEach(({ bits, ref }, i) => {
    write(bytes, HEADER_BYTES + 16 * i, 8, bits);
    write(bytes, HEADER_BYTES + 16 * i + 8, 8, renumbered(ref));
  });
  refs.forEach((ref, i) => {
    write(bytes, HEADER_BYTES + 8 * i, 8, renumbered(ref));
  });
  bytes.set(content, HEADER_BYTES);
  return bytes;
}

/** The bits of an element of an array of numbers. */
export function elementBits({ bytes, width }: HeapObject, index: number): bigint {
  return read(bytes, index * width, width);
}
