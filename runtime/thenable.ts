// What counts as a promise, for the runtime and for everything built on it.

/**
 * Whether `value` is what `await` waits for: an object or a function, of any realm, whose `then` can be called.
 * Ask only for what the host made. A guest's own value, such as a Python object with a `then`, is a value.
 * @throws what the value throws when it is asked for its `then`
 */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  if (value === null || (typeof value !== "object" && typeof value !== "function")) return false;
  return typeof (value as { readonly then?: unknown }).then === "function";
}
