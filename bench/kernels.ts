// The kernels module: built from bench/kernels/kernels.ts when its source is newer than the last build.
import { execFileSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { ROOT } from "./engines.js";

const SOURCE = `${ROOT}bench/kernels/kernels.ts`;
export const KERNELS_FILE = `${ROOT}bench/build/kernels.wasm`;

/** Export name -> argument: sizes at which V8 takes about a millisecond. */
export const KERNELS: Readonly<Record<string, number>> = {
  fib: 27,
  sieve: 1_000_000,
  mandelbrot: 160,
  matmul: 112,
  hash64: 150_000,
  sha256: 4_000,
  quicksort: 20_000,
  states: 300_000,
};

function modified(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** The module's bytes. */
export function buildKernels(): Uint8Array {
  if (modified(KERNELS_FILE) < modified(SOURCE)) {
    const asc = `${ROOT}node_modules/assemblyscript/bin/asc.js`;
    const files = ["bench/kernels/kernels.ts", "--outFile", "bench/build/kernels.wasm"];
    const options = ["-O3", "--noAssert", "--runtime", "stub"];
    execFileSync(process.execPath, [asc, ...files, ...options], { cwd: ROOT, stdio: "inherit" });
  }
  return new Uint8Array(readFileSync(KERNELS_FILE));
}
