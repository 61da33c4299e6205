// Things that cross between guest and host by name instead of by value.

import { SandboxUsageError } from "../guest/errors.js";

/**
 * A function for the guest to call. Positional arguments come first; if the guest passes
 * keyword arguments, an object with them comes last.
 */
export type HostCallable = (...args: never[]) => unknown;

const IDENTIFIER = /^[A-Za-z][A-Za-z0-9_]*$/;

/**
 * An object of the host's that the guest can hold, hand back and call methods of, and nothing
 * else: the guest has its number and the names of the methods that were chosen.
 */
export class Capability {
  /** The method named "" is what calling the object itself does. */
  readonly methods: ReadonlyMap<string, HostCallable>;

  /** Made by {@link capability}. */
  constructor(
    /** What a host function gets when the guest hands the object back. */
    readonly target: unknown,
    methods: ReadonlyMap<string, HostCallable>,
  ) {
    this.methods = methods;
  }
}

/**
 * Makes a capability: of a function, which the guest can call, or of an object, of which the
 * guest can call `methods` (looked up now, and called on the object).
 * @throws SandboxUsageError for a name that is not a function's, or no identifier without a leading underscore
 */
export function capability(target: object, methods: readonly string[] = []): Capability {
  const found = new Map<string, HostCallable>();
  if (typeof target === "function") found.set("", target as HostCallable);
  for (const name of methods) {
    if (!IDENTIFIER.test(name)) throw new SandboxUsageError(`not a name for a method: ${name}`);
    const method: unknown = (target as Record<string, unknown>)[name];
    if (typeof method !== "function") throw new SandboxUsageError(`${name} is not a function`);
    found.set(name, (...args) => Reflect.apply(method, target, args));
  }
  if (found.size === 0) throw new SandboxUsageError("a capability is a function, or names its methods");
  return new Capability(target, found);
}

/**
 * A function of the guest's. It can be called while the guest waits for the host function that
 * got it. Later calls are rejected, and so is passing it back to the guest then.
 */
export type PythonCallable = (...args: unknown[]) => Promise<unknown>;

/** How things that cross by name are found. */
export interface References {
  /** What the guest holds under a number; undefined if nothing. */
  capability(id: number): Capability | undefined;
  /** The number under which the guest gets it. @throws ValueError if there are too many */
  numberOf(capability: Capability): number;
  /** The guest's function with this number. */
  callable(id: number): PythonCallable;
  /** The number of a function of the guest's, undefined for other functions. @throws ValueError if it has none any more */
  callableNumber(callable: unknown): number | undefined;
}
