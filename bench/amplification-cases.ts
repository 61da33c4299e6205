// Loops that do one thing as dearly as it can be had, for bench/amplification.ts.
import { OPCODES, type OpcodeRow } from "../decoder/index.js";

/** A module whose function `f` loops for ever; what a turn of the loop does is what is measured. */
export interface AmplificationCase {
  readonly name: string;
  /** Fields of the module, before `f`. */
  readonly fields: string;
  /** What `f` does once, before the loop. */
  readonly before?: string;
  readonly turn: string;
  /** Declarations of `f`. */
  readonly locals?: string;
  /** Why it may cost more than the mark. */
  readonly reason?: string;
  /** Bytes of the store's GC heap; default 64 MiB. */
  readonly gcHeapBytes?: number;
}

const times = (count: number, text: string) => Array.from({ length: count }, () => text).join(" ");
const types = (count: number, type = "i32") => times(count, type);

// ---- Every instruction of a fixed type ----

/** Locals of `f` by the letters of opcodes.ts: numbers that every instruction takes without a trap. */
const OPERANDS: Readonly<Record<string, string>> = { i: "$i", l: "$l", f: "$f", d: "$d", v: "$v", a: "$a" };
const NUMBERS = `(local $i i32) (local $l i64) (local $f f32) (local $d f64) (local $v v128) (local $a i32)`;
const SET_NUMBERS = `i32.const 77777 local.set $i i64.const 123456789012345 local.set $l f32.const 1234.5 local.set $f
  f64.const 98765.4321 local.set $d v128.const i32x4 0x40490fdb 7 0x3f000000 100000 local.set $v i32.const 64 local.set $a`;

function immediateOf(row: OpcodeRow): string | undefined {
  switch (row.immediate) {
    case "none":
    case "memarg":
      return "";
    case "lane":
    case "memarg_lane":
      return "1";
    case "lanes":
      return "0 17 2 19 4 21 6 23 8 25 10 27 12 29 14 31";
    case "i32":
    case "i64":
      return "1234567";
    case "f32":
    case "f64":
      return "1.5";
    case "v128":
      return "i64x2 1 2";
    default:
      return undefined;
  }
}

/** Instructions whose operands are numbers, 20 of each in a turn. */
export function plainCases(): AmplificationCase[] {
  const cases: AmplificationCase[] = [];
  for (const row of OPCODES) {
    const { name, type } = row;
    const immediate = immediateOf(row);
    if (type === undefined || immediate === undefined || name.includes("wait") || name.includes("memory.")) continue;
    const [params, results] = type.split(":") as [string, string];
    const push = [...params].map((letter) => `local.get ${OPERANDS[letter]}`).join(" ");
    const once = `${push} ${name} ${immediate} ${times(results.length, "drop")}`;
    cases.push({ name, fields: "(memory 1 1 shared)", locals: NUMBERS, before: SET_NUMBERS, turn: times(20, once) });
  }
  return cases;
}

// ---- Boundaries ----

const T999 = types(999);
const T1000 = `${T999} i32`;
const V999 = times(999, "i32.const 1");
const V1000 = `${V999} i32.const 1`;
const DROPS = times(1000, "drop");
const GC_TYPES = `(type $s (struct (field (mut i32)) (field (mut (ref null $s))))) (type $bytes (array (mut i8)))
  (type $ints (array (mut i32))) (type $vectors (array (mut v128))) (type $refs (array (mut anyref)))
  (type $wide (struct ${times(1000, "(field i8)")})) (type $wideref (struct ${times(1000, "(field anyref)")}))
  (data $d "${"0123456789abcdef".repeat(256)}") (func $e) (elem $e funcref ${times(1000, "(ref.func $e)")}) (type $funcs (array (mut funcref)))`;
const gc = (name: string, turn: string, more: Partial<AmplificationCase> = {}): AmplificationCase => ({
  name,
  fields: GC_TYPES,
  turn,
  ...more,
});
/** A function that calls itself 100 times and hands 1,000 results through. */
const CHAIN = `(func $chain (param i32) (result ${T1000}) local.get 0 if (result ${T1000})
  local.get 0 i32.const 1 i32.sub call $chain else ${V1000} end)`;
const clauses = (count: number) => times(count, "(catch $other 0)");

export const BOUNDARIES: readonly AmplificationCase[] = [
  { name: "br", fields: "", turn: times(20, "block br 0 end") },
  { name: "if", fields: "", turn: times(20, "i32.const 1 if end") },
  { name: "br_table", fields: "", turn: times(20, "block i32.const 1 br_table 0 0 0 end") },
  {
    name: "br with 16 values",
    fields: "",
    turn: `block (result ${types(16)}) i32.const 0 ${times(16, "i32.const 1")} br 0 end ${times(16, "drop")}`,
  },
  {
    name: "br with 1,000 values, many returns of them",
    fields: CHAIN,
    turn: `block (result ${T1000}) i32.const 0 i32.const 100 call $chain br 0 end ${DROPS}`,
  },
  { name: "call", fields: "(func $g)", turn: times(20, "call $g") },
  { name: "call, 16 locals", fields: `(func $g (local ${types(16)}))`, turn: times(20, "call $g") },
  { name: "call, 50,000 locals of i32", fields: `(func $g (local ${types(50_000)}))`, turn: "call $g" },
  { name: "call, 50,000 locals of v128", fields: `(func $g (local ${types(50_000, "v128")}))`, turn: "call $g" },
  { name: "call, 50,000 references", fields: `(func $g (local ${types(50_000, "externref")}))`, turn: "call $g" },
  {
    name: "call, 300 locals, then wide code",
    fields: `(func $g (local ${types(300)}) ${times(10, "local.get 299 local.set 298")})`,
    turn: "call $g",
  },
  { name: "call, 1,000 parameters", fields: `(func $g (param ${T1000}))`, turn: `${V1000} call $g` },
  {
    name: "call, 1,000 parameters and results",
    fields: `(func $g (param ${T1000}) (result ${T1000}) ${Array.from({ length: 1000 }, (_, i) => `local.get ${i}`).join(" ")})`,
    turn: `${V1000} call $g ${DROPS}`,
  },
  {
    name: "return_call, 1,000 parameters",
    fields: `(func $g (param i32 ${T999}) local.get 0 if local.get 0 i32.const 1 i32.sub ${Array.from({ length: 999 }, (_, i) => `local.get ${i + 1}`).join(" ")} return_call $g end)`,
    turn: `i32.const 100 ${V999} call $g`,
  },
  {
    name: "call_indirect",
    fields: "(type $t (func)) (func $g) (table funcref (elem $g))",
    turn: times(20, "i32.const 0 call_indirect (type $t)"),
  },
  {
    name: "call_indirect of a subtype, table 1",
    fields:
      "(type $t (sub (func))) (type $u (sub $t (func))) (func $g (type $u)) (table 1 funcref) (table funcref (elem $g))",
    turn: times(20, "i32.const 0 call_indirect 1 (type $t)"),
  },
  {
    name: "call_ref",
    fields: "(type $t (func)) (func $g (type $t)) (elem declare func $g)",
    turn: times(20, "ref.func $g call_ref $t"),
  },
  { name: "call of another instance", fields: '(import "other" "g" (func $g))', turn: times(20, "call $g") },
  {
    name: "host function, no arguments",
    fields: '(import "env" "none" (func $g))',
    turn: times(20, "call $g"),
    reason: "the embedder's function; hostCallFuel prices it",
  },
  {
    name: "host function, 16 arguments",
    fields: `(import "env" "some" (func $g (param ${types(16)})))`,
    turn: `${times(16, "i32.const 1")} call $g`,
    reason: "as above",
  },
  {
    name: "host function, 1,000 arguments",
    fields: `(import "env" "many" (func $g (param ${T1000})))`,
    turn: `${V1000} call $g`,
    reason: "as above",
  },
  {
    name: "throw, caught beside it",
    fields: "(tag $t)",
    turn: times(10, "block try_table (catch $t 0) throw $t end end"),
  },
  {
    name: "throw, caught from a callee",
    fields: "(tag $t) (func $g throw $t)",
    turn: times(10, "block try_table (catch $t 0) call $g end end"),
  },
  {
    name: "throw through 100 frames",
    fields: "(tag $t) (func $g (param i32) local.get 0 if local.get 0 i32.const 1 i32.sub call $g else throw $t end)",
    turn: "block try_table (catch $t 0) i32.const 100 call $g end end",
  },
  {
    name: "throw of 1,000 values",
    fields: `(tag $t (param ${T1000}))`,
    turn: `block (result ${T1000}) try_table (catch $t 0) ${V1000} throw $t end unreachable end ${DROPS}`,
  },
  {
    name: "throw_ref of 999 values",
    fields: `(tag $t (param ${T999}))`,
    locals: "(local $e exnref)",
    before: `block (result exnref) try_table (catch_all_ref 0) ${V999} throw $t end unreachable end local.set $e`,
    turn: times(
      10,
      `block (result ${T999} exnref) try_table (catch_ref $t 0) local.get $e throw_ref end unreachable end local.set $e ${times(999, "drop")}`,
    ),
  },
  {
    name: "throw past 10,000 clauses",
    fields: "(tag $t) (tag $other)",
    turn: `block try_table (catch $t 0) block try_table ${clauses(10_000)} throw $t end end end end`,
  },
  {
    name: "throw past 1,000 try_tables",
    fields: "(tag $t) (tag $other)",
    turn: `block try_table (catch $t 0) block ${times(1000, "try_table (catch $other 0)")} throw $t ${times(1000, "end")} end end end`,
  },
  { name: "memory.size", fields: "(memory 1)", turn: times(20, "memory.size drop") },
  {
    name: "memory.grow by 0",
    reason: "leaves the loop: 79 to 123 in several runs",
    fields: "(memory 1)",
    turn: times(20, "i32.const 0 memory.grow drop"),
  },
  { name: "memory.grow that fails", fields: "(memory 1 1)", turn: times(20, "i32.const 1 memory.grow drop") },
  {
    name: "memory.fill of nothing",
    fields: "(memory 1)",
    turn: times(20, "i32.const 0 i32.const 0 i32.const 0 memory.fill"),
  },
  {
    name: "memory.fill of 1 MiB",
    fields: "(memory 32)",
    turn: "i32.const 0 i32.const 1 i32.const 1048576 memory.fill",
  },
  {
    name: "memory.copy of 64 bytes",
    fields: "(memory 1)",
    turn: times(20, "i32.const 0 i32.const 64 i32.const 64 memory.copy"),
  },
  {
    name: "memory.copy of 1 MiB",
    fields: "(memory 32)",
    turn: "i32.const 1 i32.const 0 i32.const 1048576 memory.copy",
  },
  {
    name: "memory.init of 4 KiB",
    fields: `(memory 1) (data $d "${"0123456789abcdef".repeat(256)}")`,
    turn: times(20, "i32.const 1 i32.const 0 i32.const 4096 memory.init $d"),
  },
  { name: "load in a second memory", fields: "(memory 1) (memory 1)", turn: times(20, "i32.const 8 i32.load 1 drop") },
  { name: "load in a 64-bit memory", fields: "(memory i64 1)", turn: times(20, "i64.const 8 i32.load drop") },
  {
    name: "load above 2 GiB",
    reason: "leaves the loop: 69 to 106 in several runs",
    fields: "(memory 40000)",
    turn: times(20, "i32.const 0x90000000 i32.load drop"),
  },
  {
    name: "store above 2 GiB",
    fields: "(memory 40000)",
    turn: times(20, "i32.const 0x90000000 i64.const 1 i64.store"),
  },
  {
    name: "memory.atomic.notify",
    fields: "(memory 1 1 shared)",
    turn: times(20, "i32.const 0 i32.const 1 memory.atomic.notify drop"),
  },
  {
    name: "memory.atomic.wait32",
    fields: "(memory 1 1 shared)",
    turn: times(20, "i32.const 0 i32.const 1 i64.const 1 memory.atomic.wait32 drop"),
  },
  {
    name: "table.get and table.set",
    fields: "(table 10 funcref)",
    turn: times(20, "i32.const 1 i32.const 1 table.get 0 table.set 0"),
  },
  {
    name: "table.grow by 0",
    fields: "(table 10 funcref)",
    turn: times(20, "ref.null func i32.const 0 table.grow drop"),
  },
  {
    name: "table.fill of 1,000",
    fields: "(table 1000 funcref)",
    turn: times(20, "i32.const 0 ref.null func i32.const 1000 table.fill 0"),
  },
  {
    name: "table.copy of 1,000",
    fields: "(table 1000 funcref) (table 1000 funcref)",
    turn: times(20, "i32.const 0 i32.const 0 i32.const 1000 table.copy 0 1"),
  },
  {
    name: "table.init of 1,000",
    fields: `(table 1000 funcref) (func $g) (elem $e func ${times(1000, "$g")})`,
    turn: times(20, "i32.const 0 i32.const 0 i32.const 1000 table.init 0 $e"),
  },
  {
    name: "ref.func, ref.is_null",
    fields: "(func $g) (elem declare func $g)",
    turn: times(20, "ref.func $g ref.is_null drop"),
  },
  gc("struct.new", times(20, "i32.const 1 ref.null $s struct.new $s drop")),
  gc("struct.new_default", times(20, "struct.new_default $s drop")),
  gc("struct.new_default of 1,000 bytes", times(20, "struct.new_default $wide drop")),
  gc("struct.new_default of 1,000 references", times(20, "struct.new_default $wideref drop")),
  gc("struct.new of 1,000 bytes", `${V1000} struct.new $wide drop`),
  gc("array.new_fixed of 1,000 bytes", `${V1000} array.new_fixed $bytes 1000 drop`),
  gc("array.new_default of nothing", times(20, "i32.const 0 array.new_default $bytes drop")),
  gc("array.new_default of 64 KiB", "i32.const 65536 array.new_default $bytes drop"),
  gc("array.new of 10,000 i32", "i32.const 7 i32.const 10000 array.new $ints drop"),
  gc("array.new of 1,000 v128", "v128.const i64x2 1 2 i32.const 1000 array.new $vectors drop"),
  gc("array.new of 10,000 references", "ref.null any i32.const 10000 array.new $refs drop"),
  gc("array.new_data of 4 KiB", "i32.const 0 i32.const 1024 array.new_data $ints $d drop"),
  gc("array.new_elem of 1,000", "i32.const 0 i32.const 1000 array.new_elem $funcs $e drop"),
  gc("array.fill of 10,000 bytes", "local.get $b i32.const 0 i32.const 1 i32.const 10000 array.fill $bytes", {
    locals: "(local $b (ref null $bytes))",
    before: "i32.const 10000 array.new_default $bytes local.set $b",
  }),
  gc("array.fill of 1,000 v128", "local.get $b i32.const 0 v128.const i64x2 1 2 i32.const 1000 array.fill $vectors", {
    locals: "(local $b (ref null $vectors))",
    before: "i32.const 1000 array.new_default $vectors local.set $b",
  }),
  gc(
    "array.copy of 10,000 references",
    "local.get $b i32.const 0 local.get $b i32.const 1 i32.const 9999 array.copy $refs $refs",
    { locals: "(local $b (ref null $refs))", before: "i32.const 10000 array.new_default $refs local.set $b" },
  ),
  gc("array.init_data of 4 KiB", "local.get $b i32.const 0 i32.const 0 i32.const 1024 array.init_data $ints $d", {
    locals: "(local $b (ref null $ints))",
    before: "i32.const 10000 array.new_default $ints local.set $b",
  }),
  gc("array.init_elem of 1,000", "local.get $b i32.const 0 i32.const 0 i32.const 1000 array.init_elem $funcs $e", {
    locals: "(local $b (ref null $funcs))",
    before: "i32.const 10000 array.new_default $funcs local.set $b",
  }),
  gc(
    "array.get and array.set",
    times(20, "local.get $b i32.const 3 local.get $b i32.const 4 array.get $ints array.set $ints"),
    { locals: "(local $b (ref null $ints))", before: "i32.const 10000 array.new_default $ints local.set $b" },
  ),
  gc("struct.get and struct.set", times(20, "local.get $b local.get $b struct.get $s 0 struct.set $s 0"), {
    locals: "(local $b (ref null $s))",
    before: "struct.new_default $s local.set $b",
  }),
  gc("ref.test and ref.cast", times(20, "local.get $b ref.cast (ref $s) ref.test (ref struct) drop"), {
    locals: "(local $b anyref)",
    before: "struct.new_default $s local.set $b",
  }),
  gc("br_on_cast", times(20, "block (result anyref) local.get $b br_on_cast 0 anyref (ref $s) end drop"), {
    locals: "(local $b anyref)",
    before: "struct.new_default $s local.set $b",
  }),
  gc("ref.eq", times(20, "local.get $b local.get $b ref.eq drop"), {
    locals: "(local $b eqref)",
    before: "struct.new_default $s local.set $b",
  }),
  gc(
    "conversions",
    times(20, "local.get $b extern.convert_any any.convert_extern drop i32.const 5 ref.i31 i31.get_s drop"),
    { locals: "(local $b anyref)", before: "struct.new_default $s local.set $b" },
  ),
  gc("structs, 7/8 of the heap in use", times(20, "struct.new_default $s drop"), {
    locals: "(local $n i32) (local $list (ref null $s))",
    // 112 bytes each.
    before:
      "loop local.get $n local.get $list struct.new $s local.set $list local.get $n i32.const 1 i32.add local.tee $n i32.const 520000 i32.lt_u br_if 0 end",
  }),
  gc("arrays of references, 7/8 of the heap in use", "i32.const 1000 array.new_default $refs drop", {
    locals: "(local $n i32) (local $list (ref null $refs))",
    before:
      "loop i32.const 1000 array.new_default $refs local.get $list local.set $list local.tee $list i32.const 0 local.get $list array.set $refs local.get $n i32.const 1 i32.add local.tee $n i32.const 100 i32.lt_u br_if 0 end",
  }),
];
