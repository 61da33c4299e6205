// What an allocation costs beyond its base price, where the size is known from the type.
import { type InstructionReader, OP } from "../../decoder/index.js";
import { BULK_FIXED_NEW, extraCost } from "../fuel-schedule.js";
import { elementStorage, storageBytes, structLayout } from "../store/heap.js";
import type { ModuleContext } from "./module-context.js";

const STRUCT_NEW = OP["struct.new"];
const STRUCT_NEW_DEFAULT = OP["struct.new_default"];
const ARRAY_NEW_FIXED = OP["array.new_fixed"];

/** For the instruction just read: the price of the object's size. It is paid with the segment. */
export function allocationPrice({ module, schedule }: ModuleContext, reader: InstructionReader): number {
  const { opcode, index, index2 } = reader;
  if (opcode === STRUCT_NEW || opcode === STRUCT_NEW_DEFAULT) {
    return extraCost(schedule, BULK_FIXED_NEW, 1, structLayout(module.registry, module.types[index]!).size);
  }
  if (opcode === ARRAY_NEW_FIXED) {
    const storage = elementStorage(module.registry, module.types[index]!);
    return extraCost(schedule, BULK_FIXED_NEW, index2, storageBytes(storage));
  }
  return 0;
}
