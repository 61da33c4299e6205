// Functions of shapes that the lowering has single operations for: ends of loops, products under a sum, sums of rotations.

export interface Shape {
  readonly name: string;
  /** A function's fields, of an i32 result. */
  readonly text: string;
  readonly calls: readonly (readonly number[])[];
  /** What it gives, by ECMAScript's numbers. */
  readonly expected: (...args: number[]) => number;
}

/** How often `x` is given its next value until `goesOn` is false, and where it ends. */
function count(start: number, next: (x: number) => number, goesOn: (x: number) => boolean): number {
  let times = 0;
  let x = start;
  do {
    x = next(x) | 0;
    times++;
  } while (goesOn(x));
  return (Math.imul(times, 1000) + x) | 0;
}

const COUNTED = "(local.set $times (i32.add (local.get $times) (i32.const 1)))";
const RESULT = "(i32.add (i32.mul (local.get $times) (i32.const 1000)) (local.get $x))";
/** A loop that steps, tests and branches back. */
const bottomTested = (test: string) =>
  `(param $x i32) (param $n i32) (result i32) (local $times i32) (loop $again ${COUNTED} (br_if $again ${test})) ${RESULT}`;
/** One that tests first, and steps and branches back at its end. */
const topTested = (leaves: string, step: string) =>
  `(param $x i32) (param $n i32) (result i32) (local $times i32)
   (block $out (loop $again (br_if $out ${leaves}) ${COUNTED} (local.set $x ${step}) (br $again))) ${RESULT}`;
const STEP = "(i32.add (local.get $x) (i32.const 3))";
const STRIDE = "(i32.add (local.get $x) (local.get $n))";

const rotr = (x: number, n: number) => (x >>> n) | (x << (32 - n));

export const SHAPES: readonly Shape[] = [
  {
    name: "steps while below a local",
    text: bottomTested(`(i32.lt_s (local.tee $x ${STEP}) (local.get $n))`),
    calls: [
      [0, 30],
      [0, 31],
      [5, -7],
      [2147483646, -2147483640],
    ],
    expected: (x, n) =>
      count(
        x,
        (v) => v + 3,
        (v) => v < n,
      ),
  },
  {
    name: "steps while a local is above",
    text: bottomTested(`(i32.gt_s (local.get $n) (local.tee $x ${STEP}))`),
    calls: [
      [0, 30],
      [1, -1],
    ],
    expected: (x, n) =>
      count(
        x,
        (v) => v + 3,
        (v) => v < n,
      ),
  },
  {
    name: "steps while below itself",
    text: bottomTested(`(i32.lt_s (local.tee $x ${STEP}) (local.get $x))`),
    calls: [[4, 0]],
    expected: (x) =>
      count(
        x,
        (v) => v + 3,
        () => false,
      ),
  },
  {
    name: "steps while below a constant",
    text: bottomTested(`(i32.lt_s (local.tee $x ${STEP}) (i32.const 25))`),
    calls: [
      [0, 0],
      [24, 0],
      [-9, 0],
    ],
    expected: (x) =>
      count(
        x,
        (v) => v + 3,
        (v) => v < 25,
      ),
  },
  {
    name: "steps from another local",
    text: `(param $x i32) (param $n i32) (result i32) (local $times i32) (local $y i32)
      (loop $again ${COUNTED} (local.set $x (i32.sub (local.get $y) (i32.const -3)))
        (local.set $y (local.get $x)) (br_if $again (i32.lt_s (local.get $x) (local.get $n)))
        (local.set $y (i32.add (local.get $x) (i32.const 100)))
        (br_if $again (i32.lt_s (local.get $y) (local.get $n)))) ${RESULT}`,
    calls: [
      [50, 10],
      [0, 60],
    ],
    expected: (_, n) => {
      let [x, y, times] = [0, 0, 0];
      do {
        do {
          times++;
          x = y + 3;
          y = x;
        } while (x < n);
        y = x + 100;
      } while (y < n);
      return times * 1000 + x;
    },
  },
  {
    name: "steps until equal to a local",
    text: bottomTested(`(i32.ne (local.tee $x ${STEP}) (local.get $n))`),
    calls: [
      [0, 30],
      [-6, 3],
    ],
    expected: (x, n) =>
      count(
        x,
        (v) => v + 3,
        (v) => v !== n,
      ),
  },
  {
    name: "steps until equal to a constant",
    text: bottomTested(`(i32.ne (local.tee $x ${STEP}) (i32.const 27))`),
    calls: [
      [0, 0],
      [24, 0],
    ],
    expected: (x) =>
      count(
        x,
        (v) => v + 3,
        (v) => v !== 27,
      ),
  },
  {
    name: "counts down to zero",
    text: bottomTested("(local.tee $x (i32.sub (local.get $x) (i32.const 1)))"),
    calls: [
      [12, 0],
      [1, 0],
    ],
    expected: (x) =>
      count(
        x,
        (v) => v - 1,
        (v) => v !== 0,
      ),
  },
  {
    name: "strides while below a local",
    text: `(param $x i32) (param $n i32) (result i32) (local $times i32)
      (loop $again ${COUNTED} (br_if $again (i32.gt_s (i32.const 90) (local.tee $x ${STRIDE})))) ${RESULT}`,
    calls: [
      [0, 30],
      [0, 7],
    ],
    expected: (x, n) =>
      count(
        x,
        (v) => v + n,
        (v) => v < 90,
      ),
  },
  {
    name: "tests first, and strides at its end",
    text: `(param $x i32) (param $n i32) (param $limit i32) (result i32) (local $times i32)
      (block $out (loop $again (br_if $out (i32.le_s (local.get $limit) (local.get $x))) ${COUNTED}
        (local.set $x ${STRIDE}) (br $again))) ${RESULT}`,
    calls: [
      [0, 3, 30],
      [0, 4, 30],
      [31, 4, 30],
      [-8, 1, -8],
    ],
    expected: (x, n, limit) => {
      let times = 0;
      let at = x;
      for (; at < limit; at += n) times++;
      return times * 1000 + at;
    },
  },
  {
    name: "tests first, and steps at its end",
    text: topTested("(i32.ge_s (local.get $x) (local.get $n))", STEP),
    calls: [
      [0, 30],
      [0, 31],
      [31, 30],
    ],
    expected: (x, n) => {
      let times = 0;
      let at = x;
      for (; at < n; at += 3) times++;
      return times * 1000 + at;
    },
  },
  {
    name: "tests in the middle, and steps at its end",
    text: topTested("(i32.ge_s (i32.mul (local.get $x) (local.get $x)) (local.get $n))", STEP),
    calls: [
      [0, 300],
      [20, 300],
    ],
    expected: (x, n) => {
      let times = 0;
      let at = x;
      for (; at * at < n; at += 3) times++;
      return times * 1000 + at;
    },
  },
  {
    name: "a step whose value is used once more behind the branch",
    text: `(param $x i32) (param $n i32) (result i32)
      (if (result i32) (i32.lt_s (local.tee $x ${STEP}) (local.get $n)) (then (local.get $x))
        (else (i32.mul (local.get $x) (i32.const -1))))`,
    calls: [
      [1, 9],
      [9, 1],
    ],
    expected: (x, n) => (x + 3 < n ? x + 3 : -(x + 3)),
  },
  {
    name: "products under a sum",
    text: `(param $x i32) (param $y i32) (result i32)
      (i32.xor (i32.add (i32.mul (local.get $x) (local.get $y)) (local.get $x))
        (i32.xor (i32.add (local.get $y) (i32.mul (local.get $x) (local.get $x)))
          (i32.xor (i32.add (i32.mul (local.get $x) (i32.const 1664525)) (i32.const 1013904223))
            (i32.xor (i32.sub (i32.shl (local.get $y) (i32.const 35)) (i32.const 77))
              (i32.add (i32.mul (local.get $x) (local.get $y)) (i32.mul (local.get $y) (local.get $y)))))))`,
    calls: [
      [3, 5],
      [-2147483648, 2147483647],
      [123456789, -987654321],
    ],
    expected: (x, y) => {
      const parts = [
        Math.imul(x, y) + x,
        y + Math.imul(x, x),
        Math.imul(x, 1664525) + 1013904223,
        (y << 3) - 77,
        Math.imul(x, y) + Math.imul(y, y),
      ];
      return parts.reduce((all, part) => all ^ (part | 0), 0);
    },
  },
  {
    name: "SHA-2's sums",
    text: `(param $x i32) (param $y i32) (result i32)
      (i32.add
        (i32.xor (i32.xor (i32.rotr (local.get $x) (i32.const 6)) (i32.rotr (local.get $x) (i32.const 43)))
          (i32.rotr (local.get $x) (i32.const 25)))
        (i32.add
          (i32.xor (i32.shr_u (local.get $y) (i32.const 3))
            (i32.xor (i32.rotr (local.get $y) (i32.const 7)) (i32.rotr (local.get $y) (i32.const 18))))
          (i32.xor (i32.xor (i32.rotr (local.get $x) (i32.const 2)) (i32.rotr (local.get $x) (i32.const 13)))
            (i32.shr_u (local.get $y) (i32.const 10)))))`,
    calls: [
      [1, -1],
      [0x6a09e667, 0x510e527f],
      [-2147483648, 1],
    ],
    expected: (x, y) => {
      const first = rotr(x, 6) ^ rotr(x, 11) ^ rotr(x, 25);
      const second = (y >>> 3) ^ rotr(y, 7) ^ rotr(y, 18);
      return (first + (second + (rotr(x, 2) ^ rotr(x, 13) ^ (y >>> 10)))) | 0;
    },
  },
  {
    name: "rotations of two values, and by nothing",
    text: `(param $x i32) (param $y i32) (result i32)
      (i32.xor
        (i32.xor (i32.xor (i32.rotr (local.get $x) (i32.const 6)) (i32.rotr (local.get $y) (i32.const 11)))
          (i32.rotr (local.get $x) (i32.const 25)))
        (i32.xor (i32.xor (i32.rotr (local.get $x) (i32.const 32)) (i32.rotr (local.get $x) (i32.const 1)))
          (i32.shr_u (local.get $x) (i32.const 0))))`,
    calls: [
      [1, -1],
      [0x6a09e667, 0x510e527f],
    ],
    expected: (x, y) => rotr(x, 6) ^ rotr(y, 11) ^ rotr(x, 25) ^ (x ^ rotr(x, 1) ^ x),
  },
];

/** All of them, exported by their names. */
export const SHAPES_MODULE = `(module ${SHAPES.map(({ name, text }) => `(func (export "${name}") ${text})`).join("\n")})`;
