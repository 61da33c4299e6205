// Builds life.ts with asc, and runs it: metered, paused at an instruction, saved, and gone on with in another store.
// `node main.mjs` in a folder where `npm install escapement assemblyscript` was run.
import { readFileSync } from "node:fs";
import asc from "assemblyscript/asc";
import {
  captureStore,
  decodeSnapshot,
  Engine,
  Execution,
  encodeSnapshot,
  hostFunc,
  Linker,
  restoreStore,
  Store,
} from "escapement";

/** The module's bytes. */
async function build() {
  let bytes;
  const { error, stderr } = await asc.main(["life.ts", "-O3", "--runtime", "minimal", "--outFile", "life.wasm"], {
    readFile: (name) => (name === "life.ts" ? readFileSync(new URL(name, import.meta.url), "utf8") : null),
    writeFile: (_, contents) => {
      bytes = contents;
    },
    listFiles: () => [],
  });
  if (error) throw new Error(stderr.toString());
  return bytes;
}

const engine = new Engine();
const module = engine.compile(await build());

/** A store with the module in it, which has no more than it is given. */
function world() {
  const store = new Store(engine, { limits: { memoryBytes: 2 ** 20 } });
  const linker = new Linker(engine);
  linker.define(
    "env",
    "report",
    hostFunc(engine, { params: ["i32", "i32"], results: [] }, (caller, generation, alive) => {
      // What the host does has its price, too.
      caller.chargeFuel(1000);
      console.log(`generation ${generation}: ${alive} alive, ${caller.fuelUsed} fuel`);
    }),
  );
  linker.define(
    "env",
    "abort",
    hostFunc(engine, { params: ["i32", "i32", "i32", "i32"], results: [] }, () => {
      throw new Error("the module called abort");
    }),
  );
  const instance = linker.instantiate(store, module);
  return { store, instance, subject: { store, instances: [instance] } };
}

const first = world();
first.instance.call("seed", [42]);
const execution = new Execution(first.store).start(first.instance.getFunc("next"), [12]);
console.log("run:", execution.run(4_000_000));

// The fuel is used up in the midst of a generation. All that the call and its store are is in these bytes.
const bytes = encodeSnapshot(captureStore(first.subject, { execution }));
console.log(`saved: ${bytes.length} bytes`);

const second = world();
const restored = restoreStore(decodeSnapshot(bytes).picture, second.subject);
console.log("restored:", restored.run(100_000_000));
console.log("first:", execution.run(100_000_000));
console.log("same fuel:", restored.fuelUsed === execution.fuelUsed, restored.fuelUsed);
