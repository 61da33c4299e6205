// Functions of the pool's sandboxes in tests.
import { threadId } from "node:worker_threads";

export default function setup(tenant) {
  return {
    functions: {
      tenant: () => tenant,
      thread: () => threadId,
      // Ends the thread, as a crash would.
      die: () => process.exit(3),
      crash: () => {
        setTimeout(() => {
          throw new Error("crashed");
        });
        return new Promise(() => {});
      },
      // Ends the thread some time after the run.
      crash_later: () => {
        setTimeout(() => {
          throw new Error("crashed later");
        }, 100);
        return threadId;
      },
      // Takes all memory that JavaScript may have.
      hog: () => {
        const taken = [];
        for (;;) taken.push(new Array(100_000).fill(taken.length + 0.5));
      },
      hang: () => {
        for (;;);
      },
      wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms, null)),
    },
  };
}
