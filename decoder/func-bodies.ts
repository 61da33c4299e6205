// The bodies of a module's defined functions: two offsets each, in one array. A module has a hundred thousand of them,
// and a program calls few; what their declarations say is read when it is asked for.
import type { ModuleContent } from "./module-content.js";
import { ByteReader } from "./reader.js";
import type { ValType } from "./types.js";

/** The body of a defined function. */
export interface FuncBody {
  /** First byte of the body, its local declarations: offsets in `metadata.code` sections count from here. */
  readonly declarationsStart: number;
  /** First instruction. */
  readonly start: number;
  /** One past the final `end`. */
  readonly end: number;
  /** Declared locals, run-length encoded as the binary format has them: count, type, count, type, … */
  readonly locals: readonly number[];
  /** Number of declared locals, parameters not counted. */
  readonly localCount: number;
}

/** declarationsStart, end. */
const OFFSETS = 2;

export class FuncBodies implements Iterable<FuncBody> {
  /** How many there are. */
  length = 0;
  private readonly reader: ByteReader;

  /**
   * @param types typeidx → canonical type id
   * @param offsets where bodies are; room for those that will be pushed
   */
  private constructor(
    private readonly content: ModuleContent,
    types: readonly number[],
    private readonly offsets: Uint32Array,
  ) {
    this.reader = new ByteReader(content.array, types);
  }

  /** None yet, of `capacity`. */
  static none(content: ModuleContent, types: readonly number[], capacity: number): FuncBodies {
    return new FuncBodies(content, types, new Uint32Array(capacity * OFFSETS));
  }

  /** Those that {@link places} has given. */
  static at(content: ModuleContent, types: readonly number[], places: Uint32Array): FuncBodies {
    const bodies = new FuncBodies(content, types, places);
    bodies.length = places.length / OFFSETS;
    return bodies;
  }

  /** Offsets as in {@link FuncBody}. */
  push(declarationsStart: number, end: number): void {
    const at = this.length++ * OFFSETS;
    this.offsets[at] = declarationsStart;
    this.offsets[at + 1] = end;
  }

  /** Where all of them are: each one's first byte, and the one behind its last. */
  get places(): Uint32Array {
    return this.offsets;
  }

  /** The body of a defined function, whose bytes are there; undefined if there is none of that index. */
  get(index: number): FuncBody | undefined {
    if (!(index >= 0 && index < this.length)) return undefined;
    const at = index * OFFSETS;
    const declarationsStart = this.offsets[at]!;
    const end = this.offsets[at + 1]!;
    this.content.ensure(declarationsStart, end);
    const { reader } = this;
    reader.offset = declarationsStart;
    reader.end = end;
    const locals: number[] = [];
    const localCount = readLocals(reader, locals);
    return { declarationsStart, start: reader.offset, end, locals, localCount };
  }

  /** Bytes of the body of a defined function, its local declarations included; 0 if there is none of that index. */
  size(index: number): number {
    if (!(index >= 0 && index < this.length)) return 0;
    const at = index * OFFSETS;
    return this.offsets[at + 1]! - this.offsets[at]!;
  }

  *[Symbol.iterator](): IterableIterator<FuncBody> {
    for (let i = 0; i < this.length; i++) yield this.get(i)!;
  }
}

/**
 * Reads local declarations, runs of count and type, to `locals`; nothing is allocated by their counts.
 * @returns how many locals they declare
 */
export function readLocals(reader: ByteReader, locals: (number | ValType)[]): number {
  const start = reader.offset;
  const runs = reader.count(2);
  let total = 0;
  for (let i = 0; i < runs; i++) {
    const count = reader.u32();
    total += count;
    if (total >= 2 ** 32) reader.malformed("too many locals", start);
    locals.push(count, reader.valType());
  }
  return total;
}
