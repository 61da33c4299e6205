;; Floats as CPython prints them: repr() with the fewest digits that read back as the same number, and every format
;; rounded from the number's exact value, halves to even. `npm run generate` assembles this file into
;; floats.generated.ts; floats.ts puts the function in the place of the artifact's own.
;;
;; A float is mantissa * 2^exponent, and all that follows is exact: its digits are quotients of two large numbers R / S,
;; where P / S and M / S are half the distances to the next floats above and below.
;; https://doi.org/10.1145/93542.93559 (Steele and White), https://doi.org/10.1145/231379.231397 (Burger and Dybvig)
;;
;; A large number   +0 words in use, the last of them not 0   +4 words of 32 bits, the lowest first
;; At "scratch"     R, S, P, M and a sum, 192 bytes each; from 960 on digits as characters, at most 62; at 1024 their
;;                  number, at 1028 the place of the decimal point: 0.DIGITS * 10^place
(module
  (import "artifact" "memory" (memory 0))
  (import "artifact" "scratch" (global $scratch i32))

  (func $R (result i32) (global.get $scratch))
  (func $S (result i32) (i32.add (global.get $scratch) (i32.const 192)))
  (func $P (result i32) (i32.add (global.get $scratch) (i32.const 384)))
  (func $M (result i32) (i32.add (global.get $scratch) (i32.const 576)))
  (func $sum (result i32) (i32.add (global.get $scratch) (i32.const 768)))
  (func $digits (result i32) (i32.add (global.get $scratch) (i32.const 960)))
  (func $count (result i32) (i32.load offset=1024 (global.get $scratch)))
  (func $set_count (param $count i32) (i32.store offset=1024 (global.get $scratch) (local.get $count)))
  (func $point (result i32) (i32.load offset=1028 (global.get $scratch)))
  (func $set_point (param $point i32) (i32.store offset=1028 (global.get $scratch) (local.get $point)))

  ;; ---- large numbers ----

  (func $set (param $x i32) (param $value i64)
    (i64.store offset=4 align=4 (local.get $x) (local.get $value))
    (i32.store (local.get $x)
      (i32.add (i32.const 1) (i64.ne (i64.shr_u (local.get $value) (i64.const 32)) (i64.const 0)))))

  (func $multiply (param $x i32) (param $by i64)
    (local $at i32) (local $end i32) (local $carry i64)
    (local.set $at (i32.add (local.get $x) (i32.const 4)))
    (local.set $end (i32.add (local.get $at) (i32.shl (i32.load (local.get $x)) (i32.const 2))))
    (loop $word
      (local.set $carry
        (i64.add (i64.mul (i64.load32_u (local.get $at)) (local.get $by)) (local.get $carry)))
      (i64.store32 (local.get $at) (local.get $carry))
      (local.set $carry (i64.shr_u (local.get $carry) (i64.const 32)))
      (br_if $word (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 4))) (local.get $end))))
    (if (i64.ne (local.get $carry) (i64.const 0))
      (then
        (i64.store32 (local.get $at) (local.get $carry))
        (i32.store (local.get $x) (i32.add (i32.load (local.get $x)) (i32.const 1))))))

  (func $multiply_by_power_of_ten (param $x i32) (param $power i32)
    (local $by i64)
    (loop $nine
      (if (i32.ge_u (local.get $power) (i32.const 9))
        (then
          (call $multiply (local.get $x) (i64.const 1000000000))
          (local.set $power (i32.sub (local.get $power) (i32.const 9)))
          (br $nine))))
    (local.set $by (i64.const 1))
    (loop $one
      (if (local.get $power)
        (then
          (local.set $by (i64.mul (local.get $by) (i64.const 10)))
          (local.set $power (i32.sub (local.get $power) (i32.const 1)))
          (br $one))))
    (call $multiply (local.get $x) (local.get $by)))

  (func $shift_left (param $x i32) (param $bits i32)
    (local $words i32) (local $length i32)
    (local.set $words (i32.shr_u (local.get $bits) (i32.const 5)))
    (if (local.get $words)
      (then
        (local.set $length (i32.load (local.get $x)))
        (memory.copy
          (i32.add (i32.add (local.get $x) (i32.const 4)) (i32.shl (local.get $words) (i32.const 2)))
          (i32.add (local.get $x) (i32.const 4))
          (i32.shl (local.get $length) (i32.const 2)))
        (memory.fill
          (i32.add (local.get $x) (i32.const 4))
          (i32.const 0)
          (i32.shl (local.get $words) (i32.const 2)))
        (i32.store (local.get $x) (i32.add (local.get $length) (local.get $words)))))
    (call $multiply (local.get $x)
      (i64.shl (i64.const 1) (i64.extend_i32_u (i32.and (local.get $bits) (i32.const 31))))))

  ;; Below 0, 0 or above it.
  (func $compare (param $a i32) (param $b i32) (result i32)
    (local $at i32) (local $difference i32)
    (local.set $at (i32.shl (i32.load (local.get $a)) (i32.const 2)))
    (if (local.tee $difference (i32.sub (i32.load (local.get $a)) (i32.load (local.get $b))))
      (then (return (local.get $difference))))
    (loop $word
      (if (i32.eqz (local.get $at)) (then (return (i32.const 0))))
      (if (i32.ne (i32.load (i32.add (local.get $a) (local.get $at))) (i32.load (i32.add (local.get $b) (local.get $at))))
        (then
          (return
            (select (i32.const 1) (i32.const -1)
              (i32.gt_u
                (i32.load (i32.add (local.get $a) (local.get $at)))
                (i32.load (i32.add (local.get $b) (local.get $at))))))))
      (local.set $at (i32.sub (local.get $at) (i32.const 4)))
      (br $word))
    (unreachable))

  ;; Compares R + P with S.
  (func $compare_above (result i32)
    (local $length i32) (local $at i32) (local $end i32) (local $carry i64)
    (local.set $length
      (select (i32.load (call $R)) (i32.load (call $P)) (i32.gt_u (i32.load (call $R)) (i32.load (call $P)))))
    (local.set $end (i32.shl (local.get $length) (i32.const 2)))
    (loop $word
      (local.set $at (i32.add (local.get $at) (i32.const 4)))
      (local.set $carry
        (i64.add (local.get $carry)
          (i64.add (call $word_at (call $R) (local.get $at)) (call $word_at (call $P) (local.get $at)))))
      (i64.store32 (i32.add (call $sum) (local.get $at)) (local.get $carry))
      (local.set $carry (i64.shr_u (local.get $carry) (i64.const 32)))
      (br_if $word (i32.lt_u (local.get $at) (local.get $end))))
    (if (i64.ne (local.get $carry) (i64.const 0))
      (then
        (i64.store32 offset=4 (i32.add (call $sum) (local.get $at)) (local.get $carry))
        (local.set $length (i32.add (local.get $length) (i32.const 1)))))
    (i32.store (call $sum) (local.get $length))
    (call $compare (call $sum) (call $S)))

  ;; The word at 4, 8, … of a number, which may be beyond its end.
  (func $word_at (param $x i32) (param $at i32) (result i64)
    (if (result i64) (i32.gt_u (local.get $at) (i32.shl (i32.load (local.get $x)) (i32.const 2)))
      (then (i64.const 0))
      (else (i64.load32_u (i32.add (local.get $x) (local.get $at))))))

  ;; R less `by` times S, which is not more. R has as many words as S.
  (func $subtract (param $by i64)
    (local $at i32) (local $end i32) (local $borrow i64) (local $part i64)
    (local.set $end (i32.shl (i32.load (call $S)) (i32.const 2)))
    (loop $word
      (local.set $at (i32.add (local.get $at) (i32.const 4)))
      (local.set $borrow
        (i64.add (local.get $borrow)
          (i64.mul (i64.load32_u (i32.add (call $S) (local.get $at))) (local.get $by))))
      (local.set $part
        (i64.sub
          (i64.load32_u (i32.add (call $R) (local.get $at)))
          (i64.and (local.get $borrow) (i64.const 0xffffffff))))
      (i64.store32 (i32.add (call $R) (local.get $at)) (local.get $part))
      (local.set $borrow
        (i64.add (i64.shr_u (local.get $borrow) (i64.const 32)) (i64.shr_u (local.get $part) (i64.const 63))))
      (br_if $word (i32.lt_u (local.get $at) (local.get $end))))
    ;; Words of 0 at the end are not in use, but one.
    (loop $trim
      (if (i32.gt_u (local.get $at) (i32.const 4))
        (then
          (if (i32.eqz (i32.load (i32.add (call $R) (local.get $at))))
            (then
              (local.set $at (i32.sub (local.get $at) (i32.const 4)))
              (br $trim))))))
    (i32.store (call $R) (i32.shr_u (local.get $at) (i32.const 2))))

  ;; ---- digits ----

  ;; The whole part of R / S, 0 to 9; R becomes the rest. S's last word is at least 2^27 and less than 2^28, so that
  ;; the quotient of last words is right or one too small.
  (func $next_digit (result i32)
    (local $top i32) (local $digit i32)
    (if (i32.lt_u (i32.load (call $R)) (i32.load (call $S))) (then (return (i32.const 0))))
    (local.set $top (i32.shl (i32.load (call $S)) (i32.const 2)))
    (local.set $digit
      (i32.div_u
        (i32.load (i32.add (call $R) (local.get $top)))
        (i32.add (i32.load (i32.add (call $S) (local.get $top))) (i32.const 1))))
    (if (local.get $digit) (then (call $subtract (i64.extend_i32_u (local.get $digit)))))
    (if (i32.ge_s (call $compare (call $R) (call $S)) (i32.const 0))
      (then
        (call $subtract (i64.const 1))
        (local.set $digit (i32.add (local.get $digit) (i32.const 1)))))
    (local.get $digit))

  (func $add_digit (param $digit i32)
    (i32.store8 (i32.add (call $digits) (call $count)) (i32.add (local.get $digit) (i32.const 48)))
    (call $set_count (i32.add (call $count) (i32.const 1))))

  ;; Makes the digits of a number above 0. `way` 0: the fewest that read back as the number; 1: `wanted` of them;
  ;; 2: those before the point and `wanted` behind it, which may be none.
  (func $make_digits (param $number f64) (param $way i32) (param $wanted i32)
    (local $mantissa i64) (local $exponent i32) (local $up i32) (local $down i32) (local $uneven i32) (local $even i32)
    (local $point i32) (local $shift i32)
    (local.set $mantissa (i64.and (i64.reinterpret_f64 (local.get $number)) (i64.const 0xfffffffffffff)))
    (local.set $exponent
      (i32.wrap_i64 (i64.shr_u (i64.reinterpret_f64 (local.get $number)) (i64.const 52))))
    ;; The float below a power of two is half as far away as the one above.
    (local.set $uneven (i32.and (i64.eqz (local.get $mantissa)) (i32.gt_u (local.get $exponent) (i32.const 1))))
    (if (local.get $exponent)
      (then (local.set $mantissa (i64.or (local.get $mantissa) (i64.const 0x10000000000000))))
      (else (local.set $exponent (i32.const 1))))
    (local.set $exponent (i32.sub (local.get $exponent) (i32.const 1075)))
    (local.set $even (i32.eqz (i32.wrap_i64 (i64.and (local.get $mantissa) (i64.const 1)))))
    (if (i32.gt_s (local.get $exponent) (i32.const 0))
      (then (local.set $up (local.get $exponent)))
      (else (local.set $down (i32.sub (i32.const 0) (local.get $exponent)))))
    (call $set (call $R) (local.get $mantissa))
    (call $shift_left (call $R) (i32.add (i32.add (local.get $up) (i32.const 1)) (local.get $uneven)))
    (call $set (call $S) (i64.const 1))
    (call $shift_left (call $S) (i32.add (i32.add (local.get $down) (i32.const 1)) (local.get $uneven)))
    (call $set (call $M) (i64.const 1))
    (call $set (call $P) (i64.const 1))
    (if (i32.eqz (local.get $way))
      (then
        (call $shift_left (call $M) (local.get $up))
        (call $shift_left (call $P) (i32.add (local.get $up) (local.get $uneven)))))
    ;; The place of the point, which may be one too small: log10(2) for each bit but the last.
    (local.set $point
      (i32.trunc_f64_s
        (f64.ceil
          (f64.sub
            (f64.mul
              (f64.convert_i32_s
                (i32.sub
                  (i32.add (local.get $exponent) (i32.const 63))
                  (i32.wrap_i64 (i64.clz (local.get $mantissa)))))
              (f64.const 0.30102999566398114))
            (f64.const 1e-10)))))
    (if (i32.ge_s (local.get $point) (i32.const 0))
      (then (call $multiply_by_power_of_ten (call $S) (local.get $point)))
      (else (call $scale (i32.sub (i32.const 0) (local.get $point)) (local.get $way))))
    ;; S's last word gets 28 bits.
    (local.set $shift
      (i32.and
        (i32.sub (i32.clz (i32.load (i32.add (call $S) (i32.shl (i32.load (call $S)) (i32.const 2))))) (i32.const 4))
        (i32.const 31)))
    (call $shift_left (call $S) (local.get $shift))
    (call $shift_left (call $R) (local.get $shift))
    (if (i32.eqz (local.get $way))
      (then
        (call $shift_left (call $M) (local.get $shift))
        (call $shift_left (call $P) (local.get $shift))))
    (if
      (i32.gt_s
        (if (result i32) (local.get $way)
          (then (i32.add (call $compare (call $R) (call $S)) (i32.const 1)))
          (else (i32.add (call $sign (call $compare_above)) (local.get $even))))
        (i32.const 0))
      (then (local.set $point (i32.add (local.get $point) (i32.const 1))))
      (else (call $scale (i32.const 1) (local.get $way))))
    (call $set_count (i32.const 0))
    (call $set_point (local.get $point))
    (if (i32.eqz (local.get $way))
      (then
        (call $fewest_digits (local.get $even))
        (return)))
    (if (i32.eq (local.get $way) (i32.const 2))
      (then (local.set $wanted (i32.add (local.get $wanted) (local.get $point)))))
    (call $so_many_digits (local.get $wanted)))

  (func $sign (param $number i32) (result i32)
    (i32.or (i32.shr_s (local.get $number) (i32.const 31)) (i32.ne (local.get $number) (i32.const 0))))

  (func $scale (param $power i32) (param $way i32)
    (call $multiply_by_power_of_ten (call $R) (local.get $power))
    (if (i32.eqz (local.get $way))
      (then
        (call $multiply_by_power_of_ten (call $M) (local.get $power))
        (call $multiply_by_power_of_ten (call $P) (local.get $power)))))

  ;; Until what is left is less than the distance to the next float. A number in the midst between two floats is read
  ;; as the one whose mantissa is even.
  (func $fewest_digits (param $even i32)
    (local $digit i32) (local $low i32) (local $high i32) (local $half i32)
    (loop $next
      (local.set $digit (call $next_digit))
      (local.set $low (i32.lt_s (call $sign (call $compare (call $R) (call $M))) (local.get $even)))
      (local.set $high (i32.gt_s (i32.add (call $sign (call $compare_above)) (local.get $even)) (i32.const 0)))
      (if (i32.eqz (i32.or (local.get $low) (local.get $high)))
        (then
          (call $add_digit (local.get $digit))
          (call $scale (i32.const 1) (i32.const 0))
          (br $next))))
    (local.set $half (call $compare_half (local.get $digit)))
    (call $add_digit
      (i32.add (local.get $digit)
        (i32.and (local.get $high) (i32.or (i32.eqz (local.get $low)) (local.get $half))))))

  ;; Whether the rest R / S is more than a half, or a half behind an odd digit.
  (func $compare_half (param $digit i32) (result i32)
    (local $compared i32)
    (call $shift_left (call $R) (i32.const 1))
    (local.set $compared (call $compare (call $R) (call $S)))
    (i32.or
      (i32.gt_s (local.get $compared) (i32.const 0))
      (i32.and (i32.eqz (local.get $compared)) (i32.and (local.get $digit) (i32.const 1)))))

  (func $so_many_digits (param $wanted i32)
    (local $digit i32) (local $at i32)
    (if (i32.lt_s (local.get $wanted) (i32.const 0)) (then (return)))
    ;; None: the number is below the last place, and may be rounded up to 1 there.
    (if (i32.eqz (local.get $wanted))
      (then (call $multiply (call $S) (i64.const 10)))
      (else
        (loop $next
          (local.set $digit (call $next_digit))
          (call $add_digit (local.get $digit))
          (if (i32.lt_s (call $count) (local.get $wanted))
            (then
              (call $multiply (call $R) (i64.const 10))
              (br $next))))))
    (if (i32.eqz (call $compare_half (local.get $digit))) (then (return)))
    (local.set $at (i32.add (call $digits) (call $count)))
    (loop $carry
      (if (i32.eq (local.get $at) (call $digits))
        (then
          ;; 9.99 becomes 10.0
          (memory.copy (i32.add (call $digits) (i32.const 1)) (call $digits) (call $count))
          (i32.store8 (call $digits) (i32.const 49))
          (call $set_count (i32.add (call $count) (i32.const 1)))
          (call $set_point (i32.add (call $point) (i32.const 1)))
          (return)))
      (local.set $at (i32.sub (local.get $at) (i32.const 1)))
      (if (i32.eq (i32.load8_u (local.get $at)) (i32.const 57))
        (then
          (i32.store8 (local.get $at) (i32.const 48))
          (br $carry))))
    (i32.store8 (local.get $at) (i32.add (i32.load8_u (local.get $at)) (i32.const 1))))

  ;; The digit at an index, 0 before the first and behind the last.
  (func $digit_at (param $index i32) (result i32)
    (if (result i32) (i32.lt_u (local.get $index) (call $count))
      (then (i32.load8_u (i32.add (call $digits) (local.get $index))))
      (else (i32.const 48))))

  ;; ---- texts ----

  ;; Writes three characters and a zero.
  (func $write_word (param $at i32) (param $word i32) (param $case i32) (result i32)
    (i32.store align=1 (local.get $at)
      (i32.xor (local.get $word) (i32.mul (i32.shr_u (local.get $case) (i32.const 5)) (i32.const 0x202020))))
    (i32.add (local.get $at) (i32.const 3)))

  ;; DIGITS.DIGITS
  (func $write_fixed (param $at i32) (param $decimals i32) (result i32)
    (local $index i32)
    (if (i32.le_s (call $point) (i32.const 0))
      (then
        (i32.store8 (local.get $at) (i32.const 48))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (local.set $index (call $point)))
      (else
        (loop $digit
          (i32.store8 (local.get $at) (call $digit_at (local.get $index)))
          (local.set $at (i32.add (local.get $at) (i32.const 1)))
          (br_if $digit
            (i32.lt_s (local.tee $index (i32.add (local.get $index) (i32.const 1))) (call $point))))))
    (call $write_decimals (local.get $at) (local.get $index) (local.get $decimals)))

  ;; .DIGITS, or nothing
  (func $write_decimals (param $at i32) (param $index i32) (param $decimals i32) (result i32)
    (if (i32.le_s (local.get $decimals) (i32.const 0)) (then (return (local.get $at))))
    (i32.store8 (local.get $at) (i32.const 46))
    (local.set $at (i32.add (local.get $at) (i32.const 1)))
    (loop $digit
      (i32.store8 (local.get $at) (call $digit_at (local.get $index)))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (local.set $index (i32.add (local.get $index) (i32.const 1)))
      (br_if $digit (local.tee $decimals (i32.sub (local.get $decimals) (i32.const 1)))))
    (local.get $at))

  ;; D.DIGITSe+XX
  (func $write_scientific (param $at i32) (param $decimals i32) (param $case i32) (result i32)
    (local $power i32)
    (i32.store8 (local.get $at) (call $digit_at (i32.const 0)))
    (local.set $at
      (call $write_decimals (i32.add (local.get $at) (i32.const 1)) (i32.const 1) (local.get $decimals)))
    (local.set $power (i32.sub (call $point) (i32.const 1)))
    (i32.store8 (local.get $at) (i32.or (i32.const 69) (local.get $case)))
    (i32.store8 offset=1 (local.get $at)
      (select (i32.const 45) (i32.const 43) (i32.lt_s (local.get $power) (i32.const 0))))
    (local.set $at (i32.add (local.get $at) (i32.const 2)))
    (if (i32.lt_s (local.get $power) (i32.const 0))
      (then (local.set $power (i32.sub (i32.const 0) (local.get $power)))))
    (if (i32.ge_s (local.get $power) (i32.const 100))
      (then
        (i32.store8 (local.get $at) (i32.add (i32.div_u (local.get $power) (i32.const 100)) (i32.const 48)))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (local.set $power (i32.rem_u (local.get $power) (i32.const 100)))))
    (i32.store8 (local.get $at) (i32.add (i32.div_u (local.get $power) (i32.const 10)) (i32.const 48)))
    (i32.store8 offset=1 (local.get $at) (i32.add (i32.rem_u (local.get $power) (i32.const 10)) (i32.const 48)))
    (i32.add (local.get $at) (i32.const 2)))

  (func $least (param $a i32) (param $b i32) (result i32)
    (select (local.get $a) (local.get $b) (i32.lt_s (local.get $a) (local.get $b))))

  ;; ---- formats without a type, as in f"{x:>10}" ----
  ;; They are those of repr(), as long as no precision is given, and have a decimal point.
  ;; https://docs.python.org/3/library/string.html#format-specification-mini-language
  ;; At "scratch", 1032: whether the format at hand has no type.

  ;; In the place of the "g" that str.format() takes then, with the type that is given, or 0.
  (func (export "type_of_format") (param $type i32) (result i32)
    (i32.store offset=1032 (global.get $scratch) (i32.eqz (i32.and (local.get $type) (i32.const 255))))
    (i32.const 103))

  ;; 256 is PF_FLAG_SHOW_DECIMAL's place in flags: ".0" behind what has no point.
  (func (export "flags_of_format") (param $flags i32) (result i32)
    (i32.or (local.get $flags) (i32.shl (i32.load offset=1032 (global.get $scratch)) (i32.const 8))))

  (func (export "precision_of_format") (param $precision i32) (result i32)
    (select (i32.const 99) (local.get $precision)
      (i32.and
        (i32.load offset=1032 (global.get $scratch))
        (i32.lt_s (local.get $precision) (i32.const 0)))))

  ;; mp_format_float(): writes a number and a zero into a buffer of `size` bytes, and returns its length. `precision`
  ;; below 0 stands for 6; 99 with "g" is repr(). `sign` is a character for numbers that are not negative, or 0.
  (func (export "format_float")
    (param $number f64) (param $buffer i32) (param $size i32) (param $format i32) (param $precision i32) (param $sign i32)
    (result i32)
    (local $at i32) (local $room i32) (local $case i32) (local $repr i32)
    (local.set $at (local.get $buffer))
    (local.set $case (i32.and (local.get $format) (i32.const 32)))
    (if
      (i32.and
        (i64.lt_s (i64.reinterpret_f64 (local.get $number)) (i64.const 0))
        (f64.eq (local.get $number) (local.get $number)))
      (then
        (local.set $sign (i32.const 45))
        (local.set $number (f64.neg (local.get $number)))))
    (if (local.get $sign)
      (then
        (i32.store8 (local.get $at) (local.get $sign))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))))
    (block $written
      (if (f64.ne (local.get $number) (local.get $number))
        (then
          (local.set $at (call $write_word (local.get $at) (i32.const 0x4e414e) (local.get $case)))
          (br $written)))
      (if (f64.eq (local.get $number) (f64.const inf))
        (then
          (local.set $at (call $write_word (local.get $at) (i32.const 0x464e49) (local.get $case)))
          (br $written)))
      (local.set $room
        (i32.sub (i32.sub (local.get $size) (i32.const 1)) (i32.sub (local.get $at) (local.get $buffer))))
      (if (i32.lt_s (local.get $precision) (i32.const 0)) (then (local.set $precision (i32.const 6))))
      (local.set $format (i32.or (local.get $format) (i32.const 32)))
      ;; Non-spec: what does not fit into the buffer of 32 characters has fewer decimals, and numbers with more digits
      ;; before the point are written with "e".
      (if (i32.and (i32.eq (local.get $format) (i32.const 102)) (f64.lt (local.get $number) (f64.const 1e31)))
        (then
          (local.set $precision (call $least (local.get $precision) (i32.sub (local.get $room) (i32.const 2))))
          (local.set $room (i32.sub (local.get $room) (i32.const 1)))
          (loop $again
            (call $digits_or_zero (local.get $number) (i32.const 2) (local.get $precision))
            (if (i32.gt_s (i32.add (local.get $precision) (call $point)) (local.get $room))
              (then
                (local.set $precision
                  (select (i32.sub (local.get $room) (call $point)) (i32.const 0)
                    (i32.gt_s (local.get $room) (call $point))))
                (br_if $again (local.get $precision))
                (call $digits_or_zero (local.get $number) (i32.const 2) (i32.const 0)))))
          (local.set $at (call $write_fixed (local.get $at) (local.get $precision)))
          (br $written)))
      (if (i32.ne (local.get $format) (i32.const 103))
        (then
          (local.set $precision (call $least (local.get $precision) (i32.sub (local.get $room) (i32.const 7))))
          (call $digits_or_zero (local.get $number) (i32.const 1) (i32.add (local.get $precision) (i32.const 1)))
          (local.set $at (call $write_scientific (local.get $at) (local.get $precision) (local.get $case)))
          (br $written)))
      (local.set $repr (i32.eq (local.get $precision) (i32.const 99)))
      (if (local.get $repr)
        (then
          (local.set $precision (i32.const 16))
          (call $digits_or_zero (local.get $number) (i32.const 0) (i32.const 0)))
        (else
          (if (i32.eqz (local.get $precision)) (then (local.set $precision (i32.const 1))))
          (local.set $precision (call $least (local.get $precision) (i32.sub (local.get $room) (i32.const 6))))
          (call $digits_or_zero (local.get $number) (i32.const 1) (local.get $precision))))
      (loop $trim
        (if (i32.and
            (i32.gt_s (call $count) (i32.const 1))
            (i32.eq (call $digit_at (i32.sub (call $count) (i32.const 1))) (i32.const 48)))
          (then
            (call $set_count (i32.sub (call $count) (i32.const 1)))
            (br $trim))))
      (local.set $at
        (if (result i32)
          (i32.or
            (i32.lt_s (call $point) (i32.const -3))
            (i32.gt_s (call $point) (local.get $precision)))
          (then
            (call $write_scientific (local.get $at) (i32.sub (call $count) (i32.const 1)) (local.get $case)))
          (else (call $write_fixed (local.get $at) (i32.sub (call $count) (call $point)))))))
    (i32.store8 (local.get $at) (i32.const 0))
    (i32.sub (local.get $at) (local.get $buffer)))

  (func $digits_or_zero (param $number f64) (param $way i32) (param $wanted i32)
    (if (f64.eq (local.get $number) (f64.const 0))
      (then
        (call $set_count (i32.const 0))
        (call $add_digit (i32.const 0))
        (call $set_point (i32.const 1)))
      (else (call $make_digits (local.get $number) (local.get $way) (local.get $wanted))))))
