// The hash of a whole state: of a store, its paused execution, and what the host holds for it. Equal states have equal
// hashes, however they were reached: pictures are canonical (DESIGN.md, section 10).
//
// The root is SHA-256 over a list of parts, each of which commits to its name, length and Merkle root (parts.ts):
//   program N   the code of instance N: the root of its own parts (program.ts)
//   …           the parts of state-layout.ts, an execution's frames and slots among them
//   memory N    a linear memory
//   host NAME   what the host holds: files, clock, random numbers, output
// So the state alone says what is executed next, and what that reads and writes: check-step/ checks a step by them.
import type { Module } from "../runtime/embedding/module.js";
import { UsageError } from "../runtime/errors.js";
import { hashOf } from "../runtime/module-hash.js";
import { hex, sha256 as portable, type Sha256 } from "../runtime/sha256.js";
import type { HostRefCodec } from "../runtime/snapshot/graph.js";
import type { StorePicture } from "../runtime/snapshot/picture.js";
import { type HashTools, MerkleTree } from "./merkle.js";
import { type PartCommitment, rootOfParts } from "./parts.js";
import { programOf } from "./program.js";
import { layOut } from "./state-layout.js";

/** What the host holds for the guest, as bytes by name: equal states are to be equal bytes. */
export type HostState = Readonly<Record<string, Uint8Array>>;

/** The hash is the same whatever tools the host has. */
export interface StateHashOptions extends HashTools {
  /** Needed if values of the host's (externrefs) are in the state. */
  readonly hostRefs?: HostRefCodec | null | undefined;
}

/**
 * Fuel that takes about as long as a state's picture, a block that is compared, and one that is hashed with its path, all
 * of them by code that seldom runs, and so is not compiled by the host. On code of the guest's that was compiled ahead of time, where a unit takes a ninth of a nanosecond: the interpreter takes seven times as
 * long, and what is hashed is worth less there, but receipts are the same whatever they were made on.
 */
const WORK = { state: 8_000_000, compared: 1000, hashed: 30_000 } as const;

/** Hashes the states of one run, one after the other: what has not changed is not hashed again. */
export class StateHasher {
  private readonly trees = new Map<string, MerkleTree>();
  /** By part: what its bytes were made of last. */
  private readonly madeOf = new Map<string, object>();
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
    return hex(rootOfParts(this.parts(picture, host), this.sha256));
  }

  /** The parts of a state, in the order in which the root commits to them. */
  parts(picture: StorePicture, host: HostState = {}): PartCommitment[] {
    this.states++;
    if (picture.instances.length === 0) throw new UsageError("a state hash is of a store with instances");
    const parts: PartCommitment[] = picture.instances.map(({ module }, i) => {
      if (module instanceof Uint8Array) throw new UsageError("a state hash is of a picture that was taken of a store");
      return { name: `program ${i}`, byteLength: 0, root: programOf(module, this.sha256).root };
    });
    for (const { name, byteLength, of, bytes } of layOut(picture, this.options.hostRefs ?? null)) {
      const tree = this.tree(name);
      const isSame = of !== null && this.madeOf.get(name) === of;
      parts.push({ name, byteLength, root: isSame ? tree.again() : tree.ofBytes(bytes()) });
      if (of !== null) this.madeOf.set(name, of);
    }
    picture.memories.forEach((memory, i) => {
      const name = `memory ${i}`;
      parts.push({ name, byteLength: memory.byteLength, root: this.tree(name).ofMemory(memory) });
    });
    for (const key of Object.keys(host).sort()) {
      const name = `host ${key}`;
      parts.push({ name, byteLength: host[key]!.length, root: this.tree(name).ofBytes(host[key]!) });
    }
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

  /** Bytes of states that are kept. */
  get contentBytes(): number {
    let sum = 0;
    for (const tree of this.trees.values()) sum += tree.contentBytes;
    return sum;
  }

  /** What was hashed last is the state at which another hasher of the same run had done so much work: goes on for it. */
  goOnFrom(work: number): void {
    this.workBefore += work - this.work;
  }

  /** The tree of a part, as it was hashed last. */
  tree(name: string): MerkleTree {
    let tree = this.trees.get(name);
    if (tree === undefined) {
      tree = new MerkleTree(this.options);
      this.trees.set(name, tree);
    }
    return tree;
  }
}

/** The SHA-256 of a module's bytes, as receipts name it. */
export function moduleHash({ decoded }: Module): string {
  return hex(hashOf(decoded));
}

/** What state hashes commit to of a module, as receipts name it. */
export function programHash({ decoded }: Module, sha256: Sha256 = portable): string {
  return hex(programOf(decoded, sha256).root);
}
