// Work that no fuel pays for, because it is bounded by the module's bytes: nanoseconds per byte.
import { Engine, type Execution, Linker, type Module, Execution as Run, Store } from "../runtime/index.js";

const times = (count: number, text: string) => Array.from({ length: count }, () => text).join(" ");

interface Unpriced {
  readonly name: string;
  readonly text: string;
  readonly measure: (module: Module) => number;
}

function cpuMs(run: () => void): number {
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

function start(module: Module, fuel: number): Execution {
  const store = new Store(module.engine);
  const instance = new Linker(module.engine).instantiate(store, module);
  const execution = new Run(store).start(instance.getFunc("f"), [1]);
  execution.run(fuel);
  return execution;
}

/** The call cannot pay the first segment: it lowers the body in both forms, maps it, and leaves it at once. */
const lowers = (module: Module) => cpuMs(() => void start(module, 10));
const instantiates = (module: Module) =>
  cpuMs(() => void new Linker(module.engine).instantiate(new Store(module.engine), module));

/** `f`, whose body is left by its first branch. */
const body = (code: string, locals = "") => `(module (memory 1) (func (export "f") (param i32) ${locals}
  block local.get 0 br_if 0 ${code} end))`;
const TALL = `${times(20_000, "i32.const 1")} ${times(20_000, "block end")} ${times(20_000, "drop")}`;
const PLAIN = times(10_000, "i32.const 64 local.get 0 i32.store i32.const 64 i32.load local.get 0 i32.add local.set 0");
const elements = times(100_000, "$g");

const CASES: readonly Unpriced[] = [
  { name: "lowering and first pause: loads, stores, sums", text: body(PLAIN), measure: lowers },
  { name: "lowering and first pause: blocks on a stack of 20,000", text: body(TALL), measure: lowers },
  {
    name: "lowering and first pause: branches out of 1,000 blocks",
    text: body(`${times(1000, "block")} ${times(20_000, "local.get 0 br_if 500")} ${times(1000, "end")}`),
    measure: lowers,
  },
  {
    name: "instantiation: 20,000 data segments",
    text: `(module (memory 1) ${times(20_000, '(data (i32.const 8) "x")')})`,
    measure: instantiates,
  },
  {
    name: "instantiation: 20,000 element segments",
    text: `(module (table 10 funcref) (func $g) ${times(20_000, "(elem (i32.const 1) $g)")})`,
    measure: instantiates,
  },
  {
    name: "instantiation: one segment of 100,000 elements",
    text: `(module (table 100000 funcref) (func $g) (elem (i32.const 0) ${elements}))`,
    measure: instantiates,
  },
  {
    name: "instantiation: 20,000 globals",
    text: `(module ${times(20_000, "(global i32 (i32.const 1))")})`,
    measure: instantiates,
  },
];

/** Rows of name and nanoseconds per byte of the module, the least of five modules that nothing was known of. */
export async function unpricedRows(
  parse: (text: string) => Promise<Uint8Array>,
): Promise<readonly (readonly [string, number])[]> {
  const rows: [string, number][] = [];
  for (const { name, text, measure } of CASES) {
    const bytes = await parse(text);
    let best = Number.POSITIVE_INFINITY;
    for (let i = 0; i < 5; i++) best = Math.min(best, measure(new Engine().compile(bytes)));
    rows.push([name, (best * 1e6) / bytes.length]);
  }
  return rows;
}
