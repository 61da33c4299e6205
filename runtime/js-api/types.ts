// Declarations of the WebAssembly object for programs: this package's need neither a browser's library nor Node's.
// What is declared can take the place of either's `typeof WebAssembly`.

export interface Module {
  /** Of no use but to tell modules from other objects. */
  readonly [Symbol.toStringTag]?: string;
}
export interface Instance {
  // biome-ignore lint/suspicious/noExplicitAny: exports are functions, memories, tables, globals and tags.
  readonly exports: Record<string, any>;
}
export interface Memory {
  /** A SharedArrayBuffer if the memory is shared. */
  readonly buffer: ArrayBuffer;
  /** Both take and give bigints where addresses are i64. */
  grow(delta: number): number;
  toFixedLengthBuffer(): ArrayBuffer;
  toResizableBuffer(): ArrayBuffer;
}
export interface Table {
  readonly length: number;
  // biome-ignore lint/suspicious/noExplicitAny: elements may be anything.
  get(index: number): any;
  // biome-ignore lint/suspicious/noExplicitAny: as get.
  set(index: number, value?: any): void;
  // biome-ignore lint/suspicious/noExplicitAny: as get.
  grow(delta: number, value?: any): number;
}
export interface Global {
  // biome-ignore lint/suspicious/noExplicitAny: by the global's type.
  value: any;
  // biome-ignore lint/suspicious/noExplicitAny: by the global's type.
  valueOf(): any;
}
export interface Tag {
  readonly [Symbol.toStringTag]?: string;
}
export interface Exception {
  readonly stack: string | undefined;
  is(tag: Tag): boolean;
  // biome-ignore lint/suspicious/noExplicitAny: by the tag's type.
  getArg(tag: Tag, index: number): any;
}

// biome-ignore lint/suspicious/noExplicitAny: exported functions take and give anything.
type ExportedFunction = (...args: any[]) => any;

export interface CompileOptions {
  readonly builtins?: readonly string[];
  readonly importedStringConstants?: string | null;
}
// biome-ignore lint/suspicious/noExplicitAny: what a module imports may be anything.
export type Imports = Record<string, Record<string, any>>;
type Bytes = ArrayBuffer | ArrayBufferView;
interface ErrorClass {
  new (message?: string, options?: { cause?: unknown }): Error;
  (message?: string, options?: { cause?: unknown }): Error;
}

/** https://webassembly.github.io/spec/js-api/#webassembly-namespace */
export interface WebAssemblyNamespace {
  validate(bytes: Bytes, options?: CompileOptions): boolean;
  compile(bytes: Bytes, options?: CompileOptions): Promise<Module>;
  instantiate(
    bytes: Bytes,
    importObject?: Imports,
    options?: CompileOptions,
  ): Promise<{ module: Module; instance: Instance }>;
  instantiate(moduleObject: Module, importObject?: Imports): Promise<Instance>;
  /** These two are there where the host has Response. */
  compileStreaming?(source: unknown, options?: CompileOptions): Promise<Module>;
  instantiateStreaming?(
    source: unknown,
    importObject?: Imports,
    options?: CompileOptions,
  ): Promise<{ module: Module; instance: Instance }>;
  readonly Module: {
    new (bytes: Bytes, options?: CompileOptions): Module;
    exports(moduleObject: Module): { name: string; kind: string }[];
    imports(moduleObject: Module): { module: string; name: string; kind: string }[];
    customSections(moduleObject: Module, sectionName: string): ArrayBuffer[];
  };
  readonly Instance: new (moduleObject: Module, importObject?: Imports) => Instance;
  readonly Memory: new (descriptor: {
    initial: number | bigint;
    maximum?: number | bigint;
    address?: "i32" | "i64";
    shared?: boolean;
  }) => Memory;
  readonly Table: new (
    descriptor: { element: string; initial: number | bigint; maximum?: number | bigint; address?: "i32" | "i64" },
    value?: unknown,
  ) => Table;
  readonly Global: new (descriptor: { value: string; mutable?: boolean }, value?: unknown) => Global;
  readonly Tag: new (type: { parameters: Iterable<string> }) => Tag;
  readonly Exception: new (tag: Tag, payload: Iterable<unknown>, options?: { traceStack?: boolean }) => Exception;
  readonly JSTag: Tag;
  /** A function that returns a promise of what an exported function returns, which may call imports that are Suspending. */
  promising(wasmFunc: ExportedFunction): ExportedFunction;
  readonly Suspending: new (jsFun: ExportedFunction) => object;
  readonly SuspendError: ErrorClass;
  readonly CompileError: ErrorClass;
  readonly LinkError: ErrorClass;
  readonly RuntimeError: ErrorClass;
}
