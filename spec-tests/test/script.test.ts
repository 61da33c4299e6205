import { describe, expect, it } from "vitest";
import { sourceOfBytes } from "../lexer.js";
import { isAssertion, parseScript } from "../script.js";
import type { Pattern } from "../values.js";

const one = (source: string) => {
  const commands = parseScript(source);
  expect(commands).toHaveLength(1);
  return commands[0]!;
};

describe("modules", () => {
  it("in text keep their text, annotations and comments included", () => {
    expect(one('(module $m (@name "x") (func) ;; )\n)')).toEqual({
      kind: "module",
      line: 1,
      module: { form: "text", id: "$m", content: '(module $m (@name "x") (func) ;; )\n)' },
    });
    expect(one("(module)")).toMatchObject({ module: { form: "text", id: undefined, content: "(module )" } });
  });

  it("in binary are the bytes of all strings", () => {
    expect(one('(module $b binary "\\00asm" "\\01\\00" "\\00\\00")')).toEqual({
      kind: "module",
      line: 1,
      module: { form: "binary", id: "$b", content: "\0asm\x01\0\0\0" },
    });
  });

  it("in quotes are the text in the strings, joined without space", () => {
    expect(one('(module quote "(func" ") \\22")')).toMatchObject({ module: { form: "quote", content: '(func) "' } });
  });

  it("may be definitions without an instance, and be instantiated later", () => {
    const commands = parseScript(
      '(module definition $M (func)) (module definition binary "") (module instance $I $M) (module instance $M) (module instance)',
    );
    expect(commands).toMatchObject([
      { kind: "definition", module: { id: "$M", content: "(module $M (func))" } },
      { kind: "definition", module: { form: "binary", content: "" } },
      { kind: "instance", id: "$I", definition: "$M" },
      { kind: "instance", id: undefined, definition: "$M" },
      { kind: "instance", id: undefined, definition: undefined },
    ]);
  });

  it("may be a whole file without the word", () => {
    expect(one("(func) (memory 0)")).toMatchObject({
      kind: "module",
      module: { content: "(module (func) (memory 0))" },
    });
  });
});

describe("actions", () => {
  it("name an instance, an export and arguments as bits", () => {
    expect(
      one('(invoke $I "f" (i32.const -1) (f32.const -nan:0x1) (ref.null func) (ref.extern 7) (ref.host 2))'),
    ).toEqual({
      kind: "action",
      line: 1,
      action: {
        kind: "invoke",
        instance: "$I",
        name: "f",
        args: [
          { type: "i32", bits: 0xffffffffn },
          { type: "f32", bits: 0xff800001n },
          { type: "ref", kind: "null", heap: "func" },
          { type: "ref", kind: "extern", host: 7 },
          { type: "ref", kind: "host", host: 2 },
        ],
      },
    });
  });

  it("take vectors lane by lane, lane 0 lowest", () => {
    const action = one('(invoke "f" (v128.const i32x4 1 2 3 0xffffffff) (v128.const f64x2 -0 1))');
    expect(action).toMatchObject({
      action: {
        args: [
          { type: "v128", bits: 0xffffffff_00000003_00000002_00000001n },
          { type: "v128", bits: 0x3ff0000000000000_8000000000000000n },
        ],
      },
    });
  });

  it("decode names as UTF-8 and keep a byte order mark", () => {
    expect(one('(get "\\ef\\bb\\bfa")')).toMatchObject({ action: { kind: "get", name: "\ufeffa" } });
    const source = sourceOfBytes(new TextEncoder().encode('(get "é")'));
    expect(one(source)).toMatchObject({ action: { name: "é" } });
    expect(() => parseScript('(get "\\ff")')).toThrow("malformed UTF-8 encoding");
  });
});

describe("results", () => {
  const patterns = (text: string): readonly Pattern[] => {
    const command = one(`(assert_return (invoke "f") ${text})`);
    return command.kind === "assert_return" ? command.results : [];
  };

  it("are bits under a mask", () => {
    expect(patterns("(i64.const -2)")).toEqual([
      { kind: "bits", type: "i64", bits: 0xfffffffffffffffen, mask: 0xffffffffffffffffn, text: "(i64.const -2)" },
    ]);
    expect(patterns("(f32.const nan:canonical)")).toMatchObject([{ bits: 0x7fc00000n, mask: 0x7fffffffn }]);
    expect(patterns("(f64.const nan:arithmetic)")).toMatchObject([
      { bits: 0x7ff8000000000000n, mask: 0x7ff8000000000000n },
    ]);
  });

  it("mix lanes of every kind", () => {
    expect(patterns("(v128.const f32x4 nan:canonical 1 nan:arithmetic -0)")).toMatchObject([
      {
        type: "v128",
        bits: 0x80000000_7fc00000_3f800000_7fc00000n,
        mask: 0xffffffff_7fc00000_ffffffff_7fffffffn,
      },
    ]);
  });

  it("are references by kind, host values by number", () => {
    expect(patterns("(ref.null) (ref.null any) (ref.func) (ref.extern 3) (ref.extern) (ref.eq)")).toMatchObject([
      { kind: "ref", accepts: ["null"] },
      { kind: "ref", accepts: ["null"] },
      { kind: "ref", accepts: ["func"] },
      { kind: "ref", accepts: ["extern"], host: 3 },
      { kind: "ref", accepts: ["extern"] },
      { kind: "ref", accepts: ["i31", "struct", "array"] },
    ]);
  });

  it("may be alternatives, with their text", () => {
    const text = "(either (i32.const 1) (i32.const 2))";
    expect(patterns(text)).toMatchObject([{ kind: "either", options: [{ bits: 1n }, { bits: 2n }], text }]);
  });
});

describe("assertions", () => {
  it("carry the line on which they begin", () => {
    expect(parseScript('\n(module)\n\n(assert_trap\n (invoke "f") "no")').map(({ line }) => line)).toEqual([2, 4]);
  });

  it("tell an action that traps from a module that does", () => {
    expect(parseScript('(assert_trap (invoke "f") "a") (assert_trap (module (func)) "b")')).toMatchObject([
      { kind: "assert_trap", action: { name: "f" }, message: "a" },
      { kind: "assert_uninstantiable", source: { kind: "module" }, message: "b" },
    ]);
  });

  it("are exactly the commands that are counted", () => {
    const source = `(module $m) (register "m" $m) (invoke "f") (get "g")
      (assert_return (invoke "f")) (assert_exhaustion (invoke "f") "x") (assert_exception (invoke "f"))
      (assert_unlinkable (module) "x") (assert_unlinkable (module instance $m) "x")
      (assert_invalid (module) "x") (assert_malformed (module quote "(") "x")
      (assert_invalid_custom (module) "x") (assert_malformed_custom (module quote "") "x")`;
    const commands = parseScript(source);
    expect(commands.map(isAssertion)).toEqual([...Array(4).fill(false), ...Array(9).fill(true)]);
    expect(commands[8]).toMatchObject({ kind: "assert_unlinkable", source: { kind: "definition", id: "$m" } });
  });
});

describe("wrong scripts", () => {
  it.each([
    ['(assert_returns (invoke "f"))', "unknown command assert_returns"],
    ["module", "( expected"],
    ["(invoke f)", "a string expected"],
    ['(invoke "f"', ") expected"],
    ['(invoke "f" (i32.const nan:canonical))', "not an integer"],
    ['(invoke "f" (f32.const nan:canonical))', "a NaN pattern is not a value"],
    ['(invoke "f" (i32.const 4294967296))', "i32 constant out of range"],
    ['(invoke "f" (v128.const i32x4 1 2 3))', "a number expected"],
    ['(invoke "f" (v128.const i32x5 1))', "unknown vector shape"],
    ['(invoke "f" (ref.func 1))', "a constant expected"],
    ['(assert_return (invoke "f") (ref.func 1))', "ref.func takes no operand"],
    ['(assert_trap (module) "x" "y")', ") expected"],
    ['(assert_trap (call "x") "y")', "an action expected"],
    ["(module (func)", "a list is not closed"],
    ["(module) (func)", "unknown command func"],
  ])("%s", (source, message) => expect(() => parseScript(source)).toThrow(message));
});
