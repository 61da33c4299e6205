// Programs from npm where WebAssembly is missing: in a page whose policy forbids it, and in a Chromium that has none.
// The same in a Node without one: test/programs/programs.long.ts.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { type Browser, chromium } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { output } from "../programs/support.js";
import { chromiumPath } from "./engines.js";
import { type Answer, PageServer } from "./page-server.js";

const FILES = ["sql.js/dist/sql-wasm.wasm", "@micropython/micropython-webassembly-pyscript/micropython.wasm"];

async function pageScript(): Promise<Uint8Array> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("program-page.mjs", import.meta.url))],
    bundle: true,
    format: "esm",
    platform: "browser",
    external: ["fs", "path", "crypto", "module", "url", "node:*"],
    target: "es2022",
    write: false,
    logLevel: "error",
  });
  return outputFiles[0]!.contents;
}

describe.each([
  ["a page under script-src 'self'", []],
  ["Chromium without a JIT, and so without WebAssembly", ["--js-flags=--jitless"]],
])("in %s", (_, args) => {
  let server: PageServer;
  let browser: Browser;
  beforeAll(async () => {
    server = await PageServer.start({});
    server.serve("/page.mjs", await pageScript());
    const { resolve } = createRequire(import.meta.url);
    for (const file of FILES) server.serve(`/${file.split("/").at(-1)!}`, readFileSync(resolve(file)));
    browser = await chromium.launch({ executablePath: chromiumPath(), args });
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  test.each(["sql", "wabt", "micropython"])("%s prints what it prints on V8's WebAssembly", async (program) => {
    const page = await browser.newPage();
    const failed = new Promise<Answer>((resolve) => {
      page.on("pageerror", (error) => resolve({ error: `${error.stack}` }));
      page.on("crash", () => resolve({ error: "the page crashed" }));
    });
    const { address, answered } = server.expect({ program });
    await page.goto(address);
    const { value, error } = await Promise.race([answered, failed]);
    await page.close();
    expect(error).toBe(undefined);
    expect(value).toBe(await output(program, "V8"));
  });
});
