// Reading code that was compiled ahead of time on another thread.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, expect, test } from "vitest";
import { aheadText } from "../../../runtime/compiler/ahead-text.js";
import { Engine, Execution, Linker, Store } from "../../../runtime/index.js";
import { prepareModule } from "../../../runtime/lowering/lower.js";
import { wat } from "../../../runtime/test/support/wat.js";
import { loadOffThread } from "../ahead-off-thread.js";

const folder = mkdtempSync(join(tmpdir(), "escapement-off-thread-"));
afterAll(() => rmSync(folder, { recursive: true }));
const place = (name: string, text: string): URL => {
  writeFileSync(join(folder, name), text);
  return pathToFileURL(join(folder, name));
};

test("gives what an import of it gives, and code runs by it", async () => {
  const bytes = await wat(`(module (func (export "sum") (param $n i32) (result i32) (local $s i32)
    (loop $l
      (local.set $s (i32.add (local.get $s) (local.get $n)))
      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $s)))`);
  const plain = new Engine();
  const { text } = aheadText(prepareModule(plain.compile(bytes).decoded, plain.schedule), null);
  const code = (await loadOffThread(place("sum.js", text)))!;
  const imported = await import(/* @vite-ignore */ place("sum.mjs", text).href);
  expect(code.about).toEqual(imported.about);
  expect(code.functions).toEqual(imported.functions);
  const outcome = (engine: Engine) => {
    const store = new Store(engine);
    const instance = new Linker(engine).instantiate(store, engine.compile(bytes));
    const execution = new Execution(store).start(instance.getFunc("sum"), [1000]);
    return [execution.run(1_000_000), execution.fuelUsed];
  };
  const expected = outcome(plain);
  expect(expected[0]).toEqual({ status: "done", results: [500_500] });
  expect(outcome(new Engine({ ahead: code }))).toEqual(expected);
});

test("what cannot be read so is to be imported", async () => {
  expect(await loadOffThread(place("throws.js", "throw new Error('no such code');"))).toBeUndefined();
  expect(await loadOffThread(pathToFileURL(join(folder, "none.js")))).toBeUndefined();
  expect(await loadOffThread(new URL("https://example.invalid/code.js"))).toBeUndefined();
});
