import { defineConfig } from "vitest/config";

// `npm run test:browser`: apart from the other tests, since it needs Chromium.
export default defineConfig({
  test: {
    include: ["test/browser/**/*.test.ts"],
    globalSetup: ["test/support/build-cli.ts"],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Each file keeps all cores busy.
    fileParallelism: false,
  },
});
