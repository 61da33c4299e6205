// What a release changes, and that the manifests of the two registries say the same.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
// @ts-expect-error: a script without types
import { isLater, released, versioned } from "../release.mjs";

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

test("what is unreleased gets the version, and what was released stays", () => {
  const before = "# Changelog\n\n## [Unreleased]\n\n### Added\n\n- This.\n\n## [0.1.0] - 2026-01-01\n\n- That.\n";
  expect(released(before, "0.2.0", "2026-11-30")).toBe(
    "# Changelog\n\n## [Unreleased]\n\n## [0.2.0] - 2026-11-30\n\n### Added\n\n- This.\n\n## [0.1.0] - 2026-01-01\n\n- That.\n",
  );
  expect(() => released("# Changelog\n\n## [Unreleased]\n", "0.2.0", "")).toThrow("nothing under");
  expect(() => released("# Changelog\n", "0.2.0", "")).toThrow("no ## [Unreleased]");
});

test("the project's own changelog can be released", () => {
  expect(released(read("CHANGELOG.md"), "999.0.0", "2026-11-30")).toContain(
    "## [Unreleased]\n\n## [999.0.0] - 2026-11-30\n",
  );
});

test("versions are compared as numbers", () => {
  expect([isLater("0.10.0", "0.9.9"), isLater("1.0.0", "1.0.0"), isLater("0.1.9", "0.2.0")]).toEqual([
    true,
    false,
    false,
  ]);
  expect(versioned('{ "version": "0.1.0" }', "0.1.0", "0.2.0")).toBe('{ "version": "0.2.0" }');
  expect(() => versioned("{}", "0.1.0", "0.2.0")).toThrow();
});

test("jsr.json has the version and the entries of package.json", () => {
  const npm = JSON.parse(read("package.json")) as { version: string; exports: Record<string, { default: string }> };
  const jsr = JSON.parse(read("jsr.json")) as { version: string; exports: Record<string, string> };
  const { "./package.json": _, ...entries } = npm.exports;
  expect(jsr.version).toBe(npm.version);
  expect(jsr.exports).toEqual(
    Object.fromEntries(Object.entries(entries).map(([name, entry]) => [name, entry.default])),
  );
});
