// Sandboxes with small limits.
import { Sandbox, type SandboxOptions } from "../../../index.js";
import type { SandboxFactory } from "../../table-types.js";

export function sandboxes(options: SandboxOptions = {}): SandboxFactory {
  const all = { fuel: 5_000_000, memory: "32MiB", ...options };
  return { create: () => Sandbox.create(all), restore: (snapshot) => Sandbox.restore(snapshot, all) };
}
