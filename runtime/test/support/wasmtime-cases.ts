// Small modules of all kinds, whose fuel is compared with Wasmtime's (wasmtime-fuel.test.ts).

/** A call of an export, with integers for numbers. */
export type CaseCall = readonly [name: string, args: readonly number[]];

export interface WasmtimeCase {
  readonly name: string;
  readonly wat: string;
  readonly calls: readonly CaseCall[];
}

const RUN: readonly CaseCall[] = [["run", []]];

/** A function `run` of this body, in a module that has `fields` before it. */
function body(name: string, code: string, fields = "", result = "(result i32)", locals = ""): WasmtimeCase {
  return { name, wat: `(module ${fields} (func (export "run") ${result} ${locals} ${code}))`, calls: RUN };
}
function whole(name: string, fields: string, calls: readonly CaseCall[] = RUN): WasmtimeCase {
  return { name, wat: `(module ${fields})`, calls };
}
/** A module that is instantiated and not called. */
function instantiated(name: string, fields: string): WasmtimeCase {
  return { name: `instantiate: ${name}`, wat: `(module ${fields})`, calls: [] };
}

const CONTROL: readonly WasmtimeCase[] = [
  body("constant", "i32.const 1"),
  body("nothing", "", "", ""),
  body("nop and drop", "nop i32.const 1 drop nop i32.const 2"),
  body("block with a value", "block (result i32) i32.const 1 end"),
  body("branch out of blocks", "block block block br 1 end end end i32.const 4"),
  body("br_if taken", "block (result i32) i32.const 7 i32.const 1 br_if 0 drop i32.const 2 end"),
  body("br_if not taken", "block (result i32) i32.const 7 i32.const 0 br_if 0 drop i32.const 2 end"),
  body("if without else, taken", "i32.const 1 if nop i32.const 1 drop end i32.const 3"),
  body("if without else, not taken", "i32.const 0 if nop i32.const 1 drop end i32.const 3"),
  body("if with else", "i32.const 0 if (result i32) i32.const 5 else i32.const 6 i32.const 1 i32.add end"),
  body("return from a loop", "loop i32.const 9 return end unreachable"),
  body("unreachable code behind a branch", "block br 0 i32.const 1 drop end i32.const 1"),
  whole(
    "br_table",
    `(func (export "run") (param i32) (result i32)
      block block block local.get 0 br_table 0 1 2 end i32.const 10 return end i32.const 20 return end i32.const 30)`,
    [0, 1, 2, 3, -1].map((i): CaseCall => ["run", [i]]),
  ),
  whole(
    "countdown",
    `(func (export "run") (param i32) (result i32)
      loop local.get 0 i32.const 1 i32.sub local.tee 0 br_if 0 end local.get 0)`,
    [1, 2, 10, 1000].map((i): CaseCall => ["run", [i]]),
  ),
  whole(
    "nested loops",
    `(func (export "run") (param i32) (result i32) (local i32 i32 i32)
      loop
        i32.const 0 local.set 2
        loop
          local.get 3 local.get 1 i32.add local.get 2 i32.xor local.set 3
          local.get 2 i32.const 1 i32.add local.tee 2 local.get 0 i32.lt_u br_if 0
        end
        local.get 1 i32.const 1 i32.add local.tee 1 local.get 0 i32.lt_u br_if 0
      end local.get 3)`,
    [1, 3, 17].map((i): CaseCall => ["run", [i]]),
  ),
  whole(
    "loop that begins with its test",
    `(func (export "run") (param i32) (result i32) (local i32)
      block loop local.get 0 i32.eqz br_if 1
        local.get 1 local.get 0 i32.add local.set 1 local.get 0 i32.const 1 i32.sub local.set 0 br 0 end end local.get 1)`,
    [0, 1, 2, 99].map((i): CaseCall => ["run", [i]]),
  ),
  body(
    "loop with parameters",
    "i32.const 5 loop (param i32) (result i32) i32.const 1 i32.sub local.tee 0 local.get 0 br_if 0 end",
    "",
    "(result i32)",
    "(local i32)",
  ),
  body("select", "i32.const 1 i32.const 2 i32.const 0 select"),
  body("select of a reference", "ref.null func ref.null func i32.const 0 select (result funcref) ref.is_null"),
  body(
    "locals",
    "i32.const 3 local.set 0 local.get 0 local.tee 1 local.get 1 i32.add",
    "",
    "(result i32)",
    "(local i32 i32)",
  ),
  body("globals", "global.get 0 i32.const 1 i32.add global.set 0 global.get 0", "(global (mut i32) (i32.const 4))"),
  body("several results", "i32.const 1 i32.const 2 block (param i32 i32) (result i32 i32) end i32.add"),
];

const NUMBERS: readonly WasmtimeCase[] = [
  body(
    "i32 arithmetic",
    "i32.const 7 i32.const 3 i32.mul i32.const 5 i32.div_s i32.const 2 i32.rem_u i32.clz i32.popcnt",
  ),
  body(
    "i64 arithmetic",
    "i64.const 7 i64.const 3 i64.shl i64.const 5 i64.div_u i64.const 2 i64.rotl i64.ctz i32.wrap_i64",
  ),
  body("i32 comparisons", "i32.const 1 i32.const 2 i32.lt_s i32.const 1 i32.ge_u i32.eqz i32.const 0 i32.ne"),
  body(
    "i64 comparisons",
    "i64.const 1 i64.const 2 i64.lt_s i64.const 1 i64.const 1 i64.eq i32.and i64.const 0 i64.eqz i32.or",
  ),
  body(
    "f32 arithmetic",
    "f32.const 1.5 f32.const 2 f32.mul f32.sqrt f32.const 0.5 f32.min f32.nearest i32.trunc_f32_s",
  ),
  body(
    "f64 arithmetic",
    "f64.const 1.5 f64.const 2 f64.div f64.neg f64.abs f64.ceil f64.const 3 f64.copysign i32.trunc_sat_f64_u",
  ),
  body(
    "conversions",
    "i32.const -1 i64.extend_i32_s f64.convert_i64_s f32.demote_f64 f64.promote_f32 i64.reinterpret_f64 i32.wrap_i64",
  ),
  body("sign extension", "i32.const 200 i32.extend8_s i32.extend16_s i64.extend_i32_u i64.extend32_s i32.wrap_i64"),
  body(
    "wide arithmetic",
    "i64.const 1 i64.const 2 i64.const 3 i64.const 4 i64.add128 drop i64.const 9 i64.mul_wide_u drop i32.wrap_i64",
  ),
  body(
    "vectors",
    "i32.const 3 i32x4.splat i32.const 4 i32x4.splat i32x4.mul v128.const i32x4 1 2 3 4 i32x4.add i32x4.extract_lane 2",
  ),
  body("vectors of floats", "f32.const 3 f32x4.splat f32x4.sqrt f32x4.ceil v128.not v128.any_true"),
  body(
    "shuffle",
    "v128.const i64x2 1 2 v128.const i64x2 3 4 i8x16.shuffle 0 17 2 19 4 21 6 23 8 25 10 27 12 29 14 31 i8x16.all_true",
  ),
  body("bitselect", "v128.const i64x2 1 2 v128.const i64x2 3 4 v128.const i64x2 5 6 v128.bitselect i8x16.bitmask"),
];

const MEMORY = '(memory 1 3) (data $d "0123456789abcdef")';
const MEMORIES: readonly WasmtimeCase[] = [
  body(
    "loads",
    "i32.const 0 i32.load i32.const 4 i32.load8_u i32.add i32.const 8 i32.load16_s offset=4 i32.add",
    MEMORY,
  ),
  body(
    "stores",
    "i32.const 0 i32.const 1 i32.store i32.const 4 i32.const 1 i32.store8 i32.const 8 i64.const 1 i64.store32 i32.const 0",
    MEMORY,
  ),
  body(
    "64-bit accesses",
    "i32.const 0 i64.const 5 i64.store i32.const 0 f64.load i32.trunc_sat_f64_s i32.const 0 f32.load i32.trunc_sat_f32_s i32.add",
    MEMORY,
  ),
  body(
    "vector accesses",
    "i32.const 0 i32.const 0 v128.load v128.store i32.const 0 i32.const 0 v128.load8_splat v128.load16_lane 2 drop",
    MEMORY,
    "",
  ),
  body("memory.size", "memory.size", MEMORY),
  body("memory.fill of nothing", "i32.const 0 i32.const 1 i32.const 0 memory.fill", MEMORY, ""),
  body("memory.fill", "i32.const 0 i32.const 1 i32.const 100 memory.fill", MEMORY, ""),
  body("memory.fill of a page", "i32.const 0 i32.const 1 i32.const 65536 memory.fill", MEMORY, ""),
  body("memory.copy", "i32.const 0 i32.const 10 i32.const 77 memory.copy", MEMORY, ""),
  body("memory.copy that overlaps", "i32.const 10 i32.const 0 i32.const 777 memory.copy", MEMORY, ""),
  body("memory.copy of nothing", "i32.const 10 i32.const 0 i32.const 0 memory.copy", MEMORY, ""),
  body("memory.init", "i32.const 10 i32.const 0 i32.const 16 memory.init $d i32.const 10 i32.load", MEMORY),
  body("memory.init of nothing", "i32.const 10 i32.const 16 i32.const 0 memory.init $d", MEMORY, ""),
  body("data.drop", "data.drop $d data.drop $d", MEMORY, ""),
  body("memory.grow by 0", "i32.const 0 memory.grow", MEMORY),
  body("memory.grow by 1", "i32.const 1 memory.grow", MEMORY),
  body("memory.grow by 2", "i32.const 2 memory.grow", MEMORY),
  body("memory.grow that fails, constant", "i32.const 3 memory.grow", MEMORY),
  body("memory.grow that fails far, constant", "i32.const -1 memory.grow", MEMORY),
  whole("memory.grow, dynamic", `${MEMORY} (func (export "run") (param i32) (result i32) local.get 0 memory.grow)`, [
    ["run", [0]],
    ["run", [1]],
    ["run", [1]],
    ["run", [1]],
    ["run", [-1]],
  ]),
  body(
    "memory.grow, constant through a local",
    "i32.const 2 local.tee 0 drop local.get 0 memory.grow",
    MEMORY,
    "(result i32)",
    "(local i32)",
  ),
  body("memory.grow, constant through a block", "block (result i32) i32.const 2 end memory.grow", MEMORY),
  body("memory.grow, sum of constants", "i32.const 1 i32.const 1 i32.add memory.grow", MEMORY),
  body("memory.grow, constant through nop", "i32.const 2 nop memory.grow", MEMORY),
  body("memory.grow, default local", "local.get 0 memory.grow", MEMORY, "(result i32)", "(local i32)"),
  body("memory.grow, constant, then used", "i32.const 1 memory.grow i32.const 1 i32.add memory.size i32.add", MEMORY),
  body("memory.grow that fails, 128", "i32.const 128 memory.grow", MEMORY),
  body("memory.grow that fails, 129", "i32.const 129 memory.grow", MEMORY),
  body("memory.grow that fails, nop before it", "i32.const 3 nop memory.grow", MEMORY),
  body("memory.grow that fails, sum", "i32.const 2 i32.const 1 i32.add memory.grow", MEMORY),
  body("memory.grow that fails, behind a loop", "i32.const 3 loop (param i32) (result i32) memory.grow end", MEMORY),
  body(
    "memory.grow that fails, through a local",
    "i32.const 3 local.set 0 local.get 0 memory.grow",
    MEMORY,
    "(result i32)",
    "(local i32)",
  ),
  body("memory.grow that fails, through a block", "block (result i32) i32.const 3 end memory.grow", MEMORY),
  body(
    "memory.grow that fails, from a constant global",
    "global.get $g memory.grow",
    `(global $g i32 (i32.const 3)) ${MEMORY}`,
  ),
  body(
    "memory.grow, dynamic in a loop",
    "loop i32.const 1 memory.grow drop local.get 0 i32.const 1 i32.add local.tee 0 i32.const 4 i32.lt_s br_if 0 end local.get 0",
    MEMORY,
    "(result i32)",
    "(local i32)",
  ),
  body("memory.grow of an unbounded memory", "i32.const 100 memory.grow", "(memory 0)"),
  body("64-bit memory", "i64.const 0 i32.const 5 i32.store i64.const 0 i32.load", "(memory i64 1)"),
  body("64-bit memory.grow, constant", "i64.const 2 memory.grow i32.wrap_i64", "(memory i64 1 3)"),
  body("64-bit memory.grow that fails, constant", "i64.const 5 memory.grow i32.wrap_i64", "(memory i64 1 3)"),
  body("64-bit memory.fill", "i64.const 0 i32.const 5 i64.const 99 memory.fill", "(memory i64 1)", ""),
  body(
    "two memories",
    "i32.const 0 i32.const 8 i32.const 50 memory.copy 0 1 i32.const 1 memory.grow 1",
    "(memory 1) (memory 1)",
  ),
  body(
    "pages of one byte",
    "i32.const 100 memory.grow i32.const 100 i32.load8_u i32.add",
    "(memory 100 1000 (pagesize 1))",
  ),
  body(
    "atomic operations",
    "i32.const 0 i32.const 1 i32.atomic.rmw.add drop i32.const 0 i32.const 1 i32.const 2 i32.atomic.rmw.cmpxchg drop atomic.fence i32.const 0 i32.atomic.load",
    "(memory 1)",
  ),
];

const TABLE = "(table $t 10 20 funcref) (func $f (result i32) i32.const 3) (elem $e func $f $f $f $f)";
const TABLES: readonly WasmtimeCase[] = [
  body("table.get", "i32.const 0 table.get $t ref.is_null", TABLE),
  body("table.set", "i32.const 0 ref.func $f table.set $t i32.const 0 table.get $t ref.is_null", TABLE),
  body("table.size", "table.size $t", TABLE),
  body("table.grow by 0", "ref.null func i32.const 0 table.grow $t", TABLE),
  body("table.grow by 5", "ref.null func i32.const 5 table.grow $t", TABLE),
  body("table.grow that fails, constant", "ref.null func i32.const 11 table.grow $t", TABLE),
  whole(
    "table.grow, dynamic",
    `${TABLE} (func (export "run") (param i32) (result i32) ref.null func local.get 0 table.grow $t)`,
    [
      ["run", [0]],
      ["run", [5]],
      ["run", [5]],
      ["run", [1]],
      ["run", [-1]],
    ],
  ),
  body("table.grow that fails, 129", "ref.null func i32.const 129 table.grow $t", TABLE),
  body("table.fill", "i32.const 1 ref.func $f i32.const 7 table.fill $t", TABLE, ""),
  body("table.fill of nothing", "i32.const 1 ref.func $f i32.const 0 table.fill $t", TABLE, ""),
  body("table.copy", "i32.const 1 i32.const 0 i32.const 7 table.copy $t $t", TABLE, ""),
  body("table.copy of nothing", "i32.const 1 i32.const 0 i32.const 0 table.copy $t $t", TABLE, ""),
  body("table.init", "i32.const 1 i32.const 1 i32.const 3 table.init $t $e", TABLE, ""),
  body("table.init of nothing", "i32.const 1 i32.const 1 i32.const 0 table.init $t $e", TABLE, ""),
  body("elem.drop", "elem.drop $e", TABLE, ""),
  body(
    "table of externref",
    "ref.null extern i32.const 3 table.grow $t drop i32.const 0 ref.null extern i32.const 3 table.fill $t",
    "(table $t 1 externref)",
    "",
  ),
  body(
    "table of anyref",
    "i32.const 1 ref.i31 i32.const 3 table.grow $t drop i32.const 0 i32.const 5 ref.i31 i32.const 3 table.fill $t",
    "(table $t 1 anyref)",
    "",
  ),
  body("64-bit table", "ref.null func i64.const 3 table.grow $t i32.wrap_i64", "(table $t i64 1 funcref)"),
];

const CALLS: readonly WasmtimeCase[] = [
  whole(
    "call",
    `(func $f (param i32) (result i32) local.get 0 i32.const 1 i32.add) (func (export "run") (result i32) i32.const 1 call $f call $f)`,
  ),
  whole(
    "fib",
    `(func $f (export "run") (param i32) (result i32) local.get 0 i32.const 2 i32.lt_s if (result i32) local.get 0 else local.get 0 i32.const 1 i32.sub call $f local.get 0 i32.const 2 i32.sub call $f i32.add end)`,
    [0, 1, 5, 15].map((i): CaseCall => ["run", [i]]),
  ),
  whole(
    "even and odd",
    `(func $e (export "run") (param i32) (result i32) local.get 0 i32.eqz if i32.const 1 return end local.get 0 i32.const 1 i32.sub call $o) (func $o (param i32) (result i32) local.get 0 i32.eqz if i32.const 0 return end local.get 0 i32.const 1 i32.sub call $e)`,
    [
      ["run", [0]],
      ["run", [7]],
      ["run", [100]],
    ],
  ),
  whole(
    "call_indirect",
    `(type $i (func (result i32))) (table funcref (elem $a $b)) (func $a (result i32) i32.const 1) (func $b (result i32) i32.const 2 i32.const 3 i32.add) (func (export "run") (param i32) (result i32) local.get 0 call_indirect (type $i))`,
    [
      ["run", [0]],
      ["run", [1]],
    ],
  ),
  whole(
    "call_ref",
    `(type $i (func (result i32))) (func $a (type $i) i32.const 1) (elem declare func $a) (func (export "run") (result i32) ref.func $a call_ref $i)`,
  ),
  whole(
    "return_call",
    `(func $f (param i32) (result i32) local.get 0 i32.eqz if i32.const 5 return end local.get 0 i32.const 1 i32.sub return_call $f) (func (export "run") (result i32) i32.const 50 return_call $f)`,
  ),
  whole(
    "return_call_indirect",
    `(type $i (func (result i32))) (table funcref (elem $a)) (func $a (result i32) i32.const 1) (func (export "run") (result i32) i32.const 0 return_call_indirect (type $i))`,
  ),
  whole(
    "return_call_ref",
    `(type $i (func (result i32))) (func $a (type $i) i32.const 1) (elem declare func $a) (func (export "run") (result i32) ref.func $a return_call_ref $i)`,
  ),
  whole(
    "host function",
    `(import "env" "next" (func $n (param i32) (result i32))) (func (export "run") (result i32) i32.const 1 call $n call $n)`,
  ),
  whole(
    "host function in a loop",
    `(import "env" "next" (func $n (param i32) (result i32))) (func (export "run") (result i32) (local i32) loop local.get 0 call $n local.tee 0 i32.const 9 i32.lt_s br_if 0 end local.get 0)`,
  ),
  whole(
    "many results",
    `(func $f (result i32 i64 f32 f64) i32.const 1 i64.const 2 f32.const 3 f64.const 4) (func (export "run") (result i32) call $f drop drop drop)`,
  ),
  whole(
    "many parameters",
    `(func $f (param i32 i64 f32 f64 i32 i32 i32 i32 i32) (result i32) local.get 8) (func (export "run") (result i32) i32.const 1 i64.const 2 f32.const 3 f64.const 4 i32.const 5 i32.const 6 i32.const 7 i32.const 8 i32.const 9 call $f)`,
  ),
];

const TAGS = "(tag $e (param i32)) (tag $n)";
const EXCEPTIONS: readonly WasmtimeCase[] = [
  whole(
    "throw, caught in the same function",
    `${TAGS} (func (export "run") (result i32) block $h (result i32) try_table (catch $e $h) i32.const 7 throw $e end i32.const 1 end)`,
  ),
  whole(
    "throw, caught from a callee",
    `${TAGS} (func $f i32.const 1 drop i32.const 7 throw $e) (func (export "run") (result i32) block $h (result i32) try_table (catch $e $h) call $f end i32.const 1 end i32.const 1 i32.add)`,
  ),
  whole(
    "throw, caught from a callee's callee",
    `${TAGS} (func $g i32.const 7 throw $e) (func $f i32.const 1 drop call $g) (func (export "run") (result i32) block $h (result i32) try_table (catch $e $h) call $f end i32.const 1 end i32.const 1 i32.add)`,
  ),
  whole(
    "catch_all",
    `${TAGS} (func $f throw $n) (func (export "run") (result i32) block $h try_table (catch_all $h) call $f end i32.const 1 return end i32.const 2)`,
  ),
  whole(
    "catch_ref and throw_ref",
    `${TAGS} (func $f i32.const 3 throw $e) (func (export "run") (result i32) block $o (result i32) try_table (catch $e $o) block $h (result i32 exnref) try_table (catch_ref $e $h) call $f end unreachable end throw_ref end unreachable end)`,
  ),
  whole(
    "exceptions in a loop",
    `${TAGS} (func $f i32.const 3 throw $e) (func (export "run") (result i32) (local i32) loop block $h (result i32) try_table (catch $e $h) call $f end i32.const 1 end local.get 0 i32.add local.tee 0 i32.const 30 i32.lt_s br_if 0 end local.get 0)`,
  ),
  whole(
    "try_table, nothing thrown",
    `${TAGS} (func $f) (func (export "run") (result i32) block $h (result i32) try_table (catch $e $h) call $f end i32.const 1 end)`,
  ),
  whole(
    "try_table without a clause",
    `(func $f) (func (export "run") (result i32) try_table (result i32) call $f i32.const 3 end)`,
  ),
  whole(
    "clause that does not match",
    `${TAGS} (func $f i32.const 3 throw $e) (func (export "run") (result i32) block $h (result i32) try_table (catch $e $h) block $i try_table (catch $n $i) call $f end end i32.const 0 drop end i32.const 1 end)`,
  ),
];

const TYPES = `(type $s (struct (field (mut i32)) (field (mut i64)))) (type $a (array (mut i32))) (type $b (array (mut i8))) (type $r (array (mut anyref)))
  (type $fr (array (mut funcref))) (data $d "0123456789abcdef") (func $f) (elem $e funcref (ref.func $f) (ref.func $f) (ref.null func))`;
/** A body that uses the types above. */
const gc = (name: string, code: string, locals = "", result = "(result i32)") =>
  body(name, code, TYPES, result, locals);
const GC: readonly WasmtimeCase[] = [
  gc("struct.new", "i32.const 1 i64.const 2 struct.new $s struct.get $s 0"),
  gc("struct.new_default", "struct.new_default $s ref.is_null"),
  gc(
    "struct.set",
    "struct.new_default $s local.tee 0 i32.const 5 struct.set $s 0 local.get 0 struct.get $s 0",
    "(local (ref null $s))",
  ),
  gc("array.new", "i32.const 7 i32.const 100 array.new $a array.len"),
  gc("array.new of nothing", "i32.const 7 i32.const 0 array.new $a array.len"),
  gc("array.new_default", "i32.const 100 array.new_default $a array.len"),
  gc("array.new_default of bytes", "i32.const 100 array.new_default $b array.len"),
  gc("array.new_default of references", "i32.const 100 array.new_default $r array.len"),
  gc("array.new of references", "i32.const 7 ref.i31 i32.const 100 array.new $r array.len"),
  gc("array.new_fixed", "i32.const 1 i32.const 2 i32.const 3 array.new_fixed $a 3 array.len"),
  gc("array.new_fixed of nothing", "array.new_fixed $a 0 array.len"),
  gc("array.new_data", "i32.const 0 i32.const 4 array.new_data $a $d array.len"),
  gc("array.new_data of bytes", "i32.const 0 i32.const 16 array.new_data $b $d array.len"),
  gc("array.new_elem", "i32.const 0 i32.const 3 array.new_elem $fr $e array.len"),
  gc(
    "array.get and array.set",
    "i32.const 9 array.new_default $a local.tee 0 i32.const 3 i32.const 4 array.set $a local.get 0 i32.const 3 array.get $a",
    "(local (ref null $a))",
  ),
  gc("array.get_u", "i32.const 9 array.new_default $b i32.const 3 array.get_u $b"),
  gc("array.fill", "i32.const 90 array.new_default $a i32.const 3 i32.const 4 i32.const 50 array.fill $a", "", ""),
  gc(
    "array.fill of bytes",
    "i32.const 90 array.new_default $b i32.const 3 i32.const 4 i32.const 50 array.fill $b",
    "",
    "",
  ),
  gc(
    "array.fill of references",
    "i32.const 90 array.new_default $r i32.const 3 ref.null any i32.const 50 array.fill $r",
    "",
    "",
  ),
  gc(
    "array.fill of nothing",
    "i32.const 90 array.new_default $a i32.const 3 i32.const 4 i32.const 0 array.fill $a",
    "",
    "",
  ),
  gc(
    "array.copy",
    "i32.const 90 array.new_default $a local.tee 0 i32.const 3 local.get 0 i32.const 4 i32.const 50 array.copy $a $a",
    "(local (ref null $a))",
    "",
  ),
  gc(
    "array.copy of references",
    "i32.const 90 array.new_default $r local.tee 0 i32.const 3 local.get 0 i32.const 4 i32.const 50 array.copy $r $r",
    "(local (ref null $r))",
    "",
  ),
  gc(
    "array.copy of nothing",
    "i32.const 90 array.new_default $a local.tee 0 i32.const 3 local.get 0 i32.const 4 i32.const 0 array.copy $a $a",
    "(local (ref null $a))",
    "",
  ),
  gc(
    "array.init_data",
    "i32.const 90 array.new_default $a i32.const 3 i32.const 0 i32.const 4 array.init_data $a $d",
    "",
    "",
  ),
  gc(
    "array.init_elem",
    "i32.const 90 array.new_default $fr i32.const 3 i32.const 0 i32.const 3 array.init_elem $fr $e",
    "",
    "",
  ),
  gc("i31", "i32.const 5 ref.i31 i31.get_s i32.const -1 ref.i31 i31.get_u i32.add"),
  gc("ref.test", "struct.new_default $s ref.test (ref $s) i32.const 1 ref.i31 ref.test (ref struct) i32.add"),
  gc("ref.cast", "struct.new_default $s ref.cast (ref struct) ref.cast (ref null $s) struct.get $s 0"),
  gc("ref.eq", "struct.new_default $s struct.new_default $s ref.eq ref.null any ref.is_null i32.add"),
  gc(
    "br_on_cast",
    "block $l (result (ref $s)) struct.new_default $s br_on_cast $l (ref any) (ref $s) drop struct.new_default $s end struct.get $s 0",
  ),
  gc(
    "br_on_cast_fail",
    "block $l (result (ref any)) i32.const 1 ref.i31 br_on_cast_fail $l (ref any) (ref $s) struct.get $s 0 return end ref.test (ref i31)",
  ),
  gc("br_on_null", "block $l ref.null $s br_on_null $l struct.get $s 0 return end i32.const 9"),
  gc(
    "br_on_non_null",
    "block $l (result (ref $s)) struct.new_default $s br_on_non_null $l i32.const 8 return end struct.get $s 0",
  ),
  gc("ref.as_non_null", "struct.new_default $s ref.as_non_null struct.get $s 0"),
  gc("extern.convert_any", "i32.const 3 ref.i31 extern.convert_any any.convert_extern ref.test (ref i31)"),
  gc(
    "objects in a loop",
    "loop struct.new_default $s local.tee 1 local.get 0 i32.const 1 i32.add local.tee 0 struct.set $s 0 local.get 0 i32.const 200 i32.lt_s br_if 0 end local.get 1 struct.get $s 0",
    "(local i32 (ref null $s))",
  ),
];

const INSTANTIATED: readonly WasmtimeCase[] = [
  instantiated("nothing", ""),
  instantiated("a function", "(func)"),
  instantiated("constant globals", "(global i32 (i32.const 1)) (global i64 (i64.const 2)) (global f64 (f64.const 1))"),
  instantiated(
    "sums in globals",
    "(global i32 (i32.add (i32.const 1) (i32.const 2))) (global i64 (i64.mul (i64.const 1) (i64.const 2)))",
  ),
  instantiated(
    "globals from globals",
    "(global $g i32 (i32.const 1)) (global i32 (global.get $g)) (global i32 (i32.add (global.get $g) (i32.const 1)))",
  ),
  instantiated(
    "references in globals",
    "(func $f) (global funcref (ref.func $f)) (global funcref (ref.null func)) (global externref (ref.null extern))",
  ),
  instantiated("i31 in globals", "(global anyref (ref.i31 (i32.const 1))) (global i31ref (ref.i31 (i32.const 1)))"),
  instantiated("a vector in a global", "(global v128 (v128.const i64x2 1 2))"),
  instantiated("an active data segment", '(memory 1) (data (i32.const 0) "hello")'),
  instantiated(
    "active data segments",
    '(memory 1) (data (i32.const 0) "hello") (data (i32.const 100) "hello") (data (i32.const 65536) "")',
  ),
  instantiated("a data segment at a global", '(memory 1) (global $g i32 (i32.const 8)) (data (global.get $g) "hello")'),
  instantiated("a data segment at a sum", '(memory 1) (data (i32.add (i32.const 8) (i32.const 8)) "hello")'),
  instantiated("a data segment in a 64-bit memory", '(memory i64 1) (data (i64.const 8) "hello")'),
  instantiated("a passive data segment", '(memory 1) (data "hello")'),
  instantiated("an active element segment", "(table 10 funcref) (func $f) (elem (i32.const 0) $f $f)"),
  instantiated(
    "active element segments",
    "(table 10 funcref) (func $f) (elem (i32.const 0) $f $f) (elem (i32.const 5) $f $f)",
  ),
  instantiated(
    "an element segment at a global",
    "(table 10 funcref) (func $f) (global $g i32 (i32.const 2)) (elem (global.get $g) $f $f)",
  ),
  instantiated(
    "an active element segment of expressions",
    "(table 10 funcref) (func $f) (elem (i32.const 0) funcref (ref.func $f) (ref.null func))",
  ),
  instantiated(
    "an active element segment of i31",
    "(table 10 anyref) (elem (i32.const 0) anyref (ref.i31 (i32.const 1)) (ref.null any))",
  ),
  instantiated(
    "an active element segment of a global",
    "(func $f) (global $g funcref (ref.func $f)) (table 10 funcref) (elem (i32.const 0) funcref (global.get $g))",
  ),
  instantiated("a passive element segment", "(func $f) (elem func $f $f $f)"),
  instantiated("passive element segments", "(func $f) (elem func $f) (elem func $f $f) (elem func)"),
  instantiated("a passive element segment of expressions", "(func $f) (elem funcref (ref.func $f) (ref.null func))"),
  instantiated("a passive element segment of i31", "(elem anyref (ref.i31 (i32.const 1)) (ref.i31 (i32.const 2)))"),
  instantiated("a passive element segment of externref", "(elem externref (ref.null extern) (ref.null extern))"),
  instantiated("a declarative element segment", "(func $f) (elem declare func $f)"),
  instantiated("a table with an initial value", "(func $f) (table 10 funcref (ref.func $f))"),
  instantiated("a table with null as initial value", "(table 10 funcref (ref.null func))"),
  instantiated("a table of i31 with an initial value", "(table 10 anyref (ref.i31 (i32.const 1)))"),
  instantiated("a start function", "(func $f) (start $f)"),
  instantiated("a start function that works", "(func $f i32.const 1 drop i32.const 2 drop) (start $f)"),
  instantiated(
    "a start function and data",
    '(memory 1) (func $f i32.const 1 drop) (start $f) (data (i32.const 0) "hello")',
  ),
  instantiated(
    "a start function and a passive element segment",
    "(func $f i32.const 1 drop) (start $f) (elem func $f)",
  ),
  instantiated("struct.new", "(type $s (struct (field i32))) (global (ref $s) (struct.new $s (i32.const 1)))"),
  instantiated("struct.new_default", "(type $s (struct (field i32))) (global (ref $s) (struct.new_default $s))"),
  instantiated("array.new", "(type $a (array i32)) (global (ref $a) (array.new $a (i32.const 1) (i32.const 100)))"),
  instantiated("array.new_default", "(type $a (array i32)) (global (ref $a) (array.new_default $a (i32.const 100)))"),
  instantiated(
    "array.new_default of references",
    "(type $a (array anyref)) (global (ref $a) (array.new_default $a (i32.const 100)))",
  ),
  instantiated(
    "array.new_fixed",
    "(type $a (array i32)) (global (ref $a) (array.new_fixed $a 3 (i32.const 1) (i32.const 2) (i32.const 3)))",
  ),
  instantiated(
    "arrays in two globals",
    "(type $a (array i32)) (global (ref $a) (array.new_default $a (i32.const 10))) (global (ref $a) (array.new_default $a (i32.const 20)))",
  ),
  instantiated(
    "arrays in a passive element segment",
    "(type $a (array i32)) (elem (ref $a) (array.new_default $a (i32.const 10)) (array.new_default $a (i32.const 20)))",
  ),
  instantiated(
    "a table with an imported global as initial value",
    '(import "env" "global" (global $g i32)) (table 10 anyref (ref.i31 (global.get $g)))',
  ),
  instantiated("an empty passive element segment", "(elem func)"),
  instantiated(
    "passive element segments of both kinds",
    "(func $f) (elem func $f) (elem anyref (ref.i31 (i32.const 1)))",
  ),
  instantiated(
    "a start function and what is computed",
    "(type $a (array i32)) (func $f) (start $f) (global (ref $a) (array.new_default $a (i32.const 10))) (global i32 (i32.add (i32.const 1) (i32.const 2)))",
  ),
  instantiated(
    "a start function and an element segment at a global",
    "(table 10 funcref) (func $f) (start $f) (global $g i32 (i32.const 2)) (elem (global.get $g) $f $f)",
  ),
  instantiated(
    "data segments, the first at a global",
    '(memory 1) (global $g i32 (i32.const 8)) (data (global.get $g) "hello") (data (i32.const 0) "abc")',
  ),
  instantiated(
    "data segments, the last at a global, in two memories",
    '(memory 1) (memory 1) (global $g i32 (i32.const 8)) (data (i32.const 0) "abc") (data (memory 1) (global.get $g) "hello")',
  ),
  instantiated(
    "an empty data segment at a global",
    '(memory 1) (global $g i32 (i32.const 8)) (data (global.get $g) "")',
  ),
  instantiated(
    "data in an imported memory",
    '(import "env" "memory" (memory 1)) (data (i32.const 0) "abc") (data (i32.const 10) "")',
  ),
  instantiated("a global from an imported one", '(import "env" "global" (global $g i32)) (global i32 (global.get $g))'),
  instantiated(
    "elements of an imported table",
    '(import "env" "table" (table 10 funcref)) (func $f) (elem (i32.const 0) $f $f) (elem (i32.const 5) $f $f)',
  ),
  instantiated(
    "element segments, the first at a global",
    "(table 10 funcref) (func $f) (global $g i32 (i32.const 2)) (elem (global.get $g) $f $f) (elem (i32.const 0) $f)",
  ),
  instantiated(
    "element segments, the second at a global",
    "(table 10 funcref) (func $f) (global $g i32 (i32.const 2)) (elem (i32.const 0) $f) (elem (global.get $g) $f $f) (elem (i32.const 5) $f $f $f)",
  ),
  instantiated(
    "elements of a table with null as initial value",
    "(table 10 funcref (ref.null func)) (func $f) (elem (i32.const 0) func $f $f)",
  ),
  instantiated(
    "elements of a table with a function as initial value",
    "(func $f) (table 10 (ref func) (ref.func $f)) (elem (i32.const 0) func $f $f)",
  ),
  instantiated(
    "a long table with null as initial value",
    "(table 300 funcref (ref.null func)) (global i32 (i32.add (i32.const 10) (i32.const 2)))",
  ),
  instantiated("an empty element segment of expressions", "(table 10 funcref) (elem (i32.const 0) funcref)"),
  instantiated("data far apart", '(memory 2000) (data (i32.const 0) "a") (data (i32.const 16777215) "d")'),
  instantiated("data almost far apart", '(memory 2000) (data (i32.const 0) "a") (data (i32.const 16777214) "d")'),
  instantiated(
    "data in pages of one byte",
    '(memory 100 (pagesize 1)) (data (i32.const 0) "a") (data (i32.const 10) "a")',
  ),
  instantiated("elements far out", "(table 2000000 funcref) (func $f) (elem (i32.const 1048575) func $f $f)"),
  instantiated("elements almost far out", "(table 2000000 funcref) (func $f) (elem (i32.const 1048574) func $f $f)"),
  instantiated(
    "an array of a computed length",
    "(type $a (array i32)) (global (ref $a) (array.new_default $a (i32.add (i32.const 10) (i32.const 2)))) (global i32 (i32.add (i32.const 1) (i32.const 2)))",
  ),
  instantiated(
    "an array of an imported length",
    '(type $a (array i32)) (import "env" "global" (global $g i32)) (global (ref $a) (array.new $a (i32.const 1) (global.get $g))) (global i32 (i32.add (i32.const 1) (i32.const 2)))',
  ),
  instantiated(
    "an array of a known length",
    "(type $a (array i32)) (global $g i32 (i32.const 8)) (global (ref $a) (array.new $a (i32.const 1) (global.get $g))) (global i32 (i32.add (i32.const 1) (i32.const 2)))",
  ),
  instantiated(
    "a long array",
    "(type $a (array i32)) (global i32 (i32.add (i32.const 1) (i32.const 2))) (global (ref $a) (array.new_default $a (i32.const 300))) (global i32 (i32.add (i32.const 1) (i32.const 2)))",
  ),
  instantiated(
    "an array, a table and elements",
    "(type $a (array i32)) (table 10 anyref (ref.i31 (i32.const 1))) (elem (i32.const 0) anyref (ref.i31 (i32.const 1))) (elem (ref $a) (array.new_default $a (i32.add (i32.const 10) (i32.const 2)))) (elem anyref (ref.i31 (i32.const 1)))",
  ),
  instantiated(
    "an active element segment that makes an array",
    "(type $a (array i32)) (table 1 anyref) (elem (table 0) (i32.const 0) anyref (array.new_default $a (i32.add (i32.const 10) (i32.const 2)))) (elem anyref (ref.i31 (i32.const 1)))",
  ),
  instantiated(
    "conversions in globals",
    "(global externref (extern.convert_any (ref.i31 (i32.const 1)))) (global anyref (any.convert_extern (ref.null extern)))",
  ),
  instantiated(
    "data and a sum",
    '(memory 1) (data (i32.const 0) "hello") (global i32 (i32.add (i32.const 1) (i32.const 2)))',
  ),
  instantiated(
    "data, a sum and a start function",
    '(memory 1) (data (i32.const 0) "hello") (global i32 (i32.add (i32.const 1) (i32.const 2))) (func $f) (start $f)',
  ),
  instantiated(
    "data and a long array",
    '(memory 1) (data (i32.const 0) "hello") (type $a (array i32)) (global (ref $a) (array.new_default $a (i32.const 200))) (func $f) (start $f) (global i32 (i32.add (i32.const 1) (i32.const 2)))',
  ),
  instantiated("data and a table", '(memory 1) (data (i32.const 0) "hello") (table 10 anyref (ref.i31 (i32.const 1)))'),
  instantiated(
    "everything",
    `(type $a (array i32)) (memory 1) (data (i32.const 0) "hello") (func $f i32.const 1 drop) (start $f) (elem func $f $f) (elem func $f)
    (table 10 funcref) (elem (i32.const 0) $f) (global (ref $a) (array.new_default $a (i32.const 10)))`,
  ),
];

export const WASMTIME_CASES: readonly WasmtimeCase[] = [
  ...CONTROL,
  ...NUMBERS,
  ...MEMORIES,
  ...TABLES,
  ...CALLS,
  ...EXCEPTIONS,
  ...GC,
  ...INSTANTIATED,
];

/** What Wasmtime counts otherwise than the schedule that is named after it, in calls. The guide's table says it in words. */
export type Parting = "caught exceptions" | "call_ref" | "GC arrays" | "failed growth" | "constants by detours";

/** The cases that each shows in; in no other. */
export const PARTINGS: Readonly<Record<Parting, readonly string[]>> = {
  // What a callee burned before it threw is lost.
  "caught exceptions": [
    "throw, caught from a callee",
    "throw, caught from a callee's callee",
    "catch_all",
    "catch_ref and throw_ref",
    "exceptions in a loop",
    "clause that does not match",
  ],
  // What the callee burns is lost.
  call_ref: ["call_ref"],
  // 2 or 3 for each element.
  "GC arrays": [
    "array.new",
    "array.new_default",
    "array.new_default of bytes",
    "array.new_default of references",
    "array.new of references",
    "array.get and array.set",
    "array.get_u",
    "array.fill",
    "array.fill of bytes",
    "array.fill of references",
    "array.fill of nothing",
    "array.copy",
    "array.copy of references",
    "array.copy of nothing",
    "array.init_data",
    "array.init_elem",
  ],
  // A table.grow that gives -1 has paid for all elements that it asked for.
  "failed growth": ["table.grow that fails, constant", "table.grow that fails, 129", "table.grow, dynamic"],
  // A failed grow also pays for a constant that came through a local, a block or a constant global.
  "constants by detours": [
    "memory.grow that fails, through a local",
    "memory.grow that fails, through a block",
    "memory.grow that fails, from a constant global",
  ],
};
