import { expect, test } from "vitest";
import { ScreenLine } from "../terminal/screen-line.js";

/** What a line shows after each of the texts. */
function shown(...texts: string[]): string[] {
  const line = new ScreenLine();
  return texts.map((text) => {
    line.write(new TextEncoder().encode(text));
    return line.text;
  });
}

test("follows the cursor", () => {
  expect(shown("abc", "\b\bX", "\rY", "\x1b[2Cde", "\x1b[2D!", "\x1b[K")).toEqual([
    "abc",
    "aXc",
    "YXc",
    "YXcde",
    "YXc!e",
    "YXc!",
  ]);
});

test("begins anew after a line feed, and keeps spaces at the end", () => {
  expect(shown("abc\r\n>>> ", "x\n", "  ")).toEqual([">>> ", "", "  "]);
});

test("takes sequences in pieces, and shows nothing of those it does not know", () => {
  expect(shown("a\x1b", "[", "3", "1m", "b\x07\x1b[?25l\x1b[99999999D", "c")).toEqual(["a", "a", "a", "a", "ab", "cb"]);
});

test("keeps the end of a line that is longer than any screen", () => {
  const [text] = shown(`${"x".repeat(100_000)}>>> `);
  expect(text).toMatch(/^x+>>> $/);
  expect(text!.length).toBeLessThan(10_000);
});

test("is UTF-8, also across writes", () => {
  const line = new ScreenLine();
  for (const byte of new TextEncoder().encode("\u00e9\u{1f40d}")) line.write(Uint8Array.of(byte));
  expect(line.text).toBe("\u00e9\u{1f40d}");
});
