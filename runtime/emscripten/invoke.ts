// Emscripten's invoke_* imports: the functions through which C code calls what may longjmp.
import { I32, type Import, InstructionReader, OP, type TypeRegistry } from "../../decoder/index.js";
import { importName } from "../embedding/imports.js";
import { Crash, LinkError } from "../errors.js";
import { describeExtern } from "../store/exports.js";
import { FuncInst } from "../store/func.js";
import type { GlobalInst } from "../store/global.js";
import type { ModuleInstance } from "../store/module-instance.js";
import type { StoreState } from "../store/store-state.js";
import { enterInvoke, enterLongjmp } from "./invoke-frames.js";

/** What a Linker holds for an invoke import: each instance gets a function of its own. */
export class InvokeImport {
  /** @throws LinkError if the import is not a function whose first parameter is an i32 */
  instantiate(store: StoreState, entry: Import): FuncInst {
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
    return new FuncInst(store.registry.funcType(entry.typeId), entry.typeId, null, -1, {
      name,
      call,
      raw: false,
      enter: enterInvoke,
    });
  }
}

/** Emscripten's `_emscripten_throw_longjmp`, of a type without parameters and results. */
export function longjmpFunc(registry: TypeRegistry, name: string): FuncInst {
  const typeId = registry.addFuncType([], []);
  const call = () => {
    throw new Crash(`${name} was called as a host function`);
  };
  const host = { name, call, raw: false, enter: enterLongjmp, isLongjmp: true } as const;
  return new FuncInst(registry.funcType(typeId), typeId, null, -1, host);
}

/**
 * Completes an instance with the invoke functions that were made for it, once its exports are in place.
 * @throws LinkError if it does not export what longjmp needs, as Emscripten makes it:
 *   `setThrew`, and `emscripten_stack_get_current` or `stackSave`
 */
export function prepareInvokes(instance: ModuleInstance, invokes: readonly FuncInst[]): void {
  if (invokes.length === 0) return;
  const { registry } = instance.store;
  for (const func of invokes) {
    const { params, results } = func.type;
    func.invokeTypeId = registry.addFuncType(params.slice(1), results);
    func.invokeInstance = instance;
  }
  const setThrew = definedFunc(instance, "setThrew");
  if (setThrew === undefined || setThrew.typeId !== registry.addFuncType([I32, I32], [])) {
    throw new LinkError("a module that imports invoke functions exports setThrew, func [i32 i32] -> []");
  }
  instance.setThrew = setThrew;
  instance.stackPointerWord = stackPointer(instance).slot * 2;
}

/** The global that holds the C stack pointer: what the function that reads it reads. */
function stackPointer(instance: ModuleInstance): GlobalInst {
  const getter = definedFunc(instance, "emscripten_stack_get_current") ?? definedFunc(instance, "stackSave");
  const global = getter === undefined ? undefined : globalReadBy(instance, getter);
  if (global?.cells !== instance.globalCells || global.type.type !== I32) {
    throw new LinkError(
      "a module that imports invoke functions exports emscripten_stack_get_current or stackSave, " +
        "which returns its stack pointer, an i32 global",
    );
  }
  return global;
}

function definedFunc(instance: ModuleInstance, name: string): FuncInst | undefined {
  const extern = instance.exports.get(name);
  return extern instanceof FuncInst && extern.instance === instance ? extern : undefined;
}

/** The global that a function of the form `global.get g` reads. */
function globalReadBy({ module, globals }: ModuleInstance, func: FuncInst): GlobalInst | undefined {
  const body = module.bodies.get(func.index)!;
  const reader = new InstructionReader(module.content.array, module.types).begin(body);
  reader.next();
  const { opcode, index } = reader;
  if (opcode !== OP["global.get"]) return undefined;
  reader.next();
  return reader.opcode === OP.end && reader.offset === body.end ? globals[index] : undefined;
}
