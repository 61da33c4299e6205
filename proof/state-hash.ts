// The hash of a whole state: of a store, its paused execution, and what the host holds for it. Equal states have equal
// hashes, however they were reached: pictures are canonical (DESIGN.md, section 10).
//
// The root is SHA-256 over a list of parts, each of which commits to its name, length and Merkle root:
//   structure   tables, globals, segments, the GC heap in the order in which it is found, accounts
//   execution   frames, their live slots and references, fuel used; empty if nothing is paused
//   memory N    a linear memory
//   host NAME   what the host holds: files, clock, random numbers, output
import type { Module } from "../runtime/embedding/module.js";
import { UsageError } from "../runtime/errors.js";
import { hashOf } from "../runtime/module-hash.js";
import { hex, sha256 as portable, type Sha256 } from "../runtime/sha256.js";
import { ByteWriter } from "../runtime/snapshot/byte-writer.js";
import type { HostRefCodec } from "../runtime/snapshot/graph.js";
import type { StorePicture } from "../runtime/snapshot/picture.js";
import { writeExecution, writeStructure } from "../runtime/snapshot/picture-codec.js";
import { MerkleTree } from "./merkle.js";

/** What the host holds for the guest, as bytes by name: equal states are to be equal bytes. */
export type HostState = Readonly<Record<string, Uint8Array>>;

export interface StateHashOptions {
  /** The host's SHA-256, if it has a faster one. The hash is the same. */
  readonly sha256?: Sha256 | undefined;
  /** Needed if values of the host's (externrefs) are in the state. */
  readonly hostRefs?: HostRefCodec | null | undefined;
}

/** One part of a state, by what it is called and its Merkle root. */
export interface StatePart {
  readonly name: string;
  readonly byteLength: number;
  readonly root: Uint8Array;
}

/** Fuel that takes about as long as a state's picture, a block that is compared, and one that is hashed with its path. */
const WORK = { state: 50_000, compared: 250, hashed: 4000 } as const;

/** Hashes the states of one run, one after the other: what has not changed is not hashed again. */
export class StateHasher {
  private readonly trees = new Map<string, MerkleTree>();
  private readonly sha256: Sha256;
  private states = 0;
  /** Work of the hasher that this one goes on for, without what it took to hash its last state again. */
  private workBefore = 0;

  constructor(private readonly options: StateHashOptions = {}) {
    this.sha256 = options.sha256 ?? portable;
  }

  /**
   * The hash of a state: 64 hexadecimal digits.
   * @throws SnapshotError if the state holds values of the host's, and `hostRefs` was not given
   */
  hash(picture: StorePicture, host: HostState = {}): string {
    return hex(this.root(this.parts(picture, host)));
  }

  /** The parts of a state, in the order in which the root commits to them. */
  parts(picture: StorePicture, host: HostState = {}): StatePart[] {
    this.states++;
    if (picture.instances.length === 0) throw new UsageError("a state hash is of a store with instances");
    const parts = [
      this.part("structure", writeStructure(picture, this.options.hostRefs ?? null)),
      this.part("execution", executionBytes(picture)),
    ];
    picture.memories.forEach((memory, i) => {
      const name = `memory ${i}`;
      parts.push({ name, byteLength: memory.byteLength, root: this.tree(name).ofMemory(memory) });
    });
    for (const name of Object.keys(host).sort()) parts.push(this.part(`host ${name}`, host[name]!));
    return parts;
  }

  /**
   * Work done so far, in units of fuel that take about as long on Node: it depends on the states alone, and so is the
   * same on every machine.
   */
  get work(): number {
    let sum = this.workBefore + this.states * WORK.state;
    for (const tree of this.trees.values()) sum += tree.hashed * WORK.hashed + tree.compared * WORK.compared;
    return sum;
  }

  /** What was hashed last is the state at which another hasher of the same run had done so much work: goes on for it. */
  goOnFrom(work: number): void {
    this.workBefore += work - this.work;
  }

  private root(parts: readonly StatePart[]): Uint8Array {
    const out = new ByteWriter();
    for (const { name, byteLength, root } of parts) {
      out.text(name);
      out.count(byteLength);
      out.bytes(root);
    }
    return this.sha256(out.finish());
  }

  private part(name: string, bytes: Uint8Array): StatePart {
    return { name, byteLength: bytes.length, root: this.tree(name).ofBytes(bytes) };
  }

  private tree(name: string): MerkleTree {
    let tree = this.trees.get(name);
    if (tree === undefined) {
      tree = new MerkleTree(this.sha256);
      this.trees.set(name, tree);
    }
    return tree;
  }
}

/** How fuel was granted is not part of the state: 100 granted and 30 left are 70 used. */
function executionBytes({ execution }: StorePicture): Uint8Array {
  if (execution === null) return new Uint8Array(0);
  return writeExecution({ ...execution, fuelGranted: execution.fuelGranted - execution.fuelLeft, fuelLeft: 0 });
}

/** The SHA-256 of a module's bytes, as receipts name it. */
export function moduleHash({ decoded }: Module): string {
  return hex(hashOf(decoded));
}
