// The text that all compiled functions of a module stand in: what of an instance they name, and what instructions call.
// Everything is a variable of one function, so that V8 knows where it is.

import { F32_CANONICAL_NAN, F64_CANONICAL_NAN_HI } from "../values.js";
import { MOST_WIDE_WORDS, SLOTS } from "./depth.js";
import { MOST_RESULTS } from "./held.js";
import { MOST_OUT } from "./region.js";

/** What a run gives in place of fuel. */
export const RUN_LEFT = -1;
export const RUN_REFUSED = -2;

/** Results of functions, and parts of them (held.ts), but for the first part of the first one. */
const RESULTS = Array.from({ length: MOST_RESULTS }, (_, i) =>
  ["", "h", "x", "y"].map((suffix) => `R${i}${suffix} = 0`),
)
  .flat()
  .join(", ");

const CELLS = Array.from({ length: 9 }, (_, n) => {
  const names = Array.from({ length: n }, (_, i) => `c${i}`).join(", ");
  const train = `CELLS${n}(${names.replace(/c\d/g, "null")});`;
  return `function CELLS${n}(${names}) { return [${names}]; } ${train} ${train}`;
}).join("\n");
const OUT = Array.from({ length: MOST_OUT }, (_, i) => `X${i} = 0`).join(", ");

/** @param functions defined functions that have a variable of their own; none if they are in the array FS */
export function scopeText(functions: number): string {
  return `${openScope(functions)}
return {
  evaluate: function (text) { return eval(text); },
  around: function (b) {
    const ${CONSTANTS.map(([name, part]) => `${name} = b.${part}`).join(", ")};
    return function (text) { return eval(text); };
  },
${SCOPE_FACE}
};`;
}

/** What of a binding is constant in code that is made for it: by name, where the binding has it. */
const CONSTANTS = [
  ["H8", "i8"],
  ["HU8", "u8"],
  ["H16", "i16"],
  ["HU16", "u16"],
  ["H32", "i32"],
  ["HF32", "f32"],
  ["HF64", "f64"],
  ["G", "globals"],
  ["GS", "globals32"],
  ["GD", "globals64"],
] as const;

/** What the runtime asks of a scope. */
export const SCOPE_FACE = `  bind: function (b) {
    I = b.instance; HEAP = I === null ? null : I.store.heap; T = b.table; VT = b.invokes; PAGES = b.pages; SP = b.stackPointer; ST = b.setThrew;
    H8 = b.i8; HU8 = b.u8; H16 = b.i16; HU16 = b.u16; H32 = b.i32; HF32 = b.f32; HF64 = b.f64; DATA = b.data; BYTES = b.bytes;
    GX = b.globalRefs; G = b.globals; GS = b.globals32; GD = b.globals64; HOSTS = b.hosts; PLAIN = b.plainHosts;
  },
  // Runs the frame at fp: fuel that is left where it has returned, ${RUN_LEFT} where it has left, ${RUN_REFUSED} where nothing has happened.
  run: function (adapter, func, depth, thread) {
    var m = thread.machine, base = m.fp;
    FU = m.fuel; ZL = depth; TR = thread; M = m; FB = base + ((depth & ${SLOTS}) << 1); RF = 0; STK = ${MOST_WIDE_WORDS};
    isLeaving = false; isRefused = false; TH = -1; isInThrew = false;
    if (!adapter(func, m.R, m.D, m.S, m.refs, base) || isRefused) return ${RUN_REFUSED};
    return isLeaving ? ${RUN_LEFT} : FU;
  },
  release: function () { TR = M = null; },
  // Of a run that waits for a host function, around what that runs.
  save: function () { return [ZL, TR, FB, STK]; },
  restore: function (saved) {
    ZL = saved[0]; TR = saved[1]; M = TR.machine; FB = saved[2]; STK = saved[3]; RF = 0;
    isLeaving = false; isRefused = false; TH = -1; isInThrew = false;
  },
  fuel: function () { return FUEL; }`;

/** The text in front of functions. */
export function openScope(functions: number): string {
  const names = Array.from({ length: functions }, (_, i) => `F${i}`);
  return `"use strict";
${names.length === 0 ? "" : `var ${names.join(", ")};`}
// Functions by index; of the running instance: views of memory 0, as far as its buffer covers it, its pages, cells of
// globals, elements of table 0, types behind imported invoke functions, cell of the stack pointer, index of setThrew.
var FS = S.functions, I = null, T = [], VT = [], PAGES = 0, SP = 0, ST = -1;
var H8, HU8, H16, HU16, H32, HF32, HF64, DATA, BYTES = 0, G, GS, GD, GX = [];
// Calls of imports (host-text.ts): functions of this scope, what they call; the thread that runs and its machine, where
// slots are used up (depth.ts); frames that hold references, words of variables that are left (emit-calls.ts).
var HS = S.hostFunctions, HOST = S.hosts, HOSTS = [], PLAIN = [], TR = null, M = null, FB = 0, RF = 0, STK = 0;
// Fuel on its way between functions; depth that is left; results beside the one that JavaScript has.
var FU = 0, ZL = 0, RH = 0, ${RESULTS};
// Of regions (region.ts): values on their way back, where one was left and its variables, what the function returns.
var ${OUT}, XP = 0, XV = null, XR = 0;
// Operands of what leaves.
var XO = null;
// Of a function that is entered in a loop: the frame's base and registers; −1 where it begins at its beginning.
var OB = -1, OR = null, OD = null, OS = null, OX = null;
// What has left, innermost first: number of the function, site, variables. FUEL: what was left then.
var LEFT = S.left, isLeaving = false, isRefused = false, FUEL = 0;
// Constants, so that V8 need not ask whether they are the functions that it knows.
const imul = Math.imul, clz32 = Math.clz32, fround = Math.fround, abs = Math.abs, ceil = Math.ceil, floor = Math.floor;
const trunc = Math.trunc, sqrt = Math.sqrt, min = Math.min, max = Math.max;
var BITS = new ArrayBuffer(128), BI = new Int32Array(BITS), BS = new Float32Array(BITS), BD = new Float64Array(BITS), BU8 = new Uint8Array(BITS);
var V = S.vectors, N = S.numerics, CLZ64 = N.i64Clz, CTZ64 = N.i64Ctz, POPCNT64 = N.i64Popcnt;
var NEAREST = N.nearest, F32OFS64 = N.f32ConvertI64S, F32OFU64 = N.f32ConvertI64U, SATS32 = N.i32TruncSatS, SATU32 = N.i32TruncSatU;
var MULHIGH = N.mulHighU, STRESS = S.stress, UNTAKEN = S.untaken;
const CTZ = function (x) { return 32 - clz32(~x & x - 1); }, POPCNT = N.i32Popcnt;
// Of a longjmp that has left: what is due of FUEL with its call; otherwise -1. Whether the frame that leaves next waits in
// setThrew, in the place of the invoke that it waited in.
var TH = -1, isInThrew = false;
function LV(id, site, f, variables) {
  if (!isLeaving) { isLeaving = true; FUEL = f; FU = -2147483648; }
  if (XV !== null) { variables = variables.concat(XV); XV = null; }
  if (XO !== null) { variables = variables.concat(XO); XO = null; }
  LEFT.push(id, isInThrew ? ~site : site, variables);
  isInThrew = false;
  return 0;
}
// Behind an invoke that has less fuel than it needs: where what it called has left to longjmp, those frames are dropped, and
// setThrew runs in its place. What has left has returned 0, the invoke's result. The fuel that is left then, or f as it was.
function CAUGHT(f, saved, z) {
  if (TH < 0 || FUEL < TH || FS[ST] === undefined) return f;
  FU = FUEL - TH | 0;
  TH = -1; isLeaving = false; LEFT.length = 0;
  G[SP] = saved;
  FS[ST](1, 0, z);
  isInThrew = isLeaving;
  return FU | 0;
}
function REFUSE() { isRefused = true; return 0; }
// A function that is not compiled: the interpreter is to call it, from the caller's frame.
function ABSENT(index) { return function () { return LV(-1 - index, 0, FU, arguments); }; }
// The heap: what structs have is made by one function for each number of cells, which has seen a reference, so that
// all arrays of cells are of one kind in V8.
var HEAP = null, STRUCT = S.StructInst, ARRAY = S.ArrayInst, ARRAYPRICE = S.arrayPrice;
${CELLS}
function CELLS() { var c = [null]; c.pop(); for (var i = 0; i < arguments.length; i++) c.push(arguments[i]); return c; }
function OFTYPE(ref, heap, nullable) { return S.isOfType(I.store, ref, heap, nullable); }
function COPYSIGN(x, y) { return y < 0 || y === 0 && 1 / y < 0 ? -abs(x) : abs(x); }
function BITS32(x) { if (x !== x) return ${F32_CANONICAL_NAN}; BS[0] = x; return BI[0]; }
function BITS64(x) { if (x !== x) { RH = ${F64_CANONICAL_NAN_HI}; return 0; } BD[0] = x; RH = BI[1]; return BI[0]; }
function LO64(x) { if (x !== x) return 0; BD[0] = x; return BI[0]; }
function HI64(x) { if (x !== x) return ${F64_CANONICAL_NAN_HI}; BD[0] = x; return BI[1]; }
function OFBITS32(x) { BI[0] = x; return BS[0]; }
function OFBITS64(lo, hi) { BI[0] = lo; BI[1] = hi; return BD[0]; }
function TRUNC64(x) { x = trunc(x); var h = floor(x / 4294967296); RH = h | 0; return x - h * 4294967296 | 0; }
function SATS64(x) { N.i64TruncSatS(BI, 0, x); RH = BI[1]; return BI[0]; }
function SATU64(x) { N.i64TruncSatU(BI, 0, x); RH = BI[1]; return BI[0]; }
function DIVS64(al, ah, bl, bh) { N.i64DivS(BI, 0, al, ah, bl, bh); RH = BI[1]; return BI[0]; }
function DIVU64(al, ah, bl, bh) { N.i64DivU(BI, 0, al, ah, bl, bh); RH = BI[1]; return BI[0]; }
function REMS64(al, ah, bl, bh) { N.i64RemS(BI, 0, al, ah, bl, bh); RH = BI[1]; return BI[0]; }
function REMU64(al, ah, bl, bh) { N.i64RemU(BI, 0, al, ah, bl, bh); RH = BI[1]; return BI[0]; }
function SHL64(l, h, k) {
  k &= 63;
  if (k === 0) { RH = h; return l; }
  if (k < 32) { RH = h << k | l >>> 32 - k; return l << k; }
  RH = l << k - 32; return 0;
}
function SHRS64(l, h, k) {
  k &= 63;
  if (k === 0) { RH = h; return l; }
  if (k < 32) { RH = h >> k; return l >>> k | h << 32 - k; }
  RH = h >> 31; return h >> k - 32;
}
function SHRU64(l, h, k) {
  k &= 63;
  if (k === 0) { RH = h; return l; }
  if (k < 32) { RH = h >>> k | 0; return l >>> k | h << 32 - k; }
  RH = 0; return h >>> k - 32 | 0;
}
function ROTL64(l, h, k) {
  k &= 63;
  if (k >= 32) { var x = l; l = h; h = x; k -= 32; }
  if (k === 0) { RH = h; return l; }
  RH = h << k | l >>> 32 - k; return l << k | h >>> 32 - k;
}
function ROTR64(l, h, k) { return ROTL64(l, h, 64 - (k & 63)); }
// Accesses that are not aligned; undefined, or true of stores, where the bytes are not all covered.
function L16(a, o) { var e = (a >>> 0) + o; return e + 2 > BYTES ? undefined : DATA.getInt16(e, true); }
function LU16(a, o) { var e = (a >>> 0) + o; return e + 2 > BYTES ? undefined : DATA.getUint16(e, true); }
function L32(a, o) { var e = (a >>> 0) + o; return e + 4 > BYTES ? undefined : DATA.getInt32(e, true); }
function LF32(a, o) { var e = (a >>> 0) + o; return e + 4 > BYTES ? undefined : DATA.getFloat32(e, true); }
function LF64(a, o) { var e = (a >>> 0) + o; return e + 8 > BYTES ? undefined : DATA.getFloat64(e, true); }
function S8(a, o, v) { var e = (a >>> 0) + o; if (e + 1 > BYTES) return true; HU8[e] = v; return false; }
function S16(a, o, v) { var e = (a >>> 0) + o; if (e + 2 > BYTES) return true; DATA.setInt16(e, v, true); return false; }
function S32(a, o, v) { var e = (a >>> 0) + o; if (e + 4 > BYTES) return true; DATA.setInt32(e, v, true); return false; }
function S64(a, o, l, h) {
  var e = (a >>> 0) + o;
  if (e + 8 > BYTES) return true;
  DATA.setInt32(e, l, true); DATA.setInt32(e + 4, h, true);
  return false;
}
// Vectors: words into BI, or from it.
function LV1(a, o) { var e = (a >>> 0) + o; if (e + 4 > BYTES) return true; BI[0] = DATA.getInt32(e, true); return false; }
function LV2(a, o) {
  var e = (a >>> 0) + o;
  if (e + 8 > BYTES) return true;
  BI[0] = DATA.getInt32(e, true); BI[1] = DATA.getInt32(e + 4, true);
  return false;
}
function LV4(a, o) {
  var e = (a >>> 0) + o;
  if (e + 16 > BYTES) return true;
  BI[0] = DATA.getInt32(e, true); BI[1] = DATA.getInt32(e + 4, true); BI[2] = DATA.getInt32(e + 8, true); BI[3] = DATA.getInt32(e + 12, true);
  return false;
}
function SV(a, o, w0, w1, w2, w3) {
  var e = (a >>> 0) + o;
  if (e + 16 > BYTES) return true;
  DATA.setInt32(e, w0, true); DATA.setInt32(e + 4, w1, true); DATA.setInt32(e + 8, w2, true); DATA.setInt32(e + 12, w3, true);
  return false;
}
function LANE8(a, o, i) { var e = (a >>> 0) + o; if (e + 1 > BYTES) return true; BU8[i] = HU8[e]; return false; }
function LANE16(a, o, i) { return LANE8(a, o + 1, 2 * i + 1) || LANE8(a, o, 2 * i); }
function LANE32(a, o, i) { var e = (a >>> 0) + o; if (e + 4 > BYTES) return true; BI[i] = DATA.getInt32(e, true); return false; }
function LANE64(a, o, i) { return LANE32(a, o + 4, 2 * i + 1) || LANE32(a, o, 2 * i); }
function ODDV32(a, o) {
  for (var i = 0; i < 16; i += 4) if (DATA.getFloat32((a >>> 0) + o + i, true) !== DATA.getFloat32((a >>> 0) + o + i, true) && ODD32(a, o + i)) return true;
  return false;
}
function ODDV64(a, o) {
  for (var i = 0; i < 16; i += 8) if (DATA.getFloat64((a >>> 0) + o + i, true) !== DATA.getFloat64((a >>> 0) + o + i, true) && ODD64(a, o + i)) return true;
  return false;
}
function SF32(a, o, v) { return S32(a, o, BITS32(v)); }
function SF64(a, o, v) { var l = BITS64(v); return S64(a, o, l, RH); }
function ODD32(a, o) { return DATA.getInt32((a >>> 0) + o, true) !== ${F32_CANONICAL_NAN}; }
function ODD64(a, o) { var e = (a >>> 0) + o; return DATA.getInt32(e, true) !== 0 || DATA.getInt32(e + 4, true) !== ${F64_CANONICAL_NAN_HI}; }
// Bulk work, whole words at once where they are few: what it costs beyond the instruction's price, and it is done; -1 where the interpreter has to see to it.
const BULK = S.bulkBytes;
function COPY(f, d, s, n) {
  d >>>= 0; s >>>= 0; n >>>= 0;
  if (d + n > BYTES || s + n > BYTES) return -1;
  var price = BULK === 0 ? 0 : n <= BULK ? min(n, 1) : ceil(n / BULK), h = H32, i = d >>> 2, j = s >>> 2, e = i + (n >>> 2);
  if (price > f) return -1;
  if (n > 64) HU8.copyWithin(d, s, s + n);
  else if (((d | s | n) & 3) === 0) {
    if (d <= s) while (i < e) h[i++] = h[j++];
    else for (j = e + j - i; i < e;) h[--e] = h[--j];
  } else if (d <= s) for (var i = 0; i < n; i++) HU8[d + i] = HU8[s + i];
  else for (var i = n - 1; i >= 0; i--) HU8[d + i] = HU8[s + i];
  return price;
}
function FILL(f, d, v, n) {
  d >>>= 0; n >>>= 0;
  if (d + n > BYTES) return -1;
  var price = BULK === 0 ? 0 : n <= BULK ? min(n, 1) : ceil(n / BULK), h = H32, i = d >>> 2, e = i + (n >>> 2);
  if (price > f) return -1;
  if (n > 64) HU8.fill(v, d, d + n);
  else if (((d | n) & 3) === 0) for (v = imul(v & 255, 16843009); i < e;) h[i++] = v;
  else for (var i = 0; i < n; i++) HU8[d + i] = v;
  return price;
}
function NAN32(i) { H32[i] = ${F32_CANONICAL_NAN}; }
function NAN64(i) { H32[2 * i] = 0; H32[2 * i + 1] = ${F64_CANONICAL_NAN_HI}; }`;
}
