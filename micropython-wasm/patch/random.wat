;; Random numbers of the Mersenne Twister, as CPython's are: the same seed gives the same ones. `npm run generate`
;; assembles this file into random.generated.ts; random.ts puts the functions in the place of the artifact's own.
;;
;; Matsumoto and Nishimura, Mersenne Twister, 1998; https://docs.python.org/3/library/random.html
;;
;; At "state"   624 words; +2496 how many of them are used; +2500 the last number; +2504 a buffer's address, length and
;;              type; +2516 whether there is a seed
(module
  (import "artifact" "memory" (memory 0))
  (import "artifact" "random_u32" (func $random_u32 (result i32)))
  (import "artifact" "get_int_truncated" (func $get_int_truncated (param i32) (result i32)))
  (import "artifact" "get_buffer" (func $get_buffer (param i32 i32 i32) (result i32)))
  (import "artifact" "new_int" (func $new_int (param i32) (result i32)))
  (import "artifact" "new_float" (func $new_float (param f64) (result i32)))
  (import "artifact" "get_float" (func $get_float (param i32) (result f64)))
  (import "original" "getrandbits" (func $original_getrandbits (param i32) (result i32)))
  (import "artifact" "state" (global $state i32))

  (func $word (param $i i32) (result i32)
    (i32.load (i32.add (global.get $state) (i32.shl (local.get $i) (i32.const 2)))))

  (func $set_word (param $i i32) (param $value i32)
    (i32.store (i32.add (global.get $state) (i32.shl (local.get $i) (i32.const 2))) (local.get $value)))

  (func $init_genrand (param $seed i32) (local $i i32)
    (call $set_word (i32.const 0) (local.get $seed))
    (local.set $i (i32.const 1))
    (loop $next
      (local.set $seed
        (i32.add
          (i32.mul
            (i32.xor (local.get $seed) (i32.shr_u (local.get $seed) (i32.const 30)))
            (i32.const 1812433253))
          (local.get $i)))
      (call $set_word (local.get $i) (local.get $seed))
      (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 624))))
    (i32.store offset=2496 (global.get $state) (i32.const 624)))

  ;; The words of a key at an address; how many there are.
  (func $init_by_array (param $key i32) (param $length i32)
    (local $i i32) (local $j i32) (local $left i32) (local $before i32)
    (call $init_genrand (i32.const 19650218))
    (local.set $i (i32.const 1))
    (local.set $left
      (select (local.get $length) (i32.const 624) (i32.gt_u (local.get $length) (i32.const 624))))
    (loop $mix
      (local.set $before (call $word (i32.sub (local.get $i) (i32.const 1))))
      (call $set_word (local.get $i)
        (i32.add
          (i32.add
            (i32.xor
              (call $word (local.get $i))
              (i32.mul
                (i32.xor (local.get $before) (i32.shr_u (local.get $before) (i32.const 30)))
                (i32.const 1664525)))
            (i32.load align=1 (i32.add (local.get $key) (i32.shl (local.get $j) (i32.const 2)))))
          (local.get $j)))
      (local.set $i (call $behind (local.get $i)))
      (local.set $j (i32.rem_u (i32.add (local.get $j) (i32.const 1)) (local.get $length)))
      (br_if $mix (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
    (local.set $left (i32.const 623))
    (loop $mix
      (local.set $before (call $word (i32.sub (local.get $i) (i32.const 1))))
      (call $set_word (local.get $i)
        (i32.sub
          (i32.xor
            (call $word (local.get $i))
            (i32.mul
              (i32.xor (local.get $before) (i32.shr_u (local.get $before) (i32.const 30)))
              (i32.const 1566083941)))
          (local.get $i)))
      (local.set $i (call $behind (local.get $i)))
      (br_if $mix (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
    (call $set_word (i32.const 0) (i32.const 0x80000000)))

  ;; The place behind one; the last word is that before the first, too.
  (func $behind (param $i i32) (result i32)
    (local.set $i (i32.add (local.get $i) (i32.const 1)))
    (if (i32.ge_u (local.get $i) (i32.const 624))
      (then
        (call $set_word (i32.const 0) (call $word (i32.const 623)))
        (local.set $i (i32.const 1))))
    (local.get $i))

  (func $twist (local $i i32) (local $y i32)
    (loop $next
      (local.set $y
        (i32.or
          (i32.and (call $word (local.get $i)) (i32.const 0x80000000))
          (i32.and
            (call $word
              (select (i32.const 0) (i32.add (local.get $i) (i32.const 1)) (i32.eq (local.get $i) (i32.const 623))))
            (i32.const 0x7fffffff))))
      (call $set_word (local.get $i)
        (i32.xor
          (i32.xor
            (call $word
              (select
                (i32.add (local.get $i) (i32.const 397))
                (i32.sub (local.get $i) (i32.const 227))
                (i32.lt_u (local.get $i) (i32.const 227))))
            (i32.shr_u (local.get $y) (i32.const 1)))
          (select (i32.const 0x9908b0df) (i32.const 0) (i32.and (local.get $y) (i32.const 1)))))
      (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 624))))
    (i32.store offset=2496 (global.get $state) (i32.const 0)))

  (func $genrand (result i32) (local $i i32) (local $y i32)
    (if (i32.ge_u (i32.load offset=2496 (global.get $state)) (i32.const 624)) (then (call $twist)))
    (local.set $i (i32.load offset=2496 (global.get $state)))
    (local.set $y (call $word (local.get $i)))
    (i32.store offset=2496 (global.get $state) (i32.add (local.get $i) (i32.const 1)))
    (local.set $y (i32.xor (local.get $y) (i32.shr_u (local.get $y) (i32.const 11))))
    (local.set $y
      (i32.xor (local.get $y) (i32.and (i32.shl (local.get $y) (i32.const 7)) (i32.const 0x9d2c5680))))
    (local.set $y
      (i32.xor (local.get $y) (i32.and (i32.shl (local.get $y) (i32.const 15)) (i32.const 0xefc60000))))
    (i32.xor (local.get $y) (i32.shr_u (local.get $y) (i32.const 18))))

  (func $random (result f64)
    (f64.div
      (f64.add
        (f64.mul (f64.convert_i32_u (i32.shr_u (call $genrand) (i32.const 5))) (f64.const 67108864))
        (f64.convert_i32_u (i32.shr_u (call $genrand) (i32.const 6))))
      (f64.const 9007199254740992)))

  (func $seed_with (param $seed i32)
    (i32.store offset=2500 (global.get $state) (local.get $seed))
    (call $init_by_array (i32.add (global.get $state) (i32.const 2500)) (i32.const 1)))

  ;; random.__init__(): the first import has the host seed. None is the object 6.
  (func (export "init") (result i32)
    (if (i32.eqz (i32.load offset=2516 (global.get $state)))
      (then
        (call $seed_with (call $random_u32))
        (i32.store offset=2516 (global.get $state) (i32.const 1))))
    (i32.const 6))

  ;; random.seed(): with an integer of 32 bits, whose sign does not count; with the words of a key; with a bytearray of
  ;; 2,500 bytes, whose content and the state change places (Random objects of the library's).
  (func (export "seed") (param $count i32) (param $args i32) (result i32)
    (local $seed i32) (local $at i32) (local $i i32)
    (if (local.get $count) (then (local.set $seed (i32.load (local.get $args)))))
    (if (i32.or (i32.eqz (local.get $count)) (i32.eq (local.get $seed) (i32.const 6)))
      (then
        (call $seed_with (call $random_u32))
        (return (i32.const 6))))
    (if (i32.and (local.get $seed) (i32.const 1))
      (then
        (call $seed_with (call $get_int_truncated (local.get $seed)))
        (return (i32.const 6))))
    (local.set $at (i32.add (global.get $state) (i32.const 2504)))
    ;; 2 is MP_BUFFER_WRITE.
    (drop (call $get_buffer (local.get $seed) (local.get $at) (i32.const 2)))
    (local.set $i (i32.load offset=4 (local.get $at)))
    (local.set $at (i32.load (local.get $at)))
    (if (i32.ne (local.get $i) (i32.const 2500))
      (then
        (if (i32.ge_u (local.get $i) (i32.const 4))
          (then (call $init_by_array (local.get $at) (i32.shr_u (local.get $i) (i32.const 2)))))
        (return (i32.const 6))))
    (loop $next
      (local.set $i (i32.sub (local.get $i) (i32.const 4)))
      (local.set $seed (i32.load align=1 (i32.add (local.get $at) (local.get $i))))
      (i32.store align=1
        (i32.add (local.get $at) (local.get $i))
        (i32.load (i32.add (global.get $state) (local.get $i))))
      (i32.store (i32.add (global.get $state) (local.get $i)) (local.get $seed))
      (br_if $next (local.get $i)))
    ;; Whatever has been handed in, places are places.
    (if (i32.gt_u (i32.load offset=2496 (global.get $state)) (i32.const 624))
      (then (i32.store offset=2496 (global.get $state) (i32.const 624))))
    (i32.const 6))

  ;; yasmarang(), whose number others take the lowest bits of: those are made of the highest ones where they ask for them.
  (func (export "next") (result i32)
    (i32.store offset=2500 (global.get $state) (call $genrand))
    (i32.const -1))

  ;; In the place of a mask of the lowest bits: as many of the highest bits of the last number.
  (func (export "top_bits") (param $mask i32) (result i32)
    (i32.shr_u (i32.load offset=2500 (global.get $state)) (i32.clz (local.get $mask))))

  ;; random.getrandbits(), from 1 to 32; the artifact's own has 0, and the errors.
  (func (export "getrandbits") (param $count i32) (result i32) (local $n i32)
    (if (i32.and (local.get $count) (i32.const 1))
      (then
        (local.set $n (i32.shr_s (local.get $count) (i32.const 1)))
        (if (i32.le_u (i32.sub (local.get $n) (i32.const 1)) (i32.const 31))
          (then
            (return (call $new_int (i32.shr_u (call $genrand) (i32.sub (i32.const 32) (local.get $n)))))))))
    (call $original_getrandbits (local.get $count)))

  (func (export "random") (result i32) (call $new_float (call $random)))

  (func (export "uniform") (param $from i32) (param $to i32) (result i32) (local $a f64)
    (local.set $a (call $get_float (local.get $from)))
    (call $new_float
      (f64.add
        (local.get $a)
        (f64.mul (f64.sub (call $get_float (local.get $to)) (local.get $a)) (call $random))))))
