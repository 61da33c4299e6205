// Module text to bytes, by wasm-tools.
import { parse } from "@bytecodealliance/jco-transpile/wasm-tools";
import { type DecodedModule, type ParseOptions, parseModule } from "../../index.js";

/** Assembles a module; the text need not be valid, only well-formed. */
export function assemble(text: string): Promise<Uint8Array> {
  return parse(text);
}

export async function parseText(text: string, options?: ParseOptions): Promise<DecodedModule> {
  return parseModule(await assemble(text), options);
}
