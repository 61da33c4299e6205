;; The parser, as this project has it: it looks at the next token before it tries a rule. `npm run generate` assembles
;; this file into parser.generated.ts; parser.ts puts the function in the place of the artifact's own.
;;
;; MicroPython's mp_parse() tries rules one by one, and goes back where the first token is not theirs: for the name `x`
;; it enters eighteen rules from `test` down to `atom`, and comes back through all of them. That took half of all fuel
;; for a program of 6 KB. Here a table says which tokens a rule may begin with, so that nothing is tried in vain; and the
;; rules between an expression and its first atom, the *spine*, are entered at once, by one entry for all of them, and
;; left at once but for the one that the token behind the atom continues. The tree is the same, and so are the errors: mp_parse() reports them.
;;
;; mp_parse() pushes its first rule by push_rule(). All is parsed there, so that it finds no rule left and goes on with
;; what it does at the end. It reports a syntax error if then there is another token than the last one, or no result.
;;
;; A parser (parser_t)  +0 room, +4 number, +8 → entries of the stack of rules   +12 room, +16 number, +20 → results
;;                      +24 → lexer, which has +52 the line and +60 the kind of the next token   +36 → chunk of the tree
;; An entry             +0 rule << 24 | line of its first token   +4 place in the rule; for a part of the spine, all of
;;                      whose rules have had their first item: 0x10000 | its end << 8 | its beginning
;; A rule               a byte in `acts`: 16 or, 32 and, 48 list; | number of arguments; | 64 is its one result if it has
;;                      no more; | 128 has one result more. Its arguments are 16 bits each: 0x1000 a token, 0x2000 a
;;                      rule, 0x3000 a rule that may be left out; | number
;; The table            `first`: 16 bytes for each rule, a bit for each token that it may begin with; `spine_of`: a byte
;;                      for each rule, where in the spine it begins, 255 nowhere; `spine`: the rules of the spine, `and`
;;                      and lists; `begins`: bits of tokens that begin an atom; `continues`: a byte for each token, the
;;                      place in the spine of the rule that it continues behind its first item, 255 none
(module
  (import "original" "push_rule" (func $push_rule (param i32 i32 i32 i32)))
  (import "original" "parser_alloc" (func $parser_alloc (param i32 i32) (result i32)))
  (import "artifact" "realloc_in_place" (func $realloc_in_place (param i32 i32 i32) (result i32)))
  (import "artifact" "push_result_token" (func $push_result_token (param i32 i32)))
  (import "artifact" "push_result_rule" (func $push_result_rule (param i32 i32 i32 i32)))
  (import "artifact" "next_token" (func $next_token (param i32)))
  (import "artifact" "realloc" (func $realloc (param i32 i32) (result i32)))
  (import "artifact" "memory" (memory 0))
  (import "artifact" "acts" (global $acts i32))
  (import "artifact" "offsets" (global $offsets i32))
  (import "artifact" "arguments" (global $arguments i32))
  ;; Rules from this one on have 256 added to their offset.
  (import "artifact" "far" (global $far i32))
  (import "artifact" "first" (global $first i32))
  (import "artifact" "spine_of" (global $spine_of i32))
  (import "artifact" "spine" (global $spine i32))
  (import "artifact" "spine_length" (global $spine_length i32))
  (import "artifact" "begins" (global $begins i32))
  (import "artifact" "continues" (global $continues i32))
  (import "artifact" "atom" (global $atom i32))
  (import "artifact" "name" (global $name i32))

  (func $push_result (param $parser i32) (param $node i32) (local $count i32)
    (local.set $count (i32.load offset=16 (local.get $parser)))
    (if (i32.ge_u (local.get $count) (i32.load (i32.add (local.get $parser) (i32.const 12))))
      (then
        (i32.store offset=20 (local.get $parser)
          (call $realloc
            (i32.load offset=20 (local.get $parser))
            (i32.add (i32.shl (i32.load offset=12 (local.get $parser)) (i32.const 2)) (i32.const 64))))
        (i32.store offset=12 (local.get $parser)
          (i32.add (i32.load offset=12 (local.get $parser)) (i32.const 16)))))
    (i32.store offset=16 (local.get $parser) (i32.add (local.get $count) (i32.const 1)))
    (i32.store
      (i32.add (i32.load offset=20 (local.get $parser)) (i32.shl (local.get $count) (i32.const 2)))
      (local.get $node)))

  ;; ---- nodes of the tree ----

  ;; Room in the chunk of the tree that is under way: +0 its room, +4 how much is used, +8 …. The artifact makes room for
  ;; each node by itself, by growing the chunk where it lies.
  (func (export "parser_alloc") (param $parser i32) (param $bytes i32) (result i32)
    (local $chunk i32) (local $used i32) (local $room i32)
    (block $original
      (br_if $original (i32.gt_u (local.get $bytes) (i32.const 256)))
      (br_if $original (i32.eqz (local.tee $chunk (i32.load offset=36 (local.get $parser)))))
      (local.set $used (i32.load offset=4 (local.get $chunk)))
      (local.set $room (i32.load (local.get $chunk)))
      (if (i32.gt_u (i32.add (local.get $used) (local.get $bytes)) (local.get $room))
        (then
          (local.set $room (i32.add (local.get $room) (i32.const 256)))
          (br_if $original
            (i32.eqz
              (call $realloc_in_place
                (local.get $chunk)
                (i32.add (local.get $room) (i32.const 8))
                (i32.const 0))))
          (i32.store (local.get $chunk) (local.get $room))))
      (i32.store offset=4 (local.get $chunk) (i32.add (local.get $used) (local.get $bytes)))
      (return (i32.add (i32.add (local.get $chunk) (i32.const 8)) (local.get $used))))
    (call $parser_alloc (local.get $parser) (local.get $bytes)))

  ;; ---- rules ----

  ;; Room for 16 more entries: the artifact's function makes it where there is none, and pushes one that nobody looks at.
  (func $make_room (param $parser i32)
    (i32.store offset=4 (local.get $parser) (i32.load (local.get $parser)))
    (call $push_rule (local.get $parser) (i32.const 0) (i32.const 0) (i32.const 0)))

  (func (export "push_rule") (param $parser i32) (param $line i32) (param $rule i32) (param $at i32)
    (local $lexer i32) (local $token i32) (local $byte i32) (local $bit i32)
    (local $bottom i32) (local $top i32) (local $limit i32)
    (local $act i32) (local $n i32) (local $args i32) (local $arg i32) (local $back i32) (local $x i32) (local $y i32)
    (local.set $lexer (i32.load offset=24 (local.get $parser)))
    (local.set $top (local.tee $bottom (i32.load offset=8 (local.get $parser))))
    ;; Four entries always fit.
    (local.set $limit
      (i32.sub
        (i32.add (local.get $bottom) (i32.shl (i32.load (local.get $parser)) (i32.const 3)))
        (i32.const 32)))
    (local.set $token (i32.load offset=60 (local.get $lexer)))
    (local.set $byte (i32.shr_u (local.get $token) (i32.const 3)))
    (local.set $bit (i32.and (local.get $token) (i32.const 7)))
    (block $end
      (block $error
        (loop $enter
          ;; $rule from its beginning, at the line of the next token.
          (local.set $line (i32.and (i32.load offset=52 (local.get $lexer)) (i32.const 0xffffff)))
          (local.set $at (i32.const 0))
          (local.set $back (i32.const 0))
          (if (i32.gt_u (local.get $top) (local.get $limit))
            (then
              (local.set $x (i32.sub (local.get $top) (local.get $bottom)))
              (call $make_room (local.get $parser))
              (local.set $bottom (i32.load offset=8 (local.get $parser)))
              (local.set $top (i32.add (local.get $bottom) (local.get $x)))
              (local.set $limit
                (i32.sub
                  (i32.add (local.get $bottom) (i32.shl (i32.load (local.get $parser)) (i32.const 3)))
                  (i32.const 32)))))
          (local.set $x (i32.load8_u (i32.add (global.get $spine_of) (local.get $rule))))
          (if (i32.ne (local.get $x) (i32.const 255))
            (then
              (if (i32.and
                    (i32.shr_u
                      (i32.load8_u (i32.add (global.get $begins) (local.get $byte)))
                      (local.get $bit))
                    (i32.const 1))
                (then
                  (i32.store (local.get $top) (local.get $line))
                  (i32.store offset=4 (local.get $top)
                    (i32.or
                      (i32.or (i32.const 0x10000) (i32.shl (global.get $spine_length) (i32.const 8)))
                      (local.get $x)))
                  (local.set $top (i32.add (local.get $top) (i32.const 8)))
                  (local.set $rule (global.get $atom))))))
          (loop $work
            (local.set $args
              (i32.add
                (global.get $arguments)
                (i32.shl
                  (i32.add
                    (i32.load8_u (i32.add (global.get $offsets) (local.get $rule)))
                    (i32.shl (i32.ge_u (local.get $rule) (global.get $far)) (i32.const 8)))
                  (i32.const 1))))
            (local.set $act (i32.load8_u (i32.add (global.get $acts) (local.get $rule))))
            (local.set $n (i32.and (local.get $act) (i32.const 15)))
            (block $pop
              (block $or
                (block $list
                  (br_if $or (i32.eq (i32.and (local.get $act) (i32.const 48)) (i32.const 16)))
                  (br_if $list (i32.ne (i32.and (local.get $act) (i32.const 48)) (i32.const 32)))
                  ;; ---- and: one behind the other ----
                  (if (local.get $back)
                    (then
                      (if (i32.eq
                            (i32.and
                              (i32.load16_u
                                (i32.sub
                                  (i32.add (local.get $args) (i32.shl (local.get $at) (i32.const 1)))
                                  (i32.const 2)))
                              (i32.const 0xf000))
                            (i32.const 0x3000))
                        (then
                          (call $push_result (local.get $parser) (i32.const 0))
                          (local.set $back (i32.const 0)))
                        (else
                          (br_if $error (i32.gt_u (local.get $at) (i32.const 1)))
                          (br $pop)))))
                  (block $matched
                    (loop $next
                      (br_if $matched (i32.ge_u (local.get $at) (local.get $n)))
                      (local.set $arg
                        (i32.load16_u (i32.add (local.get $args) (i32.shl (local.get $at) (i32.const 1)))))
                      (if (i32.eq (i32.and (local.get $arg) (i32.const 0xf000)) (i32.const 0x1000))
                        (then
                          (if (i32.ne (i32.and (local.get $arg) (i32.const 0xfff)) (local.get $token))
                            (then
                              (br_if $error (local.get $at))
                              (local.set $back (i32.const 1))
                              (br $pop)))
                          (if (i32.eq (local.get $token) (global.get $name))
                            (then (call $push_result_token (local.get $parser) (local.get $rule))))
                          (call $next_token (local.get $lexer))
                          (local.set $token (i32.load offset=60 (local.get $lexer)))
                          (local.set $byte (i32.shr_u (local.get $token) (i32.const 3)))
                          (local.set $bit (i32.and (local.get $token) (i32.const 7)))
                          (local.set $at (i32.add (local.get $at) (i32.const 1)))
                          (br $next)))
                      (local.set $at (i32.add (local.get $at) (i32.const 1)))
                      (local.set $x (i32.and (local.get $arg) (i32.const 0xff)))
                      (if (i32.ge_u (local.get $arg) (i32.const 0x3000))
                        (then
                          (if (i32.eqz
                                (i32.and
                                  (i32.shr_u
                                    (i32.load8_u
                                      (i32.add
                                        (i32.add (global.get $first) (i32.shl (local.get $x) (i32.const 4)))
                                        (local.get $byte)))
                                    (local.get $bit))
                                  (i32.const 1)))
                            (then
                              (call $push_result (local.get $parser) (i32.const 0))
                              (br $next)))))
                      (i32.store (local.get $top)
                        (i32.or (i32.shl (local.get $rule) (i32.const 24)) (local.get $line)))
                      (i32.store offset=4 (local.get $top) (local.get $at))
                      (local.set $top (i32.add (local.get $top) (i32.const 8)))
                      (local.set $rule (local.get $x))
                      (br $enter)))
                  ;; $at: how many results it has; $x: how many of them are something.
                  (local.set $at (i32.const 0))
                  (local.set $x (i32.const 0))
                  (local.set $y
                    (i32.add
                      (i32.load offset=20 (local.get $parser))
                      (i32.shl (i32.load offset=16 (local.get $parser)) (i32.const 2))))
                  (block $counted
                    (loop $count
                      (br_if $counted (i32.eqz (local.get $n)))
                      (local.set $n (i32.sub (local.get $n) (i32.const 1)))
                      (local.set $arg
                        (i32.load16_u (i32.add (local.get $args) (i32.shl (local.get $n) (i32.const 1)))))
                      (if (i32.eq (i32.and (local.get $arg) (i32.const 0xf000)) (i32.const 0x1000))
                        (then
                          (br_if $count
                            (i32.ne (i32.and (local.get $arg) (i32.const 0xfff)) (global.get $name)))))
                      (local.set $at (i32.add (local.get $at) (i32.const 1)))
                      (local.set $x
                        (i32.add
                          (local.get $x)
                          (i32.ne
                            (i32.load
                              (i32.sub (local.get $y) (i32.shl (local.get $at) (i32.const 2))))
                            (i32.const 0))))
                      (br $count)))
                  (if (i32.eq
                        (i32.or (i32.and (local.get $act) (i32.const 64)) (local.get $x))
                        (i32.const 65))
                    (then
                      ;; One of the results is something, and is the rule's.
                      (local.set $x (i32.const 0))
                      (local.set $arg (local.get $at))
                      (loop $take
                        (local.set $y (i32.sub (local.get $y) (i32.const 4)))
                        (local.set $x (i32.or (local.get $x) (i32.load (local.get $y))))
                        (br_if $take (local.tee $arg (i32.sub (local.get $arg) (i32.const 1)))))
                      (i32.store (local.get $y) (local.get $x))
                      (i32.store offset=16 (local.get $parser)
                        (i32.sub
                          (i32.load offset=16 (local.get $parser))
                          (i32.sub (local.get $at) (i32.const 1))))
                      (br $pop)))
                  (if (i32.and (local.get $act) (i32.const 128))
                    (then
                      (call $push_result (local.get $parser) (i32.const 0))
                      (local.set $at (i32.add (local.get $at) (i32.const 1)))))
                  (call $push_result_rule
                    (local.get $parser) (local.get $line) (local.get $rule) (local.get $at))
                  (br $pop))
                ;; ---- list: item item* with 2 arguments, item (separator item)* with 1, and with 3 one more at the end ----
                (block $over
                  (br_if $over (local.get $back))
                  (loop $next
                    (local.set $x
                      (i32.and (i32.and (local.get $at) (i32.const 1)) (local.get $n)))
                    (local.set $arg
                      (i32.load16_u (i32.add (local.get $args) (i32.shl (local.get $x) (i32.const 1)))))
                    (local.set $at (i32.add (local.get $at) (i32.const 1)))
                    (if (i32.eq (i32.and (local.get $arg) (i32.const 0xf000)) (i32.const 0x1000))
                      (then
                        (br_if $over (i32.ne (i32.and (local.get $arg) (i32.const 0xfff)) (local.get $token)))
                        (if (i32.eqz (local.get $x))
                          (then (call $push_result_token (local.get $parser) (local.get $rule))))
                        (call $next_token (local.get $lexer))
                        (local.set $token (i32.load offset=60 (local.get $lexer)))
                        (local.set $byte (i32.shr_u (local.get $token) (i32.const 3)))
                        (local.set $bit (i32.and (local.get $token) (i32.const 7)))
                        (br $next)))
                    (local.set $x (i32.and (local.get $arg) (i32.const 0xff)))
                    (br_if $over
                      (i32.eqz
                        (i32.and
                          (i32.shr_u
                            (i32.load8_u
                              (i32.add
                                (i32.add (global.get $first) (i32.shl (local.get $x) (i32.const 4)))
                                (local.get $byte)))
                            (local.get $bit))
                          (i32.const 1))))
                    (i32.store (local.get $top)
                      (i32.or (i32.shl (local.get $rule) (i32.const 24)) (local.get $line)))
                    (i32.store offset=4 (local.get $top) (local.get $at))
                    (local.set $top (i32.add (local.get $top) (i32.const 8)))
                    (local.set $rule (local.get $x))
                    (br $enter)))
                ;; No item or separator at number $at - 1.
                (local.set $back (i32.eq (local.get $at) (i32.const 1)))
                (br_if $pop (local.get $back))
                (local.set $y (i32.const 0))
                (if (i32.ne (local.get $n) (i32.const 2))
                  (then
                    (if (i32.and (local.get $at) (i32.const 1))
                      (then
                        ;; A separator without an item.
                        (br_if $error (i32.ne (local.get $n) (i32.const 3)))
                        (local.set $y (i32.const 1))))))
                (local.set $x (i32.sub (local.get $at) (i32.const 1)))
                (if (i32.and (local.get $n) (i32.const 1))
                  (then
                    (if (i32.eq
                          (i32.and (i32.load16_u offset=2 (local.get $args)) (i32.const 0xf000))
                          (i32.const 0x1000))
                      (then (local.set $x (i32.shr_u (local.get $at) (i32.const 1)))))))
                (if (i32.or (i32.ne (local.get $x) (i32.const 1)) (local.get $y))
                  (then
                    (call $push_result_rule
                      (local.get $parser) (local.get $line) (local.get $rule) (local.get $x))))
                (br $pop))
              ;; ---- or: one of several ----
              (br_if $pop (i32.and (i32.ne (local.get $at) (i32.const 0)) (i32.eqz (local.get $back))))
              (local.set $back (i32.const 1))
              (loop $next
                (br_if $pop (i32.ge_u (local.get $at) (local.get $n)))
                (local.set $arg
                  (i32.load16_u (i32.add (local.get $args) (i32.shl (local.get $at) (i32.const 1)))))
                (local.set $at (i32.add (local.get $at) (i32.const 1)))
                (if (i32.eq (i32.and (local.get $arg) (i32.const 0xf000)) (i32.const 0x1000))
                  (then
                    (br_if $next (i32.ne (i32.and (local.get $arg) (i32.const 0xfff)) (local.get $token)))
                    (call $push_result_token (local.get $parser) (local.get $rule))
                    (call $next_token (local.get $lexer))
                    (local.set $token (i32.load offset=60 (local.get $lexer)))
                    (local.set $byte (i32.shr_u (local.get $token) (i32.const 3)))
                    (local.set $bit (i32.and (local.get $token) (i32.const 7)))
                    (local.set $back (i32.const 0))
                    (br $pop)))
                (local.set $x (i32.and (local.get $arg) (i32.const 0xff)))
                (br_if $next
                  (i32.eqz
                    (i32.and
                      (i32.shr_u
                        (i32.load8_u
                          (i32.add
                            (i32.add (global.get $first) (i32.shl (local.get $x) (i32.const 4)))
                            (local.get $byte)))
                        (local.get $bit))
                      (i32.const 1))))
                (if (i32.lt_u (local.get $at) (local.get $n))
                  (then
                    (i32.store (local.get $top)
                      (i32.or (i32.shl (local.get $rule) (i32.const 24)) (local.get $line)))
                    (i32.store offset=4 (local.get $top) (local.get $at))
                    (local.set $top (i32.add (local.get $top) (i32.const 8)))))
                (local.set $rule (local.get $x))
                (br $enter)))
            ;; ---- the rule is over: the one that entered it goes on ----
            (loop $pop_next
              (br_if $end (i32.eq (local.get $top) (local.get $bottom)))
              (local.set $top (i32.sub (local.get $top) (i32.const 8)))
              (local.set $at (i32.load offset=4 (local.get $top)))
              (local.set $rule (i32.load (local.get $top)))
              (local.set $line (i32.and (local.get $rule) (i32.const 0xffffff)))
              (if (i32.ge_u (local.get $at) (i32.const 0x10000))
                (then
                  (local.set $x (i32.load8_u (i32.add (global.get $continues) (local.get $token))))
                  (local.set $y (i32.and (local.get $at) (i32.const 0xff)))
                  ;; Where none of this part goes on, its one item is what all of it is.
                  (br_if $pop_next
                    (i32.or
                      (i32.lt_u (local.get $x) (local.get $y))
                      (i32.ge_u
                        (local.get $x)
                        (i32.and (i32.shr_u (local.get $at) (i32.const 8)) (i32.const 0xff)))))
                  (if (i32.gt_u (local.get $x) (local.get $y))
                    (then
                      (i32.store offset=4 (local.get $top)
                        (i32.or (i32.or (i32.const 0x10000) (i32.shl (local.get $x) (i32.const 8))) (local.get $y)))
                      (local.set $top (i32.add (local.get $top) (i32.const 8)))))
                  (local.set $rule (i32.load8_u (i32.add (global.get $spine) (local.get $x))))
                  (local.set $at (i32.const 1))
                  (br $work)))
              (local.set $rule (i32.shr_u (local.get $rule) (i32.const 24)))
              (br $work)))))
      ;; An error: mp_parse() says which by the next token, and finds one if that is the last.
      (if (i32.eqz (local.get $token)) (then (i32.store offset=16 (local.get $parser) (i32.const 0)))))
    (i32.store offset=4 (local.get $parser) (i32.const 0))))
