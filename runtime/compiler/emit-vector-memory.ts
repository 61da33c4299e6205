// Vector accesses to memory 0, in words; as floats where the vector is for arithmetic. An access that is not aligned to
// four bytes (eight of f64s) goes by way of the scope's BI and its other views.
import { OP, type OpcodeName, V128 } from "../../decoder/index.js";
import { WIDEN } from "../register-code/register-ops-simd-rows.js";
import { accessRule, placeOf } from "./emit-memory.js";
import type { EmitRule, FunctionEmitter } from "./function-emitter.js";
import { F32X4, F64X2, type Held, partNames } from "./held.js";
import { partsOf } from "./operand.js";
import { wordsOnTop } from "./vector.js";

const rules: [number, EmitRule][] = [];
function access(
  name: OpcodeName,
  emit: (e: FunctionEmitter, leaving: string) => void,
  prepare?: (e: FunctionEmitter) => void,
): void {
  rules.push([OP[name], accessRule(emit, prepare)]);
}

/** How the vector that is loaded here is taken. */
function wanted(e: FunctionEmitter): Held {
  return e.consumerAhead();
}

const plus = (text: string, n: number) => (/^\d+$/.test(text) ? String(Number(text) + n) : `${text} + ${n}`);

/** Loads `count` words into BI, or leaves; `use` gets the texts of the words and the end of what is emitted. */
function loadWords(
  e: FunctionEmitter,
  leaving: string,
  count: 1 | 2 | 4,
  use: (words: readonly string[]) => string,
  held: Held = V128,
): void {
  const { aligned, index, address, offset } = placeOf(e, e.pop(), 2);
  e.compute(held, (v) => {
    const view = e.useView("H32");
    const last = count - 1;
    const words = Array.from({ length: count }, (_, i) => (i === last ? "t" : `${view}[${plus("u", i)}]`));
    const fast = `t = ${view}[${last === 0 ? "" : "("}u = ${index}${last === 0 ? "" : `) + ${last}`}]; if (t === undefined) ${leaving} ${into(v, held, use(words))}`;
    const slow = `if (LV${count}(${address}, ${offset})) ${leaving} ${into(v, held, use(words.map((_, i) => `BI[${i}]`)))}`;
    if (aligned === "") return fast;
    if (aligned === "never") return slow;
    return `if (${aligned}) { ${fast} } else { ${slow} }`;
  });
}

/** `texts`, separated by semicolons, as the parts of a variable. */
function into(name: string, held: Held, texts: string): string {
  return partNames(name, held)
    .map((part, i) => `${part} = ${texts.split(";")[i]!.trim()};`)
    .join(" ");
}

access("v128.load", (e, leaving) => {
  const held = wanted(e);
  if (held === F32X4 || held === F64X2) loadFloats(e, leaving, held);
  else loadWords(e, leaving, 4, (words) => words.join(";"));
});

/** A whole vector as floats. */
function loadFloats(e: FunctionEmitter, leaving: string, held: Held): void {
  const count = held === F32X4 ? 4 : 2;
  const shift = held === F32X4 ? 2 : 3;
  const { aligned, index, address, offset } = placeOf(e, e.pop(), shift);
  const view = e.useView(held === F32X4 ? "HF32" : "HF64");
  const scratch = held === F32X4 ? "BS" : "BD";
  e.compute(held, (v) => {
    const parts = partNames(v, held);
    const last = parts[count - 1]!;
    const loads = parts.slice(0, -1).map((part, i) => `${part} = ${view}[${plus("u", i)}];`);
    const fast = `${last} = ${view}[(u = ${index}) + ${count - 1}]; if (${last} === undefined) ${leaving} ${loads.join(" ")}`;
    const copies = parts.map((part, i) => `${part} = ${scratch}[${i}];`);
    const slow = `if (LV4(${address}, ${offset})) ${leaving} ${copies.join(" ")}`;
    const anyNaN = parts.map((part) => `${part} !== ${part}`).join(" || ");
    const odd = `if ((${anyNaN}) && ODDV${held === F32X4 ? 32 : 64}(${address}, ${offset})) ${leaving}`;
    if (aligned === "") return `${fast} ${odd}`;
    if (aligned === "never") return `${slow} ${odd}`;
    return `if (${aligned}) { ${fast} } else { ${slow} } ${odd}`;
  });
}

for (const [name, bits] of [
  ["v128.load8_splat", 8],
  ["v128.load16_splat", 16],
] as const) {
  access(name, (e, leaving) => {
    const place = placeOf(e, e.pop(), bits === 8 ? 0 : 1);
    const view = e.useView(bits === 8 ? "HU8" : "HU16");
    const slow = `LU16(${place.address}, ${place.offset})`;
    const fast = `${view}[${place.index}]`;
    const text =
      place.aligned === "" ? fast : place.aligned === "never" ? slow : `${place.aligned} ? ${fast} : ${slow}`;
    const word = bits === 8 ? "imul(t, 16843009)" : "t | t << 16";
    e.compute(V128, (v) => {
      const copies = partNames(v, V128).map((part) => `${part} = t;`);
      return `t = ${text}; if (t === undefined) ${leaving} t = ${word}; ${copies.join(" ")}`;
    });
  });
}
access("v128.load32_splat", (e, leaving) => {
  const held = wanted(e);
  if (held !== F32X4) {
    loadWords(e, leaving, 1, ([word]) => `${word};${word};${word};${word}`);
    return;
  }
  const { aligned, index, address, offset } = placeOf(e, e.pop(), 2);
  const fast = `${e.useView("HF32")}[${index}]`;
  const slow = `LF32(${address}, ${offset})`;
  const text = aligned === "" ? fast : aligned === "never" ? slow : `${aligned} ? ${fast} : ${slow}`;
  e.compute(F32X4, (v) => {
    const copies = partNames(v, F32X4)
      .slice(1)
      .map((part) => `${part} = ${v};`);
    return `${v} = ${text}; if (${v} === undefined || ${v} !== ${v} && ODD32(${address}, ${offset})) ${leaving} ${copies.join(" ")}`;
  });
});
access("v128.load64_splat", (e, leaving) => {
  const held = wanted(e);
  if (held !== F64X2) {
    loadWords(e, leaving, 2, ([lo, hi]) => `${lo};${hi};${lo};${hi}`);
    return;
  }
  const { aligned, index, address, offset } = placeOf(e, e.pop(), 3);
  const fast = `${e.useView("HF64")}[${index}]`;
  const slow = `LF64(${address}, ${offset})`;
  const text = aligned === "" ? fast : aligned === "never" ? slow : `${aligned} ? ${fast} : ${slow}`;
  e.compute(F64X2, (v) => {
    return `${v} = ${text}; if (${v} === undefined || ${v} !== ${v} && ODD64(${address}, ${offset})) ${leaving} ${v}h = ${v};`;
  });
});
access("v128.load32_zero", (e, leaving) => loadWords(e, leaving, 1, ([word]) => `${word};0;0;0`));
access("v128.load64_zero", (e, leaving) => loadWords(e, leaving, 2, ([lo, hi]) => `${lo};${hi};0;0`));
for (const [shape, kind] of [
  ["8x8", "8"],
  ["16x4", "16"],
  ["32x2", "32"],
] as const) {
  for (const sign of ["s", "u"] as const) {
    const widen = WIDEN[`${kind}_${sign}`]!;
    access(`v128.load${shape}_${sign}`, (e, leaving) =>
      loadWords(e, leaving, 2, ([lo, hi]) => [...widen(lo!), ...widen(hi!)].join(";")),
    );
  }
}

access("v128.store", (e, leaving) => {
  const value = e.pop();
  const isFloats = value.type === F32X4 || value.type === F64X2;
  const shift = value.type === F64X2 ? 3 : 2;
  const view = e.useView(value.type === F32X4 ? "HF32" : value.type === F64X2 ? "HF64" : "H32");
  const { aligned, index, address, offset } = placeOf(e, e.pop(), shift);
  const parts = partsOf(value);
  const last = parts.length - 1;
  const stores = parts.map((part, i) => `${view}[${i === last ? "u" : `u - ${last - i}`}] = ${part};`).join(" ");
  const words =
    value.type === F64X2
      ? parts.flatMap((part) => [`LO64(${part})`, `HI64(${part})`])
      : value.type === F32X4
        ? parts.map((part) => `BITS32(${part})`)
        : parts;
  const slow = `if (SV(${address}, ${offset}, ${words.join(", ")})) ${leaving}`;
  if (aligned === "never") {
    e.source.line(slow);
    return;
  }
  const high = plus(`(${index})`.replace(/^\((\d+)\)$/, "$1"), last);
  const isNumber = parts.map((part) => `${part} === ${part}`).join(" && ");
  const written = isFloats ? `if (${isNumber}) { ${stores} } else ${slow}` : `{ ${stores} }`;
  const fast = `if (${view}[u = ${high}] === undefined) ${leaving} else ${written}`;
  if (aligned === "") e.source.line(fast);
  else e.source.line(`if (${aligned}) { ${fast} } else ${slow}`);
});

/** Single lanes, by way of the scope's bytes. */
for (const bits of [8, 16, 32, 64] as const) {
  access(
    `v128.load${bits}_lane`,
    (e, leaving) => {
      const { lane } = e.reader;
      const value = e.pop();
      const address = e.pop().lo;
      const words = partsOf(value);
      const stores = words.map((word, i) => `BI[${i}] = ${word};`).join(" ");
      e.compute(V128, (v) => {
        const copies = partNames(v, V128).map((part, i) => `${part} = BI[${i}];`);
        return `${stores} if (LANE${bits}(${address}, ${e.reader.lo >>> 0}, ${lane})) ${leaving} ${copies.join(" ")}`;
      });
    },
    (e) => wordsOnTop(e, 1),
  );
  access(
    `v128.store${bits}_lane`,
    (e, leaving) => {
      const { lane } = e.reader;
      const words = partsOf(e.pop());
      const address = e.pop().lo;
      const offset = e.reader.lo >>> 0;
      if (bits === 64) {
        e.source.line(`if (S64(${address}, ${offset}, ${words[2 * lane]}, ${words[2 * lane + 1]})) ${leaving}`);
        return;
      }
      const at = lane * bits;
      const text = bits === 32 ? words[lane]! : `${words[at >> 5]} >>> ${at & 31}`;
      e.source.line(`if (S${bits}(${address}, ${offset}, ${text})) ${leaving}`);
    },
    (e) => wordsOnTop(e, 1),
  );
}

export const VECTOR_MEMORY_RULES: readonly (readonly [number, EmitRule])[] = rules;
