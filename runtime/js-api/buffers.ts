// ArrayBuffers beyond ES2022: where the host has them.
import type { HostFacilities } from "./options.js";

/** ECMAScript 2024. */
export interface GrowableBuffer extends ArrayBuffer {
  resize(length: number): void;
}
interface TransferableBuffer extends ArrayBuffer {
  transfer?(): ArrayBuffer;
}

/** The bytes of `buffer` in a new one; `buffer` is detached, unless the host cannot do that. */
export function detach(buffer: ArrayBuffer, host: HostFacilities): ArrayBuffer {
  if (host.transfer !== undefined) return host.transfer(buffer);
  const { transfer } = ArrayBuffer.prototype as TransferableBuffer;
  return transfer === undefined ? buffer.slice(0) : transfer.call(buffer);
}

/**
 * A buffer whose `resize` asks `grow`, which resizes it.
 * Non-spec: the method is the buffer's own; ArrayBuffer.prototype.resize, called on it, does not ask.
 * @throws RangeError if the host has none so large
 */
export function resizableBuffer(length: number, max: number, grow: (length: number) => void): ArrayBuffer {
  const Resizable = ArrayBuffer as new (length: number, options: { maxByteLength: number }) => ArrayBuffer;
  const buffer = new Resizable(length, { maxByteLength: max });
  Object.defineProperty(buffer, "resize", {
    value: (newLength: number) => grow(newLength),
    writable: true,
    configurable: true,
  });
  return buffer;
}
