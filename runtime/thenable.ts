// What counts as a promise, for the runtime and for everything built on it.

/**
 * Whether `value` is a promise: an object or a function, of any realm, with a `then` that can be called, its own or
 * inherited. Unlike `await` this runs no getter: what has one for `then` is a value.
 * Ask only for what the host made. A guest's own value, such as a Python object with a `then`, is a value.
 * @throws what a proxy's traps throw
 */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof thenOf(value) === "function";
}

/**
 * The promise that `value` stands for; undefined if it is a value. Where asking or calling `then` throws, the promise
 * is rejected with that.
 *
 *     promiseOf(5)                          // undefined
 *     promiseOf({ then: (f) => f(5) })      // a promise of 5
 */
export function promiseOf(value: unknown): Promise<unknown> | undefined {
  try {
    const then = thenOf(value);
    if (typeof then !== "function") return undefined;
    if (then === Promise.prototype.then && value instanceof Promise) return value;
    return new Promise((...settle) => void Reflect.apply(then, value, settle));
  } catch (error) {
    return Promise.reject(error);
  }
}

function thenOf(value: unknown): unknown {
  if (value === null || (typeof value !== "object" && typeof value !== "function")) return undefined;
  for (let object: object | null = value; object !== null; object = Object.getPrototypeOf(object) as object | null) {
    const property = Object.getOwnPropertyDescriptor(object, "then");
    if (property !== undefined) return property.value;
  }
  return undefined;
}
