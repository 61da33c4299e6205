// Which store an extern belongs to: what is linked, called or stored as a reference must be of one store.
import type { TypeRegistry } from "../../decoder/index.js";
import { FuncInst } from "./func.js";
import type { Owner } from "./owner.js";
import { TagInst } from "./tag.js";

/** A memory, table or global: of one store. */
interface Owned {
  readonly store: Owner;
}

/** Functions of the host and tags belong to every store of the engine in whose registry their type is. */
export function belongsTo(owner: Owner, extern: FuncInst | TagInst | Owned): boolean {
  if (extern instanceof TagInst) return hasType(owner.registry, extern);
  if (!(extern instanceof FuncInst)) return extern.store === owner;
  const instance = extern.instance ?? extern.invokeInstance;
  return instance === null ? hasType(owner.registry, extern) : instance.store === owner;
}

function hasType(registry: TypeRegistry, extern: FuncInst | TagInst): boolean {
  return extern.typeId < registry.size && registry.get(extern.typeId).comp === extern.type;
}
