import { randomFillSync } from "node:crypto";
import type { WasiClock } from "../../runtime/wasi/index.js";

const NANOSECONDS_PER_MS = 1_000_000n;
/** What a timer of the host can wait for at most, in milliseconds. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** The host's clock, for guests whose runs need not be repeatable: a sleep takes its time. */
export function realClock(): WasiClock {
  // Goes on evenly, whatever becomes of the host's time of day.
  const start = BigInt(Date.now()) * NANOSECONDS_PER_MS - process.hrtime.bigint();
  return {
    now: () => start + process.hrtime.bigint(),
    async sleep(nanoseconds, until) {
      let over = false;
      let wake: (() => void) | undefined;
      void until?.then(() => {
        over = true;
        wake?.();
      });
      const end = process.hrtime.bigint() + nanoseconds;
      for (let left = nanoseconds; left > 0n && !over; left = end - process.hrtime.bigint()) {
        const ms = Math.min(Number((left + NANOSECONDS_PER_MS - 1n) / NANOSECONDS_PER_MS), LONGEST_TIMER);
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, ms);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
    },
  };
}

/** Random bytes of the host's, fit for secrets: for the option `random` of Wasi. */
export function realRandom(target: Uint8Array): void {
  randomFillSync(target);
}
