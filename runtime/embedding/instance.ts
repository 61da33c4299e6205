import type { DecodedModule } from "../../decoder/index.js";
import type { RegisterCode } from "../register-code/register-code.js";
import type { Value } from "../store/convert.js";
import { exportOf } from "../store/exports.js";
import type { FuncInst } from "../store/func.js";
import type { GlobalInst } from "../store/global.js";
import type { MemoryInst } from "../store/memory.js";
import { ModuleInstance } from "../store/module-instance.js";
import type { TableInst } from "../store/table.js";
import type { TagInst } from "../store/tag.js";
import { type CallOptions, callToEnd, callToEndAsync } from "./run.js";
import type { Store } from "./store.js";

/** An instance with its exports; made by a Linker. */
export class Instance extends ModuleInstance {
  constructor(
    module: DecodedModule,
    override readonly store: Store,
    code: RegisterCode,
    globalSlots: number,
  ) {
    super(module, store, code, globalSlots);
  }

  // Each throws UsageError if there is no such export.

  getFunc(name: string): FuncInst {
    return exportOf(this, name, "func");
  }

  getMemory(name: string): MemoryInst {
    return exportOf(this, name, "memory");
  }

  getTable(name: string): TableInst {
    return exportOf(this, name, "table");
  }

  getGlobal(name: string): GlobalInst {
    return exportOf(this, name, "global");
  }

  getTag(name: string): TagInst {
    return exportOf(this, name, "tag");
  }

  /**
   * Calls an exported function and runs it to its end. To pause it, or to learn what it
   * used, make an Execution.
   * @returns its results
   * @throws Trap; UncaughtException; FuelExhausted (a Trap) if `fuel` is not enough;
   *   UsageError if there is no such function or an argument does not fit
   */
  call(name: string, args: readonly Value[] = [], options: CallOptions = {}): Value[] {
    return callToEnd(this.store, this.getFunc(name), args, options);
  }

  /** As {@link call}, for functions that may call asynchronous host functions. */
  async callAsync(name: string, args: readonly Value[] = [], options: CallOptions = {}): Promise<Value[]> {
    return callToEndAsync(this.store, this.getFunc(name), args, options);
  }
}
