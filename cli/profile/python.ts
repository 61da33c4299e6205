// `python --profile`: a run on a metered engine, whose program is looked at on the way.
import { createPython, type PythonOptions, type PythonResult } from "../../micropython-wasm/index.js";
import { sandboxModule } from "../../micropython-wasm/receipts.js";
import { Engine, type FuelMeter } from "../../runtime/index.js";
import { writeOutput } from "../files.js";
import { UsageFailure } from "../report.js";
import { formatProfile, PROFILE_SUFFIXES } from "./formats.js";
import { moduleTree } from "./module-tree.js";
import { PythonSamples } from "./python-tree.js";

export class ProfiledPython {
  private constructor(
    private readonly path: string,
    /** For the interpreter that is to run the program. */
    readonly options: PythonOptions,
    readonly meter: FuelMeter,
    readonly observer: PythonSamples,
  ) {}

  /** @throws UsageFailure for a file whose name says no format */
  static async of(path: string, options: PythonOptions): Promise<ProfiledPython> {
    if (!PROFILE_SUFFIXES.some((suffix) => path.endsWith(suffix)))
      throw new UsageFailure(`--profile writes ${PROFILE_SUFFIXES.join(", ")}, by the file's name: not ${path}`);
    const module = await sandboxModule(options as Parameters<typeof sandboxModule>[0]);
    const engine = new Engine({ schedule: module.engine.schedule.name as never, meter: true });
    const meter = engine.meter!;
    meter.isOn = false;
    const { build: _, tier: __, ...rest } = options;
    const quiet = { ...options, onStdout: undefined, onStderr: undefined };
    const samples = new PythonSamples(await createPython(quiet));
    return new ProfiledPython(path, { ...rest, artifact: engine.compile(module.decoded.bytes) }, meter, samples);
  }

  write({ fuel: { used } }: PythonResult, file: string): void {
    const trees = [this.observer.tree(used, file), moduleTree(this.meter, used, "(rewriting of the program)")];
    writeOutput(this.path, formatProfile(this.path, trees)!);
  }
}
