// The embedder's functions and modules, as both interpreters announce them to the guest.

import { SandboxUsageError } from "../guest/errors.js";
import { GUEST_LIBRARY_NAME } from "../host-calls/guest-library.py.js";
import type { HostCallable } from "../values/capability.js";
import { encodeValue, ValueError } from "../values/python-value.js";
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
  return withLibrary(names.map((name) => `${name} = ${GUEST_LIBRARY_NAME}.bind("${name}")\n`));
}

/** A session's own variables stay as they are: the only name that is taken, and given back, is the library's. */
function withLibrary(lines: readonly string[]): string {
  return `import ${GUEST_LIBRARY_NAME}\n${lines.join("")}del ${GUEST_LIBRARY_NAME}\n`;
}

/** Values for globals of `__main__`, by name: what host functions may return. */
export type Inputs = Readonly<Record<string, unknown>>;

/** By this name the guest gets inputs, while they are handed over. */
const INPUT_FUNCTION = "_escapement_input";

/** @throws SandboxUsageError for a name that is none, or a value that is no data or too large */
export function requireInputs({ hostCalls }: Environment, inputs: Inputs): void {
  for (const [name, value] of Object.entries(inputs)) {
    requireIdentifier(name);
    try {
      encodeValue(value, hostCalls.maxBytes);
    } catch (error) {
      if (!(error instanceof ValueError)) throw error;
      throw new SandboxUsageError(`the input ${name} cannot be handed over: ${error.message}`);
    }
  }
}

/** Has the guest make globals of the inputs: `perform` runs a program of ours, which is not charged. */
export async function handOver(
  { hostCalls }: Environment,
  inputs: Inputs,
  perform: (source: string) => Promise<void>,
): Promise<void> {
  const names = Object.keys(inputs);
  const source = withLibrary(
    names.map((name) => `${name} = ${GUEST_LIBRARY_NAME}.bind("${INPUT_FUNCTION}")("${name}")\n`),
  );
  await hostCalls.lend(
    INPUT_FUNCTION,
    (name: string) => inputs[name],
    () => perform(source),
  );
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
