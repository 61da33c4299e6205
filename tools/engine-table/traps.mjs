// Programs that trap, one for each trap of the engine and for what V8 words apart: the trap in the suite's words, the
// first byte of the instruction where engines tell by it, and a module whose export `f` traps.

const i32 = (body) => `(module (func (export "f") (result i32) ${body}))`;
const memory = (body) => `(module (memory 1) (func (export "f") (result i32) ${body}))`;
const table = (body) =>
  `(module (type $t (func (result i32))) (type $u (func (result i64))) (table 3 funcref) (elem (i32.const 0) $g)
    (func $g (result i64) (i64.const 1)) (func (export "f") (result i32) ${body}))`;
const gc = (body) =>
  `(module (type $s (struct (field i32))) (type $a (array (mut i32))) (type $t (func (result i32)))
    (func (export "f") (result i32) ${body}))`;

export const TRAPS = [
  { trap: "unreachable", wat: i32("unreachable") },
  { trap: "integer divide by zero", wat: i32("(i32.div_s (i32.const 1) (i32.const 0))") },
  { trap: "integer divide by zero", op: "remainder", wat: i32("(i32.rem_u (i32.const 1) (i32.const 0))") },
  { trap: "integer overflow", op: "division", wat: i32("(i32.div_s (i32.const 0x80000000) (i32.const -1))") },
  { trap: "integer overflow", op: "truncation", wat: i32("(i32.trunc_f64_s (f64.const 1e10))") },
  { trap: "invalid conversion to integer", wat: i32("(i32.trunc_f64_s (f64.const nan))") },
  { trap: "out of bounds memory access", wat: memory("(i32.load (i32.const 65536))") },
  {
    trap: "out of bounds memory access",
    op: "bulk",
    wat: memory("(memory.fill (i32.const 65536) (i32.const 0) (i32.const 1)) (i32.const 0)"),
  },
  { trap: "out of bounds table access", wat: table("(ref.is_null (table.get 0 (i32.const 3)))") },
  {
    trap: "out of bounds table access",
    op: "bulk",
    wat: table("(table.copy 0 0 (i32.const 3) (i32.const 0) (i32.const 1)) (i32.const 0)"),
  },
  { trap: "undefined element", wat: table("(call_indirect (type $t) (i32.const 3))") },
  { trap: "uninitialized element", wat: table("(call_indirect (type $t) (i32.const 2))") },
  { trap: "indirect call type mismatch", wat: table("(call_indirect (type $t) (i32.const 0))") },
  { trap: "null function reference", wat: gc("(call_ref $t (ref.null $t))") },
  { trap: "null reference", wat: gc("(drop (ref.as_non_null (ref.null any))) (i32.const 0)") },
  {
    trap: "null exception reference",
    wat: '(module (func (export "f") (result i32) (throw_ref (ref.null exn))))',
  },
  { trap: "null structure reference", wat: gc("(struct.get $s 0 (ref.null $s))") },
  { trap: "null array reference", wat: gc("(array.len (ref.null $a))") },
  { trap: "null i31 reference", wat: gc("(i31.get_s (ref.null i31))") },
  { trap: "out of bounds array access", wat: gc("(array.get $a (array.new_default $a (i32.const 1)) (i32.const 1))") },
  {
    trap: "out of bounds array access",
    op: "array.set",
    wat: gc("(array.set $a (array.new_default $a (i32.const 1)) (i32.const 1) (i32.const 1)) (i32.const 0)"),
  },
  {
    trap: "out of bounds array access",
    op: "array.fill",
    wat: gc(
      "(array.fill $a (array.new_default $a (i32.const 1)) (i32.const 1) (i32.const 1) (i32.const 1)) (i32.const 0)",
    ),
  },
  { trap: "cast failure", wat: gc("(i31.get_s (ref.cast (ref i31) (struct.new_default $s)))") },
  {
    trap: "unaligned atomic",
    wat: '(module (memory 1 1 shared) (func (export "f") (result i32) (i32.atomic.load (i32.const 1))))',
  },
  {
    trap: "expected shared memory",
    wat: '(module (memory 1 1) (func (export "f") (result i32) (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const 0))))',
  },
  { trap: "out of bounds memory access", op: "data segment", wat: '(module (memory 0) (data (i32.const 0) "a"))' },
  {
    trap: "out of bounds table access",
    op: "elem segment",
    wat: "(module (table 0 funcref) (elem (i32.const 0) $f) (func $f))",
  },
  { trap: "stack", wat: '(module (func $f (export "f") (result i32) (i32.add (call $f) (i32.const 1))))' },
];
