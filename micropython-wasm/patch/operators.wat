;; Errors of operations, as CPython says them. `npm run generate` assembles this file into operators.generated.ts;
;; operators.ts puts the function in the place of the artifact's own.
;;
;; What is said lies at the beginning of memory, in the part of the C stack that nothing reaches: sessions have another
;; (EmscriptenPython.moveStack).
(module
  (import "original" "raise_format" (func $original_raise_format (param i32 i32 i32)))
  (import "artifact" "memory" (memory 0))
  ;; Addresses of the texts "unsupported types for %q: '%s', '%s'" and "unsupported type for %q: '%s'", and of the names
  ;; of the methods of operations: a byte for each of mp_binary_op_t.
  (import "artifact" "binary" (global $binary i32))
  (import "artifact" "unary" (global $unary i32))
  (import "artifact" "binary_names" (global $binary_names i32))

  ;; Texts, 64 bytes each; then the symbols of operations in the order of mp_binary_op_t, 16 bytes each, and that of ~.
  (data (i32.const 1024) "unsupported operand type(s) for %s: '%s' and '%s'")
  (data (i32.const 1088) "'%s' not supported between instances of '%s' and '%s'")
  (data (i32.const 1152) "can only concatenate %s (not \"%s\") to %s")
  (data (i32.const 1216) "can't multiply sequence by non-int of type '%s'")
  (data (i32.const 1280) "unhashable type: '%s'")
  (data (i32.const 1344) "bad operand type for unary %s: '%s'")
  (data (i32.const 1408) "bad operand type for abs(): '%s'")
  (data (i32.const 1536) "<")
  (data (i32.const 1552) ">")
  (data (i32.const 1568) "==")
  (data (i32.const 1584) "<=")
  (data (i32.const 1600) ">=")
  (data (i32.const 1616) "!=")
  (data (i32.const 1632) "in")
  (data (i32.const 1648) "is")
  (data (i32.const 1664) "except")
  (data (i32.const 1680) "|=")
  (data (i32.const 1696) "^=")
  (data (i32.const 1712) "&=")
  (data (i32.const 1728) "<<=")
  (data (i32.const 1744) ">>=")
  (data (i32.const 1760) "+=")
  (data (i32.const 1776) "-=")
  (data (i32.const 1792) "*=")
  (data (i32.const 1808) "@=")
  (data (i32.const 1824) "//=")
  (data (i32.const 1840) "/=")
  (data (i32.const 1856) "%=")
  (data (i32.const 1872) "**=")
  (data (i32.const 1888) "|")
  (data (i32.const 1904) "^")
  (data (i32.const 1920) "&")
  (data (i32.const 1936) "<<")
  (data (i32.const 1952) ">>")
  (data (i32.const 1968) "+")
  (data (i32.const 1984) "-")
  (data (i32.const 2000) "*")
  (data (i32.const 2016) "@")
  (data (i32.const 2032) "//")
  (data (i32.const 2048) "/")
  (data (i32.const 2064) "%")
  (data (i32.const 2080) "** or pow()")
  (data (i32.const 2096) "~")

  ;; mp_raise_msg_varg(). $args: the words of a variadic call, which are the caller's to lose.
  (func (export "raise_format") (param $type i32) (param $text i32) (param $args i32)
    (if (i32.eq (local.get $text) (global.get $binary))
      (then (local.set $text (call $binary_text (local.get $text) (local.get $args)))))
    (if (i32.eq (local.get $text) (global.get $unary))
      (then (local.set $text (call $unary_text (local.get $text) (local.get $args)))))
    (call $original_raise_format (local.get $type) (local.get $text) (local.get $args)))

  ;; (name of the method, type, type) of an operation that neither type has, which become the arguments of the text.
  (func $binary_text (param $text i32) (param $args i32) (result i32)
    (local $op i32) (local $left i32) (local $right i32) (local $is_sequence i32)
    (local.set $left (i32.load offset=4 (local.get $args)))
    (local.set $right (i32.load offset=8 (local.get $args)))
    (block $found
      (loop $search
        (br_if $found
          (i32.eq
            (i32.load8_u (i32.add (global.get $binary_names) (local.get $op)))
            (i32.load (local.get $args))))
        (br_if $search (i32.lt_u (local.tee $op (i32.add (local.get $op) (i32.const 1))) (i32.const 35)))
        (return (local.get $text))))
    (if (i32.or (i32.eqz (i32.load (local.get $args))) (i32.eq (local.get $op) (i32.const 6)))
      (then (return (local.get $text))))
    (if (i32.lt_u (local.get $op) (i32.const 6))
      (then
        (i32.store (local.get $args) (i32.add (i32.const 1536) (i32.shl (local.get $op) (i32.const 4))))
        (return (i32.const 1088))))
    ;; "str", "list", "tupl"
    (local.set $is_sequence
      (i32.or
        (i32.eq (i32.load align=1 (local.get $left)) (i32.const 0x00727473))
        (i32.or
          (i32.eq (i32.load align=1 (local.get $left)) (i32.const 0x7473696c))
          (i32.eq (i32.load align=1 (local.get $left)) (i32.const 0x6c707574)))))
    (if (local.get $is_sequence)
      (then
        (if (i32.or (i32.eq (local.get $op) (i32.const 27)) (i32.eq (local.get $op) (i32.const 14)))
          (then
            (i32.store (local.get $args) (local.get $left))
            (i32.store offset=4 (local.get $args) (local.get $right))
            (i32.store offset=8 (local.get $args) (local.get $left))
            (return (i32.const 1152))))
        (if (i32.eq (local.get $op) (i32.const 29))
          (then
            (i32.store (local.get $args) (local.get $right))
            (return (i32.const 1216))))))
    (i32.store (local.get $args) (i32.add (i32.const 1536) (i32.shl (local.get $op) (i32.const 4))))
    (i32.const 1024))

  ;; (name of the method, type). The names of unary operations lie before those of the others: +, -, ~, not, bool, len, hash, abs.
  (func $unary_text (param $text i32) (param $args i32) (result i32)
    (local $name i32) (local $symbol i32)
    (local.set $name (i32.load (local.get $args)))
    (if (i32.eq (local.get $name) (i32.load8_u (i32.sub (global.get $binary_names) (i32.const 10))))
      (then
        (i32.store (local.get $args) (i32.load offset=4 (local.get $args)))
        (return (i32.const 1280))))
    (if (i32.eq (local.get $name) (i32.load8_u (i32.sub (global.get $binary_names) (i32.const 16))))
      (then (local.set $symbol (i32.const 1968))))
    (if (i32.eq (local.get $name) (i32.load8_u (i32.sub (global.get $binary_names) (i32.const 15))))
      (then (local.set $symbol (i32.const 1984))))
    (if (i32.eq (local.get $name) (i32.load8_u (i32.sub (global.get $binary_names) (i32.const 14))))
      (then (local.set $symbol (i32.const 2096))))
    (if (i32.eq (local.get $name) (i32.load8_u (i32.sub (global.get $binary_names) (i32.const 9))))
      (then
        (i32.store (local.get $args) (i32.load offset=4 (local.get $args)))
        (return (i32.const 1408))))
    (if (i32.eqz (local.get $symbol)) (then (return (local.get $text))))
    (i32.store (local.get $args) (local.get $symbol))
    (i32.const 1344)))
