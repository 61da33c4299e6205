import { expect, test } from "vitest";
import { readAmount } from "../amount.js";

test.each([
  [0, 0],
  [5, 5],
  [5n, 5],
  ["5", 5],
  [" 5 ", 5],
  ["20_000_000", 20_000_000],
  ["64MiB", 64 * 2 ** 20],
  ["64 mib", 64 * 2 ** 20],
  ["1.5GiB", 1.5 * 2 ** 30],
  ["500 KB", 500_000],
  ["0.5KiB", 512],
  ["7b", 7],
  [2n ** 53n - 1n, 2 ** 53 - 1],
  ["9007199254740991", 2 ** 53 - 1],
])("%o is %d", (value, amount) => {
  expect(readAmount(value)).toBe(amount);
});

test.each(
  [-1, 1.5, Number.NaN, Infinity, 2 ** 53, -1n, 2n ** 53n, "", "x", "-1", "1.5", "1e3", "0x10", "5__0", "_5", "5_"]
    .concat(["64XB", "5 constructor", "9007199254740993", "1,000", "5  MiB"])
    .concat([null, undefined, {}, [5], true, new Date(0)] as never[])
    .map((value) => [value]),
)("%o is no amount", (value) => {
  expect(readAmount(value)).toBeUndefined();
});
