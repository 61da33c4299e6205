// The WASI build for tests, compiled once per test file.

import { readFileSync } from "node:fs";
import { Engine, type FuelScheduleName, type Module } from "../../runtime/index.js";
import { FetchError, wasiArtifactPath } from "./fetch-wasi-artifact.js";

let path: string | undefined;
/** Why there is no artifact; undefined if there is one. */
export let unavailable: string | undefined;

try {
  path = wasiArtifactPath();
} catch (error) {
  if (!(error instanceof FetchError)) throw error;
  unavailable = error.message;
  console.warn(`tests of the WASI build are skipped: ${unavailable}`);
}

const modules = new Map<FuelScheduleName, Module>();

/** The artifact's bytes. */
export function wasiBytes(): Uint8Array {
  return readFileSync(path!);
}

/** The artifact, compiled under a fuel schedule. */
export function wasiModule(schedule: FuelScheduleName = "escapement-2"): Module {
  let module = modules.get(schedule);
  if (module === undefined) {
    module = new Engine({ schedule }).compile(wasiBytes());
    modules.set(schedule, module);
  }
  return module;
}
