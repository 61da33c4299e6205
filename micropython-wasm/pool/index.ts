// Runs on all cores of the machine; for Node, and not reachable from micropython-wasm/index.ts.
export {
  PoolError,
  type PoolErrorKind,
  type PoolRunOptions,
  type PoolTenant,
  SandboxPool,
  type SandboxPoolOptions,
} from "./pool.js";
export type { PoolResult, PoolSandboxOptions, PoolSetup } from "./task.js";
export type { TenantLimits } from "./tenant-queue.js";
