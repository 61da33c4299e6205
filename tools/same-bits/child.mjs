// Runs programs and hashes their states at five points of fuel: in Node, in Bun, and in pages.

import { createPython } from "../../dist/micropython-wasm/index.js";
import { PythonRecording } from "../../dist/micropython-wasm/receipts.js";
import { hex, ModuleRun, sha256 } from "../../dist/proof/index.js";
import { Engine } from "../../dist/runtime/index.js";

const POINTS = 5;
const MOST = 2 ** 40;
const bytesOf = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));

/** One hash for the five, and how much the whole run used. */
const rowOf = (states, used) => ({ used, hash: hex(sha256(new TextEncoder().encode(states.join(" ")))) });

async function moduleRow({ wasm, call, args }, tier, used) {
  const module = new Engine({ tier }).compile(bytesOf(wasm));
  const run = new ModuleRun({
    ...{ module, fuel: MOST, inputs: {} },
    calls: (instance) => [{ func: instance.getFunc(call), args: args ?? [] }],
  });
  const states = [];
  if (used !== undefined) {
    for (let point = 1; point <= POINTS; point++) {
      await run.runTo(Math.floor((used * point) / POINTS));
      states.push(run.stateHash());
    }
  }
  await run.runTo(MOST);
  return rowOf([...states, run.stateHash()], run.fuelUsed);
}

async function pythonRow({ python: code }, tier, used, artifact) {
  artifact.modules[tier] ??= new Engine({ tier }).compile(bytesOf(artifact.wasm));
  const python = await createPython({ artifact: artifact.modules[tier] });
  const interval = used === undefined ? undefined : Math.floor(used / POINTS);
  const recording = new PythonRecording(interval === undefined ? { checkpoints: false } : { interval }, python);
  const result = await python.run(code, { fuel: 2_000_000_000, observer: recording });
  return rowOf([...recording.checkpoints.states, recording.final], result.fuel.used);
}

/**
 * @param programs by name
 * @param used what each run used, if the points are known
 * @returns by tier and program: what it used, and its hash
 */
export async function report({ programs, wasm, tiers, used }) {
  const artifact = { wasm, modules: {} };
  const rows = {};
  for (const tier of tiers) {
    rows[tier] = {};
    for (const [name, program] of Object.entries(programs)) {
      const row = program.python === undefined ? moduleRow : pythonRow;
      rows[tier][name] = await row(program, tier, used?.[name], artifact);
    }
  }
  return rows;
}
