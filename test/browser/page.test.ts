// What the library does in a page that has scripts of its own server and nothing else: no eval, no WebAssembly.
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ChromiumEngine, here, startChromium } from "./engines.js";

const WITHOUT_COMPILER = "--js-flags=--jitless";
const ANSWERS = { stdout: "5\n", status: "out-of-fuel", value: 10, single: ["hi\n", 3.5] };

/** The package in one file, by a bundler that leaves files at addresses alone. */
async function bundled(): Promise<Uint8Array> {
  const { outputFiles } = await build({
    stdin: {
      contents: 'export * from "escapement/micropython";',
      resolveDir: fileURLToPath(new URL(".", import.meta.url)),
    },
    bundle: true,
    format: "esm",
    platform: "browser",
    write: false,
    logLevel: "silent",
  });
  return outputFiles[0]!.contents;
}

describe("in Chromium", () => {
  let chromium: ChromiumEngine;
  beforeAll(async () => {
    chromium = await startChromium();
  });
  afterAll(() => chromium?.close());

  test("a page may neither run text as code nor compile WebAssembly", async () => {
    const allowed = { eval: "2", Function: "2", WebAssembly: "[object WebAssembly.Module]" };
    expect(await here.run("restrictions")).toEqual(allowed);
    const forbidden = { eval: "EvalError", Function: "EvalError", WebAssembly: "CompileError" };
    expect(await chromium.run("restrictions")).toEqual(forbidden);
    expect(await chromium.run("restrictions", {}, { inWorker: true })).toEqual(forbidden);
  });

  test("Python runs all the same, with the files as they are published", async () => {
    expect(await chromium.run("answers")).toEqual(ANSWERS);
  });

  test("Python runs in a worker", async () => {
    expect(await chromium.run("answers", {}, { inWorker: true })).toEqual(ANSWERS);
  });

  test("Python runs from one file that a bundler has made for browsers", async () => {
    chromium.serve("/bundled.mjs", await bundled());
    expect(await chromium.run("answers", {}, { bundle: "/bundled.mjs" })).toEqual(ANSWERS);
  });

  test("the artifact and its image come from beside the code, without any option", async () => {
    expect(await chromium.run("withoutArtifact")).toEqual([42, "escapement-2"]);
    expect(await chromium.run("withoutArtifact", {}, { inWorker: true })).toEqual([42, "escapement-2"]);
  });

  test("where they are not, there is an error that says what to do", async () => {
    chromium.serve("/bundled.mjs", await bundled());
    const answer = await chromium.run("withoutArtifact", {}, { bundle: "/bundled.mjs" });
    expect(answer).toMatch(/^SandboxUsageError: .*hand over its bytes.*status 404 of http/);
  });

  test("timers, requests and frames are served beside endless programs, all of which make progress", async () => {
    const ends = await chromium.run("turns", { sandboxes: 20, share: 10 });
    expect(ends).toEqual(new Array(20).fill(["aborted", 42]));
  });

  test.each([false, true])(
    "time limits and signals end a run and leave the session usable (in a worker: %s)",
    async (inWorker) => {
      expect(await chromium.run("cancel", {}, { inWorker })).toEqual([
        ["timeout", "", "2\n"],
        ["timeout", "", "2\n"],
        ["aborted", "", "2\n"],
        ["aborted", "", "2\n"],
        ["aborted", "", "2\n"],
      ]);
    },
  );
});

describe("in Chromium without a compiler, as under Lockdown Mode", () => {
  let chromium: ChromiumEngine;
  beforeAll(async () => {
    chromium = await startChromium(WITHOUT_COMPILER);
  });
  afterAll(() => chromium?.close());

  test("there is no WebAssembly, and Python runs", async () => {
    expect(await chromium.run("restrictions")).toMatchObject({ WebAssembly: "ReferenceError" });
    expect(await chromium.run("answers")).toEqual(ANSWERS);
  });
});
