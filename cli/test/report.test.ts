import { expect, test } from "vitest";
import { formatBacktrace, fuelStop, memoryStop, printable, stackStop } from "../report.js";

const frame = (name: string | undefined, funcidx: number, offset: number) => ({
  name,
  moduleName: undefined,
  funcidx,
  offset,
});

test("a limit's message says which limit, how much was used, and which flag raises it", () => {
  expect(fuelStop(99, 100, "escapement-2").message).toBe(
    "stopped by the fuel limit: used 99 of 100 fuel (schedule escapement-2); raise it with --fuel",
  );
  expect(memoryStop(2 ** 24, 2 ** 25, 2 ** 26).message).toBe(
    "stopped by the memory limit: used 16MiB of 32MiB of linear memory and asked for 64MiB; raise it with --memory",
  );
  expect(stackStop(2 ** 20).message).toMatch(/^stopped by the stack limit: .*1MiB.*; raise it with --stack$/);
});

test("a backtrace names functions, modules and offsets, innermost first", () => {
  const frames = [frame("div", 3, 0x5a), { ...frame(undefined, 12, 0x80), moduleName: "calc" }];
  expect(formatBacktrace(frames)).toEqual(["    at div (func 3), offset 0x5a", "    at calc!func 12, offset 0x80"]);
});

test("the middle of a long backtrace is left out", () => {
  const lines = formatBacktrace(Array.from({ length: 1000 }, (_, i) => frame(undefined, i, i)));
  expect(lines).toHaveLength(33);
  expect(lines[16]).toBe("    … 968 more frames …");
  expect(lines[32]).toContain("func 999");
});

test("control characters of a guest's names do not reach the terminal", () => {
  expect(printable("a\u001b[31mb\u202e\n")).toBe("a\\u{1b}[31mb\\u{202e}\\u{a}");
  const lines = formatBacktrace([{ ...frame("\u001b]0;x\u0007", 0, 0), moduleName: "\u001b[2J" }]);
  expect(lines.join("")).not.toContain("\u001b");
});
