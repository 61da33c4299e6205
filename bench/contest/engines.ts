// The engines that run in a Node process, by their contestants' names.
import { readFileSync } from "node:fs";
import { type Engine, polywasm, ROOT, v8 } from "../engines.js";
import { escapement } from "../escapement.js";
import { v8Metered, wasm2js } from "./transformed.js";

interface Contestable extends Engine {
  /** What it is. @throws Error that says why this host or build has none */
  version(): Promise<string>;
}

const packageVersion = (folder: string): string =>
  (JSON.parse(readFileSync(`${ROOT}${folder}package.json`, "utf8")) as { version: string }).version;

function hostVersion(): string {
  if (globalThis.WebAssembly === undefined) throw new Error("this host has no WebAssembly");
  return `V8 ${process.versions.v8}`;
}

const binaryenVersion = () => `binaryen ${packageVersion("node_modules/binaryen/")}`;

const ours = (tier: "interpreter" | "compiler" | "ahead-of-time"): Contestable => {
  const engine = escapement(tier);
  return {
    ...engine,
    name: tier,
    async version() {
      await engine.check();
      return `Escapement ${packageVersion("")}`;
    },
  };
};

const ENGINES: readonly Contestable[] = [
  { ...v8, name: "v8", version: async () => hostVersion() },
  { ...v8Metered, version: async () => `${hostVersion()}, ${binaryenVersion()}` },
  { ...polywasm, version: async () => `polywasm ${packageVersion("node_modules/polywasm/")}` },
  { ...wasm2js, version: async () => binaryenVersion() },
  ours("interpreter"),
  ours("compiler"),
  ours("ahead-of-time"),
];

export function engineNamed(name: string): Contestable {
  const engine = ENGINES.find((candidate) => candidate.name === name);
  if (engine === undefined) throw new Error(`there is no engine ${name}`);
  return engine;
}
