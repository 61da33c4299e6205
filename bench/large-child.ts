// One process of the section `large`: `node --expose-gc dist/bench/large-child.js FILE V8|validate|lazy`. Prints one JSON object.
import { readFileSync } from "node:fs";
import { Engine, Linker, Store } from "../runtime/index.js";

const [file, task] = process.argv.slice(2) as [string, string];
const bytes = new Uint8Array(readFileSync(file));
const { gc } = globalThis as unknown as { gc: () => void };

/** `(module (func (export "f")))` */
const EMPTY_FUNCTION = Uint8Array.from([
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0],
  ...[3, 2, 1, 0, 7, 5, 1, 1, 0x66, 0, 0, 10, 4, 1, 2, 0, 0x0b],
]);

/** What is on V8's heap and beside it, after a collection. */
function held(): number {
  gc();
  gc();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Milliseconds of processor time so far, of all threads. */
function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function timed<T>(run: () => T): [result: T, milliseconds: number] {
  const start = performance.now();
  const result = run();
  return [result, performance.now() - start];
}

const numbers: Record<string, number> = {};
const before = processorTime();
if (task === "V8") {
  const [valid, ms] = timed(() => WebAssembly.validate(bytes));
  if (!valid) throw new Error("V8 finds the module not valid");
  numbers["validate"] = ms;
  numbers["processor"] = processorTime() - before;
} else if (task === "validate") {
  numbers["validate"] = timed(() => Engine.validate(bytes))[1];
  numbers["processor"] = processorTime() - before;
} else {
  const engine = new Engine();
  // What a process has once, whatever modules it has: the registers of all of them.
  new Linker(engine).instantiate(new Store(engine), engine.compile(EMPTY_FUNCTION)).call("f");
  const empty = held();
  const [module, compile] = timed(() => engine.compileLazily(bytes));
  const [instance, instantiate] = timed(() => new Linker(engine).instantiate(new Store(engine), module));
  const [, firstCall] = timed(() => instance.call("f", [0, 8]));
  Object.assign(numbers, { compile, instantiate, firstCall });
  // The module's bytes are a copy.
  numbers["held"] = held() - empty - bytes.length;
  const another = held();
  const more = Array.from({ length: 4 }, () => new Linker(engine).instantiate(new Store(engine), module));
  numbers["instance"] = (held() - another) / more.length;
  if (more.some((one) => one.call("f", [0, 8])[0] !== 0)) throw new Error("an instance of a large module is wrong");
}
numbers["peak"] = process.resourceUsage().maxRSS * 1024;
console.log(JSON.stringify(numbers));
