// The operations that the dispatch loop leaves to the driver: general calls, throws, growth and
// bulk work, and accesses that the loop's 31-bit addresses do not reach.
//
// Conventions: `at` is the position before the operation's words; slot words are relative to the frame.
import { isRef } from "../../decoder/index.js";
import { Crash } from "../errors.js";
import { BULK_MEMORY, BULK_MEMORY_GROW, BULK_TABLE, extraCost, valuesCost } from "../fuel-schedule.js";
import { PAID_ANYHOW, TABLE64 } from "../lowering/lower-calls.js";
import { type DecodedOperation, decodeOperation } from "../register-code/decode-operation.js";
import type { Access, Address } from "../register-code/register-op-layout.js";
import { accessOf, COLD, meaningOf, registerOp } from "../register-code/register-op-table.js";
import type { FuncInst } from "../store/func.js";
import { exceptionBytes } from "../store/heap.js";
import { ExnInst, type Ref } from "../store/refs.js";
import type { TableInst } from "../store/table.js";
import { TRAP_UNALIGNED_ATOMIC } from "../trap-codes.js";
import { slotsOf, slotsOfAll } from "../values.js";
import { addressOf, load32, setNumber, store32 } from "./access.js";
import { atomicAddress, holds } from "./access-atomic.js";
import { EXIT_ASIDE } from "./exits.js";
import { makeRoom, payExtra, settleFuel, trap } from "./flow.js";
import { callFunc, tailCallFunc } from "./func-calls.js";
import type { Machine } from "./machine.js";
import { copyRefs, fits, type Operation, proceed, refAt, unsigned } from "./operation.js";
import { GC_OPERATIONS } from "./operations-gc.js";
import { stepAside } from "./step-aside.js";
import type { Thread } from "./thread.js";
import { tierOf } from "./tier.js";
import { throwException } from "./unwind.js";

// ---- Calls ----

/** The function at an index of a table, if it has the type; traps otherwise. */
function resolve(thread: Thread, table: TableInst, index: number, typeId: number): FuncInst | undefined {
  if (index >= table.elements.length) {
    trap(thread, "undefined element");
    return undefined;
  }
  const func = table.at(index) as FuncInst | null;
  if (func === null) {
    trap(thread, `uninitialized element ${index}`);
    return undefined;
  }
  if (func.typeId !== typeId && !thread.store.registry.isSubtypeId(func.typeId, typeId)) {
    trap(thread, "indirect call type mismatch");
    return undefined;
  }
  return func;
}

function resolveFrom(thread: Thread, slot: number, tableWord: number, typeId: number): FuncInst | undefined {
  const { machine: m } = thread;
  const table = m.instance.tables[tableWord & ~TABLE64]!;
  return resolve(thread, table, unsigned(m, slot, (tableWord & TABLE64) !== 0), typeId);
}

function callIndirect(thread: Thread, at: number): void {
  const { machine: m } = thread;
  const word = m.code[at]!;
  const func = resolveFrom(thread, (word >>> 16) & 255, 0, m.code[at + 1]!);
  if (func !== undefined) callFunc(thread, func, m.fp + ((word >>> 8) & 255) * 2, at + 3);
}

function callRef(thread: Thread, at: number): void {
  const { machine: m } = thread;
  const word = m.code[at]!;
  callRefAt(thread, (word >>> 16) & 255, m.fp + ((word >>> 8) & 255) * 2, at + 3);
}
function callRefAt(thread: Thread, slot: number, base: number, returnTo: number): void {
  const func = refAt(thread.machine, slot) as FuncInst | null;
  if (func === null) trap(thread, "null function reference");
  else callFunc(thread, func, base, returnTo);
}

// ---- Bulk operations ----

function memoryCopy(thread: Thread, at: number): undefined {
  const { machine: m } = thread;
  const { code, instance } = m;
  const target = instance.memories[code[at + 4]!]!;
  const source = instance.memories[code[at + 5]!]!;
  const to = unsigned(m, code[at + 1]!, target.type.is64);
  const from = unsigned(m, code[at + 2]!, source.type.is64);
  const n = unsigned(m, code[at + 3]!, target.type.is64 && source.type.is64);
  if (!fits(to, n, target.byteLength) || !fits(from, n, source.byteLength))
    return trap(thread, "out of bounds memory access");
  if (!payExtra(thread, extraCost(thread.context.schedule, BULK_MEMORY, n, 1))) return undefined;
  if (n > 0) {
    target.copy(to, source, from, n);
    m.bind(instance);
  }
  return proceed(thread, at + 7);
}

function memoryFill(thread: Thread, at: number): undefined {
  const { machine: m } = thread;
  const { code } = m;
  const memory = m.instance.memories[code[at + 4]!]!;
  const to = unsigned(m, code[at + 1]!, memory.type.is64);
  const n = unsigned(m, code[at + 3]!, memory.type.is64);
  if (!fits(to, n, memory.byteLength)) return trap(thread, "out of bounds memory access");
  if (!payExtra(thread, extraCost(thread.context.schedule, BULK_MEMORY, n, 1))) return undefined;
  if (n > 0) {
    memory.fill(to, n, unsigned(m, code[at + 2]!, false));
    m.bind(m.instance);
  }
  return proceed(thread, at + 6);
}

function memoryInit(thread: Thread, at: number): undefined {
  const { machine: m } = thread;
  const { code } = m;
  const data = m.instance.dataBytes(code[at + 4]!);
  const memory = m.instance.memories[code[at + 5]!]!;
  const to = unsigned(m, code[at + 1]!, memory.type.is64);
  const from = unsigned(m, code[at + 2]!, false);
  const n = unsigned(m, code[at + 3]!, false);
  if (!fits(to, n, memory.byteLength) || !fits(from, n, data.length))
    return trap(thread, "out of bounds memory access");
  if (!payExtra(thread, extraCost(thread.context.schedule, BULK_MEMORY, n, 1))) return undefined;
  if (n > 0) {
    memory.write(to, data.subarray(from, from + n));
    m.bind(m.instance);
  }
  return proceed(thread, at + 7);
}

function memoryGrow(thread: Thread, at: number): undefined {
  const { machine: m } = thread;
  const { code } = m;
  const memidx = code[at + 3]!;
  const memory = m.instance.memories[memidx & ~PAID_ANYHOW]!;
  const delta = unsigned(m, code[at + 2]!, memory.type.is64);
  const word = m.fp + code[at + 1]! * 2;
  const pageBytes = 2 ** memory.type.pageSizeLog2;
  const grows = memory.pages + delta <= memory.maxPages && thread.store.mayGrowMemory(delta * pageBytes);
  if (grows || memidx >= PAID_ANYHOW) {
    if (!payExtra(thread, extraCost(thread.context.schedule, BULK_MEMORY_GROW, delta, pageBytes))) return undefined;
  }
  let result = -1;
  // By nothing, the views stay as they are, but for who shows the buffer to others.
  if (grows && delta === 0 && memory.onGrow === null) result = memory.pages;
  else if (grows) {
    result = memory.grow(delta);
    m.bind(m.instance);
  }
  setNumber(m.R, word, result);
  return proceed(thread, at + 5);
}

function tableCopy(thread: Thread, at: number): undefined {
  const { machine: m } = thread;
  const { code, instance } = m;
  const target = instance.tables[code[at + 4]!]!;
  const source = instance.tables[code[at + 5]!]!;
  const to = unsigned(m, code[at + 1]!, target.type.is64);
  const from = unsigned(m, code[at + 2]!, source.type.is64);
  const n = unsigned(m, code[at + 3]!, target.type.is64 && source.type.is64);
  if (!fits(to, n, target.elements.length) || !fits(from, n, source.elements.length)) {
    return trap(thread, "out of bounds table access");
  }
  if (!payExtra(thread, extraCost(thread.context.schedule, BULK_TABLE, n, 8))) return undefined;
  source.take(from, from + n);
  copyRefs(target.elements, to, source.elements, from, n);
  return proceed(thread, at + 7);
}

function tableFill(thread: Thread, at: number): undefined {
  const { machine: m } = thread;
  const { code } = m;
  const table = m.instance.tables[code[at + 4]!]!;
  const to = unsigned(m, code[at + 1]!, table.type.is64);
  const n = unsigned(m, code[at + 3]!, table.type.is64);
  if (!fits(to, n, table.elements.length)) return trap(thread, "out of bounds table access");
  if (!payExtra(thread, extraCost(thread.context.schedule, BULK_TABLE, n, 8))) return undefined;
  table.elements.fill(refAt(m, code[at + 2]!), to, to + n);
  return proceed(thread, at + 6);
}

function tableInit(thread: Thread, at: number): undefined {
  const { machine: m } = thread;
  const { code } = m;
  const elemidx = code[at + 4]!;
  const table = m.instance.tables[code[at + 5]!]!;
  const to = unsigned(m, code[at + 1]!, table.type.is64);
  const from = unsigned(m, code[at + 2]!, false);
  const n = unsigned(m, code[at + 3]!, false);
  if (!fits(to, n, table.elements.length) || !fits(from, n, m.instance.elemLength(elemidx))) {
    return trap(thread, "out of bounds table access");
  }
  if (!payExtra(thread, extraCost(thread.context.schedule, BULK_TABLE, n, 8))) return undefined;
  copyRefs(table.elements, to, m.instance.elemRefsAgain(elemidx, from, n), 0, n);
  return proceed(thread, at + 7);
}

function tableGrow(thread: Thread, at: number): undefined {
  const { machine: m } = thread;
  const { code } = m;
  const tableidx = code[at + 4]!;
  const table = m.instance.tables[tableidx & ~PAID_ANYHOW]!;
  const delta = unsigned(m, code[at + 3]!, table.type.is64);
  const grows = delta <= 0xffffffff && table.mayGrow(delta);
  if (grows || tableidx >= PAID_ANYHOW) {
    if (!payExtra(thread, extraCost(thread.context.schedule, BULK_TABLE, delta, 8))) return undefined;
  }
  const result = grows ? table.growRaw(delta, refAt(m, code[at + 2]!)) : -1;
  setNumber(m.R, m.fp + code[at + 1]! * 2, result);
  return proceed(thread, at + 6);
}

// ---- Waiting ----

/**
 * memory.atomic.wait32 and wait64, where nobody else can notify: a value that is as expected
 * waits until its timeout, which passes on the store's clock. The order of the checks is the
 * threads proposal's: alignment, sharing, bounds.
 */
function atomicWait(thread: Thread, at: number): undefined {
  const { code, R, fp, instance } = thread.machine;
  const [slot, flags, width] = [code[at + 1]!, code[at + 2]!, code[at + 5]!];
  const memory = thread.machine.memoryAt(flags);
  const word = fp + slot * 2;
  const address = atomicAddress(
    thread.machine,
    memory,
    R[word]!,
    R[word + 1]!,
    flags,
    code[at + 3]!,
    code[at + 4]!,
    width,
  );
  if (address === -TRAP_UNALIGNED_ATOMIC) return trap(thread, "unaligned atomic");
  if (!memory.type.shared) return trap(thread, "expected shared memory");
  if (address < 0 && address !== EXIT_ASIDE) return trap(thread, "out of bounds memory access");
  let result = 1;
  const start = addressOf(R[word]!, R[word + 1]!, flags, code[at + 3]!, code[at + 4]!);
  if (holds(memory, start, width, R[word + 2]!, R[word + 3]!)) {
    const high = R[word + 5]!;
    // Non-spec: the specification lets the agent sleep for ever.
    if (high < 0) return trap(thread, "wait without timeout, and no other agent to notify it");
    instance.store.clock.advance((BigInt(high) << 32n) | BigInt(R[word + 4]! >>> 0));
    result = 2;
  }
  R[word] = result;
  thread.machine.pc = at + 6;
  return undefined;
}

// ---- Exceptions ----

function throwTag(thread: Thread, at: number): void {
  const { machine: m } = thread;
  const tag = m.instance.tags[m.code[at + 2]!]!;
  const slot = (m.fp >> 1) + m.code[at + 1]!;
  const slots = slotsOfAll(tag.type.params);
  const bytes = exceptionBytes(slots);
  if (!makeRoom(thread, bytes)) return;
  thread.store.chargeHeap(bytes);
  const words = m.R.slice(slot * 2, (slot + slots) * 2);
  const refs = new Array<Ref>(slots).fill(null);
  // Slots of numbers may hold references that are left over, which would count as live.
  let i = 0;
  for (const type of tag.type.params) {
    if (isRef(type)) refs[i] = m.refs[slot + i]!;
    i += slotsOf(type);
  }
  throwException(thread, new ExnInst(tag, words, refs));
}

function throwRef(thread: Thread, at: number): void {
  const exception = refAt(thread.machine, thread.machine.code[at + 1]!) as ExnInst | null;
  if (exception === null) trap(thread, "null exception reference");
  else if (payExtra(thread, valuesCost(thread.context.schedule, exception.tag.type.params.length)))
    throwException(thread, exception);
}

// ---- Profiles ----

function count(thread: Thread, at: number): undefined {
  const { machine: m, context } = thread;
  const { blockCounts, meter, module } = context;
  const offset = m.code[at + 1]!;
  if (meter !== null) meter.charged(module, offset, m.sp, thread.fuelUsed);
  else blockCounts!.set(offset, (blockCounts!.get(offset) ?? 0) + 1);
  m.pc = at + 2;
  return undefined;
}

// ---- Other tiers ----

function enterLoop(thread: Thread, at: number): undefined {
  const { machine: m } = thread;
  const [offset, cost] = [m.code[at + 1]!, m.code[at + 2]!];
  if (tierOf(thread)?.enterLoop(thread, offset, cost) !== true) m.pc = at + 3;
  return undefined;
}

/** What the driver does, by operation. */
export const OPERATIONS: Readonly<Record<string, Operation>> = {
  call_indirect: callIndirect,
  call_ref: callRef,
  "call_indirect.any": (thread, at) => {
    const { code, fp } = thread.machine;
    const func = resolveFrom(thread, code[at + 2]!, code[at + 3]!, code[at + 4]!);
    if (func !== undefined) callFunc(thread, func, fp + code[at + 1]! * 2, at + 6);
  },
  "call_ref.any": (thread, at) => {
    const { code, fp } = thread.machine;
    callRefAt(thread, code[at + 2]!, fp + code[at + 1]! * 2, at + 5);
  },
  "call.wide": (thread, at) => {
    const { code, fp, instance } = thread.machine;
    callFunc(thread, instance.func(code[at + 2]!), fp + code[at + 1]! * 2, at + 4);
  },
  return_call_import: (thread, at) => {
    const { code, instance } = thread.machine;
    tailCallFunc(thread, instance.func(code[at + 1]!));
  },
  return_call_indirect: (thread, at) => {
    const { code } = thread.machine;
    const func = resolveFrom(thread, code[at + 1]!, code[at + 2]!, code[at + 3]!);
    if (func !== undefined) tailCallFunc(thread, func);
  },
  return_call_ref: (thread, at) => {
    const func = refAt(thread.machine, thread.machine.code[at + 1]!) as FuncInst | null;
    if (func === null) trap(thread, "null function reference");
    else tailCallFunc(thread, func);
  },
  "memory.atomic.wait": atomicWait,
  throw: throwTag,
  throw_ref: throwRef,
  "memory.copy": memoryCopy,
  "memory.fill": memoryFill,
  "memory.init": memoryInit,
  "memory.grow": memoryGrow,
  "table.copy": tableCopy,
  "table.fill": tableFill,
  "table.init": tableInit,
  "table.grow": tableGrow,
  count,
  enter_loop: enterLoop,
  ...GC_OPERATIONS,
};

/** operation number → what does it */
const BY_NUMBER: ReadonlyMap<number, Operation> = new Map(
  Object.entries(OPERATIONS).map(([name, operation]) => [registerOp(name), operation]),
);

/** Performs the operation at `pc`. */
export function perform(thread: Thread): void {
  const { code, pc } = thread.machine;
  const byte = code[pc]! & 255;
  const number = byte === COLD ? code[pc + 1]! : byte;
  const operation = BY_NUMBER.get(number);
  if (operation === undefined) throw new Crash(`operation ${number} is not the driver's`);
  operation(thread, byte === COLD ? pc + 1 : pc);
}

// ---- Accesses to memory 0 at 2^31 and above ----

/** Where the access of an operation is, in bytes from the memory's beginning. */
function addressOfAccess(
  { R, fp }: Machine,
  { register, shift, addend, offset }: Address,
  op: DecodedOperation,
): number {
  const wordAt = (slot: number) => R[fp + slot * 2]!;
  const added = addend === "none" ? 0 : addend === "k" ? op.word("k") : wordAt(op.field("c"));
  const base = ((wordAt(op.field(register)) << shift) + added) >>> 0;
  return base + (offset === "word" ? op.word("offset") : op.field("c"));
}

/** The access at `pc` is beyond the views, out of bounds, or where the loop does not go: does it, or traps. */
export function farAccess(thread: Thread, dispatch: (m: Machine) => number): undefined {
  const { machine: m } = thread;
  const decoded = decodeOperation(m.code, m.pc);
  const access = accessOf(decoded.op);
  const memory = m.instance.memories[0];
  if (access === undefined || typeof access.address === "string")
    throw new Crash(`operation ${decoded.op} reaches every address`);
  const address = addressOfAccess(m, access.address, decoded);
  if (memory === undefined || address + access.width > memory.byteLength)
    return trap(thread, "out of bounds memory access");
  if (meaningOf(decoded.op).kind === "table") {
    jumpBy(thread, decoded, memory.readU8(address));
    return undefined;
  }
  if (access.type === "v128") return stepAside(thread, dispatch);
  const covered = memory.covers(address + access.width);
  if (covered) memory.mark(address, access.width);
  const bytes = covered ? memory.u8 : VALUE;
  const at = covered ? address : 0;
  if (!covered) memory.peek(address, access.width, VALUE, 0);
  if (access.value === "result") loadFrom(bytes, at, access, m.R, m.fp + decoded.field("a") * 2);
  else {
    const from = access.value === "register" ? m.fp + decoded.field("b") * 2 : -1;
    const low = from < 0 ? decoded.word(access.value) : m.R[from]!;
    storeTo(bytes, at, access.width, low, from < 0 ? 0 : m.R[from + 1]!);
    if (!covered) memory.poke(address, access.width, VALUE, 0);
  }
  m.pc = decoded.next;
  m.bind(m.instance);
  return undefined;
}
/** The bytes of an access on their way. */
const VALUE = new Uint8Array(8);

/** Goes where the jump table says, which is count + 1 pairs of target and fuel. */
function jumpBy(thread: Thread, { word, next }: DecodedOperation, byte: number): void {
  const { machine: m } = thread;
  const pair = next + 2 * Math.min((byte + word("bias")) >>> 0, word("count"));
  m.fuel -= m.code[pair + 1]!;
  m.pc = m.code[pair]!;
  m.bind(m.instance);
  if (m.fuel < 0) settleFuel(thread);
}

/** Up to four bytes as an unsigned number; four as an int32. */
function bytesAt(u8: Uint8Array, at: number, width: number): number {
  if (width === 1) return u8[at]!;
  return width === 2 ? u8[at]! | (u8[at + 1]! << 8) : load32(u8, at);
}

function loadFrom(u8: Uint8Array, at: number, access: Access<number>, R: Int32Array, to: number): void {
  const { width, signed, type } = access;
  if (width === 8) {
    R[to] = load32(u8, at);
    R[to + 1] = load32(u8, at + 4);
    return;
  }
  const unused = 32 - 8 * width;
  const bytes = bytesAt(u8, at, width);
  const value = signed ? (bytes << unused) >> unused : bytes;
  R[to] = value;
  R[to + 1] = type === "i64" && signed ? value >> 31 : 0;
}

function storeTo(u8: Uint8Array, at: number, width: number, low: number, high: number): void {
  u8[at] = low;
  if (width === 2) u8[at + 1] = low >> 8;
  if (width >= 4) store32(u8, at, low);
  if (width === 8) store32(u8, at + 4, high);
}
