// Tests of the farm, which start Redis (redis-server of Debian's) and workers: npm run test:farm.
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["farm/test/**/*.farm.ts"],
    exclude: ["node_modules", "dist"],
    globalSetup: ["test/support/build-cli.ts"],
    testTimeout: 600_000,
    hookTimeout: 60_000,
    // Each has a Redis and workers of its own, on as many cores as there are.
    maxWorkers: 1,
  },
});
