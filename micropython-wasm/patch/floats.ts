// Floats printed as CPython prints them: the function of floats.wat in the place of the artifact's own.

import { decodeModule } from "../../decoder/index.js";
import { decodeBase64 } from "../guest/base64.js";
import { findByShape } from "./body-shape.js";
import { FLOATS_BASE64 } from "./floats.generated.js";
import { replaceFunctions } from "./replace-functions.js";
import { scratchOf, spareSegment } from "./spare-data.js";

/** mp_format_float() of the builds of 1.29. */
const FORMAT_FLOAT = "1714-be91c814d6455c63";
const FORMAT_FLOAT_BYTES = [1900, 2050] as const;

/** The bytes of an artifact whose floats are printed exactly; `bytes` themselves if it is not one of those known. */
export function withExactFloats(bytes: Uint8Array): Uint8Array {
  const { module } = decodeModule(bytes);
  const format = findByShape(module, FORMAT_FLOAT, FORMAT_FLOAT_BYTES);
  const spare = spareSegment(module);
  if (format === undefined || spare === undefined) return bytes;
  return replaceFunctions(module, decodeBase64(FLOATS_BASE64), {
    replaces: { format_float: format.funcidx },
    functions: {},
    constants: { scratch: scratchOf(spare) },
  });
}
