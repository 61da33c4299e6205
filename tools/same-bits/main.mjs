// The same bits anywhere: programs by engines and tiers, each to the hash of its states at five points of fuel. One row,
// one hash; it fails if there are two.
//   npm run same-bits -- [--quick] [--write]
// Engines come of npm into $ESCAPEMENT_CACHE/engines (tools/engine-table); browsers are Debian's, where they are there.
// --quick leaves out two of three Python programs; --write puts the table into docs/same-bits.md.
import { execFile, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { homedir, tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { parse } from "@bytecodealliance/jco-transpile/wasm-tools";
import { build } from "esbuild";
import { gcModule, simdModule } from "../../dist/bench/feature-kernels.js";
import { buildKernels } from "../../dist/bench/kernels.js";
import { parseModule } from "../../dist/decoder/index.js";
import { installEngines } from "../engine-table/engines.mjs";

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const cache =
  process.env.ESCAPEMENT_CACHE ?? path.join(process.env.XDG_CACHE_HOME ?? path.join(homedir(), ".cache"), "escapement");
const quick = process.argv.includes("--quick");
const base64 = (bytes) => Buffer.from(bytes).toString("base64");

/** Small: each stops at five points, in every engine. */
const KERNELS = {
  fib: 18,
  sieve: 20_000,
  mandelbrot: 24,
  matmul: 24,
  hash64: 20_000,
  sha256: 40,
  quicksort: 4000,
  states: 20_000,
};

/** Of the functions of bench/kernels/gc.wat and simd.ts. */
const FEATURE_SIZE = 60;

const TEXTS = {
  "NaNs, minima, rounding": `(module (func (export "main") (result f64) (local $i i32) (local $x f64)
    (loop $l
      (local.set $x (f64.add (f64.mul (local.get $x) (f64.const 1.0000001)) (f64.convert_i32_s (local.get $i))))
      (local.set $x (f64.min (local.get $x) (f64.sqrt (f64.sub (f64.const 1e6) (local.get $x)))))
      (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 3000))))
    (f64.nearest (local.get $x))))`,
  exceptions: `(module (tag $t (param i32)) (func $f (param i32) (if (i32.and (local.get 0) (i32.const 3)) (then (throw $t (local.get 0)))))
    (func (export "main") (result i32) (local $i i32) (local $sum i32)
      (loop $l
        (block $h (result i32)
          (try_table (catch $t $h) (call $f (local.get $i)))
          (i32.const 1))
        (local.set $sum (i32.add (local.get $sum)))
        (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 2000))))
      (local.get $sum)))`,
  "tail calls": `(module (func $odd (param i32 i64) (result i64) (if (result i64) (i32.eqz (local.get 0)) (then (local.get 1))
      (else (return_call $even (i32.sub (local.get 0) (i32.const 1)) (i64.mul (local.get 1) (i64.const 3))))))
    (func $even (param i32 i64) (result i64) (if (result i64) (i32.eqz (local.get 0)) (then (local.get 1))
      (else (return_call $odd (i32.sub (local.get 0) (i32.const 1)) (i64.rotl (local.get 1) (i64.const 7))))))
    (func (export "main") (result i64) (return_call $even (i32.const 5000) (i64.const 1))))`,
  "memory and bulk": `(module (memory 1 9) (data $d "escapement") (func (export "main") (result i32) (local $i i32)
    (loop $l
      (memory.init $d (i32.mul (local.get $i) (i32.const 17)) (i32.const 0) (i32.const 10))
      (memory.copy (i32.const 40000) (i32.mul (local.get $i) (i32.const 3)) (i32.const 500))
      (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 500))))
    (drop (memory.grow (i32.const 2))) (memory.fill (i32.const 130000) (i32.const 7) (i32.const 999)) (memory.size)))`,
};

async function programs() {
  const found = {};
  const kernels = base64(buildKernels());
  for (const [name, size] of Object.entries(KERNELS))
    found[`kernel ${name}`] = { wasm: kernels, call: name, args: [size] };
  for (const [kind, bytes] of [
    ["GC", readFileSync(await gcModule())],
    ["SIMD", simdModule()],
  ]) {
    const wasm = base64(bytes);
    for (const { name, kind: what } of parseModule(new Uint8Array(bytes)).exports)
      if (what === "func") found[`${kind} ${name}`] = { wasm, call: name, args: [FEATURE_SIZE] };
  }
  for (const [name, text] of Object.entries(TEXTS)) found[name] = { wasm: base64(await parse(text)), call: "main" };
  const folder = path.join(ROOT, "micropython-wasm/test/programs");
  readdirSync(folder)
    .filter((name) => name.endsWith(".py"))
    .sort()
    .filter((_, i) => !quick || i % 3 === 0)
    .forEach((name) => {
      found[`MicroPython ${name}`] = { python: readFileSync(path.join(folder, name), "utf8") };
    });
  return found;
}

async function scriptOf() {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("child.mjs", import.meta.url))],
    ...{ bundle: true, write: false, format: "iife", globalName: "child", target: "es2022", logLevel: "error" },
    // Nothing of Node's is asked for: the artifact is handed over.
    plugins: [
      {
        name: "no-node",
        setup: (own) => {
          own.onResolve({ filter: /^node:|artifact-node\.js$/ }, (found) => ({ path: found.path, namespace: "none" }));
          own.onLoad({ filter: /.*/, namespace: "none" }, () => ({ contents: "module.exports = {};", loader: "js" }));
        },
      },
    ],
  });
  return outputFiles[0].text;
}

async function inProcess(file, flags, script, request) {
  const folder = mkdtempSync(path.join(tmpdir(), "same-bits-"));
  try {
    const name = path.join(folder, "child.cjs");
    const end = `child.report(${JSON.stringify(request)}).then((rows) => process.stdout.write(JSON.stringify(rows)));`;
    writeFileSync(name, `${script}\n${end}`);
    const { stdout } = await run(file, [...flags, name], { maxBuffer: 2 ** 26 });
    return JSON.parse(stdout);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A page that posts what it finds. */
async function inBrowser(command, flags, script, request) {
  const profile = mkdtempSync(path.join(tmpdir(), "same-bits-"));
  const page = `<!doctype html><script src="child.js"></script><script>
    child.report(${JSON.stringify(request)}).then(
      (rows) => fetch("/", { method: "POST", body: JSON.stringify(rows) }),
      (error) => fetch("/", { method: "POST", body: JSON.stringify({ error: String(error.stack ?? error) }) }));</script>`;
  let finish;
  const posted = new Promise((resolve) => {
    finish = resolve;
  });
  const server = createServer(async (request, response) => {
    if (request.method === "POST") {
      let body = "";
      for await (const chunk of request) body += chunk;
      response.end();
      finish(JSON.parse(body));
      return;
    }
    response.setHeader("Content-Type", request.url === "/child.js" ? "text/javascript" : "text/html");
    response.end(request.url === "/child.js" ? script : page);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = `http://127.0.0.1:${server.address().port}/`;
  const child = spawn(command, [...flags(profile), address], {
    stdio: "ignore",
    env: { ...process.env, HOME: profile },
  });
  try {
    const rows = await posted;
    if (rows.error !== undefined) throw new Error(`${command}: ${rows.error}`);
    return rows;
  } finally {
    child.kill();
    server.close();
    server.closeAllConnections();
    await new Promise((resolve) => child.once("exit", resolve));
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

const BROWSERS = [
  [
    "Chromium",
    "chromium",
    (profile) => ["--headless=new", "--no-sandbox", "--disable-gpu", `--user-data-dir=${profile}`],
  ],
  ["Firefox ESR", "firefox-esr", (profile) => ["--headless", "--no-remote", "--profile", profile]],
];
const ALL = ["interpreter", "compiler"];

const wanted = await programs();
const script = await scriptOf();
const artifact = createRequire(import.meta.url).resolve(
  "@micropython/micropython-webassembly-pyscript/micropython.wasm",
);
const request = { programs: wanted, wasm: base64(readFileSync(artifact)) };
const engines = await installEngines(path.join(cache, "engines"));
const first = await inProcess(engines[0].file, [], script, { ...request, tiers: ["interpreter"] });
const used = Object.fromEntries(Object.entries(first.interpreter).map(([name, row]) => [name, row.used]));
const columns = [];
const add = async (name, rows) => {
  for (const [tier, found] of Object.entries(await rows)) columns.push({ name: `${name}, ${tier}`, found });
  console.log(`${name}: ${Object.keys(columns.at(-1).found).length} programs`);
};
const whole = { ...request, tiers: ALL, used };
const wholeWithoutCode = { ...request, tiers: ["interpreter"], used };
for (const { name, file } of engines) {
  if (name === "Node 24") continue;
  await add(name, inProcess(file, [], script, whole));
  if (name === "Node 20") await add(`${name} --jitless`, inProcess(file, ["--jitless"], script, wholeWithoutCode));
}
for (const [name, command, flags] of BROWSERS) {
  const version = await run(command, ["--version"]).catch(() => undefined);
  if (version !== undefined) await add(name, inBrowser(command, flags, script, whole));
}

let failed = 0;
const rows = Object.keys(wanted).map((name) => {
  const hashes = new Map();
  for (const { name: engine, found } of columns) {
    const { hash, used: fuel } = found[name];
    const key = `${hash} ${fuel}`;
    hashes.set(key, [...(hashes.get(key) ?? []), engine]);
  }
  if (hashes.size > 1) {
    failed++;
    console.error(`${name}: ${[...hashes].map(([hash, names]) => `${hash} in ${names.join("; ")}`).join("\n  ")}`);
  }
  const [key] = hashes.keys();
  return `| ${name} | ${key.split(" ")[1]} | \`${key.slice(0, 16)}\` |`;
});
if (process.argv.includes("--write")) {
  const head = `# The same bits anywhere

Written by \`npm run same-bits -- --write\`, and held by CI (\`--quick\` leaves out two of three Python programs): each program is stopped at five points of its fuel, and its whole state hashed there and at its end. One row, one hash, in all of: ${columns.map(({ name }) => name).join("; ")}.

| program | fuel | SHA-256 over its six state hashes |
| --- | --- | --- |
`;
  writeFileSync(path.join(ROOT, "docs/same-bits.md"), `${head}${rows.join("\n")}\n`);
}
console.log(
  `${rows.length - failed} passed, ${failed} failed: programs with one hash in ${columns.length} engines and tiers`,
);
process.exitCode = failed === 0 ? 0 : 1;
