import { defineConfig } from "vitest/config";
import { TIER_SKIPS } from "./test/support/tier-skips.js";

// `npm run test:compiler`: the runtime's tests on the compiler, everything compiled at its first call. `npm run
// test:stress`: compiled code is left at random, too. What the interpreter gives is what they expect.
export default defineConfig(({ mode }) => ({
  test: {
    env: { ESCAPEMENT_TIER: mode },
    include: ["runtime/**/test/**/*.test.ts"],
    exclude: ["node_modules", "dist", ...Object.keys(TIER_SKIPS)],
    globalSetup: ["test/support/build-cli.ts"],
    setupFiles: ["test/support/default-tier.ts"],
    testTimeout: 120_000,
    isolate: false,
    maxWorkers: "100%",
  },
}));
