// One case or more for each validation rule; the official suite has the rest (spec-tests/).
import { describe, expect, test } from "vitest";
import { decodeModule, InvalidError, parseModule, TypeRegistry } from "../index.js";
import { func, module, section, sized, u32, vec, withBody } from "./support/binary.js";
import { outcome } from "./support/outcome.js";
import { assemble } from "./support/wat.js";

const verdict = async (text: string): Promise<string> => outcome(await assemble(text));

/** Texts that are valid, each with what it shows. */
const VALID: Record<string, string> = {
  "code behind a branch takes any operands": "(func (result i32) unreachable i32.add drop f32.neg drop i64.eqz)",
  "br_if gives back the label's types": "(func (result funcref) ref.null nofunc i32.const 0 br_if 0)",
  "if without else may pass its parameters":
    "(func (result i32) i32.const 1 i32.const 1 if (param i32) (result i32) end)",
  "labels of different but fitting types in br_table":
    "(func (result externref) block (result externref) ref.null noextern i32.const 0 br_table 0 1 end)",
  "a local is set on the way":
    "(type $t (func)) (func (param (ref $t)) (local (ref $t)) local.get 0 local.set 1 local.get 1 drop)",
  "a non-null parameter needs no setting": "(type $t (func)) (func (param (ref $t)) local.get 0 drop)",
  "i64 addresses": "(memory i64 1) (func (result i64) i64.const 0 i64.load offset=0x100000000)",
  "copy between memories of either address type":
    "(memory $a 1) (memory $b i64 1) (func i32.const 0 i64.const 0 i32.const 0 memory.copy $a $b)",
  "copy between tables of either address type":
    "(table $a 1 funcref) (table $b i64 1 funcref) (func i64.const 0 i32.const 0 i32.const 0 table.copy $b $a)",
  "ref.func of a function that only a global names": "(global funcref (ref.func $f)) (func $f ref.func $f drop)",
  "a constant expression uses the globals before it":
    "(global $a i32 (i32.const 1)) (global i32 (i32.mul (global.get $a) (i32.const 2)))",
  "aggregates in constant expressions":
    "(type $s (struct (field i32))) (global (ref $s) (struct.new $s (i32.const 1))) (global i31ref (ref.i31 (i32.const 1)))",
  "tail call to a function that gives a subtype":
    "(func $f (result (ref func)) unreachable) (func (result funcref) return_call $f)",
  "subtypes flow to supertypes":
    "(type $a (sub (struct))) (type $b (sub $a (struct (field i32)))) (func (param (ref $b)) (result (ref null $a)) local.get 0)",
  "br_on_cast keeps the rest of the operand's type":
    "(func (param anyref) (result i31ref) local.get 0 br_on_cast 0 anyref i31ref drop unreachable)",
  "exceptions are caught with and without their reference":
    "(tag $e (param i32)) (func (result i32) block (result i32 exnref) try_table (catch_ref $e 0) end return (i32.const 1) end drop)".replace(
      "end return (i32.const 1) end drop",
      "i32.const 1 return end unreachable end drop",
    ),
  "wide arithmetic": "(func (param i64 i64) (result i64 i64) local.get 0 local.get 1 i64.mul_wide_u)",
  "one byte pages": "(memory 0 (pagesize 1))",
  "legacy exceptions":
    "(tag $e (param i32)) (func (result i32) try (result i32) i32.const 1 catch $e catch_all rethrow 0 end)",
};

/** Texts that are invalid: what is wrong, the text, and the words that the error begins with. */
const INVALID: readonly (readonly [string, string, string])[] = [
  ["operand of another type", "(func i64.const 1 i32.eqz drop)", "type mismatch: i32.eqz: expected i32, found i64"],
  ["no operand", "(func i32.eqz drop)", "type mismatch: i32.eqz: expected i32, found nothing"],
  ["no operand within the block", "(func i32.const 1 block i32.eqz drop end drop)", "type mismatch"],
  [
    "too many values at the end",
    "(func i32.const 1)",
    "type mismatch: end: expected 0 values at the end of the block, found 1 more (i32)",
  ],
  ["too few values at the end", "(func (result i32))", "type mismatch: end: expected i32, found nothing"],
  [
    "if without else that makes a value",
    "(func (result i32) i32.const 1 if (result i32) i32.const 1 end)",
    "type mismatch: if without else",
  ],
  ["unknown label", "(func br 2)", "unknown label 2"],
  ["unknown function", "(func call 7)", "unknown function 7"],
  ["unknown global", "(func global.get 1 drop)", "unknown global 1"],
  ["unknown local", "(func (param i32) (local i64) local.get 2 drop)", "unknown local 2 (the function has 2)"],
  ["unknown memory", "(func i32.const 0 i32.load drop)", "unknown memory 0"],
  ["unknown table", "(func i32.const 0 table.get 0 drop)", "unknown table 0"],
  ["unknown type", "(func (param (ref 9)))", "unknown type 9"],
  ["unknown tag", "(func throw 3)", "unknown tag 3"],
  ["unknown element segment", "(func elem.drop 1)", "unknown elem segment 1"],
  ["unknown data segment", '(data "a") (func data.drop 1)', "unknown data segment 1"],
  ["unknown field", "(type $s (struct)) (func (param (ref $s)) local.get 0 struct.get 0 3 drop)", "unknown field 3"],
  ["immutable global", "(global i32 (i32.const 0)) (func i32.const 1 global.set 0)", "immutable global"],
  [
    "immutable field",
    "(type $s (struct (field i32))) (func (param (ref $s)) local.get 0 i32.const 1 struct.set 0 0)",
    "immutable field",
  ],
  [
    "immutable array",
    "(type $a (array i32)) (func (param (ref $a)) local.get 0 i32.const 1 i32.const 1 array.set 0)",
    "immutable array",
  ],
  [
    "select between references",
    "(func (param funcref) local.get 0 local.get 0 i32.const 1 select drop)",
    "type mismatch",
  ],
  ["select between two types", "(func i32.const 1 i64.const 1 i32.const 1 select drop)", "type mismatch"],
  [
    "labels of different arity",
    "(func block block (result i32) i32.const 1 i32.const 1 br_table 0 1 end drop end)",
    "type mismatch: br_table",
  ],
  ["alignment", "(memory 1) (func i32.const 0 i32.load align=8 drop)", "alignment must not be larger than natural"],
  [
    "atomic alignment",
    "(memory 1 1 shared) (func i32.const 0 i32.atomic.load align=2 drop)",
    "atomic alignment must be natural",
  ],
  [
    "offset of a 32-bit memory",
    "(memory 1) (func i32.const 0 i32.load offset=0x100000000 drop)",
    "offset out of range",
  ],
  [
    "i32 address for a 64-bit memory",
    "(memory i64 1) (func i32.const 0 i32.load drop)",
    "type mismatch: i32.load: expected i64",
  ],
  ["lane", "(func (param v128) local.get 0 i32x4.extract_lane 4 drop)", "invalid lane index 4"],
  [
    "lane of a load",
    "(memory 1) (func (param v128) i32.const 0 local.get 0 v128.load64_lane 2 drop)",
    "invalid lane index 2",
  ],
  [
    "lane of a shuffle",
    "(func (param v128) local.get 0 local.get 0 i8x16.shuffle 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 32 drop)",
    "invalid lane index 32",
  ],
  [
    "a local read before it is set",
    "(type $t (func)) (func (local (ref $t)) local.get 0 drop)",
    "uninitialized local 0",
  ],
  [
    "a local set in a block that has ended",
    "(type $t (func)) (func (param (ref $t)) (local (ref $t)) block local.get 0 local.set 1 end local.get 1 drop)",
    "uninitialized local 1",
  ],
  [
    "a local set in only one arm",
    "(type $t (func)) (func (param (ref $t)) (local (ref $t)) i32.const 0 if local.get 0 local.set 1 else local.get 1 drop end)",
    "uninitialized local 1",
  ],
  ["undeclared ref.func", "(func $f ref.func $f drop)", "undeclared function reference"],
  [
    "call_ref of another type",
    "(type $t (func)) (type $u (func (param i32))) (func (param (ref $u)) local.get 0 call_ref $t)",
    "type mismatch: call_ref",
  ],
  [
    "call_indirect through a table of externref",
    "(table 1 externref) (func i32.const 0 call_indirect)",
    "type mismatch",
  ],
  [
    "tail call with other results",
    "(func $f (result i64) i64.const 1) (func (result i32) return_call $f)",
    "type mismatch: return_call",
  ],
  ["a null reference where none may be", "(func (result (ref func)) ref.null func)", "type mismatch"],
  ["references of different hierarchies", "(func (param externref) (result anyref) local.get 0)", "type mismatch"],
  ["cast across hierarchies", "(func (param externref) local.get 0 ref.test (ref i31) drop)", "type mismatch"],
  [
    "a catch clause that gives too much",
    "(tag $e (param i32)) (func try_table (catch $e 0) end)",
    "type mismatch: try_table: catch to label 0",
  ],
  ["rethrow outside a handler", "(func try rethrow 0 catch_all end)", "invalid rethrow label"],
  [
    "an array of references from data",
    '(type $a (array funcref)) (data "") (func i32.const 0 i32.const 0 array.new_data $a 0 drop)',
    "array type is not numeric or vector",
  ],
  [
    "a packed field read without extension",
    "(type $s (struct (field i8))) (func (param (ref $s)) local.get 0 struct.get 0 0 drop)",
    "type mismatch",
  ],
  [
    "a default for a non-null field",
    "(type $s (struct (field (ref func)))) (func struct.new_default 0 drop)",
    "type mismatch",
  ],
  [
    "array.copy between different arrays",
    "(type $a (array (mut i8))) (type $b (array i16)) (func (param (ref $a) (ref $b)) local.get 0 i32.const 0 local.get 1 i32.const 0 i32.const 0 array.copy 0 1)",
    "array types do not match",
  ],

  [
    "a call in a constant expression",
    "(func $f (result i32) i32.const 1) (global i32 (call $f))",
    "constant expression required",
  ],
  [
    "a mutable global in a constant expression",
    "(global $g (mut i32) (i32.const 1)) (global i32 (global.get $g))",
    "constant expression required",
  ],
  ["a global in its own initial value", "(global $g i32 (global.get $g))", "unknown global 0"],
  ["a constant expression of another type", "(global i32 (i64.const 1))", "type mismatch"],
  ["a constant expression of two values", "(global i32 (i32.const 1) (i32.const 2))", "type mismatch"],
  ["data without memory", '(data (i32.const 0) "a")', "unknown memory 0"],
  [
    "elements of another type",
    "(table 1 externref) (elem (i32.const 0) funcref (ref.null func))",
    "type mismatch: element segment",
  ],
  ["a non-null table without initial value", "(table 1 (ref func))", "type mismatch"],
  ["an export twice", '(func) (export "a" (func 0)) (export "a" (func 0))', 'duplicate export name "a"'],
  ["an export of nothing", '(export "a" (func 0))', "unknown function 0"],
  ["a start function with parameters", "(func (param i32)) (start 0)", "start function"],
  ["a tag with results", "(tag (result i32))", "non-empty tag result type"],
  ["a memory beyond 4 GiB", "(memory 65537)", "memory size must be at most 65536 pages (4GiB)"],
  ["a minimum above the maximum", "(memory 2 1)", "size minimum must not be greater than maximum"],
  ["shared memory without maximum", "(memory 1 shared)", "shared memory must have maximum"],
  ["a page size of 2", "(memory 1 (pagesize 2))", "invalid custom page size"],
  ["a final supertype", "(type $a (struct)) (type $b (sub $a (struct)))", "sub type 1 does not match super type 0"],
  [
    "a structure that does not extend its supertype",
    "(type $a (sub (struct (field i32)))) (type $b (sub $a (struct)))",
    "sub type 1 does not match super type 0",
  ],
  [
    "a mutable field that varies",
    "(type $a (sub (struct (field (mut anyref))))) (type $b (sub $a (struct (field (mut i31ref)))))",
    "sub type 1 does not match super type 0",
  ],
];

describe("valid", () => {
  for (const [what, text] of Object.entries(VALID)) {
    test(what, async () => expect(await verdict(`(module ${text})`)).toBe("valid"));
  }
});

describe("invalid", () => {
  for (const [what, text, words] of INVALID) {
    test(what, async () => {
      const found = await verdict(`(module ${text})`);
      expect(found.slice(0, "invalid: ".length + words.length)).toBe(`invalid: ${words}`);
    });
  }

  test("what the text format cannot say", () => {
    const one = (code: readonly number[]) => outcome(withBody(0, code, 0x0b));
    expect(one([0x00, 0x1c, 0, 0x1a])).toMatch(/^invalid: invalid result arity 0/);
    expect(one([0x00, 0x1c, 2, 0x7f, 0x7f, 0x1a])).toMatch(/^invalid: invalid result arity 2/);
    expect(one([0x02, 0x05, 0x0b])).toMatch(/^invalid: unknown type 5/);
    const structBlock = module(
      section(1, vec(func([], []), [0x5f, 0])),
      section(3, vec([0])),
      section(10, vec(sized(0, 0x02, 1, 0x0b, 0x0b))),
    );
    expect(outcome(structBlock)).toMatch(/^invalid: type mismatch: block: a block type must be a function type/);
    expect(outcome(module(section(1, vec([0x5f, 0])), section(3, vec([0]))))).toMatch(/^invalid: type mismatch/);
    expect(outcome(module(section(1, vec([0x50, 2, 0, 0, 0x5f, 0]))))).toMatch(/^invalid: sub type/);
  });

  test("an error in a body names the function and the byte of the instruction", async () => {
    const bytes = await assemble("(module (func) (func nop i32.add drop))");
    try {
      parseModule(bytes);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(InvalidError);
      expect(error).toMatchObject({ funcidx: 1 });
      expect(bytes[(error as InvalidError).offset]).toBe(0x6a);
      expect((error as InvalidError).message).toMatch(/\(in function 1, at byte \d+\)$/);
    }
  });
});

describe("features", () => {
  test("a feature that is not allowed is refused, with the place of its first use", async () => {
    const bytes = await assemble("(module (func (result i32) i32.const 1 i32.extend8_s))");
    expect(outcome(bytes, { features: ["sign-extension"] })).toBe("valid");
    expect(outcome(bytes, { features: [] })).toBe("invalid: feature sign-extension is not enabled");
    expect(outcome(bytes)).toBe("valid");
  });
});

describe("lazy validation", () => {
  test("a body is validated when it is asked for, and an invalid one refused each time", async () => {
    const bytes = await assemble(
      '(module (import "m" "f" (func)) (func nop) (func i32.add) (func (result i32) i32.const 1))',
    );
    const { module: decoded, validateBody } = decodeModule(bytes);
    expect(decoded.bodies).toHaveLength(3);
    validateBody(1);
    for (let i = 0; i < 2; i++) {
      expect(() => validateBody(2)).toThrow("type mismatch: i32.add: expected i32, found nothing (in function 2");
      validateBody(3);
      validateBody(1);
    }
    expect(() => parseModule(bytes)).toThrow("type mismatch");
  });

  test("what stands outside the bodies is validated at once", async () => {
    const bytes = await assemble("(module (func i32.add) (global i32 (i64.const 1)))");
    expect(() => decodeModule(bytes)).toThrow("type mismatch: end");
  });

  test("both ways give the same module", async () => {
    const bytes = await assemble(
      '(module (func $f (local i32 f64) nop) (func call $f) (data "a") (export "f" (func $f)))',
    );
    const registry = new TypeRegistry();
    expect(decodeModule(bytes, { registry }).module).toEqual(parseModule(bytes, { registry }));
  });
});

test("validation starts afresh after an error", async () => {
  const good = await assemble("(module (func (result i32) block (result i32) i32.const 1 end))");
  expect(outcome(withBody(0, 0x02, 0x7f, 0x41, 1, u32(0), 0x0b))).not.toBe("valid");
  expect(outcome(good)).toBe("valid");
});
