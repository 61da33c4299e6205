import { expect, test } from "vitest";
import { meanRatio, pairedRatio } from "../contest/statistics.js";

test("rounds are compared with rounds, so that a slow moment of the machine does not count", () => {
  const reference = [10, 10, 50, 10, 10];
  const own = [20, 20, 100, 20, 20];
  expect(pairedRatio(own, reference)).toEqual({ ratio: 2, low: 2, high: 2 });
});

test("the interval holds the ratio, and is the same each time", () => {
  const reference = [10, 11, 9, 10, 12, 10, 11];
  const own = [21, 20, 25, 19, 22, 30, 18];
  const { ratio, low, high } = pairedRatio(own, reference)!;
  expect(low).toBeLessThan(ratio);
  expect(high).toBeGreaterThan(ratio);
  expect(pairedRatio(own, reference)).toEqual({ ratio, low, high });
});

test("an engine that is slow has fewer rounds; one without any has no ratio", () => {
  expect(pairedRatio([30, 30, 30], [10, 10, 10, 1, 1])?.ratio).toBe(3);
  expect(pairedRatio([], [10, 10])).toBeNull();
});

test("the mean of several cases is geometric, and is none if one case is missing", () => {
  expect(
    meanRatio([
      [[2], [1]],
      [[8], [1]],
    ])?.ratio,
  ).toBeCloseTo(4);
  expect(
    meanRatio([
      [[2], [1]],
      [[], [1]],
    ]),
  ).toBeNull();
});
