// Calls, tail calls, throws, and the operations that the driver does: each ends a segment, so
// that fuel is exact when a callee, the host or a bulk operation sees it.

import { registerOp, registerOps } from "../register-code/register-op-table.js";
import type { FunctionLowering } from "./function-lowering.js";
import { unreachableFromHere } from "./lower-control.js";
import type { Signature } from "./module-context.js";
import { IN_SLOT, slotsOfWidths, WIDTH_32, WIDTH_64 } from "./operands.js";

const CALL = registerOp("call");
const CALL_IMPORT = registerOp("call_import");
const CALL_WIDE = registerOp("call.wide");
const CALL_INDIRECT = registerOp("call_indirect");
const CALL_INDIRECT_ANY = registerOp("call_indirect.any");
const CALL_REF = registerOp("call_ref");
const CALL_REF_ANY = registerOp("call_ref.any");
const RETURN_CALL = registerOp("return_call");
const RETURN_CALL_IMPORT = registerOp("return_call_import");
const RETURN_CALL_INDIRECT = registerOp("return_call_indirect");
const RETURN_CALL_REF = registerOp("return_call_ref");
const THROW = registerOp("throw");
/** Bit of a table word: the table's indices are i64. */
export const TABLE64 = 1 << 30;

/** Puts the arguments in their slots and takes them off; returns the slot of the first. */
function takeArguments(l: FunctionLowering, signature: Signature): number {
  const { operands } = l;
  const from = operands.height - signature.params.length;
  l.materialiseFrom(from);
  operands.height = from;
  return operands.slotAt(from);
}

/** Ends the segment with the call at `at`, whose last word is `fuelWord`. */
function afterCall(l: FunctionLowering, base: number, signature: Signature, fuelWord: number): void {
  const { operands } = l;
  l.segments.end();
  // `invoke_*` moves its callee's result from one slot up.
  const room = base + Math.max(slotsOfWidths(signature.params), slotsOfWidths(signature.results)) + 2;
  if (room > operands.maxSlots) operands.maxSlots = room;
  l.markCall();
  l.pushAll(signature.results);
  l.bindReturnPoint(fuelWord);
}

export function lowerCall(l: FunctionLowering): void {
  const { module, emitter } = l;
  const funcidx = l.reader.index;
  const signature = l.signatureOf(module.funcs[funcidx]!);
  const base = takeArguments(l, signature);
  const imported = funcidx < module.importedFuncCount;
  if (emitter.wide) {
    const at = emitter.emit(CALL_WIDE, 0, 0, 0, base, funcidx);
    afterCall(l, base, signature, emitter.fuelWord(at, CALL_WIDE));
    return;
  }
  const func = imported ? funcidx : funcidx - module.importedFuncCount;
  const op = imported ? CALL_IMPORT : CALL;
  const at = emitter.emit(op, base, 0, 0, func);
  afterCall(l, base, signature, emitter.fuelWord(at, op));
}

/** Table word of a general call: the index, and whether its indices are i64. */
function tableWord(l: FunctionLowering, tableidx: number): number {
  return l.module.tables[tableidx]!.is64 ? tableidx | TABLE64 : tableidx;
}

export function lowerCallIndirect(l: FunctionLowering): void {
  const { module, emitter, operands, reader } = l;
  const typeId = module.types[reader.index]!;
  const signature = l.signatureOf(typeId);
  const index = l.slotOf(operands.height - 1);
  operands.height--;
  const base = takeArguments(l, signature);
  if (emitter.wide || reader.index2 !== 0 || module.tables[0]!.is64) {
    const at = emitter.emit(CALL_INDIRECT_ANY, 0, 0, 0, base, index, tableWord(l, reader.index2), typeId);
    afterCall(l, base, signature, emitter.fuelWord(at, CALL_INDIRECT_ANY));
    return;
  }
  const at = emitter.emit(CALL_INDIRECT, base, index, 0, typeId);
  afterCall(l, base, signature, emitter.fuelWord(at, CALL_INDIRECT));
}

export function lowerCallRef(l: FunctionLowering): void {
  const { module, emitter, operands, reader } = l;
  const typeId = module.types[reader.index]!;
  const signature = l.signatureOf(typeId);
  const ref = l.slotOf(operands.height - 1);
  operands.height--;
  const base = takeArguments(l, signature);
  if (emitter.wide) {
    const at = emitter.emit(CALL_REF_ANY, 0, 0, 0, base, ref, typeId);
    afterCall(l, base, signature, emitter.fuelWord(at, CALL_REF_ANY));
    return;
  }
  const at = emitter.emit(CALL_REF, base, ref, 0, typeId);
  afterCall(l, base, signature, emitter.fuelWord(at, CALL_REF));
}

/** Moves the arguments of a tail call to the head of the frame. */
function replaceArguments(l: FunctionLowering, signature: Signature): void {
  const base = takeArguments(l, signature);
  const slots = slotsOfWidths(signature.params);
  if (slots > l.operands.maxSlots) l.operands.maxSlots = slots;
  l.moveValues(0, base, signature.params);
}

export function lowerReturnCall(l: FunctionLowering): void {
  const { module, emitter } = l;
  const funcidx = l.reader.index;
  replaceArguments(l, l.signatureOf(module.funcs[funcidx]!));
  if (funcidx < module.importedFuncCount) emitter.emit(RETURN_CALL_IMPORT, 0, 0, 0, funcidx);
  else emitter.emit(RETURN_CALL, 0, 0, 0, funcidx - module.importedFuncCount);
  l.segments.end();
  unreachableFromHere(l);
}

export function lowerReturnCallIndirect(l: FunctionLowering): void {
  const { module, emitter, operands, reader } = l;
  const typeId = module.types[reader.index]!;
  const { index2 } = reader;
  // The index stays in its slot, above the arguments: moving those down leaves it alone.
  const top = operands.height - 1;
  l.materialise(top);
  const slot = operands.slot[top]!;
  operands.height = top;
  replaceArguments(l, l.signatureOf(typeId));
  emitter.emit(RETURN_CALL_INDIRECT, 0, 0, 0, slot, tableWord(l, index2), typeId);
  l.segments.end();
  unreachableFromHere(l);
}

export function lowerReturnCallRef(l: FunctionLowering): void {
  const { module, emitter, operands, reader } = l;
  const typeId = module.types[reader.index]!;
  const top = operands.height - 1;
  l.materialise(top);
  const slot = operands.slot[top]!;
  operands.height = top;
  replaceArguments(l, l.signatureOf(typeId));
  emitter.emit(RETURN_CALL_REF, 0, 0, 0, slot, typeId);
  l.segments.end();
  unreachableFromHere(l);
}

export function lowerThrow(l: FunctionLowering): void {
  const tagidx = l.reader.index;
  const { height } = l.operands;
  const base = takeArguments(l, l.signatureOf(l.module.tags[tagidx]!));
  l.markPricedAllocation(height);
  l.emitter.emit(THROW, 0, 0, 0, base, tagidx);
  l.segments.end();
  unreachableFromHere(l);
}

/**
 * An operation of the driver: three operands as slots, then `words`, then the fuel of what
 * follows. It may have to wait for more fuel than the segment paid, and is then done anew.
 */
export function lowerBulk(name: string): (l: FunctionLowering) => void {
  const op = registerOp(name);
  // What it copies from, and to: three slots, two indices, the fuel.
  const isOfTwo = registerOps()[op]!.words.length === 6;
  return (l) => {
    const { operands, emitter, reader, segments } = l;
    const from = operands.height - 3;
    const slots = [l.slotOf(from), l.slotOf(from + 1), l.slotOf(from + 2)] as const;
    l.markRepeatable();
    operands.height = from;
    const at = isOfTwo
      ? emitter.emit(op, 0, 0, 0, slots[0], slots[1], slots[2], reader.index, reader.index2)
      : emitter.emit(op, 0, 0, 0, slots[0], slots[1], slots[2], reader.index);
    segments.end();
    l.bindReturnPoint(emitter.fuelWord(at, op));
  };
}

/** Set in the word for the memory or table of a grow that is paid even if it gives -1. */
export const PAID_ANYHOW = 1 << 30;
const NOP = 0x01;

/** {@link PAID_ANYHOW} if the schedule says so of the grow just read. */
function paidAnyhow(l: FunctionLowering): number {
  const { reader, context, module } = l;
  if (!(l.literal <= context.schedule.constantGrowth)) return 0;
  for (let at = l.literalEnd; at < reader.start; at++) if (module.content.array[at] !== NOP) return 0;
  return PAID_ANYHOW;
}

const MEMORY_GROW = registerOp("memory.grow");
export function lowerMemoryGrow(l: FunctionLowering): void {
  const { operands, emitter, reader, segments } = l;
  const memory = reader.index;
  const slot = l.slotOf(operands.height - 1);
  l.markRepeatable();
  operands.height--;
  const dst = operands.push(IN_SLOT, l.module.memories[memory]!.is64 ? WIDTH_64 : WIDTH_32);
  const at = emitter.emit(MEMORY_GROW, 0, 0, 0, dst, slot, memory | paidAnyhow(l));
  segments.end();
  l.bindReturnPoint(emitter.fuelWord(at, MEMORY_GROW));
}

const TABLE_GROW = registerOp("table.grow");
export function lowerTableGrow(l: FunctionLowering): void {
  const { operands, emitter, reader, segments } = l;
  const table = reader.index;
  const value = l.slotOf(operands.height - 2);
  const n = l.slotOf(operands.height - 1);
  l.markRepeatable();
  operands.height -= 2;
  const dst = operands.push(IN_SLOT, l.module.tables[table]!.is64 ? WIDTH_64 : WIDTH_32);
  const at = emitter.emit(TABLE_GROW, 0, 0, 0, dst, value, n, table | paidAnyhow(l));
  segments.end();
  l.bindReturnPoint(emitter.fuelWord(at, TABLE_GROW));
}
