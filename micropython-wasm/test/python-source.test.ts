import { describe, expect, test } from "vitest";
import { SandboxUsageError } from "../guest/errors.js";
import { sourceText, VALUE_NAME, withCapturedValue } from "../interpreter/python-source.js";

/** The part of the program whose value would be taken, undefined if none. */
function lastExpression(text: string): string | undefined {
  const captured = withCapturedValue(text);
  if (captured === undefined) return undefined;
  const at = captured.indexOf(`${VALUE_NAME}=`);
  expect(captured.replace(`${VALUE_NAME}=`, "")).toBe(text);
  return captured.slice(at + VALUE_NAME.length + 1);
}

describe("the last expression", () => {
  test.each([
    ["1 + 2", "1 + 2"],
    ["x = 1\nx", "x"],
    ["x = 1; x", "x"],
    ["x = 1; x;", "x;"],
    ["x = 1; x; ", "x; "],
    ["f(\n  1,\n  y=2,\n)\n\n# done\n", "f(\n  1,\n  y=2,\n)\n\n# done\n"],
    ["a == b", "a == b"],
    ["a <= b != c >= d", "a <= b != c >= d"],
    ["{'k': v}", "{'k': v}"],
    ["a[1:2]", "a[1:2]"],
    ["lambda x: x", "lambda x: x"],
    ["(y := 5)", "(y := 5)"],
    ["'''text\nwith = lines\n'''", "'''text\nwith = lines\n'''"],
    ["'it\\'s = not'", "'it\\'s = not'"],
    ['rb"\\" = "', 'rb"\\" = "'],
    ["f'{x!r:>8}'", "f'{x!r:>8}'"],
    ["x = '#'\nx # = comment", "x # = comment"],
    ["not a", "not a"],
    ["None", "None"],
    ["print('=')", "print('=')"],
    ["1 + \\\n2", "1 + \\\n2"],
    ["if a:\n  b\nc", "c"],
    ["def f():\n  return 1\nf()", "f()"],
    ["  x = 1\n  x", "x"],
    ["a, b", "a, b"],
    ["passed", "passed"],
    ["if_ + 1", "if_ + 1"],
    ["été", "été"],
    ["x\r\ny\r\n", "y\r\n"],
    ["[i for i in range(3)]", "[i for i in range(3)]"],
    ["a if b else c", "a if b else c"],
  ])("of %j is %j", (text, expected) => {
    expect(lastExpression(text)).toBe(expected);
  });

  test.each([
    "",
    "\n\n",
    "# only a comment",
    "x = 1",
    "x += 1",
    "x <<= 1",
    "x >>= 2",
    "x **= 2",
    "a = b == c",
    "x: int",
    "x: int = 5",
    "pass",
    "del x",
    "import os",
    "from os import *",
    "raise E",
    "assert x",
    "global g",
    "return 1",
    "yield 1",
    "if a: b",
    "if a:\n  b",
    "for i in x: i",
    "while 1: break",
    "def f(): 1",
    "class A: 1",
    "try:\n  a\nfinally:\n  b",
    "with a: b",
    "if a: b; c",
    "if a:\n  b\nelse:\n  c",
    "@d\ndef f(): pass",
    "x := 5",
    "*a, b",
    "f(1",
    "@decorated",
    "async def f(): pass",
    "x = 1\n\n  # end",
    "break",
    "lambda: 0\nx = 3",
    "x = (\n1)\n",
  ])("there is none in %j", (text) => {
    expect(withCapturedValue(text)).toBeUndefined();
  });

  test("any text is looked at in linear time", () => {
    for (const text of [
      "(".repeat(200_000),
      "'".repeat(200_001),
      "a;".repeat(100_000),
      "\\\n".repeat(100_000),
      "x".repeat(500_000),
    ]) {
      // A quadratic scan of any of them would run into the test's time limit by far.
      withCapturedValue(text);
    }
  });
});

describe("source", () => {
  test("comes as text or as UTF-8", () => {
    expect(sourceText("print('é')")).toBe("print('é')");
    expect(sourceText(new TextEncoder().encode("print('é')"))).toBe("print('é')");
  });

  test.each([
    [Uint8Array.of(0x61, 0xff), "the source is not UTF-8: byte 0xff at offset 1"],
    [Uint8Array.of(0xc3), "the source is not UTF-8: byte 0xc3 at offset 0"],
    ["x = '\ud800'", "the source contains a lone surrogate"],
    ["x = 1\0y", "the source contains a NUL character at offset 5"],
  ])("is refused otherwise (%#)", (code, message) => {
    expect(() => sourceText(code)).toThrow(SandboxUsageError);
    expect(() => sourceText(code)).toThrow(message);
  });
});
