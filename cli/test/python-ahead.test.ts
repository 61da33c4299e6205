// MicroPython compiled ahead of time, as the package ships it: the same to the unit of fuel, and small enough for V8.
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { type Ended, escapement, Files, ROOT } from "../../test/support/built-cli.js";
import { forms } from "../../test/support/form.js";
import { inProcess } from "../../test/support/in-process-cli.js";

const files = new Files();
afterAll(() => files.remove());

const programs = fileURLToPath(new URL("../../micropython-wasm/test/programs/", import.meta.url));

const reportOf = ({ stdout }: Ended) => {
  const { time: _, elapsedMs: __, tier, ...rest } = JSON.parse(stdout);
  return { tier, rest };
};

/** On the interpreter, which the sources have, too. */
const plainReport = async (...args: string[]) => reportOf(await inProcess(["python", "--json", ...args]));

/** On the code that only what is shipped has. */
const aheadReport = async (args: readonly string[], node: readonly string[] = []) =>
  reportOf(await escapement(["python", "--json", "--tier", "ahead-of-time", ...args], { node }));

test.each(forms(["generators", "text_processing"], ["exceptions", "generators", "floats", "text_processing"]))(
  "%s: the same output, fuel and memory as on the interpreter",
  async (name) => {
    const args = [join(programs, `${name}.py`), "--fuel", "1000000000"];
    const plain = await plainReport(...args);
    expect(plain.rest).toMatchObject({ ok: true, stdout: readFileSync(`${programs}${name}.expected`, "utf8") });
    expect(await aheadReport(args)).toEqual({ tier: "ahead-of-time", rest: plain.rest });
  },
);

test.each(forms([500_001], [100_000, 500_001, 3_000_007]))(
  "%d units of fuel end where they end on the interpreter",
  async (fuel) => {
    const args = ["-c", "n = 0\nwhile True:\n  n += len(str(n))", "--fuel", String(fuel)];
    const plain = await plainReport(...args);
    expect(plain.rest).toMatchObject({ ok: false, error: { kind: "fuel" } });
    expect(await aheadReport(args)).toEqual({ tier: "ahead-of-time", rest: plain.rest });
  },
);

test("by default it comes when a program has run for a while, and goes on in what runs", async () => {
  const args = ["-c", "n = 0\nwhile True:\n  n += len(str(n))", "--fuel", "3000007"];
  const plain = await plainReport(...args);
  expect(plain.rest).toMatchObject({ ok: false, error: { kind: "fuel" }, fuel: { used: 3_000_007 } });
  const shipped = reportOf(await escapement(["python", "--json", ...args]));
  expect(shipped).toEqual({ tier: "ahead-of-time", rest: plain.rest });
  // The program is one loop, which began on the interpreter.
  expect(functionsRun(args)).toBeGreaterThan(10);
  expect(functionsRun(["-c", "print(1)"])).toBeUndefined();
});

const SESSION = (bundle: string) => `import { createHash } from "node:crypto";
import { Sandbox } from ${JSON.stringify(bundle)};
const seen = [];
const options = { fuel: 100_000_000, ...JSON.parse(process.argv[2]) };
const note = ({ status, stdout, fuel, memory, error }) => seen.push(status, stdout, fuel.used, memory.bytes, error?.message);
const session = await Sandbox.create(options);
const work = "def f(n):\\n  t = 0\\n  for i in range(n): t = (t * 3 + i) & 0xFFFF\\n  return t\\nx = f(5000)";
const more = "try: 1/0\\nexcept Exception as e: print(e)\\nprint(f(4000) + x, sorted({str(i): i for i in range(300)})[:3])";
for (const program of ["print(1)", work, more]) note(await session.run(program));
note(await (await session.fork()).run("print(f(500))"));
const snapshot = await session.snapshot();
seen.push(createHash("sha256").update(snapshot).digest("hex"));
note(await (await Sandbox.restore(snapshot, options)).run(more));
note(await session.run(more, { fuel: 3_000_001 }));
note(await session.run("import json\\nprint(json.dumps([2.5, None]))\\nraise ValueError('x')"));
console.log(JSON.stringify(seen));`;

// A dozen million units on the interpreter: in the long form alone.
if (forms(false, true))
  test("a session's results, fuel and snapshots are the same, however the code comes", () => {
    const file = files.write("session.mjs", SESSION(new URL("dist/bundle/micropython.js", `file://${ROOT}/`).href));
    const run = (options: object) =>
      spawnSync(process.execPath, [file, JSON.stringify(options)], { encoding: "utf8" }).stdout;
    const plain = run({ tier: "interpreter" });
    expect(JSON.parse(plain).slice(0, 2)).toEqual(["ok", "1\n"]);
    expect(run({})).toBe(plain);
    expect(run({ tier: "ahead-of-time" })).toBe(plain);
  });

/** Functions compiled ahead of time that a program has run, as V8 counts them; undefined where they were not loaded. */
function functionsRun(args: readonly string[]): number | undefined {
  const folder = files.path("coverage");
  mkdirSync(folder, { recursive: true });
  const env = { ...process.env, NODE_V8_COVERAGE: folder };
  spawnSync(process.execPath, [join(ROOT, "dist/bundle/cli.cjs"), "python", ...args], { env });
  const [name] = readdirSync(folder);
  const { result } = JSON.parse(readFileSync(join(folder, name!), "utf8")) as Coverage;
  rmSync(folder, { recursive: true });
  const script = result.find(({ url }) => url.endsWith(".ahead.js"));
  return script?.functions.filter(({ ranges }) => ranges[0]!.count > 0).length;
}

interface Coverage {
  readonly result: readonly {
    readonly url: string;
    readonly functions: readonly { readonly ranges: readonly { readonly count: number }[] }[];
  }[];
}

test("it runs without a JIT, and where no code is made of text", async () => {
  const args = ["-c", "print(sum(i * i for i in range(1000)))"];
  for (const flag of ["--jitless", "--disallow-code-generation-from-strings"])
    expect((await aheadReport(args, [flag])).rest).toMatchObject({ ok: true, stdout: "332833500\n" });
});

test("builds and files that were not compiled ahead of time are wrong use", async () => {
  const wasm = files.module("x.wasm", "(module)");
  for (const flags of [["--wasm", wasm]]) {
    const { status, stderr } = await inProcess(["python", "-c", "1", "--tier", "ahead-of-time", ...flags]);
    expect(stderr).toMatch(/--tier ahead-of-time is for the package's own MicroPython/);
    expect(status).toBe(2);
  }
});

test("no function has so much bytecode that V8 would not optimise it; the largest, of Python's VM, under 45 KB", () => {
  const [name] = readdirSync(join(ROOT, "dist/bundle")).filter((file) => file.endsWith(".ahead.js"));
  const url = new URL(`dist/bundle/${name}`, `file://${ROOT}/`).href;
  // Each function is compiled when it is first called: that these calls fail is of no matter.
  const script = `import { writeFileSync } from "node:fs";
    import { make } from ${JSON.stringify(url)};
    const parts = { functions: [], left: [], hostFunctions: [], hosts: {}, numerics: {}, vectors: {}, types: [] };
    const names = [];
    for (const [call] of make(parts).entries) {
      if (String(call).length < 20000) continue;
      names.push(call.name);
      try { call(); } catch {}
    }
    writeFileSync(${JSON.stringify(files.path("names.json"))}, JSON.stringify(names));`;
  const file = files.write("call.mjs", script);
  const { stdout, stderr } = spawnSync(process.execPath, ["--print-bytecode", "--print-bytecode-filter=*", file], {
    encoding: "utf8",
    maxBuffer: 2 ** 30,
  });
  expect(stderr).toBe("");
  const called = new Set(JSON.parse(readFileSync(files.path("names.json"), "utf8")));
  const bytecode = /bytecode for function: (\S+) [^\n]*\nBytecode length: (\d+)/g;
  const sizes = [...stdout.matchAll(bytecode)].flatMap(([, name, length]) =>
    called.has(name) ? [Number(length)] : [],
  );
  expect(called.size).toBeGreaterThan(0);
  const largest = Math.max(...sizes);
  // Nothing was found where the output's form has changed.
  expect(sizes.length).toBeGreaterThan(0);
  expect(largest).toBeGreaterThan(15_000);
  expect(largest).toBeLessThan(45_000);
});
