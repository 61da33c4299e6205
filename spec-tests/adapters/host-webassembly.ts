// The part of the WebAssembly JavaScript API that the host adapter uses. The compiler's library for
// browsers declares all of it, but this project compiles without that library.

export interface HostModule {
  readonly _module: never;
}
export interface HostInstance {
  readonly exports: Readonly<Record<string, unknown>>;
}
export interface HostMemory {
  readonly buffer: ArrayBuffer;
}
export interface HostGlobal {
  value: unknown;
}
type ErrorClass = new (message?: string) => Error;
type Imports = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** https://webassembly.github.io/spec/js-api/ */
export interface HostWebAssembly {
  readonly Module: {
    new (bytes: Uint8Array): HostModule;
    imports(module: HostModule): { module: string; name: string; kind: string }[];
  };
  readonly Instance: new (module: HostModule, imports?: Imports) => HostInstance;
  readonly Memory: new (descriptor: { initial: number; maximum?: number }) => HostMemory;
  readonly Global: new (descriptor: { value: string; mutable?: boolean }, value?: unknown) => HostGlobal;
  readonly CompileError: ErrorClass;
  readonly LinkError: ErrorClass;
  readonly RuntimeError: ErrorClass;
  /** Absent where the host has no exception handling. */
  readonly Exception?: ErrorClass;
}
