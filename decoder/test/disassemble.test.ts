import { describe, expect, test } from "vitest";
import { disassemble, parseModule } from "../index.js";
import { func, module, name, section, sized, vec, withBody } from "./support/binary.js";
import { effort } from "./support/effort.js";
import { assemble, parseText } from "./support/wat.js";

/** Lines without offsets and the indices in comments. */
const plain = (lines: Iterable<string>): string[] =>
  [...lines].map((line) => line.replace(/\(;@[0-9a-f]+;\) ?/, "").replace(/ ?\(;\d+;\)/g, ""));

test("a function reads as in the text format, each instruction with its offset", async () => {
  const parsed = await parseText(
    `(module (func $add (param $a i32) (param i32) (result i32) (local $c i64)
       local.get $a (if (result i32) (then i32.const -1) (else local.get 1)) br 0))`,
  );
  expect(plain(disassemble(parsed, 0))).toEqual([
    "  (func $add (type 0) (param $a i32) (param i32) (result i32)",
    "    (local $c i64)",
    "    local.get $a",
    "    if (result i32)",
    "      i32.const -1",
    "    else",
    "      local.get 1",
    "    end",
    "    br 0",
    "  )",
  ]);
  const offset = parsed.bodies.get(0)!.start.toString(16);
  expect([...disassemble(parsed, 0)][2]).toBe(`    (;@${offset};) local.get $a`);
});

const RICH = [
  `(module $M (rec (type $l (sub (struct (field (mut i32)) (field (ref null $l))))) (type $a (array (mut i8))))
     (type $s (sub final $l (struct (field (mut i32)) (field (ref null $l)) (field i16))))
     (type $f (func (param i32 (ref $l)) (result i64)))
     (import "m\\"\\n" "f" (func $imp (type $f))) (import "m" "é" (global $gi (mut f32)))
     (table $t 1 5 funcref) (table $u i64 2 (ref null $f) (ref.func $imp)) (memory $m 1 2) (memory i64 1 5 shared)
     (tag $e (param i32)) (global $g f64 (f64.const -0x1.8p-3)) (global (ref $a) (array.new_fixed $a 2 (i32.const 1) (i32.const 2)))
     (export "x\\00\\ff" (func $h)) (start $h)
     (elem $el (table $t) (i32.const 0) func $h $imp) (elem funcref (ref.func $h) (ref.null func)) (elem declare func $imp)
     (func $h) (func (type $f) (local v128 (ref $l)) i64.const -9223372036854775808)
     (data $d "\\00\\01abc\\22\\5c\\ff") (data (memory 1) (i64.const 5) ""))`.replace(
    '\\ff" (func $h)',
    '\\7f" (func $h)',
  ),
  `(module (func (result f32) f32.const nan:0x200000) (func (result f64) f64.const -nan:0x8000000000001)
     (func (result f32) f32.const -inf) (func (result f64) f64.const 0x1.fffffffffffffp+1023)
     (func (result f32) f32.const 0x1p-149) (func (result f64) f64.const -0))`,
  `(module (memory 1) (memory $n i64 1) (table $t 1 funcref) (table 2 externref) (elem $e func) (data $d "x")
     (func (param i32 i64 v128) local.get 0 i32.load8_s offset=7 drop local.get 1 i64.load $n offset=0x1ffffffff align=2 drop
       local.get 0 local.get 2 v128.load16_lane offset=1 align=1 5 drop memory.size $n memory.grow $n drop
       i64.const 0 local.get 0 local.get 0 memory.init $n $d data.drop $d i32.const 0 i64.const 0 i32.const 0 memory.copy 0 $n
       i32.const 0 i32.const 0 i32.const 0 table.init $t $e elem.drop $e i32.const 0 i32.const 0 i32.const 0 table.copy 0 0
       i32.const 0 ref.null extern i32.const 0 table.fill 1 i32.const 0 call_indirect $t (param) (result)
       local.get 2 local.get 2 i8x16.shuffle 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 31 i32x4.extract_lane 3 drop
       v128.const i64x2 -1 2 drop i32.const 1 i32.const 2 i32.const 3 select drop
       ref.null func ref.null func i32.const 1 select (result funcref) drop))`,
  `(module (tag $e (param i32)) (type $s (struct (field i32))) (type $a (array (mut funcref))) (elem $el funcref)
     (func (param anyref) (result i32)
       (block $n (block $h (result i32 exnref) (try_table (catch_ref $e $h) (catch_all $n) (i32.const 1) (throw $e)) unreachable)
         throw_ref) unreachable)
     (func (param anyref) (result (ref null $s)) local.get 0 br_on_cast 0 anyref (ref null $s) drop ref.null $s)
     (func (param anyref) local.get 0 ref.test (ref null i31) drop local.get 0 ref.cast (ref $s) struct.get $s 0 drop
       i32.const 0 i32.const 0 array.new_elem $a $el i32.const 0 ref.null $a i32.const 0 i32.const 0 array.copy $a $a
       block loop i32.const 0 br_table 0 1 2 end end)
     (func try nop catch $e drop catch_all rethrow 0 end try nop delegate 0))`,
];

describe("assembling the text again gives the same module", () => {
  RICH.forEach((text, i) => {
    test(`module ${i}`, async () => {
      const first = await parseText(text);
      const lines = [...disassemble(first)];
      const again = parseModule(await assemble(lines.join("\n")));
      expect(plain(disassemble(again))).toEqual(plain(lines));
      const content = (parsed: typeof first) =>
        [...parsed.bodies].map((body) => [...parsed.bytes.subarray(body.declarationsStart, body.end)]);
      expect(again.types).toEqual(first.types);
      expect(content(again)).toEqual(content(first));
      expect(again.exports).toEqual(first.exports);
      expect(again.imports).toEqual(first.imports);
    });
  });
});

test("of equal types, the one is named that the module names", () => {
  const empty = [0x60, 0, 0];
  const parsed = parseModule(
    module(
      section(1, vec(empty, empty, empty)),
      section(2, vec([...name("m"), ...name("f"), 0, 2])),
      section(3, vec([1], [0])),
      section(13, vec([0, 1])),
      section(10, vec(sized([0, 0x0b]), sized([0, 0x0b]))),
    ),
  );
  const lines = plain(disassemble(parsed));
  expect(lines.filter((line) => /import|tag|func .*\(type/.test(line))).toEqual([
    '  (import "m" "f" (func (type 2)))',
    "  (tag (type 1))",
    "  (func (type 1)",
    "  (func (type 0)",
  ]);
});

test("of equal types, blocks and casts name the one that their bytes name", () => {
  const empty = [0x60, 0, 0];
  const code = [
    0x02, 1, 0x0b, 0x03, 2, 0x0b, 0x02, 0x63, 0, 0xd0, 1, 0xfb, 0x17, 2, 0xfb, 0x18, 3, 0, 1, 2, 0x0b, 0x1a,
  ];
  const lines = plain(
    disassemble(
      parseModule(
        module(section(1, vec(empty, empty, empty)), section(3, vec([0])), section(10, vec(sized([0, ...code, 0x0b])))),
      ),
    ),
  );
  expect(lines.map((line) => line.trim()).filter((line) => /^(block|loop|ref|br_on)/.test(line))).toEqual([
    "block (type 1)",
    "loop (type 2)",
    "block (result (ref null 0))",
    "ref.null 1",
    "ref.cast (ref null 2)",
    "br_on_cast 0 (ref null 1) (ref null 2)",
  ]);
});

test("lines are made only when they are asked for", () => {
  const count = 200_000;
  const code = new Array<number>(count).fill(0x01);
  const lines = disassemble(parseModule(withBody(0, code, 0x0b)))[Symbol.iterator]();
  const ten = effort(() => {
    for (let i = 0; i < 10; i++) lines.next();
  });
  expect(ten).toBeLessThan(50);
});

test("names that are no identifiers, or not unique, are made so", () => {
  const names = section(
    0,
    name("name"),
    1,
    sized(vec([0, name("a b")], [1, name("x")], [2, name("x")], [3, name("")])),
  );
  const parsed = parseModule(
    module(
      section(1, vec(func([], []))),
      section(3, vec([0], [0], [0], [0])),
      section(10, vec(...new Array(4).fill(sized(0, 0x0b)))),
      names,
    ),
  );
  const heads = [...disassemble(parsed)].filter((line) => line.includes("(func $")).map((line) => line.trim());
  expect(heads).toEqual([
    "(func $a_b#0 (;0;) (type 0)",
    "(func $x#1 (;1;) (type 0)",
    "(func $x#2 (;2;) (type 0)",
    "(func $_#3 (;3;) (type 0)",
  ]);
});
