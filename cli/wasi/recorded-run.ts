// A module's run of which a receipt can be written, and which can be made again from it: all that it gets is data.
import { ModuleRun, type Receipt, type RunEnd } from "../../proof/index.js";
import type { FuelScheduleName, Instance, Module, RunResult, StoreLimits } from "../../runtime/index.js";
import { ProcExit } from "../../runtime/wasi/index.js";
import { NODE_TOOLS, ReceiptWorld } from "./receipt-world.js";
import { formatValue } from "./values.js";

/** What a receipt's `inputs` say of a module's run. */
export interface ModuleInputs {
  readonly invoke: string | null;
  /** Arguments of the function that is called, as text. */
  readonly args: readonly string[];
  /** Of a WASI module: argument list, environment, seed; null for others. */
  readonly wasi: {
    readonly argv: readonly string[];
    readonly env: Readonly<Record<string, string>>;
    readonly seed: number;
    /** SHA-256 of standard input. */
    readonly stdin: string;
  } | null;
}

export interface RecordedRun {
  readonly module: Module;
  readonly args: readonly unknown[];
  readonly inputs: ModuleInputs;
  readonly limits: Partial<StoreLimits>;
  readonly fuel: number;
  readonly stdin: Uint8Array;
  readonly onOutput?: (name: "stdout" | "stderr", bytes: Uint8Array) => void;
}

/** The run that a receipt is or was made of. */
export function recordedRun(options: RecordedRun): ModuleRun {
  const { module, args, inputs, limits, fuel, stdin, onOutput } = options;
  const { invoke, wasi } = inputs;
  const schedule = module.engine.schedule.name as FuelScheduleName;
  const world = wasi === null ? undefined : new ReceiptWorld({ ...wasi, args: wasi.argv, schedule, stdin, onOutput });
  const calls = (instance: Instance) => {
    const names = [];
    // A reactor is made ready before anything of it is called.
    if (wasi !== null && instance.exports.has("_initialize")) names.push("_initialize");
    if (invoke !== null) names.push(invoke);
    else if (instance.exports.has("_start")) names.push("_start");
    return names.map((name) => ({
      func: instance.getFunc(name),
      args: (name === invoke ? args : []) as never[],
    }));
  };
  return new ModuleRun({
    ...{ module, limits, calls, fuel, tools: NODE_TOOLS, inputs: { ...inputs } },
    ...(world === undefined ? {} : { world }),
  });
}

/** How the run ended, as the receipt says it. */
export function statusOf({ result, func }: RunEnd): Pick<Receipt, "status" | "value"> {
  if (result === null) return { status: "done", value: [] };
  return describe(result, func);
}

function describe(result: RunResult, func: RunEnd["func"]): Pick<Receipt, "status" | "value"> {
  switch (result.status) {
    case "done":
      return {
        status: "done",
        value: result.results.map((value, i) => formatValue(value, func!.type.results[i]!)),
      };
    case "paused":
      return { status: "out-of-fuel", value: null };
    case "threw":
      return { status: "threw", value: null };
    case "trapped":
      return { status: "trapped", value: result.error.message };
    case "failed": {
      const error: Error = result.error;
      if (error instanceof ProcExit) return { status: "exited", value: error.code };
      return { status: "failed", value: error.message };
    }
  }
}
