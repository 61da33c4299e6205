;; Integers that are no small ones, beside floats and each other, as in CPython. `npm run generate` assembles this file
;; into numbers.generated.ts; numbers.ts puts the functions in the place of the artifact's own.
;;
;; A small integer is an object itself: its value shifted left by one, and 1. Others are objects in memory:
;;   type   flags: 1 negative, 2 digits are not its own, from 4 on their room   count of digits   address of 16-bit digits
;; A float is one, too:   type   –   the number, in eight bytes
(module
  ;; mpz_as_float(), mp_obj_int_binary_op(), mp_obj_float_binary_op(); floor(), ceil() and trunc() of math.
  (import "original" "int_op" (func $original_int_op (param i32 i32 i32) (result i32)))
  (import "original" "float_op" (func $original_float_op (param i32 f64 i32) (result i32)))
  (import "original" "floor" (func $original_floor (param i32) (result i32)))
  (import "original" "ceil" (func $original_ceil (param i32) (result i32)))
  (import "original" "trunc" (func $original_trunc (param i32) (result i32)))
  ;; mp_binary_op(), mp_obj_new_float(), mp_raise_msg_varg(), and bytes that the collector knows.
  (import "artifact" "binary_op" (func $binary_op (param i32 i32 i32) (result i32)))
  (import "artifact" "new_float" (func $new_float (param f64) (result i32)))
  (import "artifact" "raise_format" (func $raise_format (param i32 i32 i32)))
  (import "artifact" "allocate" (func $allocate (param i32) (result i32)))
  (import "artifact" "memory" (memory 0))
  ;; Addresses of the types.
  (import "artifact" "int" (global $int i32))
  (import "artifact" "float" (global $float i32))
  (import "artifact" "overflow_error" (global $overflow_error i32))
  (import "artifact" "zero_division_error" (global $zero_division_error i32))

  (data (i32.const 3920) "int too large to convert to float")
  (data (i32.const 3968) "integer division result too large for a float")

  ;; Where $rounded leaves which way it has rounded: 1 up, -1 down, 0 not at all.
  (func $direction_at (result i32) (i32.const 3904))

  (func $is_large (param $object i32) (result i32)
    (if (i32.and (local.get $object) (i32.const 3)) (then (return (i32.const 0))))
    (i32.eq (i32.load (local.get $object)) (global.get $int)))

  (func $is_float (param $object i32) (result i32)
    (if (i32.and (local.get $object) (i32.const 3)) (then (return (i32.const 0))))
    (i32.eq (i32.load (local.get $object)) (global.get $float)))

  (func $is_int (param $object i32) (result i32)
    (i32.or (i32.and (local.get $object) (i32.const 1)) (call $is_large (local.get $object))))

  ;; ---- the nearest float, halves to even ----

  ;; Of flags, count and address of digits; infinite if there is none.
  (func $rounded (param $z i32) (result f64)
    (local $at i32) (local $rest i32) (local $top i64) (local $exponent i32) (local $shift i32) (local $digit i64)
    (local $f f64) (local $back i64) (local $direction i32)
    (local.set $rest (i32.load offset=4 (local.get $z)))
    (local.set $at (i32.add (i32.load offset=8 (local.get $z)) (i32.shl (local.get $rest) (i32.const 1))))
    ;; The highest four digits, of which the first may have few bits.
    (block $taken
      (loop $take
        (br_if $taken (i32.eqz (local.get $rest)))
        (br_if $taken (i64.ne (i64.shr_u (local.get $top) (i64.const 48)) (i64.const 0)))
        (local.set $at (i32.sub (local.get $at) (i32.const 2)))
        (local.set $rest (i32.sub (local.get $rest) (i32.const 1)))
        (local.set $top
          (i64.or (i64.shl (local.get $top) (i64.const 16)) (i64.load16_u (local.get $at))))
        (br $take)))
    (if (local.get $rest)
      (then
        ;; The bits up to 64 come from the next digit; what is below is one bit, which is set if there is anything.
        (local.set $shift (i32.wrap_i64 (i64.clz (local.get $top))))
        (local.set $exponent (i32.sub (i32.shl (local.get $rest) (i32.const 4)) (local.get $shift)))
        (local.set $at (i32.sub (local.get $at) (i32.const 2)))
        (local.set $rest (i32.sub (local.get $rest) (i32.const 1)))
        (local.set $digit (i64.load16_u (local.get $at)))
        (local.set $top
          (i64.or
            (i64.shl (local.get $top) (i64.extend_i32_u (local.get $shift)))
            (i64.shr_u (local.get $digit) (i64.extend_i32_u (i32.sub (i32.const 16) (local.get $shift))))))
        (local.set $digit
          (i64.and
            (i64.shl (local.get $digit) (i64.extend_i32_u (local.get $shift)))
            (i64.const 0xffff)))
        (block $known
          (loop $below
            (br_if $known (i64.ne (local.get $digit) (i64.const 0)))
            (br_if $known (i32.eqz (local.get $rest)))
            (local.set $at (i32.sub (local.get $at) (i32.const 2)))
            (local.set $rest (i32.sub (local.get $rest) (i32.const 1)))
            (local.set $digit (i64.load16_u (local.get $at)))
            (br $below)))
        (local.set $top
          (i64.or (local.get $top) (i64.extend_i32_u (i64.ne (local.get $digit) (i64.const 0)))))))
    (local.set $f (f64.convert_i64_u (local.get $top)))
    (if (f64.eq (local.get $f) (f64.const 0x1p64))
      (then (local.set $direction (i32.const 1)))
      (else
        (local.set $back (i64.trunc_f64_u (local.get $f)))
        (local.set $direction
          (i32.sub
            (i64.gt_u (local.get $back) (local.get $top))
            (i64.lt_u (local.get $back) (local.get $top))))))
    (if (local.get $exponent)
      (then
        (local.set $f
          (if (result f64) (i32.gt_u (local.get $exponent) (i32.const 1023))
            (then (f64.const inf))
            (else
              (f64.mul (local.get $f)
                (f64.reinterpret_i64
                  (i64.shl (i64.extend_i32_u (i32.add (local.get $exponent) (i32.const 1023))) (i64.const 52)))))))
        (if (f64.eq (local.get $f) (f64.const inf)) (then (local.set $direction (i32.const 1))))))
    (if (i32.and (i32.load (local.get $z)) (i32.const 1))
      (then
        (local.set $f (f64.neg (local.get $f)))
        (local.set $direction (i32.sub (i32.const 0) (local.get $direction)))))
    (i32.store (call $direction_at) (local.get $direction))
    (local.get $f))

  ;; mpz_as_float(). https://docs.python.org/3/library/functions.html#float: what is outside of floats is an OverflowError.
  (func (export "as_float") (param $z i32) (result f64) (local $f f64)
    (local.set $f (call $rounded (local.get $z)))
    (if (f64.eq (f64.abs (local.get $f)) (f64.const inf))
      (then (call $raise_format (global.get $overflow_error) (i32.const 3920) (i32.const 0))))
    (local.get $f))

  ;; ---- an integer compared with a float ----

  ;; < > == <= >= != are 0 to 5. Rounding keeps the order: only where both are the same float it decides.
  (func $compared (param $op i32) (param $integer i32) (param $x f64) (result i32)
    (local $f f64) (local $less i32) (local $greater i32) (local $is i32)
    (local.set $f (call $rounded (i32.add (local.get $integer) (i32.const 4))))
    (local.set $less (f64.lt (local.get $f) (local.get $x)))
    (local.set $greater (f64.gt (local.get $f) (local.get $x)))
    (if (f64.eq (local.get $f) (local.get $x))
      (then
        (local.set $less (i32.eq (i32.load (call $direction_at)) (i32.const 1)))
        (local.set $greater (i32.eq (i32.load (call $direction_at)) (i32.const -1)))))
    ;; NaN is neither, nor equal.
    (local.set $is (i32.eqz (i32.or (local.get $less) (local.get $greater))))
    (if (f64.ne (local.get $x) (local.get $x)) (then (local.set $is (i32.const 0))))
    (block $done
      (block $ne (block $ge (block $le (block $eq (block $gt (block $lt
        (br_table $lt $gt $eq $le $ge $ne (local.get $op)))
        (local.set $is (local.get $less)) (br $done))
        (local.set $is (local.get $greater)) (br $done))
        (br $done))
        (local.set $is (i32.or (local.get $is) (local.get $less))) (br $done))
        (local.set $is (i32.or (local.get $is) (local.get $greater))) (br $done))
      (local.set $is (i32.eqz (local.get $is))))
    (select (i32.const 30) (i32.const 14) (local.get $is)))

  ;; Of an order, that of the operands in turn.
  (func $turned (param $op i32) (result i32)
    (block $same
      (block $wide (block $strict
        (br_table $strict $strict $same $wide $wide $same (local.get $op)))
        (return (i32.xor (local.get $op) (i32.const 1))))
      (return (i32.xor (local.get $op) (i32.const 7))))
    (local.get $op))

  (func (export "float_op") (param $op i32) (param $left f64) (param $right i32) (result i32)
    (if (i32.lt_u (local.get $op) (i32.const 6))
      (then
        (if (call $is_large (local.get $right))
          (then (return (call $compared (call $turned (local.get $op)) (local.get $right) (local.get $left)))))))
    (call $original_float_op (local.get $op) (local.get $left) (local.get $right)))

  ;; ---- integers of 62 bits ----

  ;; Where $value leaves whether it has one.
  (func $fits_at (result i32) (i32.const 3908))

  ;; The value, if it is below 2^62; otherwise that word is 0.
  (func $value (param $object i32) (result i64) (local $count i32) (local $at i32) (local $n i64)
    (if (i32.and (local.get $object) (i32.const 1))
      (then (return (i64.extend_i32_s (i32.shr_s (local.get $object) (i32.const 1))))))
    (local.set $count (i32.load offset=8 (local.get $object)))
    (local.set $at (i32.load offset=12 (local.get $object)))
    (block $large
      (br_if $large (i32.gt_u (local.get $count) (i32.const 4)))
      (local.set $at (i32.add (local.get $at) (i32.shl (local.get $count) (i32.const 1))))
      (block $read
        (loop $next
          (br_if $read (i32.eqz (local.get $count)))
          (local.set $at (i32.sub (local.get $at) (i32.const 2)))
          (local.set $count (i32.sub (local.get $count) (i32.const 1)))
          (local.set $n (i64.or (i64.shl (local.get $n) (i64.const 16)) (i64.load16_u (local.get $at))))
          (br $next)))
      (br_if $large (i64.ge_u (local.get $n) (i64.const 0x4000000000000000)))
      (return
        (select (i64.sub (i64.const 0) (local.get $n)) (local.get $n)
          (i32.and (i32.load offset=4 (local.get $object)) (i32.const 1)))))
    (i32.store (call $fits_at) (i32.const 0))
    (i64.const 0))

  ;; An integer, and its digits where it is no small one: in pieces of a block each, since a search for two blocks begins
  ;; at the last single one that was found.
  (func $integer (param $n i64) (result i32) (local $object i32) (local $digits i32) (local $size i64)
    (if (i64.eq
          (local.get $n)
          (i64.shr_s (i64.shl (local.get $n) (i64.const 33)) (i64.const 33)))
      (then (return (i32.or (i32.shl (i32.wrap_i64 (local.get $n)) (i32.const 1)) (i32.const 1)))))
    (local.set $object (call $allocate (i32.const 16)))
    (i32.store (local.get $object) (global.get $int))
    (i32.store offset=12 (local.get $object) (i32.const 0))
    (local.set $digits (call $allocate (i32.const 8)))
    (local.set $size
      (select (i64.sub (i64.const 0) (local.get $n)) (local.get $n) (i64.lt_s (local.get $n) (i64.const 0))))
    (i32.store offset=4 (local.get $object)
      (i32.or (i32.const 16) (i64.lt_s (local.get $n) (i64.const 0))))
    (i32.store offset=8 (local.get $object)
      (i32.sub (i32.const 4) (i32.shr_u (i32.wrap_i64 (i64.clz (local.get $size))) (i32.const 4))))
    (i32.store offset=12 (local.get $object) (local.get $digits))
    (i64.store (local.get $digits) (local.get $size))
    (local.get $object))

  ;; The result of an operation, or 0 if it is not done here. | ^ & << >> + - * @ // / % are 9 to 20, and 22 to 33.
  (func $calculated (param $op i32) (param $left i32) (param $right i32) (result i32)
    (local $a i64) (local $b i64) (local $n i64)
    (i32.store (call $fits_at) (i32.const 1))
    (local.set $a (call $value (local.get $left)))
    (local.set $b (call $value (local.get $right)))
    (if (i32.eqz (i32.load (call $fits_at))) (then (return (i32.const 0))))
    (if (i32.ge_u (local.get $op) (i32.const 22)) (then (local.set $op (i32.sub (local.get $op) (i32.const 13)))))
    (block $other
      (block $mod (block $floor (block $mul (block $sub (block $add (block $shr (block $and (block $xor (block $or
        (br_table $or $xor $and $other $shr $add $sub $mul $other $floor $other $mod $other
          (i32.sub (local.get $op) (i32.const 9))))
        (return (call $integer (i64.or (local.get $a) (local.get $b)))))
        (return (call $integer (i64.xor (local.get $a) (local.get $b)))))
        (return (call $integer (i64.and (local.get $a) (local.get $b)))))
        (br_if $other (i64.ge_u (local.get $b) (i64.const 64)))
        (return (call $integer (i64.shr_s (local.get $a) (local.get $b)))))
        (return (call $integer (i64.add (local.get $a) (local.get $b)))))
        (return (call $integer (i64.sub (local.get $a) (local.get $b)))))
        ;; The product has at most as many bits as both together.
        (br_if $other
          (i64.lt_u
            (i64.add
              (i64.clz (call $magnitude (local.get $a)))
              (i64.clz (call $magnitude (local.get $b))))
            (i64.const 65)))
        (return (call $integer (i64.mul (local.get $a) (local.get $b)))))
        (br_if $other (i64.le_s (local.get $b) (i64.const 0)))
        (local.set $n (i64.div_s (local.get $a) (local.get $b)))
        (if (i64.lt_s (i64.rem_s (local.get $a) (local.get $b)) (i64.const 0))
          (then (local.set $n (i64.sub (local.get $n) (i64.const 1)))))
        (return (call $integer (local.get $n))))
        (br_if $other (i64.le_s (local.get $b) (i64.const 0)))
        (local.set $n (i64.rem_s (local.get $a) (local.get $b)))
        (if (i64.lt_s (local.get $n) (i64.const 0))
          (then (local.set $n (i64.add (local.get $n) (local.get $b)))))
        (return (call $integer (local.get $n))))
    (i32.const 0))

  (func $magnitude (param $n i64) (result i64)
    (select (i64.sub (i64.const 0) (local.get $n)) (local.get $n) (i64.lt_s (local.get $n) (i64.const 0))))

  ;; ---- true division ----

  (func $small (param $n i32) (result i32) (i32.or (i32.shl (local.get $n) (i32.const 1)) (i32.const 1)))

  ;; How many bits the magnitude has.
  (func $bits (param $object i32) (result i32) (local $n i32) (local $count i32)
    (if (i32.and (local.get $object) (i32.const 1))
      (then
        (local.set $n (i32.shr_s (local.get $object) (i32.const 1)))
        (return
          (i32.sub (i32.const 32)
            (i32.clz
              (select (i32.sub (i32.const 0) (local.get $n)) (local.get $n)
                (i32.lt_s (local.get $n) (i32.const 0))))))))
    (local.set $count (i32.load offset=8 (local.get $object)))
    (if (i32.eqz (local.get $count)) (then (return (i32.const 0))))
    (local.set $n
      (i32.load16_u
        (i32.sub
          (i32.add (i32.load offset=12 (local.get $object)) (i32.shl (local.get $count) (i32.const 1)))
          (i32.const 2))))
    (i32.sub
      (i32.add (i32.shl (local.get $count) (i32.const 4)) (i32.const 16))
      (i32.clz (local.get $n))))

  (func $power_of_two (param $n i32) (result f64)
    (f64.reinterpret_i64
      (i64.shl (i64.extend_i32_u (i32.add (local.get $n) (i32.const 1023))) (i64.const 52))))

  ;; f·2^n, where f has 68 bits at the most; the last step alone rounds.
  (func $scaled (param $f f64) (param $n i32) (result f64) (local $first i32)
    (if (i32.gt_s (local.get $n) (i32.const 1023)) (then (return (f64.const inf))))
    (if (i32.lt_s (local.get $n) (i32.const -1400)) (then (return (f64.mul (local.get $f) (f64.const 0)))))
    (local.set $first
      (select (local.get $n) (i32.const -1000) (i32.gt_s (local.get $n) (i32.const -1000))))
    (f64.mul
      (f64.mul (local.get $f) (call $power_of_two (local.get $first)))
      (call $power_of_two (i32.sub (local.get $n) (local.get $first)))))

  ;; The quotient with 66 bits, and one more that tells whether there is a remainder: rounded once.
  (func $divided (param $left i32) (param $right i32) (result i32)
    (local $shift i32) (local $quotient i32) (local $rest i32) (local $f f64)
    (local.set $shift
      (i32.add
        (i32.sub (i32.const 66) (call $bits (local.get $left)))
        (call $bits (local.get $right))))
    (if (i32.gt_s (local.get $shift) (i32.const 0))
      (then
        (local.set $left
          (call $binary_op (i32.const 25) (local.get $left) (call $small (local.get $shift))))))
    (if (i32.lt_s (local.get $shift) (i32.const 0))
      (then
        (local.set $right
          (call $binary_op (i32.const 25) (local.get $right)
            (call $small (i32.sub (i32.const 0) (local.get $shift)))))))
    (local.set $rest (call $binary_op (i32.const 33) (local.get $left) (local.get $right)))
    (local.set $quotient
      (call $binary_op (i32.const 25)
        (call $binary_op (i32.const 31) (local.get $left) (local.get $right))
        (i32.const 3)))
    (if (i32.ne (call $bits (local.get $rest)) (i32.const 0))
      (then (local.set $quotient (call $binary_op (i32.const 27) (local.get $quotient) (i32.const 3)))))
    (local.set $f
      (call $scaled
        (call $rounded (i32.add (local.get $quotient) (i32.const 4)))
        (i32.sub (i32.const -1) (local.get $shift))))
    (if (f64.eq (f64.abs (local.get $f)) (f64.const inf))
      (then (call $raise_format (global.get $overflow_error) (i32.const 3968) (i32.const 0))))
    (call $new_float (local.get $f)))

  ;; Division by zero, with the texts of operators.wat: // is 18 and 31, % is 20 and 33.
  (func $refuse_zero (param $op i32)
    (if (i32.or (i32.eq (local.get $op) (i32.const 18)) (i32.eq (local.get $op) (i32.const 31)))
      (then (call $raise_format (global.get $zero_division_error) (i32.const 2560) (i32.const 0))))
    (if (i32.or (i32.eq (local.get $op) (i32.const 20)) (i32.eq (local.get $op) (i32.const 33)))
      (then (call $raise_format (global.get $zero_division_error) (i32.const 2624) (i32.const 0)))))

  ;; Whether a float is the integer, whatever it is.
  (func $is_exact (param $object i32) (result i32) (i32.le_u (call $bits (local.get $object)) (i32.const 53)))

  (func (export "int_op") (param $op i32) (param $left i32) (param $right i32) (result i32) (local $result i32)
    (if (i32.lt_u (local.get $op) (i32.const 6))
      (then
        (if (i32.and (call $is_float (local.get $right)) (call $is_large (local.get $left)))
          (then
            (return (call $compared (local.get $op) (local.get $left) (f64.load offset=8 (local.get $right)))))))
      (else
        (if (i32.and (call $is_int (local.get $left)) (call $is_int (local.get $right)))
          (then
            (if (i32.or (i32.eq (local.get $op) (i32.const 32)) (i32.eq (local.get $op) (i32.const 19)))
              (then
                (if (i32.and
                      (i32.eqz
                        (i32.and (call $is_exact (local.get $left)) (call $is_exact (local.get $right))))
                      (i32.and
                        (i32.ne (call $bits (local.get $left)) (i32.const 0))
                        (i32.ne (call $bits (local.get $right)) (i32.const 0))))
                  (then (return (call $divided (local.get $left) (local.get $right))))))
              (else
                (if (i32.eq (local.get $right) (i32.const 1)) (then (call $refuse_zero (local.get $op))))
                (local.set $result (call $calculated (local.get $op) (local.get $left) (local.get $right)))
                (if (local.get $result) (then (return (local.get $result))))))))))
    (call $original_int_op (local.get $op) (local.get $left) (local.get $right)))

  ;; ---- math.floor(), math.ceil(), math.trunc(): of an integer, itself ----

  (func (export "floor") (param $x i32) (result i32)
    (if (result i32) (call $is_int (local.get $x))
      (then (local.get $x)) (else (call $original_floor (local.get $x)))))

  (func (export "ceil") (param $x i32) (result i32)
    (if (result i32) (call $is_int (local.get $x))
      (then (local.get $x)) (else (call $original_ceil (local.get $x)))))

  (func (export "trunc") (param $x i32) (result i32)
    (if (result i32) (call $is_int (local.get $x))
      (then (local.get $x)) (else (call $original_trunc (local.get $x))))))
