// Runs the programs of this folder, each in a Node of its own.
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const RUNNER = fileURLToPath(new URL("run.mjs", import.meta.url));

/** What runs a program's WebAssembly: V8; this project; this project in a Node that has no compiler, and so no V8's. */
export type Place = "V8" | "ours" | "ours, jitless";

/** What a program prints. */
export async function output(program: string, place: Place): Promise<string> {
  const flags = place === "ours, jitless" ? ["--jitless", "--no-warnings"] : [];
  const options = place === "V8" ? [] : ["--polyfill"];
  const { stdout } = await run(process.execPath, [...flags, RUNNER, program, ...options], { maxBuffer: 1 << 26 });
  return stdout;
}

const CLI = fileURLToPath(new URL("../../dist/bundle/cli.cjs", import.meta.url));

/** What `escapement spec` reports of each file, but for times. */
export async function spec(...args: string[]): Promise<object[]> {
  const { stdout } = await run(process.execPath, [CLI, "spec", "--json", ...args], { maxBuffer: 1 << 26 });
  const { files } = JSON.parse(stdout) as { files: { elapsedMs: number }[] };
  return files.map(({ elapsedMs: _, ...file }) => file);
}
