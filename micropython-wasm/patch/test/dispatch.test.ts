// Variables that a dispatch clears are cleared where they are used: V8 runs both forms of generated switches alike, and
// the artifacts' dispatch clears none.

import { beforeAll, expect, test } from "vitest";
import wabt from "wabt";
import { Engine, Execution, Linker, Store } from "../../../runtime/index.js";
import { ARTIFACT_BUILDS } from "../../emscripten/artifact-build.js";
import { loadArtifact, loadPublished } from "../../emscripten/artifact-node.js";
import { withLeanDispatch } from "../dispatch.js";

let assemble: (text: string) => Uint8Array;
beforeAll(async () => {
  const { parseWat } = await wabt();
  assemble = (text) => {
    const module = parseWat("switch.wat", text);
    const { buffer } = module.toBinary({});
    module.destroy();
    return buffer;
  };
});

const CASES = 20;
const FIRST = 2;

/**
 * A loop that takes a case by each digit of its parameter, and adds up what the cases make of their variables.
 * @param bodies what case i does with local i + 2, in place of counting in it
 */
function program(bodies: Readonly<Record<number, string>> = {}): string {
  const cases = Array.from({ length: CASES }, (_, i) => i);
  const count = (i: number) =>
    `(local.set ${FIRST + i} (i32.add (local.get ${FIRST + i}) (i32.const ${i + 1}))) ` +
    `(local.set $sum (i32.add (local.get $sum) (local.get ${FIRST + i})))`;
  const blocks = cases.map((i) => `(block $case${i} `).join("");
  const clear = cases.map((i) => `(local.set ${FIRST + i} (i32.const 0))`).join(" ");
  const table = cases.map((i) => `$case${i}`).join(" ");
  const arms = cases.map((i) => `) ${bodies[i] ?? count(i)} (br $more)`).join("\n");
  return `(module (func (export "run") (param $digits i32) (result i32) (local $sum i32)
    ${cases.map(() => "(local i32)").join(" ")}
    (block $done (loop $next (block $more ${clear} (block $none
      ${blocks} (br_table ${table} $none (i32.rem_u (local.get $digits) (i32.const ${CASES + 1})))
      ${arms} )
      (local.set $sum (i32.add (local.get $sum) (i32.const 1000))))
      (local.set $digits (i32.div_u (local.get $digits) (i32.const ${CASES + 1})))
      (br_if $next (local.get $digits))))
    (local.get $sum)))`;
}

const INPUTS = Array.from({ length: 400 }, (_, i) => ((i * 2_654_435_761) % 4_294_967_296) | 0);

function results(bytes: Uint8Array): number[] {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes as Uint8Array<ArrayBuffer>));
  return INPUTS.map(exports.run as (digits: number) => number);
}

function fuelOf(bytes: Uint8Array): number {
  const engine = new Engine();
  const store = new Store(engine);
  const instance = new Linker(engine).instantiate(store, engine.compile(bytes));
  const execution = new Execution(store).start(instance.getFunc("run"), [123_456_789]);
  execution.run(1_000_000);
  return execution.fuelUsed;
}

test("each variable is cleared in the case that uses it", () => {
  const before = assemble(program());
  const after = withLeanDispatch(before);
  expect(after).not.toBe(before);
  expect(after.length).toBe(before.length);
  expect(results(after)).toEqual(results(before));
  // Seven digits, each of which cleared twenty variables in two instructions, and clears one at the most.
  expect(fuelOf(before) - fuelOf(after)).toBeGreaterThanOrEqual(7 * 2 * (CASES - 1));
  // Nothing is left to do.
  expect(withLeanDispatch(after)).toBe(after);
});

test.each([
  ["read by two cases", { 3: "(local.set $sum (i32.add (local.get 6) (local.get $sum)))" }],
  ["read behind the switch", { 5: "(local.set 7 (i32.const 9)) (br $none)" }],
  [
    "read in a loop of its case",
    {
      4: "(loop $l (br_if $l (i32.lt_u (local.tee 6 (i32.add (local.get 6) (i32.const 1))) (i32.const 5)))) (local.set $sum (i32.add (local.get $sum) (local.get 6)))",
    },
  ],
  [
    "fallen into from another case",
    { 1: "(local.set 4 (i32.const 77)) (br_if $more (i32.and (local.get $digits) (i32.const 1)))" },
  ],
])("a variable that is %s keeps its value", (_name, bodies) => {
  const behind = "(local.set $sum (i32.add (local.get $sum) (i32.const 1000)))";
  const text = program(bodies).replace(behind, `${behind} (local.set $sum (i32.add (local.get $sum) (local.get 7)))`);
  const before = assemble(text);
  expect(results(withLeanDispatch(before))).toEqual(results(before));
});

test("a case that others jump to clears nothing that they have set", () => {
  // Case 0 falls into case 1, whose variable it has set.
  const text = program({ 0: "(local.set 3 (i32.const 50)) (br_if $more (i32.eqz (local.get $digits)))" }).replace(
    "(local.get $digits))) (br $more)\n",
    "(local.get $digits)))\n",
  );
  const before = assemble(text);
  expect(results(withLeanDispatch(before))).toEqual(results(before));
});

test.each(ARTIFACT_BUILDS)("of the build %s", async (build) => {
  // The package's form is mended already.
  const artifact = await loadArtifact(build);
  expect(withLeanDispatch(artifact)).toBe(artifact);
  const published = await loadPublished(build);
  expect(withLeanDispatch(published)).not.toBe(published);
});
