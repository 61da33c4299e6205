// Long forms of tests, fuzzing above all: npm run test:long.
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    env: { ESCAPEMENT_FORM: "long" },
    include: ["**/test/**/*.long.ts"],
    exclude: ["node_modules", "dist", "bench/build"],
    globalSetup: ["test/support/build-cli.ts"],
    testTimeout: 1_800_000,
    maxWorkers: "100%",
  },
});
