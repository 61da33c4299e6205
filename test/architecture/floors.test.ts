// The import floors of DESIGN.md, and what the portable core must not touch.
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { breaches, circles, floorOf, type NamedImport } from "./floors.js";
import { folderCircles } from "./folders.js";
import { blank, forbiddenNames, importsOf } from "./source-scan.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const folders = ["cli", "decoder", "proof", "runtime", "micropython-wasm", "farm", "bench", "spec-tests", "tools"];

function projectSources(): Map<string, string> {
  const paths = folders
    .flatMap((folder) =>
      readdirSync(root + folder, { recursive: true, encoding: "utf8" }).map((path) => `${folder}/${path}`),
    )
    .concat(readdirSync(root))
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path) => path.endsWith(".ts") && !path.endsWith(".d.ts") && !path.endsWith(".config.ts"))
    .filter((path) => !/(?:^|\/)test\//.test(path) && !/^(?:bench\/(?:kernels|build)|spec-tests\/suite)\//.test(path));
  return new Map(paths.map((path) => [path, readFileSync(root + path, "utf8")]));
}

const sources = (files: Record<string, string>) => new Map(Object.entries(files));

/** Imports of types that close a circle between files of the core, and why. */
const TYPE_CIRCLES: readonly NamedImport[] = [
  // A function is its instance's, and an instance holds functions and exports.
  "runtime/store/func.ts -> runtime/store/module-instance.ts",
  "runtime/store/export-map.ts -> runtime/store/module-instance.ts",
  // What a lowering records about itself.
  "runtime/lowering/frame-layout.ts -> runtime/lowering/function-lowering.ts",
  "runtime/lowering/recording.ts -> runtime/lowering/function-lowering.ts",
  // A module is an engine's, which compiles modules.
  "runtime/embedding/module.ts -> runtime/embedding/engine.ts",
  // A call is one of the functions of its Wasi.
  "runtime/wasi/call.ts -> runtime/wasi/wasi.ts",
];

describe("the project", () => {
  const project = projectSources();

  test("has sources where DESIGN.md says", () => {
    expect([...project.keys()].some((path) => floorOf(path) === 0)).toBe(true);
    expect([...project.keys()].some((path) => floorOf(path) === 1)).toBe(true);
  });

  test("imports go downward, faces are independent, and the core touches nothing of its host", () => {
    expect(breaches(project)).toEqual([]);
  });
});

describe("the folders of micropython-wasm/", () => {
  test("import in one direction only, types included", () => {
    expect(folderCircles(projectSources(), "micropython-wasm")).toEqual([]);
  });

  test("a circle is found, also one of types, through a third folder", () => {
    const files = {
      "part/a/x.ts": 'import { y } from "../b/y.js";',
      "part/b/y.ts": 'import type { z } from "../c/z.js";\nimport { v } from "./v.js";',
      "part/b/v.ts": 'import { r } from "../root.js";',
      "part/c/z.ts": 'export * from "../a/x.js";\nimport "../../other/w.js";',
      "part/root.ts": "",
      "other/w.ts": 'import "../part/a/x.js";',
    };
    expect(folderCircles(sources(files), "part")).toEqual([
      "part/a/x.ts -> part/b/y.ts",
      "part/b/y.ts -> part/c/z.ts",
      "part/c/z.ts -> part/a/x.ts",
    ]);
  });
});

describe("circles", () => {
  const core = (path: string) => /^(?:decoder|runtime)\//.test(path);

  test("there are none in the core, but for types that are named here", () => {
    const files = new Map([...projectSources()].filter(([path]) => core(path)));
    expect(circles(files, TYPE_CIRCLES)).toEqual([]);
  });

  const PAIR = sources({
    "runtime/a.ts": 'import type { B } from "./b.js";\nimport { type C, type D } from "./c.js";',
    "runtime/b.ts": 'import { a, type A } from "./a.js";',
    "runtime/c.ts": 'export * from "./b.js";',
  });

  test("are found through imports of types and re-exports", () => {
    expect(circles(PAIR)).toEqual(["circle: runtime/a.ts, runtime/b.ts, runtime/c.ts"]);
    expect(circles(PAIR, ["runtime/a.ts -> runtime/b.ts"])).toHaveLength(1);
    expect(circles(PAIR, ["runtime/a.ts -> runtime/b.ts", "runtime/a.ts -> runtime/c.ts"])).toEqual([]);
  });

  test.each([
    ["runtime/b.ts -> runtime/a.ts", "imports more than types"],
    ["runtime/a.ts -> runtime/d.ts", "no such import"],
  ] as const)("%s may not be named: %s", (edge, reason) => {
    expect(circles(PAIR, [edge])).toContain(`${edge}: ${reason}`);
  });

  test("a name that closes no circle is one too many", () => {
    const files = sources({ "runtime/a.ts": 'import type { B } from "./b.js";', "runtime/b.ts": "" });
    expect(circles(files, ["runtime/a.ts -> runtime/b.ts"])).toEqual([
      "runtime/a.ts -> runtime/b.ts: closes no circle",
    ]);
  });
});

describe("breaches", () => {
  test("finds a planted upward import, type imports and re-exports included", () => {
    for (const statement of [
      'import { Store } from "./store/store.js";',
      'import type { Store } from "./store/store.js";',
      'import {\n  type Store,\n} from "./store/store.js";',
      'export * from "./store/store.js";',
      'import "./store/store.js";',
      'const store = await import("./store/store.js");',
    ]) {
      const found = breaches(sources({ "runtime/values.ts": statement, "runtime/store/store.ts": "" }));
      expect(found[0], statement).toBe("runtime/values.ts -> ./store/store.js: upward, from floor 1 to 2");
    }
  });

  test("lets imports go downward and sideways", () => {
    const files = {
      "decoder/index.ts": "",
      "runtime/values.ts": 'import { x } from "../decoder/index.js"; import { y } from "./errors.js";',
      "runtime/errors.ts": "",
      "runtime/interpreter/execution.ts": 'import { y } from "../../runtime/errors.js";',
    };
    expect(breaches(sources(files))).toEqual([]);
  });

  test.each([
    ["runtime/wasi/index.ts", "../js-api/index.js", "runtime/js-api/index.ts", "parts of floor 7 are independent"],
    ["runtime/js-api/index.ts", "../../runtime/index.js", "runtime/index.ts", "parts of floor 7 are independent"],
    ["spec-tests/command.ts", "../bench/main.js", "bench/main.ts", "parts of floor 9 are independent"],
    ["micropython-wasm/index.ts", "../bench/main.js", "bench/main.ts", "upward, from floor 8 to 9"],
    ["micropython-wasm/host.ts", "../runtime/store/store.js", "runtime/store/store.ts", "not a public face"],
    ["spec-tests/script.ts", "../decoder/reader.js", "decoder/reader.ts", "not a public face"],
    ["cli/main.ts", "../bench/main.js", "bench/main.ts", "the command reaches spec-tests/ through its face only"],
    ["runtime/limits.ts", "../cli/main.js", "cli/main.ts", "upward, from floor 1 to 10"],
    ["decoder/reader.ts", "./missing.js", "decoder/x.ts", "no such source file"],
    ["decoder/reader.ts", "./x.ts", "decoder/x.ts", "relative imports end in .js"],
    ["decoder/reader.ts", "./generate-x.js", "decoder/generate-x.ts", "tools are not imported"],
  ])("%s may not import %s", (from, specifier, target, reason) => {
    const found = breaches(sources({ [from]: `import ${JSON.stringify(specifier)};`, [target]: "" }));
    expect(found).toEqual([`${from} -> ${specifier}: ${reason}`]);
  });

  test("keeps packages and node: modules out of the core, but not out of its generators", () => {
    const text = 'import { readFileSync } from "node:fs"; import commander from "commander";';
    expect(breaches(sources({ "decoder/reader.ts": text }))).toHaveLength(2);
    expect(breaches(sources({ "tools/generate-dispatch.ts": text }))).toEqual([]);
    expect(breaches(sources({ "cli/main.ts": text }))).toEqual([]);
  });

  test("asks for a floor for every folder", () => {
    expect(breaches(sources({ "runtime/misc/util.ts": "" }))).toEqual([
      "runtime/misc/util.ts: DESIGN.md gives it no floor",
    ]);
  });
});

describe("forbiddenNames", () => {
  test.each([
    "process.exit()",
    "Buffer.from(x)",
    "new TextDecoder()",
    "performance.now()",
    "Date.now()",
    "new Date()",
    "Math.random()",
    "Math.sin(x)",
    "Math.pow(x, y)",
    "Math\n.exp(x)",
    'Math["random"]()',
    "setTimeout(f)",
    "new WebAssembly.Module(b)",
    "eval(text)",
    "new Function(text)",
    "Function(text)",
    "globalThis.x",
    "a.localeCompare(b)",
    "await import(name)",
    "import.meta.url",
    "`${process.pid}`",
    "`a ${`b ${Date.now()}`} c`",
  ])("finds %s", (code) => {
    expect(forbiddenNames(`const a = 1;\n${code}`).length).toBeGreaterThan(0);
  });

  test.each([
    "// process.exit()",
    "/* Date */",
    '"WebAssembly module"',
    "`process ${x} Date`",
    "/Date|process/.test(x)",
    "Math.imul(a, b) + Math.fround(c)",
    "module.process()",
    "{ process: 1 }",
    "const processed = isDate",
    "type F = typeof Math",
    "x instanceof Function",
  ])("lets %s be", (code) => {
    expect(forbiddenNames(code)).toEqual([]);
  });

  test("names the line", () => {
    expect(forbiddenNames("\n/* a\n b */ const s = 'x';\nprocess.exit()")).toEqual(["process:4"]);
  });

  test("allows code from text where the compiler makes it", () => {
    expect(forbiddenNames("new Function(text)", { codeFromText: true })).toEqual([]);
    expect(forbiddenNames("process.exit()", { codeFromText: true })).toEqual(["process:1"]);
  });
});

describe("reading sources", () => {
  test("imports in comments do not count, those after a regular expression do", () => {
    const text = '// import "./a.js"\nconst r = /["\'`]/;\nimport "./b.js";\n/* import "./c.js" */';
    expect(importsOf(text)).toEqual(["./b.js"]);
  });

  test("blanking keeps positions", () => {
    const text = "a /* é */ + `x ${b} y` // c\n+ 'd'";
    expect(blank(text, { strings: true })).toHaveLength(text.length);
    expect(blank(text, { strings: true }).replace(/\s+/g, " ")).toBe("a + ` ${b} ` + ' '");
  });
});
