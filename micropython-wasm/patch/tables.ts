// Dicts that keep their order, and tables that do not become slow: the functions of tables.wat in the place of the
// artifact's own, found by their shape and by what they call.

import { type DecodedModule, decodeModule } from "../../decoder/index.js";
import { decodeBase64 } from "../guest/base64.js";
import { type BodyShape, bodyShape, findByShape } from "./body-shape.js";
import { type Binding, replaceFunctions } from "./replace-functions.js";
import { TABLES_BASE64 } from "./tables.generated.js";

/** mp_map_lookup() of the builds of 1.28 and 1.29. */
const LOOKUP = "826-59f69afabbd8ac82";
const LOOKUP_BYTES = [950, 1020] as const;
/** The functions of py/map.c around it, in their order: distance from it and shape. */
const NEIGHBOURS = {
  map_init: [-4, "47-7d5be7202be14621"],
  map_rehash: [1, "170-0416cfbc6d75d542"],
  set_init: [2, "23-4a07535a797ad892"],
  set_lookup: [3, "288-a9468257d9ccbd11"],
  set_rehash: [4, "147-f2763c1bd486dda8"],
  set_remove_first: [5, "104-d623f89f7335320e"],
} as const;
export const POPITEM = "125-3db7a69e368a185e";
export const POPITEM_BYTES = [170, 190] as const;
const TUPLE_UNARY_OP = "126-8abccf26530427fc";
const TUPLE_UNARY_OP_BYTES = [140, 190] as const;

/** The bytes of an artifact whose tables are those of tables.wat; `bytes` themselves if these are not the tables known. */
export function withOrderedTables(bytes: Uint8Array): Uint8Array {
  const { module } = decodeModule(bytes);
  const binding = bindTables(module);
  return binding === undefined ? bytes : replaceFunctions(module, decodeBase64(TABLES_BASE64), binding);
}

function bindTables(module: DecodedModule): Binding | undefined {
  const lookup = findByShape(module, LOOKUP, LOOKUP_BYTES);
  if (lookup === undefined) return undefined;
  const near: Record<string, { funcidx: number; found: BodyShape }> = {};
  for (const [name, [distance, shape]] of Object.entries(NEIGHBOURS)) {
    const funcidx = lookup.funcidx + distance;
    const found = bodyShape(module, funcidx);
    if (found?.shape !== shape) return undefined;
    near[name] = { funcidx, found };
  }
  const popitem = findByShape(module, POPITEM, POPITEM_BYTES);
  const tuple_unary_op = findByShape(module, TUPLE_UNARY_OP, TUPLE_UNARY_OP_BYTES);
  if (popitem === undefined || tuple_unary_op === undefined) return undefined;
  // In the order of their calls: mp_obj_equal, m_realloc, mp_map_rehash, qstr_hash, mp_unary_op, …
  const [equal, , rehash, qstr_hash, unary_op] = lookup.found.calls;
  // The interpreter's state and the place of the cache in it, each of them where the cache is read and written.
  const [state, cache, str_type] = lookup.found.addresses;
  const [malloc0, , free] = near.map_rehash!.found.calls;
  const [, new_tuple] = popitem.found.calls;
  if (rehash !== near.map_rehash!.funcidx) return undefined;
  return {
    replaces: {
      map_init: near.map_init!.funcidx,
      map_lookup: lookup.funcidx,
      set_init: near.set_init!.funcidx,
      set_lookup: near.set_lookup!.funcidx,
      set_remove_first: near.set_remove_first!.funcidx,
      dict_popitem: popitem.funcidx,
      tuple_unary_op: tuple_unary_op.funcidx,
    },
    functions: {
      equal: equal!,
      qstr_hash: qstr_hash!,
      unary_op: unary_op!,
      malloc0: malloc0!,
      free: free!,
      new_tuple: new_tuple!,
    },
    constants: { str_type: str_type!, lookup_cache: state! + cache! },
  };
}
