import { defineConfig } from "vitest/config";

// `npm run test:packed`: the package as npm installs it, by examples and bundlers. It needs npm's registry.
export default defineConfig({
  test: {
    include: ["test/packed/**/*.test.ts"],
    globalSetup: ["test/packed/tarball.ts"],
    testTimeout: 120_000,
    hookTimeout: 600_000,
  },
});
