// The imports of the artifact, without those that the engine provides itself.

import type { GuestImport, GuestImports } from "../guest/engine-port.js";
import type { Environment } from "../world/environment.js";
import type { Bridge } from "./bridge.js";
import { systemCalls } from "./system-calls.js";

export function artifactImports(environment: Environment, bridge: Bridge): GuestImports {
  const env: Record<string, GuestImport> = {};
  const wasi: Record<string, GuestImport> = {};
  for (const [name, fn] of Object.entries(systemCalls(environment))) (name.startsWith("fd_") ? wasi : env)[name] = fn;
  Object.assign(env, bridge.imports(environment.hostCalls));
  return { env, wasi_snapshot_preview1: wasi };
}
