import { beforeAll, describe, expect, it } from "vitest";
import { type Assembler, AssemblyError, loadAssembler, prepareText } from "../assemble.js";
import { hasFoldedTry, unfoldTry } from "../legacy-text.js";
import { sourceOfBytes } from "../lexer.js";
import { malformedText } from "../text-checks.js";

const utf8 = (text: string) => sourceOfBytes(new TextEncoder().encode(text));

describe("prepared text", () => {
  it("has escapes for what strings contain beyond ASCII", () => {
    expect(prepareText(utf8('(export "é\u202e") x'))).toBe('(export "\\c3\\a9\\e2\\80\\ae") x');
  });

  it("has spaces for comments, and as many lines", () => {
    expect(prepareText(utf8('a ;; é "\n(; é\n ;) "b"'))).toBe(`a${" ".repeat(8)}\n${" ".repeat(5)}\n    "b"`);
  });

  it("is as it was, if it is ASCII", () => {
    expect(prepareText("(module) ;; x")).toBe("(module) ;; x");
  });

  it("must be UTF-8", () => {
    expect(() => prepareText('(export "\xff")')).toThrow(AssemblyError);
    expect(() => prepareText(";; \xc3")).toThrow("malformed UTF-8 encoding");
  });
});

describe("folded legacy exception handling", () => {
  it("is found, try_table is not", () => {
    expect(hasFoldedTry("(func (try (do)))")).toBe(true);
    expect(hasFoldedTry("(func (try_table (catch 0 0)))")).toBe(false);
    expect(hasFoldedTry('(func (export "try"))')).toBe(false);
  });

  it.each([
    ["(try (do (nop)) (catch $e (drop)))", "try nop catch $e drop end"],
    [
      "(try $l (result i32) (do (i32.const 1)) (catch $e) (catch_all unreachable))",
      "try $l (result i32) i32.const 1 catch $e catch_all unreachable end",
    ],
    ["(try (do) (delegate $l))", "try delegate $l"],
    ["(try (do))", "try end"],
    [
      "(i32.add (i32.const 1) (try (result i32) (do (i32.const 2))))",
      "i32.const 1 try (result i32) i32.const 2 end i32.add",
    ],
    [
      "(if $l (result i32) (try (do)) (local.get 0) (then (i32.const 1)) (else (i32.const 2)))",
      "try end local.get 0 if $l (result i32) i32.const 1 else i32.const 2 end",
    ],
    ["(if (local.get 0) (then (try (do))))", "local.get 0 if try end end"],
    ["(block $b (result i32) (loop (br $b (i32.const 1))))", "block $b (result i32) loop i32.const 1 br $b end end"],
    [
      "(call_indirect $t (type 0) (param i32) (i32.const 1) (try (do)))",
      "i32.const 1 try end call_indirect $t (type 0) (param i32)",
    ],
    ["(try_table (result i32) (catch $e 0) (i32.const 1))", "try_table (result i32) (catch $e 0) i32.const 1 end"],
  ])("%s", (folded, flat) => {
    expect(unfoldTry(`(module (func $f (export "f") (param i32) (local i64) ${folded}))`)).toBe(
      `(module (func $f (export "f") (param i32) (local i64) ${flat}))`,
    );
  });

  it.each([
    "(try (catch_all))",
    "(try)",
    "(try (do) (catch_all) (catch_all))",
    "(try (do) (catch_all) (catch $e))",
    "(try (do) (catch))",
    "(try (do) (delegate))",
    "(try (do) (delegate 0) (delegate 0))",
    "(try (do) (catch $e) (delegate 0))",
    "(try (do) (nop))",
  ])("refuses %s", (text) => expect(() => unfoldTry(`(module (func ${text}))`)).toThrow(AssemblyError));

  it("refuses parentheses that do not match", () => {
    expect(() => unfoldTry("(module (func (try (do)))")).toThrow(AssemblyError);
    expect(() => unfoldTry("(module (func (try (do)))))")).toThrow(AssemblyError);
  });
});

describe("text checks", () => {
  it.each([
    ["(module (start $a) (func $a) (start $a))", "multiple start sections"],
    ["(module (func (catch_all)))", "unexpected token catch_all"],
    ["(module (tag $e) (func (catch $e)))", "unexpected token catch"],
    ["(module (func (delegate 0)))", "unexpected token delegate"],
  ])("%s", (text, reason) => expect(malformedText(text)).toBe(reason));

  it.each([
    "(module (func $start) (start $start))",
    '(module (func (export "start")) (func (export "(start")))',
    "(module (tag $e) (func (block (try_table (catch $e 0)))))",
    "(module (func try catch_all end))",
    "(memory 0x1_0000_0000)",
    "(memory i64 0x1_0000_0000)",
  ])("accept %s", (text) => expect(malformedText(text)).toBeUndefined());
});

describe.skipIf(!("WebAssembly" in globalThis))("wasm-tools", () => {
  let assembler: Assembler;
  beforeAll(async () => {
    assembler = await loadAssembler();
  });

  it("assembles a module or bare fields", async () => {
    const empty = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
    expect([...(await assembler.assemble("(module )"))]).toEqual(empty);
    expect([...(await assembler.assemble("(type (func))"))]).toEqual([...empty, 1, 4, 1, 0x60, 0, 0]);
  });

  it("does not validate: that is the engine's part", async () => {
    expect((await assembler.assemble("(module (func (result i32)))")).length).toBeGreaterThan(8);
  });

  it("takes characters in strings that it refuses elsewhere", async () => {
    const bytes = await assembler.assemble(utf8('(module (memory (export "\u202e") 0)) ;; \u202e'));
    expect(sourceOfBytes(bytes)).toContain(utf8("\u202e"));
  });

  it("takes folded legacy exception handling", async () => {
    const bytes = await assembler.assemble("(module (func (try (do) (catch_all))))");
    expect([...bytes]).toEqual(expect.arrayContaining([0x06, 0x40, 0x19, 0x0b]));
  });

  it("says why and where it refuses", async () => {
    await expect(assembler.assemble("(module\n  (func (local.get $x)))")).rejects.toThrow(
      "unknown local: failed to find name `$x` (module text 2:20)",
    );
    await expect(assembler.assemble("(module (func (i32.nonsense)))")).rejects.toThrow(AssemblyError);
    await expect(assembler.assemble('(module "\u0001")')).rejects.toThrow(AssemblyError);
  });
});
