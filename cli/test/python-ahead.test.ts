// MicroPython compiled ahead of time, as the package ships it: the same to the unit of fuel, and small enough for V8.
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
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
  const script = `import { make } from ${JSON.stringify(url)};
    const parts = { functions: [], left: [], numerics: {}, vectors: {}, stress() {}, bulkPrice() {}, types: [] };
    for (const [call] of make(parts).entries) if (String(call).length > 40000) try { call(); } catch {}`;
  const file = files.write("call.mjs", script);
  const { stdout } = spawnSync(process.execPath, ["--print-bytecode", "--print-bytecode-filter=*", file], {
    encoding: "utf8",
    maxBuffer: 2 ** 30,
  });
  const sizes = [...stdout.matchAll(/bytecode for function: func(\d+) [^\n]*\nBytecode length: (\d+)/g)].map(
    ([, funcidx, length]) => [Number(funcidx), Number(length)] as const,
  );
  const largest = Math.max(...sizes.map(([, length]) => length));
  // Nothing was found where the output's form has changed.
  expect(sizes.length).toBeGreaterThan(0);
  expect(largest).toBeGreaterThan(15_000);
  expect(largest).toBeLessThan(45_000);
});
