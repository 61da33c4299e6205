;; Operations and their errors, as CPython has them. `npm run generate` assembles this file into operators.generated.ts;
;; operators.ts puts the functions in the place of the artifact's own.
;;
;; What is said lies at the beginning of memory, in the part of the C stack that nothing reaches: sessions have another
;; (EmscriptenPython.moveStack).
(module
  (import "original" "raise_format" (func $original_raise_format (param i32 i32 i32)))
  (import "original" "binary_op" (func $original_binary_op (param i32 i32 i32) (result i32)))
  (import "original" "instance_binary_op" (func $original_instance_binary_op (param i32 i32 i32) (result i32)))
  (import "original" "parse_float" (func $original_parse_float (param i32 i32 i32 i32 i32) (result i32)))
  ;; mp_obj_int_binary_op(): of integers whose result may be no small one.
  (import "artifact" "int_op" (func $int_op (param i32 i32 i32) (result i32)))
  ;; Bytes that the collector knows.
  (import "artifact" "allocate" (func $allocate (param i32) (result i32)))
  (import "artifact" "memory" (memory 0))
  ;; Addresses of the texts "unsupported types for %q: '%s', '%s'" and "unsupported type for %q: '%s'", and of the names
  ;; of the methods of operations: a byte for each of mp_binary_op_t.
  (import "artifact" "binary" (global $binary i32))
  (import "artifact" "unary" (global $unary i32))
  (import "artifact" "binary_names" (global $binary_names i32))

  ;; Addresses of the texts "need more than %d values to unpack", "'%s' object has no attribute '%q'" where one is set,
  ;; "invalid syntax for number" and "division by zero".
  (import "artifact" "unpack" (global $unpack i32))
  (import "artifact" "no_attribute" (global $no_attribute i32))
  (import "artifact" "bad_number" (global $bad_number i32))
  (import "artifact" "zero_division" (global $zero_division i32))

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
  ;; Further texts, 64 bytes each.
  (data (i32.const 2560) "integer division or modulo by zero")
  (data (i32.const 2624) "integer modulo by zero")
  (data (i32.const 2688) "float division by zero")
  (data (i32.const 2752) "float floor division by zero")
  (data (i32.const 2816) "float modulo")
  (data (i32.const 2880) "0.0 cannot be raised to a negative power")
  (data (i32.const 2944) "float divmod()")
  (data (i32.const 3008) "not enough values to unpack (expected %d, got %d)")
  (data (i32.const 3072) "not enough values to unpack (expected at least %d, got %d)")
  (data (i32.const 3136) "property '%q' of '%s' object has no setter")
  (data (i32.const 3200) "could not convert string to float: ")
  (data (i32.const 3264) "complex() arg is a malformed string")

  ;; Words for what an error is to say more than the artifact's has at hand: how many values were expected, and bit 31
  ;; where more may be; the object whose attribute was to be set; the text of a number, its length, and whether it is to
  ;; be a complex one.
  (func $expected_at (result i32) (i32.const 3840))
  (func $set_in_at (result i32) (i32.const 3844))
  (func $number_at (result i32) (i32.const 3848))

  ;; mp_raise_msg_varg(). $args: the words of a variadic call, which are the caller's to lose.
  (func (export "raise_format") (param $type i32) (param $text i32) (param $args i32)
    (if (i32.eq (local.get $text) (global.get $binary))
      (then (local.set $text (call $binary_text (local.get $text) (local.get $args)))))
    (if (i32.eq (local.get $text) (global.get $unary))
      (then (local.set $text (call $unary_text (local.get $text) (local.get $args)))))
    (if (i32.eq (local.get $text) (global.get $unpack))
      (then (local.set $text (call $unpack_text (local.get $args)))))
    (if (i32.and
          (i32.eq (local.get $text) (global.get $no_attribute))
          (i32.ne (i32.load (call $set_in_at)) (i32.const 0)))
      (then (local.set $text (call $set_text (local.get $text) (local.get $args)))))
    (call $original_raise_format (local.get $type) (local.get $text) (local.get $args)))

  ;; ---- operations ----

  ;; Whether an object is one of a class of the program's: its type has MP_TYPE_FLAG_INSTANCE_TYPE.
  (func $is_instance (param $object i32) (result i32)
    (if (i32.and (local.get $object) (i32.const 3)) (then (return (i32.const 0))))
    (i32.and (i32.load8_u offset=5 (i32.load (local.get $object))) (i32.const 2)))

  ;; < > <= >= are 0 1 3 4.
  (func $is_order (param $op i32) (result i32)
    (i32.and (i32.lt_u (local.get $op) (i32.const 5)) (i32.ne (local.get $op) (i32.const 2))))

  ;; Of an order, that of the operands in turn.
  (func $turned (param $op i32) (result i32)
    (i32.xor (local.get $op)
      (select (i32.const 1) (i32.const 7) (i32.lt_u (local.get $op) (i32.const 2)))))

  ;; instance_binary_op(): a class that has no order for its objects on the left may have one for those on the right.
  ;; https://docs.python.org/3/reference/datamodel.html#object.__lt__
  (func (export "instance_binary_op") (param $op i32) (param $left i32) (param $right i32) (result i32) (local $result i32)
    (local.set $result
      (call $original_instance_binary_op (local.get $op) (local.get $left) (local.get $right)))
    (if (i32.eqz (local.get $result))
      (then
        (if (call $is_order (local.get $op))
          (then
            (if (call $is_instance (local.get $right))
              (then
                (local.set $result
                  (call $original_instance_binary_op
                    (call $turned (local.get $op)) (local.get $right) (local.get $left)))))))))
    (local.get $result))

  ;; mp_binary_op(). Small integers (their value shifted left by one, and 1) are compared and calculated with here, where
  ;; the result is one, too.
  (func (export "binary_op") (param $op i32) (param $left i32) (param $right i32) (result i32)
    (local $n i32) (local $product i64)
    (if (i32.and (i32.and (local.get $left) (local.get $right)) (i32.const 1))
      (then
        (block $other (block $large
          (block $mod (block $floor (block $mul (block $sub (block $add (block $and
          (block $ne (block $ge (block $le (block $eq (block $gt (block $lt
            (br_table $lt $gt $eq $le $ge $ne $other $other $other $other $other $and $other $other $add $sub $mul $other
              $floor $other $mod $other $other $other $and $other $other $add $sub $mul $other $floor $other $mod $other
              (local.get $op)))
            (return (select (i32.const 30) (i32.const 14) (i32.lt_s (local.get $left) (local.get $right)))))
            (return (select (i32.const 30) (i32.const 14) (i32.gt_s (local.get $left) (local.get $right)))))
            (return (select (i32.const 30) (i32.const 14) (i32.eq (local.get $left) (local.get $right)))))
            (return (select (i32.const 30) (i32.const 14) (i32.le_s (local.get $left) (local.get $right)))))
            (return (select (i32.const 30) (i32.const 14) (i32.ge_s (local.get $left) (local.get $right)))))
            (return (select (i32.const 30) (i32.const 14) (i32.ne (local.get $left) (local.get $right)))))
            (return (i32.and (local.get $left) (local.get $right))))
            ;; The sum's sign is that of one operand at least, or it does not fit.
            (local.set $n (i32.add (i32.sub (local.get $left) (i32.const 1)) (local.get $right)))
            (br_if $large
              (i32.lt_s
                (i32.and (i32.xor (local.get $left) (local.get $n)) (i32.xor (local.get $right) (local.get $n)))
                (i32.const 0)))
            (return (local.get $n)))
            (local.set $n (i32.add (i32.sub (local.get $left) (local.get $right)) (i32.const 1)))
            (br_if $large
              (i32.lt_s
                (i32.and (i32.xor (local.get $left) (local.get $right)) (i32.xor (local.get $left) (local.get $n)))
                (i32.const 0)))
            (return (local.get $n)))
            (local.set $product
              (i64.mul
                (i64.extend_i32_s (i32.sub (local.get $left) (i32.const 1)))
                (i64.extend_i32_s (i32.shr_s (local.get $right) (i32.const 1)))))
            (local.set $n (i32.wrap_i64 (local.get $product)))
            (br_if $large (i64.ne (i64.extend_i32_s (local.get $n)) (local.get $product)))
            (return (i32.or (local.get $n) (i32.const 1))))
            ;; Of what is not negative, by what is positive.
            (br_if $other (i32.or (i32.lt_s (local.get $left) (i32.const 0)) (i32.le_s (local.get $right) (i32.const 1))))
            (return
              (i32.or
                (i32.shl
                  (i32.div_u (i32.shr_u (local.get $left) (i32.const 1)) (i32.shr_u (local.get $right) (i32.const 1)))
                  (i32.const 1))
                (i32.const 1))))
            (br_if $other (i32.or (i32.lt_s (local.get $left) (i32.const 0)) (i32.le_s (local.get $right) (i32.const 1))))
            (return
              (i32.or
                (i32.shl
                  (i32.rem_u (i32.shr_u (local.get $left) (i32.const 1)) (i32.shr_u (local.get $right) (i32.const 1)))
                  (i32.const 1))
                (i32.const 1))))
          (return (call $int_op (local.get $op) (local.get $left) (local.get $right)))))
      (else
        (if (call $is_order (local.get $op))
          (then
            (if (call $is_instance (local.get $right))
              (then
                (if (i32.eqz (call $is_instance (local.get $left)))
                  (then
                    (local.set $n
                      (call $original_instance_binary_op
                        (call $turned (local.get $op)) (local.get $right) (local.get $left)))
                    (if (local.get $n) (then (return (local.get $n))))))))))))
    (call $original_binary_op (local.get $op) (local.get $left) (local.get $right)))

  ;; ---- what is divided by zero ----
  ;; // is 18 and 31, / 19 and 32, % 20 and 33, ** 21 and 34, divmod() 35.

  (func (export "integer_zero") (param $op i32) (result i32)
    (if (i32.or (i32.eq (local.get $op) (i32.const 20)) (i32.eq (local.get $op) (i32.const 33)))
      (then (return (i32.const 2624))))
    (if (i32.or (i32.eq (local.get $op) (i32.const 19)) (i32.eq (local.get $op) (i32.const 32)))
      (then (return (global.get $zero_division))))
    (i32.const 2560))

  (func (export "float_zero") (param $op i32) (result i32)
    (if (i32.eq (local.get $op) (i32.const 35)) (then (return (i32.const 2944))))
    (if (i32.ge_u (local.get $op) (i32.const 31)) (then (local.set $op (i32.sub (local.get $op) (i32.const 13)))))
    (if (i32.eq (local.get $op) (i32.const 19)) (then (return (i32.const 2688))))
    (if (i32.eq (local.get $op) (i32.const 18)) (then (return (i32.const 2752))))
    (if (i32.eq (local.get $op) (i32.const 20)) (then (return (i32.const 2816))))
    (i32.const 2880))

  ;; ---- values to unpack ----

  (func (export "expected") (param $count i32) (result i32)
    (i32.store (call $expected_at) (local.get $count))
    (global.get $unpack))

  ;; Of how many there are to be before and behind the star, a byte each.
  (func (export "expected_at_least") (param $counts i32) (result i32)
    (i32.store (call $expected_at)
      (i32.or
        (i32.add
          (i32.and (local.get $counts) (i32.const 255))
          (i32.and (i32.shr_u (local.get $counts) (i32.const 8)) (i32.const 255)))
        (i32.const 0x80000000)))
    (local.get $counts))

  ;; (how many there are): becomes (how many are expected, how many there are).
  (func $unpack_text (param $args i32) (result i32) (local $expected i32)
    (local.set $expected (i32.load (call $expected_at)))
    (i32.store offset=4 (local.get $args) (i32.load (local.get $args)))
    (i32.store (local.get $args) (i32.and (local.get $expected) (i32.const 0x7fffffff)))
    (select (i32.const 3072) (i32.const 3008) (i32.lt_s (local.get $expected) (i32.const 0))))

  ;; ---- attributes that cannot be set ----

  (func (export "set_in") (param $object i32) (result i32)
    (i32.store (call $set_in_at) (select (local.get $object) (i32.const 0) (call $is_instance (local.get $object))))
    (local.get $object))

  ;; (type, name of the attribute). If the class has it, it is a property without a setter: (name, type).
  ;; A dict   +8 room  +12 → entries of two words, of which there are that many
  (func $set_text (param $text i32) (param $args i32) (result i32)
    (local $class i32) (local $entry i32) (local $end i32) (local $name i32)
    (local.set $class (i32.load (i32.load (call $set_in_at))))
    (i32.store (call $set_in_at) (i32.const 0))
    (local.set $name (i32.load offset=4 (local.get $args)))
    ;; Slots begin at 20, by their numbers from 1; that of the dict of names is at 19.
    (if (i32.eqz (i32.load8_u offset=19 (local.get $class))) (then (return (local.get $text))))
    (local.set $class
      (i32.load offset=16
        (i32.add (local.get $class) (i32.shl (i32.load8_u offset=19 (local.get $class)) (i32.const 2)))))
    (local.set $entry (i32.load offset=12 (local.get $class)))
    (local.set $end
      (i32.add (local.get $entry) (i32.shl (i32.load offset=8 (local.get $class)) (i32.const 3))))
    (block $none
      (loop $next
        (br_if $none (i32.ge_u (local.get $entry) (local.get $end)))
        ;; The object of an interned string is its number << 3 | 2.
        (if (i32.eq
              (i32.load (local.get $entry))
              (i32.or (i32.shl (local.get $name) (i32.const 3)) (i32.const 2)))
          (then
            (i32.store offset=4 (local.get $args) (i32.load (local.get $args)))
            (i32.store (local.get $args) (local.get $name))
            (return (i32.const 3136))))
        (local.set $entry (i32.add (local.get $entry) (i32.const 8)))
        (br $next)))
    (local.get $text))

  ;; ---- texts that are no numbers ----

  ;; mp_parse_num_float(): what is parsed is remembered for the error.
  (func (export "parse_float")
    (param $text i32) (param $length i32) (param $imaginary i32) (param $complex i32) (param $lexer i32) (result i32)
    (i32.store (call $number_at) (local.get $text))
    (i32.store offset=4 (call $number_at) (local.get $length))
    (i32.store offset=8 (call $number_at) (local.get $complex))
    (call $original_parse_float (local.get $text) (local.get $length) (local.get $imaginary) (local.get $complex)
      (local.get $lexer)))

  ;; In a program's source it is a SyntaxError.
  (func (export "number_text") (param $lexer i32) (result i32)
    (local $text i32) (local $from i32) (local $at i32) (local $left i32) (local $quote i32) (local $byte i32)
    (if (local.get $lexer) (then (return (global.get $bad_number))))
    (if (i32.load offset=8 (call $number_at)) (then (return (i32.const 3264))))
    (local.set $from (i32.load (call $number_at)))
    (local.set $left (i32.load offset=4 (call $number_at)))
    ;; As repr(): with \\ \n \r \t, and in double quotes if it has single ones alone.
    (local.set $text (call $allocate (i32.add (i32.const 40) (i32.shl (local.get $left) (i32.const 1)))))
    (local.set $at (local.get $text))
    (local.set $byte (i32.const 3200))
    (loop $copy
      (i32.store8 (local.get $at) (i32.load8_u (local.get $byte)))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br_if $copy (i32.load8_u (local.tee $byte (i32.add (local.get $byte) (i32.const 1))))))
    (local.set $quote (call $quote_of (local.get $from) (local.get $left)))
    (i32.store8 (local.get $at) (local.get $quote))
    (local.set $at (i32.add (local.get $at) (i32.const 1)))
    (block $end
      (loop $next
        (br_if $end (i32.eqz (local.get $left)))
        (local.set $byte (i32.load8_u (local.get $from)))
        (local.set $from (i32.add (local.get $from) (i32.const 1)))
        (local.set $left (i32.sub (local.get $left) (i32.const 1)))
        (if (call $escape_of (local.get $byte) (local.get $quote))
          (then
            (i32.store8 (local.get $at) (i32.const 92))
            (local.set $at (i32.add (local.get $at) (i32.const 1)))
            (local.set $byte (call $escape_of (local.get $byte) (local.get $quote)))))
        (i32.store8 (local.get $at) (local.get $byte))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $next)))
    (i32.store8 (local.get $at) (local.get $quote))
    (i32.store8 offset=1 (local.get $at) (i32.const 0))
    (local.get $text))

  (func $quote_of (param $from i32) (param $left i32) (result i32) (local $single i32) (local $double i32)
    (block $end
      (loop $next
        (br_if $end (i32.eqz (local.get $left)))
        (local.set $single
          (i32.or (local.get $single) (i32.eq (i32.load8_u (local.get $from)) (i32.const 39))))
        (local.set $double
          (i32.or (local.get $double) (i32.eq (i32.load8_u (local.get $from)) (i32.const 34))))
        (local.set $from (i32.add (local.get $from) (i32.const 1)))
        (local.set $left (i32.sub (local.get $left) (i32.const 1)))
        (br $next)))
    (select (i32.const 34) (i32.const 39) (i32.and (local.get $single) (i32.eqz (local.get $double)))))

  ;; What stands behind a backslash for a byte; 0 if it stands for itself.
  (func $escape_of (param $byte i32) (param $quote i32) (result i32)
    (if (i32.or (i32.eq (local.get $byte) (i32.const 92)) (i32.eq (local.get $byte) (local.get $quote)))
      (then (return (local.get $byte))))
    (if (i32.eq (local.get $byte) (i32.const 10)) (then (return (i32.const 110))))
    (if (i32.eq (local.get $byte) (i32.const 13)) (then (return (i32.const 114))))
    (if (i32.eq (local.get $byte) (i32.const 9)) (then (return (i32.const 116))))
    (i32.const 0))

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
