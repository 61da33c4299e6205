// Runs a program of this folder in a Node of its own: `node run.mjs NAME [--polyfill]`.
import { readFile } from "node:fs/promises";

const [name, ...options] = process.argv.slice(2);
const ROOT = new URL("../../", import.meta.url);
if (options.includes("--polyfill")) await import(new URL("dist/bundle/polyfill.js", ROOT));
// What is built for browsers looks for it.
globalThis.self = globalThis;
let lines = "";
const { run } = await import(`./${name}.mjs`);
await run({
  /** A file of a package. */
  load: (path) => readFile(new URL(`node_modules/${path}`, ROOT)),
  /** A file of this project. */
  source: (path) => readFile(new URL(path, ROOT), "utf8"),
  print: (...values) => {
    lines += `${values.join(" ")}\n`;
  },
});
// Go's runtime keeps timers.
process.stdout.write(lines, () => process.exit());
