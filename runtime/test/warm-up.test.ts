import { expect, test, vi } from "vitest";

test("the loop is trained once 2^20 fuel is used, in steps between short slices", async () => {
  vi.resetModules();
  const { countFuel, nextSlice } = await import("../interpreter/warm-up.js");
  const whole = 2 ** 30;
  expect(nextSlice(whole)).toBe(2 ** 20);
  countFuel(2 ** 20 - 1);
  expect(nextSlice(whole)).toBe(2 ** 16);
  countFuel(1);
  const slices: number[] = [];
  do slices.push(nextSlice(whole));
  while (slices.at(-1) !== whole);
  expect(slices).toEqual([...Array<number>(slices.length - 1).fill(2 ** 16), whole]);
  expect(slices.length).toBeGreaterThanOrEqual(5);
  expect(nextSlice(whole)).toBe(whole);
});
