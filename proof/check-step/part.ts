// One part of a state or a program, of which a proof shows some blocks: what is read and written, and the part's root
// before and after.
//
// Conventions
//   block   1,024 bytes, zeros behind the part's end; a leaf is its SHA-256, a node that of its two children
//   depth   the least whose 2^depth leaves hold the part
// A node of the tree that lies beside what was touched is given. It counts only once the root before has been made of it.
import { read, toHex, utf8, write } from "./bytes.js";
import { refuse } from "./errors.js";
import { sha256 } from "./sha256.js";

export const BLOCK_BYTES = 1024;
/** Bytes that one step may move at once, or add to a part: what a proof claims must not cost its checker more. */
const MOST_BYTES = 2 ** 26;

/** Where a part's content comes from: a proof, or the whole state of whoever makes one. */
export interface PartSource {
  /** A block as it was before the step; undefined if it is not shown. */
  block(number: number): Uint8Array | undefined;
  /** The hash of a node that has nothing touched below; undefined if it is not given. */
  node(level: number, index: number): Uint8Array | undefined;
}

const zeroHashes = [sha256(new Uint8Array(BLOCK_BYTES))];
function zeroHash(level: number): Uint8Array {
  while (zeroHashes.length <= level) zeroHashes.push(hashOfPair(zeroHashes.at(-1)!, zeroHashes.at(-1)!));
  return zeroHashes[level]!;
}
function hashOfPair(left: Uint8Array, right: Uint8Array): Uint8Array {
  const both = new Uint8Array(64);
  both.set(left);
  both.set(right, 32);
  return sha256(both);
}

const depthOf = (byteLength: number) => {
  let depth = 0;
  while (2 ** depth * BLOCK_BYTES < byteLength) depth++;
  return depth;
};
const nodeKey = (level: number, index: number) => `${level}.${index}`;

export class Part {
  readonly lengthBefore: number;
  private readonly before = new Map<number, Uint8Array>();
  private readonly now = new Map<number, Uint8Array>();
  /** Blocks behind the end before. */
  private added = 0;
  /** Nodes that the root before was made of. */
  private readonly shown = new Map<string, Uint8Array>();

  /** @param root as the state names it: that of the content before */
  constructor(
    readonly name: string,
    public byteLength: number,
    readonly root: Uint8Array,
    private readonly source: PartSource,
  ) {
    this.lengthBefore = byteLength;
  }

  // ---- Content ----

  private block(number: number): Uint8Array {
    const known = this.now.get(number);
    if (known !== undefined) return known;
    const within = number * BLOCK_BYTES < this.lengthBefore;
    if (!within && ++this.added * BLOCK_BYTES > MOST_BYTES)
      refuse(`${this.name}: a step that adds more than ${MOST_BYTES} bytes has no proof`);
    const shown = within ? this.source.block(number) : new Uint8Array(BLOCK_BYTES);
    if (shown === undefined) refuse(`${this.name}: block ${number} is not shown`);
    if (shown.length !== BLOCK_BYTES) refuse(`${this.name}: block ${number} has ${shown.length} bytes`);
    this.before.set(number, shown);
    const copy = shown.slice();
    this.now.set(number, copy);
    return copy;
  }

  /** Blocks that are shown count, whether they are read or not. */
  touch(number: number): void {
    if (number * BLOCK_BYTES >= this.lengthBefore) refuse(`${this.name}: block ${number} is behind its end`);
    this.block(number);
  }

  bytes(at: number, count: number): Uint8Array {
    if (at + count > this.byteLength) refuse(`${this.name}: byte ${at + count} is behind its end`);
    if (count > MOST_BYTES) refuse(`${this.name}: a step that moves more than ${MOST_BYTES} bytes has no proof`);
    const result = new Uint8Array(count);
    for (let done = 0; done < count; ) {
      const from = (at + done) % BLOCK_BYTES;
      const n = Math.min(BLOCK_BYTES - from, count - done);
      result.set(this.block(Math.floor((at + done) / BLOCK_BYTES)).subarray(from, from + n), done);
      done += n;
    }
    return result;
  }

  setBytes(at: number, bytes: Uint8Array): void {
    if (at + bytes.length > this.byteLength) refuse(`${this.name}: byte ${at + bytes.length} is behind its end`);
    for (let done = 0; done < bytes.length; ) {
      const from = (at + done) % BLOCK_BYTES;
      const n = Math.min(BLOCK_BYTES - from, bytes.length - done);
      this.block(Math.floor((at + done) / BLOCK_BYTES)).set(bytes.subarray(done, done + n), from);
      done += n;
    }
  }

  /** An unsigned number of so many bytes. */
  number(at: number, width: number): bigint {
    return read(this.bytes(at, width), 0, width);
  }
  setNumber(at: number, width: number, value: bigint): void {
    const bytes = new Uint8Array(width);
    write(bytes, 0, width, value);
    this.setBytes(at, bytes);
  }
  u32(at: number): number {
    return Number(this.number(at, 4));
  }

  /** Makes the part longer by zeros, or shorter: what is cut off is to be zeros already. */
  resize(byteLength: number): void {
    if (byteLength < this.byteLength) {
      const rest = this.bytes(byteLength, this.byteLength - byteLength);
      this.setBytes(byteLength, rest.fill(0));
    }
    this.byteLength = byteLength;
  }

  /** Puts other content in the place of all there is. */
  replace(bytes: Uint8Array): void {
    this.resize(0);
    this.resize(bytes.length);
    this.setBytes(0, bytes);
  }

  // ---- Roots ----

  /** The root before, made of the blocks that were touched and the nodes beside them. */
  rootBefore(): Uint8Array {
    const depth = depthOf(this.lengthBefore);
    const touched = [...this.before].filter(([number]) => number < 2 ** depth);
    if (touched.length === 0) return this.root;
    return this.hash(depth, 0, new Map(touched), ancestors(touched, depth), (level, index) => {
      const given = this.source.node(level, index);
      if (given === undefined) refuse(`${this.name}: node ${nodeKey(level, index)} is not given`);
      if (given.length !== 32) refuse(`${this.name}: node ${nodeKey(level, index)} is no hash`);
      this.shown.set(nodeKey(level, index), given);
      return given;
    });
  }

  /** The root now; ask {@link rootBefore} first. */
  rootNow(): Uint8Array {
    const depth = depthOf(this.byteLength);
    const before = depthOf(this.lengthBefore);
    if (this.now.size === 0 && depth === before) return this.root;
    return this.hash(depth, 0, this.now, ancestors([...this.now], depth), (level, index) => {
      if (level === before && index === 0) return this.root;
      const shown = this.shown.get(nodeKey(level, index));
      if (shown === undefined) refuse(`${this.name}: node ${nodeKey(level, index)} is not part of the state before`);
      return shown;
    });
  }

  /** Nodes that were given and needed, and the blocks that were touched. */
  get used(): { readonly nodes: ReadonlyMap<string, Uint8Array>; readonly blocks: ReadonlyMap<number, Uint8Array> } {
    const blocks = new Map([...this.before].filter(([number]) => number * BLOCK_BYTES < this.lengthBefore));
    return { nodes: this.shown, blocks };
  }

  private hash(
    level: number,
    index: number,
    blocks: ReadonlyMap<number, Uint8Array>,
    touched: ReadonlySet<string>,
    given: (level: number, index: number) => Uint8Array,
  ): Uint8Array {
    const isTouched = touched.has(nodeKey(level, index));
    if (!isTouched && index * 2 ** level * BLOCK_BYTES >= this.lengthBefore) return zeroHash(level);
    // Above the root before, of a part that has grown, there are no nodes that could be given.
    if (!isTouched && level <= depthOf(this.lengthBefore)) return given(level, index);
    if (level === 0) return sha256(blocks.get(index)!);
    const child = (side: number) => this.hash(level - 1, 2 * index + side, blocks, touched, given);
    return hashOfPair(child(0), child(1));
  }
}

/** The nodes above blocks, themselves included. */
function ancestors(blocks: readonly (readonly [number, Uint8Array])[], depth: number): Set<string> {
  const found = new Set<string>();
  for (const [number] of blocks) {
    for (let level = 0, index = number; level <= depth; level++, index = Math.floor(index / 2)) {
      const key = nodeKey(level, index);
      if (found.has(key)) break;
      found.add(key);
    }
  }
  return found;
}

/** SHA-256 of a line of text for each part: its name as JSON, length and root. */
export function rootOfParts(
  parts: readonly { readonly name: string; readonly byteLength: number; readonly root: Uint8Array }[],
): Uint8Array {
  const line = (part: (typeof parts)[number]) =>
    `${JSON.stringify(part.name)} ${part.byteLength} ${toHex(part.root)}\n`;
  return sha256(utf8(parts.map(line).join("")));
}
