// What programs give on builds for WASI, which are run as they are: the guide's table, row by row.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { Sandbox } from "../index.js";
import { unavailable, wasiModule } from "./wasi-artifact.js";

const GUIDE = readFileSync(new URL("../README.md", import.meta.url), "utf8");
const TABLE = GUIDE.slice(GUIDE.indexOf("| the WASI build of 0.1a2 |")).split("\n\n")[0]!;
const ROWS = TABLE.split("\n")
  .slice(2)
  .map((line) => line.split("|").map((cell) => cell.trim().replace(/^`(.*)`$/, "$1")))
  .map(([, code, own, wasi]) => [code!, own!, wasi!] as const);

async function given(sandbox: Sandbox, code: string): Promise<string> {
  const { error, repr } = await sandbox.run(code, { repr: 1000 });
  if (error !== null) return `${error.type}: ${error.message}`;
  return repr?.text ?? "";
}

test("the guide has the table", () => expect(ROWS.length).toBe(8));

test.each(ROWS)("%s gives %s with the package's build", async (code, own) => {
  expect(await given(await Sandbox.create(), code)).toBe(own);
});

test.skipIf(unavailable !== undefined).each(ROWS)("%s gives not %s but %s on WASI", async (code, own, wasi) => {
  const sandbox = await Sandbox.create({ artifact: wasiModule() });
  expect(await given(sandbox, code)).toBe(wasi);
  expect(wasi).not.toBe(own);
});
