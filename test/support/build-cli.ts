// Run by vitest before all tests: the tests of the command need dist/ as the sources are now.
import { spawnSync } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const PROGRAMS = "test/programs/programs.test.ts test/programs/programs.long.ts test/examples/assemblyscript.long.ts";
const FOLDERS = ["cli", "decoder", "runtime", "micropython-wasm", "proof", "farm", "spec-tests", "bench"];

export default function setup(): void {
  // `vitest run runtime/test/values.test.ts` needs no build.
  const filters = process.argv.slice(2).filter((argument) => argument !== "run" && !argument.startsWith("-"));
  const built = [...["main", "python", "mcp", "repl", "wasm"].map((name) => `cli/test/${name}.test.ts`), PROGRAMS].join(
    " ",
  );
  if (filters.length > 0 && !filters.some((filter) => built.includes(filter))) return;
  if (newest("dist/bundle", ".js") > Math.max(...FOLDERS.map((folder) => newest(folder, ".ts")), newest("", ".ts")))
    return;
  // Emits all the same when there are type errors, which are another command's to report.
  run("node_modules/typescript/bin/tsc", "-p", "tsconfig.build.json", "--noEmitOnError", "false");
  run("tools/bundle.mjs");
}

function run(script: string, ...args: string[]): void {
  spawnSync(process.execPath, [script, ...args], { cwd: ROOT, stdio: "inherit" });
}

/** When the last of the files in a folder was modified; top-level files alone for "". */
function newest(folder: string, extension: string): number {
  try {
    return readdirSync(ROOT + folder, { recursive: folder !== "", encoding: "utf8" })
      .filter((path) => path.endsWith(extension))
      .reduce((latest, path) => Math.max(latest, statSync(`${ROOT}${folder}/${path}`).mtimeMs), 0);
  } catch {
    return 0;
  }
}
