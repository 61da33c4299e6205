;; Blocks of the heap found and freed sixteen at a time. `npm run generate` assembles this file into blocks.generated.ts;
;; heap.ts puts the functions in the place of the artifact's own.
;;
;; MicroPython's gc_alloc() looks at the table of blocks one by one, from the first that may be free: an object of 512
;; bytes took 6,000 units in a fresh session, and all of them a fifth of what a program of 6 KB took. The blocks that are
;; found here are the ones that it would find. Where there are none, and for objects with a finaliser, it is asked.
;;
;; An area   see heap.wat; +28 byte of the table from which on blocks may be free. Four bytes of the table are a word
;;           with two bits for each of 16 blocks, 0 for a free one. Of a word $free has the lower bits of free ones set:
;;             word 00 10 01 00   $free 01 00 00 01
;; The hint  +0 → an area   +4 a number of blocks, from 2   +8 byte of the area's table before which so many free ones do not
;;           lie one behind the other. It is lowered where blocks are freed, and not where a collection frees them: those
;;           are found again when nothing is behind it.
(module
  (import "original" "gc_alloc" (func $alloc (param i32 i32) (result i32)))
  (import "original" "gc_free" (func $free_object (param i32)))
  (import "artifact" "memory" (memory 0))
  ;; Addresses: as in heap.wat; and of the word that has the address of the area to begin with.
  (import "artifact" "first_area" (global $first_area i32))
  (import "artifact" "last_area" (global $last_area i32))
  (import "artifact" "allocated" (global $allocated i32))
  (import "artifact" "threshold" (global $threshold i32))
  (import "artifact" "lock_depth" (global $lock_depth i32))
  (import "artifact" "hint" (global $hint i32))

  (func (export "gc_alloc") (param $bytes i32) (param $flags i32) (result i32)
    (local $count i32) (local $area i32) (local $table i32) (local $at i32) (local $end i32) (local $word i32)
    (local $free i32) (local $run i32) (local $place i32) (local $block i32)
    (block $original
      (local.set $count (i32.shr_u (i32.add (local.get $bytes) (i32.const 15)) (i32.const 4)))
      (br_if $original
        (i32.or
          (i32.or (i32.eqz (local.get $count)) (i32.and (local.get $flags) (i32.const 1)))
          (i32.load16_u (global.get $lock_depth))))
      (br_if $original (i32.ge_u (i32.load (global.get $allocated)) (i32.load (global.get $threshold))))
      (br_if $original (i32.eqz (local.tee $area (i32.load (global.get $last_area)))))
      (block $found
        (loop $areas
          (local.set $at (i32.load offset=28 (local.get $area)))
          ;; The last three bytes of a table are left to the original.
          (local.set $end (i32.sub (i32.load offset=8 (local.get $area)) (i32.const 4)))
          (local.set $table (i32.load offset=4 (local.get $area)))
          (local.set $run (i32.const 0))
          (if (i32.eq (i32.load (global.get $hint)) (local.get $area))
            (then
              (if (i32.ge_u (local.get $count) (i32.load offset=4 (global.get $hint)))
                (then
                  (if (i32.gt_u (i32.load offset=8 (global.get $hint)) (local.get $at))
                    (then (local.set $at (i32.load offset=8 (global.get $hint)))))))))
          (block $full
            (loop $words
              (br_if $full (i32.gt_s (local.get $at) (local.get $end)))
              (local.set $word (i32.load align=1 (i32.add (local.get $table) (local.get $at))))
              (local.set $free
                (i32.xor
                  (i32.and
                    (i32.or (local.get $word) (i32.shr_u (local.get $word) (i32.const 1)))
                    (i32.const 0x55555555))
                  (i32.const 0x55555555)))
              (block $next
                (if (i32.eqz (local.get $free))
                  (then
                    (local.set $run (i32.const 0))
                    (br $next)))
                (if (i32.eqz (local.get $word))
                  (then
                    (local.set $run (i32.add (local.get $run) (i32.const 16)))
                    (br_if $next (i32.lt_u (local.get $run) (local.get $count)))
                    (local.set $block (i32.add (i32.shl (local.get $at) (i32.const 2)) (i32.const 15)))
                    (br $found)))
                ;; Runs of free ones in this word; the first goes on with the one before.
                (local.set $place (i32.const 0))
                (loop $runs
                  (local.set $word (i32.ctz (local.get $free)))
                  (if (local.get $word)
                    (then
                      (local.set $run (i32.const 0))
                      (local.set $place (i32.add (local.get $place) (i32.shr_u (local.get $word) (i32.const 1))))
                      (local.set $free (i32.shr_u (local.get $free) (local.get $word)))))
                  (local.set $word
                    (i32.ctz (i32.and (i32.xor (local.get $free) (i32.const -1)) (i32.const 0x55555555))))
                  (local.set $free (i32.shr_u (local.get $free) (local.get $word)))
                  (local.set $word (i32.shr_u (local.get $word) (i32.const 1)))
                  (local.set $run (i32.add (local.get $run) (local.get $word)))
                  (local.set $place (i32.add (local.get $place) (local.get $word)))
                  (if (i32.ge_u (local.get $run) (local.get $count))
                    (then
                      (local.set $block
                        (i32.sub
                          (i32.add (i32.shl (local.get $at) (i32.const 2)) (local.get $place))
                          (i32.const 1)))
                      (br $found)))
                  (br_if $runs (local.get $free)))
                ;; A run that does not come to the end of the word ends in it.
                (if (i32.ne (local.get $place) (i32.const 16)) (then (local.set $run (i32.const 0)))))
              (local.set $at (i32.add (local.get $at) (i32.const 4)))
              (br $words)))
          (br_if $areas (local.tee $area (i32.load (local.get $area)))))
        (br $original))
      ;; The last block of so many as are asked for.
      (local.set $block (i32.sub (local.get $block) (i32.sub (local.get $run) (local.get $count))))
      (if (i32.eq (local.get $count) (i32.const 1))
        (then
          (i32.store (global.get $last_area) (local.get $area))
          (i32.store offset=28 (local.get $area)
            (i32.shr_u (i32.add (local.get $block) (i32.const 1)) (i32.const 2))))
        (else
          (if (i32.or
                (i32.ne (i32.load (global.get $hint)) (local.get $area))
                (i32.le_u (local.get $count) (i32.load offset=4 (global.get $hint))))
            (then
              (i32.store (global.get $hint) (local.get $area))
              (i32.store offset=4 (global.get $hint) (local.get $count))
              (i32.store offset=8 (global.get $hint)
                (i32.shr_u (i32.add (local.get $block) (i32.const 1)) (i32.const 2)))))))
      (if (i32.lt_u (i32.load offset=32 (local.get $area)) (local.get $block))
        (then (i32.store offset=32 (local.get $area) (local.get $block))))
      (i32.store (global.get $allocated) (i32.add (i32.load (global.get $allocated)) (local.get $count)))
      ;; $run: the first of them, an object's first; then the others of it.
      (local.set $run (i32.add (i32.sub (local.get $block) (local.get $count)) (i32.const 1)))
      (local.set $place (i32.add (local.get $table) (i32.shr_u (local.get $run) (i32.const 2))))
      (i32.store8 (local.get $place)
        (i32.or
          (i32.load8_u (local.get $place))
          (i32.shl (i32.const 1) (i32.shl (i32.and (local.get $run) (i32.const 3)) (i32.const 1)))))
      (local.set $at (i32.add (local.get $run) (i32.const 1)))
      (block $marked
        (loop $mark
          (br_if $marked (i32.gt_u (local.get $at) (local.get $block)))
          (local.set $place (i32.add (local.get $table) (i32.shr_u (local.get $at) (i32.const 2))))
          (if (i32.eqz (i32.and (local.get $at) (i32.const 3)))
            (then
              (if (i32.le_u (i32.add (local.get $at) (i32.const 15)) (local.get $block))
                (then
                  (i32.store align=1 (local.get $place) (i32.const 0xaaaaaaaa))
                  (local.set $at (i32.add (local.get $at) (i32.const 16)))
                  (br $mark)))))
          (i32.store8 (local.get $place)
            (i32.or
              (i32.load8_u (local.get $place))
              (i32.shl (i32.const 2) (i32.shl (i32.and (local.get $at) (i32.const 3)) (i32.const 1)))))
          (local.set $at (i32.add (local.get $at) (i32.const 1)))
          (br $mark)))
      (local.set $at (i32.add (i32.load offset=20 (local.get $area)) (i32.shl (local.get $run) (i32.const 4))))
      (memory.fill (local.get $at) (i32.const 0) (i32.shl (local.get $count) (i32.const 4)))
      (return (local.get $at)))
    (call $alloc (local.get $bytes) (local.get $flags)))

  (func (export "gc_free") (param $object i32)
    (local $area i32) (local $table i32) (local $block i32) (local $limit i32) (local $place i32)
    (if (i32.eqz (local.get $object)) (then (return)))
    (if (i32.gt_u (i32.load16_u (global.get $lock_depth)) (i32.const 1)) (then (return)))
    (local.set $area (global.get $first_area))
    (block $found
      (loop $next
        (br_if $found
          (i32.and
            (i32.ge_u (local.get $object) (i32.load offset=20 (local.get $area)))
            (i32.lt_u (local.get $object) (i32.load offset=24 (local.get $area)))))
        (br_if $next (local.tee $area (i32.load (local.get $area)))))
      (call $free_object (local.get $object))
      (return))
    (local.set $block
      (i32.shr_u (i32.sub (local.get $object) (i32.load offset=20 (local.get $area))) (i32.const 4)))
    (local.set $table (i32.load offset=4 (local.get $area)))
    (local.set $limit (i32.shl (i32.load offset=8 (local.get $area)) (i32.const 2)))
    ;; The table of finalisers has a bit for each block.
    (local.set $place (i32.add (i32.load offset=12 (local.get $area)) (i32.shr_u (local.get $block) (i32.const 3))))
    (i32.store8 (local.get $place)
      (i32.and
        (i32.load8_u (local.get $place))
        (i32.rotl (i32.const -2) (i32.and (local.get $block) (i32.const 7)))))
    (if (i32.ne (i32.load (global.get $last_area)) (local.get $area))
      (then (i32.store (global.get $last_area) (global.get $first_area))))
    (if (i32.lt_u (i32.shr_u (local.get $block) (i32.const 2)) (i32.load offset=28 (local.get $area)))
      (then (i32.store offset=28 (local.get $area) (i32.shr_u (local.get $block) (i32.const 2)))))
    (if (i32.eq (i32.load (global.get $hint)) (local.get $area))
      (then
        ;; Free ones before them may be the beginning of so many.
        (local.set $place
          (i32.sub
            (i32.shr_u (local.get $block) (i32.const 2))
            (i32.add (i32.shr_u (i32.load offset=4 (global.get $hint)) (i32.const 2)) (i32.const 1))))
        (if (i32.lt_s (local.get $place) (i32.load offset=8 (global.get $hint)))
          (then
            (i32.store offset=8 (global.get $hint)
              (select (local.get $place) (i32.const 0) (i32.gt_s (local.get $place) (i32.const 0))))))))
    (loop $blocks
      (local.set $place (i32.add (local.get $table) (i32.shr_u (local.get $block) (i32.const 2))))
      (i32.store8 (local.get $place)
        (i32.and
          (i32.load8_u (local.get $place))
          (i32.rotl (i32.const -4) (i32.shl (i32.and (local.get $block) (i32.const 3)) (i32.const 1)))))
      (local.set $block (i32.add (local.get $block) (i32.const 1)))
      (local.set $place (i32.add (local.get $table) (i32.shr_u (local.get $block) (i32.const 2))))
      (loop $words
        (if (i32.eqz (i32.and (local.get $block) (i32.const 3)))
          (then
            (if (i32.le_u (i32.add (local.get $block) (i32.const 16)) (local.get $limit))
              (then
                (if (i32.eq (i32.load align=1 (local.get $place)) (i32.const 0xaaaaaaaa))
                  (then
                    (i32.store align=1 (local.get $place) (i32.const 0))
                    (local.set $block (i32.add (local.get $block) (i32.const 16)))
                    (local.set $place (i32.add (local.get $place) (i32.const 4)))
                    (br $words))))))))
      (if (i32.lt_u (local.get $block) (local.get $limit))
        (then
          (br_if $blocks
            (i32.eq
              (i32.and
                (i32.shr_u
                  (i32.load8_u (local.get $place))
                  (i32.shl (i32.and (local.get $block) (i32.const 3)) (i32.const 1)))
                (i32.const 3))
              (i32.const 2))))))))
