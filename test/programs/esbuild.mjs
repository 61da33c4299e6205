// esbuild-wasm, its build for browsers (Go, 14 MB): bundles this project's decoder.
import * as esbuild from "esbuild-wasm/lib/browser.js";

export async function run({ load, source, print }) {
  const { initialize, build, transform } = esbuild.default ?? esbuild;
  await initialize({ wasmModule: await WebAssembly.compile(await load("esbuild-wasm/esbuild.wasm")), worker: false });
  const files = {
    name: "files",
    setup(build) {
      build.onResolve({ filter: /.*/ }, ({ path, importer }) => ({
        path: new URL(path.replace(/\.js$/, ".ts"), new URL(importer, "file:///")).pathname.slice(1),
        namespace: "source",
      }));
      build.onLoad({ filter: /.*/, namespace: "source" }, async ({ path }) => ({
        contents: await source(path),
        loader: "ts",
      }));
    },
  };
  const { outputFiles, metafile, warnings } = await build({
    entryPoints: ["decoder/index.ts"],
    bundle: true,
    minify: true,
    sourcemap: "inline",
    format: "esm",
    target: "es2022",
    write: false,
    metafile: true,
    plugins: [files],
  });
  print(warnings.length, Object.keys(metafile.inputs).length, outputFiles.length);
  for (const { text, hash } of outputFiles) print(text.length, hash, text.slice(0, 400));
  const { code } = await transform("const x: number = a?.b ?? 1; export class A { #p = x; static { f(); } }", {
    loader: "ts",
    target: "es2019",
  });
  print(code);
  try {
    await transform("let x = ;", { logLevel: "silent" });
  } catch (error) {
    print(error.message);
  }
}
