// Engines for artifacts.
import type { EngineOptions, FuelScheduleName, Sha256, Tier } from "../../runtime/index.js";

/** The options of an engine under a fuel schedule and of a tier, the default ones if they are undefined. */
export function engineOptions(schedule: FuelScheduleName | undefined, tier?: Tier): EngineOptions {
  const sha256 = hostSha256();
  const given = { ...(schedule === undefined ? {} : { schedule }), ...(tier === undefined ? {} : { tier }) };
  return { ...given, ...(sha256 === undefined ? {} : { sha256 }) };
}

interface Crypto {
  createHash(name: "sha256"): { update(bytes: Uint8Array): { digest(): Uint8Array } };
}

/** Node's own SHA-256, whose module is loaded when something is hashed; undefined where there is none. */
export function hostSha256(): Sha256 | undefined {
  const { process } = globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } };
  if (process?.getBuiltinModule === undefined) return undefined;
  const { getBuiltinModule } = process;
  return (bytes) => {
    const { createHash } = getBuiltinModule.call(process, "node:crypto") as Crypto;
    return new Uint8Array(createHash("sha256").update(bytes).digest());
  };
}
