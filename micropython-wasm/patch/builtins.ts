// Built-in types that do what CPython's do: the functions of builtins.wat in the place of the artifact's own.

import { type DecodedModule, decodeModule } from "../../decoder/index.js";
import { decodeBase64 } from "../guest/base64.js";
import { bodyShape, findByShape } from "./body-shape.js";
import { BUILTINS_BASE64 } from "./builtins.generated.js";
import { replaceFunctions } from "./replace-functions.js";

/** Shapes, and least and most bytes of the bodies, of the builds of 1.29. */
const PRINT_STRN = ["345-cbb83b3b6ce40b79", [425, 445]] as const;
const GET_TYPE = ["21-95b460c382365d66", [26, 32]] as const;
const IS_SUBCLASS = ["142-37c6d6bd5ef6aaf5", [185, 205]] as const;

/** The bytes of an artifact with the types of builtins.wat; `bytes` themselves if these are not the functions known. */
export function withBuiltinsOfCPython(bytes: Uint8Array): Uint8Array {
  const { module } = decodeModule(bytes);
  const printStrn = findByShape(module, ...PRINT_STRN);
  const getType = findByShape(module, ...GET_TYPE);
  const isSubclass = findByShape(module, ...IS_SUBCLASS);
  if (printStrn === undefined || getType === undefined || isSubclass === undefined) return bytes;
  if (isReplaced(module, isSubclass.funcidx)) return bytes;
  return replaceFunctions(module, decodeBase64(BUILTINS_BASE64), {
    replaces: { print_strn: printStrn.funcidx, is_subclass: isSubclass.funcidx },
    functions: {},
    constants: { types: getType.found.addresses[0]! },
  });
}

/** Whether a function is what was moved to the end when another took its place: that one alone calls it. */
function isReplaced(module: DecodedModule, funcidx: number): boolean {
  let callers = 0;
  for (let i = 0; i < module.bodies.length; i++)
    if (bodyShape(module, module.importedFuncCount + i)!.calls.includes(funcidx)) callers++;
  return callers === 1;
}
