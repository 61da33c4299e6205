// The guides of docs/: each example runs as a file of its own on the built package, and prints what it says.
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { examplesIn, expectPrinted } from "../support/printed.js";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
/** Within the package, so that its own name leads to it. */
const SCRATCH = `${ROOT}dist/guide-examples/`;
const PAGES = ["engines.md", ...readdirSync(`${ROOT}docs/guides`).map((name) => `guides/${name}`)];

describe.each(PAGES)("docs/%s", (page) => {
  const text = readFileSync(`${ROOT}docs/${page}`, "utf8");

  test.each(examplesIn(text, "js", "// →"))("$name", async (example) => {
    expect(example.code, "says what it prints").toContain("\n// → ");
    mkdirSync(SCRATCH, { recursive: true });
    const file = `${SCRATCH}${`${page}-${example.name}`.replace(/\W+/g, "-")}.mjs`;
    // Node 20 has no `using`.
    writeFileSync(file, example.code.replaceAll(/^using /gm, "const "));
    const { stdout } = await promisify(execFile)(process.execPath, [file], { cwd: ROOT });
    expectPrinted(stdout.trimEnd(), example);
  });

  test("links lead to files that are there", () => {
    const links = [...text.matchAll(/\]\(([^)#]+)[^)]*\)/g)].map(([, target]) => target!);
    for (const link of links.filter((target) => !/^https?:/.test(target)))
      expect(existsSync(new URL(link, `file://${ROOT}docs/${page}`)), link).toBe(true);
  });
});

test("there is a guide for each reader", () => {
  expect(PAGES.length).toBe(7);
});
