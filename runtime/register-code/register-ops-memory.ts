// Rows of accesses to memory. Notation as in register-ops.ts.
//
// Memory 0 with 32-bit addresses is the loop's. A form is named for its address:
//   (none)            R + $offset
//   _near             R + field c
//   _add_k, _add      the sum that was computed right before, with a constant or of two registers
//   _shlN_add…        the same, shifted first
//   _at               a constant: aligned, and below what the memory never shrinks under
//   .any              any memory, 64-bit addresses, offsets from 2^31: `memory` has bit 30 set where addresses are i64
import type { Access, Address, Type } from "./register-op-layout.js";
import { loadOf, plainAddress, type RegisterOp, rowWriters, storeOf } from "./register-op-rows.js";

const rows: RegisterOp[] = [];
const { load, store, value, effect } = rowWriters(rows, "cold");

/** A plain access: `R[a]` and `H[a]` of the bytes at `ea`, or the other way about. */
interface PlainAccess {
  readonly name: string;
  readonly width: Access<string>["width"];
  readonly type: Type;
  readonly signed?: true;
  /** Of views of memory 0: M8, MS8, M16, M32. */
  readonly body: string;
  /** Of `mem`, any memory, where the body is for aligned addresses as well. */
  readonly general?: string;
  readonly cold?: true;
  readonly between?: true;
  /** Forms with a computed address. */
  readonly sums?: readonly ("add_k" | "shl_add_k" | "shl_add" | "add")[];
}

const aligned = (mask: number, then: string, otherwise: string) =>
  `if ((ea & ${mask}) === 0) ${then} else ${otherwise}`;
const HALF = "M8[ea] | M8[ea + 1 | 0] << 8";
const WORD = "R[a] = load32(M8, ea);";
const WORDS = "R[a] = load32(M8, ea); H[a] = load32(M8, ea + 4 | 0);";
const SIGNED = "R[a] = v; H[a] = v >> 31;";

const LOADS: readonly PlainAccess[] = [
  {
    name: "i32.load",
    width: 4,
    type: "i32",
    body: aligned(3, "R[a] = M32[ea >> 2];", WORD),
    general: WORD,
    between: true,
    sums: ["add_k", "shl_add_k", "shl_add", "add"],
  },
  { name: "i32.load8_u", width: 1, type: "i32", body: "R[a] = M8[ea];", between: true, sums: ["add_k", "add"] },
  { name: "i32.load8_s", width: 1, type: "i32", signed: true, body: "R[a] = MS8[ea];" },
  {
    name: "i32.load16_u",
    width: 2,
    type: "i32",
    body: aligned(1, "R[a] = M16[ea >> 1];", `R[a] = ${HALF};`),
    general: `R[a] = ${HALF};`,
    sums: ["shl_add"],
  },
  {
    name: "i32.load16_s",
    width: 2,
    type: "i32",
    signed: true,
    body: aligned(1, "R[a] = M16[ea >> 1] << 16 >> 16;", `R[a] = (${HALF}) << 16 >> 16;`),
    general: `R[a] = (${HALF}) << 16 >> 16;`,
  },
  {
    name: "i64.load",
    width: 8,
    type: "i64",
    body: aligned(3, "{ const i = ea >> 2; R[a] = M32[i]; H[a] = M32[i + 1 | 0]; }", `{ ${WORDS} }`),
    general: `{ ${WORDS} }`,
    sums: ["add_k", "shl_add_k", "shl_add"],
  },
  { name: "i64.load8_s", width: 1, type: "i64", signed: true, body: `{ const v = MS8[ea]; ${SIGNED} }`, cold: true },
  { name: "i64.load8_u", width: 1, type: "i64", body: "R[a] = M8[ea]; H[a] = 0;", cold: true },
  {
    name: "i64.load16_s",
    width: 2,
    type: "i64",
    signed: true,
    body: `{ const v = (${HALF}) << 16 >> 16; ${SIGNED} }`,
    cold: true,
  },
  { name: "i64.load16_u", width: 2, type: "i64", body: `R[a] = ${HALF}; H[a] = 0;`, cold: true },
  {
    name: "i64.load32_s",
    width: 4,
    type: "i64",
    signed: true,
    body: `{ const v = load32(M8, ea); ${SIGNED} }`,
    cold: true,
  },
  { name: "i64.load32_u", width: 4, type: "i64", body: `${WORD} H[a] = 0;`, cold: true },
];

const STORE_HALF = "{ const v = R[b]; M8[ea] = v; M8[ea + 1 | 0] = v >> 8; }";
const STORE_WORD = "store32(M8, ea, R[b]);";
const STORE_WORDS = "{ store32(M8, ea, R[b]); store32(M8, ea + 4 | 0, H[b]); }";
const STORES: readonly PlainAccess[] = [
  {
    name: "i32.store",
    width: 4,
    type: "i32",
    body: aligned(3, "M32[ea >> 2] = R[b];", STORE_WORD),
    general: STORE_WORD,
    between: true,
  },
  { name: "i32.store8", width: 1, type: "i32", body: "M8[ea] = R[b];", between: true },
  {
    name: "i32.store16",
    width: 2,
    type: "i32",
    body: aligned(1, "M16[ea >> 1] = R[b];", STORE_HALF),
    general: STORE_HALF,
  },
  {
    name: "i64.store",
    width: 8,
    type: "i64",
    body: aligned(3, "{ const i = ea >> 2; M32[i] = R[b]; M32[i + 1 | 0] = H[b]; }", STORE_WORDS),
    general: STORE_WORDS,
  },
  { name: "i64.store8", width: 1, type: "i64", body: "M8[ea] = R[b];", cold: true },
  { name: "i64.store16", width: 2, type: "i64", body: STORE_HALF, cold: true },
  { name: "i64.store32", width: 4, type: "i64", body: STORE_WORD, cold: true },
];

/** Says that the page is written: a store that ends in the next one is found there (MemoryPicture.changed). */
const MARK = "P[ea >>> 12] = 1;";

const near = (register: "a" | "b"): Address => ({ register, shift: 0, addend: "none", offset: "field" });

// ---- Memory 0 ----
for (const { name, width, type, signed = false, body, cold = false, between = false } of LOADS) {
  load(name, "ab", "offset", `@load(${width}) ${body}`, { ...loadOf(name, width, type, signed), cold, between });
  if (cold) continue;
  const says = loadOf(name, width, type, signed, near("b"));
  load(`${name}_near`, "ab", "", `@loadNear(${width}) ${body}`, { ...says, narrow: true, between });
}
for (const { name, width, type, body, cold = false, between = false } of STORES) {
  store(name, "ab", "offset", `@store(${width}) ${MARK} ${body}`, { ...storeOf(name, width, type), cold, between });
  if (cold) continue;
  const says = storeOf(name, width, type, near("a"));
  store(`${name}_near`, "ab", "", `@storeNear(${width}) ${MARK} ${body}`, { ...says, narrow: true, between });
}
store("i32.store_k", "a", "offset k", `@store(4) ${MARK} ${aligned(3, "M32[ea >> 2] = $k;", "store32(M8, ea, $k);")}`, {
  ...storeOf("i32.store", 4, "i32", plainAddress("a"), "k"),
  narrow: true,
});
store("i32.store8_k", "a", "offset k", `@store(1) ${MARK} M8[ea] = $k;`, {
  ...storeOf("i32.store8", 1, "i32", plainAddress("a"), "k"),
  narrow: true,
});

// `index`: of the views' elements.
const loadAt = (plain: string, width: 1 | 4, body: string) =>
  load(`${plain}_at`, "a", "index", body, { ...loadOf(plain, width, "i32", false, "constant"), narrow: true });
loadAt("i32.load", 4, "R[a] = M32[$index];");
loadAt("i32.load8_u", 1, "R[a] = M8[$index];");
store("i32.store_at", "a", "index", "P[$index >> 10] = 1; M32[$index] = R[a];", {
  ...storeOf("i32.store", 4, "i32", "constant"),
  narrow: true,
});
store("i32.store_k_at", "", "index k", "P[$index >> 10] = 1; M32[$index] = $k;", {
  ...storeOf("i32.store", 4, "i32", "constant", "k"),
  narrow: true,
});

// ---- Computed addresses ----
for (const { name, width, type, signed = false, body, sums = [] } of LOADS) {
  const shift = (31 - Math.clz32(width)) as 0 | 1 | 2 | 3;
  const scaled = `(R[b] << ${shift})`;
  const form = (suffix: string, address: Address, fields: "ab" | "abc", word: string, sum: string, offset: string) =>
    load(`${name}_${suffix}`, fields, word, `@bytes{${width}; ${sum} | 0; ${offset}} ${body}`, {
      ...loadOf(name, width, type, signed, address),
      narrow: true,
    });
  const withConstant = (suffix: string, by: 0 | 1 | 2 | 3, first: string) => {
    const address: Address = { register: "b", shift: by, addend: "k", offset: "field" };
    form(suffix, address, "ab", "k", `${first} + $k`, "(w >>> 24)");
  };
  const withRegister = (suffix: string, by: 0 | 1 | 2 | 3, first: string) => {
    const address: Address = { register: "b", shift: by, addend: "c", offset: "word" };
    form(suffix, address, "abc", "offset", `${first} + R[c]`, "$offset");
  };
  if (sums.includes("add_k")) withConstant("add_k", 0, "R[b]");
  if (sums.includes("shl_add_k")) withConstant(`shl${shift}_add_k`, shift, scaled);
  if (sums.includes("shl_add")) withRegister(`shl${shift}_add`, shift, scaled);
  if (sums.includes("add")) withRegister("add", 0, "R[b]");
}
store("i32.store8_k_add_k", "a", "k value", `@bytes{1; R[a] + $k | 0; (w >>> 24)} ${MARK} M8[ea] = $value;`, {
  ...storeOf("i32.store8", 1, "i32", { register: "a", shift: 0, addend: "k", offset: "field" }, "value"),
  narrow: true,
});

// ---- Any memory ----
/** The same of `mem`, by doubles: an address may be beyond 2^31. */
const generalBody = (body: string) =>
  body
    .replaceAll(/ea \+ (\d) \| 0/g, "ea + $1")
    .replaceAll(/\bM8\b/g, "mem.u8")
    .replaceAll(/\bMS8\b/g, "mem.i8");
const generalAccess = (register: "a" | "b", width: number, body: string) =>
  `const mem = m.memoryAt($memory); const ea = effectiveAddress(m, mem, R[${register}], H[${register}], $memory, $offset, $high, ${width}); if (ea < 0) return ea; ${generalBody(body)}`;
for (const { name, width, type, signed = false, body, general = body } of LOADS) {
  const says = loadOf(name, width, type, signed, "general");
  load(`${name}.any`, "ab", "memory offset high", generalAccess("b", width, general), { ...says, cold: true });
}
for (const { name, width, type, body, general = body } of STORES) {
  const says = storeOf(name, width, type, "general");
  store(`${name}.any`, "ab", "memory offset high", generalAccess("a", width, general), { ...says, cold: true });
}

// ---- Sizes and segments ----
value("memory.size", "a", "memory", "setNumber(R, A, m.memoryAt($memory).pages);", { takes: "nothing", cold: true });
effect("data.drop", "", "data", "m.instance.droppedDatas[$data] = 1;", { cold: true, narrow: true });
effect("elem.drop", "", "elem", "m.instance.elems[$elem] = null;", { cold: true, narrow: true });

export const MEMORY_OPS: readonly RegisterOp[] = rows;
