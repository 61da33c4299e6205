// Integers that are calculated with, rounded to floats and compared with them as CPython's are: the functions of
// numbers.wat in the place of the artifact's own.

import { type DecodedModule, decodeModule, OP } from "../../decoder/index.js";
import { decodeBase64 } from "../guest/base64.js";
import { bodyShape, findByShape } from "./body-shape.js";
import { instructionsOf } from "./instructions.js";
import { addressOfText } from "./known-data.js";
import { NUMBERS_BASE64 } from "./numbers.generated.js";
import { replaceFunctions } from "./replace-functions.js";

/** Shapes, and least and most bytes of the bodies, of the builds of 1.29. */
const FLOOR = ["6-cf81cd98a34053d9", [16, 20]] as const;
const CEIL = ["6-441924051ef9079f", [16, 20]] as const;
const TRUNC = ["6-829b0443fc01a395", [16, 20]] as const;
/** What is said with an OverflowError. */
const OVERFLOW = "overflow converting long int to machine word";

/** Functions that operators.ts knows: mp_obj_int_binary_op(), mp_binary_op(), mp_raise_msg_varg(), and what allocates. */
export interface KnownFunctions {
  readonly int_op: number;
  readonly binary_op: number;
  readonly raise_format: number;
  readonly allocate: number;
}

/** The bytes of an artifact with the numbers of numbers.wat; `bytes` themselves if these are not the functions known. */
export function withNumbersOfCPython(bytes: Uint8Array, { int_op, ...known }: KnownFunctions): Uint8Array {
  const { module } = decodeModule(bytes);
  const floor = findByShape(module, ...FLOOR);
  const ceil = findByShape(module, ...CEIL);
  const trunc = findByShape(module, ...TRUNC);
  const overflow_error = typeRaisedWith(module, addressOfText(module, OVERFLOW));
  if (floor === undefined || ceil === undefined || trunc === undefined || overflow_error === undefined) return bytes;
  const { addresses, calls } = bodyShape(module, int_op)!;
  const [, , as_float, , new_float, , float_op] = calls;
  return replaceFunctions(module, decodeBase64(NUMBERS_BASE64), {
    replaces: {
      ...{ as_float: as_float!, int_op, float_op: float_op! },
      ...{ floor: floor.funcidx, ceil: ceil.funcidx, trunc: trunc.funcidx },
    },
    functions: { ...known, new_float: new_float! },
    constants: { int: addresses[0]!, float: addresses[1]!, zero_division_error: addresses[4]!, overflow_error },
  });
}

/** The type of the exception that is raised with a text: the constant before it. */
function typeRaisedWith(module: DecodedModule, text: number | undefined): number | undefined {
  for (let i = 0; i < module.bodies.length; i++) {
    const code = instructionsOf(module, module.importedFuncCount + i);
    const at = code.findIndex(({ opcode, lo }) => opcode === OP["i32.const"] && lo === text);
    const before = code[at - 1];
    if (at > 0 && before?.opcode === OP["i32.const"]) return before.lo;
  }
  return undefined;
}
