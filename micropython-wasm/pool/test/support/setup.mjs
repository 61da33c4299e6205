// Functions of the pool's sandboxes in tests.
import { BroadcastChannel, threadId } from "node:worker_threads";

const told = new BroadcastChannel("pool-test");
told.unref();

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
      tell: () => told.postMessage("begun"),
      hang: () => {
        // Told to all threads before this one does nothing else any more.
        told.postMessage("hangs");
        for (;;);
      },
      /** Returns when as many threads as that are here. */
      meet: (count) =>
        new Promise((resolve) => {
          const here = new Set();
          const hello = new BroadcastChannel("pool-test meeting");
          const meets = (thread) => {
            if (here.has(thread)) return;
            here.add(thread);
            // Who comes later has not heard it.
            hello.postMessage(threadId);
            if (here.size < count) return;
            setTimeout(() => hello.close());
            resolve(null);
          };
          hello.onmessage = ({ data }) => meets(data);
          meets(threadId);
        }),
      wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms, null)),
    },
  };
}
