// `node dist/bench/dispatch-counts.js [kernels | micropython]…`: how often the dispatch loop runs each operation, and each
// pair of operations one behind the other, in per cent: what superinstructions are chosen by. The operations of the second
// loop, of code with vectors, count as one of the first.
import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import type { Engine } from "./engines.js";
import { copyBuild, interpreterIn } from "./escapement.js";
import { buildKernels, KERNELS } from "./kernels.js";
import { PROGRAMS } from "./programs.js";

/** Kernels run for a tenth of the size that the suite has: counting makes them slow. */
const SHARE = 10;
const SHOWN = 24;
/** Where the copy's loops tell of an operation. */
const HOOK = "escapementDispatched";
const FETCH = "const w = code[pc];";

/** A build whose loops call the hook. */
function countingBuild(): string {
  const target = copyBuild("counting");
  for (const loop of ["dispatch", "roaming"]) {
    const path = `${target}/runtime/interpreter/generated/${loop}.generated.js`;
    const text = readFileSync(path, "utf8");
    if (!text.includes(FETCH)) throw new Error(`${path} has no ${FETCH}`);
    writeFileSync(path, text.replace(FETCH, `${FETCH} globalThis.${HOOK}(code, pc);`));
  }
  return target;
}

/** The register operations of that build. */
interface Table {
  readonly COLD: number;
  readonly WIDE: number;
  readonly REGISTER_OPS: readonly { readonly name: string }[];
}

class Counts {
  private readonly single = new Map<number, number>();
  private readonly pairs = new Map<number, number>();
  private total = 0;
  private before = -1;

  constructor(private readonly table: Table) {}

  count(code: Int32Array, pc: number): void {
    const { COLD, REGISTER_OPS, WIDE } = this.table;
    const word = code[pc]!;
    const low = word & 255;
    const op = low === COLD ? code[pc + 1]! : low === WIDE ? word >>> 8 : low;
    this.total++;
    this.single.set(op, (this.single.get(op) ?? 0) + 1);
    const pair = this.before * REGISTER_OPS.length + op;
    if (this.before >= 0) this.pairs.set(pair, (this.pairs.get(pair) ?? 0) + 1);
    this.before = op;
  }

  private lines(counts: ReadonlyMap<number, number>, name: (key: number) => string): string[] {
    const top = [...counts].sort((a, b) => b[1] - a[1]).slice(0, SHOWN);
    return top.map(([key, n]) => `  ${((n / this.total) * 100).toFixed(1).padStart(5)} %  ${name(key)}`);
  }

  show(title: string): void {
    const { REGISTER_OPS } = this.table;
    const name = (op: number) => REGISTER_OPS[op]!.name;
    const pairName = (key: number) =>
      `${name(Math.floor(key / REGISTER_OPS.length))}, ${name(key % REGISTER_OPS.length)}`;
    console.log(`${title}: ${this.total} operations`);
    console.log([...this.lines(this.single, name), "  pairs", ...this.lines(this.pairs, pairName)].join("\n"));
  }
}

/** Counts what is run from now on. */
function newCounts(table: Table): Counts {
  const counts = new Counts(table);
  const count = (code: Int32Array, pc: number) => counts.count(code, pc);
  (globalThis as unknown as Record<string, unknown>)[HOOK] = count;
  return counts;
}

const SUBJECTS: Readonly<Record<string, (interpreter: Engine, table: Table) => Promise<void>>> = {
  async kernels(interpreter, table) {
    const kernels = await interpreter.instantiate(buildKernels());
    // The warm-up is no kernel's: it comes with the first two million of fuel.
    kernels["fib"]!(25);
    for (const [name, size] of Object.entries(KERNELS)) {
      const counts = newCounts(table);
      // What fib does grows by the golden ratio.
      kernels[name]!(name === "fib" ? size - 5 : Math.ceil(size / SHARE));
      counts.show(name);
    }
  },
  async micropython(interpreter, table) {
    const python = await interpreter.bootPython();
    for (const { source } of PROGRAMS) await python.run(source);
    const counts = newCounts(table);
    for (const { source } of PROGRAMS) await python.run(source);
    counts.show("MicroPython programs");
  },
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in SUBJECTS));
if (unknown.length > 0) {
  console.error(`nothing to count in ${unknown.join(", ")}; there are ${Object.keys(SUBJECTS).join(", ")}`);
  process.exit(2);
}
const directory = countingBuild();
const table = (await import(pathToFileURL(`${directory}/runtime/register-code/register-op-table.js`).href)) as Table;
newCounts(table);
const interpreter = interpreterIn(directory, "interpreter");
for (const name of wanted.length > 0 ? wanted : Object.keys(SUBJECTS)) await SUBJECTS[name]!(interpreter, table);
