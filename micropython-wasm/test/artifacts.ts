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

/** CPython's instructions for the same are some hundred times as many, and it begins with 40 MiB. */
const CPYTHON_FUEL = 200;

/** The options of a test as CPython needs them: budgets larger by a factor, memory as it has by default. */
function cpythonOptions({ fuel, memory: _, ...options }: SandboxOptions = {}): SandboxOptions {
  const larger = typeof fuel === "number" ? Math.min(fuel * CPYTHON_FUEL, Number.MAX_SAFE_INTEGER) : fuel;
  return { python: "cpython", ...options, ...(larger === undefined ? {} : { fuel: larger }) };
}

const CPYTHON: TestArtifact = {
  kind: "cpython",
  artifact: undefined,
  create: (options) => Sandbox.create(cpythonOptions(options)),
  restore: (snapshot, options) => Sandbox.restore(snapshot, cpythonOptions(options)),
};

/** Under vitest.cpython.config.ts CPython alone: what it cannot do are rows of cpython-rows.ts. */
export const ARTIFACTS: readonly TestArtifact[] =
  process.env["ESCAPEMENT_PYTHON"] === "cpython"
    ? [CPYTHON]
    : [
        testArtifact("emscripten", undefined),
        ...(unavailable === undefined ? [testArtifact("wasi", wasiModule())] : []),
      ];
