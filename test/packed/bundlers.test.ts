// The package in bundles for browsers, made by each bundler as its users would, and in other runtimes. Bundles are run
// in Node: what a bundler has dropped, or left to a file that pages do not have, fails there.
import { execFile } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { beforeAll, describe, expect, test } from "vitest";
import { FOLDER } from "./tarball.js";

const run = promisify(execFile);
const PYTHON = "@micropython/micropython-webassembly-pyscript/micropython.wasm";
/** What a page does: it has the interpreter's bytes from its server. */
const PAGE = `import { Sandbox } from "escapement/python";
import { Engine, Store } from "escapement";
import { WebAssembly } from "escapement/webassembly";
globalThis.answer = async (artifact) => {
  const sandbox = await Sandbox.create({ artifact, functions: { add: (a, b) => a + b } });
  const { value, fuel } = await sandbox.run("add(20, 22)");
  new Store(new Engine());
  return [value, fuel.schedule, WebAssembly.validate(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]))];
};
`;
const SCRIPT = `import { Sandbox } from "escapement/python";
const sandbox = await Sandbox.create();
console.log(JSON.stringify((await sandbox.run("6 * 7")).value));
`;
const ANSWER = [42, "escapement-2", true];

// biome-ignore lint/suspicious/noExplicitAny: bundlers are not dependencies of this project, and so have no types here.
type Bundler = any;
const load = async (name: string): Promise<Bundler> => {
  const { resolve } = createRequire(`${FOLDER}/package.json`);
  const loaded = (await import(pathToFileURL(resolve(name)).href)) as Bundler;
  return loaded.build === undefined && loaded.rollup === undefined ? (loaded.default ?? loaded) : loaded;
};
const out = (name: string) => `${FOLDER}/bundles/${name}`;

beforeAll(() => {
  mkdirSync(`${FOLDER}/bundles`, { recursive: true });
  writeFileSync(`${FOLDER}/page.mjs`, PAGE);
  writeFileSync(`${FOLDER}/script.mjs`, SCRIPT);
});

/** Runs a bundle in a Node of its own, without the package in reach. */
async function answerOf(folder: string, entry: RegExp): Promise<unknown> {
  const file = readdirSync(folder).find((name) => entry.test(name));
  expect(file, `a bundle in ${readdirSync(folder)}`).toBeDefined();
  const artifact = createRequire(`${FOLDER}/package.json`).resolve(PYTHON);
  const driver = `import { readFileSync } from "node:fs";
globalThis.self = globalThis;
await import(${JSON.stringify(pathToFileURL(`${folder}/${file}`).href)});
console.log(JSON.stringify(await globalThis.answer(new Uint8Array(readFileSync(${JSON.stringify(artifact)})))));`;
  const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", driver], { cwd: folder });
  return JSON.parse(stdout);
}

describe("bundles for browsers", () => {
  test("esbuild", async () => {
    const { build } = await load("esbuild");
    await build({ entryPoints: [`${FOLDER}/page.mjs`], outdir: out("esbuild"), bundle: true, format: "esm" });
    expect(await answerOf(out("esbuild"), /^page\.js$/)).toEqual(ANSWER);
  });

  test("Rollup", async () => {
    const { rollup } = await load("rollup");
    const { nodeResolve } = await load("@rollup/plugin-node-resolve");
    const plugins = [nodeResolve({ browser: true })];
    const bundle = await rollup({ input: `${FOLDER}/page.mjs`, plugins, onwarn: () => undefined });
    await bundle.write({ dir: out("rollup"), format: "es", entryFileNames: "page.mjs" });
    expect(await answerOf(out("rollup"), /^page\.mjs$/)).toEqual(ANSWER);
  });

  test("Vite", async () => {
    const { build } = await load("vite");
    await build({
      root: FOLDER,
      configFile: false,
      logLevel: "error",
      build: {
        outDir: out("vite"),
        lib: { entry: `${FOLDER}/page.mjs`, formats: ["es"], fileName: () => "page.mjs" },
      },
    });
    expect(await answerOf(out("vite"), /^page\.mjs$/)).toEqual(ANSWER);
  });

  test("webpack", async () => {
    const webpack = await load("webpack");
    const compiler = webpack({
      mode: "production",
      context: FOLDER,
      entry: `${FOLDER}/page.mjs`,
      target: "web",
      // Chunks as modules: a page's default is script elements, which Node has not.
      experiments: { outputModule: true },
      output: {
        path: out("webpack"),
        filename: "page.mjs",
        chunkFilename: "[name].mjs",
        module: true,
        publicPath: "./",
      },
      performance: { hints: false },
      // What takes webpack's time is minifying what is minified already.
      optimization: { minimize: false },
    });
    const stats = await promisify(compiler.run.bind(compiler))();
    expect((stats as Bundler).toJson({ errors: true }).errors).toEqual([]);
    expect(await answerOf(out("webpack"), /^page\.mjs$/)).toEqual(ANSWER);
  });

  test("Vite takes the artifact and its image along, and webpack does", async () => {
    writeFileSync(
      `${FOLDER}/alone.mjs`,
      'import { Sandbox } from "escapement/python";\nglobalThis.answer = () => Sandbox.create();\n',
    );
    const vite = await load("vite");
    await vite.build({
      root: FOLDER,
      configFile: false,
      logLevel: "error",
      build: { outDir: out("vite-alone"), assetsDir: ".", rollupOptions: { input: `${FOLDER}/alone.mjs` } },
    });
    const webpack = await load("webpack");
    const compiler = webpack({
      mode: "production",
      context: FOLDER,
      entry: `${FOLDER}/alone.mjs`,
      target: "web",
      output: { path: out("webpack-alone") },
      performance: { hints: false },
      optimization: { minimize: false },
    });
    await promisify(compiler.run.bind(compiler))();
    const made = readdirSync(`${FOLDER}/node_modules/escapement/dist/bundle`);
    const artifact = made.find((name) => /^micropython-.*\.wasm$/.test(name))!;
    for (const folder of ["vite-alone", "webpack-alone"]) {
      for (const name of [artifact, artifact.replace(/wasm$/, "image")]) {
        const content = readFileSync(`${FOLDER}/node_modules/escapement/dist/bundle/${name}`);
        const files = readdirSync(out(folder)).filter((file) => file.endsWith(name.slice(name.lastIndexOf("."))));
        expect(
          files.map((file) => readFileSync(`${out(folder)}/${file}`).equals(content)),
          folder,
        ).toEqual([true]);
      }
    }
  });

  test("Parcel", async () => {
    const loaded = await load("@parcel/core");
    const Parcel = loaded.default ?? loaded;
    await new Parcel({
      entries: `${FOLDER}/page.mjs`,
      defaultConfig: "@parcel/config-default",
      mode: "production",
      targets: {
        page: {
          distDir: out("parcel"),
          context: "browser",
          outputFormat: "esmodule",
          engines: { browsers: ["last 1 Chrome version"] },
        },
      },
      cacheDir: `${FOLDER}/parcel-cache`,
    }).run();
    expect(await answerOf(out("parcel"), /^page\.m?js$/)).toEqual(ANSWER);
  });
});

describe("other runtimes", () => {
  test("Bun runs the package, and bundles it", async () => {
    const bun = `${FOLDER}/node_modules/@oven/bun-linux-x64/bin/bun`;
    expect((await run(bun, ["script.mjs"], { cwd: FOLDER })).stdout).toBe("42\n");
    await run(bun, ["build", "page.mjs", "--target=browser", `--outdir=${out("bun")}`], { cwd: FOLDER });
    expect(await answerOf(out("bun"), /^page\.js$/)).toEqual(ANSWER);
  });

  test("Deno runs the package", async () => {
    const deno = `${FOLDER}/node_modules/deno/deno`;
    const command = readFileSync(`${FOLDER}/node_modules/deno/package.json`, "utf8").includes('"bin"')
      ? [`${FOLDER}/node_modules/.bin/deno`]
      : [deno];
    const args = ["run", "--allow-read", "--allow-env", "--node-modules-dir=manual", "script.mjs"];
    expect(
      (await run(command[0]!, args, { cwd: FOLDER, env: { ...process.env, DENO_NO_UPDATE_CHECK: "1" } })).stdout,
    ).toBe("42\n");
  });

  test("require works where Node has it for modules", async () => {
    const [major, minor] = process.versions.node.split(".").map(Number) as [number, number];
    const has = major > 22 || (major === 22 && minor >= 12) || (major === 20 && minor >= 19);
    const code = `console.log(typeof require("escapement").Engine)`;
    const result = run(process.execPath, ["--no-warnings", "--eval", code], { cwd: FOLDER });
    if (has) expect((await result).stdout).toBe("function\n");
    else await expect(result).rejects.toThrow("ERR_REQUIRE_ESM");
  });
});
