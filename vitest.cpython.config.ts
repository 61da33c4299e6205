// Tests that run CPython, which is no part of this repository: `escapement artifacts add cpython` comes before.
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    // Those of sessions on every Python run here, too: ARTIFACTS of artifacts.ts.
    env: { ESCAPEMENT_PYTHON: "cpython" },
    setupFiles: ["test/support/cpython-rows.ts"],
    include: [
      "**/test/**/*.cpython.ts",
      ...["sandbox.test", "sandbox-snapshot.test", "durable-calls.test", "attacks-table.long"].map(
        (name) => `micropython-wasm/test/${name}.ts`,
      ),
    ],
    exclude: ["node_modules", "dist"],
    testTimeout: 120_000,
    // A worker has CPython's module and image once for all files.
    isolate: false,
    maxWorkers: 1,
  },
});
