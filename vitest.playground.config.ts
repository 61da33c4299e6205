import { defineConfig } from "vitest/config";

// `npm run test:playground`: builds the page and tries it in Chromium and Firefox.
export default defineConfig({
  test: {
    include: ["test/playground/**/*.test.ts"],
    globalSetup: ["test/playground/build-page.ts"],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    fileParallelism: false,
  },
});
