// Accesses to memory 0. V8's own bounds check is the check: the views end where the interpreter's do, so an element
// that is undefined is out of bounds, or behind what the memory's buffer covers, and the interpreter does the access.
// What is not aligned goes byte by byte, by helpers that say the same.
//
//   i32.load offset=8    i1 = (l0 & 3) === 0 ? h32[(l0 >>> 2) + 2] : L32(l0, 8); if (i1 === undefined) …leave
//   i32.store            if (…unaligned) … else if (h32[u = l0 >>> 2] === undefined) …leave else h32[u] = l1;
//
// Views do not change while compiled code runs: what replaces a buffer, or extends it, leaves compiled code first.
import { F32, F64, I32, I64, OP, type OpcodeName } from "../../decoder/index.js";
import type { EmitRule, FunctionEmitter } from "./function-emitter.js";
import * as operand from "./operand.js";
import { constantOf, valueText } from "./operand.js";

/** Whether the access is one that the compiler has: to memory 0, by an i32. */
function isPlain({ module, reader }: FunctionEmitter): boolean {
  const memory = module.memories[0];
  return reader.memory === 0 && memory !== undefined && !memory.is64 && reader.hi === 0;
}

interface Place {
  /** Condition that the address is aligned; "" if it always is, "never" if never. */
  readonly aligned: string;
  /** Index of the view's element, if it is. */
  readonly index: string;
  readonly address: string;
  readonly offset: number;
}

/** @param shift log2 of the element's bytes; @param more elements behind it */
export function placeOf(e: FunctionEmitter, address: operand.Operand, shift: number, alignment = 1 << shift): Place {
  const offset = e.reader.lo >>> 0;
  const known = constantOf(address);
  if (known !== undefined) {
    const at = (known >>> 0) + offset;
    const isAligned = at % alignment === 0;
    return {
      aligned: isAligned ? "" : "never",
      index: String(Math.floor(at / (1 << shift))),
      address: address.lo,
      offset,
    };
  }
  const text = address.lo;
  if (shift === 0)
    return { aligned: "", index: offset === 0 ? text : `(${text} >>> 0) + ${offset}`, address: text, offset };
  const isAligned = offset % alignment === 0;
  const isKnown = 1 << Math.min(address.zeros, 30) >= alignment;
  const element = `${text} >>> ${shift}`;
  const elements = offset / (1 << shift);
  return {
    aligned: !isAligned ? "never" : isKnown ? "" : `(${text} & ${alignment - 1}) === 0`,
    index: elements === 0 ? element : `(${element}) + ${elements}`,
    address: text,
    offset,
  };
}

function readText({ aligned, index, address, offset }: Place, view: string, helper: string): string {
  const slow = `${helper}(${address}, ${offset})`;
  if (aligned === "never") return slow;
  return aligned === "" ? `${view}[${index}]` : `${aligned} ? ${view}[${index}] : ${slow}`;
}

const rules: [number, EmitRule][] = [];

/**
 * An access that the compiler has, if it is plain.
 * @param emit gets the text that leaves before it
 * @param prepare the operands, before that
 */
export function accessRule(
  emit: (e: FunctionEmitter, leaving: string) => void,
  prepare?: (e: FunctionEmitter) => void,
): EmitRule {
  return (e) => {
    if (!isPlain(e)) {
      e.leaveBefore();
      return;
    }
    prepare?.(e);
    const leaving = e.leaving();
    e.pay(e.price);
    emit(e, leaving);
  };
}

function access(name: OpcodeName, emit: (e: FunctionEmitter, leaving: string) => void): void {
  rules.push([OP[name], accessRule(emit)]);
}

type Widen = "" | "s" | "u";

/** A load of at most four bytes into an i32, or an i64 whose high word is made of it. */
function loadInteger(name: OpcodeName, view: string, shift: number, helper: string, widen: Widen): void {
  access(name, (e, leaving) => {
    const place = placeOf(e, e.pop(), shift);
    const text = readText(place, e.useView(view), helper);
    // The address may be in the variable that gets the result.
    e.source.line(`t = ${text}; if (t === undefined) ${leaving}`);
    if (widen === "") e.compute(I32, (v) => `${v} = t;`);
    else e.compute(I64, (v) => `${v} = t; ${v}h = ${widen === "s" ? "t >> 31" : "0"};`);
  });
}

loadInteger("i32.load", "H32", 2, "L32", "");
loadInteger("i32.load8_s", "H8", 0, "", "");
loadInteger("i32.load8_u", "HU8", 0, "", "");
loadInteger("i32.load16_s", "H16", 1, "L16", "");
loadInteger("i32.load16_u", "HU16", 1, "LU16", "");
loadInteger("i64.load8_s", "H8", 0, "", "s");
loadInteger("i64.load8_u", "HU8", 0, "", "u");
loadInteger("i64.load16_s", "H16", 1, "L16", "s");
loadInteger("i64.load16_u", "HU16", 1, "LU16", "u");
loadInteger("i64.load32_s", "H32", 2, "L32", "s");
loadInteger("i64.load32_u", "H32", 2, "L32", "u");

access("i64.load", (e, leaving) => {
  const { aligned, index, address, offset } = placeOf(e, e.pop(), 2);
  const view = e.useView("H32");
  const slow = `t = L32(${address}, ${offset}); u = L32(${address}, ${offset + 4});`;
  const fast = `t = ${view}[u = ${index}]; u = ${view}[u + 1];`;
  if (aligned === "") e.source.line(fast);
  else if (aligned === "never") e.source.line(slow);
  else e.source.line(`if (${aligned}) { ${fast} } else { ${slow} }`);
  e.source.line(`if (u === undefined) ${leaving}`);
  e.compute(I64, (v) => `${v} = t; ${v}h = u;`);
});

for (const [name, type, view, shift, helper] of [
  ["f32.load", F32, "HF32", 2, "LF32"],
  ["f64.load", F64, "HF64", 3, "LF64"],
] as const) {
  access(name, (e, leaving) => {
    const place = placeOf(e, e.pop(), shift);
    const text = readText(place, e.useView(view), helper);
    // A NaN that is not the canonical one is not for JavaScript.
    e.compute(type, (v) => {
      const other = `${v} === undefined || ${v} !== ${v} && ODD${type === F32 ? 32 : 64}(${place.address}, ${place.offset})`;
      return `${v} = ${text}; if (${other}) ${leaving}`;
    });
  });
}

/** A store of all but i64.store; `write` stores to an element. */
function store(
  name: OpcodeName,
  view: string,
  shift: number,
  helper: string,
  write: (value: operand.Operand, view: string, element: string) => string,
): void {
  access(name, (e, leaving) => {
    const value = e.pop();
    const { aligned, index, address, offset } = placeOf(e, e.pop(), shift);
    const slow = `if (${helper}(${address}, ${offset}, ${value.lo})) ${leaving}`;
    if (aligned === "never") {
      e.source.line(slow);
      return;
    }
    const array = e.useView(view);
    const isName = /^\w+$/.test(index);
    const element = isName ? index : "u";
    const written = write(value, array, element);
    const fast = `if (${array}[${isName ? index : `u = ${index}`}] === undefined) ${leaving} else ${written}`;
    if (aligned === "") e.source.line(fast);
    else e.source.line(`if (${aligned}) { ${fast} } else ${slow}`);
  });
}
const low = (value: operand.Operand, view: string, element: string) => `${view}[${element}] = ${valueText(value)};`;
store("i32.store", "H32", 2, "S32", low);
store("i32.store8", "HU8", 0, "", low);
store("i32.store16", "HU16", 1, "S16", low);
store("i64.store8", "HU8", 0, "", low);
store("i64.store16", "HU16", 1, "S16", low);
store("i64.store32", "H32", 2, "S32", low);
store("f32.store", "HF32", 2, "SF32", ({ lo }, view, element) => {
  return `if (${lo} === ${lo}) ${view}[${element}] = ${lo}; else NAN32(${element});`;
});
store("f64.store", "HF64", 3, "SF64", ({ lo }, view, element) => {
  return `if (${lo} === ${lo}) ${view}[${element}] = ${lo}; else NAN64(${element});`;
});
access("i64.store", (e, leaving) => {
  const value = e.pop();
  const { aligned, index, address, offset } = placeOf(e, e.pop(), 2);
  const slow = `if (S64(${address}, ${offset}, ${value.lo}, ${value.hi})) ${leaving}`;
  if (aligned === "never") {
    e.source.line(slow);
    return;
  }
  // Where the high word fits, the low one does.
  const view = e.useView("H32");
  const high = /^\d+$/.test(index) ? Number(index) + 1 : `(${index}) + 1`;
  const fast = `if (${view}[u = ${high}] === undefined) ${leaving} else { ${view}[u] = ${value.hi}; ${view}[u - 1] = ${value.lo}; }`;
  if (aligned === "") e.source.line(fast);
  else e.source.line(`if (${aligned}) { ${fast} } else ${slow}`);
});

rules.push([
  OP["memory.size"],
  (e) => {
    if (e.reader.index !== 0 || e.module.memories[0]!.is64) {
      e.leaveBefore();
      return;
    }
    e.pay(e.price);
    e.push(operand.expression(I32, [], "PAGES"));
  },
]);

/** Work on bytes of memory 0 that the buffer covers; what it costs beyond the instruction's price is paid before it is done. */
function bulk(name: "memory.copy" | "memory.fill", helper: string): void {
  rules.push([
    OP[name],
    (e) => {
      const { reader, module, stack } = e;
      const isOfTwo = name === "memory.copy" && reader.index2 !== 0;
      if (reader.index !== 0 || isOfTwo || module.memories[0]!.is64) {
        e.leaveInstruction(TRIPLE, []);
        return;
      }
      const leaving = e.leaving();
      e.pay(e.price);
      const [to, what, n] = stack.splice(stack.length - 3).map(({ lo }) => lo);
      e.source.line(`t = ${helper}(f - ${e.acc} | 0, ${to}, ${what}, ${n}); if (t < 0) ${leaving} f = f - t | 0;`);
      e.payNow();
      e.check();
    },
  ]);
}
const TRIPLE = [I32, I32, I32];
bulk("memory.copy", "COPY");
bulk("memory.fill", "FILL");

export const MEMORY_RULES: readonly (readonly [number, EmitRule])[] = rules;
