import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["**/test/**/*.test.ts"],
    exclude: ["node_modules", "dist", "bench/build", "test/browser", "test/playground", "test/packed"],
    globalSetup: ["test/support/build-cli.ts"],
    setupFiles: ["test/support/default-tier.ts"],
    testTimeout: 60_000,
    // Files share a worker's modules, and so a loop that V8 has compiled already: a fifth less time.
    isolate: false,
    maxWorkers: "100%",
  },
});
