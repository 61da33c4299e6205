import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["**/test/**/*.test.ts"],
    exclude: ["node_modules", "dist", "bench/build"],
    testTimeout: 60_000,
  },
});
