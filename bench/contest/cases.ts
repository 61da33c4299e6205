// What contestants run, with what must come out: kernels' checksums as V8 gives them (garbage collection: Node 26's), and
// programs' output as CPython 3.11 prints it.
import { readFileSync, writeFileSync } from "node:fs";
import binaryen from "binaryen";
import { CPYTHON_PROGRAMS } from "../cpython-programs.js";
import { ROOT } from "../engines.js";
import { gcModule, simdModule } from "../feature-kernels.js";
import { buildKernels, KERNELS, KERNELS_FILE } from "../kernels.js";
import { PROGRAMS, type Program } from "../programs.js";

export interface Case {
  readonly name: string;
  readonly work:
    | { readonly file: string; readonly call: string; readonly arg: number; readonly times?: number }
    | { readonly source: string };
  /** What the call returns, or the program prints. */
  readonly expected: string;
}

const CHECKSUMS: Readonly<Record<string, string>> = {
  fib: "196418",
  sieve: "78498",
  mandelbrot: "442118",
  matmul: "-78.75",
  hash64: "638991118",
  sha256: "614483676",
  quicksort: "164424446",
  states: "546756429",
  i32x4Sum: "-816807936",
  f32x4Dot: "1279481498",
  i8x16Compare: "15540",
  binaryTrees: "40940",
  i31Array: "163231177",
};

const kernelCases = (file: string, sizes: Readonly<Record<string, number>>): Case[] =>
  Object.entries(sizes).map(([call, arg]) => ({
    name: call,
    work: { file, call, arg },
    expected: CHECKSUMS[call]!,
  }));

export function kernels(): Case[] {
  buildKernels();
  return kernelCases(KERNELS_FILE, KERNELS);
}

export function simd(): Case[] {
  simdModule();
  return kernelCases(`${ROOT}bench/build/simd.wasm`, { i32x4Sum: 60, f32x4Dot: 60, i8x16Compare: 60 });
}

export async function gc(): Promise<Case[]> {
  return kernelCases(await gcModule(), { binaryTrees: 20, i31Array: 20 });
}

const programCase = ({ name, source, prints }: Program): Case => ({ name, work: { source }, expected: prints });

export const programs: readonly Case[] = PROGRAMS.map(programCase);
export const cpythonPrograms: readonly Case[] = CPYTHON_PROGRAMS.map(programCase);

const loop = PROGRAMS.find(({ name }) => name === "integer loop");
/** One program at three sizes: whether time grows with the work alone. */
export const scale: readonly Case[] = [
  { times: 1, expected: "791016\n" },
  { times: 10, expected: "854624\n" },
  { times: 100, expected: "622752\n" },
].map(({ times, expected }) => ({
  name: `integer loop, ${times}x`,
  work: { source: loop!.source.replace("f(6000)", `f(${6000 * times})`) },
  expected,
}));

const BORDER = `(module
  (import "bench" "add" (func $add (param i32) (result i32)))
  (func (export "same") (param i32) (result i32) (local.get 0))
  (func (export "callHost") (param $n i32) (result i32)
    (local $sum i32)
    (loop $again
      (local.set $sum (call $add (local.get $sum)))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum)))`;

/** Calls that a round makes. */
const CALLS = 10_000;

/** Calls of the guest by its host, and of the host by its guest. */
export function border(): Case[] {
  const file = `${ROOT}bench/build/border.wasm`;
  const bytes = binaryen.parseText(BORDER).emitBinary();
  if (!isWritten(file, bytes)) writeFileSync(file, bytes);
  return [
    {
      name: `${CALLS} calls, host → guest`,
      work: { file, call: "same", arg: 7, times: CALLS },
      expected: "7",
    },
    {
      name: `${CALLS} calls, guest → host`,
      work: { file, call: "callHost", arg: CALLS },
      expected: String(CALLS),
    },
  ];
}

function isWritten(file: string, bytes: Uint8Array): boolean {
  try {
    return Buffer.compare(readFileSync(file), bytes) === 0;
  } catch {
    return false;
  }
}
