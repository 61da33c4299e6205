// `--wasm PATH`: a build of MicroPython in place of the package's own.

import { type ArtifactKind, artifactKind, mendArtifact, SandboxUsageError } from "../micropython-wasm/index.js";
import { Engine, type FuelScheduleName, LinkError, type Module, type Tier } from "../runtime/index.js";
import { STATUS, UsageFailure } from "./report.js";
import { loadModule } from "./validate.js";

export class Artifact {
  private constructor(
    private readonly path: string,
    readonly module: Module,
    readonly kind: ArtifactKind,
  ) {}

  /**
   * The module in a file. One that is not valid has been complained about: then this is the exit status.
   * @throws UsageFailure if there is no such file, or the module is no MicroPython
   */
  static load(path: string, schedule: FuelScheduleName, tier: Tier = "interpreter"): Artifact | number {
    const module = loadModule(path, (bytes) => new Engine({ schedule, tier }).compile(mendArtifact(bytes)));
    if (module === undefined) return STATUS.guestFailed;
    const kind = artifactKind(module);
    if (kind !== undefined) return new Artifact(path, module, kind);
    throw new UsageFailure(
      `${path} is no build of MicroPython: --wasm takes its build for JavaScript, or one for WASI; ` +
        "escapement run is for other modules",
    );
  }

  /** Boots what may turn out not to be MicroPython. @throws UsageFailure if it is not */
  async start<T>(boot: () => Promise<T>): Promise<T> {
    try {
      return await boot();
    } catch (error) {
      if (!(error instanceof SandboxUsageError || error instanceof LinkError)) throw error;
      throw new UsageFailure(`${this.path} does not start as MicroPython: ${error.message}`);
    }
  }
}
