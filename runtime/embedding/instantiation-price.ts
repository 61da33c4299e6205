// What an instance costs before its start function is entered, under schedules that price it (wasmtime-49 and
// wasmtime-50). Wasmtime lays constant globals, tables and memories out when it compiles. What it cannot lay out
// it compiles into one function, whose instructions are counted like others; where all can be, there is none.
//
// Example, under wasmtime-50: `(global (ref $a) (array.new_default $a (i32.const 10)))` costs 13: 1 for entering
// that function, 1 for each of two instructions, and 10 for the elements.
import {
  type ConstExpr,
  type DataSegment,
  type DecodedModule,
  type ElemSegment,
  InstructionReader,
  OP,
} from "../../decoder/index.js";
import type { FuelSchedule } from "../fuel-schedule.js";

/** Wasmtime counts amounts of up to this while it compiles; for larger ones the function writes the count back. */
const COUNTED_BY_COMPILER = 128;
/** A table is laid out up to this element. */
const MAX_LAID_OUT_ELEMENTS = 2 ** 20;
/** A memory is laid out if its data, from the first byte to the last, span less than this or are half full. */
const MAX_LAID_OUT_BYTES = 2 ** 24;
const LAID_OUT_PAGE_LOG2 = 16;

const NUMBERS: ReadonlySet<number> = new Set([
  OP["i32.const"],
  OP["i64.const"],
  OP["f32.const"],
  OP["f64.const"],
  OP["v128.const"],
]);

/** A count of fuel that grows, and what of it has been written back. */
class Count {
  all = 0;
  writtenBack = 0;

  /** Loses what has not been written back. */
  forget(): void {
    this.all = this.writtenBack;
  }

  add(cost: number): void {
    this.all += cost;
  }
  addCount({ all, writtenBack }: Count): void {
    if (writtenBack > 0) this.writtenBack = this.all + writtenBack;
    this.all += all;
  }
  /** Adds work of `amount` units. */
  addAmount(amount: number, known: boolean): void {
    this.all += amount;
    if (!known || amount > COUNTED_BY_COMPILER) this.writtenBack = this.all;
  }
}

/** Told of what the constant expressions of one module do while they are evaluated (const-expr.ts). */
export class ExprMeter {
  private readonly counts = new Map<ConstExpr, Count>();
  private current = new Count();
  /** Whether the compiler knows the number that the last instruction, and the one before it, pushed. */
  private known = false;
  private knownBefore = false;

  constructor(readonly module: DecodedModule) {}

  begin(expr: ConstExpr): void {
    this.current = new Count();
    this.counts.set(expr, this.current);
  }

  instruction({ opcode, index }: InstructionReader): void {
    if (opcode === OP["end"]) return;
    this.current.add(1);
    this.knownBefore = this.known;
    this.known = opcode === OP["i32.const"] || (opcode === OP["global.get"] && this.isKnownGlobal(index));
  }

  /** The instruction just told of makes an array; its length stood before it. */
  array(length: number): void {
    this.current.addAmount(length, this.knownBefore);
  }

  private isKnownGlobal(index: number): boolean {
    const { globals, globalInits, importedGlobalCount } = this.module;
    const init = globalInits[index - importedGlobalCount];
    return init !== undefined && !globals[index]!.mutable && NUMBERS.has(onlyOpcode(this.module, init));
  }

  countOf(expr: ConstExpr): Count {
    return this.counts.get(expr)!;
  }
}

/** The opcode of an expression of one instruction; −1 for any other. */
function onlyOpcode({ bytes, types }: DecodedModule, expr: ConstExpr): number {
  const reader = new InstructionReader(bytes, types).begin(expr);
  reader.next();
  const { opcode } = reader;
  reader.next();
  return reader.opcode === OP["end"] ? opcode : -1;
}

/** Instructions of an expression without arrays. */
function instructionsOf({ bytes, types }: DecodedModule, expr: ConstExpr): number {
  const reader = new InstructionReader(bytes, types).begin(expr);
  let count = -1; // `end` is none
  for (; reader.offset < expr.end; count++) reader.next();
  return count;
}

/** The offset of a segment, if it is one constant; undefined for any other. */
function constantOffset({ bytes, types }: DecodedModule, offset: ConstExpr): number | undefined {
  const reader = new InstructionReader(bytes, types).begin(offset);
  reader.next();
  const { opcode, lo, hi } = reader;
  reader.next();
  if (reader.opcode !== OP["end"]) return undefined;
  if (opcode === OP["i32.const"]) return lo >>> 0;
  return opcode === OP["i64.const"] ? (hi >>> 0) * 2 ** 32 + (lo >>> 0) : undefined;
}

/** Whether an active element segment is laid out, if those before it are. */
function elementsAreLaidOut(module: DecodedModule, { tableidx, offset, funcs }: ElemSegment): boolean {
  const init = module.tableInits[tableidx - module.importedTableCount];
  if (init === undefined || (init !== null && onlyOpcode(module, init) !== OP["ref.func"]) || funcs === null)
    return false;
  const start = constantOffset(module, offset!);
  if (start === undefined) return false;
  return start + funcs.length <= Math.min(module.tables[tableidx]!.limits.min, MAX_LAID_OUT_ELEMENTS);
}

/** Whether all active data segments are laid out. */
function memoriesAreLaidOut(module: DecodedModule, segments: readonly DataSegment[]): boolean {
  const extents = new Map<number, { from: number; to: number; bytes: number }>();
  for (const { memidx, offset, start, end } of segments) {
    const { limits, pageSizeLog2 } = module.memories[memidx]!;
    const at = constantOffset(module, offset!);
    const bytes = end - start;
    if (memidx < module.importedMemoryCount || pageSizeLog2 !== LAID_OUT_PAGE_LOG2 || at === undefined) return false;
    if (at + bytes > limits.min * 2 ** pageSizeLog2) return false;
    if (bytes === 0) continue;
    const extent = extents.get(memidx) ?? { from: at, to: at, bytes: 0 };
    extents.set(memidx, {
      from: Math.min(extent.from, at),
      to: Math.max(extent.to, at + bytes),
      bytes: extent.bytes + bytes,
    });
  }
  return [...extents.values()].every(({ from, to, bytes }) => to - from < Math.max(MAX_LAID_OUT_BYTES, 2 * bytes));
}

/**
 * Fuel of an instantiation, the body of the start function aside.
 * @param meter was told of the initialisers of globals, tables and element segments; null if nothing is priced
 */
export function instantiationPrice(schedule: FuelSchedule, meter: ExprMeter | null): number {
  if (meter === null) return 0;
  const { module } = meter;
  const { globalInits, tableInits, tables, importedTableCount, elems, datas, start } = module;
  const count = new Count();
  // What Wasmtime's function does, in its order.
  for (const init of globalInits) {
    if (!NUMBERS.has(onlyOpcode(module, init))) count.addCount(meter.countOf(init));
  }
  let entered = count.all > 0;
  for (const { mode, exprs } of elems) {
    if (mode !== "passive") continue;
    entered = true;
    for (const expr of exprs ?? []) count.addCount(meter.countOf(expr));
  }
  tableInits.forEach((init, i) => {
    if (init === null || onlyOpcode(module, init) === OP["ref.func"]) return;
    entered = true;
    count.addCount(meter.countOf(init));
    count.addAmount(tables[importedTableCount + i]!.limits.min, true);
  });
  const active = elems.filter(({ mode }) => mode === "active");
  const first = active.findIndex((segment) => !elementsAreLaidOut(module, segment));
  for (const { offset, funcs, exprs } of first < 0 ? [] : active.slice(first)) {
    entered = true;
    count.add(instructionsOf(module, offset!));
    count.addAmount((funcs ?? exprs)!.length, true);
    for (const expr of exprs ?? []) count.addCount(meter.countOf(expr));
  }
  const actives = datas.filter(({ mode }) => mode === "active");
  if (!memoriesAreLaidOut(module, actives)) {
    entered = true;
    for (const { offset, start: from, end: to } of actives) {
      count.add(instructionsOf(module, offset!));
      count.addAmount(to - from, false);
    }
  } else if (actives.some(({ start: from, end: to }) => to > from)) {
    // It asks whether the memory lies there already, and reads the old count again.
    count.forget();
  }
  if (start >= 0) {
    entered = true;
    count.addAmount(1, false);
  }
  if (!entered) return 0;
  // Its entry is written back when nothing else is.
  const { all, writtenBack } = count;
  return 1 + (schedule.instantiation === "whole" ? all : writtenBack);
}
