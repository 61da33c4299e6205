// Text that is counted, checked and looked into by words: the functions of text.wat in the place of the artifact's own.

import { decodeModule, OP } from "../../decoder/index.js";
import { decodeBase64 } from "../guest/base64.js";
import { findByShape } from "./body-shape.js";
import { instructionsOf } from "./instructions.js";
import { firstDataAddress } from "./known-data.js";
import { replaceFunctions } from "./replace-functions.js";
import { TEXT_BASE64 } from "./text.generated.js";

/** Shapes, and least and most bytes of the bodies, of the builds of 1.29. */
const CHECK = ["148-b1ccb245346d3b36", [155, 175]] as const;
const COUNT = ["49-e3546971180ce2af", [48, 60]] as const;
const INDEX_OF = ["44-fbcac7180d08806b", [44, 54]] as const;
const POINTER_TO = ["279-e1b4aa95d0fcfcfc", [370, 400]] as const;
const COMPUTE_HASH = ["64-e8423fc623e75b98", [66, 80]] as const;
const UNARY_OP = ["437-301346b9c0babec6", [560, 600]] as const;
/** In the part of the C stack that nothing reaches (operators.wat). */
const IS_ASKED_AT = 3856;

/** The bytes of an artifact with the functions of text.wat; `bytes` themselves if these are not the functions known. */
export function withTextByWords(bytes: Uint8Array): Uint8Array {
  const { module } = decodeModule(bytes);
  const shapes = [CHECK, COUNT, INDEX_OF, POINTER_TO, COMPUTE_HASH, UNARY_OP];
  const found = shapes.map(([shape, sizes]) => findByShape(module, shape, sizes));
  if (found.includes(undefined) || firstDataAddress(module) <= IS_ASKED_AT) return bytes;
  const [check, count, index_of, pointer_to, compute_hash, unary_op] = found.map((one) => one!.funcidx);
  // qstr_compute_hash(data, length)
  const code = instructionsOf(module, unary_op!);
  const call = code.findIndex(({ opcode, index }) => opcode === OP.call && index === compute_hash);
  const length = code[call - 1];
  if (length?.opcode !== OP["local.get"]) return bytes;
  return replaceFunctions(module, decodeBase64(TEXT_BASE64), {
    replaces: {
      check: check!,
      count: count!,
      index_of: index_of!,
      pointer_to: pointer_to!,
      compute_hash: compute_hash!,
    },
    functions: {},
    constants: { is_asked: IS_ASKED_AT },
    edits: { [unary_op!]: [{ start: length.start, end: length.end, local: length.index, name: "asked" }] },
  });
}
