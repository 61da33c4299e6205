// Exported GC Objects: structs and arrays as JavaScript sees them, which is hardly.
// https://webassembly.github.io/spec/js-api/#gc-exotic-objects
import type { HeapObject } from "../store/refs.js";
import type { Agent } from "./agent.js";

function refuse(): never {
  throw new TypeError("WebAssembly objects are opaque");
}

const HANDLER: ProxyHandler<object> = {
  getPrototypeOf: () => null,
  setPrototypeOf: () => false,
  isExtensible: () => false,
  preventExtensions: () => false,
  getOwnPropertyDescriptor: () => undefined,
  defineProperty: () => false,
  has: () => false,
  get: () => undefined,
  set: refuse,
  deleteProperty: refuse,
  ownKeys: () => [],
};

/** "A new Exported GC Object": the same one for the same object of the heap. */
export function gcObject(agent: Agent, object: HeapObject): object {
  const known = agent.gcObjects.objectOf(object);
  if (known !== undefined) return known;
  const exotic = new Proxy(Object.preventExtensions(Object.create(null) as object), HANDLER);
  agent.gcObjects.link(exotic, object);
  return exotic;
}
