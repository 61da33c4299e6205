// Where an artifact's code does what a profile of Python programs is about: begins an opcode, asks for memory, calls the
// host. Each is an instruction's offset in the module as it is compiled, and the variables that then say what about.

import { type DecodedModule, OP } from "../../decoder/index.js";
import { NATIVE_AREA } from "../guest/native-calls.js";
import { instructionsOf, type ReadInstruction, sequenceIn } from "./instructions.js";

export interface Landmarks {
  /** mp_execute_bytecode() notes where an opcode begins: `code_state->ip = ip`. */
  readonly opcode: { readonly offset: number; readonly codeState: number; readonly ip: number };
  /** gc_alloc() is entered, with the bytes that are asked for in its first parameter. */
  readonly allocation: { readonly offset: number };
  /** gc_realloc() takes the blocks from `first` to `end` behind an object. */
  readonly growth: { readonly offset: number; readonly first: number; readonly end: number };
  /** The function of calls.wat is entered: (callee, count, named, arguments). */
  readonly hostCall: { readonly offset: number };
  /** Address of the variable with the newest pool of interned strings. */
  readonly lastPool: number;
}

/** No other function of an artifact that has a switch over opcodes is as large. */
const LEAST_VM_BYTES = 8192;
/** What four blocks behind a first one are in the heap's table (heap.wat, blocks.wat). */
const FOUR_MORE = 0xaaaaaaaa | 0;
/** Where qstr_find_strn() begins to hash (strings.wat). */
const HASH_SEED = 5381;
/** Places in `code_state`. */
const IP_AT = 4;

/** Undefined for an artifact that lacks one of them, or where they are not understood. */
export function landmarksOf(module: DecodedModule): Landmarks | undefined {
  let opcode: Landmarks["opcode"] | undefined;
  let hostCall: number | undefined;
  let lastPool: number | undefined;
  /** Functions that go through the heap's table by words. */
  const heap: number[] = [];
  for (let i = 0; i < module.bodies.length; i++) {
    const funcidx = module.importedFuncCount + i;
    const code = instructionsOf(module, funcidx);
    const has = (constant: number) => code.some(({ opcode, lo }) => opcode === OP["i32.const"] && lo === constant);
    if (module.bodies.size(i) >= LEAST_VM_BYTES) opcode ??= opcodeIn(code);
    if (has(FOUR_MORE)) heap.push(funcidx);
    if (has(NATIVE_AREA)) hostCall = module.bodies.get(i)!.start;
    if (has(HASH_SEED)) lastPool ??= lastPoolIn(code);
  }
  // gc_alloc(), gc_try_add_heap(), gc_free(), gc_nbytes(), gc_realloc() follow each other.
  const [alloc, free, realloc] = heap as [number, number, number];
  if (heap.length !== 3 || free !== alloc + 2 || realloc !== alloc + 4) return undefined;
  const growth = growthIn(instructionsOf(module, realloc));
  if (opcode === undefined || growth === undefined || hostCall === undefined || lastPool === undefined)
    return undefined;
  const allocation = { offset: module.bodies.get(alloc - module.importedFuncCount)!.start };
  return { opcode, allocation, growth, hostCall: { offset: hostCall }, lastPool };
}

/** `code_state->ip = ip; … *ip++`, where both are variables, and code_state is the same one in all of the function. */
function opcodeIn(code: readonly ReadInstruction[]): Landmarks["opcode"] | undefined {
  const { "local.get": get, "local.set": set, "local.tee": tee, "i32.const": constant, "i32.add": add } = OP;
  const [state, ip, store, again, one] = sequenceIn(code, [get, get, OP["i32.store"], get, constant, add, set]) ?? [];
  if (state === undefined || store?.lo !== IP_AT || again?.index !== ip?.index || one?.lo !== 1) return undefined;
  const codeState = state.index;
  if (code.some(({ opcode, index }) => (opcode === set || opcode === tee) && index === codeState)) return undefined;
  return { offset: store.start, codeState, ip: ip!.index };
}

/** The one memory.fill: of `(end - first) << 4` bytes. */
function growthIn(code: readonly ReadInstruction[]): Landmarks["growth"] | undefined {
  const at = code.findIndex(({ opcode }) => opcode === OP["memory.fill"]);
  const [end, first, minus, four, shift] = code.slice(Math.max(0, at - 5), at);
  if (end?.opcode !== OP["local.get"] || first?.opcode !== OP["local.get"]) return undefined;
  if (minus?.opcode !== OP["i32.sub"] || four?.lo !== 4 || shift?.opcode !== OP["i32.shl"]) return undefined;
  return { offset: code[at]!.start, first: first.index, end: end.index };
}

/** `pool = MP_STATE_VM(last_pool)`. */
function lastPoolIn(code: readonly ReadInstruction[]): number | undefined {
  const [address, load] = sequenceIn(code, [OP["i32.const"], OP["i32.load"], OP["local.set"]]) ?? [];
  return load?.lo === 0 ? address?.lo : undefined;
}
