;; A collector that runs during runs, and reallocation that does not count blocks one by one. `npm run generate`
;; assembles this file into heap.generated.ts; heap.ts puts the functions in the place of the artifact's own.
;;
;; MicroPython's gc_collect() would have to look for roots on the C stack and in registers. WebAssembly has no way to
;; those, so in this build it sets a flag, the heap grows, and the garbage of a run stays until its end. Our engine knows
;; what each frame holds (emscripten/collector-roots.ts). It is asked by emscripten_resize_heap(), with the address of
;; a request: no size of a heap is as small.
;;
;; A request, on the C stack   +0 roots given so far  +4 → where the C stack begins  +8 → where it ends
;;                             +12 → the heap's first area   +16 room for $ROOTS roots
;; An area (mp_state_mem_area_t)   +0 → the next one  +4 → table, two bits for each block: 0 free, 1 an object's first,
;;                             2 another one of it, 3 a first one that is marked  +8 bytes of the table
;;                             +20 → where blocks of 16 bytes begin  +24 → where they end  +32 the last block in use
;;
;; When the heap is full, it collects if at least half of the heap was allocated since the last collection: collections
;; cost no more than allocations do. Otherwise the heap grows; where that fails, it collects after all.
(module
  (import "artifact" "gc_collect_start" (func $collect_start))
  (import "artifact" "gc_collect_root" (func $collect_root (param i32 i32)))
  (import "artifact" "gc_collect_end" (func $collect_end))
  (import "artifact" "emscripten_resize_heap" (func $give_roots (param i32) (result i32)))
  (import "artifact" "emscripten_stack_get_current" (func $stack_pointer (result i32)))
  (import "original" "_emscripten_stack_restore" (func $set_stack_pointer (param i32)))
  (import "original" "gc_try_add_heap" (func $try_add_heap (param i32) (result i32)))
  (import "original" "py_gc_collect" (func $py_gc_collect (result i32)))
  (import "original" "mp_js_init" (func $mp_js_init (param i32 i32)))
  (import "original" "gc_realloc" (func $realloc (param i32 i32 i32) (result i32)))
  (import "artifact" "memory" (memory 0))
  ;; Addresses: of the first area; of how many blocks were allocated, and of gc.threshold() in blocks; of a byte, 1 if
  ;; the end of the run is to collect; of whether the heap is locked, a short; of a word that nobody uses.
  (import "artifact" "first_area" (global $first_area i32))
  (import "artifact" "allocated" (global $allocated i32))
  (import "artifact" "threshold" (global $threshold i32))
  (import "artifact" "pending" (global $pending i32))
  (import "artifact" "lock_depth" (global $lock_depth i32))
  (import "artifact" "stack_base" (global $stack_base i32))

  ;; Beside 1 in the byte `pending`: 2 a collection was left out, 4 one is asked for by the program.
  (func $set (param $bit i32)
    (i32.store8 (global.get $pending) (i32.or (i32.load8_u (global.get $pending)) (local.get $bit))))
  ;; Whether a bit was set; it is not any more.
  (func $take (param $bit i32) (result i32)
    (i32.and (i32.load8_u (global.get $pending)) (local.get $bit))
    (i32.store8 (global.get $pending)
      (i32.and (i32.load8_u (global.get $pending)) (i32.xor (local.get $bit) (i32.const 0xff)))))

  (func $blocks_of_heap (result i32) (local $area i32) (local $blocks i32)
    (local.set $area (global.get $first_area))
    (loop $next
      (local.set $blocks (i32.add (local.get $blocks) (i32.shl (i32.load offset=8 (local.get $area)) (i32.const 2))))
      (br_if $next (local.tee $area (i32.load (local.get $area)))))
    (local.get $blocks))

  (func $collect (local $before i32) (local $request i32) (local $count i32)
    (local.set $before (call $stack_pointer))
    (local.set $request (i32.sub (local.get $before) (i32.const 4016))) ;; 16 + 4 * 1000
    (call $set_stack_pointer (local.get $request))
    (i32.store (local.get $request) (i32.const 0))
    (i32.store offset=4 (local.get $request) (local.get $before))
    (i32.store offset=8 (local.get $request) (i32.load (global.get $stack_base)))
    (i32.store offset=12 (local.get $request) (global.get $first_area))
    (local.set $count (call $give_roots (local.get $request)))
    (if (i32.lt_s (local.get $count) (i32.const 0))
      ;; The engine does not know them: when the run is over, there are none.
      (then (call $set (i32.const 1)))
      (else
        (call $collect_start)
        (loop $more
          (call $collect_root (i32.add (local.get $request) (i32.const 16)) (local.get $count))
          (if (i32.eq (local.get $count) (i32.const 1000))
            (then
              (local.set $count (call $give_roots (local.get $request)))
              (br $more))))
        (call $collect_end)))
    (call $set_stack_pointer (local.get $before)))

  ;; Called by the program, past gc.threshold(), and where there is no room.
  (func (export "gc_collect")
    (if (i32.eqz (call $take (i32.const 4)))
      (then
        (if (i32.and
              (i32.lt_u (i32.load (global.get $allocated)) (i32.load (global.get $threshold)))
              (i32.lt_u (i32.shl (i32.load (global.get $allocated)) (i32.const 1)) (call $blocks_of_heap)))
          (then
            (call $set (i32.const 2))
            (return)))))
    (call $collect))

  (func (export "py_gc_collect") (result i32)
    (call $set (i32.const 4))
    (call $py_gc_collect))

  (func (export "gc_try_add_heap") (param $bytes i32) (result i32) (local $left_out i32)
    (local.set $left_out (call $take (i32.const 2)))
    (if (call $try_add_heap (local.get $bytes)) (then (return (i32.const 1))))
    (if (i32.eqz (local.get $left_out)) (then (return (i32.const 0))))
    (call $collect)
    (i32.const 1))

  ;; The artifact has it collect at the end of each run that has allocated 16 KiB, since it can at no other time.
  (func (export "mp_js_init") (param $words i32) (param $bytes i32)
    (call $mp_js_init (local.get $words) (local.get $bytes))
    (i32.store (global.get $threshold) (i32.const -1)))

  ;; Only the host calls it, once, for a stack of another place.
  (func (export "_emscripten_stack_restore") (param $top i32)
    (i32.store (global.get $stack_base) (local.get $top))
    (call $set_stack_pointer (local.get $top)))

  (func $kind (param $table i32) (param $block i32) (result i32)
    (i32.and
      (i32.shr_u
        (i32.load8_u (i32.add (local.get $table) (i32.shr_u (local.get $block) (i32.const 2))))
        (i32.shl (i32.and (local.get $block) (i32.const 3)) (i32.const 1)))
      (i32.const 3)))

  ;; An object that grows where it is: the parser's tree grows by 128 bytes at a time, so that counting its blocks one
  ;; by one took a third of all fuel for a program of 6 KB. Everything else is the original's.
  (func (export "gc_realloc") (param $object i32) (param $bytes i32) (param $may_move i32) (result i32)
    (local $area i32) (local $table i32) (local $first i32) (local $block i32) (local $end i32) (local $limit i32)
    (block $original
      (br_if $original (i32.eqz (local.get $object)))
      (br_if $original (i32.eqz (local.get $bytes)))
      (br_if $original (i32.load16_u (global.get $lock_depth)))
      (local.set $area (global.get $first_area))
      (block $found
        (loop $next
          (br_if $found
            (i32.and
              (i32.ge_u (local.get $object) (i32.load offset=20 (local.get $area)))
              (i32.lt_u (local.get $object) (i32.load offset=24 (local.get $area)))))
          (br_if $next (local.tee $area (i32.load (local.get $area))))
          (br $original)))
      (local.set $table (i32.load offset=4 (local.get $area)))
      (local.set $limit (i32.shl (i32.load offset=8 (local.get $area)) (i32.const 2)))
      (local.set $first
        (i32.shr_u (i32.sub (local.get $object) (i32.load offset=20 (local.get $area))) (i32.const 4)))
      (local.set $end
        (i32.add (local.get $first) (i32.shr_u (i32.add (local.get $bytes) (i32.const 15)) (i32.const 4))))
      (br_if $original (i32.gt_u (local.get $end) (local.get $limit)))
      ;; The blocks that it has: 16 at a time where they begin with a byte of the table.
      (local.set $block (i32.add (local.get $first) (i32.const 1)))
      (block $counted
        (loop $count
          (br_if $counted (i32.ge_u (local.get $block) (local.get $end)))
          (if (i32.and
                (i32.eqz (i32.and (local.get $block) (i32.const 3)))
                (i32.lt_u (i32.add (local.get $block) (i32.const 16)) (local.get $end)))
            (then
              (if (i32.eq
                    (i32.load align=1 (i32.add (local.get $table) (i32.shr_u (local.get $block) (i32.const 2))))
                    (i32.const 0xaaaaaaaa))
                (then
                  (local.set $block (i32.add (local.get $block) (i32.const 16)))
                  (br $count)))))
          (br_if $counted (i32.ne (call $kind (local.get $table) (local.get $block)) (i32.const 2)))
          (local.set $block (i32.add (local.get $block) (i32.const 1)))
          (br $count)))
      (if (i32.ge_u (local.get $block) (local.get $end))
        (then
          ;; It has as many as it asks for, or more.
          (if (i32.lt_u (local.get $end) (local.get $limit))
            (then (br_if $original (i32.eq (call $kind (local.get $table) (local.get $end)) (i32.const 2)))))
          (return (local.get $object))))
      (local.set $first (local.get $block))
      (loop $free
        (br_if $original (call $kind (local.get $table) (local.get $block)))
        (br_if $free (i32.lt_u (local.tee $block (i32.add (local.get $block) (i32.const 1))) (local.get $end))))
      (memory.fill
        (i32.add (i32.load offset=20 (local.get $area)) (i32.shl (local.get $first) (i32.const 4)))
        (i32.const 0)
        (i32.shl (i32.sub (local.get $end) (local.get $first)) (i32.const 4)))
      (loop $take
        (local.set $block (i32.add (local.get $table) (i32.shr_u (local.get $first) (i32.const 2))))
        (i32.store8 (local.get $block)
          (i32.or
            (i32.load8_u (local.get $block))
            (i32.shl (i32.const 2) (i32.shl (i32.and (local.get $first) (i32.const 3)) (i32.const 1)))))
        (br_if $take (i32.lt_u (local.tee $first (i32.add (local.get $first) (i32.const 1))) (local.get $end))))
      (if (i32.lt_u (i32.load offset=32 (local.get $area)) (local.get $end))
        (then (i32.store offset=32 (local.get $area) (local.get $end))))
      (return (local.get $object)))
    (call $realloc (local.get $object) (local.get $bytes) (local.get $may_move))))
