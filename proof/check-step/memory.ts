// Instructions on memories, tables and segments: accesses, atomics of one agent, growth and bulk work.
import { OP, OPCODE_ROWS, type OpcodeName } from "../../decoder/opcodes.js";
import type { Instruction } from "./code.js";
import { TrapError } from "./errors.js";
import type { Machine } from "./machine.js";
import { ATOMIC_UPDATES } from "./numeric.js";
import type { Part } from "./part.js";
import { lanesOf, ofLanes } from "./vector.js";

type Execute = (m: Machine, instruction: Instruction) => void;
export const MEMORY = new Map<number, Execute>();
const define = (name: OpcodeName, execute: Execute) => MEMORY.set(OP[name], execute);

/** Where an access that is in bounds begins. */
function access(
  m: Machine,
  { memory, immediate }: Instruction,
  base: bigint,
  width: number,
): { part: Part; at: number } {
  const { part } = m.state.memory(m.instance, memory);
  const effective = base + immediate;
  if (effective + BigInt(width) > part.byteLength) throw new TrapError("out of bounds memory access");
  return { part, at: Number(effective) };
}

for (const row of OPCODE_ROWS) {
  if (row?.width === undefined || row.feature === "threads") continue;
  const { opcode, name, width } = row;
  const scalar = /^[if](32|64)\.(load|store)(?:8|16|32)?(_s)?/.exec(name);
  if (scalar !== null) {
    const [, bits, kind, sign] = scalar;
    MEMORY.set(opcode, (m, instruction) => {
      if (kind === "store") {
        const value = m.pop();
        const { part, at } = access(m, instruction, m.pop(), width);
        part.setNumber(at, width, value);
        return;
      }
      const { part, at } = access(m, instruction, m.pop(), width);
      const value = part.number(at, width);
      m.push(sign === undefined ? value : BigInt.asUintN(Number(bits), BigInt.asIntN(8 * width, value)));
    });
    continue;
  }
  const extend = /load(\d+)x\d+_([su])/.exec(name);
  MEMORY.set(opcode, (m, instruction) => {
    const { lane } = instruction;
    if (row.immediate === "memarg_lane") {
      const vector = m.popWide();
      const { part, at } = access(m, instruction, m.pop(), width);
      const lanes = lanesOf(vector, 8 * width);
      if (name.includes("store")) part.setNumber(at, width, lanes[lane]!);
      else {
        lanes[lane] = part.number(at, width);
        m.pushWide(ofLanes(lanes, 8 * width));
      }
    } else if (name === "v128.store") {
      const vector = m.popWide();
      const { part, at } = access(m, instruction, m.pop(), width);
      part.setNumber(at, width, vector);
    } else {
      const { part, at } = access(m, instruction, m.pop(), width);
      const value = part.number(at, width);
      if (extend !== null) {
        const bits = Number(extend[1]);
        const lanes = lanesOf(value, bits).slice(0, 64 / bits);
        const wide = extend[2] === "s" ? lanes.map((a) => BigInt.asIntN(bits, a)) : lanes;
        m.pushWide(ofLanes(wide, 2 * bits));
      } else if (name.endsWith("_splat")) {
        m.pushWide(ofLanes(new Array<bigint>(16 / width).fill(value), 8 * width));
      } else m.pushWide(value);
    }
  });
}

// Threads proposal, one agent

for (const row of OPCODE_ROWS) {
  if (row?.feature !== "threads" || row.width === undefined) continue;
  const operation = /^(?:i32|i64|memory)\.atomic\.(?:rmw\d*\.)?([a-z]+)/.exec(row.name)![1]!;
  const { width } = row;
  const wrap = (value: bigint) => BigInt.asUintN(8 * width, value);
  MEMORY.set(row.opcode, (m, instruction) => {
    const operands = m.popMany(row.type!.indexOf(":")).map((slot) => slot.bits);
    const [base, first, second] = operands as [bigint, bigint, bigint];
    if ((base + instruction.immediate) % BigInt(width) !== 0n) throw new TrapError("unaligned atomic");
    if (operation === "wait" && !m.state.memory(m.instance, instruction.memory).bounds[3])
      throw new TrapError("expected shared memory");
    const { part, at } = access(m, instruction, base, width);
    const old = part.number(at, width);
    const set = (value: bigint) => part.setNumber(at, width, wrap(value));
    switch (operation) {
      case "notify":
        m.push(0n);
        return;
      case "wait":
        if (old === first && BigInt.asIntN(64, second) < 0n)
          throw new TrapError("wait without timeout, and no other agent to notify it");
        m.push(old === first ? 2n : 1n);
        return;
      case "store":
        set(first);
        return;
      case "cmpxchg":
        // What is expected is compared in its own width: an operand with more bits is equal to nothing.
        if (old === wrap(first)) set(second);
        break;
      case "load":
        break;
      default:
        set(ATOMIC_UPDATES[operation]!(old, first));
    }
    m.push(old);
  });
}

// Size and growth

const minusOne = (is64: boolean) => BigInt.asUintN(is64 ? 64 : 32, -1n);

/** Whether a grow whose answer is -1 pays for its amount: nops aside, the instruction before it is a constant. */
function paysAnyhow(m: Machine): boolean {
  for (let i = m.current - 1; i >= 0; i--) {
    const { opcode, immediate } = m.code.instructions[i]!;
    if (opcode !== OP.nop)
      return (opcode === OP["i32.const"] || opcode === OP["i64.const"]) && immediate <= m.prices.constantGrowth;
  }
  return false;
}

/** Whether the store allows so much more. */
function fitsLimit(m: Machine, total: number, limit: string): boolean {
  if (total <= m.state.limit(limit)) return true;
  if (m.state.context.limits["onGrowthFailure"] === "trap") throw new TrapError("memory limit exceeded");
  return false;
}

define("memory.size", (m, { index }) => {
  const { part, bounds } = m.state.memory(m.instance, index);
  m.push(BigInt(part.byteLength / 2 ** bounds[1]));
});
define("memory.grow", (m, { index }) => {
  const { state } = m;
  const { part, bounds } = state.memory(m.instance, index);
  const [maxPages, pageSizeLog2, is64] = bounds;
  const pageBytes = 2 ** pageSizeLog2;
  const delta = Number(m.peek(0).bits);
  const old = part.byteLength / pageBytes;
  const total = state.account("memoryBytes") + delta * pageBytes;
  const grows = old + delta <= maxPages && fitsLimit(m, total, "memoryBytes");
  if (grows || paysAnyhow(m)) m.pay(m.prices.work("growth", delta, pageBytes));
  m.pop();
  if (grows && delta > 0) {
    part.resize((old + delta) * pageBytes);
    state.setAccount("memoryBytes", total);
    if (total > state.account("peak")) state.setAccount("peak", total);
  }
  m.push(grows ? BigInt(old) : minusOne(is64));
});

define("table.size", (m, { index }) => m.push(BigInt(m.state.tableLength(m.instance, index))));
/** Non-spec: the most elements of one table. */
const MAX_ELEMENTS = 2 ** 26;
define("table.grow", (m, { index }) => {
  const { state } = m;
  const { part, bounds } = state.table(m.instance, index);
  const delta = Number(m.peek(0).bits);
  const old = part.byteLength / 8;
  const total = state.account("tableElements") + delta;
  const grows =
    delta <= 0xffffffff &&
    old + delta <= Math.min(bounds[0] ?? MAX_ELEMENTS, MAX_ELEMENTS) &&
    fitsLimit(m, total, "tableElements");
  if (grows || paysAnyhow(m)) m.pay(m.prices.work("table", delta, 8));
  m.pop();
  const init = m.popRef();
  if (grows && delta > 0) {
    part.resize((old + delta) * 8);
    for (let i = old; i < old + delta; i++) state.setElement(m.instance, index, i, init);
    state.setAccount("tableElements", total);
  }
  m.push(grows ? BigInt(old) : minusOne(bounds[1]));
});

// Bulk work

/** Pops count, source or value, and destination of a range that is in bounds, and pays for it. */
function range(
  m: Machine,
  target: number,
  source: number | null,
  trap: "out of bounds memory access" | "out of bounds table access",
): { to: number; from: number; count: number } {
  const [count, from, to] = [m.peek(0).bits, m.peek(1).bits, m.peek(2).bits];
  if (to + count > BigInt(target) || (source !== null && from + count > BigInt(source))) throw new TrapError(trap);
  const isTable = trap === "out of bounds table access";
  m.pay(m.prices.work(isTable ? "table" : "memory", Number(count), isTable ? 8 : 1));
  return { to: Number(to), from: source === null ? 0 : Number(from), count: Number(count) };
}
const OUT_OF_MEMORY = "out of bounds memory access";
const OUT_OF_TABLE = "out of bounds table access";

define("memory.copy", (m, { index, index2 }) => {
  const target = m.state.memory(m.instance, index).part;
  const source = m.state.memory(m.instance, index2).part;
  const { to, from, count } = range(m, target.byteLength, source.byteLength, OUT_OF_MEMORY);
  if (count > 0) target.setBytes(to, source.bytes(from, count));
  m.popMany(3);
});
define("memory.fill", (m, { index }) => {
  const { part } = m.state.memory(m.instance, index);
  const { to, count } = range(m, part.byteLength, null, OUT_OF_MEMORY);
  if (count > 0) part.setBytes(to, new Uint8Array(count).fill(Number(m.peek(1).bits & 0xffn)));
  m.popMany(3);
});
define("memory.init", (m, { index, index2 }) => {
  const { part } = m.state.memory(m.instance, index2);
  const { to, from, count } = range(m, part.byteLength, m.state.dataLength(m.instance, index), OUT_OF_MEMORY);
  if (count > 0) part.setBytes(to, m.state.program(m.instance).data(index, from, count));
  m.popMany(3);
});
define("data.drop", (m, { index }) => m.state.dropData(m.instance, index));

define("table.copy", (m, { index, index2 }) => {
  const { state, instance } = m;
  const { to, from, count } = range(
    m,
    state.tableLength(instance, index),
    state.tableLength(instance, index2),
    OUT_OF_TABLE,
  );
  const refs = Array.from({ length: count }, (_, i) => state.element(instance, index2, from + i));
  refs.forEach((ref, i) => {
    state.setElement(instance, index, to + i, ref);
  });
  m.popMany(3);
});
define("table.fill", (m, { index }) => {
  const { to, count } = range(m, m.state.tableLength(m.instance, index), null, OUT_OF_TABLE);
  const { ref } = m.peek(1);
  for (let i = 0; i < count; i++) m.state.setElement(m.instance, index, to + i, ref);
  m.popMany(3);
});
define("table.init", (m, { index, index2 }) => {
  const elements = m.state.elements(m.instance, index);
  const { to, from, count } = range(m, m.state.tableLength(m.instance, index2), elements.length, OUT_OF_TABLE);
  for (let i = 0; i < count; i++) m.state.setElement(m.instance, index2, to + i, elements[from + i]!);
  m.popMany(3);
});
define("elem.drop", (m, { index }) => m.state.dropElements(m.instance, index));

define("table.get", (m, { index }) => {
  const at = inTable(m, index, m.pop());
  m.pushRef(m.state.element(m.instance, index, at));
});
define("table.set", (m, { index }) => {
  const ref = m.popRef();
  m.state.setElement(m.instance, index, inTable(m, index, m.pop()), ref);
});
function inTable(m: Machine, index: number, at: bigint): number {
  if (at >= BigInt(m.state.tableLength(m.instance, index))) throw new TrapError(OUT_OF_TABLE);
  return Number(at);
}
