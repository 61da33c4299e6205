// The harness on files of the official suite, with the host's WebAssembly as the engine: a
// mature engine, so what fails here is the harness's fault.
import { beforeAll, describe, expect, it } from "vitest";
import type { EngineAdapter } from "../adapter.js";
import { createHostAdapter } from "../adapters/host.js";
import { loadAssembler } from "../assemble.js";
import { problemsOf, summarize } from "../report.js";
import { runSuite } from "../run-suite.js";
import { Runner } from "../runner.js";
import { isAssertion, parseScript } from "../script.js";
import { findSuite, readScript, selectFiles } from "../suite.js";

const hasHost = "WebAssembly" in globalThis;
const suite = (() => {
  try {
    return findSuite(process.env);
  } catch (error) {
    console.log(`tests on the suite are skipped: ${(error as Error).message}`);
    return undefined;
  }
})();
if (!hasHost) console.log("tests on the host engine are skipped: this host has no WebAssembly");

describe.skipIf(suite === undefined)("the suite", () => {
  const count = (path: string) =>
    selectFiles(suite, [path], "/").reduce(
      (total, file) => total + parseScript(readScript(file).source).filter(isAssertion).length,
      0,
    );

  it.each([
    ["core/exceptions", 90],
    ["core/multi-memory", 768],
    ["core/gc", 657],
    ["core/relaxed-simd", 69],
    ["custom", 20],
    ["legacy", 89],
    ["proposals/threads", 444],
    ["proposals/wide-arithmetic", 107],
    ["proposals/custom-page-sizes", 164],
  ])("has in %s %i assertions", (path, assertions) => expect(count(path)).toBe(assertions));
});

describe.skipIf(suite === undefined || !hasHost)("on the host engine", () => {
  it("scripts of the first version of WebAssembly, and SIMD, pass", async () => {
    const paths = [
      "core/const.wast",
      "core/float_literals.wast",
      "core/float_misc.wast",
      "core/names.wast",
      "core/call.wast",
      "core/call_indirect.wast",
      "core/imports.wast",
      "core/exports.wast",
      "core/start.wast",
      "core/comments.wast",
      "core/custom.wast",
      "core/binary.wast",
      "core/utf8-invalid-encoding.wast",
      "core/inline-module.wast",
      "core/simd/simd_f32x4.wast",
      "core/simd/simd_lane.wast",
    ];
    const result = await runSuite(createHostAdapter(), { paths });
    expect(problemsOf(result)).toEqual([]);
    expect(summarize(result).core!.assertions).toBeGreaterThan(3000);
  });
});

describe.skipIf(!hasHost)("the host adapter", () => {
  let run: (source: string) => Promise<(string | undefined)[]>;
  beforeAll(async () => {
    const runner = new Runner(createHostAdapter() as EngineAdapter, {
      assembler: await loadAssembler(),
      expectedFailures: [],
    });
    run = async (source) => {
      const result = await runner.run({ file: "x", source });
      expect(result.error).toBeUndefined();
      return result.commands.map(({ message }) => message);
    };
  });

  it("hands over all bits of floats and vectors, in and out, and of globals", async () => {
    const messages = await run(`
      (module
        (global (export "f32") f32 (f32.const nan:0x200001))
        (global (export "f64") (mut f64) (f64.const -nan:0x4000000000001))
        (global (export "v") v128 (v128.const i64x2 -1 1))
        (func (export "all") (param f32 f64 v128 i32 i64) (result i64 i32 v128 f64 f32)
          (local.get 4) (local.get 3) (local.get 2) (local.get 1) (local.get 0)))
      (assert_return (get "f32") (f32.const nan:0x200001))
      (assert_return (get "f64") (f64.const -nan:0x4000000000001))
      (assert_return (get "v") (v128.const i64x2 -1 1))
      (assert_return
        (invoke "all" (f32.const -nan:0x200001) (f64.const nan:0x4000000000001) (v128.const i32x4 1 2 3 4) (i32.const -1) (i64.const -2))
        (i64.const -2) (i32.const -1) (v128.const i32x4 1 2 3 4) (f64.const nan:0x4000000000001) (f32.const -nan:0x200001))`);
    expect(messages).toEqual(Array(5).fill(undefined));
  });

  it("tells references apart, also between numbers", async () => {
    const messages = await run(`
      (module
        (func $f) (elem declare func $f)
        (func (export "mixed") (param f32 externref i32 externref) (result externref f32 funcref i32 externref)
          (local.get 3) (local.get 0) (ref.func $f) (local.get 2) (local.get 1)))
      (assert_return
        (invoke "mixed" (f32.const nan:0x1) (ref.extern 7) (i32.const 5) (ref.null extern))
        (ref.null extern) (f32.const nan:0x1) (ref.func) (i32.const 5) (ref.extern 7))
      (assert_return
        (invoke "mixed" (f32.const 0) (ref.extern 7) (i32.const 5) (ref.null extern))
        (ref.null extern) (f32.const 0) (ref.func) (i32.const 5) (ref.extern 8))`);
    expect(messages).toEqual([undefined, undefined, expect.stringContaining("found (ref.null)")]);
  });

  it("reports wrong arguments and wrong exports as failures", async () => {
    const messages = await run(`
      (module (func (export "f") (param i32)) (memory (export "m") 1))
      (invoke "f" (i64.const 1))
      (invoke "f")
      (invoke "m")`);
    expect(messages).toEqual([
      undefined,
      expect.stringContaining("argument 0 is i64, the function takes i32"),
      expect.stringContaining("0 arguments, the function takes 1"),
      expect.stringContaining("m is not a function"),
    ]);
  });

  it("knows failures by their kind", async () => {
    const messages = await run(`
      (module (func $r (export "r") (call $r)) (func (export "u") (unreachable)))
      (assert_exhaustion (invoke "r") "")
      (assert_trap (invoke "u") "")
      (assert_exhaustion (invoke "u") "")
      (assert_trap (invoke "r") "")
      (assert_unlinkable (module (import "nobody" "f" (func))) "")
      (assert_unlinkable (module (import "spectest" "global_i32" (func))) "")
      (assert_unlinkable (module) "")`);
    expect(messages.map((message) => message?.slice(0, 40))).toEqual([
      undefined,
      undefined,
      undefined,
      expect.stringContaining("expected exhaustion, found trap"),
      expect.stringContaining("expected trap, found exhaustion"),
      undefined,
      undefined,
      expect.stringContaining("expected link"),
    ]);
  });
});
