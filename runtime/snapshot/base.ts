// What many snapshots have in common: the memories as they were at one moment, such as when an
// interpreter had booted. Snapshots hold only the blocks that differ, and name the base.

import { hex, sha256 } from "../sha256.js";
import type { MemoryPicture } from "../store/memory-picture.js";
import { ByteWriter } from "./byte-writer.js";
import { Inventory, type SnapshotSubject } from "./inventory.js";
import type { StorePicture } from "./picture.js";

export class SnapshotBase {
  private hash: string | null = null;

  /** @param memories pictures without a base of their own, in the order of an Inventory */
  private constructor(readonly memories: readonly MemoryPicture[]) {}

  /** The memories of a store as they are now, or as a picture shows them. */
  static of(source: SnapshotSubject | StorePicture): SnapshotBase {
    const memories =
      "memories" in source ? source.memories : new Inventory(source).memories.map((memory) => memory.picture());
    return new SnapshotBase(memories.map((memory) => memory.flat()));
  }

  /** A hash of the contents: equal for equal memories, however the base was made. */
  get id(): string {
    if (this.hash === null) {
      const out = new ByteWriter();
      for (const { byteLength, numbers, data } of this.memories) {
        out.count(byteLength);
        out.count(numbers.length);
        for (const number of numbers) out.count(number);
        out.bytes(data);
      }
      this.hash = hex(sha256(out.finish()));
    }
    return this.hash;
  }
}
