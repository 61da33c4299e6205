// A part of `npm run build`: the command's process, dist/bundle/cli.cjs, and the command `python` as scripts,
// dist/bundle/python-*.cjs and, with CPython, dist/bundle/cpython-*.cjs, for V8's code cache (cli/code-cache.ts), which modules cannot be given before Node 22, and whose functions it lacks there.
import { createHash } from "node:crypto";
import { readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { build } from "esbuild";

/** Modules that the sources import when they need them, and the script has from the start. */
const IN_SCRIPT = ["./artifact-node.js", "../emscripten/artifact-node.js"];
/** Those that it loads as modules, by what they are called in dist/bundle/: they share no class with it. */
const BESIDE = { "./romfs.generated.js": "./romfs.js", "./rewrite.js": "./rewrite.js", "./repl.js": "./repl.js" };

/** Node's modules that a script may never need, and which take a while to load: by the functions that are imported. */
const LATE = { "node:crypto": ["createHash", "randomBytes"] };

const lateModules = {
  name: "Node's modules when they are needed",
  setup(build) {
    build.onResolve({ filter: /^node:/ }, ({ path, namespace }) => {
      // What stands for a module asks Node for it.
      if (namespace === "late") return { path, external: true };
      return path in LATE ? { path, namespace: "late" } : undefined;
    });
    build.onLoad({ filter: /.*/, namespace: "late" }, ({ path }) => ({
      contents: LATE[path]
        .map((name) => `export function ${name}(...args) { return require("${path}").${name}(...args); }`)
        .join("\n"),
    }));
  },
};

/**
 * What plain lines never come to, by script and by what is imported of it: builds for WASI are a flag that is not plain,
 * and CPython has a script of its own. To have it in the script costs each start its functions.
 */
const LEFT_OUT = {
  python: {
    "micropython-wasm/cpython/artifact.js": ["cpythonModule", "hasCPythonImage"],
    "micropython-wasm/cpython/python.js": ["CPYTHON_MEMORY_BYTES"],
    "micropython-wasm/cpython/support.js": ["CPYTHON"],
    "micropython-wasm/wasi/support.js": ["WASI"],
  },
  cpython: { "micropython-wasm/wasi/support.js": ["WASI"] },
};
/** The package's artifacts come mended, by what was written down when it was built; else all of Python's library does it. */
const MENDING = "micropython-wasm/emscripten/mend-artifact.js";
const MENDING_LATE =
  'export const mendArtifact = async (artifact) => (await load("./micropython.js")).mendArtifact(artifact);';

const absentModules = (leftOut) => ({
  name: "what a script does not need from the start",
  setup(build) {
    build.onLoad({ filter: /\/dist\/micropython-wasm\/.*\.js$/ }, ({ path }) => {
      const name = path.slice(path.indexOf("/dist/") + "/dist/".length).replaceAll("\\", "/");
      if (name === MENDING) return { contents: MENDING_LATE };
      const names = leftOut[name];
      // Their properties are looked at when tables are made of them.
      return names && { contents: names.map((name) => `export const ${name} = {};`).join("\n") };
    });
  },
});

/** Imports of one's own files, while it is run: declarations, modules beside the script, or what no plain line needs. */
const dynamicImports = {
  name: "imports of a script",
  setup(build) {
    build.onLoad({ filter: /\/dist\/(cli|decoder|micropython-wasm|runtime)\/.*\.js$/ }, ({ path }) => {
      const declarations = [];
      const contents = readFileSync(path, "utf8").replaceAll(/(?<![.\w])import\(("[^"]*")?/g, (_call, quoted) => {
        if (quoted === undefined) return "load(";
        const name = JSON.parse(quoted);
        if (name.startsWith("node:")) return `require(${quoted}`;
        if (!IN_SCRIPT.includes(name)) return `load(${JSON.stringify(BESIDE[name] ?? name)}`;
        declarations.push(`import * as loaded${declarations.length} from ${quoted};\n`);
        return `(loaded${declarations.length - 1}`;
      });
      return { contents: declarations.join("") + contents };
    });
  },
};

/**
 * @param kind "python" or "cpython"
 * @param define constants of the build's
 * @param plugins
 * @returns the script's name, which has a hash of it
 */
export async function bundleScript(kind, define, plugins) {
  const { outputFiles } = await build({
    entryPoints: ["dist/cli/python-script.js"],
    bundle: true,
    write: false,
    plugins: [...plugins, lateModules, absentModules(LEFT_OUT[kind]), dynamicImports],
    format: "cjs",
    platform: "node",
    target: "es2022",
    charset: "ascii",
    define: {
      ...define,
      ESCAPEMENT_IN_SCRIPT: "true",
      "import.meta.url": "scriptUrl",
      "import.meta.resolve": "resolveUrl",
    },
    minifyWhitespace: true,
    minifySyntax: true,
    logLevel: "warning",
  });
  // A function of what it gets of its surroundings (cli/plain-python.ts).
  const text = `(function(require,load,scriptUrl,resolveUrl,module){${outputFiles[0].text}\n})`;
  const name = `${kind}-${createHash("sha256").update(text).digest("hex").slice(0, 16)}.cjs`;
  writeFileSync(`dist/bundle/${name}`, text);
  return name;
}

/** Modules that are required, by what is there anyway. */
const commonRequire = {
  name: "require of a CommonJS module",
  setup(build) {
    build.onResolve({ filter: /^\.\/start\.js$/ }, ({ path }) => ({ path, external: true }));
    build.onLoad({ filter: /\/dist\/cli\/.*\.js$/ }, ({ path }) => ({
      contents: readFileSync(path, "utf8").replace("const require = nodeModule.createRequire(import.meta.url);\n", ""),
    }));
  },
};

/** The command's process: cli/bin.ts. */
export async function bundleCommand(define) {
  await build({
    entryPoints: ["dist/cli/bin.js"],
    outfile: "dist/bundle/cli.cjs",
    bundle: true,
    plugins: [commonRequire],
    format: "cjs",
    platform: "node",
    target: "es2022",
    define: { ...define, "import.meta.url": "ownUrl" },
    banner: { js: 'const ownUrl=require("node:url").pathToFileURL(__filename).href;' },
    minifyWhitespace: true,
    minifySyntax: true,
    logLevel: "warning",
  });
  // Its name of before, for who runs it where it was built: Node goes by the name of what is linked to.
  rmSync("dist/bundle/cli.js", { force: true });
  symlinkSync("cli.cjs", "dist/bundle/cli.js");
}
