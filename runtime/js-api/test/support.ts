// The WebAssembly object of this project and the one of the host, V8, side by side.
import { createWebAssembly, type WebAssemblyOptions } from "../index.js";

// biome-ignore lint/suspicious/noExplicitAny: programs that use WebAssembly are mostly JavaScript.
export type Api = any;

export const transfer = (buffer: ArrayBuffer): ArrayBuffer => structuredClone(buffer, { transfer: [buffer] });

export const weakRef = <T extends object>(object: T): WeakRef<T> => new WeakRef(object);

export function ours(options: WebAssemblyOptions = {}): Api {
  return createWebAssembly({ ...options, host: { transfer, weakRef, ...options.host } }).WebAssembly;
}

export const native: Api = (globalThis as Api).WebAssembly;

/** What a program ends with: a value, or the class, name and text of an error. */
export function outcome(program: () => unknown): unknown {
  try {
    return { value: program() };
  } catch (error) {
    if (!(error instanceof Error)) return { thrown: error };
    return { error: error.name, text: error.message };
  }
}

/** As {@link outcome}, without the text: engines word errors of the API in ways of their own. */
export function outcomeClass(program: () => unknown): unknown {
  const { text: _, ...rest } = outcome(program) as { text?: string };
  return rest;
}
