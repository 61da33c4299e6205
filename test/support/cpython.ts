// The host's own CPython, where it is 3.11: what it prints is what others' outputs are compared with.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** Whether `python3` is there and the version that expected outputs are of. */
export const hasCPython = spawnSync("python3", ["--version"], { encoding: "utf8" }).stdout?.startsWith("Python 3.11.");

/** @returns what each program prints, run as `python3 -I -c` in an empty directory */
export function onCPython(programs: readonly string[]): string[] {
  const driver = fileURLToPath(new URL("each-program.py", import.meta.url));
  const { stdout, stderr } = spawnSync("python3", ["-I", driver], {
    input: JSON.stringify(programs),
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
  if (stdout === "") throw new Error(`each-program.py: ${stderr}`);
  return JSON.parse(stdout);
}
