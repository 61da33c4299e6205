// Modules from their text, for tests; assembled by wasm-tools, which needs the host's WebAssembly.
import { parse } from "@bytecodealliance/jco-transpile/wasm-tools";

/** The bytes of `(module …)`. */
export async function wat(text: string): Promise<Uint8Array> {
  return parse(text);
}
