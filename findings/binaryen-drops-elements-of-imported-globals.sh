#!/usr/bin/env bash
# What:     optimize() at level 0, and the pass remove-unused-module-elements alone, of a module whose table holds an imported funcref global.
# Version:  binaryen 132.0.0 from npm; the module is made by wabt 1.0.39 and run by V8 of Node 20.
# Expected: `call_indirect` of element 0 gives 42 before and after: the segment `(elem (i32.const 0) funcref (global.get $f))` writes it.
# Seen:     the segment and the import are taken for unused: the call becomes `unreachable`, and with that pass alone meets an empty element.
# Matters:  that is how functions come from one module into the table of another without JavaScript; the optimised module traps.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund wabt@1.0.39 binaryen@132.0.0
cat >seen.mjs <<'JS'
import binaryen from "binaryen";
import wabt from "wabt";
const tools = await wabt();
const { MVP, ReferenceTypes, BulkMemory } = binaryen.Features;
const assemble = (text) => tools.parseWat("module.wat", text, { reference_types: true, bulk_memory: true }).toBinary({}).buffer;
const run = (binary, imports) => new WebAssembly.Instance(new WebAssembly.Module(binary), imports).exports;
const library = run(assemble(`(module (func $f (result i32) (i32.const 42)) (global (export "f") funcref (ref.func $f)))`), {});
const plain = assemble(`(module
  (type $t (func (result i32)))
  (import "library" "f" (global $f funcref))
  (table 1 funcref)
  (elem (i32.const 0) funcref (global.get $f))
  (func (export "call") (result i32) (call_indirect (type $t) (i32.const 0))))`);
function result(change) {
  const module = binaryen.readBinary(plain);
  module.setFeatures(MVP | ReferenceTypes | BulkMemory);
  if (!module.validate()) throw new Error("binaryen does not take the module for valid");
  change(module);
  try {
    return run(module.emitBinary(), { library }).call();
  } catch (error) {
    if (!(error instanceof WebAssembly.RuntimeError)) throw error;
    return error.message;
  }
}
const seen = { plain: run(plain, { library }).call(), "read and written": result(() => undefined) };
seen["remove-unused-module-elements"] = result((module) => module.runPasses(["remove-unused-module-elements"]));
binaryen.setOptimizeLevel(0);
binaryen.setShrinkLevel(0);
seen["optimize()"] = result((module) => module.optimize());
console.log(Object.entries(seen).map(([name, value]) => `${name}: ${value}`).join("; "));
JS
seen=$(node seen.mjs)
expected='plain: 42; read and written: 42; remove-unused-module-elements: null function or function signature mismatch; optimize(): unreachable'
echo "binaryen 132.0.0, node $(node --version): $seen"
[ "$seen" = "$expected" ] || { echo "changed: it was '$expected'"; exit 1; }
