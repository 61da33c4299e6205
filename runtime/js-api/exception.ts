// Tag and Exception objects. https://webassembly.github.io/spec/js-api/#exceptions
import type { ValType } from "../../decoder/index.js";
import { readRaws, writeRaw } from "../store/convert.js";
import { exceptionBytes } from "../store/heap.js";
import { ExnInst } from "../store/refs.js";
import { TagInst } from "../store/tag.js";
import { slotsOf, slotsOfAll } from "../values.js";
import type { Agent } from "./agent.js";
import { isOpaque, rawToJS, toWasmRaw } from "./convert.js";
import { addTypeMethod, reflectTag } from "./type-reflection.js";
import { toValueType } from "./value-types.js";
import { requireArguments, shapeInterface, toDictionary, toEnforcedU32, toSequence } from "./web-idl.js";

export function makeTag(agent: Agent) {
  class Tag {
    constructor(type: unknown) {
      const what = "WebAssembly.Tag()";
      requireArguments(arguments.length, 1, what);
      const { parameters } = toDictionary(type, `${what}: Argument 0`);
      const names = toSequence(parameters, `${what}: Property 'parameters'`);
      const types: ValType[] = names.map((name) => toValueType(name, `${what}: Property 'parameters'`));
      const { registry } = agent.engine;
      const typeId = registry.addFuncType(types, []);
      agent.tags.link(this, new TagInst(typeId, registry.funcType(typeId)));
    }
  }
  if (agent.typeReflection) {
    addTypeMethod(Tag.prototype, (object) => {
      const tag = agent.tags.thingOf(object);
      if (tag === undefined) throw new TypeError("WebAssembly.Tag.type(): Receiver is not a WebAssembly.Tag");
      return reflectTag(agent.engine.registry, tag.type);
    });
  }
  shapeInterface(Tag, "Tag", 1);

  /** "Create a Tag object". */
  const objectOf = (tag: TagInst): object => {
    let object = agent.tags.objectOf(tag);
    if (object === undefined) {
      object = Object.create(Tag.prototype) as object;
      agent.tags.link(object, tag);
    }
    return object;
  };
  return { Tag, objectOf };
}

export function makeException(agent: Agent) {
  const stacks = new WeakMap<object, string>();
  const exceptionOf = (object: unknown, method: string): ExnInst => {
    const exception = agent.exceptions.thingOf(object);
    if (exception === undefined) throw new TypeError(`${method}: Receiver is not a WebAssembly.Exception`);
    return exception;
  };
  const tagOf = (value: unknown, what: string): TagInst => {
    const tag = agent.tags.thingOf(value);
    if (tag === undefined) throw new TypeError(`${what}: Argument 0 must be a WebAssembly tag`);
    return tag;
  };

  class Exception {
    constructor(exceptionTag: unknown, payload: unknown, options?: unknown) {
      const what = "WebAssembly.Exception()";
      requireArguments(arguments.length, 2, what);
      const tag = tagOf(exceptionTag, what);
      const values = toSequence(payload, `${what}: Argument 1`);
      const traceStack = Boolean(toDictionary(options, `${what}: Argument 2`).traceStack);
      if (tag === agent.jsTag) throw new TypeError(`${what}: Argument 0 cannot be WebAssembly.JSTag`);
      agent.exceptions.link(this, allocateException(agent, tag, values, what));
      if (traceStack) stacks.set(this, new Error().stack ?? "");
    }

    getArg(exceptionTag: unknown, index: unknown): unknown {
      const what = "WebAssembly.Exception.getArg()";
      const exception = exceptionOf(this, what);
      requireArguments(arguments.length, 2, what);
      const tag = tagOf(exceptionTag, what);
      const at = toEnforcedU32(index, `${what}: Argument 1`);
      if (exception.tag !== tag) throw new TypeError(`${what}: First argument does not match the exception tag`);
      const { params } = tag.type;
      if (at >= params.length) throw new RangeError(`${what}: Index must be convertible to a valid index`);
      const type = params[at]!;
      if (isOpaque(agent, type)) throw new TypeError(`${what}: JavaScript sees no value of this type`);
      return rawToJS(agent, readRaws(exception.words, exception.refs, 0, params)[at]!, type);
    }

    is(exceptionTag: unknown): boolean {
      const what = "WebAssembly.Exception.is()";
      const exception = exceptionOf(this, what);
      requireArguments(arguments.length, 1, what);
      return exception.tag === tagOf(exceptionTag, what);
    }

    get stack(): string | undefined {
      exceptionOf(this, "WebAssembly.Exception.stack");
      return stacks.get(this);
    }
  }
  shapeInterface(Exception, "Exception", 2);

  /** "Create an Exception object". */
  const objectOf = (exception: ExnInst): object => {
    let object = agent.exceptions.objectOf(exception);
    if (object === undefined) {
      object = Object.create(Exception.prototype) as object;
      agent.exceptions.link(object, exception);
    }
    return object;
  };
  return { Exception, objectOf };
}

/** exn_alloc, of JavaScript values. @throws TypeError if they do not fit the tag; MemoryLimitExceeded */
function allocateException(agent: Agent, tag: TagInst, values: readonly unknown[], what: string): ExnInst {
  const { params } = tag.type;
  if (values.length !== params.length) {
    throw new TypeError(`${what}: Number of exception values does not match signature length`);
  }
  const slots = slotsOfAll(params);
  const words = new Int32Array(slots * 2);
  const refs = new Array(slots).fill(null);

  let slot = 0;
  params.forEach((type, i) => {
    if (isOpaque(agent, type)) throw new TypeError(`${what}: JavaScript has no value of this type`);
    writeRaw(words, refs, slot, type, toWasmRaw(agent, values[i], type), agent.store);
    slot += slotsOf(type);
  });
  agent.store.chargeHeap(exceptionBytes(slots));
  return new ExnInst(tag, words, refs);
}
