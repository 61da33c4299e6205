// `npm run bench -- [--only NAME]... [--quick] [--peers] [--engines NAME,…] [--checksums] …`: suites, in which engines take
// turns and which are written to bench/results/, and sections, which look at one thing of this project. Without --only all
// suites run; --all runs the sections, too.
import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { DEFAULT_FUEL_SCHEDULE, type FuelScheduleName } from "../runtime/index.js";
import { amplificationSection } from "./amplification.js";
import { borderSection } from "./border.js";
import { checksums } from "./contest/checksums.js";
import { runSuite, SUITE_NAMES } from "./contest/contest.js";
import { decodeSection } from "./decode.js";
import { ROOT } from "./engines.js";
import { farmSection } from "./farm.js";
import { fuelSection } from "./fuel.js";
import { largeSection } from "./large.js";
import { loweringSection } from "./lowering.js";
import { FULL, QUICK } from "./measure.js";
import { memorySection } from "./processes.js";
import { receiptsSection } from "./receipts.js";
import { formatSection, type Section } from "./report.js";
import { sandboxSection, sessionsSection } from "./sandbox.js";
import { soakFailures, soakSection } from "./soak.js";
import { suiteSection } from "./suite.js";

const { values } = parseArgs({
  options: {
    only: { type: "string", multiple: true },
    quick: { type: "boolean", default: false },
    // Of sections; suites have their files.
    json: { type: "string" },
    // Sections, too.
    all: { type: "boolean", default: false },
    // Engines of other languages, too: those that bench/peers/install.sh has installed.
    peers: { type: "boolean", default: false },
    engines: { type: "string" },
    // Whether engines agree, and no times.
    checksums: { type: "boolean", default: false },
    results: { type: "string", default: `${ROOT}bench/results` },
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
  memory: () => memorySection(effort),
  large: () => largeSection(effort),
  fuel: () => fuelSection(effort),
  "js-border": () => borderSection(effort),
  sandbox: () => sandboxSection(effort),
  sessions: () => sessionsSection(effort),
  receipts: () => receiptsSection(effort),
  soak: () => soakSection(values.quick ? 7 : 60),
  farm: () => farmSection(effort),
  suite: () => suiteSection(effort),
  amplification: () => amplificationSection(effort, values.schedule as FuelScheduleName),
};

const known = [...SUITE_NAMES, ...Object.keys(SECTIONS)];
const wanted = values.only?.flatMap((list) => list.split(",")) ?? (values.all ? known : SUITE_NAMES);
const unknown = wanted.filter((name) => !known.includes(name));
if (unknown.length > 0) {
  console.error(`no suite or section ${unknown.join(", ")}; there are ${known.join(", ")}`);
  process.exit(2);
}
const contest = {
  quick: values.quick,
  peers: values.peers,
  engines: values.engines?.split(","),
  node: values["engine-binary"],
  results: values.results,
};
if (values.checksums) process.exit((await checksums(contest)) ? 0 : 1);

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
    if (SUITE_NAMES.includes(name)) {
      await runSuite(name, contest);
      continue;
    }
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
    console.error(`${name} failed: ${message}`);
    process.exitCode = 1;
  }
}
if (values.json !== undefined)
  writeFileSync(values.json, `${JSON.stringify({ machine, sections, failures }, null, 2)}\n`);
