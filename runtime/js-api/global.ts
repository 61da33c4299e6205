// Global objects. https://webassembly.github.io/spec/js-api/#globals
import { type GlobalType, isRef, type ValType } from "../../decoder/index.js";
import { writeRaw } from "../store/convert.js";
import { GlobalInst } from "../store/global.js";
import { holdsHeapObjects } from "../store/heap-trace.js";
import type { RawValue } from "../store/refs.js";
import type { Agent } from "./agent.js";
import { defaultRef, isOpaque, rawToJS, toWasmRaw } from "./convert.js";
import { addTypeMethod, reflectGlobal } from "./type-reflection.js";
import { toValueType } from "./value-types.js";
import { requireArguments, shapeInterface, toDictionary } from "./web-idl.js";

/** global_alloc. */
export function allocateGlobal({ store }: Agent, type: GlobalType, value: RawValue): GlobalInst {
  // More than 64 bytes, so that V8 keeps the cells off its heap.
  const global = new GlobalInst(type, store, new Int32Array(new ArrayBuffer(128)), [null, null], 0);
  writeRaw(global.cells, global.refs, 0, type.type, value, store, "initial value");
  if (holdsHeapObjects(store.registry, type.type)) store.addRoot(global);
  return global;
}

function defaultValue(type: ValType): RawValue {
  return isRef(type) ? defaultRef(type)! : 0n;
}

export function makeGlobal(agent: Agent) {
  const globalOf = (object: unknown, method: string): GlobalInst => {
    const global = agent.globals.thingOf(object);
    if (global === undefined) throw new TypeError(`${method}: Receiver is not a WebAssembly.Global`);
    return global;
  };
  const checkVisible = (type: ValType, what: string): void => {
    if (!isOpaque(agent, type)) return;
    throw new TypeError(`${what}: JavaScript sees no value of type ${agent.engine.registry.describe(type)}`);
  };
  const read = (object: unknown, what: string): unknown => {
    const global = globalOf(object, what);
    checkVisible(global.type.type, what);
    return rawToJS(agent, global.raw, global.type.type);
  };

  class Global {
    constructor(descriptor: unknown, value?: unknown) {
      const what = "WebAssembly.Global()";
      requireArguments(arguments.length, 1, what);
      const members = toDictionary(descriptor, `${what}: Argument 0`);
      const mutable = Boolean(members.mutable);
      const { value: name } = members;
      if (name === undefined) throw new TypeError(`${what}: Property 'value' is required`);
      const type = toValueType(name, `${what}: Property 'value'`);
      checkVisible(type, what);
      const raw = value === undefined ? defaultValue(type) : toWasmRaw(agent, value, type);
      agent.globals.link(this, allocateGlobal(agent, { type, mutable }, raw));
    }

    valueOf(): unknown {
      return read(this, "WebAssembly.Global.valueOf()");
    }

    get value(): unknown {
      return read(this, "get WebAssembly.Global.value");
    }

    set value(value: unknown) {
      const what = "set WebAssembly.Global.value";
      const global = globalOf(this, what);
      const { type, mutable } = global.type;
      checkVisible(type, what);
      if (!mutable) throw new TypeError(`${what}: Can't set the value of an immutable global.`);
      global.raw = toWasmRaw(agent, value, type);
    }
  }
  if (agent.typeReflection) {
    addTypeMethod(Global.prototype, (object) =>
      reflectGlobal(agent.engine.registry, globalOf(object, "WebAssembly.Global.type()").type),
    );
  }
  shapeInterface(Global, "Global", 1);

  /** "Create a global object". */
  const objectOf = (global: GlobalInst): object => {
    let object = agent.globals.objectOf(global);
    if (object === undefined) {
      object = Object.create(Global.prototype) as object;
      agent.globals.link(object, global);
    }
    return object;
  };
  return { Global, objectOf };
}
