// Memory objects, and the ArrayBuffers in which JavaScript sees memories.
// https://webassembly.github.io/spec/js-api/#memories
import type { MemoryType } from "../../decoder/index.js";
import { EscapementError } from "../errors.js";
import { MemoryInst } from "../store/memory.js";
import type { Agent } from "./agent.js";
import { detach, type GrowableBuffer, resizableBuffer } from "./buffers.js";
import { SharedBuffer } from "./shared-buffer.js";
import { addTypeMethod, reflectMemory, toInitial } from "./type-reflection.js";

import { fromAddress, requireArguments, shapeInterface, toAddress, toDictionary, toEnum } from "./web-idl.js";

const PAGE = 65536;
const MAX_PAGES = 65536;
const MAX_PAGES_64 = 2 ** 37 - 1;

/** The [[BufferObject]] of a memory. */
interface BufferObject {
  get(): ArrayBufferLike;
  toFixedLength(): ArrayBufferLike;
  /** @throws TypeError if the memory has no maximum; RangeError if the host has no such buffer */
  toResizable(): ArrayBufferLike;
}

/** Of a memory that is not shared. It is made when somebody looks, so that growth costs only those who do. */
class OwnBuffer implements BufferObject {
  private buffer: ArrayBuffer | null = null;
  private resizable = false;

  constructor(
    private readonly agent: Agent,
    private readonly memory: MemoryInst,
  ) {
    memory.onGrow = () => this.refresh();
  }

  get(): ArrayBuffer {
    this.buffer ??= this.memory.exactBuffer();
    return this.buffer;
  }

  /** "Refresh the Memory buffer". */
  private refresh(): void {
    const { buffer, memory } = this;
    if (buffer === null) return;
    if (this.resizable) {
      // Not by `resize`, which the buffer has for others.
      (Reflect.getPrototypeOf(buffer) as GrowableBuffer).resize.call(buffer, memory.byteLength);
      memory.adopt(buffer);
      return;
    }
    memory.adopt(detach(buffer, this.agent.host));
    this.buffer = null;
  }

  toFixedLength(): ArrayBuffer {
    const { buffer, memory } = this;
    if (buffer !== null && this.resizable) {
      const fixed = new ArrayBuffer(memory.byteLength);
      new Uint8Array(fixed).set(new Uint8Array(buffer));
      detach(buffer, this.agent.host);
      memory.adopt(fixed);
      this.buffer = fixed;
      this.resizable = false;
    }
    return this.get();
  }

  toResizable(): ArrayBuffer {
    const { memory } = this;
    const { max } = memory.type.limits;
    if (max === undefined) {
      throw new TypeError("WebAssembly.Memory.toResizableBuffer(): Memory must have a maximum");
    }
    const fixed = this.get();
    if (this.resizable) return fixed;
    const resizable = resizableBuffer(memory.byteLength, max * PAGE, (length) => growTo(memory, length));
    new Uint8Array(resizable).set(new Uint8Array(fixed));
    detach(fixed, this.agent.host);
    memory.adopt(resizable);
    this.buffer = resizable;
    this.resizable = true;
    return resizable;
  }
}

/** HostResizeArrayBuffer, HostGrowSharedArrayBuffer. @throws RangeError */
function growTo(memory: MemoryInst, length: number, what = "ArrayBuffer.prototype.resize"): void {
  const delta = length - memory.byteLength;
  if (delta < 0 || delta % PAGE !== 0) {
    throw new RangeError(`${what}: a memory grows by whole pages`);
  }
  growMemory(memory, delta / PAGE, what);
}

/** "Grow the memory buffer". @throws RangeError */
function growMemory(memory: MemoryInst, delta: number, what: string): number {
  let old: number;
  try {
    old = memory.grow(delta);
  } catch (error) {
    if (error instanceof EscapementError) throw new RangeError(`${what}: ${error.message}`);
    throw error;
  }
  if (old < 0) throw new RangeError(`${what}: Maximum memory size exceeded`);
  return old;
}

function toMemoryType(agent: Agent, descriptor: unknown): MemoryType {
  const what = "WebAssembly.Memory()";
  const members = toDictionary(descriptor, `${what}: Argument 0`);
  const { address } = members;
  const is64 = address !== undefined && toEnum(address, ["i32", "i64"], `${what}: Property 'address'`) === "i64";
  const min = toInitial(members, agent.typeReflection, is64, what);
  const { maximum } = members;
  const max = maximum === undefined ? undefined : toAddress(maximum, is64, `${what}: Property 'maximum'`);
  const most = is64 ? MAX_PAGES_64 : MAX_PAGES;
  for (const [name, pages] of [
    ["initial", min],
    ["maximum", max ?? 0],
  ] as const) {
    if (pages > most)
      throw new RangeError(`${what}: Property '${name}': value ${pages} is above the upper bound ${most}`);
  }
  if (max !== undefined && max < min) {
    throw new RangeError(`${what}: Property 'maximum': value ${max} is below the lower bound ${min}`);
  }
  const shared = Boolean(members.shared);
  if (shared && max === undefined) {
    throw new TypeError(`${what}: If shared is true, maximum property should be specified`);
  }
  return { limits: { min, max }, is64, shared, pageSizeLog2: 16 };
}

export function makeMemory(agent: Agent) {
  const buffers = new WeakMap<MemoryInst, BufferObject>();
  const link = (object: object, memory: MemoryInst): void => {
    agent.memories.link(object, memory);
    const growByBuffer = (length: number) => growTo(memory, length, "SharedArrayBuffer.prototype.grow");
    buffers.set(
      memory,
      memory.type.shared ? new SharedBuffer(agent.host, memory, growByBuffer) : new OwnBuffer(agent, memory),
    );
  };
  const memoryOf = (object: unknown, method: string): MemoryInst => {
    const memory = agent.memories.thingOf(object);
    if (memory === undefined) throw new TypeError(`${method}: Receiver is not a WebAssembly.Memory`);
    return memory;
  };
  const bufferOf = (object: unknown, method: string): BufferObject => buffers.get(memoryOf(object, method))!;

  class Memory {
    constructor(descriptor: unknown) {
      requireArguments(arguments.length, 1, "WebAssembly.Memory()");
      const type = toMemoryType(agent, descriptor);
      let memory: MemoryInst;
      try {
        memory = new MemoryInst(type, agent.store);
      } catch (error) {
        if (error instanceof EscapementError) throw new RangeError("WebAssembly.Memory(): could not allocate memory");
        throw error;
      }
      link(this, memory);
    }

    grow(delta: unknown): number | bigint {
      const what = "WebAssembly.Memory.grow()";
      const memory = memoryOf(this, what);
      requireArguments(arguments.length, 1, what);
      const { is64 } = memory.type;
      return fromAddress(growMemory(memory, toAddress(delta, is64, `${what}: Argument 0`), what), is64);
    }

    toFixedLengthBuffer(): ArrayBufferLike {
      return bufferOf(this, "WebAssembly.Memory.toFixedLengthBuffer()").toFixedLength();
    }

    toResizableBuffer(): ArrayBufferLike {
      return bufferOf(this, "WebAssembly.Memory.toResizableBuffer()").toResizable();
    }

    get buffer(): ArrayBufferLike {
      return bufferOf(this, "WebAssembly.Memory.buffer").get();
    }
  }
  if (agent.typeReflection) {
    addTypeMethod(Memory.prototype, (memory) => {
      const { type, pages } = memoryOf(memory, "WebAssembly.Memory.type()");
      return reflectMemory({ ...type, limits: { ...type.limits, min: pages } });
    });
  }
  shapeInterface(Memory, "Memory", 1);

  /** "Create a memory object". */
  const objectOf = (memory: MemoryInst): object => {
    const known = agent.memories.objectOf(memory);
    if (known !== undefined) return known;
    const object = Object.create(Memory.prototype) as object;
    link(object, memory);
    return object;
  };
  return { Memory, objectOf };
}
