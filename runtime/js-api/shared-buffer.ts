// Buffers in which JavaScript sees shared memories. One agent uses them: a Memory object is of the store that
// made it, and cannot be posted to another agent.
// https://webassembly.github.io/threads/js-api/#create-a-fixed-length-memory-buffer
import type { MemoryInst } from "../store/memory.js";
import type { HostFacilities, SharedBuffers, SharedBytes } from "./options.js";

const PAGE = 65536;

/**
 * The [[BufferObject]] of a shared memory, made when somebody looks. The memory's bytes lie in one growable block, and
 * each object that is shown is another one for that block: what is written through an old one after growth is seen
 * through the new one, as the specification has it.
 *
 * Non-spec: a block has one length, so views made of an old object after growth are as long as the memory; only the
 * object's `byteLength` stays. Where the host has no growable ones, old objects keep the bytes from before growth.
 */
export class SharedBuffer {
  private block: SharedBytes | null = null;
  private shown: SharedBytes | null = null;
  private growable = false;

  /** @param growTo what `grow` of a growable buffer does */
  constructor(
    private readonly host: HostFacilities,
    private readonly memory: MemoryInst,
    private readonly growTo: (length: number) => void,
  ) {
    memory.onGrow = () => this.refresh();
  }

  get(): SharedBytes {
    this.shown ??= this.show();
    return this.shown;
  }

  toFixedLength(): SharedBytes {
    if (this.growable) {
      this.growable = false;
      this.shown = null;
    }
    return this.get();
  }

  toResizable(): SharedBytes {
    if (!this.growable) {
      this.growable = true;
      this.shown = null;
    }
    return this.get();
  }

  /** "Refresh the Memory buffer". */
  private refresh(): void {
    const { block, memory } = this;
    if (block === null) return;
    if (block.growable === true) {
      block.grow!(memory.byteLength);
      memory.adopt(block, memory.byteLength);
    } else this.block = null;
    if (!this.growable) this.shown = null;
  }

  /** The block that is the memory from here on. @throws RangeError if the host has none so large */
  private allocate(): SharedBytes {
    const { memory } = this;
    const bytes = new Uint8Array(memory.exactBuffer());
    const block = this.buffers().create(memory.byteLength, memory.type.limits.max! * PAGE);
    new Uint8Array(block).set(bytes);
    memory.adopt(block, memory.byteLength);
    this.block = block;
    return block;
  }

  /** "Create a fixed length memory buffer", or a resizable one. */
  private show(): SharedBytes {
    const block = this.block ?? this.allocate();
    const shown = this.buffers().another(block);
    const own = (properties: PropertyDescriptorMap) => Object.defineProperties(shown, properties);
    if (this.growable) own({ grow: { value: (length: number) => this.growTo(length) } });
    else if (block.growable === true) {
      const { byteLength } = this.memory;
      own({ byteLength: { value: byteLength }, maxByteLength: { value: byteLength }, growable: { value: false } });
    }
    return Object.freeze(shown);
  }

  private buffers(): SharedBuffers {
    const { sharedBuffers } = this.host;
    if (sharedBuffers !== undefined) return sharedBuffers;
    throw new RangeError("WebAssembly.Memory.buffer: this host gives programs no shared buffers");
  }
}
