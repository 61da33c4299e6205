import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { decodeSource, readBytes } from "../files.js";
import { UsageFailure } from "../report.js";

const directory = mkdtempSync(join(tmpdir(), "escapement-"));
afterAll(() => rmSync(directory, { recursive: true }));

test("reads a file's bytes into a buffer of its own", () => {
  const path = join(directory, "small");
  writeFileSync(path, "abc");
  const bytes = readBytes(path);
  expect([...bytes]).toEqual([97, 98, 99]);
  expect(bytes.buffer.byteLength).toBe(3);
});

test("says why a file cannot be read", () => {
  expect(() => readBytes(join(directory, "missing"))).toThrow(/^cannot read .*missing: no such file$/);
  expect(() => readBytes(directory)).toThrow(/: it is a directory$/);
  expect(() => readBytes(join(directory, "x".repeat(300)))).toThrow(UsageFailure);
});

test("source is UTF-8, with or without a byte order mark", () => {
  expect(decodeSource(new TextEncoder().encode("print('é')"), "f")).toBe("print('é')");
  expect(decodeSource(new TextEncoder().encode("\ufeffprint(1)"), "f")).toBe("print(1)");
  expect(decodeSource(new Uint8Array(), "f")).toBe("");
});

test.each([
  ["a byte that begins nothing", [0x61, 0x0a, 0xff, 0x62], 2, 2],
  ["a sequence cut short", [0x61, 0xe2, 0x82], 1, 1],
  ["an overlong form", [0xc0, 0x80], 0, 1],
  ["a surrogate", [0x0a, 0x0a, 0xed, 0xa0, 0x80], 2, 3],
  ["a bad byte after a replacement character that is really there", [0xef, 0xbf, 0xbd, 0xfe], 3, 1],
  ["a bad byte after a byte order mark", [0xef, 0xbb, 0xbf, 0x80], 3, 1],
])("source with %s is refused, naming the place", (_, bytes, offset, line) => {
  expect(() => decodeSource(Uint8Array.from(bytes), "f.py")).toThrow(
    `f.py is not UTF-8: byte 0x${bytes[offset]!.toString(16)} at offset ${offset}, in line ${line}`,
  );
});
