// compileStreaming and instantiateStreaming. https://webassembly.github.io/spec/web-api/#streaming-modules
import { checkImportObject } from "./instance.js";
import { type CompileOptions, toCompileOptions } from "./module.js";
import { requireArguments } from "./web-idl.js";

export interface Streaming {
  readonly compile: (bytes: Uint8Array, options: CompileOptions, what: string) => Promise<object>;
  readonly instantiate: (
    bytes: Uint8Array,
    importObject: unknown,
    options: CompileOptions,
    what: string,
  ) => Promise<object>;
}

/** The part of the host's Response that is used. */
interface ResponseLike {
  readonly ok: boolean;
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  arrayBuffer(): Promise<ArrayBuffer>;
}

export function streamingMethods(isResponse: (value: unknown) => boolean, { compile, instantiate }: Streaming) {
  /** "Compile a potential WebAssembly response": its bytes. @throws TypeError */
  const bytesOf = async (source: unknown, what: string): Promise<Uint8Array> => {
    const response = (await source) as ResponseLike;
    if (!isResponse(response)) throw new TypeError(`${what}: Argument 0 must be a Response or a promise of one`);
    const [type = ""] = (response.headers.get("Content-Type") ?? "").split(";");
    if (type.trim().toLowerCase() !== "application/wasm") {
      throw new TypeError(`${what}: Incorrect response MIME type. Expected 'application/wasm'.`);
    }
    if (!response.ok) throw new TypeError(`${what}: HTTP status code is not ok: ${response.status}`);
    return new Uint8Array(await response.arrayBuffer());
  };

  const methods = {
    async compileStreaming(source: unknown, options?: unknown): Promise<object> {
      const what = "WebAssembly.compileStreaming()";
      requireArguments(arguments.length, 1, what);
      const compileOptions = toCompileOptions(options, what);
      return compile(await bytesOf(source, what), compileOptions, what);
    },

    async instantiateStreaming(source: unknown, importObject?: unknown, options?: unknown): Promise<object> {
      const what = "WebAssembly.instantiateStreaming()";
      requireArguments(arguments.length, 1, what);
      checkImportObject(importObject, what);
      const compileOptions = toCompileOptions(options, what);
      return instantiate(await bytesOf(source, what), importObject, compileOptions, what);
    },
  };
  for (const method of Object.values(methods)) {
    Object.setPrototypeOf(method, Function.prototype);
    Object.defineProperty(method, "length", { value: 1, configurable: true });
  }
  return methods;
}
