// Floats printed as CPython prints them: the function of floats.wat in the place of the artifact's own.

import { type DecodedModule, decodeModule, OP } from "../../decoder/index.js";
import { decodeBase64 } from "../guest/base64.js";
import { findByShape } from "./body-shape.js";
import { FLOATS_BASE64 } from "./floats.generated.js";
import { instructionsOf, type ReadInstruction, sequenceIn } from "./instructions.js";
import { type Edit, replaceFunctions } from "./replace-functions.js";
import { scratchOf, spareSegment } from "./spare-data.js";

/** mp_format_float() of the builds of 1.29. */
const FORMAT_FLOAT = "1714-be91c814d6455c63";
const FORMAT_FLOAT_BYTES = [1900, 2050] as const;
/** mp_obj_str_format_helper(). */
const FORMAT_HELPER = "2377-e82331f37bf083ca";
const FORMAT_HELPER_BYTES = [2980, 3110] as const;
const LETTER_G = 103;

/** The bytes of an artifact whose floats are printed exactly; `bytes` themselves if it is not one of those known. */
export function withExactFloats(bytes: Uint8Array): Uint8Array {
  const { module } = decodeModule(bytes);
  const format = findByShape(module, FORMAT_FLOAT, FORMAT_FLOAT_BYTES);
  const spare = spareSegment(module);
  if (format === undefined || spare === undefined) return bytes;
  const formats = findByShape(module, FORMAT_HELPER, FORMAT_HELPER_BYTES);
  const edits = formats && formatEdits(module, formats.funcidx);
  if (edits === undefined) return bytes;
  return replaceFunctions(module, decodeBase64(FLOATS_BASE64), {
    replaces: { format_float: format.funcidx },
    functions: {},
    constants: { scratch: scratchOf(spare) },
    edits: { [formats!.funcidx]: edits },
  });
}

/** In mp_obj_str_format_helper(): the type of a float's format without one, and how it is printed. */
function formatEdits(module: DecodedModule, funcidx: number): Edit[] | undefined {
  const code = instructionsOf(module, funcidx);
  // type == 0 ? 'g' : type, and that == 'n' ? 'g' : that
  const type = sequenceIn(code, [
    ...[OP["i32.const"], OP["local.get"], OP["i32.const"], OP["local.get"], OP["i32.const"], OP["i32.and"], OP.select],
  ]);
  if (type === undefined || type[0]!.lo !== LETTER_G || type[2]!.lo !== LETTER_G) return undefined;
  const behind = code.slice(code.indexOf(type.at(-1)!));
  // mp_print_float(&print, mp_obj_get_float(arg), type, flags, fill, width, precision), not that of '%'
  const print = sequenceIn(behind, [
    ...[OP["local.get"], OP.call, OP["local.get"], OP["local.get"], OP["local.get"], OP["local.get"], OP["local.get"]],
    ...[OP.call, OP.drop],
  ]);
  if (print === undefined) return undefined;
  const edit = ({ start, end }: ReadInstruction, local: number, name: string) => ({ start, end, local, name });
  return [
    edit(type[2]!, type[1]!.index, "type_of_format"),
    edit(print[3]!, print[3]!.index, "flags_of_format"),
    edit(print[6]!, print[6]!.index, "precision_of_format"),
  ];
}
