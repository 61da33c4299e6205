// Structures, arrays, i31 and casts: casts of every value to every type against the rules of the
// specification written out anew, edge values, and types that modules share.
import { describe, expect, test } from "vitest";
import { Engine, Execution, type Instance, LinkError, Linker, Store, Trap } from "../index.js";
import { errorOf } from "./support/embed.js";
import { wat } from "./support/wat.js";

async function instantiate(text: string): Promise<Instance> {
  const engine = new Engine();
  return new Linker(engine).instantiate(new Store(engine), engine.compile(await wat(text)));
}

function reasonOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof Trap) return error.reason;
    throw error;
  }
  return "none";
}

// ---- Casts ----

const TYPES = `
  (rec
    (type $s0 (sub (struct (field (mut i32)))))
    (type $s1 (sub $s0 (struct (field (mut i32)) (field i64))))
    (type $s2 (sub final $s1 (struct (field (mut i32)) (field i64) (field anyref))))
    (type $t1 (sub $s0 (struct (field (mut i32)) (field i64)))))
  (type $twin (sub $s0 (struct (field (mut i32)) (field i64))))
  (type $a0 (sub (array (mut i8)))) (type $a1 (sub $a0 (array (mut i8))))
  (type $f0 (sub (func))) (type $f1 (sub $f0 (func)))
  (tag $tag)
  (func $fun0 (type $f0)) (func $fun1 (type $f1)) (elem declare func $fun0 $fun1)`;

/** Values of the any hierarchy, and each one's exact type; then those of the others. */
const VALUES: Readonly<Record<string, readonly (readonly [value: string, type: string])[]>> = {
  any: [
    ["(ref.null any)", "null"],
    ["(ref.i31 (i32.const -1))", "i31"],
    ["(struct.new_default $s0)", "s0"],
    ["(struct.new_default $s1)", "s1"],
    ["(struct.new_default $s2)", "s2"],
    ["(struct.new_default $t1)", "t1"],
    ["(struct.new_default $twin)", "twin"],
    ["(array.new_default $a0 (i32.const 1))", "a0"],
    ["(array.new_default $a1 (i32.const 1))", "a1"],
    ["(any.convert_extern (local.get $host))", "host"],
    ["(any.convert_extern (extern.convert_any (struct.new_default $s1)))", "s1"],
  ],
  func: [
    ["(ref.null func)", "null"],
    ["(ref.func $fun0)", "f0"],
    ["(ref.func $fun1)", "f1"],
  ],
  extern: [
    ["(ref.null extern)", "null"],
    ["(local.get $host)", "host"],
    ["(extern.convert_any (ref.i31 (i32.const 5)))", "i31"],
    ["(extern.convert_any (array.new_default $a0 (i32.const 0)))", "a0"],
  ],
  exn: [
    ["(ref.null exn)", "null"],
    ["(block $h (result exnref) (try_table (catch_all_ref $h) (throw $tag)) (unreachable))", "exception"],
  ],
};

/** Types that each type matches directly, by the declarations above and the specification, 3.3.3. */
const ABOVE: Readonly<Record<string, readonly string[]>> = {
  s2: ["s1"],
  s1: ["s0"],
  t1: ["s0"],
  twin: ["s0"],
  s0: ["struct"],
  a1: ["a0"],
  a0: ["array"],
  struct: ["eq"],
  array: ["eq"],
  i31: ["eq"],
  eq: ["any"],
  f1: ["f0"],
  f0: ["func"],
};
const TARGETS: Readonly<Record<string, readonly string[]>> = {
  any: ["any", "eq", "i31", "struct", "array", "none", "$s0", "$s1", "$s2", "$t1", "$twin", "$a0", "$a1"],
  func: ["func", "nofunc", "$f0", "$f1"],
  extern: ["extern", "noextern"],
  exn: ["exn", "noexn"],
};

function isBelow(type: string, target: string): boolean {
  return type === target || (ABOVE[type] ?? []).some((above) => isBelow(above, target));
}

/** Whether a value of exact type `type` is a `(ref null? target)`. */
function matches(hierarchy: string, type: string, target: string, nullable: boolean): boolean {
  if (type === "null") return nullable;
  const name = target.replace("$", "");
  // In these hierarchies every value is of the top type, and of no other.
  if (hierarchy === "extern" || hierarchy === "exn") return name === hierarchy;
  if (type === "host") return name === "any";
  return isBelow(type, name);
}

describe("casts", () => {
  test.each(Object.keys(VALUES))("every value of the %s hierarchy against every type of it", async (top) => {
    const functions: string[] = [];
    const expected: (readonly [string, boolean])[] = [];
    for (const [value, type] of VALUES[top]!) {
      for (const target of TARGETS[top]!) {
        for (const nullable of [false, true]) {
          const reference = `(ref ${nullable ? "null " : ""}${target})`;
          const name = `${expected.length}`;
          functions.push(`
            (func (export "test${name}") (param $host externref) (result i32) (ref.test ${reference} ${value}))
            (func (export "cast${name}") (param $host externref) (result i32) (drop (ref.cast ${reference} ${value})) (i32.const 1))
            (func (export "br${name}") (param $host externref) (result i32)
              (block $yes (result ${reference}) (br_on_cast $yes (ref null ${top}) ${reference} ${value}) (drop) (return (i32.const 0)))
              (drop) (i32.const 1))
            (func (export "fail${name}") (param $host externref) (result i32)
              (block $no (result (ref null ${top})) (drop (br_on_cast_fail $no (ref null ${top}) ${reference} ${value})) (return (i32.const 1)))
              (drop) (i32.const 0))`);
          expected.push([`${type} is a ${reference}`, matches(top, type, target, nullable)]);
        }
      }
    }
    const instance = await instantiate(`(module ${TYPES} ${functions.join("")})`);
    const found = expected.map(([what], i) => {
      const call = (name: string) => instance.call(`${name}${i}`, ["host value"])[0];
      const cast = reasonOf(() => call("cast"));
      return [what, call("test"), cast, call("br"), call("fail")];
    });
    const wanted = expected.map(([what, is]) => {
      const one = is ? 1 : 0;
      return [what, one, is ? "none" : "cast failure", one, one];
    });
    expect(found).toEqual(wanted);
  });

  test("a branch on a cast takes the values below the reference along, and leaves them if it is not taken", async () => {
    const instance = await instantiate(`(module ${TYPES}
      (func (export "f") (param i32) (result i32 i64 i32)
        (i32.const 9)
        (block $yes (result i32 i64 (ref $s1))
          (i32.const 10) (i64.const 20)
          (if (result anyref) (local.get 0) (then (struct.new_default $s2)) (else (array.new_default $a0 (i32.const 3))))
          (br_on_cast $yes anyref (ref $s1))
          (ref.cast (ref array)) (array.len)
          (return))
        (drop) (i32.const 77)
        (block (param i32 i32 i64 i32) (result i32 i64 i32) (br 1))))`);
    expect(instance.call("f", [0])).toEqual([10, 20n, 3]);
    expect(instance.call("f", [1])).toEqual([10, 20n, 77]);
  });
});

// ---- Values ----

describe("i31", () => {
  test.each([
    [0, 0, 0],
    [0x3fffffff, 0x3fffffff, 0x3fffffff],
    [0x40000000, -0x40000000, 0x40000000],
    [0x7fffffff, -1, 0x7fffffff],
    [-1, -1, 0x7fffffff],
    [-0x80000000, 0, 0],
    [-0x40000000, -0x40000000, 0x40000000],
    [-0x40000001, 0x3fffffff, 0x3fffffff],
  ])("of %i is %i signed and %i unsigned", async (value, signed, unsigned) => {
    const instance = await instantiate(`(module
      (type $a (array (mut i31ref)))
      (func (export "s") (param i32) (result i32) (i31.get_s (ref.i31 (local.get 0))))
      (func (export "u") (param i32) (result i32) (i31.get_u (ref.i31 (local.get 0))))
      (func (export "same") (param i32 i32) (result i32) (ref.eq (ref.i31 (local.get 0)) (ref.i31 (local.get 1))))
      (func (export "stored") (param i32) (result i32) (local $a (ref null $a))
        (local.set $a (array.new_default $a (i32.const 1)))
        (array.set $a (local.get $a) (i32.const 0) (ref.i31 (local.get 0)))
        (i31.get_s (array.get $a (local.get $a) (i32.const 0)))))`);
    expect(instance.call("s", [value])).toEqual([signed]);
    expect(instance.call("u", [value])).toEqual([unsigned]);
    expect(instance.call("stored", [value])).toEqual([signed]);
    // Bit 31 is not part of it.
    expect(instance.call("same", [value, value ^ -0x80000000])).toEqual([1]);
    expect(instance.call("same", [value, value ^ 1])).toEqual([0]);
  });

  test("traps of an element that is read for its i31 are those of the two instructions", async () => {
    const instance = await instantiate(`(module (type $a (array (mut i31ref)))
      (func (export "f") (param $null i32) (param $i i32) (result i32) (local $a (ref null $a)) (local $x i32)
        (if (i32.eqz (local.get $null)) (then (local.set $a (array.new_default $a (i32.const 2)))))
        (local.set $x (i31.get_s (array.get $a (local.get $a) (local.get $i))))
        (local.get $x)))`);
    expect(reasonOf(() => instance.call("f", [0, 1]))).toBe("null i31 reference");
    expect(reasonOf(() => instance.call("f", [0, 2]))).toBe("out of bounds array access");
    expect(reasonOf(() => instance.call("f", [0, -1]))).toBe("out of bounds array access");
    expect(reasonOf(() => instance.call("f", [1, 0]))).toBe("null array reference");
  });
});

describe("packed fields and elements", () => {
  test.each([
    ["i8", 0x7f, 0x7f, 0x7f],
    ["i8", 0x80, -0x80, 0x80],
    ["i8", -1, -1, 0xff],
    ["i8", 0x12345680, -0x80, 0x80],
    ["i16", 0x7fff, 0x7fff, 0x7fff],
    ["i16", 0x8000, -0x8000, 0x8000],
    ["i16", -1, -1, 0xffff],
    ["i16", 0x12348001, -0x7fff, 0x8001],
  ])("%s holds %i as %i signed, %i unsigned", async (type, value, signed, unsigned) => {
    const made = {
      new_struct: ["struct", "(struct.new $s (i32.const 3) (local.get 0))"],
      new_array: ["array", "(array.new $a (local.get 0) (i32.const 4))"],
      fixed: ["array", "(array.new_fixed $a 2 (i32.const 0) (local.get 0))"],
      set_struct: ["struct", "(struct.set $s 1 (local.get $s) (local.get 0)) (local.get $s)"],
      set_array: ["array", "(array.set $a (local.get $a) (i32.const 1) (local.get 0)) (local.get $a)"],
      fill: ["array", "(array.fill $a (local.get $a) (i32.const 1) (local.get 0) (i32.const 2)) (local.get $a)"],
    } as const;
    const functions = Object.entries(made).flatMap(([name, [kind, code]]) =>
      ["s", "u"].map(
        (
          sign,
        ) => `(func (export "${name}_${sign}") (param i32) (result i32) (local $s (ref null $s)) (local $a (ref null $a))
          (local.set $s (struct.new_default $s)) (local.set $a (array.new_default $a (i32.const 4)))
          ${code} ${kind === "struct" ? `(struct.get_${sign} $s 1)` : `(i32.const 1) (array.get_${sign} $a)`})`,
      ),
    );
    const instance = await instantiate(`(module
      (type $s (struct (field (mut ${type})) (field (mut ${type})))) (type $a (array (mut ${type}))) ${functions.join("")})`);
    for (const name of Object.keys(made)) {
      expect([name, ...instance.call(`${name}_s`, [value]), ...instance.call(`${name}_u`, [value])]).toEqual([
        name,
        signed,
        unsigned,
      ]);
    }
  });

  test("floats keep every bit of a NaN, and vectors all sixteen bytes", async () => {
    const instance = await instantiate(`(module
      (type $s (struct (field (mut f32)) (field (mut f64)) (field (mut v128)) (field i8)))
      (type $f (array (mut f32))) (type $d (array (mut f64))) (type $v (array (mut v128)))
      (func (export "struct") (param f32 f64 v128) (result f32 f64 v128 i32) (local $s (ref null $s))
        (local.set $s (struct.new $s (local.get 0) (local.get 1) (local.get 2) (i32.const -2)))
        (struct.set $s 1 (local.get $s) (struct.get $s 1 (local.get $s)))
        (struct.set $s 2 (local.get $s) (struct.get $s 2 (local.get $s)))
        (struct.get $s 0 (local.get $s)) (struct.get $s 1 (local.get $s)) (struct.get $s 2 (local.get $s))
        (struct.get_s $s 3 (local.get $s)))
      (func (export "arrays") (param f32 f64 v128) (result f32 f64 v128) (local $v (ref null $v))
        (array.get $f (array.new $f (local.get 0) (i32.const 3)) (i32.const 2))
        (array.get $d (array.new_fixed $d 2 (f64.const 0) (local.get 1)) (i32.const 1))
        (local.set $v (array.new_default $v (i32.const 3)))
        (array.fill $v (local.get $v) (i32.const 1) (local.get 2) (i32.const 2))
        (array.set $v (local.get $v) (i32.const 0) (array.get $v (local.get $v) (i32.const 2)))
        (array.copy $v $v (local.get $v) (i32.const 1) (local.get $v) (i32.const 0) (i32.const 2))
        (array.get $v (local.get $v) (i32.const 2))))`);
    const args = [0x7fa00001n, 0xfff4000000000001n, 0x0102030405060708090a0b0c0d0e0f10n];
    const raw = (name: string) => {
      const execution = new Execution(instance.store).startRaw(instance.getFunc(name), args);
      expect(execution.run(1000).status).toBe("done");
      return execution.rawResults();
    };
    expect(raw("struct")).toEqual([...args, 0xfffffffen]);
    expect(raw("arrays")).toEqual(args);
  });
});

// ---- Types between modules ----

describe("types that modules share", () => {
  const NODE = `(rec (type $node (sub (struct (field (mut (ref null $node))) (field (mut i32)))))
      (type $more (sub final $node (struct (field (mut (ref null $node))) (field (mut i32)) (field i64)))))`;
  const MAKER = `(module ${NODE}
    (type $make (func (param i32) (result (ref $node))))
    (global (export "root") (mut (ref null $node)) (ref.null $node))
    (table (export "nodes") 4 (ref null $node))
    (tag (export "found") (param (ref null $node)))
    (func (export "make") (type $make) (struct.new $more (ref.null $node) (local.get 0) (i64.const 7))))`;

  async function link(user: string): Promise<Instance> {
    const engine = new Engine();
    const store = new Store(engine);
    const linker = new Linker(engine);
    linker.defineInstance("maker", linker.instantiate(store, engine.compile(await wat(MAKER))));
    return linker.instantiate(store, engine.compile(await wat(user)));
  }

  test("recursive types that are declared alike are one type", async () => {
    const user = await link(`(module
      (type $other (struct))
      (rec (type $n (sub (struct (field (mut (ref null $n))) (field (mut i32)))))
        (type $m (sub final $n (struct (field (mut (ref null $n))) (field (mut i32)) (field i64)))))
      (import "maker" "make" (func $make (param i32) (result (ref $n))))
      (import "maker" "root" (global $root (mut (ref null $n))))
      (import "maker" "nodes" (table $nodes 4 (ref null $n)))
      (import "maker" "found" (tag $found (param (ref null $n))))
      (func (export "f") (result i32 i64 i32) (local $x (ref null $n))
        (global.set $root (call $make (i32.const 5)))
        (table.set $nodes (i32.const 2) (global.get $root))
        (struct.set $n 0 (table.get $nodes (i32.const 2)) (struct.new $n (ref.null $n) (i32.const 6)))
        (local.set $x (block $h (result (ref null $n))
          (try_table (catch $found $h) (throw $found (global.get $root))) (unreachable)))
        (struct.get $n 1 (struct.get $n 0 (local.get $x)))
        (struct.get $m 2 (ref.cast (ref $m) (local.get $x)))
        (ref.test (ref $m) (struct.get $n 0 (local.get $x)))))`);
    expect(user.call("f")).toEqual([6, 7n, 0]);
  });

  test.each([
    [
      "the group has another order",
      `(rec (type $m (sub final (struct))) (type $n (sub (struct (field (mut (ref null $n))) (field (mut i32))))))`,
    ],
    ["the type is alone in its group", `(type $n (sub (struct (field (mut (ref null $n))) (field (mut i32)))))`],
    [
      "a field is immutable",
      `(rec (type $n (sub (struct (field (mut (ref null $n))) (field i32))))
      (type $m (sub final $n (struct (field (mut (ref null $n))) (field i32) (field i64)))))`,
    ],
    ["the type is final", `(rec (type $n (struct (field (mut (ref null $n))) (field (mut i32)))) (type $m (struct)))`],
  ])("and others are not: %s", async (_, types) => {
    const user = (what: string) => link(`(module ${types} (import "maker" ${what}))`);
    expect(await errorOf(() => user(`"make" (func (param i32) (result (ref $n)))`))).toBeInstanceOf(LinkError);
    expect(await errorOf(() => user(`"root" (global (mut (ref null $n)))`))).toBeInstanceOf(LinkError);
    expect(await errorOf(() => user(`"nodes" (table 4 (ref null $n))`))).toBeInstanceOf(LinkError);
    expect(await errorOf(() => user(`"found" (tag (param (ref null $n)))`))).toBeInstanceOf(LinkError);
    // A value of the maker's type is none of this one's.
    const instance = await link(`(module ${types} ${NODE}
      (import "maker" "make" (func $make (param i32) (result (ref $node))))
      (func (export "f") (result i32) (ref.test (ref $n) (call $make (i32.const 1)))))`);
    expect(instance.call("f")).toEqual([0]);
  });

  test("an indirect call takes a function whose type is below the one that it names", async () => {
    const instance = await instantiate(`(module
      (type $s (sub (struct))) (type $t (sub $s (struct (field i32))))
      (type $f (sub (func (param (ref $t)) (result (ref $s)))))
      (type $g (sub final $f (func (param (ref $s)) (result (ref $t)))))
      (type $h (func (param (ref $t)) (result (ref $s))))
      (table funcref (elem $f1 $g1 $h1))
      (func $f1 (type $f) (struct.new_default $s))
      (func $g1 (type $g) (struct.new $t (i32.const 4)))
      (func $h1 (type $h) (struct.new_default $s))
      (func (export "f") (param i32) (result i32)
        (ref.test (ref $t) (call_indirect (type $f) (struct.new $t (i32.const 1)) (local.get 0)))))`);
    expect([instance.call("f", [0]), instance.call("f", [1])]).toEqual([[0], [1]]);
    expect(reasonOf(() => instance.call("f", [2]))).toBe("indirect call type mismatch");
  });
});
