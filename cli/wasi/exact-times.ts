// Times of the host's files to the nanosecond, as WASI has them. Node reads those, but sets microseconds:
// what was asked for is remembered, and told as long as the file has the times that were set then.

import type { BigIntStats } from "node:fs";
import type { FileTimes } from "../../runtime/wasi/index.js";

/** Files remembered at once; of older ones the host's times are told. */
const MAX_FILES = 1024;

interface Pair {
  readonly accessed: bigint;
  readonly modified: bigint;
}

export class ExactTimes {
  /** By device and inode: what was asked for, and what the host made of it. */
  private readonly files = new Map<string, { readonly asked: Pair; readonly kept: Pair }>();

  of(stats: BigIntStats): Pair {
    const { accessed, modified } = hostTimes(stats);
    const known = this.files.get(keyOf(stats));
    if (known === undefined) return { accessed, modified };
    return {
      accessed: known.kept.accessed === accessed ? known.asked.accessed : accessed,
      modified: known.kept.modified === modified ? known.asked.modified : modified,
    };
  }

  /**
   * @param stat the file as it is
   * @param set sets both times, in seconds since 1970
   */
  set(times: FileTimes, stat: () => BigIntStats, set: (accessed: number, modified: number) => void): void {
    if (times.accessed === undefined && times.modified === undefined) return;
    const before = this.of(stat());
    const asked = { accessed: times.accessed ?? before.accessed, modified: times.modified ?? before.modified };
    set(Number(asked.accessed) / 1e9, Number(asked.modified) / 1e9);
    const after = stat();
    const key = keyOf(after);
    this.files.delete(key);
    this.files.set(key, { asked, kept: hostTimes(after) });
    if (this.files.size > MAX_FILES) this.files.delete(this.files.keys().next().value!);
  }
}

function keyOf({ dev, ino }: BigIntStats): string {
  return `${dev}:${ino}`;
}

function hostTimes({ atimeNs, mtimeNs }: BigIntStats): Pair {
  return { accessed: atimeNs, modified: mtimeNs };
}
