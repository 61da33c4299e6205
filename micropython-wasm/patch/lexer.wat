;; Where the lexer begins to look for a keyword or an operator. `npm run generate` assembles this file into
;; lexer.generated.ts; lexer.ts puts calls of the functions into the artifact's own.
;;
;; MicroPython compares a name with its 36 keywords from the first one on, until one comes behind it in the alphabet: a
;; name that begins with x is compared with all of them, for 1,000 units. Operators are looked for in a text of all of
;; them. Here a table of a byte for each character says where to begin: at the first keyword that does not begin with a
;; smaller one, and at the operator itself.
(module
  (import "artifact" "memory" (memory 0))
  ;; Addresses of three tables of 128 bytes: the first keyword to be compared; where in the text of operators one is, and
  ;; which it is. Address of that text, and the number of the last keyword.
  (import "artifact" "keywords" (global $keywords i32))
  (import "artifact" "places" (global $places i32))
  (import "artifact" "numbers" (global $numbers i32))
  (import "artifact" "operators" (global $operators i32))
  (import "artifact" "last_keyword" (global $last_keyword i32))

  ;; Of a name, which ends with a zero. Beyond ASCII all keywords come before.
  (func (export "first_keyword") (param $name i32) (result i32)
    (local.set $name (i32.load8_u (local.get $name)))
    (if (i32.ge_u (local.get $name) (i32.const 128)) (then (return (global.get $last_keyword))))
    (i32.load8_u (i32.add (global.get $keywords) (local.get $name))))

  ;; What no operator begins with is looked for from the beginning.
  (func $place (export "operator_place") (param $character i32) (result i32)
    (if (i32.ge_u (local.get $character) (i32.const 128)) (then (return (global.get $operators))))
    (i32.add
      (global.get $operators)
      (i32.load8_u (i32.add (global.get $places) (local.get $character)))))

  (func (export "operator_number") (param $character i32) (result i32)
    (if (i32.ge_u (local.get $character) (i32.const 128)) (then (return (i32.const 0))))
    (i32.load8_u (i32.add (global.get $numbers) (local.get $character))))

  (func (export "operator_character") (param $character i32) (result i32)
    (i32.load8_u (call $place (local.get $character)))))
