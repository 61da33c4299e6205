// The specification's own tests of the JavaScript API on each engine.
import { execFile } from "node:child_process";
import { readdir } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const RUNNER = fileURLToPath(new URL("test-file.mjs", import.meta.url));

async function runFile(binary, root, file, polyfill) {
  const args = [RUNNER, root, file, ...(polyfill === undefined ? [] : [polyfill])];
  try {
    const { stdout } = await run(binary, args, { maxBuffer: 2 ** 26, timeout: 1_800_000 });
    return JSON.parse(stdout.trim().split("\n").at(-1));
  } catch (error) {
    return [
      0,
      [
        `${String(error.stderr ?? error)
          .trim()
          .split("\n")
          .slice(0, 6)
          .join(" ")
          .slice(0, 200)}`,
      ],
    ];
  }
}

/**
 * @param root a checkout of github.com/WebAssembly/spec
 * @param engines of installEngines
 * @param project the folder of this project, which is built
 * @param table writes one
 * @returns tables: counts, and what fails in each folder of tests
 */
export async function runTests(root, engines, project, table) {
  const folder = path.join(root, "test/js-api");
  const names = await readdir(folder, { recursive: true });
  const files = names.filter((name) => name.endsWith(".any.js")).sort();
  const columns = [
    { name: "Escapement", file: process.execPath, polyfill: path.join(project, "dist/bundle/polyfill.js") },
    ...engines,
  ];
  const counts = [];
  const failures = new Map();
  for (const { name, file: binary, polyfill } of columns) {
    let [passed, all] = [0, 0];
    for (const file of files) {
      const [good, failed] = await runFile(binary, root, path.join(folder, file), polyfill);
      passed += good;
      all += good + failed.length;
      for (const test of failed) {
        const key = `${file.replace(/(\.tentative)?\.any\.js$/, "")}: ${test}`;
        failures.set(key, [...(failures.get(key) ?? []), name]);
      }
    }
    counts.push([name, `${passed} of ${all}`]);
    process.stderr.write(`${counts.at(-1).join(": ")}\n`);
  }
  const groups = new Map();
  for (const [test, where] of failures) {
    const key = where.join(", ");
    groups.set(key, [...(groups.get(key) ?? []), test]);
  }
  const rows = [...groups].map(([where, tests]) => [
    where,
    tests.length,
    tests.slice(0, 6).join("; ") + (tests.length > 6 ? "; …" : ""),
  ]);
  return `${table(["", "passed"], counts)}\n\n${table(["fail in", "tests", "which"], rows)}`;
}
