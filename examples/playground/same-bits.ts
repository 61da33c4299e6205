// Runs the examples in Node as the page runs them: with the same session, functions and limits.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { EXAMPLE_FUEL, EXAMPLE_SEED, EXAMPLES } from "./src/examples.js";
import { type SandboxClass, Session } from "./src/worker/session.js";

/** What Node has found of an example. */
export interface Bits {
  readonly fuel: number;
  readonly memoryHash: string;
}

/**
 * @param image file of the booted interpreter
 * @param bundle folder of the engine
 */
export async function sameBits(image: string, bundle: string): Promise<Readonly<Record<string, Bits>>> {
  const { Sandbox } = (await import(`${bundle}/micropython.js`)) as { Sandbox: SandboxClass };
  const read = (path: string): Uint8Array => new Uint8Array(readFileSync(path));
  const files = { artifact: read(artifactPath()), image: read(image) };
  const found: Record<string, Bits> = {};
  for (const [name, { code, fuel = EXAMPLE_FUEL }] of Object.entries(EXAMPLES)) {
    const session = await Session.create(Sandbox, files, EXAMPLE_SEED);
    await session.begin(code, fuel);
    await session.goOn(fuel, () => {});
    found[name] = { fuel: session.fuel, memoryHash: session.sandbox.memoryHash() };
  }
  return found;
}

export function artifactPath(): string {
  return createRequire(import.meta.url).resolve("@micropython/micropython-webassembly-pyscript/micropython.wasm");
}
