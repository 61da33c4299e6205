// The examples of the guide (../README.md), run as they stand there: what they print is what it says.
import { execFile } from "node:child_process";
import * as fs from "node:fs";
import { format, promisify } from "node:util";
import { build } from "esbuild";
import { describe, expect, test } from "vitest";
import { CLI, ROOT } from "../../test/support/built-cli.js";
import { examplesIn, expectPrinted } from "../../test/support/printed.js";
import { loadArtifact } from "../emscripten/artifact-node.js";
import * as micropython from "../index.js";
import * as node from "../node.js";
import * as pool from "../pool/index.js";
import { unavailable, wasiBytes } from "./wasi-artifact.js";

const GUIDE = fs.readFileSync(new URL("../README.md", import.meta.url), "utf8");
const WORKER = `${ROOT}node_modules/.cache/escapement-tests/guide-pool-worker.mjs`;
const WASI_FILE = "micropython-wasi.wasm";

/** The pool as the package has it finds its worker in the build: here that is made of the sources. */
class SourcePool extends pool.SandboxPool {
  constructor(options: pool.SandboxPoolOptions) {
    super({ workerFile: WORKER, ...options });
  }
}

async function load(specifier: string): Promise<unknown> {
  switch (specifier) {
    case "escapement/micropython":
      return micropython;
    case "escapement/micropython/node":
      return node;
    case "escapement/mcp":
      return import("../mcp/index.js");
    case "escapement/pool":
      await build({
        entryPoints: [`${ROOT}micropython-wasm/pool/pool-worker.ts`],
        outfile: WORKER,
        bundle: true,
        packages: "external",
        format: "esm",
        platform: "node",
        target: "es2022",
      });
      return { ...pool, SandboxPool: SourcePool };
    case "node:fs":
      return { ...fs, readFileSync: (path: string) => (path === WASI_FILE ? wasiBytes() : fs.readFileSync(path)) };
    default:
      return import(specifier);
  }
}

/** A server for the page of the example. */
async function fetchFromPage(path: string): Promise<Response> {
  if (path === "/micropython.wasm") return new Response((await loadArtifact()) as Uint8Array<ArrayBuffer>);
  if (path === "/micropython.image")
    return new Response((await micropython.prebootedImage()) as Uint8Array<ArrayBuffer>);
  throw new Error(`no such file: ${path}`);
}

const AsyncFunction = (async () => {}).constructor as new (
  ...source: string[]
) => (...values: unknown[]) => Promise<void>;

async function output(code: string): Promise<string> {
  const body = code.replace(/^import (\{.*\}) from ("[^"]+");$/gm, "const $1 = await load($2);");
  expect(body).not.toMatch(/^import .* from /m);
  const printed: string[] = [];
  const console = { log: (...values: unknown[]) => void printed.push(format(...values)) };
  await new AsyncFunction("load", "console", "fetch", body)(load, console, fetchFromPage);
  return printed.join("\n");
}

describe("what the guide says an example prints, it prints:", () => {
  const examples = examplesIn(GUIDE, "js", "// →");

  test("there are examples, and all say what they print", () => {
    expect(examples.length).toBeGreaterThan(15);
    for (const { code, mark, name } of examples) {
      expect(code, name).toContain(`\n${mark}`);
      // A comment elsewhere would not be looked at.
      expect(code.split("→").length, name).toBe(code.split(`\n${mark}`).length);
    }
  });

  test.for(examples)("$name", async (example, { skip }) => {
    skip(example.code.includes(WASI_FILE) && unavailable !== undefined, unavailable);
    expectPrinted(await output(example.code), example);
  });
});

// The command is there only if it was built; vitest does that before it runs all tests.
test.skipIf(!fs.existsSync(CLI)).each(examplesIn(GUIDE, "sh", "# →"))("commands, $name", async (example) => {
  const command = example.code.replaceAll("npx escapement", `"${process.execPath}" "${CLI}"`);
  const { stdout } = await promisify(execFile)("sh", ["-c", command], { cwd: ROOT });
  expectPrinted(stdout.trimEnd(), example);
});

test("the examples for agent libraries are those that are tested", () => {
  const blocks = examplesIn(GUIDE, "ts", "").map(({ code }) =>
    code.replace(`"escapement/micropython"`, `"../../index.js"`),
  );
  const tested = ["ai-sdk", "langchain"].map((name) =>
    fs.readFileSync(new URL(`examples/${name}.ts`, import.meta.url), "utf8").replace(/^\/\/.*\n/, ""),
  );
  expect(blocks).toEqual(tested);
});

test("links lead to sections and files that are there", () => {
  const sections = [...GUIDE.matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\w -]/g, "")
      .replaceAll(" ", "-"),
  );
  const links = [...GUIDE.matchAll(/\]\(([^)]+)\)/g)].map(([, target]) => target!);
  expect(links.length).toBeGreaterThan(20);
  for (const link of links) {
    if (link.startsWith("#")) expect(sections).toContain(link.slice(1));
    else if (!link.startsWith("https:")) expect(fs.existsSync(new URL(`../${link}`, import.meta.url)), link).toBe(true);
  }
});

test("the table of limits has every option", () => {
  const types = fs.readFileSync(new URL("../session/sandbox-types.ts", import.meta.url), "utf8");
  const [, fields] = /interface SandboxOptions \{([\s\S]*?)\n\}/.exec(types)!;
  const options = [...fields!.matchAll(/^ {2}readonly (\w+)\?/gm)].map(([, name]) => name!);
  const [, table] = /^## Limits$([\s\S]*?)^## /m.exec(GUIDE)!;
  const rows = [...table!.matchAll(/^\| (`.*?) \|/gm)].flatMap(([, cell]) =>
    [...cell!.matchAll(/`(\w+)`/g)].map(([, name]) => name!),
  );
  expect(rows.sort()).toEqual(options.sort());
});
