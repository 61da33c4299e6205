// What errors say, as in CPython 3.11: programs print it, and compare it. A text is put where the artifact keeps texts
// that nothing reads, and the constants that were the address of the artifact's own text become the address of it.

import { type DecodedModule, decodeModule, InstructionReader, OP } from "../../decoder/index.js";
import { decodeBase64 } from "../guest/base64.js";
import { findByShape } from "./body-shape.js";
import { ERRORS_BASE64 } from "./errors.generated.js";
import { addressOfText, segmentsOf } from "./known-data.js";
import { type Binding, replaceFunctions } from "./replace-functions.js";
import { SectionWriter } from "./section-writer.js";
import { spareSegment, TEXT_BYTES } from "./spare-data.js";
import { POPITEM, POPITEM_BYTES } from "./tables.js";

/** Texts of the artifact's and CPython's, with the same arguments: `%s` is a type's name, `%q` a name, `%d` a number. */
const ERROR_TEXTS: readonly (readonly [artifact: string, cpython: string])[] = [
  ["divide by zero", "division by zero"],
  ["complex divide by zero", "complex division by zero"],
  ["invalid syntax for integer with base %d: ", "invalid literal for int() with base %d: "],
  ["name '%q' isn't defined", "name '%q' is not defined"],
  ["no module named '%q'", "No module named '%q'"],
  ["'%s' object isn't callable", "'%s' object is not callable"],
  ["'%s' object isn't subscriptable", "'%s' object is not subscriptable"],
  ["'%s' object isn't iterable", "'%s' object is not iterable"],
  ["'%s' object isn't an iterator", "'%s' object is not an iterator"],
  ["'%s' object doesn't support item assignment", "'%s' object does not support item assignment"],
  ["type '%q' isn't an acceptable base type", "type '%q' is not an acceptable base type"],
  ["can't convert %s to int", "'%s' object cannot be interpreted as an integer"],
  ["can't convert %s to float", "must be real number, not %s"],
  ["can't convert inf to int", "cannot convert float infinity to integer"],
  ["can't convert NaN to int", "cannot convert float NaN to integer"],
  ["char not in range(0x110000)", "chr() arg not in range(0x110000)"],
  ["%q indices must be integers, not %s", "%q indices must be integers or slices, not %s"],
  ["format string needs more arguments", "not enough arguments for format string"],
  ["format string didn't convert all arguments", "not all arguments converted during string formatting"],
  ["no active exception to reraise", "No active exception to reraise"],
];

/** mp_obj_exception_print() of the builds of 1.28 and 1.29. */
const EXCEPTION_PRINT = "255-854326cdce87a4a2";
const EXCEPTION_PRINT_BYTES = [360, 390] as const;

/** The bytes of an artifact whose errors say what CPython's say; `bytes` themselves if these are not the errors known. */
export function withErrorsOfCPython(bytes: Uint8Array): Uint8Array {
  const { module } = decodeModule(bytes);
  const texts = placeTexts(module);
  const binding = texts && bindErrors(module, texts);
  if (texts === undefined || binding === undefined) return bytes;
  const replaced = replaceFunctions(module, decodeBase64(ERRORS_BASE64), binding);
  return withTexts(decodeModule(replaced).module, texts);
}

function bindErrors(module: DecodedModule, { added }: PlacedTexts): Binding | undefined {
  const print = findByShape(module, EXCEPTION_PRINT, EXCEPTION_PRINT_BYTES);
  const popitem = findByShape(module, POPITEM, POPITEM_BYTES);
  if (print === undefined || popitem === undefined) return undefined;
  // In the order of their calls: mp_obj_get_type_str, mp_print_str three times, …, mp_obj_print_helper.
  const [type_name, print_str, , , , print_object] = print.found.calls;
  const [colon, , os_error] = print.found.addresses;
  const comma = addressOfText(module, ", ");
  const [key_error] = popitem.found.addresses;
  if (comma === undefined) return undefined;
  return {
    replaces: { exception_print: print.funcidx },
    functions: { type_name: type_name!, print_str: print_str!, print_object: print_object! },
    constants: {
      ...{ colon: colon!, key_error: key_error!, open: added.get("(")!, close: added.get(")")! },
      ...{ os_error: os_error!, comma, errno: added.get("[Errno ")!, errno_end: added.get("] ")! },
    },
  };
}

interface PlacedTexts {
  /** Address of the artifact's text → address of CPython's. */
  readonly moved: ReadonlyMap<number, number>;
  /** Texts that the artifact does not have → their addresses. */
  readonly added: ReadonlyMap<string, number>;
  /** What the last data segment begins with. */
  readonly bytes: Uint8Array;
}

/** Places for the texts of CPython; undefined if the artifact has no room for them, or not all the texts. */
function placeTexts(module: DecodedModule): PlacedTexts | undefined {
  const room = spareSegment(module);
  if (room === undefined) return undefined;
  const out = new SectionWriter();
  const place = (text: string): number => {
    const address = room.address + out.take().length;
    out.bytes(new TextEncoder().encode(`${text}\0`));
    return address;
  };
  const moved = new Map<number, number>();
  for (const [artifact, cpython] of ERROR_TEXTS) {
    const address = addressOfText(module, artifact);
    if (address === undefined) return undefined;
    moved.set(address, place(cpython));
  }
  const added = new Map(["(", ")", "[Errno ", "] "].map((text) => [text, place(text)]));
  const bytes = out.take();
  return bytes.length <= TEXT_BYTES ? { moved, added, bytes } : undefined;
}

/** A copy with the texts in it, and constants that are the addresses of what they replace changed to theirs. */
function withTexts(module: DecodedModule, { moved, bytes }: PlacedTexts): Uint8Array {
  const result = new Uint8Array(module.bytes);
  result.set(bytes, segmentsOf(module).at(-1)!.start);
  const reader = new InstructionReader(module.bytes, module.types);
  for (let i = 0; i < module.bodies.length; i++) {
    const body = module.bodies.get(i)!;
    reader.begin(body);
    while (reader.offset < body.end) {
      reader.next();
      const address = reader.opcode === OP["i32.const"] ? moved.get(reader.lo) : undefined;
      if (address === undefined) continue;
      putConstant(result.subarray(reader.start + 1, reader.offset), address);
    }
  }
  return result;
}

/** Writes a signed LEB128 integer in as many bytes as there are, so that what is behind it stays where it is. */
function putConstant(bytes: Uint8Array, value: number): void {
  const last = bytes.length - 1;
  for (let i = 0; i <= last; i++) bytes[i] = ((value >> (7 * i)) & 0x7f) | (i < last ? 0x80 : 0);
}
