// Operations that do, and whose errors say, what CPython's do: the functions of operators.wat in the place of the
// artifact's own.

import { type DecodedModule, decodeModule, OP } from "../../decoder/index.js";
import { decodeBase64 } from "../guest/base64.js";
import { findByShape } from "./body-shape.js";
import { instructionsOf } from "./instructions.js";
import { addressOfText, firstDataAddress } from "./known-data.js";
import { withNumbersOfCPython } from "./numbers.js";
import { OPERATORS_BASE64 } from "./operators.generated.js";
import { type Edit, replaceFunctions } from "./replace-functions.js";

/** Shapes, and least and most bytes of the bodies, of the builds of 1.28 and 1.29. */
const RAISE_FORMAT = ["27-0b51ddfa2d732fe6", [44, 52]] as const;
const BINARY_OP = ["1052-a2a4871d85ec4583", [1340, 1400]] as const;
const INSTANCE_BINARY_OP = ["160-f447080437910c51", [205, 235]] as const;
const FLOAT_BINARY_OP = ["551-7b8eed23d65ea932", [810, 860]] as const;
const UNPACK_SEQUENCE = ["256-41011b48d8abdbd4", [335, 360]] as const;
const UNPACK_STAR = ["490-225e92388d2c7fd2", [590, 620]] as const;
const STORE_ATTR = ["100-3895a86605043d78", [148, 168]] as const;
const PARSE_FLOAT = ["548-ed9c5bcee5d61e09", [700, 740]] as const;
/** mp_obj_int_binary_op(), of the builds of 1.29. */
const INT_BINARY_OP = ["706-a0fed09963036935", [960, 1020]] as const;
const ALLOCATE = ["27-61ea01eb85c3df55", [34, 46]] as const;
/** Texts of the artifact's that tell an operation by the name of its method. */
const BINARY = "unsupported types for %q: '%s', '%s'";
const UNARY = "unsupported type for %q: '%s'";
/** The part's own texts end here; no data of the artifact's may be there. */
const OWN_TEXTS_END = 4096;

/** Texts to which the part knows more than the artifact's functions that raise them. */
const UNPACK = "need more than %d values to unpack";
const NO_ATTRIBUTE = "'%s' object has no attribute '%q'";
const BAD_NUMBER = "invalid syntax for number";
/** As errors.ts has it. */
const ZERO_DIVISION = "division by zero";

/** The bytes of an artifact with the operations of operators.wat; `bytes` themselves if these are not the functions known. */
export function withOperators(bytes: Uint8Array): Uint8Array {
  const { module } = decodeModule(bytes);
  const raiseFormat = findByShape(module, ...RAISE_FORMAT);
  const binaryOp = findByShape(module, ...BINARY_OP);
  const instanceOp = findByShape(module, ...INSTANCE_BINARY_OP);
  const found = {
    float_op: findByShape(module, ...FLOAT_BINARY_OP),
    unpack: findByShape(module, ...UNPACK_SEQUENCE),
    unpack_star: findByShape(module, ...UNPACK_STAR),
    store_attr: findByShape(module, ...STORE_ATTR),
    parse_float: findByShape(module, ...PARSE_FLOAT),
    int_op: findByShape(module, ...INT_BINARY_OP),
    allocate: findByShape(module, ...ALLOCATE),
  };
  const texts = {
    binary: addressOfText(module, BINARY),
    unary: addressOfText(module, UNARY),
    unpack: addressOfText(module, UNPACK),
    no_attribute: addressOfText(module, NO_ATTRIBUTE),
    bad_number: addressOfText(module, BAD_NUMBER),
    zero_division: addressOfText(module, ZERO_DIVISION),
  };
  if (raiseFormat === undefined || binaryOp === undefined || instanceOp === undefined) return bytes;
  if (Object.values(found).includes(undefined) || Object.values(texts).includes(undefined)) return bytes;
  if (firstDataAddress(module) < OWN_TEXTS_END) return bytes;
  const funcidx = (name: keyof typeof found) => found[name]!.funcidx;
  // …, names of the methods, the type TypeError, the text of the error.
  const binary_names = binaryOp.found.addresses.at(-3)!;
  const edits = {
    [binaryOp.funcidx]: constantEdits(module, binaryOp.funcidx, texts.zero_division!, 0, "integer_zero"),
    [funcidx("float_op")]: constantEdits(module, funcidx("float_op"), texts.zero_division!, 0, "float_zero"),
    [funcidx("unpack")]: constantEdits(module, funcidx("unpack"), texts.unpack!, 1, "expected"),
    [funcidx("unpack_star")]: [readOf(module, funcidx("unpack_star"), 1, OP["i32.const"], "expected_at_least")],
    [funcidx("store_attr")]: [lastReadOf(module, funcidx("store_attr"), 0, OP.call, "set_in")],
    [funcidx("parse_float")]: constantEdits(module, funcidx("parse_float"), texts.bad_number!, 4, "number_text"),
  };
  if (Object.values(edits).some((those) => those.length === 0 || those.includes(undefined))) return bytes;
  const mended = replaceFunctions(module, decodeBase64(OPERATORS_BASE64), {
    replaces: {
      raise_format: raiseFormat.funcidx,
      binary_op: binaryOp.funcidx,
      instance_binary_op: instanceOp.funcidx,
      parse_float: funcidx("parse_float"),
    },
    functions: { allocate: funcidx("allocate"), int_op: funcidx("int_op") },
    constants: { ...(texts as Record<keyof typeof texts, number>), binary_names },
    edits: edits as Record<number, Edit[]>,
  });
  return withNumbersOfCPython(mended, {
    int_op: funcidx("int_op"),
    binary_op: binaryOp.funcidx,
    raise_format: raiseFormat.funcidx,
    allocate: funcidx("allocate"),
  });
}

/** Calls in the place of the constants of this value. */
function constantEdits(module: DecodedModule, funcidx: number, value: number, local: number, name: string): Edit[] {
  return instructionsOf(module, funcidx)
    .filter(({ opcode, lo }) => opcode === OP["i32.const"] && lo === value)
    .map(({ start, end }) => ({ start, end, local, name }));
}

/** A call in the place of the first reading of a parameter that an instruction follows; undefined if there is none. */
function readOf(module: DecodedModule, funcidx: number, local: number, next: number, name: string): Edit | undefined {
  return readsOf(module, funcidx, local, next, name)[0];
}

function lastReadOf(module: DecodedModule, funcidx: number, local: number, next: number, name: string) {
  return readsOf(module, funcidx, local, next, name).at(-1);
}

function readsOf(module: DecodedModule, funcidx: number, local: number, next: number, name: string): Edit[] {
  const code = instructionsOf(module, funcidx);
  return code
    .filter(({ opcode, index }, i) => opcode === OP["local.get"] && index === local && code[i + 1]?.opcode === next)
    .map(({ start, end }) => ({ start, end, local, name }));
}
