// The example of README.md, run as it stands there.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import * as specTests from "../index.js";

const README = readFileSync(new URL("../README.md", import.meta.url), "utf8");

const hasSuite = (() => {
  try {
    return specTests.findSuite(process.env) !== undefined;
  } catch {
    return false;
  }
})();

describe.skipIf(!hasSuite || !("WebAssembly" in globalThis))("the README's example", () => {
  it("prints what the README says, times aside", async () => {
    const [, code] = /```js\n(import [\s\S]*?)```/.exec(README)!;
    const [, output] = /It prints:\n\n```\n([\s\S]*?)```/.exec(README)!;
    const body = code!.replace(/^import (\{.*\}) from "escapement\/spec-tests";/, "const $1 = specTests;");
    const printed: string[] = [];
    const console = { log: (text: string) => printed.push(text) };
    const run = new Function("specTests", "console", "process", `return (async () => { ${body} })();`);
    const fakeProcess = { exitCode: -1 };
    await run(specTests, console, fakeProcess);
    const withoutTimes = (text: string) => text.replace(/[\d.]+ s\b/g, "… s");
    expect(withoutTimes(printed.join("\n"))).toBe(withoutTimes(output!));
    expect(fakeProcess.exitCode).toBe(0);
  });
});
