;; A script as those of the official suite are.
(module
  (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
  (func (export "div") (param i32 i32) (result i32) (i32.div_s (local.get 0) (local.get 1)))
  (func (export "less") (param i32 i32) (result i32) (i32.lt_u (local.get 0) (local.get 1)))
  (func (export "block") (result i32) (block (result i32) (i32.const 1)))
)
(assert_return (invoke "add" (i32.const 1) (i32.const 2)) (i32.const 3))
(assert_return (invoke "add" (i32.const 0x7fffffff) (i32.const 1)) (i32.const 0x80000000))
(assert_return (invoke "div" (i32.const -7) (i32.const 2)) (i32.const -3))
(assert_trap (invoke "div" (i32.const 1) (i32.const 0)) "integer divide by zero")
(assert_trap (invoke "div" (i32.const 0x80000000) (i32.const -1)) "integer overflow")
(assert_return (invoke "less" (i32.const 1) (i32.const -1)) (i32.const 1))
(assert_invalid
  (module (func (result i32) (i64.const 1)))
  "type mismatch"
)
(assert_malformed
  (module binary "\00asm\02\00\00\00")
  "unknown binary version"
)
;; Known to fail.
(assert_return (invoke "block") (i32.const 1))
