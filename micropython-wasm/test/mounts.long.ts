// Folders of the host's in sandboxes on a WASI build; mounts.test.ts has the default artifact.

import { describe } from "vitest";
import { testMounts } from "./mounts-suite.js";
import { unavailable, wasiModule } from "./wasi-artifact.js";

describe.skipIf(unavailable !== undefined)("mounts on a WASI build", () => {
  const artifact = unavailable === undefined ? wasiModule() : undefined;
  testMounts({ artifact }, { links: true });
});
