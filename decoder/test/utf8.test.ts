import { describe, expect, test } from "vitest";
import { decodeUtf8Lossy, decodeUtf8Strict, encodeUtf8, isWellFormed } from "../utf8.js";

const SAMPLES = [
  "",
  "abc",
  "é€😀",
  "\u0000\u007f\u0080\u07ff\u0800\uffff",
  "\u{10000}\u{10ffff}",
  "x".repeat(20_000) + "é",
];

describe("UTF-8", () => {
  test.each(SAMPLES)("round-trips, as TextEncoder and TextDecoder have it (sample %#)", (text) => {
    expect(encodeUtf8(text)).toEqual(new TextEncoder().encode(text));
    expect(decodeUtf8Strict(encodeUtf8(text))).toBe(text);
  });

  test.each([
    [[0x41, 0x80], 1],
    [[0xc0, 0x80], 0],
    [[0xc1, 0xbf], 0],
    [[0xe0, 0x80, 0x80], 0],
    [[0xed, 0xa0, 0x80], 0],
    [[0xf0, 0x80, 0x80, 0x80], 0],
    [[0xf4, 0x90, 0x80, 0x80], 0],
    [[0xf5, 0x80, 0x80, 0x80], 0],
    [[0x61, 0x62, 0xe2, 0x82], 2],
    [[0xff], 0],
  ])("refuses %j at offset %d", (bytes, offset) => {
    expect(decodeUtf8Strict(Uint8Array.from(bytes))).toBe(offset);
    expect(() => new TextDecoder("utf-8", { fatal: true }).decode(Uint8Array.from(bytes))).toThrow();
  });

  test("replaces what is not UTF-8 and keeps the rest", () => {
    expect(decodeUtf8Lossy(Uint8Array.of(0x61, 0xff, 0x62, 0xe2, 0x82))).toBe("a\ufffdb\ufffd\ufffd");
  });

  test("encodes a lone surrogate as U+FFFD, and tells that it is one", () => {
    for (const text of ["\ud800", "a\udc00b", "\ud83d", "\udc00\ud800"]) {
      expect(encodeUtf8(text)).toEqual(new TextEncoder().encode(text));
      expect(isWellFormed(text)).toBe(false);
    }
    expect(isWellFormed("😀é")).toBe(true);
  });
});
