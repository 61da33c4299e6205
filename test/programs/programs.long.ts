// Programs that take longer, and programs in a Node without a JIT, and so without a WebAssembly of its own.
import { describe, expect, test } from "vitest";
import "./programs.test.js";
import { output, spec } from "./support.js";

test.each([
  ["esbuild", 'ERROR: Unexpected ";"'],
  ["assemblyscript", "too small"],
])("%s prints what it prints on V8's WebAssembly", async (program, shown) => {
  const expected = await output(program, "V8");
  expect(expected).toContain(shown);
  expect(await output(program, "ours")).toBe(expected);
});

test("wasm-tools: the harness assembles its own suite, and finds what it finds on V8's WebAssembly", async () => {
  const paths = [
    "core/gc",
    "core/simd/simd_const.wast",
    "core/conversions.wast",
    "core/binary.wast",
    "core/names.wast",
  ];
  const expected = await spec(...paths);
  expect(expected.length).toBeGreaterThan(20);
  expect(await spec("--self-hosted", ...paths)).toEqual(expected);
});

describe("without a compiler", () => {
  test.each(["wabt", "micropython", "quickjs"])("%s", async (program) => {
    expect(await output(program, "ours, jitless")).toBe(await output(program, "V8"));
  });
});
