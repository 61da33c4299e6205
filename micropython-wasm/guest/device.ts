// What a device file is made of.

import type { HostContext } from "./engine-port.js";

/** What reading and writing a device does. */
export interface Device {
  /**
   * A promise if reading has to wait for something; it pauses the guest.
   * @param bytes as many are wanted, if that is known
   */
  ready?(bytes?: number): Promise<void> | undefined;
  /** Fills `target` from its start; returns the count, 0 at the end. */
  read?(target: Uint8Array): number;
  /** Takes `source` whole; it may be a view of guest memory. */
  write?(source: Uint8Array, context?: HostContext): void;
  /** A promise if what was written has to be waited for; it pauses the guest. */
  written?(): Promise<void> | undefined;
  /** Fuel that writing `source` costs, besides moving it. */
  price?(source: Uint8Array, context?: HostContext): number;
}
