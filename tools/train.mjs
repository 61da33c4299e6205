// `npm run train`: how often the blocks of MicroPython run in the training programs, as the profile by which the
// package's own is compiled ahead of time (micropython-wasm/training/README.md).
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { loadArtifact } from "../dist/micropython-wasm/emscripten/artifact-node.js";
import { Sandbox } from "../dist/micropython-wasm/index.js";
import { Engine } from "../dist/runtime/index.js";

const OWN = new URL("../micropython-wasm/training/", import.meta.url);
const TESTED = new URL("../micropython-wasm/test/programs/", import.meta.url);
/** What a benchmark does, too: a profile is to be judged by programs that it never saw. */
const LEFT_OUT = new Set(["n_queens.py"]);
const FUEL = 200_000_000;

const programs = [OWN, TESTED].flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith(".py") && !LEFT_OUT.has(name))
    .sort()
    .map((name) => ({ name, source: readFileSync(new URL(name, folder), "utf8") })),
);

const module = new Engine({ profile: true }).compile(await loadArtifact());
for (const { name, source } of programs) {
  const sandbox = await Sandbox.create({
    artifact: module,
    functions: { add: (a, b) => a + b, echo: (value) => value },
  });
  const { error, fuel } = await sandbox.run(source, { fuel: FUEL });
  if (error !== null) throw new Error(`${name} failed: ${error.message}`);
  console.log(`${name.padEnd(28)} ${fuel.used}`);
}
// Values to and from the host.
const sandbox = await Sandbox.create({ artifact: module, functions: { echo: (value) => value } });
const values = "[1, 2.5, 'text', None, True, {'a': [1, 2]}, (1, 2), b'xy', 10 ** 20]";
const result = await sandbox.run(`[echo(v) for v in ${values}]`, { fuel: FUEL });
if (result.error !== null) throw new Error(`the last expression failed: ${result.error.message}`);
writeFileSync(new URL("standard.profile", OWN), module.profile());
