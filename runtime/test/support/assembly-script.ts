// AssemblyScript to modules, for tests that want a compiler's code: optimised (-O3), and as its front end writes it (-O0).
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export type Optimisation = "-O0" | "-O3";

/** By name, not by its types: they declare globals of their own, which would hold for the whole project. */
const COMPILER: string = "assemblyscript/asc";
interface Compiler {
  main(
    args: readonly string[],
    options: {
      readonly readFile: (name: string) => string | null;
      readonly writeFile: (name: string, contents: Uint8Array | string) => void;
      readonly listFiles: () => readonly string[];
    },
  ): Promise<{ readonly error: Error | null; readonly stderr: { toString(): string } }>;
}

const KERNELS = fileURLToPath(new URL("../../../bench/kernels/kernels.ts", import.meta.url));

/** The bytes of a program. @throws Error with the compiler's messages */
async function assemblyScript(source: string, optimisation: Optimisation): Promise<Uint8Array> {
  // Loaded when it is needed: it takes a second.
  const { default: asc } = (await import(COMPILER)) as { default: Compiler };
  let binary: Uint8Array | undefined;
  const { error, stderr } = await asc.main(
    ["program.ts", "--outFile", "program.wasm", optimisation, "--noAssert", "--runtime", "stub"],
    {
      readFile: (name) => (name === "program.ts" ? source : null),
      writeFile: (_name, contents) => {
        if (typeof contents !== "string") binary = contents;
      },
      listFiles: () => [],
    },
  );
  if (error !== null || binary === undefined) throw new Error(`asc ${optimisation}: ${error?.message} ${stderr}`);
  return binary;
}

/** The kernels of bench/ and small functions of other shapes, all of them exported and of one i32. */
export async function smallPrograms(optimisation: Optimisation): Promise<Uint8Array> {
  return assemblyScript(readFileSync(KERNELS, "utf8") + SMALL_FUNCTIONS, optimisation);
}
/** Arguments of the kernels so small that each takes hundreds of instructions. */
export const SMALL_SIZES: Readonly<Record<string, bigint>> = {
  fib: 5n,
  sieve: 12n,
  mandelbrot: 2n,
  matmul: 2n,
  hash64: 3n,
  sha256: 1n,
  quicksort: 6n,
  states: 9n,
};

/** Functions of an i32 whose loops and branches are of other forms than those of the kernels. */
const SMALL_FUNCTIONS = `
  let seed: u32 = 7;
  export function collatz(n: i32): i32 {
    let steps = 0;
    let x = n & 15;
    while (x > 1) { x = (x & 1) == 0 ? x >> 1 : 3 * x + 1; if (++steps > 20) break; }
    return steps;
  }
  export function nested(n: i32): i32 {
    let sum = 0;
    for (let i = 0; i < (n & 3) + 2; i++) {
      if (i == 1) continue;
      for (let j = i; j >= 0; j--) { sum += i * j; if (sum == 9) return sum; }
      do { sum++; } while (sum % 3 != 0);
    }
    return sum;
  }
  export function machine(n: i32): i32 {
    let state = n & 3;
    for (let i = 0; i < 8; i++) {
      switch (state) {
        case 0: state = (n >> i) & 1 ? 1 : 3; break;
        case 1: state = 2; break;
        case 2: state = 4;
        default: state = state == 4 ? 0 : 2;
      }
    }
    return state;
  }
  export function longs(n: i32): i64 {
    let a: i64 = n, b: i64 = 1;
    while (b != 0 && a != 0) { const t = b; b = (a % b) ^ ((a >> 3) & 1); a = t; if (seed++ > 20) break; }
    return a;
  }
  export function floats(n: i32): f64 {
    let x: f64 = (n & 7) + 1;
    for (let i = 0; i < 5; i++) { x = x > 3.0 ? x * 0.5 : x + Math.sqrt(x); if (x != x) break; }
    return x;
  }
  export function bytes(n: i32): i32 {
    const at = memory.data(64);
    memory.fill(at, <u8>n, 40);
    memory.copy(at + 8, at, 32);
    let sum = 0;
    for (let p = at, end = at + 12; p < end; p++) sum += load<u8>(p);
    return sum;
  }
  function twice(f: (x: i32) => i32, x: i32): i32 { return f(f(x)); }
  export function indirect(n: i32): i32 {
    return twice(n & 1 ? (x: i32): i32 => x * 3 : (x: i32): i32 => x + n_of(x), n & 7);
  }
  function n_of(x: i32): i32 { return x < 4 ? x : n_of(x - 3); }
`;
