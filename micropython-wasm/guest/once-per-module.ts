import type { Module } from "../../runtime/index.js";

/** What is made once per module and key, and shared by all who ask. What fails is made anew for the next. */
export class OncePerModule<T> {
  private readonly made = new WeakMap<Module, Map<string, Promise<T>>>();

  get(module: Module, key: string, make: () => Promise<T>): Promise<T> {
    const ofModule = this.made.get(module) ?? new Map<string, Promise<T>>();
    this.made.set(module, ofModule);
    let found = ofModule.get(key);
    if (found === undefined) {
      found = make();
      ofModule.set(key, found);
      found.catch(() => ofModule.delete(key));
    }
    return found;
  }
}
