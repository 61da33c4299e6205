// References, structs and arrays.
import { OP, type OpcodeName, type TrapMessage } from "../../decoder/opcodes.js";
import { write } from "./bytes.js";
import type { Instruction } from "./code.js";
import { refuse, TrapError } from "./errors.js";
import { ARRAY, array, arrayBytes, elementBits, type HeapObject, HOST, STRUCT, struct, structBytes } from "./heap.js";
import type { Machine } from "./machine.js";
import { Program, storageBytes } from "./program.js";
import { EMPTY, funcPlace, i31Ref, isI31, isObject, NULL, payloadOf, type Ref, type Slot } from "./state.js";

type Execute = (m: Machine, instruction: Instruction) => void;
export const AGGREGATES = new Map<number, Execute>();
const define = (name: OpcodeName, execute: Execute) => AGGREGATES.set(OP[name], execute);

// ---- References ----

define("ref.null", (m) => m.pushRef(NULL));
define("ref.func", (m, { index }) => m.pushRef(m.state.funcOf(m.instance, index)));
define("ref.is_null", (m) => m.push(m.popRef() === NULL ? 1n : 0n));
define("ref.eq", (m) => {
  const second = m.popRef();
  m.push(m.popRef() === second ? 1n : 0n);
});
define("ref.as_non_null", (m) => {
  if (m.peek(0).ref === NULL) throw new TrapError("null reference");
});
define("br_on_null", (m, { index }) => {
  if (m.peek(0).ref !== NULL) return;
  m.popRef();
  m.branch(m.target(index));
});
define("br_on_non_null", (m, { index }) => {
  if (m.peek(0).ref === NULL) m.popRef();
  else m.branch(m.target(index));
});
define("any.convert_extern", () => {});
define("extern.convert_any", () => {});
define("ref.i31", (m) => m.pushRef(i31Ref(m.pop())));
for (const sign of ["s", "u"] as const) {
  define(`i31.get_${sign}`, (m) => {
    const ref = m.popRef();
    if (ref === NULL) throw new TrapError("null i31 reference");
    m.push(sign === "s" ? BigInt(payloadOf(ref)) : BigInt(payloadOf(ref)) & 0x7fffffffn);
  });
}

const HEAP = {
  none: -15,
  any: -18,
  func: -16,
  extern: -17,
  exn: -23,
  eq: -19,
  i31: -20,
  struct: -21,
  array: -22,
} as const;

/** Whether a reference is of a heap type of its own hierarchy, null aside (spec 4.6.2). */
function isOf(m: Machine, ref: Ref, heap: number): boolean {
  const object = isObject(ref) ? m.state.heap.get(ref) : null;
  if (heap >= 0) {
    const { key } = m.state.program(m.instance).outline.types[heap]!;
    if (isI31(ref)) return false;
    if (object !== null)
      return (object.kind === STRUCT || object.kind === ARRAY) && Program.isSubtype(m.state.heap.typeOf(object), key);
    return Program.isSubtype(m.typeOf(funcPlace(ref) ?? refuse("a function of the host's without a type")), key);
  }
  const isAggregate = object?.kind === STRUCT || object?.kind === ARRAY;
  switch (heap) {
    case HEAP.any:
    case HEAP.func:
    case HEAP.extern:
    case HEAP.exn:
      return true;
    case HEAP.eq:
      return isI31(ref) || isAggregate;
    case HEAP.i31:
      return isI31(ref);
    case HEAP.struct:
      return object?.kind === STRUCT;
    case HEAP.array:
      return object?.kind === ARRAY;
  }
  // The bottom of a hierarchy has no value but null.
  return false;
}
const fits = (m: Machine, ref: Ref, heap: number, nullable: boolean) => (ref === NULL ? nullable : isOf(m, ref, heap));

for (const [name, nullable] of [
  ["ref.test", false],
  ["ref.test null", true],
] as const) {
  define(name, (m, { heap }) => m.push(fits(m, m.popRef(), heap, nullable) ? 1n : 0n));
}
for (const [name, nullable] of [
  ["ref.cast", false],
  ["ref.cast null", true],
] as const) {
  define(name, (m, { heap }) => {
    if (!fits(m, m.peek(0).ref, heap, nullable)) throw new TrapError("cast failure");
  });
}
const TARGET_NULLABLE = 2;
for (const [name, onFit] of [
  ["br_on_cast", true],
  ["br_on_cast_fail", false],
] as const) {
  define(name, (m, { heap2, flags, index }) => {
    if (fits(m, m.peek(0).ref, heap2, (flags & TARGET_NULLABLE) !== 0) === onFit) m.branch(m.target(index));
  });
}

// ---- Structs ----

const widthOf = (value: string) => (value === "v128" ? 2 : 1);
const valuesOf = (m: Machine, typeidx: number) => m.state.program(m.instance).outline.types[typeidx]!.values;

/** A field's slots, of which packed ones keep their bits. */
function packed(value: string, slots: readonly Slot[]): Slot[] {
  if (value !== "i8" && value !== "i16") return [...slots];
  return [{ bits: BigInt.asUintN(value === "i8" ? 8 : 16, slots[0]!.bits), ref: NULL }];
}
/** What is read of a field or element. */
function unpacked(value: string, sign: string | undefined, bits: bigint): bigint {
  const width = value === "i8" ? 8 : value === "i16" ? 16 : 0;
  return width > 0 && sign === "s" ? BigInt.asUintN(32, BigInt.asIntN(width, bits)) : bits;
}

function allocate(m: Machine, bytes: number): void {
  m.state.heap.allocate(bytes, (used) => m.pay(m.prices.trace(used)));
}

function newStruct(m: Machine, typeidx: number, slots: (values: readonly string[]) => Slot[]): void {
  const values = valuesOf(m, typeidx);
  const size = values.reduce((sum, value) => sum + storageBytes(value), 0);
  m.pay(m.prices.work("fixed", 1, size));
  allocate(m, structBytes(values));
  m.pushRef(m.state.heap.add(struct(m.state.heap.placeOf(m.instance, typeidx), slots(values))));
}
define("struct.new", (m, { index }) =>
  newStruct(m, index, (values) =>
    [...values]
      .reverse()
      .map((value) => packed(value, m.popMany(widthOf(value))))
      .reverse()
      .flat(),
  ),
);
define("struct.new_default", (m, { index }) =>
  newStruct(m, index, (values) => values.flatMap((value) => new Array<Slot>(widthOf(value)).fill(EMPTY))),
);

/** Where a field's slots are. */
function fieldAt(values: readonly string[], fieldidx: number): number {
  return values.slice(0, fieldidx).reduce((sum, value) => sum + widthOf(value), 0);
}
for (const [name, sign] of [
  ["struct.get", undefined],
  ["struct.get_s", "s"],
  ["struct.get_u", "u"],
] as const) {
  define(name, (m, { index, index2 }) => {
    const ref = m.popRef();
    if (ref === NULL) throw new TrapError("null structure reference");
    const values = valuesOf(m, index);
    const value = values[index2]!;
    const at = fieldAt(values, index2);
    for (const slot of m.state.heap.get(ref).slots.slice(at, at + widthOf(value)))
      m.pushSlot({ ...slot, bits: unpacked(value, sign, slot.bits) });
  });
}
define("struct.set", (m, { index, index2 }) => {
  const values = valuesOf(m, index);
  const slots = packed(values[index2]!, m.popMany(widthOf(values[index2]!)));
  const ref = m.popRef();
  if (ref === NULL) throw new TrapError("null structure reference");
  m.state.heap.get(ref).slots.splice(fieldAt(values, index2), slots.length, ...slots);
  m.state.heap.changed();
});

// ---- Arrays ----

function setElement(object: HeapObject, value: string, index: number, slots: readonly Slot[]): void {
  if (value === "ref") object.refs[index] = slots[0]!.ref;
  else {
    const bits = slots.reduceRight((all, slot) => (all << 64n) | slot.bits, 0n);
    write(object.bytes, index * object.width, object.width, bits);
  }
}
function pushElement(m: Machine, object: HeapObject, value: string, index: number, sign?: string): void {
  if (value === "ref") m.pushRef(object.refs[index]!);
  else if (value === "v128") m.pushWide(elementBits(object, index));
  else m.push(unpacked(value, sign, elementBits(object, index)));
}

/** Pays for a new array, in fuel and in room, while its operands are in their slots; then they are popped. */
function newArray(m: Machine, typeidx: number, length: number, popped: number): { object: HeapObject; slots: Slot[] } {
  const [value] = valuesOf(m, typeidx) as [string];
  const bytes = arrayBytes(value, length);
  if (bytes > m.state.limit("gcHeapBytes")) throw new TrapError("memory limit exceeded");
  m.pay(m.prices.work("new array", length, storageBytes(value)));
  allocate(m, bytes);
  return { object: array(m.state.heap.placeOf(m.instance, typeidx), value, length), slots: m.popMany(popped) };
}

define("array.new", (m, { index }) => {
  const [value] = valuesOf(m, index) as [string];
  const length = Number(m.peek(0).bits);
  const { object, slots } = newArray(m, index, length, widthOf(value) + 1);
  for (let i = 0; i < length; i++) setElement(object, value, i, slots.slice(0, -1));
  m.pushRef(m.state.heap.add(object));
});
define("array.new_default", (m, { index }) => {
  const { object } = newArray(m, index, Number(m.peek(0).bits), 1);
  m.pushRef(m.state.heap.add(object));
});
define("array.new_fixed", (m, { index, index2: length }) => {
  const [value] = valuesOf(m, index) as [string];
  m.pay(m.prices.work("fixed", length, storageBytes(value)));
  allocate(m, arrayBytes(value, length));
  const object = array(m.state.heap.placeOf(m.instance, index), value, length);
  for (let i = length - 1; i >= 0; i--) setElement(object, value, i, m.popMany(widthOf(value)));
  m.pushRef(m.state.heap.add(object));
});

/** Elements [from, from + count) of a data or element segment into an array. */
function fill(
  m: Machine,
  object: HeapObject,
  value: string,
  at: number,
  segment: number,
  from: number,
  count: number,
): void {
  if (value === "ref") {
    object.refs.splice(at, count, ...m.state.elements(m.instance, segment).slice(from, from + count));
    return;
  }
  const size = storageBytes(value);
  if (count > 0) object.bytes.set(m.state.program(m.instance).data(segment, from, count * size), at * size);
}
/** How many bytes or references a segment has, and what one more than there are is called. */
function segmentOf(m: Machine, isData: boolean, segment: number): { length: number; trap: TrapMessage } {
  return isData
    ? { length: m.state.dataLength(m.instance, segment), trap: "out of bounds memory access" }
    : { length: m.state.elements(m.instance, segment).length, trap: "out of bounds table access" };
}
for (const [name, isData] of [
  ["array.new_data", true],
  ["array.new_elem", false],
] as const) {
  define(name, (m, { index, index2 }) => {
    const [value] = valuesOf(m, index) as [string];
    const [from, length] = [Number(m.peek(1).bits), Number(m.peek(0).bits)];
    const { length: there, trap } = segmentOf(m, isData, index2);
    if (from + length * (isData ? storageBytes(value) : 1) > there) throw new TrapError(trap);
    const { object } = newArray(m, index, length, 2);
    fill(m, object, value, 0, index2, from, length);
    m.pushRef(m.state.heap.add(object));
  });
}

/** The array behind a reference, in which `count` elements from `at` are in bounds. */
function arrayAt(m: Machine, ref: Ref): HeapObject {
  if (ref === NULL) throw new TrapError("null array reference");
  const object = m.state.heap.get(ref);
  if (object.kind === HOST) refuse("a value of the host's is no array");
  return object;
}
function inBounds({ length }: HeapObject, at: bigint, count: bigint): number {
  if (at + count > BigInt(length)) throw new TrapError("out of bounds array access");
  return Number(at);
}

define("array.len", (m) => {
  const ref = m.popRef();
  m.push(BigInt(arrayAt(m, ref).length));
});
for (const [name, sign] of [
  ["array.get", undefined],
  ["array.get_s", "s"],
  ["array.get_u", "u"],
] as const) {
  define(name, (m, { index }) => {
    const at = m.pop();
    const object = arrayAt(m, m.popRef());
    pushElement(m, object, valuesOf(m, index)[0]!, inBounds(object, at, 1n), sign);
  });
}
define("array.set", (m, { index }) => {
  const [value] = valuesOf(m, index) as [string];
  const slots = m.popMany(widthOf(value));
  const at = m.pop();
  const object = arrayAt(m, m.popRef());
  setElement(object, value, inBounds(object, at, 1n), slots);
  m.state.heap.changed();
});

/** Pays for moving elements; operands are still in their slots. */
const payFor = (m: Machine, value: string, count: bigint) =>
  m.pay(m.prices.work("array", Number(count), storageBytes(value)));

define("array.fill", (m, { index }) => {
  const [value] = valuesOf(m, index) as [string];
  const width = widthOf(value);
  const count = m.peek(0).bits;
  const object = arrayAt(m, m.peek(width + 2).ref);
  const at = inBounds(object, m.peek(width + 1).bits, count);
  payFor(m, value, count);
  m.pop();
  const slots = m.popMany(width);
  m.popMany(2);
  for (let i = 0; i < Number(count); i++) setElement(object, value, at + i, slots);
  m.state.heap.changed();
});
define("array.copy", (m, { index }) => {
  const [value] = valuesOf(m, index) as [string];
  const [count, from, to] = [m.peek(0).bits, m.peek(1).bits, m.peek(3).bits];
  const [target, source] = [m.peek(4).ref, m.peek(2).ref];
  if (target === NULL || source === NULL) throw new TrapError("null array reference");
  const [into, out] = [arrayAt(m, target), arrayAt(m, source)];
  const [at, begin] = [inBounds(into, to, count), inBounds(out, from, count)];
  payFor(m, value, count);
  m.popMany(5);
  const n = Number(count);
  if (value === "ref") into.refs.splice(at, n, ...out.refs.slice(begin, begin + n));
  else into.bytes.set(out.bytes.slice(begin * out.width, (begin + n) * out.width), at * into.width);
  m.state.heap.changed();
});
for (const [name, isData] of [
  ["array.init_data", true],
  ["array.init_elem", false],
] as const) {
  define(name, (m, { index, index2 }) => {
    const [value] = valuesOf(m, index) as [string];
    const [count, from, to] = [m.peek(0).bits, m.peek(1).bits, m.peek(2).bits];
    const object = arrayAt(m, m.peek(3).ref);
    const at = inBounds(object, to, count);
    const { length, trap } = segmentOf(m, isData, index2);
    if (Number(from) + Number(count) * (isData ? storageBytes(value) : 1) > length) throw new TrapError(trap);
    payFor(m, value, count);
    m.popMany(4);
    fill(m, object, value, at, index2, Number(from), Number(count));
    m.state.heap.changed();
  });
}
