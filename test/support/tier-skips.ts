// Files whose tests do not run on the compiler's tier (vitest.tiers.config.ts), each with its reason.

export const TIER_SKIPS: Readonly<Record<string, string>> = {
  "runtime/test/code-archive.test.ts": "only the interpreter's code is saved: on the compiler's tier saving is refused",
  "runtime/compiler/test/tier.test.ts":
    "names the tiers that it compares, and holds what an engine has that is told none",
};
