import { describe, expect, test } from "vitest";
import { formatSize, mountsOf, parseCount, parseMount, parseSeed, parseSize, stackLimits } from "../flags.js";

describe("parseSize", () => {
  test.each([
    ["0", 0],
    ["65536", 65536],
    ["64KiB", 65536],
    ["64MiB", 67108864],
    ["64 MiB", 67108864],
    ["64mib", 67108864],
    ["1.5GiB", 1610612736],
    ["64MB", 64000000],
    ["1kB", 1000],
    ["12B", 12],
    ["1024GiB", 2 ** 40],
  ])("reads %s", (text, bytes) => {
    expect(parseSize(text)).toBe(bytes);
  });

  test.each(["", "MiB", "-1", "64M", "64MiBs", "1e6", "0x10", "0.3KiB", "Infinity", "1025GiB", "9".repeat(400)])(
    "refuses %s",
    (text) => {
      expect(() => parseSize(text)).toThrow(/size|bytes/);
    },
  );

  test("is read back from what formatSize writes", () => {
    for (const bytes of [1023, 1024, 65537, 2 ** 20, 3 * 2 ** 20, 2 ** 30, 5 * 2 ** 30]) {
      expect(parseSize(formatSize(bytes).replace(" bytes", ""))).toBe(bytes);
    }
  });
});

describe("parseCount", () => {
  test.each([
    ["0", 0],
    ["20000000", 20_000_000],
    ["20_000_000", 20_000_000],
    ["9007199254740991", Number.MAX_SAFE_INTEGER],
  ])("reads %s", (text, count) => {
    expect(parseCount(text)).toBe(count);
  });

  test.each(["", "-1", "1.5", "1e6", "0x10", "_1", "1__0", "1_", "9007199254740992", "NaN"])("refuses %s", (text) => {
    expect(() => parseCount(text)).toThrow(/number/);
  });
});

describe("parseSeed", () => {
  test("reads decimal and hexadecimal", () => {
    expect(parseSeed("7")).toBe(7);
    expect(parseSeed("0xFF")).toBe(255);
    expect(parseSeed("4294967295")).toBe(2 ** 32 - 1);
  });

  test.each(["", "-1", "4294967296", "1.5", "x"])("refuses %s", (text) => {
    expect(() => parseSeed(text)).toThrow(/seed/);
  });
});

describe("parseMount", () => {
  test.each([
    ["./data::/data", "./data", "/data", "read-only"],
    ["./data::/data:ro", "./data", "/data", "read-only"],
    ["/a:b::/data:rw", "/a:b", "/data", "read-write"],
    ["C:\\data::/data:overlay", "C:\\data", "/data", "overlay"],
  ])("reads %s", (text, host, guest, access) => {
    expect(parseMount(text)).toEqual({ host, guest, access });
    expect(mountsOf([parseMount(text)])).toEqual({ [guest]: { path: host, access } });
  });

  test.each(["", "./data", "./data::", "::/data", "./data::data", "./data::/data:rx", "a::/b::/c"])(
    "refuses %s",
    (text) => {
      const flag = () => mountsOf([parseMount(text)]);
      // What is behind the last colon may belong to a name.
      if (text.endsWith(":rx")) expect(flag()).toEqual({ "/data:rx": { path: "./data", access: "read-only" } });
      else expect(flag).toThrow("It is HOST::GUEST");
    },
  );

  test("two of one name are refused", () => {
    expect(() => mountsOf([parseMount("a::/x"), parseMount("b::/x:rw")])).toThrow("already a folder at /x");
  });
});

test("the default stack is the store's default limits", async () => {
  const { DEFAULT_LIMITS } = await import("../../runtime/limits.js");
  const { stackSlots, frames } = DEFAULT_LIMITS;
  expect(stackLimits(8 * 2 ** 20)).toEqual({ stackSlots, frames });
});
