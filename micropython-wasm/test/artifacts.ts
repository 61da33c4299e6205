// Sessions on each artifact that is there, for `describe.each`: what both promise is tested on both.

import type { Module } from "../../runtime/index.js";
import type { ArtifactKind } from "../guest/artifact-kind.js";
import { Sandbox } from "../session/sandbox.js";
import type { SandboxOptions } from "../session/sandbox-types.js";
import { unavailable, wasiModule } from "./wasi-artifact.js";

export interface TestArtifact {
  readonly kind: ArtifactKind;
  /** Undefined for the package's own. */
  readonly artifact: Module | undefined;
  create(options?: SandboxOptions): Promise<Sandbox>;
  restore(snapshot: Uint8Array, options?: SandboxOptions): Promise<Sandbox>;
}

function testArtifact(kind: ArtifactKind, artifact: Module | undefined): TestArtifact {
  return {
    kind,
    artifact,
    create: (options) => Sandbox.create({ artifact, ...options }),
    restore: (snapshot, options) => Sandbox.restore(snapshot, { artifact, ...options }),
  };
}

export const ARTIFACTS: readonly TestArtifact[] = [
  testArtifact("emscripten", undefined),
  ...(unavailable === undefined ? [testArtifact("wasi", wasiModule())] : []),
];
