// `python --profile`: a run on an engine that tells of each charge. Where the artifact's virtual machine is known, opcodes
// are seen as they begin; otherwise the program is looked at on the way.
import { createPython, type PythonOptions, type PythonResult } from "../../micropython-wasm/index.js";
import { landmarksOf, PythonMeter, recompiled } from "../../micropython-wasm/profile.js";
import { sandboxModule } from "../../micropython-wasm/receipts.js";
import { Engine, FuelMeter } from "../../runtime/index.js";
import { writeOutput } from "../files.js";
import { UsageFailure } from "../report.js";
import { formatProfile, PROFILE_SUFFIXES } from "./formats.js";
import { lineTrees } from "./line-tree.js";
import { moduleTree } from "./module-tree.js";
import { PythonSamples } from "./python-tree.js";

const BESIDE = "(rewriting of the program)";

export class ProfiledPython {
  private constructor(
    private readonly path: string,
    /** For the interpreter that is to run the program. */
    readonly options: PythonOptions,
    readonly meter: FuelMeter | PythonMeter,
    readonly observer: PythonSamples | undefined,
  ) {}

  /** @throws UsageFailure for a file whose name says no format */
  static async of(path: string, options: PythonOptions): Promise<ProfiledPython> {
    if (!PROFILE_SUFFIXES.some((suffix) => path.endsWith(suffix)))
      throw new UsageFailure(`--profile writes ${PROFILE_SUFFIXES.join(", ")}, by the file's name: not ${path}`);
    const module = await sandboxModule(options as Parameters<typeof sandboxModule>[0]);
    const landmarks = landmarksOf(module.decoded);
    const meter = landmarks === undefined ? new FuelMeter() : new PythonMeter(landmarks);
    const engine = new Engine({ schedule: module.engine.schedule.name as never, chargeListener: meter });
    meter.isOn = false;
    const { build: _, tier: __, ...rest } = options;
    const quiet = { ...options, onStdout: undefined, onStderr: undefined };
    const samples = landmarks === undefined ? new PythonSamples(await createPython(quiet)) : undefined;
    return new ProfiledPython(path, { ...rest, artifact: recompiled(module, engine) }, meter, samples);
  }

  write({ fuel: { used } }: PythonResult, file: string): void {
    const { meter, observer } = this;
    const functions = meter instanceof PythonMeter ? meter.functions : meter;
    const [lines, ...counts] =
      meter instanceof PythonMeter ? lineTrees(meter.root, used, file, BESIDE) : [observer!.tree(used, file)];
    const trees = [lines!, moduleTree(functions, used, BESIDE), ...counts];
    writeOutput(this.path, formatProfile(this.path, trees)!);
  }
}
