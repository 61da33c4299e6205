import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findSuite, groupOf, readScript, SuiteError, selectFiles } from "../suite.js";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "escapement-suite-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** A suite with some empty scripts in `root/place`. */
function makeSuite(place: string): string {
  const suite = join(root, place);
  const scripts = [
    "core/i32.wast",
    "core/br.wast",
    "core/simd/simd_const.wast",
    "legacy/exceptions/core/throw.wast",
    "proposals/threads/atomic.wast",
    "proposals/custom-descriptors/exact.wast",
    "core/README.md",
  ];
  for (const script of scripts) {
    mkdirSync(join(suite, script, ".."), { recursive: true });
    writeFileSync(join(suite, script), "(module)");
  }
  return suite;
}
const names = (suite: string | undefined, paths: string[], directory = root) =>
  selectFiles(suite, paths, directory).map(({ file }) => file);

describe("the suite", () => {
  it("is what the environment variable names", () => {
    const suite = makeSuite("elsewhere");
    expect(findSuite({ ESCAPEMENT_SPEC_TESTS: suite }, root)).toBe(suite);
    expect(() => findSuite({ ESCAPEMENT_SPEC_TESTS: join(root, "nowhere") }, root)).toThrow(
      "ESCAPEMENT_SPEC_TESTS names",
    );
  });

  it("else is what was fetched, else what lies beside the checkout", () => {
    const shared = makeSuite("shared/spec-testsuite");
    const checkout = join(root, "checkout");
    expect(findSuite({}, checkout)).toBe(shared);
    const fetched = makeSuite("checkout/spec-tests/suite");
    expect(findSuite({}, checkout)).toBe(fetched);
    expect(findSuite({ ESCAPEMENT_SPEC_TESTS: "" }, checkout)).toBe(fetched);
  });

  it("that is missing is told with what to do", () => {
    expect(() => findSuite({}, join(root, "checkout"))).toThrow(SuiteError);
    expect(() => findSuite({}, join(root, "checkout"))).toThrow("npm run spec-tests:fetch");
  });
});

describe("paths", () => {
  it("that are none mean all of it but custom-descriptors, in order", () => {
    expect(names(makeSuite("s"), [])).toEqual([
      "core/br.wast",
      "core/i32.wast",
      "core/simd/simd_const.wast",
      "legacy/exceptions/core/throw.wast",
      "proposals/threads/atomic.wast",
    ]);
  });

  it("name files and directories in the suite, each file once", () => {
    const suite = makeSuite("s");
    expect(names(suite, ["core/simd", "core/i32.wast", "core"])).toEqual([
      "core/simd/simd_const.wast",
      "core/i32.wast",
      "core/br.wast",
    ]);
    expect(names(suite, ["proposals"])).toEqual(["proposals/threads/atomic.wast"]);
    expect(names(suite, ["proposals/custom-descriptors"])).toEqual(["proposals/custom-descriptors/exact.wast"]);
    expect(names(suite, ["proposals/custom-descriptors/exact.wast"])).toHaveLength(1);
  });

  it("name files anywhere, which keep their place in their suite", () => {
    const other = makeSuite("other");
    writeFileSync(join(root, "mine.wast"), "(module)");
    expect(names(undefined, ["mine.wast", "other/core/i32.wast"])).toEqual(["mine.wast", "core/i32.wast"]);
    expect(names(undefined, [join(other, "legacy")])).toEqual(["legacy/exceptions/core/throw.wast"]);
    expect(names(undefined, ["other"])).toHaveLength(5);
  });

  it("that name nothing are refused", () => {
    const suite = makeSuite("s");
    expect(() => names(suite, ["core/i33.wast"])).toThrow("core/i33.wast: there is no such file, here or in");
    expect(() => names(undefined, ["nothing"])).toThrow("nothing: there is no such file");
    mkdirSync(join(root, "empty"));
    expect(() => names(suite, ["empty"])).toThrow("there are no .wast files");
  });
});

it("groups are the suite's directories", () => {
  expect(
    [
      "core/i32.wast",
      "core/simd/a.wast",
      "custom/name/a.wast",
      "legacy/exceptions/core/a.wast",
      "proposals/threads/a.wast",
      "mine.wast",
    ].map(groupOf),
  ).toEqual(["core", "core/simd", "custom", "legacy", "proposals/threads", "other"]);
});

it("scripts are read byte by byte", () => {
  const path = join(root, "a.wast");
  writeFileSync(path, Uint8Array.of(0xef, 0xbb, 0xbf, 0x28, 0xff));
  expect(readScript({ file: "a.wast", path }).source).toBe("\xef\xbb\xbf(\xff");
});
