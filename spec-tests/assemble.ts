// Module text to bytes, with wasm-tools as the npm package @bytecodealliance/jco-transpile ships it.
// wasm-tools is itself WebAssembly: of the host, or self-hosted, of this project. The engine under test needs neither.

import { createWebAssembly } from "../runtime/js-api/index.js";
import { AssemblyError } from "./assembly-error.js";
import { hasFoldedTry, unfoldTry } from "./legacy-text.js";
import { blockCommentEnd, bytesOfSource, lineCommentEnd, stringEnd } from "./lexer.js";

export { AssemblyError };

/** This host cannot assemble; the message says why. */
export class AssemblerMissingError extends Error {
  override readonly name = "AssemblerMissingError";
}

/** Turns module text into bytes. One instance serves a whole run. */
export interface Assembler {
  /**
   * @param text `(module …)` or bare fields, one char per byte (lexer.ts)
   * @throws AssemblyError
   */
  assemble(text: string): Promise<Uint8Array>;
}

/**
 * Loads wasm-tools: once for a process, as it does so itself.
 * @param selfHosted on this project's WebAssembly object in place of the host's
 * @throws AssemblerMissingError
 */
export async function loadAssembler(selfHosted = false): Promise<Assembler> {
  if (!selfHosted && !("WebAssembly" in globalThis)) {
    throw new AssemblerMissingError(
      "the assembler (wasm-tools) needs the host's WebAssembly, which this host does not have; --self-hosted does without",
    );
  }
  const load = async () => {
    const loaded = await import("@bytecodealliance/jco-transpile/wasm-tools");
    // It looks for WebAssembly until it has parsed something.
    await loaded.parse("(module)");
    return loaded;
  };
  let tools: Awaited<ReturnType<typeof load>>;
  try {
    tools = await (selfHosted ? onOurs(load) : load());
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new AssemblerMissingError(`cannot load the assembler from @bytecodealliance/jco-transpile: ${reason}`);
  }
  return {
    async assemble(text) {
      const prepared = prepareText(hasFoldedTry(text) ? unfoldTry(text) : text);
      try {
        return await tools.parse(prepared);
      } catch (error) {
        throw new AssemblyError(reasonOf(error instanceof Error ? error.message : String(error)));
      }
    },
  };
}

/** Loads what looks for the global WebAssembly when it is loaded, and finds this project's. */
async function onOurs<T>(load: () => Promise<T>): Promise<T> {
  const before = Object.getOwnPropertyDescriptor(globalThis, "WebAssembly");
  const { WebAssembly: value } = createWebAssembly();
  Object.defineProperty(globalThis, "WebAssembly", { value, writable: true, configurable: true });
  try {
    return await load();
  } finally {
    if (before === undefined) Reflect.deleteProperty(globalThis, "WebAssembly");
    else Object.defineProperty(globalThis, "WebAssembly", before);
  }
}

/**
 * Text as wasm-tools takes it, with the same meaning. It refuses some characters (bidirectional
 * controls) even where the grammar allows them, so in strings they become escapes, and comments
 * become spaces.
 * @param text one char per byte
 * @throws AssemblyError if the bytes are not UTF-8, which the text format demands (spec 6.3.1)
 */
export function prepareText(text: string): string {
  let ascii = true;
  for (let i = 0; ascii && i < text.length; i++) ascii = text.charCodeAt(i) < 0x80;
  if (ascii) return text;
  decodeUtf8(text);
  let out = "";
  for (let at = 0; at < text.length; ) {
    const end = runEnd(text, at);
    const piece = text.slice(at, end);
    if (text[at] === '"') out += piece.replace(/[\x80-\xff]/g, (char) => `\\${char.charCodeAt(0).toString(16)}`);
    else if (text.startsWith(";;", at) || text.startsWith("(;", at)) out += piece.replace(/[^\n]/g, " ");
    else out += piece;
    at = end;
  }
  return decodeUtf8(out);
}

/** End of the string, comment or single char at `at`; of the text if it is not closed. */
function runEnd(text: string, at: number): number {
  if (text[at] === '"') {
    const end = stringEnd(text, at);
    return end < 0 ? text.length : end;
  }
  if (text.startsWith(";;", at)) return lineCommentEnd(text, at);
  if (text.startsWith("(;", at)) {
    const end = blockCommentEnd(text, at);
    return end < 0 ? text.length : end;
  }
  return at + 1;
}

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function decodeUtf8(text: string): string {
  try {
    return UTF8.decode(bytesOfSource(text));
  } catch {
    throw new AssemblyError("malformed UTF-8 encoding");
  }
}

/** The reason inside the Rust debug text that wasm-tools throws, with its position. */
function reasonOf(message: string): string {
  const kind = /span: Span \{ offset: \d+ \}, kind: (?:Custom\("((?:[^"\\]|\\.)*)"\)|(.*?)) \}/.exec(message);
  const position = /line: (\d+), col: (\d+)/.exec(message);
  const reason = kind === null ? message : (kind[1]?.replaceAll('\\"', '"') ?? kind[2]!);
  return position === null ? reason : `${reason} (module text ${Number(position[1]) + 1}:${Number(position[2]) + 1})`;
}
