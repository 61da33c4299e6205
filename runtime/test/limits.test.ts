import { describe, expect, test } from "vitest";
import { UsageError } from "../errors.js";
import { DEFAULT_LIMITS, MAX_LIMITS, normalizeLimits, type StoreLimits } from "../limits.js";

const numeric = Object.keys(MAX_LIMITS) as (keyof typeof MAX_LIMITS)[];

test("fills in the defaults", () => {
  expect(normalizeLimits()).toEqual(DEFAULT_LIMITS);
  expect(normalizeLimits({ memoryBytes: 65536 })).toEqual({ ...DEFAULT_LIMITS, memoryBytes: 65536 });
  expect(normalizeLimits({ frames: undefined } as unknown as Partial<StoreLimits>)).toEqual(DEFAULT_LIMITS);
  expect(normalizeLimits({ onGrowthFailure: "trap" }).onGrowthFailure).toBe("trap");
});

test("has a maximum for every limit, and defaults below it", () => {
  expect([...numeric, "onGrowthFailure"].sort()).toEqual(Object.keys(DEFAULT_LIMITS).sort());
  for (const name of numeric) expect(DEFAULT_LIMITS[name]).toBeLessThanOrEqual(MAX_LIMITS[name]);
});

describe.each(numeric)("%s", (name) => {
  test("may be 0 and its maximum", () => {
    expect(normalizeLimits({ [name]: 0 })[name]).toBe(0);
    expect(normalizeLimits({ [name]: MAX_LIMITS[name] })[name]).toBe(MAX_LIMITS[name]);
  });
  test.each([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, "many", "-1", -1n, "1.5", null, {}, [], true, Symbol("x")])(
    "may not be %s",
    (value) => {
      expect(() => normalizeLimits({ [name]: value } as never)).toThrow(UsageError);
    },
  );
  test("may be a bigint, or text with a unit", () => {
    expect(normalizeLimits({ [name]: 64n })[name]).toBe(64);
    expect(normalizeLimits({ [name]: "1_000" })[name]).toBe(1000);
    expect(normalizeLimits({ [name]: "4KiB" })[name]).toBe(4096);
    expect(() => normalizeLimits({ [name]: BigInt(MAX_LIMITS[name]) + 1n })).toThrow(`limit ${name} is an integer`);
  });
  test("may not be above its maximum", () => {
    expect(() => normalizeLimits({ [name]: MAX_LIMITS[name] + 1 })).toThrow(`limit ${name} is an integer from 0 to`);
  });
});

test("rejects unknown names and answers", () => {
  expect(() => normalizeLimits({ memory: 1 } as never)).toThrow("unknown limit memory");
  expect(() => normalizeLimits({ toString: 1 } as never)).toThrow("unknown limit toString");
  expect(() => normalizeLimits({ onGrowthFailure: "explode" } as never)).toThrow(UsageError);
});
