// quickjs-emscripten: JavaScript in JavaScript, with functions of the host's, errors, jobs, modules, an interrupt.
import { getQuickJS } from "quickjs-emscripten";

const SCRIPTS = [
  "1 + 1",
  "[3, 1, 2].sort().map((x) => x ** 2).join()",
  "const fib = (n) => (n < 2 ? n : fib(n - 1) + fib(n - 2)); fib(18)",
  "JSON.stringify({ text: 'Hällo 😀', when: new Date(0), none: undefined, list: [1.5, null, NaN] })",
  "'aXbXc'.replace(/x/gi, (m, at) => at)",
  "let text = ''; for (const [key, value] of new Map([['a', 1], ['b', 2]])) text += key + value; text",
  "10n ** 40n",
  "0.1 + 0.2 + Math.sin(1) + Math.hypot(3, 4)",
  "class A { #x = 5; get x() { return this.#x; } static make() { return new this(); } } A.make().x",
  "function* numbers() { let i = 0; while (true) yield i++; } const found = []; for (const n of numbers()) { if (n > 5) break; found.push(n); } String(found)",
  "try { null.x } catch (error) { error.constructor.name + ': ' + error.message }",
  "throw new RangeError('out of it')",
  "syntax error here",
  "(function deep() { deep(); })()",
  "host(2, 'x', [1, 2])",
  "host.fails()",
  "Array.from({ length: 2000 }, (_, i) => ({ i, text: 'x'.repeat(i % 100) })).reduce((sum, { i, text }) => sum + i * text.length, 0)",
  "new Proxy({}, { get: (_, name) => name + '!' }).hello",
];

export async function run({ print }) {
  const QuickJS = await getQuickJS();
  const runtime = QuickJS.newRuntime();
  runtime.setMaxStackSize(256 * 1024);
  runtime.setModuleLoader((name) => `export const name = ${JSON.stringify(name)}; export default (x) => x + 1;`);
  const vm = runtime.newContext();
  const host = vm.newFunction("host", (a, b, c) => {
    print("host:", vm.getNumber(a), vm.getString(b), JSON.stringify(vm.dump(c)));
    return vm.newNumber(vm.getNumber(a) * 2);
  });
  const fails = vm.newFunction("fails", () => {
    throw new TypeError("of the host");
  });
  vm.setProp(host, "fails", fails);
  vm.setProp(vm.global, "host", host);
  fails.dispose();
  host.dispose();
  const show = (code, options) => {
    const result = vm.evalCode(code, ...options);
    const handle = result.error ?? result.value;
    const dumped = vm.dump(handle);
    if (typeof dumped === "object" && dumped !== null) delete dumped.stack;
    print(result.error === undefined ? "value" : "error", String(JSON.stringify(dumped, plain)));
    handle.dispose();
  };
  for (const code of SCRIPTS) show(code, ["script.js"]);
  show("import next, { name } from 'other'; globalThis.found = name + next(4);", ["main.js", { type: "module" }]);
  show("found", ["script.js"]);
  show(
    "let log = []; Promise.resolve(1).then((x) => log.push(x)); (async () => { await null; log.push(2); })(); log.length",
    ["script.js"],
  );
  print("jobs:", runtime.executePendingJobs().value);
  show("String(log)", ["script.js"]);
  let turns = 0;
  runtime.setInterruptHandler(() => ++turns > 20);
  show("for (;;) {}", ["script.js"]);
  print("interrupts:", turns);
  vm.dispose();
  runtime.dispose();
}

const plain = (_, value) => (typeof value === "bigint" ? `${value}n` : value);
