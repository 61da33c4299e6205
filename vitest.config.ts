import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["**/test/**/*.test.ts"],
    exclude: ["node_modules", "dist", "bench/build", "test/browser"],
    globalSetup: ["test/support/build-cli.ts"],
    testTimeout: 60_000,
  },
});
