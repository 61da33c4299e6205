// The modules of kernels beyond the eight: SIMD, and garbage collection.
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { ROOT } from "./engines.js";

function isNewer(source: string, built: string): boolean {
  const modified = (path: string) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return modified(source) > modified(built);
}

/** The module's bytes. */
export function simdModule(): Uint8Array {
  const built = `${ROOT}bench/build/simd.wasm`;
  if (isNewer(`${ROOT}bench/kernels/simd.ts`, built)) {
    const asc = `${ROOT}node_modules/assemblyscript/bin/asc.js`;
    const files = ["bench/kernels/simd.ts", "--outFile", "bench/build/simd.wasm"];
    const options = ["-O3", "--noAssert", "--runtime", "stub", "--enable", "simd"];
    execFileSync(process.execPath, [asc, ...files, ...options], { cwd: ROOT, stdio: "inherit" });
  }
  return new Uint8Array(readFileSync(built));
}

/** The module's file. */
export async function gcModule(): Promise<string> {
  const built = `${ROOT}bench/build/gc.wasm`;
  const source = `${ROOT}bench/kernels/gc.wat`;
  if (isNewer(source, built)) {
    const { default: binaryen } = await import("binaryen");
    const module = binaryen.parseText(readFileSync(source, "utf8"));
    module.setFeatures(binaryen.Features.All);
    mkdirSync(`${ROOT}bench/build`, { recursive: true });
    writeFileSync(built, module.emitBinary());
  }
  return built;
}
