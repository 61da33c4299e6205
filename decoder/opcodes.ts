// The one table of instructions. Validation, prices, lowering, disassembly and feature
// detection all derive from it; nothing else in the project lists opcodes by number.
// Rows follow the specification's index of instructions (appendix A.7).
//
// Conventions
//   opcode   a dense int: the byte itself for one-byte instructions, else
//            a base for the prefix plus the LEB128 sub-opcode:
//            0xfb → 0x100, 0xfc → 0x200, 0xfd → 0x300, 0xfe → 0x500.
//   type     "params:results" in letters: i i32, l i64, f f32, d f64, v v128,
//            a the address type of the memory that the instruction names.
//            Absent: the instruction is polymorphic or structured, and
//            validate-code.ts has a rule of its own for it.

/** The immediates that follow an opcode; instructions.ts reads each of them. */
export type ImmediateKind =
  | "none"
  | "block" // blocktype
  | "try_table" // blocktype vec(catch)
  | "label"
  | "labels" // vec(labelidx) labelidx
  | "func"
  | "type"
  | "type_table" // call_indirect: typeidx tableidx
  | "local"
  | "global"
  | "table"
  | "tag"
  | "memarg"
  | "memory"
  | "i32"
  | "i64"
  | "f32"
  | "f64"
  | "heap" // ref.null
  | "types" // select t*
  | "data_memory"
  | "data"
  | "memory_memory"
  | "elem_table"
  | "elem"
  | "table_table"
  | "type_field"
  | "type_count"
  | "type_data"
  | "type_elem"
  | "type_type"
  | "cast" // br_on_cast: flags labelidx heaptype heaptype
  | "v128"
  | "lanes" // i8x16.shuffle: 16 lane indices
  | "lane"
  | "memarg_lane"
  | "zero"; // atomic.fence: one zero byte

/** The proposal that brought an instruction or another part of modules; "mvp" is WebAssembly 1.0. */
export type Feature =
  | "mvp"
  | "mutable-globals"
  | "multi-value"
  | "sign-extension"
  | "saturating-conversions"
  | "bulk-memory"
  | "reference-types"
  | "typed-references"
  | "tail-calls"
  | "exceptions"
  | "legacy-exceptions"
  | "gc"
  | "simd"
  | "relaxed-simd"
  | "threads"
  | "wide-arithmetic"
  | "extended-const"
  | "multi-memory"
  | "memory64"
  | "custom-page-sizes";

/** Trap messages, in the test suite's words. */
export type TrapMessage =
  | "unreachable"
  | "integer divide by zero"
  | "integer overflow"
  | "invalid conversion to integer"
  | "out of bounds memory access"
  | "out of bounds table access"
  | "undefined element"
  | "uninitialized element"
  | "indirect call type mismatch"
  | "null function reference"
  | "null reference"
  | "null exception reference"
  | "null structure reference"
  | "null array reference"
  | "null i31 reference"
  | "out of bounds array access"
  | "cast failure"
  | "unaligned atomic"
  | "expected shared memory";

export interface OpcodeRow {
  readonly name: string;
  readonly opcode: number;
  readonly immediate: ImmediateKind;
  readonly feature: Feature;
  readonly type?: string | undefined;
  /** Memory accesses: bytes moved, and so the largest alignment. */
  readonly width?: number | undefined;
  readonly traps: readonly TrapMessage[];
}

const FB = 0x100;
const FC = 0x200;
const FD = 0x300;
const FE = 0x500;
/** One past the largest opcode: the length of tables indexed by opcode. */
export const OPCODE_LIMIT = 0x580;

type Row<N extends string> = OpcodeRow & { readonly name: N };

const NO_TRAPS: readonly TrapMessage[] = [];
const OOB_MEMORY: readonly TrapMessage[] = ["out of bounds memory access"];
const OOB_TABLE: readonly TrapMessage[] = ["out of bounds table access"];
const ATOMIC_ACCESS: readonly TrapMessage[] = ["out of bounds memory access", "unaligned atomic"];

function row<const N extends string>(
  name: N,
  opcode: number,
  immediate: ImmediateKind,
  type?: string,
  more: { feature?: Feature; width?: number; traps?: readonly TrapMessage[] } = {},
): Row<N> {
  const { feature = "mvp", width, traps = NO_TRAPS } = more;
  return { name, opcode, immediate, feature, type, width, traps };
}
// The rows of the large families, without a detour: this table is built each time the package is loaded.
const plain = <const N extends string>(name: N, opcode: number, type: string, feature: Feature = "mvp"): Row<N> => ({
  name,
  opcode,
  immediate: "none",
  feature,
  type,
  width: undefined,
  traps: NO_TRAPS,
});
const access = <const N extends string>(
  name: N,
  opcode: number,
  immediate: "memarg" | "memarg_lane",
  type: string,
  width: number,
  feature: Feature,
  traps: readonly TrapMessage[],
): Row<N> => ({ name, opcode, immediate, feature, type, width, traps });
const divides = <const N extends string>(name: N, opcode: number, type: string, overflows: boolean) =>
  row(name, opcode, "none", type, {
    traps: overflows ? ["integer divide by zero", "integer overflow"] : ["integer divide by zero"],
  });
const truncates = <const N extends string>(name: N, opcode: number, type: string) =>
  row(name, opcode, "none", type, { traps: ["integer overflow", "invalid conversion to integer"] });
const memop = <const N extends string>(
  name: N,
  opcode: number,
  type: string,
  width: number,
  feature: Feature = "mvp",
) => access(name, opcode, "memarg", type, width, feature, OOB_MEMORY);
const laneop = <const N extends string>(name: N, opcode: number, type: string, width: number) =>
  access(name, FD + opcode, "memarg_lane", type, width, "simd", OOB_MEMORY);
const gc = <const N extends string>(
  name: N,
  opcode: number,
  immediate: ImmediateKind,
  traps: readonly TrapMessage[] = NO_TRAPS,
) => row(name, FB + opcode, immediate, undefined, { feature: "gc", traps });
const simd = <const N extends string>(name: N, opcode: number, type: string) => plain(name, FD + opcode, type, "simd");
const simdLane = <const N extends string>(name: N, opcode: number, type: string) =>
  row(name, FD + opcode, "lane", type, { feature: "simd" });
const relaxed = <const N extends string>(name: N, opcode: number, type: string) =>
  plain(name, FD + opcode, type, "relaxed-simd");
const atomic = <const N extends string>(name: N, opcode: number, type: string, width: number) =>
  access(name, FE + opcode, "memarg", type, width, "threads", ATOMIC_ACCESS);

const CONTROL = [
  row("unreachable", 0x00, "none", undefined, { traps: ["unreachable"] }),
  row("nop", 0x01, "none", ":"),
  row("block", 0x02, "block"),
  row("loop", 0x03, "block"),
  row("if", 0x04, "block"),
  row("else", 0x05, "none"),
  row("try", 0x06, "block", undefined, { feature: "legacy-exceptions" }),
  row("catch", 0x07, "tag", undefined, { feature: "legacy-exceptions" }),
  row("throw", 0x08, "tag", undefined, { feature: "exceptions" }),
  row("rethrow", 0x09, "label", undefined, { feature: "legacy-exceptions" }),
  row("throw_ref", 0x0a, "none", undefined, { feature: "exceptions", traps: ["null exception reference"] }),
  row("end", 0x0b, "none"),
  row("br", 0x0c, "label"),
  row("br_if", 0x0d, "label"),
  row("br_table", 0x0e, "labels"),
  row("return", 0x0f, "none"),
  row("call", 0x10, "func"),
  row("call_indirect", 0x11, "type_table", undefined, {
    traps: ["undefined element", "uninitialized element", "indirect call type mismatch"],
  }),
  row("return_call", 0x12, "func", undefined, { feature: "tail-calls" }),
  row("return_call_indirect", 0x13, "type_table", undefined, {
    feature: "tail-calls",
    traps: ["undefined element", "uninitialized element", "indirect call type mismatch"],
  }),
  row("call_ref", 0x14, "type", undefined, { feature: "typed-references", traps: ["null function reference"] }),
  row("return_call_ref", 0x15, "type", undefined, { feature: "typed-references", traps: ["null function reference"] }),
  row("delegate", 0x18, "label", undefined, { feature: "legacy-exceptions" }),
  row("catch_all", 0x19, "none", undefined, { feature: "legacy-exceptions" }),
  row("drop", 0x1a, "none"),
  row("select", 0x1b, "none"),
  row("select t", 0x1c, "types", undefined, { feature: "reference-types" }),
  row("try_table", 0x1f, "try_table", undefined, { feature: "exceptions" }),
] as const;

const VARIABLES = [
  row("local.get", 0x20, "local"),
  row("local.set", 0x21, "local"),
  row("local.tee", 0x22, "local"),
  row("global.get", 0x23, "global"),
  row("global.set", 0x24, "global"),
  row("table.get", 0x25, "table", undefined, { feature: "reference-types", traps: OOB_TABLE }),
  row("table.set", 0x26, "table", undefined, { feature: "reference-types", traps: OOB_TABLE }),
] as const;

const MEMORY = [
  memop("i32.load", 0x28, "a:i", 4),
  memop("i64.load", 0x29, "a:l", 8),
  memop("f32.load", 0x2a, "a:f", 4),
  memop("f64.load", 0x2b, "a:d", 8),
  memop("i32.load8_s", 0x2c, "a:i", 1),
  memop("i32.load8_u", 0x2d, "a:i", 1),
  memop("i32.load16_s", 0x2e, "a:i", 2),
  memop("i32.load16_u", 0x2f, "a:i", 2),
  memop("i64.load8_s", 0x30, "a:l", 1),
  memop("i64.load8_u", 0x31, "a:l", 1),
  memop("i64.load16_s", 0x32, "a:l", 2),
  memop("i64.load16_u", 0x33, "a:l", 2),
  memop("i64.load32_s", 0x34, "a:l", 4),
  memop("i64.load32_u", 0x35, "a:l", 4),
  memop("i32.store", 0x36, "ai:", 4),
  memop("i64.store", 0x37, "al:", 8),
  memop("f32.store", 0x38, "af:", 4),
  memop("f64.store", 0x39, "ad:", 8),
  memop("i32.store8", 0x3a, "ai:", 1),
  memop("i32.store16", 0x3b, "ai:", 2),
  memop("i64.store8", 0x3c, "al:", 1),
  memop("i64.store16", 0x3d, "al:", 2),
  memop("i64.store32", 0x3e, "al:", 4),
  row("memory.size", 0x3f, "memory", ":a"),
  row("memory.grow", 0x40, "memory", "a:a"),
  row("memory.init", FC + 8, "data_memory", "aii:", { feature: "bulk-memory", traps: OOB_MEMORY }),
  row("data.drop", FC + 9, "data", ":", { feature: "bulk-memory" }),
  row("memory.copy", FC + 10, "memory_memory", undefined, { feature: "bulk-memory", traps: OOB_MEMORY }),
  row("memory.fill", FC + 11, "memory", "aia:", { feature: "bulk-memory", traps: OOB_MEMORY }),
  row("table.init", FC + 12, "elem_table", undefined, { feature: "bulk-memory", traps: OOB_TABLE }),
  row("elem.drop", FC + 13, "elem", ":", { feature: "bulk-memory" }),
  row("table.copy", FC + 14, "table_table", undefined, { feature: "bulk-memory", traps: OOB_TABLE }),
  row("table.grow", FC + 15, "table", undefined, { feature: "reference-types" }),
  row("table.size", FC + 16, "table", undefined, { feature: "reference-types" }),
  row("table.fill", FC + 17, "table", undefined, { feature: "reference-types", traps: OOB_TABLE }),
] as const;

const NUMERIC = [
  row("i32.const", 0x41, "i32", ":i"),
  row("i64.const", 0x42, "i64", ":l"),
  row("f32.const", 0x43, "f32", ":f"),
  row("f64.const", 0x44, "f64", ":d"),
  plain("i32.eqz", 0x45, "i:i"),
  plain("i32.eq", 0x46, "ii:i"),
  plain("i32.ne", 0x47, "ii:i"),
  plain("i32.lt_s", 0x48, "ii:i"),
  plain("i32.lt_u", 0x49, "ii:i"),
  plain("i32.gt_s", 0x4a, "ii:i"),
  plain("i32.gt_u", 0x4b, "ii:i"),
  plain("i32.le_s", 0x4c, "ii:i"),
  plain("i32.le_u", 0x4d, "ii:i"),
  plain("i32.ge_s", 0x4e, "ii:i"),
  plain("i32.ge_u", 0x4f, "ii:i"),
  plain("i64.eqz", 0x50, "l:i"),
  plain("i64.eq", 0x51, "ll:i"),
  plain("i64.ne", 0x52, "ll:i"),
  plain("i64.lt_s", 0x53, "ll:i"),
  plain("i64.lt_u", 0x54, "ll:i"),
  plain("i64.gt_s", 0x55, "ll:i"),
  plain("i64.gt_u", 0x56, "ll:i"),
  plain("i64.le_s", 0x57, "ll:i"),
  plain("i64.le_u", 0x58, "ll:i"),
  plain("i64.ge_s", 0x59, "ll:i"),
  plain("i64.ge_u", 0x5a, "ll:i"),
  plain("f32.eq", 0x5b, "ff:i"),
  plain("f32.ne", 0x5c, "ff:i"),
  plain("f32.lt", 0x5d, "ff:i"),
  plain("f32.gt", 0x5e, "ff:i"),
  plain("f32.le", 0x5f, "ff:i"),
  plain("f32.ge", 0x60, "ff:i"),
  plain("f64.eq", 0x61, "dd:i"),
  plain("f64.ne", 0x62, "dd:i"),
  plain("f64.lt", 0x63, "dd:i"),
  plain("f64.gt", 0x64, "dd:i"),
  plain("f64.le", 0x65, "dd:i"),
  plain("f64.ge", 0x66, "dd:i"),
  plain("i32.clz", 0x67, "i:i"),
  plain("i32.ctz", 0x68, "i:i"),
  plain("i32.popcnt", 0x69, "i:i"),
  plain("i32.add", 0x6a, "ii:i"),
  plain("i32.sub", 0x6b, "ii:i"),
  plain("i32.mul", 0x6c, "ii:i"),
  divides("i32.div_s", 0x6d, "ii:i", true),
  divides("i32.div_u", 0x6e, "ii:i", false),
  divides("i32.rem_s", 0x6f, "ii:i", false),
  divides("i32.rem_u", 0x70, "ii:i", false),
  plain("i32.and", 0x71, "ii:i"),
  plain("i32.or", 0x72, "ii:i"),
  plain("i32.xor", 0x73, "ii:i"),
  plain("i32.shl", 0x74, "ii:i"),
  plain("i32.shr_s", 0x75, "ii:i"),
  plain("i32.shr_u", 0x76, "ii:i"),
  plain("i32.rotl", 0x77, "ii:i"),
  plain("i32.rotr", 0x78, "ii:i"),
  plain("i64.clz", 0x79, "l:l"),
  plain("i64.ctz", 0x7a, "l:l"),
  plain("i64.popcnt", 0x7b, "l:l"),
  plain("i64.add", 0x7c, "ll:l"),
  plain("i64.sub", 0x7d, "ll:l"),
  plain("i64.mul", 0x7e, "ll:l"),
  divides("i64.div_s", 0x7f, "ll:l", true),
  divides("i64.div_u", 0x80, "ll:l", false),
  divides("i64.rem_s", 0x81, "ll:l", false),
  divides("i64.rem_u", 0x82, "ll:l", false),
  plain("i64.and", 0x83, "ll:l"),
  plain("i64.or", 0x84, "ll:l"),
  plain("i64.xor", 0x85, "ll:l"),
  plain("i64.shl", 0x86, "ll:l"),
  plain("i64.shr_s", 0x87, "ll:l"),
  plain("i64.shr_u", 0x88, "ll:l"),
  plain("i64.rotl", 0x89, "ll:l"),
  plain("i64.rotr", 0x8a, "ll:l"),
  plain("f32.abs", 0x8b, "f:f"),
  plain("f32.neg", 0x8c, "f:f"),
  plain("f32.ceil", 0x8d, "f:f"),
  plain("f32.floor", 0x8e, "f:f"),
  plain("f32.trunc", 0x8f, "f:f"),
  plain("f32.nearest", 0x90, "f:f"),
  plain("f32.sqrt", 0x91, "f:f"),
  plain("f32.add", 0x92, "ff:f"),
  plain("f32.sub", 0x93, "ff:f"),
  plain("f32.mul", 0x94, "ff:f"),
  plain("f32.div", 0x95, "ff:f"),
  plain("f32.min", 0x96, "ff:f"),
  plain("f32.max", 0x97, "ff:f"),
  plain("f32.copysign", 0x98, "ff:f"),
  plain("f64.abs", 0x99, "d:d"),
  plain("f64.neg", 0x9a, "d:d"),
  plain("f64.ceil", 0x9b, "d:d"),
  plain("f64.floor", 0x9c, "d:d"),
  plain("f64.trunc", 0x9d, "d:d"),
  plain("f64.nearest", 0x9e, "d:d"),
  plain("f64.sqrt", 0x9f, "d:d"),
  plain("f64.add", 0xa0, "dd:d"),
  plain("f64.sub", 0xa1, "dd:d"),
  plain("f64.mul", 0xa2, "dd:d"),
  plain("f64.div", 0xa3, "dd:d"),
  plain("f64.min", 0xa4, "dd:d"),
  plain("f64.max", 0xa5, "dd:d"),
  plain("f64.copysign", 0xa6, "dd:d"),
  plain("i32.wrap_i64", 0xa7, "l:i"),
  truncates("i32.trunc_f32_s", 0xa8, "f:i"),
  truncates("i32.trunc_f32_u", 0xa9, "f:i"),
  truncates("i32.trunc_f64_s", 0xaa, "d:i"),
  truncates("i32.trunc_f64_u", 0xab, "d:i"),
  plain("i64.extend_i32_s", 0xac, "i:l"),
  plain("i64.extend_i32_u", 0xad, "i:l"),
  truncates("i64.trunc_f32_s", 0xae, "f:l"),
  truncates("i64.trunc_f32_u", 0xaf, "f:l"),
  truncates("i64.trunc_f64_s", 0xb0, "d:l"),
  truncates("i64.trunc_f64_u", 0xb1, "d:l"),
  plain("f32.convert_i32_s", 0xb2, "i:f"),
  plain("f32.convert_i32_u", 0xb3, "i:f"),
  plain("f32.convert_i64_s", 0xb4, "l:f"),
  plain("f32.convert_i64_u", 0xb5, "l:f"),
  plain("f32.demote_f64", 0xb6, "d:f"),
  plain("f64.convert_i32_s", 0xb7, "i:d"),
  plain("f64.convert_i32_u", 0xb8, "i:d"),
  plain("f64.convert_i64_s", 0xb9, "l:d"),
  plain("f64.convert_i64_u", 0xba, "l:d"),
  plain("f64.promote_f32", 0xbb, "f:d"),
  plain("i32.reinterpret_f32", 0xbc, "f:i"),
  plain("i64.reinterpret_f64", 0xbd, "d:l"),
  plain("f32.reinterpret_i32", 0xbe, "i:f"),
  plain("f64.reinterpret_i64", 0xbf, "l:d"),
  plain("i32.extend8_s", 0xc0, "i:i", "sign-extension"),
  plain("i32.extend16_s", 0xc1, "i:i", "sign-extension"),
  plain("i64.extend8_s", 0xc2, "l:l", "sign-extension"),
  plain("i64.extend16_s", 0xc3, "l:l", "sign-extension"),
  plain("i64.extend32_s", 0xc4, "l:l", "sign-extension"),
  plain("i32.trunc_sat_f32_s", FC + 0, "f:i", "saturating-conversions"),
  plain("i32.trunc_sat_f32_u", FC + 1, "f:i", "saturating-conversions"),
  plain("i32.trunc_sat_f64_s", FC + 2, "d:i", "saturating-conversions"),
  plain("i32.trunc_sat_f64_u", FC + 3, "d:i", "saturating-conversions"),
  plain("i64.trunc_sat_f32_s", FC + 4, "f:l", "saturating-conversions"),
  plain("i64.trunc_sat_f32_u", FC + 5, "f:l", "saturating-conversions"),
  plain("i64.trunc_sat_f64_s", FC + 6, "d:l", "saturating-conversions"),
  plain("i64.trunc_sat_f64_u", FC + 7, "d:l", "saturating-conversions"),
  plain("i64.add128", FC + 19, "llll:ll", "wide-arithmetic"),
  plain("i64.sub128", FC + 20, "llll:ll", "wide-arithmetic"),
  plain("i64.mul_wide_s", FC + 21, "ll:ll", "wide-arithmetic"),
  plain("i64.mul_wide_u", FC + 22, "ll:ll", "wide-arithmetic"),
] as const;

const REFERENCES = [
  row("ref.null", 0xd0, "heap", undefined, { feature: "reference-types" }),
  row("ref.is_null", 0xd1, "none", undefined, { feature: "reference-types" }),
  row("ref.func", 0xd2, "func", undefined, { feature: "reference-types" }),
  row("ref.eq", 0xd3, "none", undefined, { feature: "gc" }),
  row("ref.as_non_null", 0xd4, "none", undefined, { feature: "typed-references", traps: ["null reference"] }),
  row("br_on_null", 0xd5, "label", undefined, { feature: "typed-references" }),
  row("br_on_non_null", 0xd6, "label", undefined, { feature: "typed-references" }),
] as const;

const GC = [
  gc("struct.new", 0, "type"),
  gc("struct.new_default", 1, "type"),
  gc("struct.get", 2, "type_field", ["null structure reference"]),
  gc("struct.get_s", 3, "type_field", ["null structure reference"]),
  gc("struct.get_u", 4, "type_field", ["null structure reference"]),
  gc("struct.set", 5, "type_field", ["null structure reference"]),
  gc("array.new", 6, "type"),
  gc("array.new_default", 7, "type"),
  gc("array.new_fixed", 8, "type_count"),
  gc("array.new_data", 9, "type_data", ["out of bounds memory access"]),
  gc("array.new_elem", 10, "type_elem", ["out of bounds table access"]),
  gc("array.get", 11, "type", ["null array reference", "out of bounds array access"]),
  gc("array.get_s", 12, "type", ["null array reference", "out of bounds array access"]),
  gc("array.get_u", 13, "type", ["null array reference", "out of bounds array access"]),
  gc("array.set", 14, "type", ["null array reference", "out of bounds array access"]),
  gc("array.len", 15, "none", ["null array reference"]),
  gc("array.fill", 16, "type", ["null array reference", "out of bounds array access"]),
  gc("array.copy", 17, "type_type", ["null array reference", "out of bounds array access"]),
  gc("array.init_data", 18, "type_data", [
    "null array reference",
    "out of bounds array access",
    "out of bounds memory access",
  ]),
  gc("array.init_elem", 19, "type_elem", [
    "null array reference",
    "out of bounds array access",
    "out of bounds table access",
  ]),
  gc("ref.test", 20, "heap"),
  gc("ref.test null", 21, "heap"),
  gc("ref.cast", 22, "heap", ["cast failure"]),
  gc("ref.cast null", 23, "heap", ["cast failure"]),
  gc("br_on_cast", 24, "cast"),
  gc("br_on_cast_fail", 25, "cast"),
  gc("any.convert_extern", 26, "none"),
  gc("extern.convert_any", 27, "none"),
  gc("ref.i31", 28, "none"),
  gc("i31.get_s", 29, "none", ["null i31 reference"]),
  gc("i31.get_u", 30, "none", ["null i31 reference"]),
] as const;

const VECTOR = [
  memop("v128.load", FD + 0, "a:v", 16, "simd"),
  memop("v128.load8x8_s", FD + 1, "a:v", 8, "simd"),
  memop("v128.load8x8_u", FD + 2, "a:v", 8, "simd"),
  memop("v128.load16x4_s", FD + 3, "a:v", 8, "simd"),
  memop("v128.load16x4_u", FD + 4, "a:v", 8, "simd"),
  memop("v128.load32x2_s", FD + 5, "a:v", 8, "simd"),
  memop("v128.load32x2_u", FD + 6, "a:v", 8, "simd"),
  memop("v128.load8_splat", FD + 7, "a:v", 1, "simd"),
  memop("v128.load16_splat", FD + 8, "a:v", 2, "simd"),
  memop("v128.load32_splat", FD + 9, "a:v", 4, "simd"),
  memop("v128.load64_splat", FD + 10, "a:v", 8, "simd"),
  memop("v128.store", FD + 11, "av:", 16, "simd"),
  row("v128.const", FD + 12, "v128", ":v", { feature: "simd" }),
  row("i8x16.shuffle", FD + 13, "lanes", "vv:v", { feature: "simd" }),
  simd("i8x16.swizzle", 14, "vv:v"),
  simd("i8x16.splat", 15, "i:v"),
  simd("i16x8.splat", 16, "i:v"),
  simd("i32x4.splat", 17, "i:v"),
  simd("i64x2.splat", 18, "l:v"),
  simd("f32x4.splat", 19, "f:v"),
  simd("f64x2.splat", 20, "d:v"),
  simdLane("i8x16.extract_lane_s", 21, "v:i"),
  simdLane("i8x16.extract_lane_u", 22, "v:i"),
  simdLane("i8x16.replace_lane", 23, "vi:v"),
  simdLane("i16x8.extract_lane_s", 24, "v:i"),
  simdLane("i16x8.extract_lane_u", 25, "v:i"),
  simdLane("i16x8.replace_lane", 26, "vi:v"),
  simdLane("i32x4.extract_lane", 27, "v:i"),
  simdLane("i32x4.replace_lane", 28, "vi:v"),
  simdLane("i64x2.extract_lane", 29, "v:l"),
  simdLane("i64x2.replace_lane", 30, "vl:v"),
  simdLane("f32x4.extract_lane", 31, "v:f"),
  simdLane("f32x4.replace_lane", 32, "vf:v"),
  simdLane("f64x2.extract_lane", 33, "v:d"),
  simdLane("f64x2.replace_lane", 34, "vd:v"),
  simd("i8x16.eq", 35, "vv:v"),
  simd("i8x16.ne", 36, "vv:v"),
  simd("i8x16.lt_s", 37, "vv:v"),
  simd("i8x16.lt_u", 38, "vv:v"),
  simd("i8x16.gt_s", 39, "vv:v"),
  simd("i8x16.gt_u", 40, "vv:v"),
  simd("i8x16.le_s", 41, "vv:v"),
  simd("i8x16.le_u", 42, "vv:v"),
  simd("i8x16.ge_s", 43, "vv:v"),
  simd("i8x16.ge_u", 44, "vv:v"),
  simd("i16x8.eq", 45, "vv:v"),
  simd("i16x8.ne", 46, "vv:v"),
  simd("i16x8.lt_s", 47, "vv:v"),
  simd("i16x8.lt_u", 48, "vv:v"),
  simd("i16x8.gt_s", 49, "vv:v"),
  simd("i16x8.gt_u", 50, "vv:v"),
  simd("i16x8.le_s", 51, "vv:v"),
  simd("i16x8.le_u", 52, "vv:v"),
  simd("i16x8.ge_s", 53, "vv:v"),
  simd("i16x8.ge_u", 54, "vv:v"),
  simd("i32x4.eq", 55, "vv:v"),
  simd("i32x4.ne", 56, "vv:v"),
  simd("i32x4.lt_s", 57, "vv:v"),
  simd("i32x4.lt_u", 58, "vv:v"),
  simd("i32x4.gt_s", 59, "vv:v"),
  simd("i32x4.gt_u", 60, "vv:v"),
  simd("i32x4.le_s", 61, "vv:v"),
  simd("i32x4.le_u", 62, "vv:v"),
  simd("i32x4.ge_s", 63, "vv:v"),
  simd("i32x4.ge_u", 64, "vv:v"),
  simd("f32x4.eq", 65, "vv:v"),
  simd("f32x4.ne", 66, "vv:v"),
  simd("f32x4.lt", 67, "vv:v"),
  simd("f32x4.gt", 68, "vv:v"),
  simd("f32x4.le", 69, "vv:v"),
  simd("f32x4.ge", 70, "vv:v"),
  simd("f64x2.eq", 71, "vv:v"),
  simd("f64x2.ne", 72, "vv:v"),
  simd("f64x2.lt", 73, "vv:v"),
  simd("f64x2.gt", 74, "vv:v"),
  simd("f64x2.le", 75, "vv:v"),
  simd("f64x2.ge", 76, "vv:v"),
  simd("v128.not", 77, "v:v"),
  simd("v128.and", 78, "vv:v"),
  simd("v128.andnot", 79, "vv:v"),
  simd("v128.or", 80, "vv:v"),
  simd("v128.xor", 81, "vv:v"),
  simd("v128.bitselect", 82, "vvv:v"),
  simd("v128.any_true", 83, "v:i"),
  laneop("v128.load8_lane", 84, "av:v", 1),
  laneop("v128.load16_lane", 85, "av:v", 2),
  laneop("v128.load32_lane", 86, "av:v", 4),
  laneop("v128.load64_lane", 87, "av:v", 8),
  laneop("v128.store8_lane", 88, "av:", 1),
  laneop("v128.store16_lane", 89, "av:", 2),
  laneop("v128.store32_lane", 90, "av:", 4),
  laneop("v128.store64_lane", 91, "av:", 8),
  memop("v128.load32_zero", FD + 92, "a:v", 4, "simd"),
  memop("v128.load64_zero", FD + 93, "a:v", 8, "simd"),
  simd("f32x4.demote_f64x2_zero", 94, "v:v"),
  simd("f64x2.promote_low_f32x4", 95, "v:v"),
  simd("i8x16.abs", 96, "v:v"),
  simd("i8x16.neg", 97, "v:v"),
  simd("i8x16.popcnt", 98, "v:v"),
  simd("i8x16.all_true", 99, "v:i"),
  simd("i8x16.bitmask", 100, "v:i"),
  simd("i8x16.narrow_i16x8_s", 101, "vv:v"),
  simd("i8x16.narrow_i16x8_u", 102, "vv:v"),
  simd("f32x4.ceil", 103, "v:v"),
  simd("f32x4.floor", 104, "v:v"),
  simd("f32x4.trunc", 105, "v:v"),
  simd("f32x4.nearest", 106, "v:v"),
  simd("i8x16.shl", 107, "vi:v"),
  simd("i8x16.shr_s", 108, "vi:v"),
  simd("i8x16.shr_u", 109, "vi:v"),
  simd("i8x16.add", 110, "vv:v"),
  simd("i8x16.add_sat_s", 111, "vv:v"),
  simd("i8x16.add_sat_u", 112, "vv:v"),
  simd("i8x16.sub", 113, "vv:v"),
  simd("i8x16.sub_sat_s", 114, "vv:v"),
  simd("i8x16.sub_sat_u", 115, "vv:v"),
  simd("f64x2.ceil", 116, "v:v"),
  simd("f64x2.floor", 117, "v:v"),
  simd("i8x16.min_s", 118, "vv:v"),
  simd("i8x16.min_u", 119, "vv:v"),
  simd("i8x16.max_s", 120, "vv:v"),
  simd("i8x16.max_u", 121, "vv:v"),
  simd("f64x2.trunc", 122, "v:v"),
  simd("i8x16.avgr_u", 123, "vv:v"),
  simd("i16x8.extadd_pairwise_i8x16_s", 124, "v:v"),
  simd("i16x8.extadd_pairwise_i8x16_u", 125, "v:v"),
  simd("i32x4.extadd_pairwise_i16x8_s", 126, "v:v"),
  simd("i32x4.extadd_pairwise_i16x8_u", 127, "v:v"),
  simd("i16x8.abs", 128, "v:v"),
  simd("i16x8.neg", 129, "v:v"),
  simd("i16x8.q15mulr_sat_s", 130, "vv:v"),
  simd("i16x8.all_true", 131, "v:i"),
  simd("i16x8.bitmask", 132, "v:i"),
  simd("i16x8.narrow_i32x4_s", 133, "vv:v"),
  simd("i16x8.narrow_i32x4_u", 134, "vv:v"),
  simd("i16x8.extend_low_i8x16_s", 135, "v:v"),
  simd("i16x8.extend_high_i8x16_s", 136, "v:v"),
  simd("i16x8.extend_low_i8x16_u", 137, "v:v"),
  simd("i16x8.extend_high_i8x16_u", 138, "v:v"),
  simd("i16x8.shl", 139, "vi:v"),
  simd("i16x8.shr_s", 140, "vi:v"),
  simd("i16x8.shr_u", 141, "vi:v"),
  simd("i16x8.add", 142, "vv:v"),
  simd("i16x8.add_sat_s", 143, "vv:v"),
  simd("i16x8.add_sat_u", 144, "vv:v"),
  simd("i16x8.sub", 145, "vv:v"),
  simd("i16x8.sub_sat_s", 146, "vv:v"),
  simd("i16x8.sub_sat_u", 147, "vv:v"),
  simd("f64x2.nearest", 148, "v:v"),
  simd("i16x8.mul", 149, "vv:v"),
  simd("i16x8.min_s", 150, "vv:v"),
  simd("i16x8.min_u", 151, "vv:v"),
  simd("i16x8.max_s", 152, "vv:v"),
  simd("i16x8.max_u", 153, "vv:v"),
  simd("i16x8.avgr_u", 155, "vv:v"),
  simd("i16x8.extmul_low_i8x16_s", 156, "vv:v"),
  simd("i16x8.extmul_high_i8x16_s", 157, "vv:v"),
  simd("i16x8.extmul_low_i8x16_u", 158, "vv:v"),
  simd("i16x8.extmul_high_i8x16_u", 159, "vv:v"),
  simd("i32x4.abs", 160, "v:v"),
  simd("i32x4.neg", 161, "v:v"),
  simd("i32x4.all_true", 163, "v:i"),
  simd("i32x4.bitmask", 164, "v:i"),
  simd("i32x4.extend_low_i16x8_s", 167, "v:v"),
  simd("i32x4.extend_high_i16x8_s", 168, "v:v"),
  simd("i32x4.extend_low_i16x8_u", 169, "v:v"),
  simd("i32x4.extend_high_i16x8_u", 170, "v:v"),
  simd("i32x4.shl", 171, "vi:v"),
  simd("i32x4.shr_s", 172, "vi:v"),
  simd("i32x4.shr_u", 173, "vi:v"),
  simd("i32x4.add", 174, "vv:v"),
  simd("i32x4.sub", 177, "vv:v"),
  simd("i32x4.mul", 181, "vv:v"),
  simd("i32x4.min_s", 182, "vv:v"),
  simd("i32x4.min_u", 183, "vv:v"),
  simd("i32x4.max_s", 184, "vv:v"),
  simd("i32x4.max_u", 185, "vv:v"),
  simd("i32x4.dot_i16x8_s", 186, "vv:v"),
  simd("i32x4.extmul_low_i16x8_s", 188, "vv:v"),
  simd("i32x4.extmul_high_i16x8_s", 189, "vv:v"),
  simd("i32x4.extmul_low_i16x8_u", 190, "vv:v"),
  simd("i32x4.extmul_high_i16x8_u", 191, "vv:v"),
  simd("i64x2.abs", 192, "v:v"),
  simd("i64x2.neg", 193, "v:v"),
  simd("i64x2.all_true", 195, "v:i"),
  simd("i64x2.bitmask", 196, "v:i"),
  simd("i64x2.extend_low_i32x4_s", 199, "v:v"),
  simd("i64x2.extend_high_i32x4_s", 200, "v:v"),
  simd("i64x2.extend_low_i32x4_u", 201, "v:v"),
  simd("i64x2.extend_high_i32x4_u", 202, "v:v"),
  simd("i64x2.shl", 203, "vi:v"),
  simd("i64x2.shr_s", 204, "vi:v"),
  simd("i64x2.shr_u", 205, "vi:v"),
  simd("i64x2.add", 206, "vv:v"),
  simd("i64x2.sub", 209, "vv:v"),
  simd("i64x2.mul", 213, "vv:v"),
  simd("i64x2.eq", 214, "vv:v"),
  simd("i64x2.ne", 215, "vv:v"),
  simd("i64x2.lt_s", 216, "vv:v"),
  simd("i64x2.gt_s", 217, "vv:v"),
  simd("i64x2.le_s", 218, "vv:v"),
  simd("i64x2.ge_s", 219, "vv:v"),
  simd("i64x2.extmul_low_i32x4_s", 220, "vv:v"),
  simd("i64x2.extmul_high_i32x4_s", 221, "vv:v"),
  simd("i64x2.extmul_low_i32x4_u", 222, "vv:v"),
  simd("i64x2.extmul_high_i32x4_u", 223, "vv:v"),
  simd("f32x4.abs", 224, "v:v"),
  simd("f32x4.neg", 225, "v:v"),
  simd("f32x4.sqrt", 227, "v:v"),
  simd("f32x4.add", 228, "vv:v"),
  simd("f32x4.sub", 229, "vv:v"),
  simd("f32x4.mul", 230, "vv:v"),
  simd("f32x4.div", 231, "vv:v"),
  simd("f32x4.min", 232, "vv:v"),
  simd("f32x4.max", 233, "vv:v"),
  simd("f32x4.pmin", 234, "vv:v"),
  simd("f32x4.pmax", 235, "vv:v"),
  simd("f64x2.abs", 236, "v:v"),
  simd("f64x2.neg", 237, "v:v"),
  simd("f64x2.sqrt", 239, "v:v"),
  simd("f64x2.add", 240, "vv:v"),
  simd("f64x2.sub", 241, "vv:v"),
  simd("f64x2.mul", 242, "vv:v"),
  simd("f64x2.div", 243, "vv:v"),
  simd("f64x2.min", 244, "vv:v"),
  simd("f64x2.max", 245, "vv:v"),
  simd("f64x2.pmin", 246, "vv:v"),
  simd("f64x2.pmax", 247, "vv:v"),
  simd("i32x4.trunc_sat_f32x4_s", 248, "v:v"),
  simd("i32x4.trunc_sat_f32x4_u", 249, "v:v"),
  simd("f32x4.convert_i32x4_s", 250, "v:v"),
  simd("f32x4.convert_i32x4_u", 251, "v:v"),
  simd("i32x4.trunc_sat_f64x2_s_zero", 252, "v:v"),
  simd("i32x4.trunc_sat_f64x2_u_zero", 253, "v:v"),
  simd("f64x2.convert_low_i32x4_s", 254, "v:v"),
  simd("f64x2.convert_low_i32x4_u", 255, "v:v"),
  relaxed("i8x16.relaxed_swizzle", 256, "vv:v"),
  relaxed("i32x4.relaxed_trunc_f32x4_s", 257, "v:v"),
  relaxed("i32x4.relaxed_trunc_f32x4_u", 258, "v:v"),
  relaxed("i32x4.relaxed_trunc_f64x2_s_zero", 259, "v:v"),
  relaxed("i32x4.relaxed_trunc_f64x2_u_zero", 260, "v:v"),
  relaxed("f32x4.relaxed_madd", 261, "vvv:v"),
  relaxed("f32x4.relaxed_nmadd", 262, "vvv:v"),
  relaxed("f64x2.relaxed_madd", 263, "vvv:v"),
  relaxed("f64x2.relaxed_nmadd", 264, "vvv:v"),
  relaxed("i8x16.relaxed_laneselect", 265, "vvv:v"),
  relaxed("i16x8.relaxed_laneselect", 266, "vvv:v"),
  relaxed("i32x4.relaxed_laneselect", 267, "vvv:v"),
  relaxed("i64x2.relaxed_laneselect", 268, "vvv:v"),
  relaxed("f32x4.relaxed_min", 269, "vv:v"),
  relaxed("f32x4.relaxed_max", 270, "vv:v"),
  relaxed("f64x2.relaxed_min", 271, "vv:v"),
  relaxed("f64x2.relaxed_max", 272, "vv:v"),
  relaxed("i16x8.relaxed_q15mulr_s", 273, "vv:v"),
  relaxed("i16x8.relaxed_dot_i8x16_i7x16_s", 274, "vv:v"),
  relaxed("i32x4.relaxed_dot_i8x16_i7x16_add_s", 275, "vvv:v"),
] as const;

const THREADS = [
  atomic("memory.atomic.notify", 0x00, "ai:i", 4),
  atomic("memory.atomic.wait32", 0x01, "ail:i", 4),
  atomic("memory.atomic.wait64", 0x02, "all:i", 8),
  row("atomic.fence", FE + 0x03, "zero", ":", { feature: "threads" }),
  atomic("i32.atomic.load", 0x10, "a:i", 4),
  atomic("i64.atomic.load", 0x11, "a:l", 8),
  atomic("i32.atomic.load8_u", 0x12, "a:i", 1),
  atomic("i32.atomic.load16_u", 0x13, "a:i", 2),
  atomic("i64.atomic.load8_u", 0x14, "a:l", 1),
  atomic("i64.atomic.load16_u", 0x15, "a:l", 2),
  atomic("i64.atomic.load32_u", 0x16, "a:l", 4),
  atomic("i32.atomic.store", 0x17, "ai:", 4),
  atomic("i64.atomic.store", 0x18, "al:", 8),
  atomic("i32.atomic.store8", 0x19, "ai:", 1),
  atomic("i32.atomic.store16", 0x1a, "ai:", 2),
  atomic("i64.atomic.store8", 0x1b, "al:", 1),
  atomic("i64.atomic.store16", 0x1c, "al:", 2),
  atomic("i64.atomic.store32", 0x1d, "al:", 4),
  atomic("i32.atomic.rmw.add", 0x1e, "ai:i", 4),
  atomic("i64.atomic.rmw.add", 0x1f, "al:l", 8),
  atomic("i32.atomic.rmw8.add_u", 0x20, "ai:i", 1),
  atomic("i32.atomic.rmw16.add_u", 0x21, "ai:i", 2),
  atomic("i64.atomic.rmw8.add_u", 0x22, "al:l", 1),
  atomic("i64.atomic.rmw16.add_u", 0x23, "al:l", 2),
  atomic("i64.atomic.rmw32.add_u", 0x24, "al:l", 4),
  atomic("i32.atomic.rmw.sub", 0x25, "ai:i", 4),
  atomic("i64.atomic.rmw.sub", 0x26, "al:l", 8),
  atomic("i32.atomic.rmw8.sub_u", 0x27, "ai:i", 1),
  atomic("i32.atomic.rmw16.sub_u", 0x28, "ai:i", 2),
  atomic("i64.atomic.rmw8.sub_u", 0x29, "al:l", 1),
  atomic("i64.atomic.rmw16.sub_u", 0x2a, "al:l", 2),
  atomic("i64.atomic.rmw32.sub_u", 0x2b, "al:l", 4),
  atomic("i32.atomic.rmw.and", 0x2c, "ai:i", 4),
  atomic("i64.atomic.rmw.and", 0x2d, "al:l", 8),
  atomic("i32.atomic.rmw8.and_u", 0x2e, "ai:i", 1),
  atomic("i32.atomic.rmw16.and_u", 0x2f, "ai:i", 2),
  atomic("i64.atomic.rmw8.and_u", 0x30, "al:l", 1),
  atomic("i64.atomic.rmw16.and_u", 0x31, "al:l", 2),
  atomic("i64.atomic.rmw32.and_u", 0x32, "al:l", 4),
  atomic("i32.atomic.rmw.or", 0x33, "ai:i", 4),
  atomic("i64.atomic.rmw.or", 0x34, "al:l", 8),
  atomic("i32.atomic.rmw8.or_u", 0x35, "ai:i", 1),
  atomic("i32.atomic.rmw16.or_u", 0x36, "ai:i", 2),
  atomic("i64.atomic.rmw8.or_u", 0x37, "al:l", 1),
  atomic("i64.atomic.rmw16.or_u", 0x38, "al:l", 2),
  atomic("i64.atomic.rmw32.or_u", 0x39, "al:l", 4),
  atomic("i32.atomic.rmw.xor", 0x3a, "ai:i", 4),
  atomic("i64.atomic.rmw.xor", 0x3b, "al:l", 8),
  atomic("i32.atomic.rmw8.xor_u", 0x3c, "ai:i", 1),
  atomic("i32.atomic.rmw16.xor_u", 0x3d, "ai:i", 2),
  atomic("i64.atomic.rmw8.xor_u", 0x3e, "al:l", 1),
  atomic("i64.atomic.rmw16.xor_u", 0x3f, "al:l", 2),
  atomic("i64.atomic.rmw32.xor_u", 0x40, "al:l", 4),
  atomic("i32.atomic.rmw.xchg", 0x41, "ai:i", 4),
  atomic("i64.atomic.rmw.xchg", 0x42, "al:l", 8),
  atomic("i32.atomic.rmw8.xchg_u", 0x43, "ai:i", 1),
  atomic("i32.atomic.rmw16.xchg_u", 0x44, "ai:i", 2),
  atomic("i64.atomic.rmw8.xchg_u", 0x45, "al:l", 1),
  atomic("i64.atomic.rmw16.xchg_u", 0x46, "al:l", 2),
  atomic("i64.atomic.rmw32.xchg_u", 0x47, "al:l", 4),
  atomic("i32.atomic.rmw.cmpxchg", 0x48, "aii:i", 4),
  atomic("i64.atomic.rmw.cmpxchg", 0x49, "all:l", 8),
  atomic("i32.atomic.rmw8.cmpxchg_u", 0x4a, "aii:i", 1),
  atomic("i32.atomic.rmw16.cmpxchg_u", 0x4b, "aii:i", 2),
  atomic("i64.atomic.rmw8.cmpxchg_u", 0x4c, "all:l", 1),
  atomic("i64.atomic.rmw16.cmpxchg_u", 0x4d, "all:l", 2),
  atomic("i64.atomic.rmw32.cmpxchg_u", 0x4e, "all:l", 4),
] as const;

const ROWS = [...CONTROL, ...VARIABLES, ...MEMORY, ...NUMERIC, ...REFERENCES, ...GC, ...VECTOR, ...THREADS] as const;

/** The name of every instruction; `satisfies Record<OpcodeName, …>` makes an omission a type error. */
export type OpcodeName = (typeof ROWS)[number]["name"];

export const OPCODES: readonly (OpcodeRow & { readonly name: OpcodeName })[] = ROWS;

/** opcode → row; undefined where the binary format assigns none. */
export const OPCODE_ROWS: readonly (OpcodeRow | undefined)[] = (() => {
  const rows = new Array<OpcodeRow | undefined>(OPCODE_LIMIT).fill(undefined);
  for (const row of ROWS) rows[row.opcode] = row;
  return rows;
})();

/** name → opcode, as `OP["i32.add"]`. */
export const OP: Readonly<Record<OpcodeName, number>> = (() => {
  const numbers: Record<string, number> = {};
  for (const { name, opcode } of ROWS) numbers[name] = opcode;
  return numbers as Record<OpcodeName, number>;
})();

/** The base that instructions.ts adds to the sub-opcode behind each prefix byte. */
export const PREFIX_BASE: Readonly<Record<number, number>> = { 251: FB, 252: FC, 253: FD, 254: FE };
