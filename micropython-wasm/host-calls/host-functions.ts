// What the guest may call, by name: functions of the embedder's, and methods of objects that it has given the guest.
import { SandboxUsageError } from "../guest/errors.js";
import type { HostCallable } from "../values/capability.js";
import type { PythonValue } from "../values/python-value.js";
import { CapabilityTable } from "./capability-table.js";

export class HostFunctions {
  readonly capabilities = new CapabilityTable();
  private readonly functions = new Map<string, HostCallable>();

  /** Registers `callable`; the name is a Python identifier, or two joined by a dot. @throws SandboxUsageError */
  register(name: string, callable: HostCallable): void {
    if (typeof callable !== "function") throw new SandboxUsageError(`${name} is not a function`);
    this.functions.set(name, callable);
  }

  forget(name: string): void {
    this.functions.delete(name);
  }

  /** Names registered so far. */
  names(): string[] {
    return [...this.functions.keys()];
  }

  /** `name` is a function's, or [capability's number, method]. */
  lookup(name: PythonValue | undefined): HostCallable | undefined {
    if (typeof name === "string") return this.functions.get(name);
    if (!Array.isArray(name) || typeof name[0] !== "number" || typeof name[1] !== "string") return undefined;
    return this.capabilities.get(name[0])?.methods.get(name[1]);
  }
}

/** Whether a function is an `async` one: its calls give an event loop futures also where they are not made. */
export function isAsync(callable: HostCallable): boolean {
  return Object.prototype.toString.call(callable) === "[object AsyncFunction]";
}
