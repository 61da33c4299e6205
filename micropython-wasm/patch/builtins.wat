;; What built-in types do, as in CPython. `npm run generate` assembles this file into builtins.generated.ts; builtins.ts
;; puts the functions in the place of the artifact's own.
(module
  (import "original" "print_strn" (func $original_print_strn (param i32 i32 i32 i32 i32 i32) (result i32)))
  (import "original" "is_subclass" (func $original_is_subclass (param i32 i32) (result i32)))
  (import "artifact" "memory" (memory 0))
  ;; Address of the types of objects that are no pointers, by the four lowest bits of the object: 1 is int's, 14 bool's.
  (import "artifact" "types" (global $types i32))

  (func $continues (param $byte i32) (result i32)
    (i32.eq (i32.and (local.get $byte) (i32.const 0xc0)) (i32.const 0x80)))

  ;; mp_print_strn(). Widths are of characters, and the artifact's own counts bytes: "{:>4}" of "éa" is "  éa", not
  ;; " éa". Numbers come here too, and are ASCII. A precision still counts bytes: callers have cut the text by then, and
  ;; not every text has an end that could be looked for.
  (func (export "print_strn")
    (param $print i32) (param $text i32) (param $bytes i32) (param $flags i32) (param $fill i32) (param $width i32)
    (result i32)
    (local $at i32) (local $end i32)
    (local.set $end (i32.add (local.tee $at (local.get $text)) (local.get $bytes)))
    (block $counted
      (loop $next
        (br_if $counted (i32.ge_u (local.get $at) (local.get $end)))
        (local.set $width
          (i32.add (local.get $width) (call $continues (i32.load8_u (local.get $at)))))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $next)))
    (call $original_print_strn (local.get $print) (local.get $text) (local.get $bytes) (local.get $flags)
      (local.get $fill) (local.get $width)))

  ;; What isinstance() and issubclass() ask, with True or False as objects (30 and 14): a bool is an int.
  ;; https://docs.python.org/3/library/stdtypes.html#boolean-type-bool
  (func (export "is_subclass") (param $class i32) (param $classes i32) (result i32)
    (local $is i32)
    (local.set $is (call $original_is_subclass (local.get $class) (local.get $classes)))
    (if (result i32)
      (i32.and
        (i32.eq (local.get $is) (i32.const 14))
        (i32.eq (local.get $class) (i32.load offset=56 (global.get $types))))
      (then (call $original_is_subclass (i32.load offset=4 (global.get $types)) (local.get $classes)))
      (else (local.get $is)))))
