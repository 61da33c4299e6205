// `npm run build`, last step: the package's entry points as one file each, with what they share
// in chunks. Loading a hundred small modules costs half of a short program's start.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { build, transform } from "esbuild";
import { mergeChunks } from "./bundle-chunks.mjs";
import { bundleCommand, bundleScript } from "./bundle-script.mjs";
import { tables } from "./bundle-tables.mjs";

// Packages stay packages, but for the parser of Python: pages load the bundle as it is, without an import map. And for
// the command's own, which would be looked for at each start.
const manifest = JSON.parse(readFileSync("package.json", "utf8"));
const bundled = ["commander", "@lezer/common", "@lezer/highlight", "@lezer/lr", "@lezer/python"];
const packages = ["dependencies", "optionalDependencies", "peerDependencies"]
  .flatMap((kind) => Object.keys(manifest[kind]))
  .filter((name) => !bundled.includes(name));

/**
 * commander, which is CommonJS, gets Node's own modules by import. But for child processes and files: those are for
 * commands in files of their own, of which this one has none, and Node would load its network for them at each start.
 */
const COMMANDER_IMPORTS = {
  "node:child_process": "module.exports = {};",
  "node:fs": "module.exports = {};",
  "node:process": "module.exports = globalThis.process;",
  "node:events": 'export * from "node:events";',
  "node:path": 'export * from "node:path";',
};
const commanderImports = {
  name: "Node's modules for commander",
  setup(build) {
    build.onResolve({ filter: /^node:/ }, ({ importer, path }) =>
      importer.includes("node_modules/commander/") ? { path, namespace: "for-commander" } : undefined,
    );
    build.onLoad({ filter: /.*/, namespace: "for-commander" }, ({ path }) => ({ contents: COMMANDER_IMPORTS[path] }));
  },
};

/** A hash of all code that an image of a booted interpreter depends on. */
function buildId() {
  const hash = createHash("sha256");
  for (const folder of ["decoder", "runtime", "micropython-wasm"]) {
    const names = readdirSync(`dist/${folder}`, { recursive: true, encoding: "utf8" });
    for (const name of names.filter((name) => name.endsWith(".js")).sort())
      hash.update(name).update(readFileSync(`dist/${folder}/${name}`));
  }
  return hash.digest("hex").slice(0, 32);
}

const define = { ESCAPEMENT_BUILD: JSON.stringify(buildId()) };
mkdirSync("dist/bundle", { recursive: true });
const scripts = {
  micropython: await bundleScript("python", define, [commanderImports, tables]),
  cpython: await bundleScript("cpython", define, [commanderImports, tables]),
};
await bundleCommand({ ...define, ESCAPEMENT_PYTHON_SCRIPTS: JSON.stringify(scripts) });

await build({
  entryPoints: {
    // What the command's process loads for lines that its script does not do (bundle-script.mjs).
    start: "dist/cli/start.js",
    decoder: "dist/decoder/index.js",
    runtime: "dist/runtime/index.js",
    wasi: "dist/runtime/wasi/index.js",
    "wasi-node": "dist/cli/wasi/index.js",
    webassembly: "dist/cli/js-api/index.js",
    polyfill: "dist/cli/js-api/polyfill.js",
    micropython: "dist/micropython-wasm/index.js",
    "micropython-node": "dist/micropython-wasm/node.js",
    mcp: "dist/micropython-wasm/mcp/index.js",
    pool: "dist/micropython-wasm/pool/index.js",
    // Beside the pool, which starts its threads with it.
    "pool-worker": "dist/micropython-wasm/pool/pool-worker.js",
    farm: "dist/farm/index.js",
    // Beside the farm, whose workers start their threads with it.
    "farm-thread": "dist/farm/run-thread.js",
    proof: "dist/proof/index.js",
    "spec-tests": "dist/spec-tests/index.js",
    // Names that package.json's "browser" can tell: those who bundle the package for browsers leave them out.
    "artifact-node": "dist/micropython-wasm/emscripten/artifact-node.js",
    "mounts-node": "dist/micropython-wasm/session/mounts-node.js",
    "cpython-node": "dist/micropython-wasm/cpython/artifact-node.js",
    // By a name, so that its addresses can be put in.
    "artifact-url": "dist/micropython-wasm/emscripten/artifact-url.js",
    // Names that the command's script can tell (bundle-script.mjs).
    romfs: "dist/micropython-wasm/lib/romfs.generated.js",
    rewrite: "dist/micropython-wasm/compat/rewrite.js",
  },
  outdir: "dist/bundle",
  bundle: true,
  splitting: true,
  external: packages,
  plugins: [commanderImports, tables],
  format: "esm",
  platform: "node",
  target: "es2022",
  define,
  // Less to parse at each start. Names stay: stack traces of ours are readable.
  minifyWhitespace: true,
  minifySyntax: true,
  logLevel: "warning",
});

await mergeChunks();

// The standard build's code, compiled ahead of time by the profile of the training programs (npm run train).
const { compileAhead, Engine } = await import("../dist/runtime/index.js");
const node = await import("../dist/micropython-wasm/emscripten/artifact-node.js");
const { aheadName, changesName, imageName, loadPublished } = node;
const { mendArtifact } = await import("../dist/micropython-wasm/emscripten/mend-artifact.js");
const standard = mendArtifact(await loadPublished("standard"));
const profile = readFileSync("micropython-wasm/training/standard.profile", "utf8");
let ahead;
try {
  // Names of functions and variables stay apart, and are short: it is parsed at the start of a program that pays for it.
  const { code: text } = await transform(compileAhead(standard, { profile }).text, {
    minifyWhitespace: true,
    minifyIdentifiers: true,
  });
  const file = new URL(`../dist/bundle/${aheadName(standard)}`, import.meta.url);
  writeFileSync(file, text);
  ahead = await import(file.href);
  // Under a name that importers know.
  writeFileSync("dist/bundle/micropython-ahead.js", `export * from "./${aheadName(standard)}";\n`);
  const members = ["about", "functions", "make"].map((name) => `export declare const ${name}: AheadModule["${name}"];`);
  const types = ['import type { AheadModule } from "../runtime/index.js";', ...members];
  writeFileSync("dist/bundle/micropython-ahead.d.ts", `${types.join("\n")}\n`);
} catch (error) {
  // The artifact has been changed since: a test asks for the tier, and fails until it is trained anew.
  console.error(`MicroPython is not compiled ahead of time: ${error.message}; npm run train`);
}

// Booted interpreters, beside the chunk that looks for them there (micropython-wasm/emscripten/artifact-node.ts): an
// image is the same whichever machine makes it. Those of the debug builds come without code, to save room.
const { changesBetween } = await import("../dist/micropython-wasm/patch/changes.js");
const { bootedImage, bootedImageWithCode } = await import("../dist/micropython-wasm/emscripten/support.js");
for (const [build, withCode] of [
  ["standard", true],
  ["ulab", true],
  ["settrace", false],
  ["settrace-ulab", false],
]) {
  const published = await loadPublished(build);
  const artifact = mendArtifact(published);
  writeFileSync(`dist/bundle/${changesName(published)}`, changesBetween(published, artifact));
  // Where loops of the interpreter's can go on in code that was compiled ahead of time, it asks for that.
  const given = build === "standard" ? ahead : undefined;
  const image = withCode
    ? await bootedImageWithCode(artifact, given)
    : await bootedImage(new Engine().compile(artifact), {});
  writeFileSync(`dist/bundle/${imageName(artifact)}`, image);
}

// What pages fetch (micropython-wasm/emscripten/artifact-url.ts), under names that tell one release's from another's.
const { fingerprint } = await import("../dist/micropython-wasm/emscripten/image.js");
const wasmName = `micropython-${fingerprint(standard)}.wasm`;
writeFileSync(`dist/bundle/${wasmName}`, standard);
const fetching = readFileSync("dist/bundle/artifact-url.js", "utf8");
const addressed = fetching
  .replace('"./micropython.wasm"', JSON.stringify(`./${wasmName}`))
  .replace('"./micropython.image"', JSON.stringify(`./${imageName(standard)}`))
  .replace('"FINGERPRINT"', JSON.stringify(fingerprint(standard)));
if (addressed.split(fingerprint(standard)).length !== 4)
  throw new Error("the addresses in artifact-url.js are not found");
writeFileSync("dist/bundle/artifact-url.js", addressed);

// The manual page, for the package manager to install.
writeFileSync("dist/bundle/escapement.1", execFileSync(process.execPath, ["dist/bundle/cli.cjs", "man"]));
// The licences of what is in the bundle and not ours.
const licences = bundled.map((name) => `${name}\n\n${readFileSync(`node_modules/${name}/LICENSE`, "utf8")}`);
// The artifact's package has no file of it: https://github.com/micropython/micropython/blob/master/LICENSE
const [, mit] = /^Copyright .*\n([\s\S]*)/m.exec(readFileSync("LICENSE", "utf8"));
licences.push(`micropython-*\n\nMIT License\n\nCopyright (c) 2013-2026 Damien P. George\n${mit}`);
writeFileSync("dist/bundle/THIRD-PARTY-LICENSES.txt", licences.join("\n"));
