// Table objects. https://webassembly.github.io/spec/js-api/#tables
import { HEAP_EXN, heapTypeOf, type TableType, topHeap } from "../../decoder/index.js";
import { EscapementError } from "../errors.js";
import type { Ref } from "../store/refs.js";
import { TableInst } from "../store/table.js";
import type { Agent } from "./agent.js";
import { defaultRef, refToJS, toWasmRef } from "./convert.js";
import { addTypeMethod, reflectTable, toInitial } from "./type-reflection.js";
import { toElementType } from "./value-types.js";
import { fromAddress, requireArguments, shapeInterface, toAddress, toDictionary, toEnum } from "./web-idl.js";

/** https://webassembly.github.io/spec/js-api/#limits */
export const MAX_TABLE_SIZE = 10_000_000;

function toTableType(agent: Agent, descriptor: unknown): TableType {
  const what = "WebAssembly.Table()";
  const members = toDictionary(descriptor, `${what}: Argument 0`);
  const { element } = members;
  if (element === undefined) throw new TypeError(`${what}: Property 'element' is required`);
  const type = toElementType(agent.engine.registry, element, `${what}: Property 'element'`);
  const { address } = members;
  const is64 = address !== undefined && toEnum(address, ["i32", "i64"], `${what}: Property 'address'`) === "i64";
  const min = toInitial(members, agent.typeReflection, is64, what);
  const { maximum } = members;
  const max = maximum === undefined ? undefined : toAddress(maximum, is64, `${what}: Property 'maximum'`);
  if (max !== undefined && max < min) {
    throw new RangeError(`${what}: Property 'maximum': value ${max} is below the lower bound ${min}`);
  }
  if (min > MAX_TABLE_SIZE) {
    throw new RangeError(`${what}: Property 'initial': value ${min} is above the upper bound ${MAX_TABLE_SIZE}`);
  }
  return { limits: { min, max }, element: type, is64 };
}

export function makeTable(agent: Agent) {
  const tableOf = (object: unknown, method: string): TableInst => {
    const table = agent.tables.thingOf(object);
    if (table === undefined) throw new TypeError(`${method}: Receiver is not a WebAssembly.Table`);
    return table;
  };

  /** The reference that an argument is, or stands for if it is missing. @throws TypeError */
  const toRef = ({ type: { element } }: TableInst, given: boolean, value: unknown, what: string): Ref => {
    if (given) return toWasmRef(agent, value, element);
    const ref = defaultRef(element);
    if (ref === undefined) throw new TypeError(`${what}: the element type has no default value`);
    return ref;
  };

  const checkVisible = ({ type: { element } }: TableInst, what: string): void => {
    if (topHeap(agent.engine.registry, heapTypeOf(element)) === HEAP_EXN) {
      throw new TypeError(`${what}: elements of the table are exceptions, which JavaScript does not see`);
    }
  };

  const checkIndex = (table: TableInst, index: number, what: string): number => {
    if (index < table.length) return index;
    const type = agent.engine.registry.describe(table.type.element);
    throw new RangeError(`${what}: invalid address ${index} in ${type} table of size ${table.length}`);
  };

  class Table {
    constructor(descriptor: unknown, ...rest: unknown[]) {
      requireArguments(arguments.length, 1, "WebAssembly.Table()");
      const type = toTableType(agent, descriptor);
      const ref =
        rest.length === 0 || rest[0] === undefined
          ? defaultRef(type.element)!
          : toWasmRef(agent, rest[0], type.element);
      try {
        agent.tables.link(this, new TableInst(type, agent.store, ref));
      } catch (error) {
        if (error instanceof EscapementError) throw new RangeError(`WebAssembly.Table(): ${error.message}`);
        throw error;
      }
    }

    grow(delta: unknown, ...rest: unknown[]): number | bigint {
      const what = "WebAssembly.Table.grow()";
      const table = tableOf(this, what);
      requireArguments(arguments.length, 1, what);
      const { is64 } = table.type;
      const count = toAddress(delta, is64, `${what}: Argument 0`);
      const ref = toRef(table, rest.length > 0 && rest[0] !== undefined, rest[0], what);
      const fits = table.length + count <= MAX_TABLE_SIZE;
      const old = fits ? growTable(table, count, ref) : -1;
      if (old < 0) throw new RangeError(`${what}: failed to grow table by ${count}`);
      return fromAddress(old, is64);
    }

    get(index: unknown): unknown {
      const what = "WebAssembly.Table.get()";
      const table = tableOf(this, what);
      requireArguments(arguments.length, 1, what);
      checkVisible(table, what);
      const at = toAddress(index, table.type.is64, `${what}: Argument 0`);
      return refToJS(agent, table.at(checkIndex(table, at, what)));
    }

    set(index: unknown, ...rest: unknown[]): void {
      const what = "WebAssembly.Table.set()";
      const table = tableOf(this, what);
      requireArguments(arguments.length, 1, what);
      checkVisible(table, what);
      const at = toAddress(index, table.type.is64, `${what}: Argument 0`);
      const ref = toRef(table, rest.length > 0, rest[0], what);
      table.setRaw(checkIndex(table, at, what), ref);
    }

    get length(): number | bigint {
      const table = tableOf(this, "WebAssembly.Table.length");
      return fromAddress(table.length, table.type.is64);
    }
  }
  if (agent.typeReflection) {
    addTypeMethod(Table.prototype, (object) => {
      const { type, length } = tableOf(object, "WebAssembly.Table.type()");
      return reflectTable(agent.engine.registry, { ...type, limits: { ...type.limits, min: length } });
    });
  }
  shapeInterface(Table, "Table", 1);

  /** "Create a table object". */
  const objectOf = (table: TableInst): object => {
    let object = agent.tables.objectOf(table);
    if (object === undefined) {
      object = Object.create(Table.prototype) as object;
      agent.tables.link(object, table);
    }
    return object;
  };
  return { Table, objectOf };
}

/** The old length, or −1. */
function growTable(table: TableInst, count: number, ref: Ref): number {
  try {
    return table.growRaw(count, ref);
  } catch (error) {
    if (error instanceof EscapementError) return -1;
    throw error;
  }
}
