// Emscripten's invoke_* imports: the functions through which C code calls what may longjmp.
import { I32, type Import } from "../../decoder/index.js";
import { Crash, LinkError } from "../errors.js";
import { describeExtern } from "../store/exports.js";
import { FuncInst } from "../store/func.js";
import type { ModuleInstance } from "../store/module-instance.js";
import type { Store } from "../store/store.js";
import { importName } from "./imports.js";

/** What a Linker holds for an invoke import: each instance gets a function of its own. */
export class InvokeImport {
  /** @throws LinkError if the import is not a function whose first parameter is an i32 */
  instantiate(store: Store, entry: Import): FuncInst {
    if (entry.kind !== "func" || store.registry.funcType(entry.typeId).params[0] !== I32) {
      const expected = describeExtern(store.registry, entry);
      throw new LinkError(
        `incompatible import type: ${importName(entry)}: found an invoke function, func [i32 …] -> […], expected ${expected}`,
      );
    }
    const name = `${entry.module}.${entry.name}`;
    const call = () => {
      throw new Crash(`${name} was called as a host function`);
    };
    return new FuncInst(store.registry.funcType(entry.typeId), entry.typeId, null, -1, { name, call, raw: false });
  }
}

/** Completes an invoke function of `instance`, whose exports are all in place. */
export function prepareInvoke(instance: ModuleInstance, func: FuncInst): void {
  const { params, results } = func.type;
  func.invokeTypeId = instance.store.registry.addFuncType(params.slice(1), results);
}
