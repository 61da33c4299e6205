// The bytes of a module: all there, or read by and by from a file. A reader of what may not be there yet asks for its
// range first, and then finds it in the array, at the same offsets as ever.

/** What a module's bytes are read from by and by. It must not change. */
export interface ModuleSource {
  readonly length: number;
  /** Fills `target`, which is a chunk of {@link CHUNK_BYTES} bytes or the last one, from the source's `offset` on. */
  read(offset: number, target: Uint8Array): void;
}

/** What is read of a source at once; each chunk begins at a multiple of it. */
export const CHUNK_BYTES = 0x1_0000;
const CHUNK_LOG2 = 16;

export class ModuleContent {
  private constructor(
    /** As long as the module; zero where it was not read yet. */
    readonly array: Uint8Array,
    private readonly source: ModuleSource | null,
    /** Per chunk: 1 once it was read. */
    private readonly isRead: Uint8Array,
  ) {}

  static whole(bytes: Uint8Array): ModuleContent {
    return new ModuleContent(bytes, null, new Uint8Array(0));
  }

  static of(source: ModuleSource): ModuleContent {
    const { length } = source;
    return new ModuleContent(new Uint8Array(length), source, new Uint8Array((length >> CHUNK_LOG2) + 1));
  }

  /** The bytes `[start, end)`, not a copy; they are read if they are not there. */
  range(start: number, end: number): Uint8Array {
    this.ensure(start, end);
    return this.array.subarray(start, end);
  }

  /** Reads the bytes `[start, end)` if they are not there. */
  ensure(start: number, end: number): void {
    if (this.source !== null && end > start) this.read(this.source, start >> CHUNK_LOG2, (end - 1) >> CHUNK_LOG2);
  }

  private read(source: ModuleSource, first: number, last: number): void {
    for (let chunk = first; chunk <= last; chunk++) {
      if (this.isRead[chunk] === 1) continue;
      const offset = chunk << CHUNK_LOG2;
      source.read(offset, this.array.subarray(offset, offset + CHUNK_BYTES));
      this.isRead[chunk] = 1;
    }
  }
}
