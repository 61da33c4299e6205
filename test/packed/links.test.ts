// What the package's own pages link is in the package.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import { expect, test } from "vitest";
import { FOLDER } from "./tarball.js";

test("links of the package's Markdown lead to files of the package", () => {
  const root = `${FOLDER}/node_modules/escapement/`;
  const pages = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".md"));
  expect(pages.length).toBeGreaterThan(10);
  const broken = pages.flatMap((page) =>
    [...readFileSync(root + page, "utf8").matchAll(/\]\(([^)#\s]+)[^)]*\)/g)]
      .map(([, target]) => target!)
      .filter((target) => !/^(?:https?:|mailto:)/.test(target))
      .filter((target) => !existsSync(root + posix.join(posix.dirname(page), target)))
      .map((target) => `${page}: ${target}`),
  );
  expect(broken).toEqual([]);
});
