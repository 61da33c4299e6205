;; Errors as CPython prints them. `npm run generate` assembles this file into errors.generated.ts; errors.ts puts the
;; function in the place of the artifact's own.
;;
;; An exception  +0 → type   +12 → its arguments, a tuple: +4 their number, +8 the first; 0 if there are none
;; Ways to print (mp_print_kind_t): 0 str(), 1 repr(), 2 the last line of a traceback; 0x80 is added for an exception
;; that a class of the program's derives from, whose name has been printed.
(module
  (import "artifact" "print_str" (func $print_str (param i32 i32) (result i32)))
  (import "artifact" "print_object" (func $print_object (param i32 i32 i32)))
  (import "artifact" "type_name" (func $type_name (param i32) (result i32)))
  (import "original" "exception_print" (func $original_exception_print (param i32 i32 i32)))
  (import "artifact" "memory" (memory 0))
  ;; Addresses of the type, and of texts: ": ", "(" and ")".
  (import "artifact" "key_error" (global $key_error i32))
  (import "artifact" "colon" (global $colon i32))
  (import "artifact" "open" (global $open i32))
  (import "artifact" "close" (global $close i32))
  ;; And "[Errno ", "] " and ", ".
  (import "artifact" "os_error" (global $os_error i32))
  (import "artifact" "errno" (global $errno i32))
  (import "artifact" "errno_end" (global $errno_end i32))
  (import "artifact" "comma" (global $comma i32))

  (func $print_name (param $print i32) (param $exception i32)
    (drop (call $print_str (local.get $print) (call $type_name (local.get $exception)))))

  ;; An OSError of a number, a text and perhaps the name of a file, which is not in its repr().
  ;; https://docs.python.org/3/library/exceptions.html#OSError
  (func $print_os_error (param $print i32) (param $exception i32) (param $kind i32) (local $arguments i32)
    (local.set $arguments (i32.load offset=12 (local.get $exception)))
    (if (i32.and (i32.eqz (i32.and (local.get $kind) (i32.const 128))) (i32.ne (local.get $kind) (i32.const 0)))
      (then (call $print_name (local.get $print) (local.get $exception))))
    (if (i32.eq (i32.and (local.get $kind) (i32.const -129)) (i32.const 1))
      (then
        (drop (call $print_str (local.get $print) (global.get $open)))
        (call $print_object (local.get $print) (i32.load offset=8 (local.get $arguments)) (i32.const 1))
        (drop (call $print_str (local.get $print) (global.get $comma)))
        (call $print_object (local.get $print) (i32.load offset=12 (local.get $arguments)) (i32.const 1))
        (drop (call $print_str (local.get $print) (global.get $close)))
        (return)))
    (if (i32.eq (i32.and (local.get $kind) (i32.const -129)) (i32.const 2))
      (then (drop (call $print_str (local.get $print) (global.get $colon)))))
    (drop (call $print_str (local.get $print) (global.get $errno)))
    (call $print_object (local.get $print) (i32.load offset=8 (local.get $arguments)) (i32.const 0))
    (drop (call $print_str (local.get $print) (global.get $errno_end)))
    (call $print_object (local.get $print) (i32.load offset=12 (local.get $arguments)) (i32.const 0))
    (if (i32.eq (i32.load offset=4 (local.get $arguments)) (i32.const 3))
      (then
        (drop (call $print_str (local.get $print) (global.get $colon)))
        (call $print_object (local.get $print) (i32.load offset=16 (local.get $arguments)) (i32.const 1)))))

  ;; Exceptions of one argument. The repr() of other ones is that of a tuple behind the name, which for one argument
  ;; ends in a comma. And a KeyError shows the repr() of its key: "" and 'a b' would be lost in the line.
  ;; https://docs.python.org/3/library/exceptions.html#KeyError
  (func (export "exception_print") (param $print i32) (param $exception i32) (param $kind i32)
    (local $arguments i32) (local $way i32)
    (local.set $arguments (i32.load offset=12 (local.get $exception)))
    (local.set $way (i32.and (local.get $kind) (i32.const -129)))
    (block $other
      (br_if $other (i32.eqz (local.get $arguments)))
      (if (i32.and
            (i32.eq (i32.load (local.get $exception)) (global.get $os_error))
            (i32.lt_u (i32.sub (i32.load offset=4 (local.get $arguments)) (i32.const 2)) (i32.const 2)))
        (then (call $print_os_error (local.get $print) (local.get $exception) (local.get $kind)) (return)))
      (br_if $other (i32.ne (i32.load offset=4 (local.get $arguments)) (i32.const 1)))
      (if (i32.eq (local.get $way) (i32.const 1))
        (then
          (if (i32.eq (local.get $kind) (i32.const 1))
            (then (call $print_name (local.get $print) (local.get $exception))))
          (drop (call $print_str (local.get $print) (global.get $open)))
          (call $print_object (local.get $print) (i32.load offset=8 (local.get $arguments)) (i32.const 1))
          (drop (call $print_str (local.get $print) (global.get $close)))
          (return)))
      (br_if $other (i32.ne (i32.load (local.get $exception)) (global.get $key_error)))
      (br_if $other (i32.and (local.get $way) (i32.const -3)))
      (if (i32.eq (local.get $kind) (i32.const 2))
        (then (call $print_name (local.get $print) (local.get $exception))))
      (if (local.get $way) (then (drop (call $print_str (local.get $print) (global.get $colon)))))
      (call $print_object (local.get $print) (i32.load offset=8 (local.get $arguments)) (i32.const 1))
      (return))
    (call $original_exception_print (local.get $print) (local.get $exception) (local.get $kind))))
