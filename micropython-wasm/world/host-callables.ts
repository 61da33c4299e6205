// The embedder's functions and modules, as both interpreters announce them to the guest.

import { SandboxUsageError } from "../guest/errors.js";
import { GUEST_LIBRARY_NAME } from "../host-calls/guest-library.py.js";
import type { HostCallable } from "../values/capability.js";
import type { Environment } from "./environment.js";

export interface HostCallables {
  /** Functions that the guest's main program sees as globals; on the Emscripten build also as attributes of `js`. */
  readonly functions?: Readonly<Record<string, HostCallable>> | undefined;
  /** Modules that the guest can import, each with its functions. */
  readonly modules?: Readonly<Record<string, Readonly<Record<string, HostCallable>>>> | undefined;
}

const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Makes the functions callable by name; the guest does not know of them yet. @throws SandboxUsageError */
export function registerCallables(environment: Environment, { functions = {}, modules = {} }: HostCallables): void {
  const { hostCalls, ownPrograms } = environment;
  ownPrograms.add(`${GUEST_LIBRARY_NAME}.py`);
  for (const [name, callable] of Object.entries(functions)) {
    requireIdentifier(name);
    hostCalls.register(name, callable);
  }
  for (const [module, members] of Object.entries(modules)) {
    requireIdentifier(module);
    ownPrograms.add(`${module}.py`);
    for (const [name, callable] of Object.entries(members)) {
      requireIdentifier(name);
      hostCalls.register(`${module}.${name}`, callable);
    }
  }
}

/** Python source of the modules, by their names. */
export function moduleSources({ modules = {} }: HostCallables): [name: string, source: string][] {
  return Object.entries(modules).map(([module, members]) => {
    let source = `from ${GUEST_LIBRARY_NAME} import bind as _bind\n`;
    for (const name of Object.keys(members)) source += `${name} = _bind("${module}.${name}")\n`;
    return [module, source];
  });
}

/** A program that makes the functions globals of `__main__`. */
export function bindingSource(names: readonly string[]): string {
  const bindings = names.map((name) => `${name} = bind("${name}")\n`);
  return `from ${GUEST_LIBRARY_NAME} import bind\n${bindings.join("")}del bind\n`;
}

/** What MicroPython's parser takes for something else. */
const KEYWORDS: ReadonlySet<string> = new Set(
  `False None True __debug__ and as assert async await break class continue def del elif else except finally for from
   global if import in is lambda nonlocal not or pass raise return try while with yield`.split(/\s+/),
);

function requireIdentifier(name: string): void {
  if (KEYWORDS.has(name)) throw new SandboxUsageError(`a word of Python's own cannot be a name: ${name}`);
  if (!IDENTIFIER.test(name)) throw new SandboxUsageError(`not a Python identifier: ${name}`);
}
