// What the WebAssembly object takes of a JavaScript host, if it is there: Node, a browser, a worker.
import type { HostFacilities, SharedBytes } from "../../runtime/js-api/index.js";

interface Host {
  readonly structuredClone?: <T>(value: T, options?: { readonly transfer: readonly unknown[] }) => T;
  readonly Response?: unknown;
}

/** Of the realm that this runs in. */
export function hostFacilities(): HostFacilities {
  const host = globalThis as unknown as Host;
  const { structuredClone } = host;
  return {
    ...(structuredClone === undefined
      ? {}
      : {
          transfer: (buffer: ArrayBuffer) => structuredClone(buffer, { transfer: [buffer] }),
        }),
    ...(structuredClone === undefined || typeof SharedArrayBuffer === "undefined"
      ? {}
      : { sharedBuffers: { create: createShared, another: (buffer) => structuredClone(buffer) } }),
    weakRef: (object) => new WeakRef(object),
    // Asked for when a stream is compiled: Node's fetch compiles its HTTP parser, through WebAssembly, when Response is read.
    ...("Response" in host
      ? { isResponse: (value: unknown) => typeof host.Response === "function" && value instanceof host.Response }
      : {}),
  };
}

type GrowableConstructor = new (length: number, options?: { readonly maxByteLength: number }) => SharedBytes;

function createShared(length: number, max: number): SharedBytes {
  const Growable = SharedArrayBuffer as unknown as GrowableConstructor;
  try {
    return new Growable(length, { maxByteLength: max });
  } catch {
    // So much cannot be reserved.
    return new Growable(length);
  }
}
