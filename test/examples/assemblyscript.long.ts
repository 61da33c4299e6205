// The example folder does what its text says, and what V8's WebAssembly does with the same module.
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const EXAMPLE = new URL("../../examples/assemblyscript/", import.meta.url);
/** By name: its types declare globals that would hold for the whole project. */
const COMPILER: string = "assemblyscript/asc";

/** What the module reports natively: generation and cells alive, and what it returns. */
async function natively(): Promise<{ reports: string[]; result: number }> {
  const { default: asc } = await import(COMPILER);
  let bytes = new Uint8Array();
  await asc.main(["life.ts", "-O3", "--runtime", "minimal", "--outFile", "life.wasm"], {
    readFile: (name: string) => (name === "life.ts" ? readFileSync(new URL(name, EXAMPLE), "utf8") : null),
    writeFile: (_: string, contents: Uint8Array) => {
      bytes = new Uint8Array(contents);
    },
    listFiles: () => [],
  });
  const reports: string[] = [];
  const report = (generation: number, alive: number) => reports.push(`generation ${generation}: ${alive} alive`);
  const { instance } = await WebAssembly.instantiate(bytes, { env: { report, abort() {} } });
  const { seed, next } = instance.exports as { seed(a: number): void; next(n: number): number };
  seed(42);
  return { result: next(12), reports };
}

test("AssemblyScript: built with asc, metered, paused, saved, and gone on with elsewhere", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [fileURLToPath(new URL("main.mjs", EXAMPLE))]);
  const lines = stdout.trim().split("\n");
  const { reports, result } = await natively();
  const reported = lines.filter((line) => line.startsWith("generation"));
  // The first store reports once before it is saved, and both go on from there to the same end.
  expect(reported.map((line) => line.split(",")[0])).toEqual([reports[0], reports[1], reports[1]]);
  expect(reported[1]).toBe(reported[2]);
  expect(lines).toContain("run: { status: 'paused', reason: 'fuel' }");
  expect(lines).toContain(`restored: { status: 'done', results: [ ${result} ] }`);
  expect(lines).toContain(`first: { status: 'done', results: [ ${result} ] }`);
  expect(lines.at(-1)).toMatch(/^same fuel: true \d+$/);
  expect(lines.filter((line) => /^saved: \d+ bytes$/.test(line))).toHaveLength(1);
});
