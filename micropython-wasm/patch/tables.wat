;; MicroPython's hash tables, as this project has them: dicts keep the order in which their keys came, and neither
;; dicts nor sets become slow for numbers that follow each other. `npm run generate` assembles this file into
;; tables.generated.ts; tables.ts puts the functions in the place of the artifact's own.
;;
;; A map (mp_map_t)   +0 flags: 1 all keys are interned, 2 fixed, 4 ordered; from bit 3 the number of entries
;;                    +4 room: entries that the table has room for    +8 → table
;; Its table          entries of two words, key and value. What else walks a table (iteration, copies, calls with **)
;;                    goes from the first to the last and passes over the keys 0 (free) and 4 (removed). Here keys stand
;;                    in the order in which they came, with removed ones between them and nothing but free or removed
;;                    ones behind them.
;; Behind the entries of a table with room for more than 8 there is an index:
;;                    +0 end: entries from this one on are not indexed    +4 fill: places of the index in use
;;                    +8 the places, 1.5 for each entry, of 1 to 4 bytes: 0, or one more than an entry's number
;; A copy of a table's entries has no index, which shows in `end`: it is made when it is first needed. Places are never
;; emptied: what was removed is passed over by its key. When entries or places are used up, the table is made anew.
;; The tables of the artifact's own (ROM, arguments of a call) are fixed and ordered, and are searched entry by entry.
;;
;; A set (mp_set_t)   +0 room, a power of two   +4 number of members   +8 → table
;; Its table          members, a word each, 0 free and 4 removed; behind them +0 one more than the places in use, 0 if
;;                    that is not known; +4 where pop() looks first. Sizes, places and probing are CPython's, so that sets
;;                    of small numbers have CPython's order.
;;
;; Keys are words: an odd one is a small int, one that ends in 010 an interned str, one that ends in 00 an object.
(module
  (import "artifact" "malloc0" (func $malloc0 (param i32) (result i32)))
  (import "artifact" "free" (func $free (param i32)))
  (import "artifact" "equal" (func $equal (param i32 i32) (result i32)))
  (import "artifact" "unary_op" (func $unary_op (param i32 i32) (result i32)))
  (import "artifact" "qstr_hash" (func $qstr_hash (param i32) (result i32)))
  (import "artifact" "new_tuple" (func $new_tuple (param i32 i32) (result i32)))
  (import "original" "dict_popitem" (func $original_popitem (param i32) (result i32)))
  (import "original" "tuple_unary_op" (func $original_tuple_unary_op (param i32 i32) (result i32)))
  (import "artifact" "memory" (memory 0))
  ;; Address of the type of str, and of 128 bytes: where a key was found last, by bits of the key.
  (import "artifact" "str_type" (global $str_type i32))
  (import "artifact" "lookup_cache" (global $lookup_cache i32))

  ;; ---- hashes ----

  ;; A key's hash, which may be a program's own function.
  (func $hash (param $key i32) (result i32)
    (if (i32.and (local.get $key) (i32.const 1))
      (then (return (i32.shr_s (local.get $key) (i32.const 1)))))
    (if (i32.eq (i32.and (local.get $key) (i32.const 7)) (i32.const 2))
      (then (return (call $qstr_hash (i32.shr_u (local.get $key) (i32.const 3))))))
    (i32.shr_s (call $unary_op (i32.const 6) (local.get $key)) (i32.const 1)))

  ;; Numbers that follow each other lie apart.
  (func $mixed (param $hash i32) (result i32)
    (local.set $hash (i32.mul (local.get $hash) (i32.const 0x9e3779b1)))
    (i32.xor (local.get $hash) (i32.shr_u (local.get $hash) (i32.const 15))))

  ;; Whether hashing the key is nothing that a program can see, and cannot fail.
  (func $is_simple (param $key i32) (result i32)
    (if (i32.and (local.get $key) (i32.const 1)) (then (return (i32.const 1))))
    (if (i32.and (local.get $key) (i32.const 3))
      (then (return (i32.eq (i32.and (local.get $key) (i32.const 7)) (i32.const 2)))))
    (i32.eq (i32.load (local.get $key)) (global.get $str_type)))

  ;; A tuple's hash (type, length, items …), by CPython's rule, of which the lower 31 bits are left. The artifact adds
  ;; the hashes of the items: those of all points of a grid on one diagonal are the same.
  (func (export "tuple_unary_op") (param $op i32) (param $tuple i32) (result i32)
    (local $hash i64) (local $i i32) (local $length i32)
    (if (i32.ne (local.get $op) (i32.const 6))
      (then (return (call $original_tuple_unary_op (local.get $op) (local.get $tuple)))))
    (local.set $hash (i64.const 2870177450012600261))
    (local.set $length (i32.load offset=4 (local.get $tuple)))
    (block $done
      (loop $item
        (br_if $done (i32.ge_u (local.get $i) (local.get $length)))
        (local.set $hash
          (i64.mul
            (i64.rotl
              (i64.add
                (local.get $hash)
                (i64.mul
                  (i64.extend_i32_s
                    (call $member_hash
                      (i32.load offset=8
                        (i32.add (local.get $tuple) (i32.shl (local.get $i) (i32.const 2))))))
                  (i64.const 0xc2b2ae3d27d4eb4f)))
              (i64.const 31))
            (i64.const 0x9e3779b185ebca87)))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br $item)))
    (local.set $hash
      (i64.add
        (local.get $hash)
        (i64.xor (i64.extend_i32_u (local.get $length)) (i64.const 2870177450013471926))))
    (i32.or (i32.shl (i32.wrap_i64 (local.get $hash)) (i32.const 1)) (i32.const 1)))

  ;; ---- maps ----

  ;; Bytes of a place in the index of a table.
  (func $width (param $room i32) (result i32)
    (if (i32.lt_u (local.get $room) (i32.const 0x100)) (then (return (i32.const 1))))
    (if (i32.lt_u (local.get $room) (i32.const 0x10000)) (then (return (i32.const 2))))
    (select (i32.const 3) (i32.const 4) (i32.lt_u (local.get $room) (i32.const 0x1000000))))

  (func $places (param $room i32) (result i32)
    (i32.or (i32.add (local.get $room) (i32.shr_u (local.get $room) (i32.const 1))) (i32.const 1)))

  ;; A table with nothing in it. Three bytes more, since places are read as words. One that no memory holds fails.
  (func $new_table (param $room i32) (result i32)
    (if (i32.gt_u (local.get $room) (i32.const 0x4000000)) (then (return (call $malloc0 (i32.const 0x7fffffff)))))
    (if (i32.le_u (local.get $room) (i32.const 8))
      (then (return (call $malloc0 (i32.shl (local.get $room) (i32.const 3))))))
    (call $malloc0
      (i32.add
        (i32.add (i32.shl (local.get $room) (i32.const 3)) (i32.const 11))
        (i32.mul (call $places (local.get $room)) (call $width (local.get $room))))))

  (func (export "map_init") (param $map i32) (param $room i32)
    (local $table i32)
    (if (local.get $room) (then (local.set $table (call $new_table (local.get $room)))))
    (i32.store offset=4 (local.get $map) (local.get $room))
    (i32.store offset=8 (local.get $map) (local.get $table))
    (i32.store (local.get $map) (i32.const 1)))

  ;; Room for the table that takes the place of a full one: the same if a fifth of its entries have been removed.
  (func $next_room (param $room i32) (param $used i32) (result i32)
    (if (i32.lt_u (local.get $room) (i32.const 2)) (then (return (i32.const 2))))
    (if (i32.lt_u (i32.add (local.get $used) (i32.shr_u (local.get $used) (i32.const 2))) (local.get $room))
      (then (return (local.get $room))))
    (if (i32.lt_u (local.get $room) (i32.const 7)) (then (return (i32.add (local.get $room) (i32.const 2)))))
    (if (i32.lt_u (local.get $room) (i32.const 2000))
      (then (return (i32.add (i32.add (local.get $room) (i32.const 2)) (i32.div_u (local.get $room) (i32.const 3))))))
    (i32.add (local.get $room) (i32.shr_u (local.get $room) (i32.const 1))))

  ;; Gives the map a table with so much room and an index. Removed entries are left out when `$packs`, which moves the
  ;; others. Hashing may run the program: if that has changed the map, nothing is done.
  (func $rebuild (param $map i32) (param $room i32) (param $packs i32)
    (local $old i32) (local $old_end i32) (local $table i32) (local $flags i32) (local $from i32) (local $to i32)
    (local $key i32) (local $interned i32) (local $index i32) (local $width i32) (local $mask i32) (local $places i32)
    (local $at i32) (local $fill i32)
    (local.set $flags (i32.load (local.get $map)))
    (local.set $old (i32.load offset=8 (local.get $map)))
    (local.set $old_end (i32.add (local.get $old) (i32.shl (i32.load offset=4 (local.get $map)) (i32.const 3))))
    (local.set $table (call $new_table (local.get $room)))
    (local.set $interned (i32.const 1))
    (local.set $from (local.get $old))
    (local.set $to (local.get $table))
    (block $copied
      (loop $copy
        (br_if $copied (i32.ge_u (local.get $from) (local.get $old_end)))
        (local.set $key (i32.load (local.get $from)))
        (if (i32.and (local.get $key) (i32.const -5))
          (then
            (if (i32.ne (i32.and (local.get $key) (i32.const 7)) (i32.const 2))
              (then (local.set $interned (i32.const 0))))
            (i64.store align=4 (local.get $to) (i64.load align=4 (local.get $from)))
            (local.set $to (i32.add (local.get $to) (i32.const 8))))
          (else
            (if (i32.eqz (local.get $packs))
              (then
                (i32.store (local.get $to) (i32.const 4))
                (local.set $to (i32.add (local.get $to) (i32.const 8)))))))
        (local.set $from (i32.add (local.get $from) (i32.const 8)))
        (br $copy)))
    ;; Entries that are free look like removed ones now; those at the end are free again.
    (if (i32.eqz (local.get $packs))
      (then
        (block $trimmed
          (loop $trim
            (br_if $trimmed (i32.eq (local.get $to) (local.get $table)))
            (br_if $trimmed (i32.ne (i32.load (i32.sub (local.get $to) (i32.const 8))) (i32.const 4)))
            (local.set $to (i32.sub (local.get $to) (i32.const 8)))
            (i32.store (local.get $to) (i32.const 0))
            (br $trim)))))
    (if (i32.gt_u (local.get $room) (i32.const 8))
      (then
        (local.set $index (i32.add (local.get $table) (i32.shl (local.get $room) (i32.const 3))))
        (local.set $width (call $width (local.get $room)))
        (local.set $mask (i32.shr_u (i32.const -1) (i32.sub (i32.const 32) (i32.shl (local.get $width) (i32.const 3)))))
        (local.set $places (call $places (local.get $room)))
        (local.set $from (local.get $table))
        (block $indexed
          (loop $entry
            (br_if $indexed (i32.ge_u (local.get $from) (local.get $to)))
            (local.set $key (i32.load (local.get $from)))
            (local.set $from (i32.add (local.get $from) (i32.const 8)))
            (br_if $entry (i32.eqz (i32.and (local.get $key) (i32.const -5))))
            (local.set $at
              (i32.rem_u (call $mixed (call $hash (local.get $key))) (local.get $places)))
            (loop $probe
              (if (i32.and
                    (i32.load offset=8 (i32.add (local.get $index) (i32.mul (local.get $at) (local.get $width))))
                    (local.get $mask))
                (then
                  (local.set $at (i32.add (local.get $at) (i32.const 1)))
                  (if (i32.eq (local.get $at) (local.get $places)) (then (local.set $at (i32.const 0))))
                  (br $probe))))
            (call $set_place
              (i32.add (i32.add (local.get $index) (i32.const 8)) (i32.mul (local.get $at) (local.get $width)))
              (local.get $mask)
              (i32.shr_u (i32.sub (local.get $from) (local.get $table)) (i32.const 3)))
            (local.set $fill (i32.add (local.get $fill) (i32.const 1)))
            (br $entry)))
        (i32.store (local.get $index) (i32.shr_u (i32.sub (local.get $to) (local.get $table)) (i32.const 3)))
        (i32.store offset=4 (local.get $index) (local.get $fill))))
    (if (i32.or
          (i32.ne (i32.load offset=8 (local.get $map)) (local.get $old))
          (i32.ne (i32.load (local.get $map)) (local.get $flags)))
      (then (return (call $free (local.get $table)))))
    (i32.store offset=8 (local.get $map) (local.get $table))
    (i32.store offset=4 (local.get $map) (local.get $room))
    (i32.store (local.get $map) (i32.or (i32.and (local.get $flags) (i32.const -2)) (local.get $interned)))
    (call $free (local.get $old)))

  ;; Writes to a place of the index.
  (func $set_place (param $at i32) (param $mask i32) (param $number i32)
    (i32.store (local.get $at)
      (i32.or
        (i32.and (i32.load (local.get $at)) (i32.xor (local.get $mask) (i32.const -1)))
        (local.get $number))))

  ;; Takes an entry out that is in the map's table. Its value stays, for the caller.
  (func $remove (param $map i32) (param $entry i32)
    (local $table i32) (local $room i32) (local $index i32) (local $end i32)
    (local.set $table (i32.load offset=8 (local.get $map)))
    (local.set $room (i32.load offset=4 (local.get $map)))
    (i32.store (local.get $map) (i32.sub (i32.load (local.get $map)) (i32.const 8)))
    (i32.store (local.get $entry) (i32.const 4))
    (if (i32.le_u (local.get $room) (i32.const 8)) (then (return)))
    (local.set $index (i32.add (local.get $table) (i32.shl (local.get $room) (i32.const 3))))
    (local.set $end (i32.add (local.get $table) (i32.shl (i32.load (local.get $index)) (i32.const 3))))
    (if (i32.ne (i32.add (local.get $entry) (i32.const 8)) (local.get $end)) (then (return)))
    ;; The last ones are given back, or taking the last entry again and again would pass over all that were taken.
    (loop $back
      (local.set $end (i32.sub (local.get $end) (i32.const 8)))
      (i32.store (local.get $end) (i32.const 0))
      (if (i32.gt_u (local.get $end) (local.get $table))
        (then (br_if $back (i32.eq (i32.load (i32.sub (local.get $end) (i32.const 8))) (i32.const 4))))))
    (i32.store (local.get $index) (i32.shr_u (i32.sub (local.get $end) (local.get $table)) (i32.const 3))))

  ;; Puts a key into an entry that is free, and gives back the entry.
  (func $put (param $map i32) (param $entry i32) (param $key i32) (result i32)
    (i32.store offset=4 (local.get $entry) (i32.const 0))
    (i32.store (local.get $entry) (local.get $key))
    (i32.store (local.get $map)
      (i32.and
        (i32.add (i32.load (local.get $map)) (i32.const 8))
        (select (i32.const -1) (i32.const -2) (i32.eq (i32.and (local.get $key) (i32.const 7)) (i32.const 2)))))
    (local.get $entry))

  ;; $kind: 0 look, 1 add if it is not there (the value is 0 then), 2 remove. Gives the entry, or 0.
  (func (export "map_lookup") (param $map i32) (param $key i32) (param $kind i32) (result i32)
    (local $room i32) (local $table i32) (local $flags i32) (local $entry i32) (local $top i32) (local $found i32)
    ;; Keys k with k & $tag_mask == $tag are other keys, without a look at what they say.
    (local $tag_mask i32) (local $tag i32)
    ;; Only words are compared.
    (local $by_word i32)
    (local $is_hashed i32) (local $hash i32)
    (local $index i32) (local $width i32) (local $mask i32) (local $at i32) (local $limit i32) (local $end i32)
    (block $hit
      (block $no_cache
        (br_if $no_cache (i32.eq (local.get $kind) (i32.const 2)))
        (br_if $no_cache (i32.eqz (local.tee $room (i32.load offset=4 (local.get $map)))))
        (br_if $no_cache
          (i32.ne
            (i32.load
              (local.tee $entry
                (i32.add
                  (i32.load offset=8 (local.get $map))
                  (i32.shl
                    (i32.rem_u
                      (i32.load8_u
                        (i32.add
                          (i32.and (i32.shr_u (local.get $key) (i32.const 2)) (i32.const 127))
                          (global.get $lookup_cache)))
                      (local.get $room))
                    (i32.const 3)))))
            (local.get $key)))
        (return (local.get $entry)))
      ;; What kind of key it is.
      (local.set $by_word (i32.and (i32.load (local.get $map)) (i32.const 1)))
      (block $classified
        (if (i32.eq (i32.and (local.get $key) (i32.const 7)) (i32.const 2))
          (then
            (local.set $tag_mask (i32.const 7))
            (local.set $tag (i32.const 2))
            (br $classified)))
        (local.set $tag (i32.const 1))
        (if (i32.and (local.get $key) (i32.const 1))
          (then (local.set $tag_mask (i32.const 1)))
          (else
            (if (i32.eqz (i32.and (local.get $key) (i32.const 3)))
              (then
                (if (i32.eq (i32.load (local.get $key)) (global.get $str_type))
                  (then
                    (local.set $by_word (i32.const 0))
                    (br $classified)))))))
        (br_if $classified (i32.eqz (local.get $by_word)))
        (if (i32.ne (local.get $kind) (i32.const 1)) (then (return (i32.const 0)))))
      (loop $again
        (local.set $flags (i32.load (local.get $map)))
        (local.set $by_word (i32.and (local.get $by_word) (local.get $flags)))
        (local.set $room (i32.load offset=4 (local.get $map)))
        (local.set $table (i32.load offset=8 (local.get $map)))
        (local.set $top (i32.add (local.get $table) (i32.shl (local.get $room) (i32.const 3))))
        (block $indexed
          (block $one_by_one
            ;; The artifact's own tables are never changed, and their keys can be hashed.
            (br_if $one_by_one (i32.eq (i32.and (local.get $flags) (i32.const 6)) (i32.const 6)))
            (if (i32.eqz (i32.or (local.get $is_hashed) (local.get $tag_mask)))
              (then
                (if (i32.eqz (call $is_simple (local.get $key)))
                  (then
                    (local.set $hash (call $hash (local.get $key)))
                    (local.set $is_hashed (i32.const 1))
                    (br $again)))))
            (br_if $one_by_one (i32.le_u (local.get $room) (i32.const 8)))
            (br_if $indexed (i32.le_u (i32.shr_u (local.get $flags) (i32.const 3)) (i32.load (local.get $top))))
            ;; There is no index: a copy. One that may not be changed is another's table.
            (br_if $one_by_one (i32.and (local.get $flags) (i32.const 2)))
            (call $rebuild (local.get $map) (local.get $room) (i32.const 0))
            (br $again))
          ;; Without an index.
          (local.set $entry (local.get $table))
          (block $absent
            (br_if $absent (i32.eqz (local.get $room)))
            (if (local.get $by_word)
              (then
                (loop $word
                  (br_if $hit (i32.eq (i32.load (local.get $entry)) (local.get $key)))
                  (br_if $word
                    (i32.lt_u
                      (local.tee $entry (i32.add (local.get $entry) (i32.const 8)))
                      (local.get $top)))))
              (else
                (loop $compare
                  (block $other
                    (br_if $hit
                      (i32.eq (local.tee $found (i32.load (local.get $entry))) (local.get $key)))
                    (br_if $other (i32.eq (i32.and (local.get $found) (local.get $tag_mask)) (local.get $tag)))
                    (br_if $other (i32.eqz (i32.and (local.get $found) (i32.const -5))))
                    (if (call $equal (local.get $found) (local.get $key))
                      (then
                        (br_if $again (i32.ne (i32.load offset=8 (local.get $map)) (local.get $table)))
                        (br_if $again (i32.ne (i32.load (local.get $entry)) (local.get $found)))
                        (br $hit)))
                    (br_if $again (i32.ne (i32.load offset=8 (local.get $map)) (local.get $table))))
                  (br_if $compare
                    (i32.lt_u
                      (local.tee $entry (i32.add (local.get $entry) (i32.const 8)))
                      (local.get $top)))))))
          (if (i32.ne (local.get $kind) (i32.const 1)) (then (return (i32.const 0))))
          ;; Behind the last entry that is not free or removed.
          (local.set $entry (local.get $top))
          (block $last
            (loop $back
              (br_if $last (i32.eq (local.get $entry) (local.get $table)))
              (br_if $last
                (i32.and (i32.load (i32.sub (local.get $entry) (i32.const 8))) (i32.const -5)))
              (local.set $entry (i32.sub (local.get $entry) (i32.const 8)))
              (br $back)))
          (if (i32.lt_u (local.get $entry) (local.get $top))
            (then (return (call $put (local.get $map) (local.get $entry) (local.get $key)))))
          (call $rebuild (local.get $map)
            (call $next_room (local.get $room) (i32.shr_u (local.get $flags) (i32.const 3)))
            (i32.const 1))
          (br $again))
        ;; With one.
        (local.set $index (i32.add (local.get $top) (i32.const 8)))
        (if (i32.eqz (local.get $is_hashed))
          (then
            (local.set $hash (call $hash (local.get $key)))
            (local.set $is_hashed (i32.const 1))))
        (local.set $width (call $width (local.get $room)))
        (local.set $mask (i32.shr_u (i32.const -1) (i32.sub (i32.const 32) (i32.shl (local.get $width) (i32.const 3)))))
        (local.set $limit (i32.add (local.get $index)
          (i32.mul (local.tee $at (call $places (local.get $room))) (local.get $width))))
        (local.set $at
          (i32.add (local.get $index)
            (i32.mul (i32.rem_u (call $mixed (local.get $hash)) (local.get $at)) (local.get $width))))
        (block $free
          (loop $probe
            (br_if $free
              (i32.eqz (local.tee $found (i32.and (i32.load (local.get $at)) (local.get $mask)))))
            (br_if $hit
              (i32.eq
                (local.tee $found
                  (i32.load
                    (local.tee $entry
                      (i32.add
                        (local.get $table)
                        (i32.shl (i32.sub (local.get $found) (i32.const 1)) (i32.const 3))))))
                (local.get $key)))
            (block $other
              (br_if $other (local.get $by_word))
              (br_if $other (i32.eq (i32.and (local.get $found) (local.get $tag_mask)) (local.get $tag)))
              (br_if $other (i32.eqz (i32.and (local.get $found) (i32.const -5))))
              (if (call $equal (local.get $found) (local.get $key))
                (then
                  (br_if $again (i32.ne (i32.load offset=8 (local.get $map)) (local.get $table)))
                  (br_if $again (i32.ne (i32.load (local.get $entry)) (local.get $found)))
                  (br $hit)))
              (br_if $again (i32.ne (i32.load offset=8 (local.get $map)) (local.get $table))))
            (br_if $probe
              (i32.ne (local.tee $at (i32.add (local.get $at) (local.get $width))) (local.get $limit)))
            (local.set $at (local.get $index))
            (br $probe)))
        (if (i32.ne (local.get $kind) (i32.const 1)) (then (return (i32.const 0))))
        (local.set $end (i32.load (local.get $top)))
        (if (i32.or
              (i32.eq (local.get $end) (local.get $room))
              (i32.eq (i32.load offset=4 (local.get $top)) (local.get $room)))
          (then
            (call $rebuild (local.get $map)
              (call $next_room (local.get $room) (i32.shr_u (i32.load (local.get $map)) (i32.const 3)))
              (i32.const 1))
            (br $again)))
        (i32.store (local.get $top) (i32.add (local.get $end) (i32.const 1)))
        (i32.store offset=4 (local.get $top) (i32.add (i32.load offset=4 (local.get $top)) (i32.const 1)))
        (call $set_place (local.get $at) (local.get $mask) (i32.add (local.get $end) (i32.const 1)))
        (return
          (call $put (local.get $map)
            (i32.add (local.get $table) (i32.shl (local.get $end) (i32.const 3)))
            (local.get $key))))
      unreachable)
    ;; Found.
    (if (i32.eq (local.get $kind) (i32.const 2))
      (then
        (call $remove (local.get $map) (local.get $entry))
        (return (local.get $entry))))
    (i32.store8
      (i32.add
        (i32.and (i32.shr_u (local.get $key) (i32.const 2)) (i32.const 127))
        (global.get $lookup_cache))
      (i32.shr_u (i32.sub (local.get $entry) (i32.load offset=8 (local.get $map))) (i32.const 3)))
    (local.get $entry))

  ;; dict.popitem(): the last entry. Errors are the artifact's own.
  (func (export "dict_popitem") (param $dict i32) (result i32)
    (local $map i32) (local $table i32) (local $entry i32) (local $tuple i32)
    (local.set $map (i32.add (local.get $dict) (i32.const 4)))
    (if (i32.or
          (i32.and (i32.load (local.get $map)) (i32.const 2))
          (i32.lt_u (i32.load (local.get $map)) (i32.const 8)))
      (then (return (call $original_popitem (local.get $dict)))))
    (local.set $table (i32.load offset=8 (local.get $map)))
    (local.set $entry (call $behind_last (local.get $map)))
    (loop $back
      (local.set $entry (i32.sub (local.get $entry) (i32.const 8)))
      (br_if $back (i32.eqz (i32.and (i32.load (local.get $entry)) (i32.const -5)))))
    (local.set $tuple (call $new_tuple (i32.const 2) (local.get $entry)))
    (call $remove (local.get $map) (local.get $entry))
    (i32.store offset=4 (local.get $entry) (i32.const 0))
    (local.get $tuple))

  ;; Address behind which the map has no entries.
  (func $behind_last (param $map i32) (result i32)
    (local $room i32) (local $top i32) (local $end i32)
    (local.set $room (i32.load offset=4 (local.get $map)))
    (local.set $top (i32.add (i32.load offset=8 (local.get $map)) (i32.shl (local.get $room) (i32.const 3))))
    (if (i32.le_u (local.get $room) (i32.const 8)) (then (return (local.get $top))))
    (local.set $end (i32.load (local.get $top)))
    (if (i32.gt_u (i32.shr_u (i32.load (local.get $map)) (i32.const 3)) (local.get $end))
      (then (return (local.get $top))))
    (i32.add (i32.load offset=8 (local.get $map)) (i32.shl (local.get $end) (i32.const 3))))

  ;; ---- sets ----

  ;; Places for a set that is made for so many members, or is a copy of one with so many places.
  (func $set_room (param $count i32) (result i32)
    (local $room i32)
    (local.set $room (i32.const 8))
    (if (i32.le_u (local.get $count) (i32.const 4)) (then (return (local.get $room))))
    (if (i32.and
          (i32.eqz (i32.and (local.get $count) (i32.sub (local.get $count) (i32.const 1))))
          (i32.ge_u (local.get $count) (i32.const 8)))
      (then (return (local.get $count))))
    (call $set_room_above (i32.shl (local.get $count) (i32.const 1))))

  ;; The smallest size above a count.
  (func $set_room_above (param $count i32) (result i32)
    (local $room i32)
    (local.set $room (i32.const 8))
    (block $enough
      (loop $double
        (br_if $enough (i32.gt_u (local.get $room) (local.get $count)))
        (br_if $enough (i32.ge_u (local.get $room) (i32.const 0x10000000)))
        (local.set $room (i32.shl (local.get $room) (i32.const 1)))
        (br $double)))
    (local.get $room))

  (func $new_set_table (param $room i32) (result i32)
    (if (i32.gt_u (local.get $room) (i32.const 0x8000000)) (then (return (call $malloc0 (i32.const 0x7fffffff)))))
    (call $malloc0 (i32.add (i32.shl (local.get $room) (i32.const 2)) (i32.const 8))))

  (func (export "set_init") (param $set i32) (param $count i32)
    (local $table i32)
    (if (local.get $count)
      (then
        (local.set $count (call $set_room (local.get $count)))
        (local.set $table (call $new_set_table (local.get $count)))))
    (i32.store (local.get $set) (local.get $count))
    (i32.store offset=4 (local.get $set) (i32.const 0))
    (i32.store offset=8 (local.get $set) (local.get $table)))

  ;; A member's hash as CPython has it for small ints.
  (func $member_hash (param $member i32) (result i32)
    (select (i32.const -2) (call $hash (local.get $member)) (i32.eq (local.get $member) (i32.const -1))))

  ;; Where the search goes on when a run of places is full: (i * 5 + 1 + perturb) & mask.
  (func $next_place (param $place i32) (param $perturb i64) (param $mask i32) (result i32)
    (i32.and
      (i32.add
        (i32.add (i32.mul (local.get $place) (i32.const 5)) (i32.const 1))
        (i32.wrap_i64 (local.get $perturb)))
      (local.get $mask)))

  ;; Gives the set a table with so many places. Hashing may run the program: if that has changed the set, nothing is done.
  (func $set_rebuild (param $set i32) (param $room i32)
    (local $old i32) (local $from i32) (local $old_end i32) (local $used i32) (local $table i32) (local $member i32)
    (local $mask i32) (local $place i32) (local $last i32) (local $perturb i64) (local $count i32)
    (local.set $old (i32.load offset=8 (local.get $set)))
    (local.set $used (i32.load offset=4 (local.get $set)))
    (local.set $old_end (i32.add (local.get $old) (i32.shl (i32.load (local.get $set)) (i32.const 2))))
    (local.set $table (call $new_set_table (local.get $room)))
    (local.set $mask (i32.sub (local.get $room) (i32.const 1)))
    (local.set $from (local.get $old))
    (block $done
      (loop $members
        (br_if $done (i32.ge_u (local.get $from) (local.get $old_end)))
        (local.set $member (i32.load (local.get $from)))
        (local.set $from (i32.add (local.get $from) (i32.const 4)))
        (br_if $members (i32.eqz (i32.and (local.get $member) (i32.const -5))))
        (local.set $count (i32.add (local.get $count) (i32.const 1)))
        (local.set $perturb (i64.extend_i32_s (local.tee $place (call $member_hash (local.get $member)))))
        (local.set $place (i32.and (local.get $place) (local.get $mask)))
        (block $placed
          (loop $run
            (local.set $last
              (i32.add (local.get $place)
                (select (i32.const 9) (i32.const 0)
                  (i32.le_u (i32.add (local.get $place) (i32.const 9)) (local.get $mask)))))
            (local.set $last (i32.add (local.get $table) (i32.shl (local.get $last) (i32.const 2))))
            (local.set $used (i32.add (local.get $table) (i32.shl (local.get $place) (i32.const 2))))
            (loop $probe
              (br_if $placed (i32.eqz (i32.load (local.get $used))))
              (br_if $probe
                (i32.le_u (local.tee $used (i32.add (local.get $used) (i32.const 4))) (local.get $last))))
            (local.set $place
              (call $next_place (local.get $place)
                (local.tee $perturb (i64.shr_u (local.get $perturb) (i64.const 5)))
                (local.get $mask)))
            (br $run)))
        (i32.store (local.get $used) (local.get $member))
        (br $members)))
    (if (i32.or
          (i32.ne (i32.load offset=8 (local.get $set)) (local.get $old))
          (i32.ne (i32.load offset=4 (local.get $set)) (local.get $count)))
      (then (return (call $free (local.get $table)))))
    (local.set $last (i32.add (local.get $table) (i32.shl (local.get $room) (i32.const 2))))
    (i32.store (local.get $last) (i32.add (local.get $count) (i32.const 1)))
    (if (local.get $old)
      (then
        (i32.store offset=4 (local.get $last) (i32.load offset=4 (local.get $old_end)))))
    (i32.store offset=8 (local.get $set) (local.get $table))
    (i32.store (local.get $set) (local.get $room))
    (call $free (local.get $old)))

  ;; $kind: bits 1 add if it is not there, 2 remove if it is. Gives the member, or 0.
  (func (export "set_lookup") (param $set i32) (param $member i32) (param $kind i32) (result i32)
    (local $mask i32) (local $table i32) (local $place i32) (local $at i32) (local $last i32) (local $found i32)
    (local $hash i32) (local $tag_mask i32) (local $tag i32) (local $perturb i64) (local $tail i32) (local $fill i32)
    (local $removed i32)
    (if (i32.eqz (i32.load (local.get $set)))
      (then (if (i32.eqz (i32.and (local.get $kind) (i32.const 1))) (then (return (i32.const 0))))))
    (local.set $hash (call $member_hash (local.get $member)))
    (if (i32.eqz (i32.load (local.get $set))) (then (call $set_rebuild (local.get $set) (i32.const 8))))
    (local.set $tag (i32.const 1))
    (if (i32.and (local.get $member) (i32.const 1))
      (then (local.set $tag_mask (i32.const 1)))
      (else
        (if (i32.eq (i32.and (local.get $member) (i32.const 7)) (i32.const 2))
          (then
            (local.set $tag_mask (i32.const 7))
            (local.set $tag (i32.const 2))))))
    (block $hit
      (loop $again
        (local.set $mask (i32.sub (i32.load (local.get $set)) (i32.const 1)))
        (local.set $table (i32.load offset=8 (local.get $set)))
        (local.set $place (i32.and (local.get $hash) (local.get $mask)))
        (local.set $perturb (i64.extend_i32_s (local.get $hash)))
        (local.set $removed (i32.const 0))
        (block $absent
          (loop $run
            (local.set $at (i32.add (local.get $table) (i32.shl (local.get $place) (i32.const 2))))
            (local.set $last
              (select
                (i32.add (local.get $at) (i32.const 36))
                (local.get $at)
                (i32.le_u (i32.add (local.get $place) (i32.const 9)) (local.get $mask))))
            (loop $probe
              (br_if $absent (i32.eqz (local.tee $found (i32.load (local.get $at)))))
              (br_if $hit (i32.eq (local.get $found) (local.get $member)))
              (block $other
                (br_if $other (i32.eq (i32.and (local.get $found) (local.get $tag_mask)) (local.get $tag)))
                (if (i32.eq (local.get $found) (i32.const 4))
                  (then
                    (local.set $removed (local.get $at))
                    (br $other)))
                (if (call $equal (local.get $found) (local.get $member))
                  (then
                    (br_if $again (i32.ne (i32.load offset=8 (local.get $set)) (local.get $table)))
                    (br_if $again (i32.ne (i32.load (local.get $at)) (local.get $found)))
                    (br $hit)))
                (br_if $again (i32.ne (i32.load offset=8 (local.get $set)) (local.get $table))))
              (br_if $probe
                (i32.le_u (local.tee $at (i32.add (local.get $at) (i32.const 4))) (local.get $last))))
            (local.set $place
              (call $next_place (local.get $place)
                (local.tee $perturb (i64.shr_u (local.get $perturb) (i64.const 5)))
                (local.get $mask)))
            (br $run)))
        (if (i32.eqz (i32.and (local.get $kind) (i32.const 1))) (then (return (i32.const 0))))
        ;; The last removed member's place that was passed is taken first.
        (if (local.get $removed)
          (then
            (i32.store (local.get $removed) (local.get $member))
            (i32.store offset=4 (local.get $set) (i32.add (i32.load offset=4 (local.get $set)) (i32.const 1)))
            (return (local.get $member))))
        (local.set $tail
          (i32.add (local.get $table) (i32.shl (i32.add (local.get $mask) (i32.const 1)) (i32.const 2))))
        (if (i32.eqz (local.tee $fill (i32.load (local.get $tail))))
          (then (local.set $fill (call $count_places (local.get $table) (local.get $tail)))))
        (i32.store (local.get $at) (local.get $member))
        (i32.store (local.get $tail) (i32.add (local.get $fill) (i32.const 1)))
        (i32.store offset=4 (local.get $set) (local.tee $found (i32.add (i32.load offset=4 (local.get $set)) (i32.const 1))))
        (if (i32.ge_u (i32.mul (local.get $fill) (i32.const 5)) (i32.mul (local.get $mask) (i32.const 3)))
          (then
            (call $set_rebuild (local.get $set)
              (call $set_room_above
                (i32.shl (local.get $found)
                  (select (i32.const 1) (i32.const 2) (i32.gt_u (local.get $found) (i32.const 50000))))))))
        (return (local.get $member)))
      unreachable)
    (if (i32.and (local.get $kind) (i32.const 2))
      (then
        (i32.store (local.get $at) (i32.const 4))
        (i32.store offset=4 (local.get $set) (i32.sub (i32.load offset=4 (local.get $set)) (i32.const 1)))))
    (local.get $found))

  ;; One more than the places that are not free.
  (func $count_places (param $at i32) (param $end i32) (result i32)
    (local $count i32)
    (local.set $count (i32.const 1))
    (loop $place
      (local.set $count (i32.add (local.get $count) (i32.ne (i32.load (local.get $at)) (i32.const 0))))
      (br_if $place (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 4))) (local.get $end))))
    (local.get $count))

  ;; set.pop(): the first member from where the last one was taken. 0 if there is none.
  (func (export "set_remove_first") (param $set i32) (result i32)
    (local $table i32) (local $tail i32) (local $at i32) (local $member i32)
    (if (i32.eqz (i32.load offset=4 (local.get $set))) (then (return (i32.const 0))))
    (local.set $table (i32.load offset=8 (local.get $set)))
    (local.set $tail (i32.add (local.get $table) (i32.shl (i32.load (local.get $set)) (i32.const 2))))
    (local.set $at
      (i32.add (local.get $table)
        (i32.shl
          (i32.and (i32.load offset=4 (local.get $tail)) (i32.sub (i32.load (local.get $set)) (i32.const 1)))
          (i32.const 2))))
    (block $found
      (loop $probe
        (br_if $found (i32.and (local.tee $member (i32.load (local.get $at))) (i32.const -5)))
        (br_if $probe (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 4))) (local.get $tail)))
        (local.set $at (local.get $table))
        (br $probe)))
    (i32.store (local.get $at) (i32.const 4))
    (i32.store offset=4 (local.get $set) (i32.sub (i32.load offset=4 (local.get $set)) (i32.const 1)))
    (i32.store offset=4 (local.get $tail)
      (i32.add (i32.shr_u (i32.sub (local.get $at) (local.get $table)) (i32.const 2)) (i32.const 1)))
    (local.get $member)))
