import { describe, expect, it } from "vitest";
import { bytesOfSource, Lexer, ScriptSyntaxError, sourceOfBytes, stringBytes } from "../lexer.js";

function tokens(source: string): string[] {
  const found: string[] = [];
  for (const lexer = new Lexer(source); lexer.kind !== "end"; lexer.next()) found.push(`${lexer.kind} ${lexer.text}`);
  return found;
}

describe("tokens", () => {
  it("are parentheses, strings and atoms", () => {
    expect(tokens('(module $m "a b" i32.const -0x1p+3)')).toEqual([
      "( (",
      "atom module",
      "atom $m",
      'string "a b"',
      "atom i32.const",
      "atom -0x1p+3",
      ") )",
    ]);
  });

  it("may join strings and id characters to one reserved token", () => {
    expect(tokens('$"a b" x"y"z "a""b"')).toEqual(['atom $"a b"', 'atom x"y"z', 'atom "a""b"']);
  });

  it("keep quotes and parentheses that strings contain", () => {
    expect(tokens('"a\\")(" b')).toEqual(['string "a\\")("', "atom b"]);
  });
});

describe("white space", () => {
  it("includes line comments, up to the end of the file", () => {
    expect(tokens("a ;; (b\nc ;; d")).toEqual(["atom a", "atom c"]);
  });

  it("includes block comments, which nest and hide strings", () => {
    expect(tokens('a (; " (; x ;) ;; ;) b(;;)c')).toEqual(["atom a", "atom b", "atom c"]);
  });

  it("includes annotations with any tokens, strings and parentheses inside", () => {
    expect(tokens('a (@x , ; ] [ ({) ")" (@) (@ y (z)) (; ) ;) ;; )\n) b')).toEqual(["atom a", "atom b"]);
  });
});

describe("errors", () => {
  it.each([
    ["\n(; x (; ;)", "line 2: a block comment is not closed"],
    ['\n\n"abc', "line 3: a string is not closed"],
    ['"a\nb"', "line 1: a string is not closed"],
    ["(@a (b)", "line 1: an annotation is not closed"],
    ["a \u0001", "line 1: illegal character"],
    ["a \u00e9", "line 1: illegal character"],
  ])("%j", (source, message) => {
    expect(() => tokens(source)).toThrow(ScriptSyntaxError);
    expect(() => tokens(source)).toThrow(message);
  });

  it("a list that is not closed is reported where it begins", () => {
    const lexer = new Lexer("\n(a (b)\n");
    lexer.next();
    expect(() => lexer.skipToClose()).toThrow("line 2: a list is not closed");
  });
});

describe("lines", () => {
  it("are found for any offset in any order", () => {
    const lexer = new Lexer("a\nbb\n\nc");
    expect([7, 0, 1, 2, 4, 5, 6].map((offset) => lexer.lineAt(offset))).toEqual([4, 1, 1, 2, 2, 3, 4]);
  });
});

describe("strings", () => {
  it("stand for bytes", () => {
    expect(stringBytes('"a\\00\\ff\\t\\n\\r\\"\\\'\\\\"')).toBe("a\x00\xff\t\n\r\"'\\");
  });

  it("encode code points as UTF-8", () => {
    const euro = sourceOfBytes(new TextEncoder().encode("\u007fé€😀"));
    expect(stringBytes('"\\u{7f}\\u{e9}\\u{20_ac}\\u{1F600}"')).toBe(euro);
  });

  it.each(['"\\0"', '"\\x41"', '"\\u{d800}"', '"\\u{110000}"', '"\\u{}"', '"\\u41"', '"\\q"'])("refuse %s", (literal) =>
    expect(stringBytes(literal)).toBeUndefined(),
  );

  it("bytes survive the way to a source and back", () => {
    const bytes = Uint8Array.from({ length: 20_000 }, (_, i) => i & 0xff);
    expect(bytesOfSource(sourceOfBytes(bytes))).toEqual(bytes);
  });
});
