// The host's end of the descriptor from which the guest's loop gets its programs (wasi/loop.py.ts).

import { FuelPause } from "../../runtime/index.js";
import type { Stream } from "../../runtime/wasi/index.js";

/** Longer reports are cut. */
const MAX_REPORT_BYTES = 1024 * 1024;

export interface ChannelState {
  /** The loop is waiting for a program. */
  readonly idle: boolean;
  /** What the loop has said about the end of the last program; null if nothing. */
  readonly report: Uint8Array | null;
  /** What the loop has not read of a program. */
  readonly pending: Uint8Array;
}

export class Channel implements Stream {
  idle = false;
  report: Uint8Array | null = null;
  private pending: Uint8Array = new Uint8Array(0);

  send(program: Uint8Array, flags: number): void {
    const { length } = program;
    this.pending = new Uint8Array(length + 5);
    this.pending.set([length, length >>> 8, length >>> 16, length >>> 24, flags]);
    this.pending.set(program, 5);
    this.report = null;
    this.idle = false;
  }

  ready(): undefined {
    if (this.pending.length > 0) return undefined;
    this.idle = true;
    throw new FuelPause();
  }

  read(target: Uint8Array): number {
    const count = Math.min(target.length, this.pending.length);
    target.set(this.pending.subarray(0, count));
    this.pending = this.pending.subarray(count);
    return count;
  }

  write(source: Uint8Array): void {
    this.report = source.slice(0, MAX_REPORT_BYTES);
  }

  saveState(): ChannelState {
    const { idle, report, pending } = this;
    return { idle, report, pending };
  }

  restoreState({ idle, report, pending }: ChannelState): void {
    Object.assign(this, { idle, report });
    this.pending = pending;
  }
}
