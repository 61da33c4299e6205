;; Text, eight bytes at a time. `npm run generate` assembles this file into text.generated.ts; text.ts puts the functions
;; in the place of the artifact's own.
;;
;; A str of MicroPython's is UTF-8 and does not know whether it is ASCII: len() counts its characters byte by byte, s[i]
;; walks to the i-th, and each str that is made is checked, and hashed twice, so that `s += "a"` cost 40 units for each
;; character that s has. Here words of eight ASCII characters are passed in one step. What is longer than 255 bytes, which
;; no interned string is, is hashed when somebody asks for it: 0 stands for a hash that is not known.
(module
  (import "original" "check" (func $original_check (param i32 i32 i32) (result i32)))
  (import "original" "pointer_to" (func $original_pointer_to (param i32 i32 i32 i32 i32) (result i32)))
  (import "original" "compute_hash" (func $original_compute_hash (param i32 i32) (result i32)))
  (import "artifact" "memory" (memory 0))
  ;; Address of a word: whether the next hash is asked for.
  (import "artifact" "is_asked" (global $is_asked i32))

  (func $is_ascii (param $at i32) (result i32)
    (i64.eqz (i64.and (i64.load align=1 (local.get $at)) (i64.const 0x8080808080808080))))

  ;; utf8_check(): whether bytes are text.
  (func (export "check") (param $ascii i32) (param $at i32) (param $length i32) (result i32)
    (block $rest
      (loop $next
        (br_if $rest (i32.lt_u (local.get $length) (i32.const 8)))
        (br_if $rest (i32.eqz (call $is_ascii (local.get $at))))
        (local.set $at (i32.add (local.get $at) (i32.const 8)))
        (local.set $length (i32.sub (local.get $length) (i32.const 8)))
        (br $next)))
    (call $original_check (local.get $ascii) (local.get $at) (local.get $length)))

  ;; utf8_charlen(): characters are the bytes that do not go on with one, which begin with 10.
  (func $count (export "count") (param $at i32) (param $length i32) (result i32)
    (local $count i32) (local $word i64)
    (local.set $count (local.get $length))
    (block $rest
      (loop $next
        (br_if $rest (i32.lt_u (local.get $length) (i32.const 8)))
        (local.set $word (i64.load align=1 (local.get $at)))
        (local.set $count
          (i32.sub
            (local.get $count)
            (i32.wrap_i64
              (i64.popcnt
                (i64.and
                  (i64.and (local.get $word) (i64.const 0x8080808080808080))
                  (i64.xor
                    (i64.and (i64.shl (local.get $word) (i64.const 1)) (i64.const 0x8080808080808080))
                    (i64.const 0x8080808080808080)))))))
        (local.set $at (i32.add (local.get $at) (i32.const 8)))
        (local.set $length (i32.sub (local.get $length) (i32.const 8)))
        (br $next)))
    (block $end
      (loop $next
        (br_if $end (i32.eqz (local.get $length)))
        (local.set $count
          (i32.sub (local.get $count) (i32.lt_s (i32.load8_s (local.get $at)) (i32.const -64))))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (local.set $length (i32.sub (local.get $length) (i32.const 1)))
        (br $next)))
    (local.get $count))

  ;; utf8_ptr_to_index()
  (func (export "index_of") (param $text i32) (param $pointer i32) (result i32)
    (if (i32.le_u (local.get $pointer) (local.get $text)) (then (return (i32.const 0))))
    (call $count (local.get $text) (i32.sub (local.get $pointer) (local.get $text))))

  ;; str_index_to_ptr(): words of ASCII between the nearer end and the character are left out. In bytes, too, they are
  ;; eight places.
  (func (export "pointer_to")
    (param $type i32) (param $text i32) (param $length i32) (param $index i32) (param $is_slice i32) (result i32)
    (local $places i32)
    (if (i32.and (local.get $index) (i32.const 1))
      (then
        (local.set $places (i32.shr_s (local.get $index) (i32.const 1)))
        (block $rest
          (if (i32.lt_s (local.get $places) (i32.const 0))
            (then
              (loop $before
                (br_if $rest (i32.gt_s (local.get $places) (i32.const -9)))
                (br_if $rest (i32.lt_u (local.get $length) (i32.const 8)))
                (br_if $rest
                  (i32.eqz
                    (call $is_ascii
                      (i32.add (local.get $text) (i32.sub (local.get $length) (i32.const 8))))))
                (local.set $length (i32.sub (local.get $length) (i32.const 8)))
                (local.set $places (i32.add (local.get $places) (i32.const 8)))
                (br $before))))
          (loop $next
            (br_if $rest (i32.lt_s (local.get $places) (i32.const 8)))
            (br_if $rest (i32.lt_u (local.get $length) (i32.const 8)))
            (br_if $rest (i32.eqz (call $is_ascii (local.get $text))))
            (local.set $text (i32.add (local.get $text) (i32.const 8)))
            (local.set $length (i32.sub (local.get $length) (i32.const 8)))
            (local.set $places (i32.sub (local.get $places) (i32.const 8)))
            (br $next)))
        (local.set $index (i32.or (i32.shl (local.get $places) (i32.const 1)) (i32.const 1)))))
    (call $original_pointer_to (local.get $type) (local.get $text) (local.get $length) (local.get $index)
      (local.get $is_slice)))

  ;; qstr_compute_hash()
  (func (export "compute_hash") (param $text i32) (param $length i32) (result i32)
    (if (i32.gt_u (local.get $length) (i32.const 255))
      (then
        (if (i32.eqz (i32.load (global.get $is_asked))) (then (return (i32.const 0))))
        (i32.store (global.get $is_asked) (i32.const 0))))
    (call $original_compute_hash (local.get $text) (local.get $length)))

  ;; In mp_unary_op(), in the place of the length of what hash() is of.
  (func (export "asked") (param $length i32) (result i32)
    (i32.store (global.get $is_asked) (i32.gt_u (local.get $length) (i32.const 255)))
    (local.get $length)))
