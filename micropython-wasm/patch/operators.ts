// Errors of operations that say what CPython says: the function of operators.wat in the place of the artifact's own.

import { decodeModule } from "../../decoder/index.js";
import { decodeBase64 } from "../guest/base64.js";
import { findByShape } from "./body-shape.js";
import { addressOfText, firstDataAddress } from "./known-data.js";
import { OPERATORS_BASE64 } from "./operators.generated.js";
import { replaceFunctions } from "./replace-functions.js";

/** Shapes, and least and most bytes of the bodies, of the builds of 1.28 and 1.29. */
const RAISE_FORMAT = ["27-0b51ddfa2d732fe6", [44, 52]] as const;
const BINARY_OP = ["1052-a2a4871d85ec4583", [1340, 1400]] as const;
/** Texts of the artifact's that tell an operation by the name of its method. */
const BINARY = "unsupported types for %q: '%s', '%s'";
const UNARY = "unsupported type for %q: '%s'";
/** The part's own texts end here; no data of the artifact's may be there. */
const OWN_TEXTS_END = 4096;

/** The bytes of an artifact with the errors of operators.wat; `bytes` themselves if these are not the functions known. */
export function withOperators(bytes: Uint8Array): Uint8Array {
  const { module } = decodeModule(bytes);
  const raiseFormat = findByShape(module, ...RAISE_FORMAT);
  const binaryOp = findByShape(module, ...BINARY_OP);
  const binary = addressOfText(module, BINARY);
  const unary = addressOfText(module, UNARY);
  if (raiseFormat === undefined || binaryOp === undefined || binary === undefined || unary === undefined) return bytes;
  if (firstDataAddress(module) < OWN_TEXTS_END) return bytes;
  // …, names of the methods, the type TypeError, the text of the error.
  const binary_names = binaryOp.found.addresses.at(-3)!;
  return replaceFunctions(module, decodeBase64(OPERATORS_BASE64), {
    replaces: { raise_format: raiseFormat.funcidx },
    functions: {},
    constants: { binary, unary, binary_names },
  });
}
