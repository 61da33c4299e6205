// Artifacts that embedders hand over as bytes, compiled once: sessions with one module share a booted interpreter.

import { Engine, type FuelScheduleName, type Module, type Tier } from "../../runtime/index.js";
import { mendArtifact } from "../emscripten/mend-artifact.js";
import { engineOptions } from "../guest/engine-options.js";

const compiled = new WeakMap<Uint8Array, Map<string, Module>>();

/**
 * The module of these bytes under a fuel schedule; for the same array the same one, so that its bytes must not change.
 * @throws MalformedError, InvalidError; UsageError for an unknown schedule
 */
export function compiledArtifact(bytes: Uint8Array, schedule: FuelScheduleName | undefined, tier?: Tier): Module {
  const engine = new Engine(engineOptions(schedule, tier));
  const key = `${engine.schedule.name} ${engine.tiers.join()}`;
  const known = compiled.get(bytes)?.get(key);
  if (known !== undefined) return known;
  const module = engine.compile(mendArtifact(bytes));
  const modules = compiled.get(bytes) ?? new Map<string, Module>();
  compiled.set(bytes, modules.set(key, module));
  return module;
}
