// AssemblyScript: its compiler, which is binaryen, compiles a module that its loader then loads.
import asc from "assemblyscript/asc";

const SOURCE = `
class Point {
  constructor(public x: f64, public y: f64) {}
  length(): f64 { return Math.sqrt(this.x * this.x + this.y * this.y); }
  get double(): f64 { return this.x * 2; }
}
export function point(x: f64, y: f64): Point { return new Point(x, y); }
export function length(point: Point): f64 { return point.length(); }
export function double(point: Point): f64 { return point.double; }
export function greet(name: string): string { return "Hällo " + name + " \\u{1f600}!".repeat(2); }
export function sorted(values: Int32Array): Int32Array { return values.slice().sort((a, b) => a - b); }
export function total(values: Array<f64>): f64 { let sum = 0.0; for (let i = 0; i < values.length; i++) sum += values[i]; return sum; }
export function primes(n: i32): i32 {
  const sieve = new Uint8Array(n + 1); let count = 0;
  for (let i = 2; i <= n; i++) { if (sieve[i]) continue; count++; for (let j = i * 2; j <= n; j += i) sieve[j] = 1; }
  return count;
}
export function big(a: i64): i64 { return a * a; }
export function grow(n: i32): i32 { let s = 0; for (let i = 0; i < n; i++) s += new Uint8Array(100000).length; return s; }
export function fail(x: i32): void { assert(x > 5, "too small"); }
export const INT32ARRAY_ID = idof<Int32Array>();
export const FLOAT64ARRAY_ID = idof<Array<f64>>();
`;

async function compile() {
  let binary;
  const { error, stderr } = await asc.main(["module.ts", "-O", "--exportRuntime", "--outFile", "module.wasm"], {
    readFile: (name) => (name === "module.ts" ? SOURCE : null),
    writeFile: (_, contents) => {
      binary = contents;
    },
    listFiles: () => [],
  });
  if (error) throw new Error(`${error.message} ${stderr}`);
  return binary;
}

export async function run({ print }) {
  const binary = await compile();
  print(
    binary.length,
    binary.reduce((hash, byte) => (Math.imul(hash, 31) + byte) | 0, 7),
  );
  const { default: loader } = await import("@assemblyscript/loader");
  const { exports } = await loader.instantiate(binary, {});
  const { __newString, __getString, __newArray, __getInt32Array, __pin, __unpin } = exports;
  const name = __pin(__newString("wörld"));
  print(__getString(exports.greet(name)));
  __unpin(name);
  const values = __newArray(exports.INT32ARRAY_ID.value, [5, -1, 4, 2 ** 31 - 1, 0]);
  print(...__getInt32Array(exports.sorted(values)));
  print(exports.total(__newArray(exports.FLOAT64ARRAY_ID.value, [0.1, 0.2, 0.3])));
  const point = __pin(exports.point(3, 4));
  print(exports.length(point), exports.double(point));
  print(exports.primes(5000), exports.big(-3_000_000_000n), exports.grow(50));
  try {
    exports.fail(1);
  } catch (error) {
    print(error.name, error.message);
  }
}
