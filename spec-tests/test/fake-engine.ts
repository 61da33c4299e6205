// An engine that does what the "module" says: its text names exports and what they do. With it, the
// runner can be shown every way in which an engine goes wrong.

import type { EngineAdapter, Failure, FailureKind } from "../adapter.js";
import { type Assembler, AssemblyError } from "../assemble.js";
import type { Value } from "../values.js";

export class FakeError extends Error {
  constructor(
    readonly kind: FailureKind,
    message: string,
  ) {
    super(message);
  }
}

/** "Assembles" to the text itself; text with the word BAD is refused. */
export const fakeAssembler: Assembler = {
  async assemble(text) {
    if (text.includes("BAD")) throw new AssemblyError("the text is bad");
    return new TextEncoder().encode(text);
  },
};

/** What an export does, and what a global holds. */
const BEHAVIOUR: Readonly<Record<string, (args: readonly Value[]) => Value[]>> = {
  one: () => [{ type: "i32", bits: 1n }],
  two: () => [
    { type: "i32", bits: 1n },
    { type: "i32", bits: 2n },
  ],
  nothing: () => [],
  echo: (args) => [...args],
  nan: () => [{ type: "f32", bits: 0x7fc00000n }],
  "signalling-nan": () => [{ type: "f32", bits: 0x7fa00000n }],
  trap: () => fail("trap", "out of bounds memory access"),
  exhaustion: () => fail("exhaustion", "call stack exhausted"),
  exception: () => fail("exception", "uncaught"),
  crash: () => fail("other", "assertion failed in the engine"),
};

function fail(kind: FailureKind, message: string): never {
  throw new FakeError(kind, message);
}

export interface FakeInstance {
  readonly text: string;
}
export interface FakeEngine extends EngineAdapter<FakeInstance, FakeInstance, string> {
  /** Calls of `reset`. */
  resets: number;
}

/**
 * In a module's text, `compile:KIND` and `instantiate:KIND` fail so, `import:M.N` asks for an import,
 * and `custom:KIND` fails in `validateCustom`. Every instance has every export of `BEHAVIOUR`.
 */
export function fakeEngine(
  options: { specMessages?: FailureKind[]; tier?: string; custom?: boolean } = {},
): FakeEngine {
  const failAt = (stage: string, text: string) => {
    const kind = new RegExp(`${stage}:(\\w+)`).exec(text)?.[1];
    if (kind !== undefined) fail(kind as FailureKind, `message of ${kind}`);
  };
  const engine: FakeEngine = {
    name: "fake",
    ...(options.tier === undefined ? {} : { tier: options.tier }),
    specMessages: options.specMessages ?? [],
    resets: 0,
    reset() {
      engine.resets++;
    },
    compile(bytes) {
      const text = new TextDecoder().decode(bytes);
      failAt("compile", text);
      return { text };
    },
    instantiate(module, resolve) {
      for (const [, from, name] of module.text.matchAll(/import:(\w+)\.(\w+)/g)) {
        if (resolve(from!, name!) === undefined) fail("link", `unknown import ${from}.${name}`);
      }
      failAt("instantiate", module.text);
      return module;
    },
    getExport: (_, name) => (Object.hasOwn(BEHAVIOUR, name) ? name : undefined),
    invoke: (name, args) => BEHAVIOUR[name]!(args),
    readGlobal: (name) => BEHAVIOUR[name]!([])[0]!,
    classify(error): Failure {
      if (error instanceof FakeError) return { kind: error.kind, message: error.message };
      return { kind: "other", message: String(error) };
    },
  };
  if (options.custom === true) {
    engine.validateCustom = (bytes) => failAt("custom", new TextDecoder().decode(bytes));
  }
  return engine;
}
