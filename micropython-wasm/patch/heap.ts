// The collector that runs during runs, in the place of the artifact's own: functions of heap.wat; of blocks.wat those
// that find and free blocks, and of strings.wat the one that finds interned strings. The artifact's are found by what they
// do and by what they call.

import { type DecodedModule, decodeModule, OP } from "../../decoder/index.js";
import { decodeBase64 } from "../guest/base64.js";
import { BLOCKS_BASE64 } from "./blocks.generated.js";
import { type BodyShape, bodyShape, findByShape } from "./body-shape.js";
import { HEAP_BASE64 } from "./heap.generated.js";
import { instructionsOf, sequenceIn } from "./instructions.js";
import { LEXER_TABLES_END } from "./lexer.js";
import { type Binding, replaceFunctions } from "./replace-functions.js";
import { STRINGS_BASE64 } from "./strings.generated.js";

/** What ends a call from outside, and collects then if it is to: gc_collect_start(), gc_collect_root(), gc_collect_end(). */
const END_OF_CALL = "63-6b386bfe9ead10c8";
const END_OF_CALL_BYTES = [100, 130] as const;
/** gc_collect(): `gc_collect_pending = true`. */
const COLLECT = "6-7907d13127e9bbf5";
const COLLECT_BYTES = [8, 16] as const;
/** gc.collect(): `gc_collect(); return None`. */
const PY_COLLECT = "4-accb663d1d43dd29";
const PY_COLLECT_BYTES = [6, 12] as const;
const ALLOC_BYTES = [1100, 1600] as const;
/** gc_free(). */
const FREE: readonly string[] = ["211-b2c4e5c61818ecb8", "211-79ef3b769e44c39c"];
const FIND_BYTES = [300, 400] as const;
const HASH_SEED = 5381;
/** Bytes of the C stack that the artifact has of its own: the index of strings and one word lie there (strings.wat). */
const INDEX_AT = 8192;
const STACK_BASE_AT = 4096;
const HINT_AT = LEXER_TABLES_END;

/** The bytes of an artifact with the functions of heap.wat, blocks.wat and strings.wat; `bytes` themselves if it is none that is known. */
export function withCollector(bytes: Uint8Array): Uint8Array {
  const { module } = decodeModule(bytes);
  const heap = bindHeap(module);
  if (heap === undefined) return bytes;
  const parts: [string, Binding | undefined][] = [
    [HEAP_BASE64, heap],
    [BLOCKS_BASE64, bindBlocks(module, heap)],
    [STRINGS_BASE64, bindStrings(module)],
  ];
  let mended = bytes;
  for (const [part, binding] of parts)
    if (binding !== undefined) mended = replaceFunctions(decodeModule(mended).module, decodeBase64(part), binding);
  return mended;
}

function bindHeap(module: DecodedModule): Binding | undefined {
  const ending = findByShape(module, END_OF_CALL, END_OF_CALL_BYTES)?.found;
  if (ending === undefined) return undefined;
  const [gc_collect_start, gc_collect_root, gc_collect_end] = ending.calls as [number, number, number];
  const pending = ending.addresses[2]!;
  const gc_collect = only(module, COLLECT_BYTES, (found) => found.shape === COLLECT && found.addresses[0] === pending);
  const py_gc_collect = only(module, PY_COLLECT_BYTES, ({ shape, calls }) => {
    return shape === PY_COLLECT && calls[0] === gc_collect?.funcidx;
  });
  // It calls gc_collect() three times, and gc_try_add_heap() twice.
  const alloc = only(module, ALLOC_BYTES, ({ calls }) => {
    return calls.length === 5 && calls.filter((called) => called === gc_collect?.funcidx).length === 3;
  });
  const gc_try_add_heap = alloc?.found.calls[2];
  const realloc = alloc && bodyShape(module, alloc.funcidx + 4);
  if (gc_collect === undefined || py_gc_collect === undefined || gc_try_add_heap === undefined) return undefined;
  if (realloc?.calls[0] !== alloc!.funcidx || realloc.calls[1] !== alloc!.funcidx) return undefined;
  const start = instructionsOf(module, gc_collect_start);
  // gc_alloc_amount = 0; area = &MP_STATE_MEM(area)
  const amount = sequenceIn(start, [OP["i32.const"], OP["i32.const"], OP["i32.store"]]);
  const area = sequenceIn(start, [OP["i32.const"], OP["i32.const"], OP["i32.add"]]);
  const lock = sequenceIn(instructionsOf(module, alloc!.funcidx + 4), [OP["i32.const"], OP["i32.load16_u"]]);
  const names = ["_emscripten_stack_restore", "emscripten_stack_get_current", "mp_js_init"] as const;
  const [restore, current, init] = names.map((name) => exported(module, name));
  const resize = module.imports.filter(({ kind }) => kind === "func").findIndex(isResize);
  if (amount === undefined || area === undefined || lock === undefined || resize < 0) return undefined;
  if (restore === undefined || current === undefined || init === undefined || !hasOwnStack(module)) return undefined;
  const allocated = amount[0]!.lo + amount[2]!.lo;
  return {
    replaces: {
      gc_collect: gc_collect.funcidx,
      py_gc_collect: py_gc_collect.funcidx,
      gc_try_add_heap,
      gc_realloc: alloc!.funcidx + 4,
      mp_js_init: init,
      _emscripten_stack_restore: restore,
    },
    functions: {
      ...{ gc_collect_start, gc_collect_root, gc_collect_end },
      emscripten_resize_heap: resize,
      emscripten_stack_get_current: current,
    },
    constants: {
      ...{ allocated, pending },
      threshold: allocated + 4,
      first_area: area[0]!.lo + area[1]!.lo,
      lock_depth: lock[0]!.lo + lock[1]!.lo,
      stack_base: STACK_BASE_AT,
    },
  };
}

function bindBlocks(module: DecodedModule, heap: Binding): Binding | undefined {
  // gc_alloc(), gc_try_add_heap(), gc_free(), gc_nbytes(), gc_realloc() follow each other.
  const gc_alloc = heap.replaces["gc_realloc"]! - 4;
  const gc_free = gc_alloc + 2;
  const { first_area, allocated, threshold, lock_depth } = heap.constants;
  if (!FREE.includes(bodyShape(module, gc_free)?.shape ?? "")) return undefined;
  // … gc_alloc_amount, gc_alloc_threshold, gc_last_free_area
  const last_area = allocated! + 8;
  const code = instructionsOf(module, gc_alloc);
  const reads = code.some(({ opcode, lo }, i) => {
    const base = code[i - 1];
    return opcode === OP["i32.load"] && base?.opcode === OP["i32.const"] && base.lo + lo === last_area;
  });
  if (!reads) return undefined;
  return {
    replaces: { gc_alloc, gc_free },
    functions: {},
    constants: {
      first_area: first_area!,
      last_area,
      hint: HINT_AT,
      allocated: allocated!,
      threshold: threshold!,
      lock_depth: lock_depth!,
    },
  };
}

function bindStrings(module: DecodedModule): Binding | undefined {
  // qstr_find_strn(): the seed of the hash, and calls of strncmp() and memcmp().
  const find = only(module, FIND_BYTES, ({ calls, addresses }) => calls.length === 2 && addresses[0] === HASH_SEED);
  if (find === undefined) return undefined;
  // pool = MP_STATE_VM(last_pool)
  const code = instructionsOf(module, find.funcidx);
  const pool = sequenceIn(code, [OP["i32.const"], OP["i32.load"], OP["local.tee"], OP["i32.eqz"]]);
  if (pool === undefined) return undefined;
  return {
    replaces: { qstr_find_strn: find.funcidx },
    functions: { memcmp: find.found.calls[1]! },
    constants: { last_pool: pool[0]!.lo + pool[1]!.lo, index: INDEX_AT },
  };
}

/** The one function of a size that is meant. */
function only(
  module: DecodedModule,
  [least, most]: readonly [number, number],
  is: (found: BodyShape) => boolean,
): { readonly funcidx: number; readonly found: BodyShape } | undefined {
  const those: { funcidx: number; found: BodyShape }[] = [];
  for (let i = 0; i < module.bodies.length; i++) {
    const size = module.bodies.size(i);
    if (size < least || size > most) continue;
    const funcidx = module.importedFuncCount + i;
    const found = bodyShape(module, funcidx)!;
    if (is(found)) those.push({ funcidx, found });
  }
  return those.length === 1 ? those[0] : undefined;
}

function isResize({ module, name }: { readonly module: string; readonly name: string }): boolean {
  return module === "env" && name === "emscripten_resize_heap";
}

function exported({ exports }: DecodedModule, name: string): number | undefined {
  return exports.find((entry) => entry.name === name && entry.kind === "func")?.index;
}

/** Whether the C stack, which the host moves away, leaves room for the index and the hint. emscripten_stack_init() sets its ends. */
function hasOwnStack(module: DecodedModule): boolean {
  const init = exported(module, "emscripten_stack_init");
  if (init === undefined) return false;
  const [base, , end] = instructionsOf(module, init);
  return base!.lo >= HINT_AT + 16 && end!.lo === 0;
}
