// Runs one file of the specification's test/js-api in this process: node test-file.mjs ROOT FILE [POLYFILL].
// ROOT is a checkout of github.com/WebAssembly/spec. Prints [passed, what failed] as JSON.
import { readFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { runInThisContext } from "node:vm";

const [root, file, polyfill] = process.argv.slice(2);
if (polyfill !== undefined) await import(pathToFileURL(polyfill));
globalThis.self = globalThis;
globalThis.GLOBAL = { isWindow: () => false, isWorker: () => false, isShadowRealm: () => false };
process.on("unhandledRejection", () => {});
const load = (name) => runInThisContext(readFileSync(name, "utf8"), { filename: name });
load(path.join(root, "test/harness/testharness.js"));

// What limits.any.js takes of an older harness, and of a shell.
const classOf = (error) => (typeof error === "function" ? error : error.constructor);
globalThis.assert_throws ??= (error, steps, text) => assert_throws_js(classOf(error), steps, text);
globalThis.promise_rejects ??= (t, error, promise, text) => promise_rejects_js(t, classOf(error), promise, text);
globalThis.assertEquals ??= (a, b, text) => assert_equals(a, b, text);

const results = [];
add_result_callback(({ status, name }) => results.push([status, name]));
const finished = new Promise((resolve) => add_completion_callback(resolve));
setup({ explicit_done: true });
const base = path.join(root, "test/js-api");
for (const [, script] of readFileSync(file, "utf8").matchAll(/^\/\/ META: script=(.*)$/gm)) {
  load(script.startsWith("/wasm/jsapi/") ? path.join(base, script.slice(12)) : path.join(path.dirname(file), script));
}
load(file);
done();
await finished;
const failed = results.filter(([status]) => status !== 0).map(([, name]) => name);
process.stdout.write(`\n${JSON.stringify([results.length - failed.length, failed])}\n`, () => process.exit());
