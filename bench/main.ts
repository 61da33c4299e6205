// `npm run bench -- [--only SECTION]... [--quick] [--json FILE] [--engine-binary NODE]`
import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { DEFAULT_FUEL_SCHEDULE, type FuelScheduleName } from "../runtime/index.js";
import { amplificationSection } from "./amplification.js";
import { borderSection } from "./border.js";
import { ENGINES } from "./contestants.js";
import { decodeSection } from "./decode.js";
import { gcSection, simdSection } from "./feature-kernels.js";
import { fuelSection } from "./fuel.js";
import { largeSection } from "./large.js";
import { loweringSection } from "./lowering.js";
import { FULL, QUICK } from "./measure.js";
import { bootSection, jitlessSection, memorySection } from "./processes.js";
import { formatSection, type Section } from "./report.js";
import { sandboxSection, sessionsSection } from "./sandbox.js";
import { soakFailures, soakSection } from "./soak.js";
import { kernelSection, programSection } from "./speed.js";
import { suiteSection } from "./suite.js";

const { values } = parseArgs({
  options: {
    only: { type: "string", multiple: true },
    quick: { type: "boolean", default: false },
    json: { type: "string" },
    // A Node binary whose V8 has what this one lacks.
    "engine-binary": { type: "string" },
    // Of the section `amplification`.
    schedule: { type: "string", default: DEFAULT_FUEL_SCHEDULE.name },
  },
});
const effort = values.quick ? QUICK : FULL;

const SECTIONS: Readonly<Record<string, () => Section | Promise<Section>>> = {
  decode: () => decodeSection(effort),
  lowering: () => loweringSection(),
  boot: () => bootSection(ENGINES, effort),
  memory: () => memorySection(effort),
  large: () => largeSection(effort),
  kernels: () => kernelSection(ENGINES, effort),
  micropython: () => programSection(ENGINES, effort),
  fuel: () => fuelSection(effort),
  border: () => borderSection(effort),
  simd: () => simdSection(effort),
  gc: () => gcSection(effort, values["engine-binary"]),
  sandbox: () => sandboxSection(effort),
  sessions: () => sessionsSection(effort),
  soak: () => soakSection(values.quick ? 7 : 60),
  suite: () => suiteSection(effort),
  jitless: () => jitlessSection(ENGINES, effort),
  amplification: () => amplificationSection(effort, values.schedule as FuelScheduleName),
};

const wanted = values.only?.flatMap((list) => list.split(",")) ?? Object.keys(SECTIONS);
const unknown = wanted.filter((name) => !(name in SECTIONS));
if (unknown.length > 0) {
  console.error(`no section ${unknown.join(", ")}; there are ${Object.keys(SECTIONS).join(", ")}`);
  process.exit(2);
}

const machine = {
  node: process.version,
  v8: process.versions.v8,
  cpu: cpus()[0]?.model ?? "unknown",
  cores: cpus().length,
  effort,
};
console.log(`# Escapement's benchmarks\n\nNode ${machine.node}, V8 ${machine.v8}, ${machine.cores} x ${machine.cpu}\n`);
const sections: Section[] = [];
const failures: { readonly name: string; readonly message: string }[] = [];
for (const name of wanted) {
  try {
    const section = await SECTIONS[name]!();
    sections.push(section);
    console.log(formatSection(section));
    if (section.name === "soak") {
      const soaked = soakFailures(section);
      if (soaked.length > 0) throw new Error(soaked.join("\n"));
    }
  } catch (error) {
    // Not rethrown: Node would print the failing line, and the glue's is 200 KB long.
    const message = String(error instanceof Error ? error.stack : error);
    failures.push({ name, message });
    console.error(`section ${name} failed: ${message}`);
    process.exitCode = 1;
  }
}
if (values.json !== undefined)
  writeFileSync(values.json, `${JSON.stringify({ machine, sections, failures }, null, 2)}\n`);
