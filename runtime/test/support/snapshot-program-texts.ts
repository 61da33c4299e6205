// Small programs that between them use every kind of frame, reference and segment.
import type { ProgramText } from "./snapshot-programs.js";

export const SNAPSHOT_PROGRAMS: Readonly<Record<string, ProgramText>> = {
  "calls, locals that wait, br_table": {
    modules: {
      main: `(module (memory 1) (global $g (mut i64) (i64.const 7))
        (func $add (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
        (func $fib (param i32) (result i32)
          (if (result i32) (i32.lt_s (local.get 0) (i32.const 2)) (then (local.get 0))
            (else (call $add (call $fib (i32.sub (local.get 0) (i32.const 1)))
                             (call $fib (i32.sub (local.get 0) (i32.const 2)))))))
        (func $pick (param i32) (result i32)
          (block $c (block $b (block $a (br_table $a $b $c (local.get 0))) (return (i32.const 10))) (return (i32.const 20)))
          (i32.const 30))
        (func (export "main") (param i32) (result i32 i64 f64) (local $i i32) (local $x f64)
          (local.set $x (f64.const 1.5))
          (loop $again
            (i32.store (i32.mul (local.get $i) (i32.const 4)) (call $pick (local.get $i)))
            (global.set $g (i64.mul (global.get $g) (i64.extend_i32_s (local.get $i))))
            (local.set $x (f64.mul (local.get $x) (f64.const 1.25)))
            (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 4))))
          (i32.add (local.get 0) (call $add (local.get $i) (call $fib (i32.const 4))))
          (global.get $g) (local.get $x)))`,
    },
    args: [100],
  },
  "host calls that cost fuel": {
    modules: {
      main: `(module (import "env" "log" (func $log (param i32) (result i32))) (import "env" "log64" (func $log64 (param i64) (result i64)))
        (func $tail (param i64) (result i64) (return_call $log64 (i64.add (local.get 0) (i64.const 1))))
        (func (export "main") (param i32) (result i64)
          (drop (call $log (local.get 0)))
          (i64.add (call $tail (i64.const 5)) (call $log64 (i64.extend_i32_s (call $log (i32.const -3)))))))`,
    },
    args: [9],
  },
  "memory and table growth, bulk operations, dropped segments": {
    modules: {
      main: `(module (memory 1 3) (table $t 2 9 funcref) (elem $e func $f $g) (data $d "hello, world") (func $f) (func $g)
        (func (export "main") (result i32) (local i32)
          (memory.init $d (i32.const 100) (i32.const 3) (i32.const 5)) (data.drop $d)
          (local.set 0 (memory.grow (i32.const 1)))
          (memory.copy (i32.const 65536) (i32.const 90) (i32.const 300))
          (memory.fill (i32.const 70000) (i32.const 77) (i32.const 1000))
          (local.set 0 (i32.add (local.get 0) (memory.grow (i32.const 5))))
          (table.init $t $e (i32.const 0) (i32.const 0) (i32.const 2)) (elem.drop $e)
          (local.set 0 (i32.add (local.get 0) (table.grow $t (ref.func $g) (i32.const 3))))
          (table.copy (i32.const 2) (i32.const 0) (i32.const 2)) (table.fill (i32.const 1) (ref.null func) (i32.const 1))
          (memory.init $d (i32.const 0) (i32.const 0) (i32.const 0))
          (i32.add (local.get 0) (i32.load8_u (i32.const 65546)))))`,
    },
  },
  exceptions: {
    modules: {
      main: `(module (tag $t (param i32 i64)) (tag $u) (memory 1)
        (func $thrower (param i32) (if (i32.eqz (local.get 0)) (then (throw $t (i32.const 5) (i64.const 6))))
          (call $thrower (i32.sub (local.get 0) (i32.const 1))))
        (func $middle (param i32) (result i32 i64) (local exnref)
          (block $h (result exnref) (try_table (catch_all_ref $h) (call $thrower (local.get 0))) (unreachable))
          (local.set 1)
          (i32.store (i32.const 8) (local.get 0))
          (block $k (result i32 i64) (try_table (catch $t $k) (throw_ref (local.get 1))) (unreachable)))
        (func (export "main") (result i32) (local i64)
          (local.set 0 (call $middle (i32.const 3))) (i32.add (i32.wrap_i64 (local.get 0)))))`,
    },
  },
  "an exception that nobody catches": {
    modules: {
      main: `(module (tag $t (param i32)) (func $f (throw $t (i32.const 1))) (func (export "main") (call $f)))`,
    },
  },
  "a trap in a callee": {
    modules: {
      main: `(module (func $f (param i32) (result i32) (i32.div_s (i32.const 1) (local.get 0)))
        (func (export "main") (result i32) (i32.add (i32.const 1) (call $f (i32.const 0)))))`,
    },
  },
  "tail calls": {
    modules: {
      main: `(module (type $t (func (param i32 i64) (result i64))) (table 2 funcref) (elem (i32.const 0) $even $odd)
        (func $even (type $t) (if (result i64) (i32.eqz (local.get 0)) (then (local.get 1))
          (else (return_call_indirect (type $t) (i32.sub (local.get 0) (i32.const 1)) (i64.mul (local.get 1) (i64.const 3)) (i32.const 1)))))
        (func $odd (type $t) (return_call $even (i32.sub (local.get 0) (i32.const 1)) (i64.add (local.get 1) (i64.const 1))))
        (func (export "main") (result i64) (i64.add (i64.const 1) (call $even (i32.const 6) (i64.const 1)))))`,
    },
  },
  "several instances that call each other": {
    modules: {
      a: `(module (type $t (func (param i32) (result i32))) (memory (export "m") 1) (table (export "t") 3 funcref) (global (export "g") (mut i32) (i32.const 1))
        (func (export "twice") (type $t) (i32.store (i32.const 0) (local.get 0)) (i32.mul (local.get 0) (i32.const 2)))
        (func (export "through") (type $t) (i32.add (i32.const 1) (call_indirect (type $t) (local.get 0) (i32.const 1))))
        (func (export "tail") (type $t) (return_call_indirect (type $t) (local.get 0) (i32.const 1))))`,
      main: `(module (type $t (func (param i32) (result i32))) (import "a" "m" (memory 1)) (import "a" "t" (table 3 funcref)) (import "a" "g" (global $g (mut i32)))
        (import "a" "twice" (func $twice (type $t))) (import "a" "through" (func $through (type $t))) (import "a" "tail" (func $tail (type $t)))
        (elem (i32.const 1) $mine)
        (func $mine (type $t) (global.set $g (i32.add (global.get $g) (local.get 0))) (i32.add (call $twice (local.get 0)) (i32.load (i32.const 0))))
        (func (export "main") (result i32)
          (i32.add (call $through (i32.const 7)) (i32.add (call $tail (i32.const 11)) (return_call $tail (call $mine (i32.const 2)))))))`,
    },
  },
  "more than 256 slots, wide operands, v128": {
    modules: {
      main: `(module (memory 1)
        (func $many (param i32) (result i32) ${"(local i64)".repeat(300)} (local $last i32)
          (local.set $last (i32.mul (local.get 0) (i32.const 3)))
          (local.set 200 (i64.const 77))
          (if (i32.gt_s (local.get 0) (i32.const 0)) (then (local.set $last (i32.add (local.get $last) (call $many (i32.sub (local.get 0) (i32.const 1)))))))
          (i32.add (local.get $last) (i32.wrap_i64 (local.get 200))))
        (func $id (param v128 i32) (result v128) (local.get 0))
        (func (export "main") (result i32) (local v128)
          (local.set 0 (v128.const i32x4 1 2 3 4))
          (v128.store (i32.const 16) (call $id (local.get 0) (call $many (i32.const 2))))
          (i32.add (call $many (i32.const 1)) (i32.load (i32.const 24)))))`,
    },
  },
  "references on the stack": {
    modules: {
      main: `(module (type $f (func (param i32) (result i32))) (table 4 funcref) (elem declare func $inc $dec)
        (func $inc (type $f) (i32.add (local.get 0) (i32.const 1))) (func $dec (type $f) (i32.sub (local.get 0) (i32.const 1)))
        (func $apply (param $f (ref $f)) (param i32) (result i32) (local $g (ref $f))
          (local.set $g (local.get $f)) (call_ref $f (call_ref $f (local.get 1) (local.get $g)) (local.get $f)))
        (func (export "main") (result i32)
          (table.set (i32.const 2) (ref.func $dec))
          (call $apply (ref.func $inc) (call $apply (ref.func $inc) (i32.const 5)))
          (if (result i32) (ref.is_null (table.get (i32.const 3))) (then (call $apply (ref.func $dec) (i32.const 1))) (else (i32.const 0)))
          (i32.add)))`,
    },
  },
  "structs, arrays and i31": {
    modules: {
      main: `(module (rec (type $node (struct (field i8) (field (mut i64)) (field (mut (ref null $node))) (field (mut anyref)))))
        (type $bytes (array (mut i8))) (type $wide (array (mut i64))) (type $nodes (array (mut (ref null $node))))
        (global $root (mut (ref null $node)) (ref.null $node))
        (func $make (param i32) (result (ref $node))
          (struct.new $node (local.get 0) (i64.extend_i32_s (local.get 0)) (global.get $root) (ref.i31 (local.get 0))))
        (func (export "main") (result i64) (local $i i32) (local $a (ref null $nodes)) (local $n (ref null $node)) (local $sum i64) (local $b (ref null $bytes)) (local $w (ref null $wide))
          (local.set $a (array.new_default $nodes (i32.const 3)))
          (local.set $b (array.new $bytes (i32.const 200) (i32.const 5)))
          (local.set $w (array.new_fixed $wide 2 (i64.const 3) (i64.const -4)))
          (loop $l
            (local.set $n (call $make (i32.add (local.get $i) (i32.const 250))))
            (global.set $root (local.get $n))
            (array.set $nodes (local.get $a) (local.get $i) (local.get $n))
            (struct.set $node 2 (local.get $n) (local.get $n))
            (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 3))))
          (if (ref.eq (array.get $nodes (local.get $a) (i32.const 2)) (global.get $root)) (then (local.set $sum (i64.const 1000))))
          (i64.add (local.get $sum) (i64.add (array.get $wide (local.get $w) (i32.const 1))
            (i64.add (i64.extend_i32_u (array.get_u $bytes (local.get $b) (i32.const 4)))
              (i64.add (i64.extend_i32_u (struct.get_u $node 0 (struct.get $node 2 (array.get $nodes (local.get $a) (i32.const 1)))))
                (i64.extend_i32_s (i31.get_s (ref.cast i31ref (struct.get $node 3 (global.get $root)))))))))))`,
    },
  },
  "invoke frames and longjmp": {
    modules: {
      main: `(module (type $v (func)) (type $i (func (param i32) (result i32)))
        (import "env" "invoke_ii" (func $invoke (param i32 i32) (result i32))) (import "env" "longjmp" (func $longjmp)) (import "env" "log" (func $log (param i32) (result i32)))
        (memory 1) (table (export "__indirect_function_table") 3 funcref) (elem (i32.const 0) $plain $jumps $deep)
        (global $sp (mut i32) (i32.const 5000)) (global $threw (mut i32) (i32.const 0))
        (func (export "setThrew") (param i32 i32) (global.set $threw (i32.add (global.get $threw) (local.get 0))))
        (func (export "emscripten_stack_get_current") (result i32) (global.get $sp))
        (func $plain (type $i) (global.set $sp (i32.sub (global.get $sp) (i32.const 16))) (i32.add (local.get 0) (i32.const 1)))
        (func $jumps (type $i) (global.set $sp (i32.sub (global.get $sp) (i32.const 64))) (drop (call $log (local.get 0))) (call $longjmp) (i32.const 9))
        (func $deep (type $i) (i32.add (i32.const 100) (call $invoke (i32.const 1) (local.get 0))))
        (func (export "main") (result i32)
          (i32.add (call $invoke (i32.const 0) (i32.const 40)) (i32.add (call $invoke (i32.const 1) (i32.const 3))
            (i32.add (call $invoke (i32.const 2) (i32.const 8)) (global.get $threw))))))`,
    },
    invokes: ["invoke_ii"],
  },
  "longjmp through several frames, again and again": {
    modules: {
      main: `(module (type $v (func)) (type $i (func (param i32) (result i32))) (type $l (func (param i32) (result i64))) (type $d (func (param i32) (result f64)))
        (import "env" "invoke_ii" (func $invoke (param i32 i32) (result i32))) (import "env" "invoke_ji" (func $invoke_l (param i32 i32) (result i64)))
        (import "env" "invoke_di" (func $invoke_d (param i32 i32) (result f64))) (import "env" "invoke_v" (func $invoke_v (param i32)))
        (import "env" "longjmp" (func $longjmp))
        (memory 1) (table (export "__indirect_function_table") 6 funcref) (elem (i32.const 0) $jumps $deep $long $double $nothing $plain)
        (global $sp (mut i32) (i32.const 5000)) (global $threw (mut i32) (i32.const 0))
        (func (export "setThrew") (param i32 i32) (local $n i32)
          (loop $again
            (global.set $threw (i32.add (global.get $threw) (local.get 0)))
            (br_if $again (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 2)))))
        (func (export "emscripten_stack_get_current") (result i32) (global.get $sp))
        (func $push (global.set $sp (i32.sub (global.get $sp) (i32.const 16))))
        (func $jumps (type $i) (local $f f64) (local.set $f (f64.convert_i32_s (local.get 0)))
          (if (i32.and (local.get 0) (i32.const 1)) (then (call $push) (call $longjmp)))
          (i32.store (i32.const 8) (local.get 0)) (i32.trunc_f64_s (local.get $f)))
        (func $deep (type $i) (call $push) (i32.add (i32.const 7) (call $jumps (local.get 0))))
        (func $long (type $l) (call $push) (i64.extend_i32_s (i32.add (i32.const -3) (call $deep (local.get 0)))))
        (func $double (type $d) (f64.add (f64.const 0.5) (f64.convert_i32_s (call $invoke (i32.const 1) (local.get 0)))))
        (func $nothing (type $v) (drop (call $deep (i32.const 5))))
        (func $plain (type $i) (call $push) (i32.add (local.get 0) (i32.const 1)))
        (func (export "main") (result i32) (local $n i32) (local $sum i32)
          (loop $again
            (local.set $sum (i32.add (local.get $sum) (i32.add (call $invoke (i32.const 1) (local.get $n))
              (i32.add (i32.wrap_i64 (call $invoke_l (i32.const 2) (i32.add (local.get $n) (i32.const 1))))
                (i32.trunc_f64_s (call $invoke_d (i32.const 3) (local.get $n)))))))
            (call $invoke_v (i32.const 4))
            (local.set $sum (i32.add (local.get $sum) (call $invoke (i32.const 5) (i32.const 1))))
            (br_if $again (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 2))))
          (i32.add (i32.mul (local.get $sum) (i32.const 1000)) (global.get $threw))))`,
    },
    invokes: ["invoke_ii", "invoke_ji", "invoke_di", "invoke_v"],
  },
  "host functions called through invoke and across instances": {
    modules: {
      a: `(module (type $i (func (param i32) (result i32))) (import "env" "log" (func $log (type $i)))
        (func (export "tail") (type $i) (return_call $log (i32.add (local.get 0) (i32.const 1)))))`,
      main: `(module (type $i (func (param i32) (result i32))) (import "env" "invoke_ii" (func $invoke (param i32 i32) (result i32)))
        (import "env" "log" (func $log (type $i))) (import "a" "tail" (func $tail (type $i)))
        (table (export "__indirect_function_table") 3 funcref) (elem (i32.const 0) $log $tail $both) (global $sp (mut i32) (i32.const 5000))
        (func (export "setThrew") (param i32 i32)) (func (export "emscripten_stack_get_current") (result i32) (global.get $sp))
        (func $both (type $i) (i32.add (call $invoke (i32.const 0) (local.get 0)) (return_call $tail (call $invoke (i32.const 1) (i32.const 7)))))
        (func (export "main") (result i32)
          (i32.add (call $tail (i32.const 3)) (i32.add (call $invoke (i32.const 2) (i32.const 50)) (return_call $tail (call $log (i32.const 8)))))))`,
    },
    invokes: ["invoke_ii"],
  },
  "legacy exceptions": {
    modules: {
      main: `(module (tag $t (param i32)) (tag $u (param i64)) (global $g (mut i32) (i32.const 0))
        (func $throws (param i32) (if (local.get 0) (then (throw $t (local.get 0))) (else (throw $u (i64.const 9)))))
        (func $rethrows (param i32) (result i32)
          try (result i32) local.get 0 call $throws i32.const 1
          catch $t global.get $g i32.add global.set $g
            try i32.const 0 call $throws catch $u drop end
            global.get $g i32.const 5 i32.gt_s if rethrow 1 end i32.const 3
          catch_all i32.const 4 end)
        (func (export "main") (result i32)
          (i32.add (call $rethrows (i32.const 0)) (call $rethrows (i32.const 2)))
          try (result i32) try (result i32) i32.const 10 call $rethrows delegate 0 catch $t global.get $g i32.add end
          i32.add))`,
    },
  },
  "garbage until the heap's limit": {
    modules: {
      main: `(module (type $n (struct (field (mut i64)) (field (ref null $n)))) (tag $t (param (ref null $n)))
        (global $kept (mut (ref null $n)) (ref.null $n))
        (func $garbage (param (ref null $n)) (result (ref null $n)) (local $x (ref $n))
          (block $h (result (ref null $n)) (try_table (catch $t $h) (throw $t (struct.new $n (i64.const 5) (local.get 0)))) (unreachable))
          (local.set 0) (block (local.set $x (struct.new $n (i64.const 6) (local.get 0))) (drop (struct.new $n (i64.const 7) (local.get $x))))
          (local.get 0))
        (func (export "main") (local i32)
          (loop $l (global.set $kept (struct.new $n (i64.const 1) (global.get $kept)))
            (drop (call $garbage (struct.new $n (i64.const 2) (ref.null $n)))) (local.set 0 (i32.add (local.get 0) (i32.const 1))) (br $l))))`,
    },
    limits: { gcHeapBytes: 2000 },
  },
  "recursion to the end of the stack": {
    modules: {
      main: `(module (func $f (export "main") (param i32) (result i32) (i32.add (i32.const 1) (call $f (local.get 0)))))`,
    },
    args: [1],
    limits: { stackSlots: 90, frames: 40 },
  },
  "the wasmtime-48 schedule": {
    modules: {
      main: `(module (memory 1) (func $g (result i32) (i32.const 3)) (func (export "main") (result i32)
        (memory.fill (call $g) (call $g) (call $g)) (i32.load (call $g))))`,
    },
    schedule: "wasmtime-48",
  },
};
