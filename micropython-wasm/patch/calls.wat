;; Calls of the host's functions without a line of Python. `npm run generate` assembles this file into calls.generated.ts;
;; calls.ts puts the function in the place of the artifact's own.
;;
;; A function of the host's is a bound method to the guest: of a function, and the frame that names it (guest-library.py.ts).
;; That function took 5,000 units in Python to leave its arguments where the host finds them, and to take the result. Here
;; it is this one, which the host puts into the method (GuestObjects.makeNative): arguments stay where they are. It takes
;; the place of the call of a JavaScript object, of which the guest has none.
;;
;; The area   +4 number of this function in the table   +8 → arguments, while the host is called
;;            +12 Python function (frame, *args, **kwargs) that does all of it; +16 the one (frame) for results that need
;;            memory, and errors   +32 the function object   +64 its type
(module
  (import "original" "jsproxy_call" (func $original (param i32 i32 i32 i32) (result i32)))
  (import "artifact" "call_function" (func $call_function (param i32 i32 i32 i32) (result i32)))
  ;; has_attr() of the host, whose first argument is no JavaScript object here. It returns the result, 0 where that is for
  ;; the Python function, 2 where the host cannot read an argument.
  (import "artifact" "has_attr" (func $host (param i32 i32) (result i32)))
  (import "artifact" "memory" (memory 0))
  (import "artifact" "area" (global $area i32))

  ;; The first argument is the frame.
  (func (export "jsproxy_call") (param $callee i32) (param $count i32) (param $named i32) (param $args i32) (result i32)
    (local $word i32)
    (if (i32.ne (local.get $callee) (i32.add (global.get $area) (i32.const 32)))
      (then
        (return
          (call $original (local.get $callee) (local.get $count) (local.get $named) (local.get $args)))))
    (block $slow
      (br_if $slow (local.get $named))
      (i32.store offset=8 (global.get $area) (local.get $args))
      (local.set $word (call $host (global.get $area) (local.get $count)))
      (br_if $slow (i32.eq (local.get $word) (i32.const 2)))
      (if (local.get $word) (then (return (local.get $word))))
      (return
        (call $call_function
          (i32.load offset=16 (global.get $area)) (i32.const 1) (i32.const 0) (local.get $args))))
    (call $call_function
      (i32.load offset=12 (global.get $area)) (local.get $count) (local.get $named) (local.get $args))))
