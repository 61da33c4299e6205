// Comments and documents point to files that are there.
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { stalePointers } from "./pointers.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const FOLDERS = [
  "bench",
  "cli",
  "decoder",
  "farm",
  "micropython-wasm",
  "proof",
  "runtime",
  "spec-tests",
  "test",
  "tools",
];
const DOCUMENTS = ["DESIGN.md", "README.md", "micropython-wasm/README.md"];
/** Not ours, or not for the project's own files: what this test is tried on. */
const SKIPPED = /^spec-tests\/suite\/|^bench\/build\/|^test\/architecture\/pointers/;

test("every .ts file that a comment or a document names exists", () => {
  const inFolders = FOLDERS.flatMap((folder) =>
    readdirSync(root + folder, { recursive: true, encoding: "utf8" }).map(
      (path) => `${folder}/${path.replaceAll("\\", "/")}`,
    ),
  );
  const paths = [...readdirSync(root), ...inFolders].filter((path) => path.endsWith(".ts"));
  const searched = [...paths, ...DOCUMENTS].filter((path) => !SKIPPED.test(path));
  expect(searched.length).toBeGreaterThan(300);
  const texts = new Map(searched.map((path) => [path, readFileSync(root + path, "utf8")]));
  expect(stalePointers(texts, paths)).toEqual([]);
});

test("a file that is gone is found in comments and documents, and only there", () => {
  const texts = new Map([
    [
      "a/x.ts",
      '// as y.ts has it, é a/y.ts\nimport "./gone.ts";\n/** 😀 See b/y.ts\n * and old.py.ts. */ const s = "lost.ts";',
    ],
    ["README.md", "`a/x.ts`, `./x.ts`, `/a/x.ts`, `a/*.long.ts` and `c/x.ts`"],
  ]);
  expect(stalePointers(texts, ["a/x.ts", "a/y.ts"])).toEqual([
    "a/x.ts: there is no b/y.ts",
    "a/x.ts: there is no old.py.ts",
    "README.md: there is no c/x.ts",
  ]);
});
