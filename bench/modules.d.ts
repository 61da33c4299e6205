// Types of the peers that ship none.

declare module "polywasm" {
  /** The WebAssembly JavaScript API as polywasm has it; only what the benchmarks use. */
  export const WebAssembly: {
    instantiate(
      bytes: Uint8Array,
      imports: object,
    ): Promise<{ instance: { exports: Record<string, (...args: number[]) => number> } }>;
  };
}

declare module "@micropython/micropython-webassembly-pyscript/micropython.mjs" {
  export function loadMicroPython(options: {
    /** Bytes of the Python heap. */
    heapsize?: number;
    stdout?: (line: string) => void;
    linebuffer?: boolean;
  }): Promise<{ runPython(source: string): unknown }>;
}
