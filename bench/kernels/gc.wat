;; Garbage-collected kernels. Each takes a size and returns a checksum.
(module
  (rec (type $node (struct (field $left (ref null $node)) (field $right (ref null $node)))))
  (type $numbers (array (mut (ref i31))))

  (func $tree (param $depth i32) (result (ref $node))
    (if (result (ref $node)) (i32.eqz (local.get $depth))
      (then (struct.new $node (ref.null $node) (ref.null $node)))
      (else
        (struct.new $node
          (call $tree (i32.sub (local.get $depth) (i32.const 1)))
          (call $tree (i32.sub (local.get $depth) (i32.const 1)))))))

  (func $count (param $node (ref null $node)) (result i32)
    (if (result i32) (ref.is_null (local.get $node))
      (then (i32.const 0))
      (else
        (i32.add (i32.const 1)
          (i32.add
            (call $count (struct.get $node $left (local.get $node)))
            (call $count (struct.get $node $right (local.get $node))))))))

  ;; Trees of 2^11 - 1 structs, made, counted and dropped.
  (func (export "binaryTrees") (param $rounds i32) (result i32)
    (local $sum i32)
    (loop $next
      (local.set $sum (i32.add (local.get $sum) (call $count (call $tree (i32.const 10)))))
      (local.set $rounds (i32.sub (local.get $rounds) (i32.const 1)))
      (br_if $next (i32.gt_s (local.get $rounds) (i32.const 0))))
    (local.get $sum))

  ;; An array of 4,096 i31 references, written and summed again and again.
  (func (export "i31Array") (param $rounds i32) (result i32)
    (local $numbers (ref $numbers)) (local $i i32) (local $sum i32)
    (local.set $numbers (array.new $numbers (ref.i31 (i32.const 0)) (i32.const 4096)))
    (loop $round
      (local.set $i (i32.const 0))
      (loop $write
        (array.set $numbers (local.get $numbers) (local.get $i)
          (ref.i31 (i32.add (local.get $i) (local.get $rounds))))
        (local.set $sum (i32.add (local.get $sum)
          (i31.get_s (array.get $numbers (local.get $numbers) (i32.and (i32.mul (local.get $i) (i32.const 7)) (i32.const 4095))))))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br_if $write (i32.lt_s (local.get $i) (i32.const 4096))))
      (local.set $rounds (i32.sub (local.get $rounds) (i32.const 1)))
      (br_if $round (i32.gt_s (local.get $rounds) (i32.const 0))))
    (local.get $sum)))
