;; Interned strings found by an index. `npm run generate` assembles this file into strings.generated.ts; strings.ts puts
;; the function in the place of the artifact's own.
;;
;; MicroPython looks for a string among the interned ones whenever one is made: at each name and literal of a program
;; that is compiled, and at each str that a program makes. It searches pool after pool, those made while it runs entry by
;; entry: 5,000 units in a fresh session. Here a table comes first. It is completed at each search; what it has no room
;; for is searched entry by entry, as before. Interned strings are never given up, so that nothing is taken out.
;;
;; A pool (qstr_pool_t)  +0 → the one before  +4 number of its first string, the highest bit aside  +12 how many
;;                       +16 → hashes, shorts  +20 → lengths, bytes  +24 → strings, words
;; The index             +0 numbers below this one are in it  +4 8,192 places: hash << 16 | number, 0 free. It lies where
;;                       the C stack was before the host moved it, which nobody uses again.
(module
  (import "artifact" "memcmp" (func $memcmp (param i32 i32 i32) (result i32)))
  (import "artifact" "memory" (memory 0))
  (import "artifact" "last_pool" (global $last_pool i32))
  (import "artifact" "index" (global $index i32))

  (func $first_of (param $pool i32) (result i32)
    (i32.and (i32.load offset=4 (local.get $pool)) (i32.const 0x7fffffff)))

  (func $pool_of (param $number i32) (result i32) (local $pool i32)
    (local.set $pool (i32.load (global.get $last_pool)))
    (loop $next
      (if (i32.lt_u (local.get $number) (call $first_of (local.get $pool)))
        (then
          (local.set $pool (i32.load (local.get $pool)))
          (br $next))))
    (local.get $pool))

  ;; Whether the string at a place of a pool is this one.
  (func $is (param $pool i32) (param $at i32) (param $text i32) (param $length i32) (result i32)
    (if (i32.ne
          (i32.load8_u (i32.add (i32.load offset=20 (local.get $pool)) (local.get $at)))
          (local.get $length))
      (then (return (i32.const 0))))
    (i32.eqz
      (call $memcmp
        (i32.load offset=24 (i32.add (local.get $pool) (i32.shl (local.get $at) (i32.const 2))))
        (local.get $text)
        (local.get $length))))

  (func $hash_at (param $pool i32) (param $at i32) (result i32)
    (i32.load16_u (i32.add (i32.load offset=16 (local.get $pool)) (i32.shl (local.get $at) (i32.const 1)))))

  (func $place (param $slot i32) (result i32)
    (i32.add
      (i32.add (global.get $index) (i32.const 4))
      (i32.shl (i32.and (local.get $slot) (i32.const 8191)) (i32.const 2))))

  ;; Puts strings into the index: those below `end`.
  (func $complete (param $number i32) (param $end i32) (local $pool i32) (local $hash i32) (local $slot i32)
    ;; 0 is none.
    (if (i32.eqz (local.get $number)) (then (local.set $number (i32.const 1))))
    (loop $next
      (local.set $pool (call $pool_of (local.get $number)))
      (local.set $hash
        (call $hash_at (local.get $pool) (i32.sub (local.get $number) (call $first_of (local.get $pool)))))
      (local.set $slot (local.get $hash))
      (loop $taken
        (if (i32.load (call $place (local.get $slot)))
          (then
            (local.set $slot (i32.add (local.get $slot) (i32.const 1)))
            (br $taken))))
      (i32.store (call $place (local.get $slot))
        (i32.or (i32.shl (local.get $hash) (i32.const 16)) (local.get $number)))
      (br_if $next (i32.lt_u (local.tee $number (i32.add (local.get $number) (i32.const 1))) (local.get $end))))
    (i32.store (global.get $index) (local.get $number)))

  ;; The number of an interned string, 0 if there is none.
  (func (export "qstr_find_strn") (param $text i32) (param $length i32) (result i32)
    (local $hash i32) (local $at i32) (local $pool i32) (local $entry i32) (local $end i32)
    (if (i32.eqz (local.get $length)) (then (return (i32.const 1))))
    ;; The length of an interned string is a byte.
    (if (i32.gt_u (local.get $length) (i32.const 255)) (then (return (i32.const 0))))
    ;; qstr_compute_hash()
    (local.set $hash (i32.const 5381))
    (local.set $at (local.get $text))
    (local.set $end (i32.add (local.get $text) (local.get $length)))
    (loop $next
      (local.set $hash
        (i32.xor (i32.mul (local.get $hash) (i32.const 33)) (i32.load8_u (local.get $at))))
      (br_if $next (i32.ne (local.tee $at (i32.add (local.get $at) (i32.const 1))) (local.get $end))))
    (local.set $hash (i32.and (local.get $hash) (i32.const 0xffff)))
    (if (i32.eqz (local.get $hash)) (then (local.set $hash (i32.const 1))))
    (local.set $pool (i32.load (global.get $last_pool)))
    (if (i32.eqz (local.get $pool)) (then (return (i32.const 0))))
    (local.set $end (i32.add (call $first_of (local.get $pool)) (i32.load offset=12 (local.get $pool))))
    (local.set $at (i32.load (global.get $index)))
    (if (i32.and (i32.lt_u (local.get $at) (local.get $end)) (i32.lt_u (local.get $at) (i32.const 6000)))
      (then
        (call $complete (local.get $at)
          (select (local.get $end) (i32.const 6000) (i32.lt_u (local.get $end) (i32.const 6000))))))
    (local.set $at (local.get $hash))
    (loop $next
      (if (local.tee $entry (i32.load (call $place (local.get $at))))
        (then
          (if (i32.eq (i32.shr_u (local.get $entry) (i32.const 16)) (local.get $hash))
            (then
              (local.set $entry (i32.and (local.get $entry) (i32.const 0xffff)))
              (local.set $pool (call $pool_of (local.get $entry)))
              (if (call $is
                    (local.get $pool)
                    (i32.sub (local.get $entry) (call $first_of (local.get $pool)))
                    (local.get $text)
                    (local.get $length))
                (then (return (local.get $entry))))))
          (local.set $at (i32.add (local.get $at) (i32.const 1)))
          (br $next))))
    ;; Those that it has no room for, from the newest pool on.
    (if (i32.le_u (local.get $end) (i32.const 6000)) (then (return (i32.const 0))))
    (local.set $pool (i32.load (global.get $last_pool)))
    (loop $older
      (local.set $at (i32.load offset=12 (local.get $pool)))
      (block $none
        (loop $next
          (br_if $none (i32.eqz (local.get $at)))
          (local.set $at (i32.sub (local.get $at) (i32.const 1)))
          (br_if $next (i32.ne (call $hash_at (local.get $pool) (local.get $at)) (local.get $hash)))
          (br_if $next
            (i32.eqz (call $is (local.get $pool) (local.get $at) (local.get $text) (local.get $length))))
          (return (i32.add (call $first_of (local.get $pool)) (local.get $at)))))
      (if (i32.gt_u (call $first_of (local.get $pool)) (i32.const 6000))
        (then
          (local.set $pool (i32.load (local.get $pool)))
          (br $older))))
    (i32.const 0)))
