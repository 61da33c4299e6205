// Random numbers that are CPython's: the functions of random.wat in the place of the artifact's own.

import { type DecodedModule, decodeModule, OP } from "../../decoder/index.js";
import { decodeBase64 } from "../guest/base64.js";
import { bodyShape, findByShape } from "./body-shape.js";
import { instructionsOf } from "./instructions.js";
import { firstDataAddress } from "./known-data.js";
import { RANDOM_BASE64 } from "./random.generated.js";
import { type Edit, replaceFunctions } from "./replace-functions.js";

/** Shapes, and least and most bytes of the bodies, of the builds of 1.29. */
const SEED = ["55-65108f97cbef7de7", [88, 106]] as const;
const GET_BUFFER = ["77-d7a2c3b43fb5e2a7", [98, 118]] as const;
const GET_FLOAT_CALLER = ["37-58343c7a847aa016", [74, 94]] as const;
/** What follows the function that seeds, in the order of the source. */
const BEHIND = [
  "37-c6055a2b135e8cbb", // getrandbits()
  "95-799aaddb23c00ee7", // yasmarang()
  "285-80c7cd79545c8095", // randrange()
  "95-1c3df7b127c4be8d", // randint()
  "76-b031689d0a59a6ac", // choice()
  "22-ecf516b7cf8473b3", // random()
  GET_FLOAT_CALLER[0], // uniform()
];
/** In the C stack that the artifact has of its own, and that nothing reaches: behind what heap.ts and lexer.ts have there. */
const STATE_AT = 0xc000;
const STATE_END = 0xca00;

/** The bytes of an artifact with random numbers of CPython's; `bytes` themselves if these are not the functions known. */
export function withRandomOfCPython(bytes: Uint8Array): Uint8Array {
  const { module } = decodeModule(bytes);
  const seed = findByShape(module, ...SEED);
  const buffer = findByShape(module, ...GET_BUFFER);
  if (seed === undefined || buffer === undefined || firstDataAddress(module) < STATE_END) return bytes;
  const first = seed.funcidx + 1;
  if (BEHIND.some((shape, i) => bodyShape(module, first + i)?.shape !== shape)) return bytes;
  const [getrandbits, next, randrange, randint, choice, random, uniform] = BEHIND.map((_, i) => first + i);
  const calls = (funcidx: number) => bodyShape(module, funcidx)!.calls;
  // mp_js_random_u32(), mp_obj_get_int_truncated()
  const [random_u32, get_int_truncated] = seed.found.calls;
  // mp_obj_get_int(), yasmarang(), mp_obj_new_int_from_uint()
  const [, , new_int] = calls(getrandbits!);
  const [get_float] = calls(uniform!);
  const new_float = calls(random!).at(-1);
  const edits = Object.fromEntries(
    [randrange!, randint!, choice!].map((funcidx) => [funcidx, maskEdits(module, funcidx, next!)] as const),
  );
  if (Object.values(edits).some((those) => those.length === 0)) return bytes;
  return replaceFunctions(module, decodeBase64(RANDOM_BASE64), {
    replaces: {
      init: seed.funcidx - 1,
      seed: seed.funcidx,
      getrandbits: getrandbits!,
      next: next!,
      random: random!,
      uniform: uniform!,
    },
    functions: {
      random_u32: random_u32!,
      get_int_truncated: get_int_truncated!,
      get_buffer: buffer.funcidx,
      new_int: new_int!,
      new_float: new_float!,
      get_float: get_float!,
    },
    constants: { state: STATE_AT },
    edits,
  });
}

/** In `yasmarang() & mask`: calls in the place of the mask. */
function maskEdits(module: DecodedModule, funcidx: number, next: number): Edit[] {
  const code = instructionsOf(module, funcidx);
  return code
    .filter(({ opcode }, i) => {
      const before = code[i - 1];
      return opcode === OP["local.get"] && before?.opcode === OP.call && before.index === next;
    })
    .map(({ start, end, index }) => ({ start, end, local: index, name: "top_bits" }));
}
